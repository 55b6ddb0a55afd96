"""The explorer in front of servers that answer oddly: the reason stands on the screen."""

from pathlib import Path
from typing import Any

import pytest
from files import make_file
from odd_servers import Answer, Except, OddServer, Usual, array, bulk, copies, rows
from person import Person, person_with
from servers import ValkeyServer

PAIR = (bulk("7"), array(bulk("u:1")))
SHARDS = array(*PAIR, *PAIR)
NOT_ALLOWED = b"-NOPERM No permissions to access a key\r\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let walks ask again, but not wait before that."""
    monkeypatch.setattr("tui.cache.redis.walker.PATIENCE", (0.0,))


def options(tmp_path: Path, url: str) -> dict[str, Any]:
    """Give the options for five rows, and the cache at an address."""
    path = make_file(tmp_path / "u.db", rows(5))
    return {"db": str(path), "table": "u", "key": "u:{id}", "cache": url}


async def is_alive(person: Person) -> None:
    """Check that a lookup still is answered."""
    await person.presses("1")
    await person.looks_up("1")
    assert person.log[0][1] in {"HIT", "DB", "BYPASS"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Except(Usual(copies(5)), SCAN=SHARDS), "SCAN gave a list of 4"),
        (Except(Usual(copies(5)), SCAN=None), "closed the connection at SCAN"),
        (Except(Usual(copies(5)), SCAN=b":1\r\n"), "SCAN gave a number"),
        (Except(Usual(copies(5)), SCAN=b"%1\r\n*0\r\n:1\r\n"), "does not speak the Redis"),
    ],
)
async def test_walks_that_cannot_begin(tmp_path: Path, answer: Answer, reason: str) -> None:
    """Cache and Compare screen say why, and the explorer goes on."""
    with OddServer(answer) as server:
        async with person_with(**options(tmp_path, server.url)) as person:
            await person.presses("escape", "2")
            await person.has_all_answers()
            assert reason in person.text
            await person.presses("3", "escape", "a")
            await person.has_all_answers()
            assert "stopped: " in person.text
            assert reason in person.text
            await person.presses("escape")
            await is_alive(person)


async def test_a_key_that_may_not_be_read(tmp_path: Path) -> None:
    """The others are listed and compared; it is counted, and named with the reason."""
    usual = Usual(copies(5))

    def refuse(command: list[bytes]) -> bytes:
        return NOT_ALLOWED if command[1] == b"u:3" else usual(command)

    with OddServer(Except(usual, STRLEN=refuse, GETRANGE=refuse)) as server:
        async with person_with(**options(tmp_path, server.url)) as person:
            await person.presses("escape", "2")
            await person.has_all_answers()
            assert "4 keys · " in person.text
            assert "1 key could not be looked at: u:3: the cache refuses" in person.text
            await person.presses("3", "escape", "a")
            await person.has_all_answers()
            assert "4 compared · 0 confirmed · 1 not compared" in person.text
            assert "not-compared" in person.text
            await is_alive(person)


async def test_a_copy_that_is_too_long(tmp_path: Path, server: ValkeyServer) -> None:
    """Its size is on the Cache screen, and on the Compare screen why nothing is compared."""
    with server.client() as client:
        client.set("u:1", f'{{"id":1,"n":"{"x" * 70_000}"}}', ex=100)
    told = {**options(tmp_path, server.tcp_url), "max-value": "64KiB"}
    async with person_with(**told) as person:
        await person.presses("escape", "2")
        await person.has_all_answers()
        assert "70.0 kB" in person.text
        await person.presses("3", "/", "1", "enter")
        await person.has_all_answers()
        assert "not-compared" in person.text
        assert "too long to compare: 70,015 bytes" in person.text


async def test_a_server_without_scripts(tmp_path: Path, server: ValkeyServer) -> None:
    """The reason why nothing is stored stands beside the answer."""
    with server.client() as client:
        client.acl_setuser(
            "plain", enabled=True, passwords=["+x"], keys=["*"],
            categories=["+@all", "-@scripting"],
        )  # fmt: skip
    try:
        url = f"redis://plain:x@127.0.0.1:{server.port}"
        told = {**options(tmp_path, url), "read-only": False}
        async with person_with(size=(120, 40), **told) as person:
            for _ in range(2):
                await person.looks_up("1")
                assert person.log[0][1] == "DB"
                assert "without scripts nothing can be stored" in person.text
    finally:
        with server.client() as client:
            client.acl_deluser("plain")
