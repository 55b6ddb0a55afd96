"""What a table says when the server fails, in every way it can; and that it works again."""

import asyncio
import time
from contextlib import closing
from typing import Any

import pymysql
import pytest
from contract.tables import ROWS
from mariadb_server import MariadbServer
from unit.database.mysql.places import made, table

from tui.database.mysql.session import Opener
from tui.database.mysql.url import parsed
from tui.database.port import Table, TableOptions
from tui.database.sql.query import Query
from tui.models import Record
from tui.models.recorder import Recorder
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable
from tui.runtime.faults import Fault, Faults

BACK_SECONDS = 3.0
"""How soon it works again."""


def another(server: MariadbServer, url: str) -> Any:
    """Return another program's connection, on which nothing commits by itself."""
    return closing(pymysql.connect(
        unix_socket=str(server.socket), user="app", password=server.password,
        database=url.rpartition("/")[2], autocommit=False,
    ))  # fmt: skip


def ours(server: MariadbServer) -> list[int]:
    """Return the numbers of this program's connections."""
    rows = server.run(
        "SELECT id FROM information_schema.processlist WHERE user = 'app' AND host LIKE '%:%'",
        url=server.admin_url,
    )
    return [int(row[0]) for row in rows]


def cut(server: MariadbServer) -> None:
    """End this program's connections."""
    for number in ours(server):
        server.run(f"KILL {number}", url=server.admin_url)


async def back(one: Table) -> Record | None:
    """Return the record 1 as soon as there is an answer again."""
    end = time.monotonic() + BACK_SECONDS
    while True:
        try:
            return await one.find(1)
        except DatabaseUnavailable:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.02)


async def test_connections_that_were_cut_are_replaced_unnoticed(mariadb: MariadbServer) -> None:
    """A read is sent again, once; a write notices before it is sent."""
    async with table(made(mariadb)) as one:
        assert await one.find(1) == ROWS[1]
        assert await one.touch(1)
        cut(mariadb)
        assert await one.find(1) == ROWS[1]
        cut(mariadb)
        await asyncio.sleep(0)
        assert await one.find(2) == ROWS[2]
        assert await one.update(1, {"city": "Oslo"}) == {**ROWS[1], "city": "Oslo"}


async def test_many_at_once_outlive_a_cut(mariadb: MariadbServer) -> None:
    """All of the pool's connections may be gone at the same time."""
    async with table(made(mariadb)) as one:
        await asyncio.gather(*(one.find(1) for _ in range(64)))
        cut(mariadb)
        found = await asyncio.gather(*(one.find(id) for id in [1, 2, 3] * 20))
        assert found == [ROWS[id] for id in [1, 2, 3] * 20]


async def test_a_killed_server_is_said_and_the_next_one_found(
    own_mariadb: MariadbServer,
) -> None:
    """In a sentence with host and port; the step shows it; within seconds it works again."""
    async with table(made(own_mariadb)) as one:
        await one.find(1)
        own_mariadb.kill()
        with Recorder() as steps, pytest.raises(DatabaseUnavailable, match="refused"):
            await one.find(1)
        assert steps[-1].failed
        assert str(own_mariadb.port) in steps[-1].result
        assert own_mariadb.password not in steps[-1].result
        with pytest.raises(DatabaseUnavailable) as error:
            await one.update(1, {"city": "Oslo"})
        assert "perhaps" not in str(error.value)
        own_mariadb.start()
        assert await back(one) == ROWS[1]
        assert await one.update(1, {"city": "Oslo"}) == {**ROWS[1], "city": "Oslo"}


async def test_a_server_that_is_shut_down_under_a_statement(own_mariadb: MariadbServer) -> None:
    """Whoever waits is told at once."""
    url = made(own_mariadb)
    own_mariadb.run("CREATE VIEW slow AS SELECT id, SLEEP(1) AS nap FROM people", url=url)
    async with table(url, "slow", TableOptions(read_only=True), id_column="id") as one:
        look = asyncio.create_task(one.find(1))
        await asyncio.sleep(0.2)
        own_mariadb.kill()
        with pytest.raises(DatabaseUnavailable):
            await look


@pytest.mark.slow
async def test_a_paused_server_costs_two_seconds_and_no_more(
    own_mariadb: MariadbServer,
) -> None:
    """Also where it is paused when a connection is opened; what is under way is 'perhaps'."""
    async with table(made(own_mariadb)) as one:
        await one.find(1)
        await one.touch(1)
        own_mariadb.pause()
        for id in (1, 2):
            began = time.monotonic()
            with pytest.raises(DatabaseUnavailable, match="not answer"):
                await one.find(id)
            assert 1.5 < time.monotonic() - began < 3.0
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable, match="perhaps written"):
            await one.update(1, {"city": "Oslo"})
        assert time.monotonic() - began < 5.0
        own_mariadb.resume()
        assert (await back(one) or {})["id"] == 1


