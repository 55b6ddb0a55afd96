"""A connection behind a pooler such as PgBouncer, which may lead each transaction elsewhere.

Nothing outlives a transaction there: no setting and no prepared statement. So each statement
goes in a transaction of its own with its settings, all in one trip, and each time the server is
asked whether it is a standby: the pooler's connections outlive a failover.
"""

from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from psycopg import pq

from tui.database.postgresql import failures
from tui.database.postgresql.cells import bound
from tui.database.postgresql.channel import ENDED, PostgresqlChannel, ignore
from tui.database.postgresql.query import columns_of
from tui.database.postgresql.settings import told
from tui.database.sql.pool import ConnectionLost
from tui.database.sql.query import Query, Row
from tui.runtime.errors import DatabaseUnavailable


class PooledChannel(PostgresqlChannel):
    """Runs each statement as a transaction of its own."""

    prepares = False

    def __init__(
        self,
        connection: "psycopg.AsyncConnection[Any]",
        settings: Mapping[str, str],
        *,
        primary_only: bool,
    ) -> None:
        """Run statements on `connection`; with `primary_only`, answer for no standby."""
        super().__init__(connection)
        self._settings = settings
        self._primary_only = primary_only
        self._standby: bool | None = None

    @property
    def is_standby(self) -> bool | None:
        """Whether the server that ran the latest statement is a standby."""
        return self._standby

    async def run(self, query: Query) -> tuple[int, list[Row]]:
        """Run a statement; return how many rows it matched, and those that it gave."""
        result = (await self._piped(query, Query("COMMIT")))[0]
        rows = self._rows.of(result)
        return result.command_tuples or len(rows), rows

    async def stream(self, query: Query, take: Callable[[Row], Any]) -> None:
        """Run a query, and call `take` with each row when it comes."""
        await self._piped()
        try:
            await super().stream(query, take)
        except DatabaseUnavailable:
            if self.usable:
                await self._roll_back()
            raise
        await self._roll_back()  # of what only read nothing is lost

    async def cancel(self) -> None:
        """Let the server end the statement that runs, and the transaction that it is in."""
        await super().cancel()
        if self.usable:
            self._pgconn.exit_pipeline_mode()
            await self._roll_back()

    async def _roll_back(self) -> None:
        """End a transaction that failed: of a pipeline nothing is run behind what fails."""
        if self._pgconn.transaction_status != pq.TransactionStatus.IDLE:
            await self._send(lambda: self._pgconn.send_query_params(b"ROLLBACK", None), ignore)

    async def _piped(self, *queries: Query) -> list[pq.abc.PGresult]:
        """Begin a transaction, run statements in it in the same trip; return what they give."""
        begin = "BEGIN READ WRITE" if self._writes else "BEGIN READ ONLY"
        statements = [
            (query.sql.encode(), [bound(value) for value in query.parameters])
            for query in (Query(begin), told(self._settings, local=True), *queries)
        ]

        def send() -> None:
            self._pgconn.enter_pipeline_mode()
            for sql, parameters in statements:
                self._pgconn.send_query_params(sql, parameters)
            self._pgconn.pipeline_sync()

        results: list[pq.abc.PGresult] = []
        await self._send(send, results.append)
        self._pgconn.exit_pipeline_mode()
        if not results or results[-1].status != pq.ExecStatus.PIPELINE_SYNC:
            raise ConnectionLost(ENDED)
        for result in results:
            if result.status == pq.ExecStatus.FATAL_ERROR:
                error = failures.of_result(result, columns_of(queries[0]) if queries else None)
                if isinstance(error, ConnectionLost):
                    self._end(str(error))
                else:
                    await self._roll_back()
                raise error
        self._standby = results[1].get_value(0, 0) == b"t"
        if self._standby and self._primary_only:
            await self._roll_back()
            raise DatabaseUnavailable(failures.STANDBY)
        return results[2:]

    @property
    def _writes(self) -> bool:
        return self._settings["default_transaction_read_only"] == "off"

    def _is_end(self, result: pq.abc.PGresult | None) -> bool:
        """Tell whether that was the last of a trip: a sync, in a pipeline."""
        if self._pgconn.pipeline_status == pq.PipelineStatus.OFF:
            return super()._is_end(result)
        return result is not None and result.status == pq.ExecStatus.PIPELINE_SYNC
