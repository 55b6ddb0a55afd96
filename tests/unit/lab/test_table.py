"""The table as the Lab uses it: slower, counted, and never changed."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes import FakeTable, ManualClock, recorded
from lab_environments import FakeEnvironment, real_environment

from tui.lab.table import VERSION, LabTable
from tui.runtime.errors import ChangeRefused
from tui.service.lifetimes import Lifetimes


def lab_table(count: int = 3) -> tuple[LabTable, FakeTable, ManualClock]:
    """Give the Lab's table over one with that many rows."""
    clock = ManualClock()
    table = FakeTable({id: {"id": id, "name": f"user {id}"} for id in range(1, count + 1)})
    return LabTable(table, clock, random.Random(1)), table, clock


async def test_a_read_takes_the_delay_longer_and_says_so() -> None:
    """Now a little more and now a little less, in a step of its own; in the mean it is true."""
    lab, table, clock = lab_table()
    lab.delay = 0.1
    added = []
    for _ in range(200):
        trace = recorded()
        record = await clock.play(lab.find(1))
        assert record == {"id": 1, "name": "user 1", VERSION: 0}
        assert [step.command for step in trace] == ["SELECT", "added latency"]
        added.append(trace[-1].seconds)
    assert min(added) >= 0.05
    assert max(added) <= 0.15
    assert sum(added) / 200 == pytest.approx(0.1, abs=0.01)
    assert (lab.reads, table.reads) == (200, [1] * 200)


async def test_a_write_touches_the_row_and_counts_the_version_up() -> None:
    """Whatever it is told to change, the row stays as it is."""
    lab, table, _ = lab_table()
    before = dict(table.rows)
    assert await lab.update(2, {"name": "somebody else"}) == {"id": 2, VERSION: 1}
    assert (await lab.find(2) or {})[VERSION] == 1
    assert (await lab.find(1) or {})[VERSION] == 0
    assert table.rows == before
    assert table.touched == [2]


async def test_nothing_is_added_or_removed() -> None:
    """Insert and delete are refused before they reach the database."""
    lab, table, _ = lab_table()
    with pytest.raises(ChangeRefused):
        await lab.insert({"id": 9})
    with pytest.raises(ChangeRefused):
        await lab.delete(1)
    assert len(table.rows) == 3


async def test_more_keys_than_rows_read_rows_again() -> None:
    """Each further key is a key of its own, for a row that is there."""
    lab, table, _ = lab_table(2)
    assert await lab.keys(5) == [1, 2, "1#2", "2#2", "1#3"]
    assert await lab.find("2#2") == {"id": "2#2", "name": "user 2", VERSION: 0}
    await lab.update("2#2", {})
    assert table.touched == [2]
    many = await lab.find_many([2, "2#2", "1#3"])
    assert [(r["id"], r["name"], r[VERSION]) for r in many.values()] == [
        (2, "user 2", 0),
        ("2#2", "user 2", 1),
        ("1#3", "user 1", 0),
    ]


async def test_an_empty_table_is_no_ground() -> None:
    """It says so, instead of reading nothing for ever."""
    lab, _, _ = lab_table(0)
    with pytest.raises(ChangeRefused, match="no record"):
        await lab.keys(3)


async def test_a_load_leaves_no_key_behind() -> None:
    """What the services of an environment have cached goes with it, leases too."""
    fake = FakeEnvironment()
    fake.cache.put("hitmiss:user:1", b"null", 60)
    async with fake.opened() as lab:
        ids = await lab.keys(20)
        service = lab.service("a", Lifetimes())
        usual = lab.naive_cache_aside("b", Lifetimes())
        for id in ids:
            await service.look_up(id)
            await usual.look_up(id)
        fake.cache.put(f"{{{lab.template('a').value_key(1)}}}:hitmiss-lease", b"x", 3)
        assert len(fake.cache.entries) == 42
        assert all(
            key.lstrip("{").startswith(f"hitmiss:lab:{lab.run}:")
            for key in fake.cache.entries
            if key != "hitmiss:user:1"
        )
    assert list(fake.cache.entries) == ["hitmiss:user:1"]


async def test_a_cache_that_is_down_at_the_end_is_no_error() -> None:
    """Then the copies end by themselves."""
    fake = FakeEnvironment()
    async with fake.opened() as lab:
        (id,) = await lab.keys(1)
        await lab.service("a", Lifetimes()).look_up(id)
        fake.cache.down = "gone"
    assert len(fake.cache.entries) == 1
    assert fake.cache.seconds_left(next(iter(fake.cache.entries))) is not None


async def test_a_real_database_is_as_it_was(users_db: Path) -> None:
    """After reads and writes through an environment each row has the values that it had."""

    def rows() -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(users_db)) as connection:
            return connection.execute("SELECT * FROM users ORDER BY id").fetchall()

    before = rows()
    async with real_environment("embedded", users_db) as lab:
        service = lab.service("a", Lifetimes())
        for id in await lab.keys(700):
            await service.writer.update(id, {"name": "changed"})
        outcome = await service.look_up("1#2")
        assert outcome.record is not None
        assert outcome.record[VERSION] == 1
    assert rows() == before
