"""What a server may answer that is old: found out on each connection, and said."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from database_server import had
from mariadb_server import MariadbServer
from unit.database.mysql.places import made, table

from tui.database.mysql import caveats
from tui.database.mysql.server import ServerFacts, question, server_of
from tui.database.mysql.store import STORE
from tui.database.port import TableOptions
from tui.models.check import State
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

READ = TableOptions(read_only=True)
RIGHT = "GRANT REPLICA MONITOR, BINLOG MONITOR ON *.* TO app"


async def test_an_ordinary_server_has_none(mariadb: MariadbServer) -> None:
    """Neither read-only nor writable."""
    url = made(mariadb)
    async with table(url) as one, table(url, options=READ) as other:
        assert (one.caveats, other.caveats) == ((), ())


@pytest.fixture(scope="module")
def replicated() -> Iterator[tuple[MariadbServer, MariadbServer, str]]:
    """A primary, its replica, and the replica's URL of a database with people."""
    with ExitStack() as stack:
        primary = stack.enter_context(had(MariadbServer("--log-bin=log", "--server-id=1")))
        replica = stack.enter_context(had(MariadbServer("--server-id=2", "--relay-log=relay")))
        (status,) = primary.run("SHOW MASTER STATUS", url=primary.admin_url)
        url = made(primary)
        replica.run(
            "CHANGE MASTER TO master_host = '127.0.0.1', master_user = 'admin',"
            f" master_port = {primary.port}, master_password = '{primary.password}',"
            f" master_log_file = '{status[0]}', master_log_pos = {status[1]};"
            " START SLAVE",
            url=replica.admin_url,
        )
        there = url.replace(f":{primary.port}/", f":{replica.port}/").replace(
            primary.password, replica.password
        )
        end = time.monotonic() + 10
        while not replica.run("SHOW DATABASES LIKE 'mysql\\_%'", url=replica.url):
            assert time.monotonic() < end
            time.sleep(0.02)
        yield primary, replica, there


async def test_a_replica_is_shown_and_never_written(
    replicated: tuple[MariadbServer, MariadbServer, str],
) -> None:
    """Also where its user may not ask how far it is behind."""
    _, replica, url = replicated
    async with table(url, options=READ) as one:
        (caveat,) = one.caveats
        assert (caveat.name, caveat.outdated) == ("replica", True)
        assert "an unknown time behind" in caveat.words
        assert await one.find(1) is not None
    with pytest.raises(DatabaseUnavailable, match=r"a replica.*name the primary"):
        async with table(url):
            pass
    replica.run(RIGHT, url=replica.admin_url)
    async with table(url, options=READ) as one:
        (caveat,) = one.caveats
        assert "0 s behind" in caveat.words
    replica.run("STOP SLAVE", url=replica.admin_url)
    async with table(url, options=READ) as one:
        (caveat,) = one.caveats
        assert "an unknown time behind" in caveat.words
    checks = {c.name: c for c in STORE.examine(url, "people", None, read_only=False).checks}
    assert checks["primary"].state is State.FAILED
    checks = {c.name: c for c in STORE.examine(url, "people", None, read_only=True).checks}
    assert checks["primary"].state is State.WARNING


async def test_a_server_that_takes_no_changes(own_mariadb: MariadbServer) -> None:
    """It may be a replica, unless its user may ask and it is none."""
    url = made(own_mariadb)
    async with table(url) as one:
        assert await one.touch(1)
        own_mariadb.run("SET GLOBAL read_only = ON", url=own_mariadb.admin_url)
        with pytest.raises(ChangeRefused, match="takes no changes here"):
            await one.update(1, {"city": "Oslo"})
    async with table(url, options=READ) as one:
        (caveat,) = one.caveats
        assert (caveat.name, caveat.outdated) == ("read-only server", True)
        assert "REPLICA MONITOR" in caveat.words
    with pytest.raises(DatabaseUnavailable, match="takes no changes"):
        async with table(url):
            pass
    own_mariadb.run(RIGHT, url=own_mariadb.admin_url)
    async with table(url) as one:
        assert one.caveats == ()
        with pytest.raises(ChangeRefused, match="takes no changes here"):
            await one.update(1, {"city": "Oslo"})


class Told:
    """A connection to a server that says certain things of itself."""

    def __init__(self, *, is_mariadb: bool = False, may_ask: bool = True, **said: str) -> None:
        self.server = ServerFacts(is_mariadb, 1, False, "app@%", said)
        self._may_ask = may_ask

    async def named(self, query: object) -> list[dict[str, object]]:
        """Return from whom it takes its rows."""
        if not self._may_ask:
            raise ChangeRefused("Access denied")
        return []


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (Told(), None),
        (Told(may_ask=False), None),
        (Told(read_only="ON"), None),
        (Told(read_only="ON", may_ask=False), "read-only server"),
        (Told(super_read_only="ON", may_ask=False), "read-only server"),
        (Told(innodb_read_only="ON"), "replica"),
        (Told(is_mariadb=True, may_ask=False, slaves_running="1"), "replica"),
        (Told(is_mariadb=True, may_ask=False, slaves_running="0"), None),
        (
            Told(group_replication_group_name="a", group_replication_consistency="EVENTUAL",
                 group_replication_single_primary_mode="OFF"),
            "group member",
        ),
        (
            Told(group_replication_group_name="a", group_replication_consistency="BEFORE",
                 group_replication_single_primary_mode="OFF"),
            None,
        ),
        (
            Told(group_replication_group_name="a", group_replication_single_primary_mode="ON"),
            None,
        ),
    ],
)  # fmt: skip
async def test_what_servers_say_that_are_not_to_be_had_here(
    told: Told, name: str | None
) -> None:
    """Aurora's readers, members of a group, MySQL's replicas."""
    found = await caveats.caveats_of(told)  # type: ignore[arg-type]
    assert [caveat.name for caveat in found] == ([name] if name else [])
    assert all(caveat.outdated for caveat in found)


def test_a_proxy_shows_by_the_number_of_the_connection() -> None:
    """Whoever greets us calls it otherwise than the server does."""
    rows = [("connection", "77"), ("user", "app@%"), ("VERSION", "8.4.3"), ("wsrep_on", "ON")]
    server = server_of(rows, 77, is_mariadb=False)
    assert not server.is_proxied
    assert (server.version, server.is_too_old, server.in_cluster) == (
        "MySQL 8.4.3",
        False,
        True,
    )
    assert server_of(rows, 12, is_mariadb=False).is_proxied
    assert server_of([("connection", str(2**32 + 5))], 5, is_mariadb=True).is_proxied is False
    assert server_of([("version", "5.7.44")], 0, is_mariadb=False).is_too_old
    assert "performance_schema" in question(is_mariadb=False)
