"""What the log says of a service: every decision, and no secret."""

import json
from pathlib import Path
from typing import Any

import pytest
from commands import Cli, cli
from fakes import Bench
from files import make_file
from servers import ValkeyServer, free_port

from tui.runtime.errors import CacheRefused
from tui.service.breaker import OPEN_SECONDS
from tui.service.journal import entry_of

__all__ = ["cli"]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the log is."""
    return tmp_path / "log"


def entries(log: Path) -> list[dict[str, Any]]:
    """Give what the lines say."""
    return [json.loads(line) for line in log.read_text().splitlines()]


async def test_every_decision_is_a_line(bench: Bench) -> None:
    """Loads, fills, lookups, writes, invalidations, drains and the breaker."""
    heard: list[dict[str, Any]] = []
    bench.service.listeners.add(lambda event: heard.append(entry_of(event)))
    await bench.service.look_up(1)
    assert [entry["event"] for entry in heard] == ["load", "fill", "lookup"]
    assert heard[0] == {"event": "load", "id": 1, "ms": 0.0, "found": True}
    assert heard[1] == {"event": "fill", "id": 1, "filled": "yes"}
    flags = dict.fromkeys(("coalesced", "refreshing", "repaired", "pending"), False)
    assert heard[2] == {
        "event": "lookup", "id": 1, "label": "DB", "ms": 0.0, "reason": None,
        "ttl_left": pytest.approx(30, abs=3), "flags": {**flags, "filled": "yes"},
    }  # fmt: skip
    heard.clear()
    bench.cache.refuses["invalidate"] = CacheRefused("full")
    await bench.service.writer.update(1, {"name": "Berta"})
    bench.cache.refuses.clear()
    await bench.service.look_up(1)
    assert heard[:3] == [
        {"event": "invalidate", "id": 1, "pending": True},
        {"event": "write", "id": 1},
        {"event": "drain", "keys": ["hitmiss:user:1"]},
    ]
    bench.cache.down = "refused"
    for _ in range(3):
        await bench.service.look_up(1)
    bench.cache.down = None
    bench.clock.now += OPEN_SECONDS
    await bench.service.look_up(1)
    assert [entry for entry in heard if entry["event"] == "breaker"] == [
        {"event": "breaker", "open": True, "reason": "refused"},
        {"event": "breaker", "open": False, "reason": None},
    ]


def test_a_command_writes_one(cli: Cli, seeded: Path, log: Path) -> None:
    """From `began`, with what it is about, to `ended`; a second command adds its own."""
    assert cli("get", "1", "1", "9999", "--db", seeded, "--log", log).err == ""
    began, *heard, ended = entries(log)
    assert (began["event"], ended["event"]) == ("began", "ended")
    assert (began["database"], began["cache"]) == (str(seeded), "embedded")
    assert (began["read_only"], list(ended)) == (False, ["time", "pid", "event"])
    labels = [entry["label"] for entry in heard if entry["event"] == "lookup"]
    assert labels == ["DB", "HIT", "NOT_FOUND"]
    count = len(entries(log))
    cli("get", "1", "--db", seeded, "--log", log)
    assert len(entries(log)) == count + 5


def test_it_is_an_option_as_all_others(
    cli: Cli, seeded: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may stand in the configuration file, and in the environment, which wins."""
    config = log.with_name("my.toml")
    config.write_text(f"log = '{log}'")
    cli("get", "1", "--db", seeded, "--config", config)
    count = len(entries(log))
    other = log.with_name("other")
    monkeypatch.setenv("HITMISS_LOG", str(other))
    cli("get", "1", "--db", seeded, "--config", config)
    assert len(entries(log)) == len(entries(other)) == count


@pytest.mark.parametrize("password", ["s3cr3t", "wr0ng"], ids=["right", "wrong"])
def test_no_secret_is_in_it(
    cli: Cli, tmp_path: Path, log: Path, own_server: ValkeyServer, password: str
) -> None:
    """Neither user nor password nor a value of a record, whatever works or fails."""
    path = make_file(
        tmp_path / "a.db",
        "CREATE TABLE t (k INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'pr1vate')",
    )
    with own_server.client() as client:
        client.execute_command("ACL", "SETUSER", "us3r", "on", ">s3cr3t", "~*", "+@all")
    on = ("--db", path, "--table", "t", "--writable", "--log", log)
    for place in (f"127.0.0.1:{own_server.port}", f"127.0.0.1:{free_port()}"):
        cache = f"redis://us3r:{password}@{place}"
        assert cli("get", "1", "1", "1", "1", *on, "--cache", cache).code == 0
        cli("set", "1", "v=pr1vate", *on, "--cache", cache)
    text = log.read_text()
    assert text.count('"lookup"') == 8
    for secret in ("us3r", password, "pr1vate"):
        assert secret not in text


def test_a_file_that_is_no_log_is_wrong_usage(cli: Cli, users_db: Path) -> None:
    """It is found out before anything is opened, and left as it is."""
    before = users_db.read_bytes()
    ran = cli("get", "1", "--db", users_db, "--log", users_db)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"hitmiss: --log {users_db}: is no log of hitmiss; name another file\n"
    assert users_db.read_bytes() == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to try")
def test_a_disk_that_is_full_costs_no_answer(cli: Cli, seeded: Path) -> None:
    """The record is printed, the exit code is that of the lookup, and stderr says why."""
    ran = cli("get", "1", "--db", seeded, "--log", "/dev/full")
    assert ran.code == 0
    assert "Amara Okafor" in ran.out
    assert [line.split(":")[0] for line in ran.err.splitlines()] == ["hitmiss"] * 2
    assert "No space left on device" in ran.err
