"""What a lookup makes of a database that fails, in every way it can."""

import asyncio
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fakes import settle
from serving import serving

from tui.bootstrap import prepare
from tui.config.settings import resolve
from tui.database.sqlite import channel, connection, file, table_opening
from tui.models import Label
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let SQLite wait for a lock for a moment only."""
    monkeypatch.setattr(file, "BUSY_SECONDS", 0.05)


@pytest.fixture
def checked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """See at each read whether the file still lies where it lay."""
    monkeypatch.setattr(connection, "CHECK_SECONDS", 0.0)


async def test_locked_for_writing(users_db: Path) -> None:
    """While another program writes, reads go on, and a write says why it was not made."""
    async with serving("embedded", users_db) as services:
        with closing(sqlite3.connect(users_db, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert (await services.service.look_up(1)).label is Label.DB
            with pytest.raises(DatabaseUnavailable, match="locked by another program"):
                await services.service.writer.update(1, {"city": "Abuja"})
            other.execute("ROLLBACK")
        assert (await services.service.writer.update(1, {"city": "Abuja"})).found


async def test_locked_for_everybody(users_db: Path) -> None:
    """Fresh hits go on; inside its grace a copy stands in; else the reason is the answer."""
    with closing(sqlite3.connect(users_db, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        async with serving("embedded", users_db) as services:
            service = services.service
            await service.look_up(1)
            await service.look_up(2)
            await service.writer.expire(2)
            other.execute("BEGIN EXCLUSIVE")
            assert (await service.look_up(1)).label is Label.HIT
            stale = await service.look_up(2)
            assert (stale.label, (stale.record or {})["id"]) == (Label.STALE, 2)
            error = await service.look_up(3)
            assert error.label is Label.ERROR
            assert "locked by another program" in (error.reason or "")
            other.execute("ROLLBACK")
            assert (await service.look_up(3)).label is Label.DB


async def test_missing_from_the_start(tmp_path: Path) -> None:
    """A file that is not there is refused before anything is opened, and not created."""
    settings = resolve({"db": str(tmp_path / "none.db")}, {}, {}, "no file")
    with pytest.raises(DatabaseUnavailable, match="does not exist"):
        prepare(settings)
    assert list(tmp_path.iterdir()) == []


async def test_removed_while_running(users_db: Path, checked_at_once: None) -> None:
    """Fresh copies are still given; nothing is created in its place."""
    async with serving("embedded", users_db) as services:
        await services.service.look_up(1)
        for part in users_db.parent.iterdir():
            part.unlink()
        assert (await services.service.look_up(1)).label is Label.HIT
        outcome = await services.service.look_up(2)
        assert outcome.label is Label.ERROR
        assert outcome.reason == "database file gone or replaced; start hitmiss again"
        assert not users_db.exists()


async def test_a_file_that_was_replaced_is_not_read(
    users_db: Path, checked_at_once: None
) -> None:
    """It is cached for nobody, and an older copy stands in; back again, it is read."""
    away = users_db.with_name("away.db")
    async with serving("embedded", users_db) as services:
        await services.service.look_up(1)
        await services.service.writer.expire(1)
        users_db.rename(away)
        users_db.write_bytes(away.read_bytes())
        stale, error = await services.service.look_up(1), await services.service.look_up(2)
        assert (stale.label, error.label) == (Label.STALE, Label.ERROR)
        assert "gone or replaced" in (stale.reason or "")
        assert "look for the file" in [step.command for step in error.steps]
        away.rename(users_db)
        assert (await services.service.look_up(2)).label is Label.DB


async def test_the_place_is_looked_at_now_and_then(
    users_db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for each lookup: it need not wait for the disk."""
    looked: list[Path] = []
    identity = file.identity

    def counted(path: Path) -> tuple[int, ...] | None:
        looked.append(path)
        return identity(path)

    monkeypatch.setattr(connection, "CHECK_SECONDS", 3600.0)
    async with serving("embedded", users_db) as services:
        monkeypatch.setattr(file, "identity", counted)
        for id in range(1, 20):
            await services.service.look_up(id)
    assert looked == []