async def test_a_restarted_server(own_mariadb: MariadbServer) -> None:
    """Statements that were prepared are gone with it."""
    async with table(made(own_mariadb)) as one:
        for _ in range(3):
            await one.find(1)
        own_mariadb.stop()
        own_mariadb.start()
        assert await back(one) == ROWS[1]


async def test_a_lock_is_waited_for_and_then_said(mariadb: MariadbServer) -> None:
    """Less long than the statement may take, so that it is known that nothing was changed."""
    url = made(mariadb)
    async with table(url) as one:
        with another(mariadb, url) as other, other.cursor() as cursor:
            cursor.execute("UPDATE people SET city = 'Kano' WHERE id = 1")
            assert await one.find(1) == ROWS[1]
            began = time.monotonic()
            with pytest.raises(DatabaseUnavailable, match="locked by another program") as error:
                await one.update(1, {"city": "Oslo"})
            assert time.monotonic() - began < 2.0
            assert "perhaps" not in str(error.value)
            other.rollback()
        assert await one.update(1, {"city": "Oslo"}) == {**ROWS[1], "city": "Oslo"}


async def test_a_table_that_is_locked_as_a_whole(mariadb: MariadbServer) -> None:
    """Reads say so too."""
    url = made(mariadb)
    async with table(url) as one:
        with another(mariadb, url) as other, other.cursor() as cursor:
            cursor.execute("LOCK TABLES people WRITE")
            with pytest.raises(DatabaseUnavailable, match="locked by another program"):
                await one.find(1)
        assert await one.find(1) == ROWS[1]


async def test_a_deadlock_is_said(mariadb: MariadbServer) -> None:
    """Whom the server gives up has changed nothing."""
    url = made(mariadb)
    mariadb.run(
        "CREATE TABLE towns (id int PRIMARY KEY, size int);"
        " INSERT INTO towns SELECT seq, seq FROM seq_1_to_500;"
        " CREATE TABLE roads (id int PRIMARY KEY, town int REFERENCES towns (id));"
        " INSERT INTO roads VALUES (1, 1)",
        url=url,
    )
    async with table(url, "roads") as one:
        await one.find(1)
        with another(mariadb, url) as other, other.cursor() as cursor:
            cursor.execute("UPDATE towns SET size = size + 1")
            task = asyncio.create_task(one.update(1, {"town": 2}))
            while not running(mariadb):
                await asyncio.sleep(0.01)
            # The server gives up whoever has done less.
            await asyncio.to_thread(cursor.execute, "UPDATE roads SET town = 2 WHERE id = 1")
            with pytest.raises(DatabaseUnavailable, match="nothing was changed, try again"):
                await task
            other.rollback()
        assert await one.find(1) == {"id": 1, "town": 1}


@pytest.mark.slow
async def test_a_slow_statement_is_ended_on_the_server(mariadb: MariadbServer) -> None:
    """And the connection is as good as before."""
    url = made(mariadb)
    mariadb.run("CREATE VIEW slow AS SELECT id, SLEEP(30) AS nap FROM people", url=url)
    async with table(url, "slow", TableOptions(read_only=True), id_column="id") as one:
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable, match="did not answer"):
            await one.find(1)
        assert time.monotonic() - began < 3.0
        assert not running(mariadb)


def running(server: MariadbServer) -> list[Any]:
    """Return the statements that run for this program."""
    return server.run(
        "SELECT info FROM information_schema.processlist WHERE user = 'app'"
        " AND command = 'Query' AND info NOT LIKE '%processlist%'",
        url=server.admin_url,
    )


async def test_a_cancelled_look_up_is_cancelled_on_the_server(mariadb: MariadbServer) -> None:
    """Its rows come to nobody else."""
    url = made(mariadb)
    mariadb.run(
        "CREATE VIEW slow AS SELECT id, IF(id = 1, SLEEP(1.5), 0) AS nap FROM people", url=url
    )
    async with table(url, "slow", TableOptions(read_only=True), id_column="id") as one:
        look = asyncio.create_task(one.find(1))
        while not running(mariadb):
            await asyncio.sleep(0.01)
        look.cancel()
        with pytest.raises(asyncio.CancelledError):
            await look
        assert await one.find(2) == {"id": 2, "nap": 0}
        end = time.monotonic() + 1.0
        while running(mariadb) and time.monotonic() < end:
            await asyncio.sleep(0.01)
        assert not running(mariadb)


async def test_cancelled_at_any_moment_no_answer_is_somebody_elses(
    mariadb: MariadbServer,
) -> None:
    """Each look-up gets the record that it asked for, or is cancelled."""
    async with table(made(mariadb)) as one:
        for step in range(120):
            looks = [asyncio.create_task(one.find(1 + n % 3)) for n in range(12)]
            await asyncio.sleep(step * 0.00002)
            for look in looks[::2]:
                look.cancel()
            found = await asyncio.gather(*looks, return_exceptions=True)
            for n, record in enumerate(found):
                if not isinstance(record, asyncio.CancelledError):
                    assert record == ROWS[1 + n % 3]


