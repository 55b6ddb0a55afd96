"""Behind PgBouncer in transaction mode, where no session is anybody's own."""

import asyncio
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from database_server import had
from postgresql_server import PostgresqlServer
from unit.database.postgresql.bouncer import Bouncer, bounced
from unit.database.postgresql.places import PEOPLE, Database, made, opened
from unit.database.postgresql.test_crowds import COUNT, SCRIPT, crowded
from unit.database.postgresql.test_faults import BO, failure, until

from tui.database.postgresql.failures import STANDBY
from tui.database.postgresql.store import STORE
from tui.models.recorder import Recorder
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

MODES = {
    "transaction": {},
    "transaction, options ignored": {"ignored": "options"},
    "session, options ignored": {"mode": "session", "ignored": "options"},
}


@pytest.fixture(scope="module", params=MODES)
def bouncer(request: pytest.FixtureRequest, postgresql: PostgresqlServer) -> Iterator[Bouncer]:
    """A PgBouncer that takes start-up options, that passes over them, that keeps sessions."""
    with bounced(postgresql, **MODES[request.param]) as found:
        yield found


@pytest.fixture
def pooled(bouncer: Bouncer, postgresql: PostgresqlServer) -> Iterator[Database]:
    """A database with three people, by way of it."""
    with made(postgresql, PEOPLE) as database:
        yield Database(database.server, bouncer.url(database.url))
        bouncer.ask(postgresql, f"KILL {database.name}")
        bouncer.ask(postgresql, f"RESUME {database.name}")


async def test_records_are_read_and_written(pooled: Database) -> None:
    """As without it: look-ups, batches, changes with an eye on others, steps, the search."""
    async with pooled.opened() as table:
        with Recorder() as steps:
            assert await table.find(2) == BO
        assert steps[0].command == "SELECT * FROM people WHERE id = 2"
        assert await table.find(9) is None
        assert await table.find_many([1, 2, 9], {"city"}) == {
            1: [{"id": 1, "city": "Lagos"}], 2: [{"id": 2, "city": None}]
        }  # fmt: skip
        assert await table.update(2, {"city": "x"}, expected=BO) == {**BO, "city": "x"}
        assert pooled.run("SELECT city FROM people WHERE id = 2") == [("x",)]
        assert await table.insert({"id": 4, "name": "Dara"}) == (
            4, {"id": 4, "name": "Dara", "city": None}
        )  # fmt: skip
        assert await table.touch(4)
        assert not await table.touch(9)
        assert await table.delete(4)
        assert [m.id for m in (await table.search("chidi", 5, seconds=5)).matches] == [3]
        assert await table.first_keys(9) == [1, 2, 3]
        assert not table.caveats


async def test_values_are_spelled_as_ever(pooled: Database) -> None:
    """Whatever the server's own settings: no transaction runs without ours."""
    pooled.run(
        "CREATE TABLE t (id int PRIMARY KEY, a timestamptz, b interval, c bytea, d float8);"
        "INSERT INTO t VALUES (1, '2026-06-30 12:30+02', '1 mon -1 day', 'x', 0.1)"
    )
    async with pooled.opened("t", read_only=True) as table:
        for _ in range(3):
            assert await table.find(1) == {
                "id": 1, "a": "2026-06-30 10:30:00+00", "b": "1 mon -1 days",
                "c": "<BYTEA, 1 bytes>", "d": 0.1,
            }  # fmt: skip
    with closing(psycopg.connect(pooled.url, autocommit=True)) as other:
        for _ in range(5):
            assert other.execute("SHOW TimeZone").fetchone() == ("America/New_York",)
            assert other.execute("SHOW default_transaction_read_only").fetchone() == ("off",)


async def test_a_statement_that_fails(pooled: Database) -> None:
    """Its transaction is over; whoever has the connection next does not notice."""
    async with pooled.opened() as table:
        for _ in range(8):
            with pytest.raises(ChangeRefused, match="column 'name'"):
                await table.update(1, {"name": None})
            with pytest.raises(ChangeRefused, match="column 'id'"):
                await table.insert({"id": 1, "name": "x"})
            assert await table.find(2) == BO
            assert await table.touch(2)
        assert pooled.run(
            "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%'"
            " AND datname = current_database()"
        ) == [(0,)]


async def test_a_view_that_fails(pooled: Database) -> None:
    """There is no answer for its record, and one for each other."""
    pooled.run("CREATE VIEW v AS SELECT *, 1 / (id - 1) AS inverse FROM people")
    async with pooled.opened("v", "id", read_only=True) as table:
        for _ in range(10):
            assert "division by zero" in await failure(table.find(1))
            assert (await table.find(2) or {})["inverse"] == 1


async def test_a_look_up_that_nobody_waits_for(pooled: Database) -> None:
    """It is cancelled on the server, and its connection is clean again."""
    nap = "CASE id WHEN 2 THEN pg_sleep(60)::text END AS nap"
    pooled.run(f"CREATE VIEW v AS SELECT *, {nap} FROM people")
    async with pooled.opened("v", "id") as table:
        for _ in range(6):
            asked = asyncio.ensure_future(table.find(2))
            await until(lambda: slow(pooled))
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
            await until(lambda: not slow(pooled))
            assert (await table.find(1) or {})["name"] == "Amara Okafor"


def slow(database: Database) -> bool:
    """Tell whether a statement sleeps on the server, which does not know whose it is."""
    rows = database.run(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event = 'PgSleep'"
    )
    return bool(rows)


