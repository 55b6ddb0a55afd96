"""What a table says when the server fails, in every way it can; and that it works again."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import psutil
import psycopg
import pytest
from postgresql_server import PostgresqlServer
from server_process import wait_until
from unit.database.postgresql.places import PEOPLE, Database, made, opened
from unit.database.postgresql.wire import wired

from tui.database.sql.connections import PERHAPS
from tui.models import Record
from tui.models.recorder import Recorder
from tui.runtime.errors import DatabaseUnavailable
from tui.runtime.faults import Fault, Faults

BACK_SECONDS = 3.0
"""How soon it works again."""
BO: Record = {"id": 2, "name": "Bo Larsson", "city": None}


@pytest.fixture
def own(own_postgresql: PostgresqlServer) -> Database:
    """A database on a server that may be killed."""
    own_postgresql.run(PEOPLE)
    return Database(own_postgresql, own_postgresql.url)


@asynccontextmanager
async def another(
    database: Database, url: str = ""
) -> AsyncIterator["psycopg.AsyncConnection[Any]"]:
    """Give another program's connection, on which nothing commits by itself."""
    connection = await psycopg.AsyncConnection.connect(url or database.url)
    try:
        yield connection
    finally:
        await connection.close()


OURS = (
    "SELECT {} FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = 'hitmiss'"
)


def ours(database: Database, what: str = "state, query, wait_event_type") -> list[Any]:
    """Return what the server says of this program's connections."""
    return database.as_admin(OURS.format(what))


def end_all(database: Database) -> None:
    """End this program's connections on the server."""
    ours(database, "pg_terminate_backend(pid)")


async def until(what: Any) -> None:
    """Wait until something is true, while the loop goes on."""
    end = time.monotonic() + 10
    while not what():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


async def until_back(ask: Any) -> Any:
    """Return the first answer; there is one soon."""
    end = time.monotonic() + BACK_SECONDS
    while True:
        try:
            return await ask()
        except DatabaseUnavailable:
            assert time.monotonic() < end
            await asyncio.sleep(0.02)


async def failure(work: Awaitable[Any]) -> str:
    """Return why there is no answer."""
    with pytest.raises(DatabaseUnavailable) as caught:
        await work
    message = str(caught.value)
    assert "\n" not in message
    return message


async def test_a_server_that_is_killed(own: Database) -> None:
    """Look-ups and writes say that nobody listens; once it is back all works by itself."""
    async with own.opened() as table:
        assert await table.find(2) == BO
        assert await table.touch(2)
        own.server.kill()
        for ask in (table.find(2), table.find_many([2]), table.first_keys(3)):
            assert "is the server running there?" in await failure(ask)
        assert "is the server running there?" in await failure(table.touch(2))
        assert "is the server running there?" in ((await table.search("bo", 5)).reason or "")
        own.server.start()
        assert await until_back(lambda: table.find(2)) == BO
        assert await table.update(2, {"city": "Oslo"}, expected=BO) == {**BO, "city": "Oslo"}
        assert [m.id for m in (await table.search("bo", 5)).matches] == [2]


async def test_a_server_that_is_restarted_between_look_ups(own: Database) -> None:
    """Nobody notices: what was lost is replaced, and a read is sent again."""
    async with own.opened() as table:
        assert await table.touch(2)
        assert await table.find(2) == BO
        own.server.stop()
        own.server.start()
        assert await table.find(2) == BO
        own.server.kill()
        own.server.start()
        assert await table.touch(2)
        assert await table.find(2) == BO


async def test_a_server_that_is_paused(own: Database) -> None:
    """Connections stay open and nothing comes: there is an end to it, and it works again."""
    async with own.opened() as table:
        assert await table.find(2) == BO
        assert await table.touch(2)
        own.server.pause()
        asked = await asyncio.gather(
            failure(table.find(2)), failure(table.find(1)), failure(table.touch(2)),
            table.search("bo", 5),
        )  # fmt: skip
        assert ["did not answer within 2 s" in str(one) for one in asked[:2]] == [True, True]
        assert PERHAPS in asked[2]
        assert asked[3].reason
        assert "did not answer within 2 s" in await failure(table.find(2))
        own.server.resume()
        assert await until_back(lambda: table.find(2)) == BO
        assert await table.touch(2)


