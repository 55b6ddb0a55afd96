"""What `doctor` says of a server of MySQL and its table."""

from collections.abc import Iterator
from typing import Final

from tui.database.mysql.asking import ask
from tui.database.mysql.caveats import Sources, caveats_from, right_to_ask, sources_of
from tui.database.mysql.channel import MysqlChannel
from tui.database.mysql.dialect import MysqlDialect
from tui.database.mysql.literals import bare
from tui.database.mysql.schema import place_of, read_schema
from tui.database.mysql.server import ServerFacts
from tui.database.mysql.session import Opener
from tui.database.mysql.table_schema import MysqlSchema
from tui.database.mysql.url import parsed, passed_over
from tui.database.port import Examined
from tui.database.sql.query import Query
from tui.database.sql.told import GROUP, told_columns, told_search
from tui.models.check import Check, State
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

MOST_COUNTED: Final = 10_000
"""Rows that are counted where the server does not know about how many there are."""
ABOUT: Final = """
SELECT table_rows FROM information_schema.tables WHERE table_schema = ? AND table_name = ?
"""
ADVICE: Final = "see what the message says, or name another with --db or --table"


class Examination:
    """What has been found out so far; asking stops where something fails."""

    def __init__(self, table: str, id_column: str | None, *, read_only: bool) -> None:
        """Look at `table`, whose key is `id_column` if that is named."""
        self._table = table
        self._id_column = id_column
        self._read_only = read_only
        self.checks: list[Check] = []
        self.schema: MysqlSchema | None = None
        self.rows = 0
        self.stage = "server"
        """What was being looked at."""

    async def run(self, channel: MysqlChannel, opener: Opener) -> None:
        """Look at server, table and rows.

        Raises:
            DatabaseUnavailable: one of them cannot be looked at.
        """
        self.checks += _server(channel.server, opener)
        sources = await sources_of(channel)
        self.checks += _primary(channel.server, sources, read_only=self._read_only)
        self.stage = "table"
        schema = self.schema = await read_schema(
            channel, opener.database, self._table, self._id_column
        )
        self.checks.append(_rights(schema, read_only=self._read_only))
        self.checks += _of_table(schema)
        self.stage = "rows"
        self.rows = await _counted(channel, schema)
        about = f"about {self.rows:,}" if self.rows > MOST_COUNTED else f"{self.rows:,}"
        self.checks.append(Check(GROUP, "rows", self.rows, about))


def examine(url: str, table: str, id_column: str | None, *, read_only: bool) -> Examined:
    """Return what there is to say; see DatabaseStore.examine."""
    found = Examination(table, id_column, read_only=read_only)
    ignored = passed_over(parsed(url))
    if ignored:
        listed = ", ".join(ignored)
        found.checks.append(Check(GROUP, "options", listed, f"passed over: {listed}"))
    try:
        ask(url, found.run)
    except (DatabaseUnavailable, ChangeRefused) as error:
        failed = Check(GROUP, found.stage, None, str(error), State.FAILED, ADVICE)
        found.checks.append(failed)
    return Examined(tuple(found.checks), found.schema, found.rows)


def _server(server: ServerFacts, opener: Opener) -> Iterator[Check]:
    what = f"{server.version} at {opener.place}"
    if server.is_too_old:
        yield Check(
            GROUP, "server", server.version, f"{what}, on which hitmiss was not tried",
            State.WARNING, "use MySQL 8 or MariaDB 10.6, or later ones",
        )  # fmt: skip
    else:
        yield Check(GROUP, "server", server.version, what)
    yield Check(GROUP, "user", server.user, f"logged in as {server.user}")
    yield _tls(server, opener)
    if server.is_proxied:
        yield Check(
            GROUP, "proxy", True, "a proxy stands between, which may send reads to replicas:"
            " whether it does cannot be seen", State.WARNING,
            "name the primary itself, or an address of the proxy that leads to it alone",
        )  # fmt: skip
    if server.in_cluster:
        yield Check(
            GROUP, "cluster", "galera", "a node of Galera: each read waits for what other nodes"
            " have acknowledged (wsrep_sync_wait)",
        )  # fmt: skip


