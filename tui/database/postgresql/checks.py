"""What `doctor` says of a PostgreSQL server and its table."""

from collections.abc import Iterator

from tui.database.port import Examined
from tui.database.postgresql.asking import Asking, asking
from tui.database.postgresql.dialect import PostgresqlDialect
from tui.database.postgresql.failures import STANDBY
from tui.database.postgresql.names import bare, source
from tui.database.postgresql.schema import schema_from
from tui.database.postgresql.table_schema import PostgresqlSchema
from tui.database.postgresql.url import parsed, passed_over, shown
from tui.database.sql.told import told_columns, told_search
from tui.models.check import Check, State
from tui.runtime.errors import DatabaseUnavailable

GROUP = "database"
MOST_COUNTED = 10_000
"""Rows that are counted where the server does not know about how many there are."""
TESTED = (140_000, 190_000)
"""The versions that hitmiss is made for; it was tried on 18."""


def examine(url: str, table: str, id_column: str | None, *, read_only: bool) -> Examined:
    """Return what there is to say; see DatabaseStore.examine."""
    checks: list[Check] = []
    ignored = passed_over(url)
    if ignored:
        checks.append(
            Check(GROUP, "options", ", ".join(ignored), f"passed over: {', '.join(ignored)}")
        )
    schema, rows, stage = None, 0, "server"
    try:
        with asking(url) as connection:
            checks += _server(connection, shown(parsed(url)))
            checks += _standby(connection, read_only=read_only)
            stage = "table"
            schema = schema_from(connection, table, id_column)
            checks += _rights(connection, schema, read_only=read_only)
            checks += [*_table(schema)]
            stage = "rows"
            rows = _rows(connection, schema)
            checks.append(Check(GROUP, "rows", rows, _about(rows)))
    except DatabaseUnavailable as error:
        advice = "see what the message says, or name another with --db or --table"
        checks.append(Check(GROUP, stage, None, str(error), State.FAILED, advice))
    return Examined(tuple(checks), schema, rows)


def _server(connection: Asking, place: str) -> Iterator[Check]:
    ((version, user, encoding),) = connection.ask(
        "SELECT current_setting('server_version'), current_user,"
        " current_setting('server_encoding')"
    )
    name = f"PostgreSQL {version}"
    if TESTED[0] <= connection.version < TESTED[1]:
        yield Check(GROUP, "server", name, f"{name} at {place}")
    else:
        yield Check(
            GROUP, "server", name, f"{name} at {place}, on which hitmiss was not tried",
            State.WARNING, "use PostgreSQL 14 to 18, or tell us how it went",
        )  # fmt: skip
    yield Check(GROUP, "user", user, f"logged in as {user}")
    secured = "under TLS" if connection.encrypted else "without TLS"
    yield Check(GROUP, "tls", connection.encrypted, secured)
    if encoding != "UTF8":
        yield Check(
            GROUP, "encoding", encoding, f"texts are kept as {encoding}; accents are not folded"
            " by the search", State.WARNING, "UTF8 holds every text",
        )  # fmt: skip


def _standby(connection: Asking, *, read_only: bool) -> Iterator[Check]:
    ((standby,),) = connection.ask("SELECT pg_catalog.pg_is_in_recovery()")
    if standby != "t":
        yield Check(GROUP, "primary", True, "the primary: reads are of the newest rows")
        return
    state = State.WARNING if read_only else State.FAILED
    yield Check(GROUP, "primary", False, STANDBY, state, "name the primary with --db")


def _rights(
    connection: Asking, schema: PostgresqlSchema, *, read_only: bool
) -> Iterator[Check]:
    table = source(schema.namespace, schema.name)
    ((may_write, hidden),) = connection.ask(
        "SELECT has_table_privilege($1, 'UPDATE') OR has_any_column_privilege($1, 'UPDATE'),"
        " row_security_active(to_regclass($1)::oid)",
        table,
    )
    if may_write == "t" and read_only:
        yield Check(
            GROUP, "may write", True,
            "this user may write the table; hitmiss, read-only, does not, and its sessions"
            " cannot (default_transaction_read_only)",
        )  # fmt: skip
    elif may_write == "t":
        yield Check(GROUP, "may write", True)
    elif read_only:
        yield Check(GROUP, "may write", False, "read-only, hitmiss need not")
    else:
        yield Check(
            GROUP, "may write", False, "this user may not write the table", State.FAILED,
            "GRANT UPDATE, or start with --read-only",
        )  # fmt: skip
    if hidden == "t":
        yield Check(
            GROUP, "row security", True,
            "row-level security hides rows from this user: a copy without a row may have one",
            State.WARNING, "log in as the table's owner, or a role with BYPASSRLS",
        )  # fmt: skip


def _table(schema: PostgresqlSchema) -> Iterator[Check]:
    kinds = {"p": "partitioned table", "v": "view", "m": "materialized view"}
    kind = kinds.get(schema.kind, "foreign table" if schema.kind == "f" else "table")
    name = f"{schema.namespace}.{schema.name}"
    yield Check(GROUP, "table", name, f"{kind} {name}: {', '.join(schema.columns)}")
    yield told_columns(schema)
    yield _key(schema)
    yield told_search(schema, PostgresqlDialect())


def _key(schema: PostgresqlSchema) -> Check:
    column = schema.id_column
    declared = schema.column(column).declared
    if schema.unique:
        return Check(GROUP, "key", column, f"{column} {declared}: unique, indexed")
    advice = (
        f"run: CREATE UNIQUE INDEX ON {source(schema.namespace, schema.name)} ({bare(column)})"
    )
    if schema.kind not in "rm":
        advice = "of it nothing can be promised; name its table with --table"
    return Check(
        GROUP, "key", column, f"{column} {declared}: nothing promises that it is unique",
        State.WARNING, advice,
    )  # fmt: skip


def _about(rows: int) -> str:
    if rows <= MOST_COUNTED:
        return f"{rows:,}"
    is_estimate = rows > MOST_COUNTED + 1
    return f"about {rows:,}" if is_estimate else f"more than {MOST_COUNTED:,}"


def _rows(connection: Asking, schema: PostgresqlSchema) -> int:
    """Return how many rows there are, about: nobody counts a million for that."""
    table = source(schema.namespace, schema.name)
    ((counted,),) = connection.ask(
        f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {MOST_COUNTED + 1}) AS counted"
    )
    count = int(counted or 0)
    if count <= MOST_COUNTED:
        return count
    ((about,),) = connection.ask(
        "SELECT reltuples::int8 FROM pg_catalog.pg_class WHERE oid = to_regclass($1)", table
    )
    return max(count, int(about or 0))
