"""A read-only explorer for others, by a forced command, as the README describes it."""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from servers import ValkeyServer
from ssh.host import Host, hosting
from ssh.test_explorer import HITMISS
from ssh.visitor import connected, visiting

TRACE = "came-here"
UNWRITABLE = "/proc"
"""Where not even root makes files."""
MOST_KILOBYTES = 200_000


pytestmark = pytest.mark.skipif(not Path(UNWRITABLE).exists(), reason="needs Linux' /proc")


@pytest.fixture
async def host(users_db: Path, server: ValkeyServer, tmp_path: Path) -> AsyncIterator[Host]:
    """A host that forces hitmiss upon its guests, in a folder where no file can be made."""
    (tmp_path / "home").mkdir()
    config = tmp_path / "guests.toml"
    config.write_text(f"db = '{users_db}'\ncache = '{server.url}'\nread-only = true\n")
    environment = {**os.environ, "HOME": str(tmp_path / "home")}
    for name in ("COLORTERM", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        environment.pop(name, None)
    forced = f"cd {UNWRITABLE} && {HITMISS} --read-only --no-session --config {config}"
    async with hosting(environment, f'restrict,pty,command="{forced}"') as host:
        yield host


@pytest.mark.parametrize(
    "wanted", [None, f"touch ~/{TRACE}; exec sh", f"hitmiss --writable; touch ~/{TRACE}"]
)
async def test_whatever_they_ask_for_they_get_hitmiss(
    host: Host, tmp_path: Path, wanted: str | None
) -> None:
    """A shell, a command, other options: the explorer opens, read-only, and nothing else."""
    async with visiting(host, wanted) as visitor:
        await visitor.shows("look up", "read-only")
        visitor.types("1\r")
        await visitor.shows("Amara Okafor", " db read ")
        visitor.types("\x11")
        assert await visitor.ends() == 0
    assert "a shell" not in visitor.raw.decode()
    assert list((tmp_path / "home").rglob(TRACE)) == []


async def test_they_change_nothing(host: Host, users_db: Path, server: ValkeyServer) -> None:
    """What they look up is neither cached nor leased; keys that change something are absent."""
    before = users_db.read_bytes()
    async with visiting(host) as visitor:
        await visitor.shows("look up", "read-only")
        visitor.types("1\r")
        await visitor.shows("Amara Okafor", " db read ")
        visitor.types("\x1b")
        await visitor.shows("? Help", "p Pause")
        for word in ("Invalidate", "Expire", "Update"):
            assert word not in visitor.emulator.text
        visitor.types("ixu2")
        await visitor.shows("▐2 Cache▌", "nothing is cached")
        visitor.types("\x11")
        assert await visitor.ends() == 0
    with server.client() as client:
        assert client.dbsize() == 0
    assert users_db.read_bytes() == before


async def test_guests_do_not_see_what_others_asked(host: Host, tmp_path: Path) -> None:
    """Nothing is kept from one visit to the next, nor any file made."""
    async with visiting(host) as visitor:
        await visitor.shows("look up", "read-only")
        visitor.types("1\r")
        await visitor.shows(" db read ")
        visitor.types("\x11")
        assert await visitor.ends() == 0
    assert list((tmp_path / "home").rglob("*")) == []


async def test_they_write_no_files(host: Host) -> None:
    """Where the account may not write, neither log nor picture is kept."""
    async with visiting(host) as visitor:
        await visitor.shows("look up", "read-only")
        visitor.types("1\r")
        await visitor.shows(" db read ")
        visitor.types("\x1b")
        await visitor.shows("? Help", "p Pause")
        visitor.types("o")
        await visitor.shows("to a new file")
        visitor.types("l")
        await visitor.shows("nothing was written")
        visitor.types("\x11")
        assert await visitor.ends() == 0


async def test_ctrl_z_gives_them_no_shell(host: Host) -> None:
    """There is no shell behind it: the explorer stays, and takes keys."""
    async with visiting(host) as visitor:
        await visitor.shows("look up", "read-only")
        visitor.types("\x1a")
        visitor.types("2\r")
        await visitor.shows(" db read ")
        visitor.types("\x03\x03")
        assert await visitor.ends() == 0
    assert "a shell" not in visitor.raw.decode()


@pytest.mark.parametrize("subsystem", [None, "sftp"])
async def test_without_a_terminal_they_get_a_sentence(
    host: Host, tmp_path: Path, subsystem: str | None
) -> None:
    """Neither a script nor a transfer of files: it exits with 2."""
    async with connected(host) as connection:
        command = None if subsystem else f"touch ~/{TRACE}"
        process = await connection.create_process(
            command, subsystem=subsystem, encoding=None, request_pty=False
        )
        output, _ = await process.communicate()
    assert process.exit_status == 2
    assert b"the explorer needs a terminal" in (output or b"")
    assert list((tmp_path / "home").iterdir()) == []


async def test_options_do_not_arrive_as_variables(host: Host, tmp_path: Path) -> None:
    """Whatever a client sends along, the server takes its language alone."""
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as database:
        database.execute("CREATE TABLE users (id INTEGER PRIMARY KEY)")
    log = tmp_path / "log"
    async with visiting(
        host, HITMISS_DB=str(other), HITMISS_LOG=str(log), HITMISS_READ_ONLY="0"
    ) as visitor:
        await visitor.shows("look up", "read-only", "users.db")
        visitor.types("\x11")
        assert await visitor.ends() == 0
    assert not log.exists()


async def test_a_window_of_any_size_costs_little(host: Host) -> None:
    """Who claims eighteen million cells gets a part of them; memory stays what it is."""
    async with visiting(host, claimed=(6000, 3000)) as visitor:
        await visitor.gets(b"read-only")
        visitor.types("1\r")
        await visitor.gets(b"Amara")
        status = Path(f"/proc/{host.processes[-1].pid}/status").read_text()
        visitor.types("\x11")
        assert await visitor.ends() == 0
    (most,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    assert int(most) < MOST_KILOBYTES
