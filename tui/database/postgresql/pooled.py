"""A connection behind a pooler such as PgBouncer, which may lead each transaction elsewhere.

Nothing outlives a transaction there: no setting and no prepared statement. So each statement
goes in a transaction of its own with its settings, all in one trip, and each time the server is
asked whether it is a standby: the pooler's connections outlive a failover.
"""

from collections.abc import Callable, Iterable
from typing import Any

from psycopg import pq

from tui.database.postgresql import failures
from tui.database.postgresql.cells import bound, cell_of
from tui.database.postgresql.channel import ENDED, PostgresqlChannel, row_of
from tui.database.postgresql.greeting import STANDBY
from tui.database.sql.pool import ConnectionLost
from tui.database.sql.query import Query, Row
from tui.runtime.errors import DatabaseUnavailable


class PooledChannel(PostgresqlChannel):
    """Runs each statement as a transaction of its own."""

    prepares = False

    async def run(self, query: Query) -> tuple[int, list[Row]]:
        """Run a statement; return how many rows it matched, and those that it gave."""
        rows: list[Row] = []
        count = await self._transaction(query, rows.append)
        return count or len(rows), rows

    async def stream(self, query: Query, take: Callable[[Row], Any]) -> None:
        """Run a query, and call `take` with each row; they come together."""
        await self._transaction(query, take)

    async def _transaction(self, query: Query, take: Callable[[Row], Any]) -> int:
        results: list[pq.abc.PGresult] = []
        await self._send(lambda: self._send_all(query), results.append)
        self._pgconn.exit_pipeline_mode()
        if not results or results[-1].status != pq.ExecStatus.PIPELINE_SYNC:
            raise ConnectionLost(ENDED)
        for result in results:
            if result.status == pq.ExecStatus.FATAL_ERROR:
                raise failures.of_result(result)
        _, told, result, *_ = results
        if self._writes and told.get_value(0, 0) == b"t":
            raise DatabaseUnavailable(STANDBY)
        cells = [cell_of(result.ftype(place)) for place in range(result.nfields)]
        for number in range(result.ntuples):
            take(row_of(result, number, cells))
        return result.command_tuples or 0

    @property
    def _writes(self) -> bool:
        return self._settings["default_transaction_read_only"] == "off"

    def _send_all(self, query: Query) -> None:
        send = self._pgconn.send_query_params
        self._pgconn.enter_pipeline_mode()
        send(b"BEGIN READ WRITE" if self._writes else b"BEGIN READ ONLY", None)
        send(_with_settings(len(self._settings)), _named(self._settings.items()))
        send(query.sql.encode(), [bound(value) for value in query.parameters])
        send(b"COMMIT", None)
        self._pgconn.pipeline_sync()

    def _is_end(self, result: pq.abc.PGresult | None) -> bool:
        """Tell whether that was the last of a trip: a sync, in a pipeline."""
        return result is not None and result.status == pq.ExecStatus.PIPELINE_SYNC


def _with_settings(count: int) -> bytes:
    """Return the statement that sets so many settings, for this transaction."""
    calls = (
        f"pg_catalog.set_config(${2 * place + 1}, ${2 * place + 2}, true)"
        for place in range(count)
    )
    return f"SELECT pg_catalog.pg_is_in_recovery(), {', '.join(calls)}".encode()


def _named(settings: Iterable[tuple[str, str]]) -> list[bytes | None]:
    return [text.encode() for pair in settings for text in pair]