async def test_a_server_that_shuts_down(own: Database) -> None:
    """Whoever is connected is still answered; whoever comes is told to try again."""
    async with own.opened() as table:
        assert await table.find(2) == BO
        os.kill(own.server.pids[0], signal.SIGTERM)  # waits for all to leave
        with pytest.raises(DatabaseUnavailable, match="shutting down: try again in a moment"):
            async with own.opened():
                pass
        assert await table.find(2) == BO
        assert "shutting down" in await failure(table.touch(2))
    server = psutil.Process(own.server.pids[0])
    assert wait_until(lambda: server.status() == psutil.STATUS_ZOMBIE)


async def test_all_connections_ended_under_many_look_ups(people: Database) -> None:
    """Each is answered: a read is sent again, on a connection that is new."""
    async with people.opened() as table:
        await asyncio.gather(*(table.find(2) for _ in range(50)))
        for _ in range(5):
            asked = [asyncio.ensure_future(table.find(2)) for _ in range(200)]
            await asyncio.sleep(0)
            end_all(people)
            assert await asyncio.gather(*asked) == [BO] * 200


async def test_a_read_that_is_cut_off(people: Database) -> None:
    """It is asked once more; when that is cut off too there is no answer."""
    people.run("CREATE VIEW v AS SELECT *, pg_sleep(0.3)::text AS nap FROM people")
    async with people.opened("v", "id") as table:
        asked = asyncio.ensure_future(table.find(2))
        await until(lambda: ours(people) and is_active(people))
        end_all(people)
        assert (await asked or {})["name"] == "Bo Larsson"
        unanswered = asyncio.ensure_future(failure(table.find(2)))
        await until(lambda: is_active(people))
        first = set(active(people))
        end_all(people)
        await until(lambda: set(active(people)) - first)
        end_all(people)
        assert "terminat" in await unanswered


def active(database: Database) -> list[Any]:
    """Return the numbers of the processes that run a statement of ours."""
    return [pid for pid, state in ours(database, "pid, state") if state == "active"]


def is_active(database: Database) -> bool:
    """Tell whether a statement of ours runs."""
    return bool(active(database))


async def test_a_write_that_is_cut_off(people: Database) -> None:
    """Nobody knows whether it was made, so it is said, and it is not sent again."""
    async with people.opened() as table, another(people) as locker:
        await locker.execute("SELECT * FROM people WHERE id = 2 FOR UPDATE")
        asked = asyncio.ensure_future(failure(table.update(2, {"city": "x"})))
        await until(lambda: is_active(people))
        end_all(people)
        assert PERHAPS in await asked
        await locker.rollback()
        assert await table.find(2) == BO
        assert await table.update(2, {"city": "y"}) == {**BO, "city": "y"}


async def test_idle_connections_that_the_server_ends(people: Database) -> None:
    """Nobody notices; neither do writers, since nothing had been sent."""
    people.as_admin(f"ALTER DATABASE {people.name} SET idle_session_timeout = '50ms'")
    async with people.opened() as table:
        assert await table.find(2) == BO
        assert await table.touch(2)
        for _ in range(3):
            await until(lambda: not ours(people))
            assert await table.find(2) == BO
            assert await table.touch(2)


async def test_a_row_that_is_locked(people: Database) -> None:
    """It is read all the same; a change of it is refused after a while, and nothing changed."""
    async with people.opened() as table, another(people) as locker:
        await locker.execute("UPDATE people SET city = 'x' WHERE id = 2")
        assert await table.find(2) == BO
        assert await table.find_many([2]) == {2: [BO]}
        with Recorder() as steps:
            message = await failure(table.update(2, {"city": "y"}))
        assert "locked by another program; try again; nothing was changed" in message
        assert steps[0].failed
        assert (await table.update(1, {"city": "z"}) or {})["city"] == "z"
        await locker.commit()
        assert (await table.find(2) or {})["city"] == "x"


async def test_a_table_that_is_locked(people: Database) -> None:
    """Reads have an end too, and there is no trace of them on the server."""
    async with people.opened() as table, another(people) as locker:
        await locker.execute("LOCK TABLE people IN ACCESS EXCLUSIVE MODE")
        asked = await asyncio.gather(
            failure(table.find(2)), failure(table.find_many([2])), failure(table.touch(2)),
            table.search("bo", 5),
        )  # fmt: skip
        assert all("locked" in one or "did not answer" in one for one in asked[:3])
        assert not asked[3].complete
        await until(lambda: not is_active(people))
        await locker.rollback()
        assert await table.find(2) == BO


