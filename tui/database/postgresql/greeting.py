"""What a new connection is asked first: whom it leads to, and whether that can be believed."""

from msgspec import Struct

from tui.database.postgresql.channel import PostgresqlChannel
from tui.database.postgresql.names import source
from tui.database.postgresql.table_schema import PostgresqlSchema
from tui.database.sql.query import Query
from tui.models import Caveat
from tui.runtime.errors import DatabaseUnavailable

STANDBY = (
    "the database is a hot standby, whose rows may be older than what was acknowledged: name"
    " the primary, or start with --read-only"
)
ASKED = """
SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.pg_backend_pid(),
  pg_catalog.current_setting('TimeZone'),
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


async def greeted(
    channel: PostgresqlChannel, schema: PostgresqlSchema, process: int, *, read_only: bool
) -> Greeting:
    """Return what the server says at the other end; `process` is what it called itself.

    Raises:
        DatabaseUnavailable: it does not answer.
    """
    table = source(schema.namespace, schema.name)
    _, ((standby, pid, zone, switch, hidden, perhaps_hidden, lag),) = await channel.run(
        Query(ASKED, (table, schema.kind == "v"))
    )
    wanted = "on" if read_only else "off"
    caveats = []
    if standby:
        late = "an unknown time" if lag is None else f"{float(str(lag)):.1f} s"
        caveats.append(
            Caveat(
                "standby",
                f"the database is a standby, {late} behind when it was asked: rows may be older"
                " than what was acknowledged",
                outdated=True,
            )
        )
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
    pooled = pid != process or zone != "UTC" or switch != wanted
    return Greeting(tuple(caveats), bool(standby), pooled)


def check_may_write(greeting: Greeting) -> None:
    """Pass where the guarantee holds for whoever writes.

    Raises:
        DatabaseUnavailable: reads may be old.
    """
    if greeting.is_standby:
        raise DatabaseUnavailable(STANDBY)
