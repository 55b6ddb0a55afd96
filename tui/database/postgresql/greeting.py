"""What a new connection is asked first: whom it leads to, and whether that can be believed."""

from msgspec import Struct

from tui.database.postgresql.channel import PostgresqlChannel
from tui.database.postgresql.failures import STANDBY
from tui.database.postgresql.names import source
from tui.database.postgresql.table_schema import PostgresqlSchema
from tui.database.sql.query import Query
from tui.models import Caveat
from tui.runtime.errors import DatabaseUnavailable

ASKED = """
SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.pg_backend_pid(),
  pg_catalog.current_setting('TimeZone') = 'UTC'
    AND pg_catalog.current_setting('DateStyle') = 'ISO, YMD',
  pg_catalog.current_setting('default_transaction_read_only'),
  coalesce(pg_catalog.row_security_active(pg_catalog.to_regclass($1)::oid), false),
  $2 AND EXISTS (SELECT 1 FROM pg_catalog.pg_class WHERE relrowsecurity),
  CASE WHEN pg_catalog.pg_is_in_recovery() THEN
    CASE WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn()
    THEN 0 ELSE extract(epoch FROM
      pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())::float8 END
  END
"""


class Greeting(Struct, frozen=True):
    """What a connection said of the server."""

    caveats: tuple[Caveat, ...] = ()
    is_standby: bool = False
    pooled: bool = False
    """Whether a pooler stands in between, which keeps no settings and changes servers."""
    told: bool = True
    """Whether the session has the settings that it was opened with: PGTZ is stronger."""


async def greeted(
    channel: PostgresqlChannel, schema: PostgresqlSchema, process: int, *, read_only: bool
) -> Greeting:
    """Return what the server says at the other end; `process` is what it called itself.

    Raises:
        DatabaseUnavailable: it does not answer.
    """
    table = source(schema.namespace, schema.name)
    _, ((standby, pid, spelled, switch, hidden, perhaps_hidden, lag),) = await channel.run(
        Query(ASKED, (table, schema.kind == "v"))
    )
    wanted = "on" if read_only else "off"
    caveats: list[Caveat] = []
    if standby:
        caveats.append(standby_caveat(None if lag is None else float(str(lag))))
    if hidden:
        caveats.append(
            Caveat(
                "rows hidden",
                f"row-level security hides rows of {schema.name!r} from this user: a copy"
                " without a row may have one; log in as the table's owner or a role with"
                " BYPASSRLS",
                incomplete=True,
            )
        )
    elif perhaps_hidden:
        caveats.append(
            Caveat(
                "may hide rows",
                f"{schema.name!r} is a view in a database with row-level security, which may"
                " hide rows: a copy without a row may have one",
                incomplete=True,
            )
        )
    return Greeting(
        tuple(caveats), bool(standby), pid != process, bool(spelled) and switch == wanted
    )


def standby_caveat(lag: float | None) -> Caveat:
    """Return what is said of a standby that was so many seconds behind."""
    late = "an unknown time" if lag is None else f"{lag:.1f} s"
    return Caveat(
        "standby",
        f"the database is a standby, {late} behind when it was asked: rows may be older than"
        " what was acknowledged",
        outdated=True,
    )


def check_may_write(greeting: Greeting) -> None:
    """Pass where the guarantee holds for whoever writes.

    Raises:
        DatabaseUnavailable: reads may be old.
    """
    if greeting.is_standby:
        raise DatabaseUnavailable(STANDBY)
