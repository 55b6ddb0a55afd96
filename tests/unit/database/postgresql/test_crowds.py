"""Many look-ups at once over few connections: each has its own answer, or none."""

import asyncio
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest
from postgresql_server import PostgresqlServer
from unit.database.postgresql.places import Database, made

from tui.database.port import Table
from tui.database.sql.pool import MOST_CONNECTIONS
from tui.runtime.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from tui.models import Key

COUNT: Final = 400
SCRIPT: Final = f"""
    CREATE TABLE t (id int PRIMARY KEY, name text, body text);
    INSERT INTO t SELECT g, 'n' || g, repeat(g || ',', 1 + (g * 7919) % 3000)
      FROM generate_series(1, {COUNT}) AS g;
    CREATE VIEW v AS SELECT id, name, body,
      CASE id % 5 WHEN 0 THEN pg_sleep((id % 30) / 1000.0)::text END AS nap FROM t;
"""


@pytest.fixture(scope="module")
def crowd(postgresql: PostgresqlServer) -> Iterator[Database]:
    """A table of many rows, and a view of it of which some rows take a while."""
    with made(postgresql, SCRIPT) as database:
        yield database


async def asked(table: Table, id: int, way: int) -> None:
    """Ask for a record in one of several ways, and see that it is that one."""
    if way == 0:
        keys: list[Key] = [id, id + 1, id + 7]
        found = await table.find_many(keys)
        for key in keys:
            names = [row["name"] for row in found.get(key, ())]
            assert names == ([f"n{key}"] if int(key) <= COUNT else [])
    elif way == 1:
        matches = (await table.search(f"n{id}", 500, seconds=0.05)).matches
        assert all(f"n{match.id}" == match.texts[0] for match in matches)
        assert all(str(match.id).startswith(str(id)) for match in matches)
    elif way == 2:
        changed = await table.update(id, {"name": f"n{id}"})
        assert (changed or {"name": f"n{id}"})["name"] == f"n{id}"
    else:
        record = await table.find(id)
        if id <= COUNT:
            assert record is not None
            assert (record["id"], record["name"]) == (id, f"n{id}")
            assert str(record["body"]).startswith(f"{id},")
        else:
            assert record is None


async def crowded(table: Table, number: int, *, ways: int) -> int:
    """Let many ask at once, of whom some do not wait to the end; return how many did."""
    chance = random.Random(number)
    waiting: list[asyncio.Task[Any]] = []
    for _ in range(200):
        work = asked(table, chance.randrange(1, COUNT + 20), chance.randrange(ways))
        waiting.append(asyncio.ensure_future(work))
        if chance.random() < 0.3:
            await asyncio.sleep(0)
        if chance.random() < 0.35:
            chance.choice(waiting).cancel()
        if chance.random() < 0.02:
            await asyncio.sleep(0.01)
    for task in waiting:
        if chance.random() < 0.2:
            await asyncio.sleep(0.001)
            task.cancel()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    odd = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, DatabaseUnavailable) for one in odd), odd
    assert not odd
    return sum(one is None for one in results)


@pytest.mark.parametrize("table", ["t", "v"])
@pytest.mark.parametrize("number", range(4))
async def test_each_has_its_own_answer(crowd: Database, table: str, number: int) -> None:
    """However many there are, and however many of them leave before it comes."""
    async with crowd.opened(table, "id") as opened:
        answered = await crowded(opened, number, ways=8 if table == "t" else 2)
        assert answered > 20
        records = await asyncio.gather(*(opened.find(id) for id in range(1, 50)))
        assert [(record or {})["id"] for record in records] == list(range(1, 50))


async def test_few_connections_serve_all(crowd: Database) -> None:
    """There are never more than the pool has, and one alone for who asks one by one."""
    count = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hitmiss'"
        " AND datname = current_database()"
    )
    async with crowd.opened("t", read_only=True) as table:
        for id in range(1, 30):
            await table.find(id)
        assert crowd.as_admin(count) == [(1,)]
        await asyncio.gather(*(table.find(id) for id in range(1, 300)))
        assert crowd.as_admin(count)[0][0] <= MOST_CONNECTIONS


async def test_a_look_up_does_not_wait_for_a_search(crowd: Database) -> None:
    """The search has connections of its own."""
    crowd.run(
        "CREATE VIEW slow AS SELECT id, name"
        " || CASE WHEN id > 1 THEN pg_sleep(60)::text ELSE '' END AS name FROM t"
    )
    async with crowd.opened("slow", "id") as table:
        searches = [asyncio.ensure_future(table.search("x", 5, seconds=60)) for _ in range(20)]
        await asyncio.sleep(0)
        for _ in range(20):
            assert await table.find(1) == {"id": 1, "name": "n1"}
        assert not any(search.done() for search in searches)
        for search in searches:
            search.cancel()
        await asyncio.gather(*searches, return_exceptions=True)
