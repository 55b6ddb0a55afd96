"""An existing application's data, explored without changing a byte of it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from person import person_with
from servers import ValkeyServer
from web_shop import WebShop, everything

from tui.audit import engine as audit
from tui.cli.main import run
from tui.views.screens.cache import CacheScreen

READ_ONLY_USER = "hitmiss_reader"
WRITES = ("+@read", "+@connection", "+info", "+dbsize", "+scan", "-keys")
"""What the explorer's user may do on the server: no write, and no KEYS."""


@pytest.fixture(autouse=True)
def settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait two seconds for what will not change."""
    monkeypatch.setattr(audit, "SETTLE_SECONDS", 0.02)


class Place:
    """The application with what hitmiss is told of it."""

    def __init__(self, server: ValkeyServer, path: Path) -> None:
        """Open a shop with 40 customers; hitmiss logs in as a user who cannot write."""
        self.path = path
        self.client = server.client()
        self.shop = WebShop(path, self.client)
        self.shop.open_shop(40)
        self.client.acl_setuser(
            READ_ONLY_USER, enabled=True, passwords=["+secret"], keys=["*"], commands=WRITES
        )
        self.options = {
            "db": str(path),
            "cache": f"redis://{READ_ONLY_USER}:secret@127.0.0.1:{server.port}",
            "table": "customers",
            "key": "user:{id}",
        }

    @property
    def flags(self) -> list[str]:
        """The options as the command line has them."""
        return [text for name, value in self.options.items() for text in (f"--{name}", value)]

    def state(self) -> tuple[bytes, list[tuple[bytes, bytes, int]]]:
        """Give every byte of the database, and every key with its value and its expiry."""
        return self.path.read_bytes(), list(everything(self.client))

    def close(self) -> None:
        """Leave the server as it was."""
        self.client.acl_deluser(READ_ONLY_USER)
        self.client.close()


@pytest.fixture
def place(server: ValkeyServer, tmp_path: Path) -> Iterator[Place]:
    """An application whose first 30 customers are cached, with drift planted."""
    place = Place(server, tmp_path / "shop.db")
    for number in range(1, 31):
        place.shop.customer(number)
    place.shop.rename(3, "Renamed, and forgotten", forget=True)
    place.shop.rename(5, "Renamed, and not told", forget=False)
    place.shop.remove(7)
    place.shop.keep_as_hash(9)
    client = place.client
    client.set("user:11", client.get("user:11") or b"")  # a SET without EX: it never expires
    client.set("user:13", "null", ex=900)
    client.set("user:15", b"\x80\x04not json", ex=900)
    client.delete("user:17")
    client.rpush("user:17", "a", "list")
    for key in ("user:x", "user:", "user:01", "user:1:cart", "session:1", b"user:\xff"):
        client.set(key, "not a customer")
    yield place
    place.close()


PLANTED = {
    5: "differs", 7: "orphan", 11: "no-expiry", 13: "wrongly-absent", 15: "unreadable",
    17: "unreadable",
}  # fmt: skip


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Give the JSON lines that a command has printed."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_audit_finds_just_what_was_planted(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Numbers as text, truth values, other columns and a hash are no drift; the rest is."""
    before = place.state()
    assert run(["audit", "--json", *place.flags]) == 1
    *findings, summary = printed(capsys)
    assert {f["id"]: f["finding"] for f in findings if f["finding"] != "same"} == PLANTED
    same = {finding["id"] for finding in findings if finding["finding"] == "same"}
    assert same == set(range(1, 31)) - set(PLANTED) - {3}
    assert summary["summary"]["confirmed"] == len(PLANTED)
    (drift,) = [finding for finding in findings if finding["id"] == 5]
    assert set(drift) == {
        "id", "key", "finding", "cached", "database", "differs", "not_compared", "reason",
        "format",
    }  # fmt: skip
    assert drift["differs"] == ["full name"]
    assert (drift["key"], drift["database"]["full name"]) == ("user:5", "Renamed, and not told")
    assert place.state() == before


