"""One connection to a server of MySQL: it runs one statement at a time.

Of asyncmy two private parts are used, which tests/unit/database/mysql/test_private_parts.py
lists: `Connection._result`, the rows of a statement that was not prepared, since a cursor costs
more and says warnings aloud; and `Connection._stream_broken`, whether the server has ended the
connection meanwhile, since a write must not be sent into nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias

from asyncmy.cursors import SSCursor
from asyncmy.errors import MySQLError

from tui.database.mysql import failures
from tui.database.mysql.cells import Cells
from tui.database.mysql.literals import filled_in
from tui.database.mysql.query import MysqlQuery, WalkQuery
from tui.database.mysql.server import ServerFacts
from tui.database.mysql.walk import Walk
from tui.database.sql.pool import ConnectionLost
from tui.database.sql.query import Query, Row
from tui.runtime.errors import ChangeRefused

MOST_PREPARED: Final = 32
"""Statements that one connection keeps prepared."""
MOST_SEEN: Final = 256
"""Statements of which it is remembered that they were run once."""
ROWS_AT_ONCE: Final = 500
CLOSE_SECONDS: Final = 0.5
KILL_SECONDS: Final = 1.0
NEVER_PREPARED: Final = frozenset({1295, 1461})
"""The server prepares no such statement, or none at all any more."""
UNPREPARED: Final = NEVER_PREPARED | {1243, 1615}
"""Or it no longer knows what it prepared. In each case nothing was run."""
ENDED: Final = "the connection to the database ended"
Kill: TypeAlias = Callable[[ServerFacts], Awaitable[None]]
"""Ends the statement that runs on that connection of that server, over another."""


class MysqlChannel:
    """Runs statements on a connection that nobody else uses."""

    def __init__(self, connection: Any, server: ServerFacts, kill: Kill | None = None) -> None:
        """Run statements on `connection`, which leads to `server`; close it in the end."""
        self.server = server
        self._connection = connection
        self._kill = kill
        self._at_rest = True
        self._prepares = True
        self._prepared: dict[str, Any] = {}
        self._seen: set[str] = set()
        self._walk = Walk(self.run)
        self._is_too_long = server.longest_statement

    @property
    def usable(self) -> bool:
        """Whether it is open and at rest, as far as can be seen without asking."""
        return self._at_rest and not self._connection._stream_broken

    async def run(self, query: Query) -> tuple[int, list[Row]]:
        """Run a statement; return how many rows it matched, and those that it gave."""
        if not self._at_rest:
            raise ConnectionLost(ENDED)
        self._at_rest = False
        try:
            result = await self._result_of(query)
        except failures.RAISED as error:
            self._at_rest = not failures.breaks(error)
            keys = query.keys if isinstance(query, MysqlQuery) else None
            raise failures.of_statement(error, keys) from error
        self._at_rest = True
        rows = result.rows or ()
        if isinstance(query, MysqlQuery) and query.cells:
            return result.affected_rows, _made(rows, query.cells)
        return result.affected_rows, list(rows)

    async def named(self, query: Query) -> list[dict[str, Any]]:
        """Run a query whose columns are known by their names alone; return its rows.

        Raises:
            DatabaseUnavailable, ChangeRefused: as for run.
        """
        _, rows = await self.run(query)
        described = self._connection._result.description or ()
        names = [str(one[0]) for one in described]
        return [dict(zip(names, row, strict=True)) for row in rows]

    async def stream(self, query: Query, take: Callable[[Row], Any]) -> None:
        """Run a query, and call `take` with each row when it comes."""
        if isinstance(query, WalkQuery):
            await self._walk.over(query, take)
            return
        if not self._at_rest:
            raise ConnectionLost(ENDED)
        self._at_rest = False
        cells = query.cells if isinstance(query, MysqlQuery) else ()
        try:
            cursor = self._connection.cursor(SSCursor)
            await cursor.execute(filled_in(query.sql, query.parameters))  # type: ignore[arg-type]
            while rows := await cursor.fetchmany(ROWS_AT_ONCE):
                for row in _made(rows, cells) if cells else rows:
                    take(row)
                await asyncio.sleep(0)  # what has come already is given without a pause
        except failures.RAISED as error:
            self._at_rest = not failures.breaks(error)
            raise failures.of_statement(error) from error
        self._at_rest = True

    async def begin(self) -> None:
        """Begin a transaction."""
        await self.run(Query("START TRANSACTION"))

    async def end(self, *, commit: bool) -> None:
        """End the transaction."""
        await self.run(Query("COMMIT" if commit else "ROLLBACK"))

    async def cancel(self) -> None:
        """Let the server end the statement that runs, over another connection.

        What is killed late may end the next statement, so this is the connection's last one.
        """
        if await self._walk.has_ended():
            return
        running = not self._at_rest
        self._at_rest = False
        if running and self._kill is not None:
            await self._kill(self.server)

    async def end_statement(self, connection: int) -> None:
        """End the statement that runs on another connection of the same user.

        Raises:
            DatabaseUnavailable: the server does not do it.
        """
        await self.run(Query(f"KILL QUERY {connection:d}"))

    async def aclose(self) -> None:
        """End the connection."""
        is_whole = self._at_rest
        self._at_rest = False
        try:
            if is_whole:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._connection.ensure_closed()
        except (TimeoutError, *failures.RAISED):
            pass
        finally:
            self._connection.close()

    async def _result_of(self, query: Query) -> Any:
        """Run a statement: prepared, where it was run before and will be again."""
        if query.often and self._prepares:
            if query.sql in self._seen:
                try:
                    return await self._by_preparing(query.sql, query.parameters)
                except MySQLError as error:
                    if failures.number_of(error) not in UNPREPARED:
                        raise
                    self._prepares = failures.number_of(error) not in NEVER_PREPARED
                    self._prepared.pop(query.sql, None)
            else:
                self._remember(query.sql)
        sql = filled_in(query.sql, query.parameters).encode()  # type: ignore[arg-type]
        if len(sql) >= self._is_too_long:  # the server would end the connection
            self._at_rest = True
            raise ChangeRefused(
                f"{len(sql):,} bytes are more than the server takes at once:"
                f" max_allowed_packet is {self._is_too_long:,}"
            )
        await self._connection.query(sql)
        return self._connection._result

    async def _by_preparing(self, sql: str, parameters: Sequence[Any]) -> Any:
        prepared = self._prepared.get(sql)
        if prepared is None:
            if len(self._prepared) >= MOST_PREPARED:
                oldest = next(iter(self._prepared))
                await self._prepared.pop(oldest).close()
            prepared = self._prepared[sql] = await self._connection.prepare(sql)
        return await prepared.execute(parameters)

    def _remember(self, sql: str) -> None:
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen.add(sql)


def _made(rows: Iterable[Sequence[Any]], cells: Cells) -> list[Row]:
    """Return rows with what our own values are in the places of those that came."""
    made: list[Row] = []
    for row in rows:
        values = list(row)
        for place, cell in cells:
            value = values[place]
            if value is not None:
                values[place] = cell(value)
        made.append(values)
    return made
