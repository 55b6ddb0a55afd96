"""A hot standby: read with a warning, never written, and a primary once it is promoted."""

from collections.abc import Iterator

import pytest
from database_server import had
from postgresql_server import PostgresqlServer
from server_process import wait_until
from unit.database.postgresql.places import PEOPLE, opened

from tui.database.port import TableOptions
from tui.database.postgresql.checks import examine
from tui.database.postgresql.failures import STANDBY
from tui.database.postgresql.store import STORE
from tui.models.check import State
from tui.runtime.clock import SystemClock
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable


@pytest.fixture
def standby(own_postgresql: PostgresqlServer) -> Iterator[PostgresqlServer]:
    """A standby of a server with three people."""
    own_postgresql.run(PEOPLE)
    with had(PostgresqlServer(standby_of=own_postgresql)) as server:
        yield server


async def test_a_standby_is_read(standby: PostgresqlServer) -> None:
    """Rows may be older than what was acknowledged, and it is said; nothing is written."""
    async with opened(standby.url, read_only=True) as table:
        (caveat,) = table.caveats
        assert (caveat.name, caveat.outdated, caveat.incomplete) == ("standby", True, False)
        assert "behind" in caveat.words
        assert (await table.find(1) or {})["name"] == "Amara Okafor"
        assert len(await table.find_many([1, 2, 3])) == 3
        assert [m.id for m in (await table.search("bo", 5)).matches] == [2]
        with pytest.raises(ChangeRefused, match="read-only"):
            await table.touch(1)


async def test_a_standby_is_not_written(standby: PostgresqlServer) -> None:
    """Whoever wants to write is told to name the primary, and reads nothing old."""
    with pytest.raises(DatabaseUnavailable, match=STANDBY):
        async with opened(standby.url):
            pass


async def test_a_standby_that_is_promoted(standby: PostgresqlServer) -> None:
    """Whoever has it open sees that it is no standby any more; and it can be written."""
    async with opened(standby.url, read_only=True) as table:
        assert [caveat.name for caveat in table.caveats] == ["standby"]
        standby.run("SELECT pg_promote(true)", url=standby.admin_url)
        await table.find(1)
        assert not table.caveats
    async with opened(standby.url) as table:
        assert (await table.update(1, {"name": "x"}) or {})["name"] == "x"
        assert not table.caveats


async def test_the_primary_among_several_hosts(
    own_postgresql: PostgresqlServer, standby: PostgresqlServer
) -> None:
    """Whoever writes gets to it, in whatever order they stand; who reads, to the first."""
    places = [f"127.0.0.1:{server.port}" for server in (standby, own_postgresql)]
    login, database = own_postgresql.url.rpartition("@")[0], "/shop"
    url = f"{login}@{','.join(places)}{database}"
    async with opened(url) as table:
        assert not table.caveats
        assert (await table.update(2, {"city": "Oslo"}) or {})["city"] == "Oslo"
        assert (await table.find(2) or {})["city"] == "Oslo"
    async with opened(url, read_only=True) as table:
        assert [caveat.name for caveat in table.caveats] == ["standby"]
    own_postgresql.stop()
    with pytest.raises(DatabaseUnavailable, match="standby: name the primary"):
        async with opened(url):
            pass
    standby.run("SELECT pg_promote(true)", url=standby.admin_url)
    async with opened(url) as table:
        assert (await table.find(2) or {})["name"] == "Bo Larsson"


async def test_a_failover_while_it_is_open(
    own_postgresql: PostgresqlServer, standby: PostgresqlServer
) -> None:
    """Until the standby is the primary there is no answer; then there is one again."""
    places = [f"127.0.0.1:{server.port}" for server in (own_postgresql, standby)]
    url = f"{own_postgresql.url.rpartition('@')[0]}@{','.join(places)}/shop"
    async with opened(url) as table:
        assert await table.find(1) is not None
        assert wait_until(lambda: _replayed(own_postgresql, standby))
        own_postgresql.kill()
        with pytest.raises(DatabaseUnavailable, match="standby"):
            await table.find(1)
        with pytest.raises(DatabaseUnavailable, match="standby"):
            await table.update(1, {"name": "x"})
        standby.run("SELECT pg_promote(true)", url=standby.admin_url)
        assert (await table.find(1) or {})["name"] == "Amara Okafor"
        assert (await table.update(1, {"name": "x"}) or {})["name"] == "x"


def _replayed(primary: PostgresqlServer, standby: PostgresqlServer) -> bool:
    ((written,),) = primary.run("SELECT pg_current_wal_lsn()")
    ((done,),) = standby.run("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written)
    return bool(done)


@pytest.mark.parametrize("read_only", [True, False])
def test_doctor_says_so(standby: PostgresqlServer, read_only: bool) -> None:
    """A warning for whoever reads, a failure for whoever writes."""
    checks = examine(standby.url, "people", None, read_only=read_only).checks
    (check,) = [check for check in checks if check.name == "primary"]
    assert check.state is (State.WARNING if read_only else State.FAILED)
    assert "standby" in (check.detail or "")


async def test_seeding_a_standby(standby: PostgresqlServer) -> None:
    """It is refused in one line."""
    with pytest.raises(DatabaseUnavailable, match="read-only transaction"):
        STORE.make_users(
            standby.url, 10, seed=1, progress=lambda _: None, stopped=lambda: False
        )


async def test_the_schema_that_was_read_elsewhere(
    own_postgresql: PostgresqlServer, standby: PostgresqlServer
) -> None:
    """A table is refused when it is opened, whatever its schema was read from."""
    schema = STORE.read_schema(own_postgresql.url, "people", None, read_only=False)
    with pytest.raises(DatabaseUnavailable, match=STANDBY):
        async with STORE.open(standby.url, schema, SystemClock(), TableOptions()):
            pass
