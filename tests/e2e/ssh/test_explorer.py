"""The explorer over a real SSH connection."""

import asyncio
import json
import os
import shlex
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from ssh.host import Host, hosting
from ssh.visitor import Visitor, visiting

ENDS_WITHIN_SECONDS = 2.0
"""After a connection was lost."""
HITMISS = f"exec {shlex.quote(sys.executable)} -m tui"


@pytest.fixture
async def host(users_db: Path) -> AsyncIterator[Host]:
    """A host where the explorer finds the demo database."""
    environment = {**os.environ, "HITMISS_DB": str(users_db)}
    environment.pop("COLORTERM", None)  # SSH does not carry it
    async with hosting(environment) as host:
        yield host


def is_open(users_db: Path) -> bool:
    """Tell whether somebody has the database open: SQLite's log lies beside it."""
    return users_db.with_name(users_db.name + "-wal").exists()


def is_gone(host: Host) -> bool:
    """Tell whether no process of the last visitor's is left."""
    try:
        os.killpg(host.processes[-1].pid, 0)
    except ProcessLookupError:
        return True
    return False


async def answered(visitor: Visitor) -> Visitor:
    """Look a key up, so that everything is open."""
    await visitor.shows("look up", "Quit")
    visitor.types("1\r")
    await visitor.shows(" db read ", "Amara Okafor")
    return visitor


async def test_keys_and_the_end(host: Host, users_db: Path) -> None:
    """What is typed is looked up; quit, it leaves the terminal as it was and gives code 0."""
    async with visiting(host, HITMISS) as visitor:
        await answered(visitor)
        visitor.types("\x1b")
        await visitor.shows("? Help", "p Pause")
        visitor.types("2")
        await visitor.shows("▐2 Cache▌", "1 key", "196 B")
        visitor.types("q")
        assert await visitor.ends() == 0
    assert (visitor.modes, is_open(users_db), is_gone(host)) == ([], False, True)


async def test_the_window_s_size_and_its_changes(host: Host) -> None:
    """The explorer has the size of the visitor's window, and follows it."""
    async with visiting(host, HITMISS, size=(80, 24)) as visitor:
        await answered(visitor)
        visitor.resizes(130, 35)
        await visitor.shows("look up", "Amara Okafor", "Quit")
        assert max(map(len, visitor.emulator.text.splitlines())) > 100
        visitor.resizes(30, 8)
        await visitor.shows("too small")
        visitor.resizes(100, 30)
        await visitor.shows("look up", "Amara Okafor", "Quit")
        visitor.types("\x11")
        assert await visitor.ends() == 0


@pytest.mark.parametrize(
    ("term", "has_256"), [("xterm-256color", True), ("screen", False), ("vt100", False)]
)
async def test_the_terminal_s_kind_arrives(host: Host, term: str, has_256: bool) -> None:
    """TERM decides on the colours: no more than the visitor's terminal has."""
    async with visiting(host, HITMISS, term=term) as visitor:
        await answered(visitor)
        visitor.types("\x11")
        await visitor.ends()
    assert b"38;2;" not in visitor.raw
    assert (b"38;5;" in visitor.raw) == has_256


async def test_a_connection_that_is_lost(host: Host, users_db: Path, tmp_path: Path) -> None:
    """In the middle: the process ends in time, nothing stays open, and the log is whole."""
    log = tmp_path / "log"
    async with visiting(host, f"{HITMISS} --log {shlex.quote(str(log))}") as visitor:
        await answered(visitor)
        assert is_open(users_db)
        visitor.loses_the_line()
        child = host.processes[-1]
        async with asyncio.timeout(ENDS_WITHIN_SECONDS):
            await asyncio.to_thread(child.wait)
    assert child.returncode == 129
    assert (is_open(users_db), is_gone(host)) == (False, True)
    events = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert (events[0], events[-1]) == ("began", "ended")