def _tls(server: ServerFacts, opener: Opener) -> Check:
    cipher = server.said.get("ssl_cipher", "")
    if not cipher:
        if opener.is_near:
            return Check(GROUP, "tls", False, "without TLS, on this machine")
        return Check(
            GROUP, "tls", False, "without TLS: whoever listens on the way reads along",
            State.WARNING, "add ?ssl-mode=VERIFY_IDENTITY where the server has TLS",
        )  # fmt: skip
    shown = f"{server.said.get('ssl_version', 'TLS')}, {cipher}"
    if opener.is_checked:
        return Check(GROUP, "tls", True, f"{shown}; the server's certificate is checked")
    return Check(
        GROUP, "tls", True, f"{shown}; whose certificate it is, is not checked", State.WARNING,
        "add ?ssl-mode=VERIFY_IDENTITY, and ssl_ca=FILE where its authority is your own",
    )  # fmt: skip


def _primary(
    server: ServerFacts, sources: Sources | None, *, read_only: bool
) -> Iterator[Check]:
    caveats = caveats_from(server, sources)
    if not caveats and sources is None and not server.is_mariadb:
        right = right_to_ask(server)
        yield Check(
            GROUP, "primary", None, "it takes changes, as primaries do; whether it follows"
            f" another server this user may not ask (GRANT {right} ON *.*)",
        )  # fmt: skip
    elif not caveats:
        yield Check(GROUP, "primary", True, "no replica: reads are of the newest rows")
    for caveat in caveats:
        state = State.WARNING if read_only else State.FAILED
        yield Check(GROUP, "primary", False, caveat.words, state, "name the primary with --db")


def _rights(schema: MysqlSchema, *, read_only: bool) -> Check:
    if schema.touched and read_only:
        return Check(
            GROUP, "may write", True, "this user may write the table; hitmiss, read-only, does"
            " not, and its sessions cannot (SET SESSION TRANSACTION READ ONLY)",
        )  # fmt: skip
    if schema.touched:
        return Check(GROUP, "may write", True)
    if read_only:
        return Check(GROUP, "may write", False, "read-only, hitmiss need not")
    return Check(
        GROUP, "may write", False, "this user may not write the table", State.FAILED,
        "GRANT UPDATE, or start with --read-only",
    )  # fmt: skip


def _of_table(schema: MysqlSchema) -> Iterator[Check]:
    kind = "view" if schema.is_view else "table"
    columns = ", ".join(schema.columns)
    yield Check(GROUP, "table", schema.name, f"{kind} {schema.name}: {columns}")
    yield told_columns(schema)
    yield _key(schema)
    yield told_search(schema, MysqlDialect())


def _key(schema: MysqlSchema) -> Check:
    column = schema.id_column
    detail = f"{column} {schema.column(column).declared}"
    collation = schema.detail(column).collation
    if schema.folds_case:
        detail += f", {collation} takes letters of any case for one: keys are compared exactly"
    if schema.unique:
        return Check(GROUP, "key", column, f"{detail}: unique, indexed")
    advice = f"run: ALTER TABLE {bare(schema.table)} ADD UNIQUE ({bare(column)})"
    if schema.is_view:
        advice = "of a view nothing can be promised; name its table with --table"
    return Check(
        GROUP, "key", column, f"{detail}: nothing promises that it is unique", State.WARNING,
        advice,
    )  # fmt: skip


async def _counted(channel: MysqlChannel, schema: MysqlSchema) -> int:
    """Return how many rows there are, about: nobody counts a million for that."""
    table = place_of(schema)
    _, ((counted,),) = await channel.run(
        Query(f"SELECT COUNT(*) FROM (SELECT 1 FROM {table} LIMIT {MOST_COUNTED + 1}) AS some")
    )
    count = int(counted or 0)
    if count <= MOST_COUNTED:
        return count
    _, ((about,),) = await channel.run(Query(ABOUT, (schema.database, schema.table)))
    return max(count, int(about or 0))