async def test_a_cancelled_write_is_made_whole_or_not_at_all(mariadb: MariadbServer) -> None:
    """No transaction stays open."""
    url = made(mariadb)
    async with table(url) as one:
        for step in range(40):
            write = asyncio.create_task(one.update(1, {"city": str(step)}))
            await asyncio.sleep(step * 0.0001)
            write.cancel()
            await asyncio.gather(write, return_exceptions=True)
        assert await one.update(1, {"city": "Oslo"}) == {**ROWS[1], "city": "Oslo"}
    open_ones = mariadb.run(
        "SELECT COUNT(*) FROM information_schema.innodb_trx", url=mariadb.admin_url
    )
    assert open_ones == [(0,)]


async def test_a_write_that_was_cut_off_is_perhaps_written(mariadb: MariadbServer) -> None:
    """Nobody can know: it is never sent again."""
    url = made(mariadb)
    mariadb.run(
        "CREATE TABLE slow (id int PRIMARY KEY, v int); INSERT INTO slow VALUES (1, 0);"
        " CREATE TRIGGER nap AFTER DELETE ON slow FOR EACH ROW DO SLEEP(1)",
        url=url,
    )
    async with table(url, "slow") as one:
        write = asyncio.create_task(one.delete(1))
        while not running(mariadb):
            await asyncio.sleep(0.01)
        cut(mariadb)
        with pytest.raises(DatabaseUnavailable, match="perhaps written"):
            await write
        assert await back(one) in (None, {"id": 1, "v": 0})


async def test_a_user_with_few_connections_waits_for_them(own_mariadb: MariadbServer) -> None:
    """Fewer do as well; where there is none at all, it is said what to do."""
    url = made(own_mariadb)
    own_mariadb.run(
        "GRANT USAGE ON *.* TO app WITH MAX_USER_CONNECTIONS 3", url=own_mariadb.admin_url
    )
    async with table(url) as one:
        found = await asyncio.gather(*(one.find(id) for id in [1, 2, 3] * 20))
        assert found == [ROWS[id] for id in [1, 2, 3] * 20]
        assert await one.touch(1)
    others = [another(own_mariadb, url) for _ in range(3)]
    try:
        with pytest.raises(DatabaseUnavailable, match="max_user_connections"):
            async with table(url):
                pass
    finally:
        for other in others:
            with other:
                pass


async def test_a_server_that_prepares_nothing(own_mariadb: MariadbServer) -> None:
    """It is asked in the other way."""
    async with table(made(own_mariadb)) as one:
        await one.find(1)
        own_mariadb.run("SET GLOBAL max_prepared_stmt_count = 0", url=own_mariadb.admin_url)
        for _ in range(4):
            assert await one.find(1) == ROWS[1]


async def test_statements_that_the_server_has_forgotten(mariadb: MariadbServer) -> None:
    """As behind a proxy that leads to another server by now."""
    async with table(made(mariadb)) as one:
        for _ in range(3):
            await one.find(1)
        mariadb.run("FLUSH TABLES", url=mariadb.admin_url)
        assert await one.find(1) == ROWS[1]


async def test_faults_that_are_switched_on(mariadb: MariadbServer) -> None:
    """Connections end and new ones are refused, or each statement begins later."""
    faults = Faults()
    async with table(made(mariadb), options=TableOptions(faults=faults)) as one:
        await one.find(1)
        faults.switch(Fault.DATABASE_DOWN, on=True)
        with pytest.raises(DatabaseUnavailable, match="a fault is on"):
            await one.find(1)
        with pytest.raises(DatabaseUnavailable, match="a fault is on"):
            await one.update(1, {"city": "Oslo"})
        faults.clear()
        assert await one.find(1) == ROWS[1]
        faults.set_latency(Fault.DATABASE_SLOW, 0.1)
        faults.switch(Fault.DATABASE_SLOW, on=True)
        began = time.monotonic()
        assert await one.find(1) == ROWS[1]
        assert time.monotonic() - began >= 0.1


async def test_a_column_that_goes_or_comes_is_noticed(mariadb: MariadbServer) -> None:
    """The next read has the table as it is."""
    url = made(mariadb)
    async with table(url) as one:
        for _ in range(3):
            await one.find(1)
        mariadb.run("ALTER TABLE people DROP city", url=url)
        assert await one.find(1) == {"id": 1, "name": "Amara Okafor"}
        assert one.schema.columns == ("id", "name")
        mariadb.run("DROP TABLE people", url=url)
        with pytest.raises(DatabaseUnavailable, match="no table 'people'"):
            await one.find(1)


async def test_read_only_is_the_servers_business_too(mariadb: MariadbServer) -> None:
    """What only reads can write nothing, whoever should ask for it."""
    url = made(mariadb)
    channel = await Opener(parsed(url)).open()
    try:
        for sql in ("INSERT INTO people VALUES (4, 'Dara', NULL)", "DROP TABLE people"):
            with pytest.raises(ChangeRefused, match="takes no changes here"):
                await channel.run(Query(sql))
    finally:
        await channel.aclose()