async def test_a_deadlock(people: Database) -> None:
    """One of both gives way, and says that nothing was changed."""
    people.as_admin(f"ALTER DATABASE {people.name} SET deadlock_timeout = '50ms'")
    people.run(
        "CREATE FUNCTION second() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " UPDATE people SET city = 'x' WHERE id = 1; RETURN NEW; END $$; CREATE TRIGGER second"
        " AFTER UPDATE ON people FOR EACH ROW WHEN (NEW.id = 2) EXECUTE FUNCTION second()"
    )
    admin = people.server.as_admin(people.url)
    async with people.opened() as table, another(people, admin) as other:
        await other.execute("SET deadlock_timeout = '10s'")
        await other.execute("UPDATE people SET city = 'a' WHERE id = 1")
        asked = asyncio.ensure_future(failure(table.update(2, {"city": "b"})))
        await until(lambda: is_active(people))
        blocked = asyncio.ensure_future(
            other.execute("UPDATE people SET city = 'a' WHERE id = 2")
        )
        assert "deadlock detected; try again; nothing was changed" in await asked
        await blocked
        await other.rollback()
        assert await table.find(2) == BO


async def test_a_view_that_is_slow(people: Database) -> None:
    """The server gives up on it when we do; other look-ups are not held up meanwhile."""
    people.run("CREATE VIEW v AS SELECT *, pg_sleep(60)::text AS nap FROM people")
    async with people.opened("v", "id") as table, people.opened() as quick:
        asked = asyncio.ensure_future(failure(table.find(2)))
        await until(lambda: is_active(people))
        assert await quick.find(2) == BO
        assert "did not answer" in await asked
        await until(lambda: not is_active(people))


@pytest.mark.parametrize("read_only", [True, False])
async def test_a_look_up_that_nobody_waits_for(people: Database, read_only: bool) -> None:
    """It is cancelled on the server, and the connection is used again."""
    nap = "CASE id WHEN 2 THEN pg_sleep(60)::text END AS nap"
    people.run(f"CREATE VIEW v AS SELECT *, {nap} FROM people")
    async with people.opened("v", "id", read_only=read_only) as table:
        assert (await table.find(1) or {})["nap"] is None
        (before,) = ours(people, "pid")
        for _ in range(3):
            asked = asyncio.ensure_future(table.find(2))
            await until(lambda: is_active(people))
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
            await until(lambda: not is_active(people))
            assert (await table.find(1) or {})["name"] == "Amara Okafor"
        pids = ours(people, "pid")
        assert before in pids
        assert len(pids) <= 2  # one may be asked while the other is told to stop


async def test_a_write_that_nobody_waits_for(people: Database) -> None:
    """It is over soon, the connection with it, and the next is made on another."""
    async with people.opened() as table, another(people) as locker:
        await locker.execute("SELECT * FROM people WHERE id = 2 FOR UPDATE")
        asked = asyncio.ensure_future(table.update(2, {"city": "x"}))
        await until(lambda: is_active(people))
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await locker.rollback()
        assert await table.touch(2)


async def test_a_wire_that_carries_nothing(people: Database) -> None:
    """As behind a firewall that forgot connections: one look-up waits, the next does not."""
    with wired(people) as (wire, url):
        async with opened(url) as table:
            await asyncio.gather(*(table.find(2) for _ in range(30)))
            assert await table.touch(2)
            wire.hold()
            assert "did not answer within 2 s" in await failure(table.find(2))
            wire.release()
            assert await until_back(lambda: table.find(2)) == BO
            wire.hold()
            assert PERHAPS in await failure(table.touch(2))
            wire.release()
            assert await until_back(lambda: table.touch(2))


async def test_a_wire_that_is_cut(people: Database) -> None:
    """Reads go on at once; a write that was not sent yet is made."""
    with wired(people) as (wire, url):
        async with opened(url) as table:
            for _ in range(5):
                assert await table.find(2) == BO
                wire.cut()
                assert await until_back(lambda: table.find(2)) == BO