async def test_statements_have_the_servers_limit(pooled: Database) -> None:
    """It is set in each transaction."""
    pooled.run("CREATE VIEW v AS SELECT *, pg_sleep(60)::text AS nap FROM people")
    async with pooled.opened("v", "id") as table:
        assert "did not answer" in await failure(table.find(2))
        await until(lambda: not slow(pooled))


async def test_many_at_once(pooled: Database) -> None:
    """Each has its own answer, whoever leaves before it comes."""
    pooled.run(SCRIPT)
    for name, number in (("t", 1), ("v", 2), ("v", 3)):
        async with pooled.opened(name, "id") as table:
            assert await crowded(table, number, ways=8 if name == "t" else 2) > 20
            records = await asyncio.gather(*(table.find(id) for id in range(1, COUNT)))
            assert [(record or {})["id"] for record in records] == list(range(1, COUNT))


async def test_nothing_is_written_read_only(pooled: Database) -> None:
    """Each transaction is read-only for the server too, so no function can write either."""
    pooled.run(
        "CREATE FUNCTION put() RETURNS text LANGUAGE sql VOLATILE AS"
        " $$ INSERT INTO people VALUES (7, 'x') RETURNING name $$;"
        "CREATE VIEW v AS SELECT id, put() AS put FROM people"
    )
    async with pooled.opened("v", "id", read_only=True) as table:
        assert "read-only transaction" in await failure(table.find(1))
    async with pooled.opened("v", "id") as table:
        assert "read-only transaction" in await failure(table.find(1))
    assert pooled.run("SELECT count(*) FROM people") == [(3,)]


async def test_a_search_that_is_stopped(pooled: Database) -> None:
    """What was found so far is kept, and the connection is clean again."""
    pooled.run(
        "CREATE VIEW v AS SELECT id, name || CASE WHEN id = 3 THEN pg_sleep(60)::text ELSE ''"
        " END AS name FROM people"
    )
    async with pooled.opened("v", "id") as table:
        for _ in range(5):
            result = await table.search("a", 9, seconds=0.3)
            assert ({match.id for match in result.matches}, result.reason) == ({1, 2}, None)
            assert not result.complete
            await until(lambda: not slow(pooled))


async def test_a_lock_is_not_waited_for_long(pooled: Database) -> None:
    """A change is refused, a read is made."""
    with closing(psycopg.connect(pooled.url)) as locker:
        locker.execute("UPDATE people SET city = 'x' WHERE id = 2")
        async with pooled.opened() as table:
            assert "locked by another program" in await failure(table.touch(2))
            assert await table.find(2) == BO


def test_the_schema_is_read(pooled: Database) -> None:
    """By doctor, completion and whoever opens a table."""
    assert STORE.tables(pooled.url) == ["people"]
    assert STORE.columns(pooled.url, "people") == ["id", "name", "city"]
    examined = STORE.examine(pooled.url, "people", None, read_only=True)
    assert examined.rows == 3
    assert examined.schema is not None


def test_seeding(pooled: Database) -> None:
    """It is one transaction, so it is one server's."""
    assert STORE.make_users(
        pooled.url, 700, seed=1, progress=lambda _: None, stopped=lambda: False
    )
    assert pooled.run("SELECT count(*) FROM users") == [(700,)]


async def test_a_pooler_that_is_restarted(postgresql: PostgresqlServer) -> None:
    """While it is away nobody answers; then all is as before."""
    with bounced(postgresql) as bouncer, made(postgresql, PEOPLE) as database:
        async with opened(bouncer.url(database.url)) as table:
            assert await table.find(2) == BO
            bouncer.stop()
            assert "is the server running there?" in await failure(table.find(2))
            bouncer.start()
            assert await table.find(2) == BO
            assert await table.touch(2)
        bouncer.stop()


async def test_a_failover_behind_the_pooler(own_postgresql: PostgresqlServer) -> None:
    """Connections outlive it: who writes hears at once that there is a standby behind."""
    own_postgresql.run(PEOPLE)
    with (
        had(PostgresqlServer(standby_of=own_postgresql)) as standby,
        bounced(own_postgresql) as bouncer,
    ):
        url = bouncer.url(own_postgresql.url)
        async with opened(url) as table, opened(url, read_only=True) as reader:
            assert await table.find(2) == BO
            assert await table.touch(2)
            assert await reader.find(2) == BO
            assert not reader.caveats
            bouncer.lead_to(standby)
            for ask in (table.find(2), table.find_many([2]), table.touch(2)):
                assert STANDBY in await failure(ask)
            assert await reader.find(2) == BO
            assert [caveat.name for caveat in reader.caveats] == ["standby"]
            with pytest.raises(DatabaseUnavailable, match=STANDBY):
                async with opened(url):
                    pass
            standby.run("SELECT pg_promote(true)", url=standby.admin_url)
            assert await table.find(2) == BO
            assert await table.update(2, {"city": "x"}) == {**BO, "city": "x"}
            await reader.find(2)
            assert not reader.caveats


async def test_more_who_ask_than_it_has_connections(pooled: Database) -> None:
    """They wait for each other, and all are answered."""
    async with pooled.opened() as one, pooled.opened() as two:
        asked = [table.find(2) for table in (one, two) for _ in range(100)]
        assert await asyncio.gather(*asked) == [BO] * 200