async def test_many_share_one_look_at_a_slow_disk(
    users_db: Path, checked_at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread for each of them would leave none for anything else."""
    looked: list[Path] = []
    found, identity = threading.Event(), file.identity

    def slow(path: Path) -> tuple[int, ...] | None:
        looked.append(path)
        found.wait(5)
        return identity(path)

    async with serving("embedded", users_db) as services:
        monkeypatch.setattr(file, "identity", slow)
        lookups = [asyncio.create_task(services.service.look_up(id)) for id in range(1, 30)]
        await asyncio.sleep(0.05)
        assert len(looked) == 1
        lookups.pop().cancel()
        found.set()
        assert {outcome.label for outcome in await asyncio.gather(*lookups)} == {Label.DB}


async def test_replaced_while_it_was_opened(
    users_db: Path, checked_at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is open is not what lies there: what it was before counts."""
    away = users_db.with_name("away.db")
    opened = channel.open_channel

    async def swapped(path: Path, **options: Any) -> channel.Channel:
        found = await opened(path, **options)
        if not away.exists():
            users_db.rename(away)
            users_db.write_bytes(away.read_bytes())
        return found

    monkeypatch.setattr(table_opening, "open_channel", swapped)
    async with serving("embedded", users_db) as services:
        assert (await services.service.look_up(1)).label is Label.ERROR


@pytest.mark.parametrize("instead", [True, False])
async def test_a_file_that_was_moved_is_not_written(users_db: Path, *, instead: bool) -> None:
    """The change would be lost with it; and no copy is held against rows of another file."""
    moved = users_db.with_name("moved.db")
    async with serving("embedded", users_db) as services:
        await services.service.look_up(1)
        users_db.rename(moved)
        if instead:
            users_db.write_bytes(moved.read_bytes())
        with pytest.raises(DatabaseUnavailable, match=r"replaced; nothing was changed; start"):
            await services.service.writer.update(1, {"city": "Abuja"})
        with pytest.raises(DatabaseUnavailable, match=r"replaced; nothing was compared; start"):
            await services.table.find_many([1])
        found = await services.table.find(1)
        assert found is not None
        assert found["city"] != "Abuja"


async def test_replaced_by_a_folder(users_db: Path) -> None:
    """A folder in its place is refused with what to do."""
    users_db.unlink()
    users_db.mkdir()
    with pytest.raises(DatabaseUnavailable, match="is a folder"):
        prepare(resolve({"db": str(users_db)}, {}, {}, "no file"))


async def test_damaged_while_running(users_db: Path) -> None:
    """A page that is no page any more is an ERROR with the reason, and is never cached."""
    with closing(sqlite3.connect(users_db, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
    async with serving("embedded", users_db) as services:
        damaged = bytearray(users_db.read_bytes())
        damaged[4096:] = b"\xff" * (len(damaged) - 4096)
        users_db.write_bytes(damaged)
        outcome = await services.service.look_up(1)
        assert (outcome.label, outcome.ttl_left) == (Label.ERROR, None)
        assert "damaged" in (outcome.reason or "")


async def test_a_file_that_may_not_be_written(users_db: Path) -> None:
    """Opened read-only it is read like any other, and writes are refused with what to do."""
    before = users_db.read_bytes()
    async with serving("embedded", users_db, read_only=True) as services:
        assert (await services.service.look_up(1)).label is Label.DB
        with pytest.raises(ChangeRefused, match="--writable"):
            await services.service.writer.update(1, {"city": "Abuja"})
    assert users_db.read_bytes() == before


async def test_a_file_without_the_right_to_write(
    users_db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that the file's permissions forbid is refused, with SQLite's own words."""
    monkeypatch.setattr(file, "uri", lambda path, read_only: f"{path.as_uri()}?mode=ro")
    async with serving("embedded", users_db) as services:
        assert (await services.service.look_up(1)).label is Label.DB
        with pytest.raises(ChangeRefused, match="readonly"):
            await services.service.writer.update(1, {"city": "Abuja"})


async def test_slow(users_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read that outstays its time is an ERROR with the reason, and ends in its thread."""
    async with serving("embedded", users_db) as services:
        await services.service.look_up(1)
        await services.service.writer.expire(1)
        monkeypatch.setattr(connection, "QUERY_SECONDS", 0.0)
        stale = await services.service.look_up(1)
        assert (stale.label, stale.reason) == (
            Label.STALE, "the database did not answer within 0 s",
        )  # fmt: skip
        assert (await services.service.look_up(2)).label is Label.ERROR
        monkeypatch.undo()
        assert (await services.service.look_up(2)).label is Label.DB


async def test_constraints_and_columns_are_refused_by_name(users_db: Path) -> None:
    """What the table does not allow is told with the column; nothing changes."""
    async with serving("embedded", users_db) as services:
        service = services.service
        for changes, message in (
            ({"name": None}, r"NOT NULL .*users\.name"),
            ({"plan": "gold"}, "CHECK"),
            ({"email": "chihiro.sato@example.org"}, r"UNIQUE .*users\.email"),
            ({"shoe": 44}, "no column 'shoe'"),
        ):
            with pytest.raises(ChangeRefused, match=message):
                await service.writer.update(1, changes)
        record = (await service.look_up(1)).record or {}
        assert (record["name"], record["plan"]) == ("Amara Okafor", "pro")


async def test_an_update_an_insert_and_a_delete_on_a_real_file(users_db: Path) -> None:
    """Rows change, the results hold them, and another program sees them at once."""
    async with serving("embedded", users_db) as services:
        service = services.service
        updated = await service.writer.update(1, {"city": "Abuja", "credit": 1.5})
        assert ((updated.record or {})["city"], (updated.record or {})["credit"]) == (
            "Abuja",
            1.5,
        )
        assert updated.steps[0].command == (
            "UPDATE users SET city = 'Abuja', credit = 1.5 WHERE id = 1"
        )
        assert (await service.look_up(601)).label is Label.NOT_FOUND
        added = await service.writer.insert(
            {"name": "O'Neil", "plan": "free", "created_at": "2026-01-01T00:00:00Z"}
        )
        assert added.id == 601
        assert (await service.look_up(601)).label is Label.DB
        assert (await service.writer.delete(601)).found
        assert (await service.look_up(601)).label is Label.NOT_FOUND
    with closing(sqlite3.connect(users_db)) as other:
        assert other.execute("SELECT city FROM users WHERE id = 1").fetchone() == ("Abuja",)


async def test_a_copy_of_the_file_is_left_as_it_was(users_db: Path, tmp_path: Path) -> None:
    """Closing leaves no journal behind."""
    folder = tmp_path / "own"
    folder.mkdir()
    shutil.copyfile(users_db, folder / "a.db")
    async with serving("embedded", folder / "a.db") as services:
        await services.service.writer.update(1, {"city": "Abuja"})
    assert [path.name for path in folder.iterdir()] == ["a.db"]


async def test_nobody_leaves_before_sqlite_has_opened_the_file(
    users_db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled meanwhile, it waits for the thread, which needs the event loop to the end."""
    may_open = threading.Event()
    connect: Any = sqlite3.connect

    def slow(*arguments: Any, **options: Any) -> sqlite3.Connection:
        may_open.wait(10)
        opened: sqlite3.Connection = connect(*arguments, **options)
        return opened

    monkeypatch.setattr(sqlite3, "connect", slow)
    opening = asyncio.ensure_future(channel.open_channel(users_db, read_only=True))
    await settle()
    opening.cancel()
    await settle()
    assert not opening.done()
    may_open.set()
    with pytest.raises(asyncio.CancelledError):
        await opening