def test_without_drift_the_audit_is_content(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0, a summary, and with --drift-only nothing else."""
    for number in PLANTED:
        place.client.delete(f"user:{number}")
    assert run(["audit", "--json", "--drift-only", *place.flags]) == 0
    (summary,) = printed(capsys)
    assert summary["summary"]["same"] == summary["summary"]["checked"] == 23


def test_keys_lists_the_copies_and_nothing_else(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each matching key once, with the promised fields; carts, sessions and leases are not."""
    before = place.state()
    assert run(["keys", "--json", *place.flags]) == 0
    keys = {line["id"]: line for line in printed(capsys)}
    assert set(keys) == set(range(1, 31)) - {3}
    fields = {"id", "key", "ttl_left", "fresh", "bytes", "known_absent", "reason"}
    assert set(keys[1]) == fields
    assert 3500 < keys[1]["ttl_left"] <= 3600
    assert (keys[11]["ttl_left"], keys[11]["fresh"]) == (None, True)
    assert keys[13]["known_absent"]
    assert keys[9]["bytes"] is None, "a hash has no length in bytes"
    assert place.state() == before


@pytest.mark.parametrize(
    ("key", "outcome", "column", "value"),
    [
        ("1", "HIT", "balance", "1.50"),
        ("9", "HIT", "balance", "13.5"),
        ("11", "HIT", "full name", "Customer 11"),
        ("5", "HIT", "full name", "Customer 5"),
        ("3", "DB", "full name", "Renamed, and forgotten"),
        ("15", "DB", "full name", "Customer 15"),
        ("17", "DB", "full name", "Customer 17"),
    ],
)
def test_a_lookup_tells_what_the_application_would_get(
    place: Place,
    capsys: pytest.CaptureFixture[str],
    key: str,
    outcome: str,
    column: str,
    value: str,
) -> None:
    """From the copy as it is, JSON or hash; else from the row, and nothing is filled."""
    before = place.state()
    assert run(["get", key, "--json", *place.flags]) == 0
    (answer,) = printed(capsys)
    assert (answer["outcome"], answer["record"][column]) == (outcome, value)
    assert place.state() == before


def test_the_other_commands_change_nothing_either(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Find and doctor read; set and invalidate are refused."""
    before = place.state()
    assert run(["find", "customer 12", *place.flags]) == 0
    assert "Customer 12" in capsys.readouterr().out
    run(["doctor", *place.flags])
    assert "secret" not in capsys.readouterr().out
    assert run(["set", "1", "mail=x", *place.flags]) == 2
    assert run(["invalidate", "1", *place.flags]) == 2
    assert "read-only" in capsys.readouterr().err
    assert place.state() == before


async def test_the_explorer_changes_nothing(place: Place) -> None:
    """Every screen, every key that could write, an audit: not a byte has moved."""
    before = place.state()
    async with person_with(**place.options) as person:  # type: ignore[arg-type]
        assert "read-only" in person.status
        for key in ("1", "3", "9", "15", "99"):
            await person.looks_up(key)
        assert person.answers == ["99 NOT_FOUND", "15 DB", "9 HIT", "3 DB", "1 HIT"]
        await person.presses("escape", *"ixu+-Rr")
        await person.has_all_answers()
        await person.presses("2")
        await person.has_all_answers()
        assert isinstance(person.app.screen, CacheScreen)
        assert "29 keys" in person.text
        await person.presses("I", *"ixu+-dj")
        await person.has_all_answers()
        await person.presses("escape", "3", "a")
        await person.has_all_answers()
        assert f"{len(PLANTED)} confirmed" in person.text
        await person.presses(*"iur?", "escape")
        await person.has_all_answers()
        assert "secret" not in person.text
    assert place.state() == before


def test_an_application_that_goes_on_writing_is_never_accused(place: Place) -> None:
    """It renames customers all the time; only what was planted is confirmed."""
    import threading

    for number in PLANTED:
        place.client.delete(f"user:{number}")
    place.shop.customer(20)
    place.shop.rename(20, "planted", forget=False)
    over = threading.Event()

    def work() -> None:
        number = 0
        while not over.is_set():
            number += 1
            place.shop.rename(1 + number % 4, f"name {number}")
            place.shop.customer(1 + number % 4)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for _ in range(5):
            assert run(["audit", *place.flags]) == 1
    finally:
        over.set()
        worker.join()