async def test_no_connection_left(own_postgresql: PostgresqlServer) -> None:
    """It says so; with some connections all look-ups are answered, if later."""
    with made(own_postgresql, PEOPLE) as database:
        database.as_admin(f"ALTER DATABASE {database.name} CONNECTION LIMIT 3")
        async with opened(database.url) as table:
            found = await asyncio.gather(*(table.find(2) for _ in range(100)))
            assert found == [BO] * 100
            with pytest.raises(DatabaseUnavailable, match="too many connections"):
                async with another_until_full(database), opened(database.url):
                    pass


@asynccontextmanager
async def another_until_full(database: Database) -> AsyncIterator[None]:
    """Take all connections that the server has left."""
    held = []
    try:
        while True:
            held.append(await psycopg.AsyncConnection.connect(database.url))
    except psycopg.OperationalError:
        yield
    finally:
        for connection in held:
            await connection.close()


async def test_only_slots_for_superusers_left() -> None:
    """It says so, and works again when somebody leaves."""
    from database_server import had

    with had(PostgresqlServer("-c", "max_connections=8")) as server:
        server.run(PEOPLE)
        async with opened(server.url) as table:
            assert await table.find(2) == BO
            async with another_until_full(Database(server, server.url)):
                assert await table.find(2) == BO  # on the one that it has
                found = await asyncio.gather(*(table.find(2) for _ in range(50)))
                assert found == [BO] * 50
                message = await failure(table.touch(2))
                assert "no connection left" in message
                assert "nothing was changed" in message or PERHAPS not in message
                with pytest.raises(DatabaseUnavailable, match="no connection left"):
                    async with opened(server.url):
                        pass
            assert await until_back(lambda: table.touch(2))


@pytest.mark.parametrize("read_only", [True, False])
async def test_the_fault_down(people: Database, read_only: bool) -> None:
    """Connections end and none can be made, as if nobody listened; until it is off again."""
    faults = Faults()
    async with people.opened(read_only=read_only, faults=faults) as table:
        assert await table.find(2) == BO
        faults.switch(Fault.DATABASE_DOWN, True)
        assert "connection refused (a fault is on)" in await failure(table.find(2))
        assert "a fault is on" in ((await table.search("bo", 5)).reason or "")
        if not read_only:
            assert "a fault is on" in await failure(table.touch(2))
        faults.switch(Fault.DATABASE_DOWN, False)
        assert await table.find(2) == BO


async def test_the_fault_slow(people: Database) -> None:
    """Statements are sent later, and it counts: too late is no answer."""
    faults = Faults()
    async with people.opened(faults=faults) as table:
        faults.switch(Fault.DATABASE_SLOW, True)
        faults.set_latency(Fault.DATABASE_SLOW, 0.05)
        with Recorder() as steps:
            assert await table.find(2) == BO
            await table.touch(2)
        assert all(step.seconds >= 0.05 for step in steps)
        faults.set_latency(Fault.DATABASE_SLOW, 60)
        assert "did not answer within 2 s" in await failure(table.find(2))
        assert "nothing was changed" in await failure(table.touch(2))


async def test_closing_while_statements_run(people: Database) -> None:
    """They end, on the server too, and nothing is left of them."""
    people.run("CREATE VIEW v AS SELECT id, name || pg_sleep(60) AS name FROM people")
    async with people.opened("v", "id") as table:
        asked = [asyncio.ensure_future(table.find(id)) for id in (1, 2)]
        asked.append(asyncio.ensure_future(table.search("x", 5, seconds=60)))  # type: ignore[arg-type]
        await until(lambda: len(active(people)) == 3)
        for one in asked:
            one.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    assert wait_until(lambda: not ours(people))
    assert len(asyncio.all_tasks()) == 1


async def test_closing_under_those_who_still_ask(people: Database) -> None:
    """They have no answer, and their connections are closed."""
    people.run("CREATE VIEW v AS SELECT *, pg_sleep(0.2)::text AS nap FROM people")
    async with people.opened("v", "id") as table:
        asked = [asyncio.ensure_future(table.find(1)) for _ in range(12)]
        await until(lambda: len(active(people)) == 8)
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(one, dict | DatabaseUnavailable) for one in results)
    assert any("closed meanwhile" in str(one) for one in results)
    await until(lambda: not ours(people))
    assert len(asyncio.all_tasks()) == 1
