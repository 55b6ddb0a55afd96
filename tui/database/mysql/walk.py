"""A whole table, read stretch by stretch in the order of its key.

A server sends what it has found when a buffer is full, or at the end of a statement: where a
search is stopped for taking too long, what was found by then would be lost.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from tui.database.mysql.query import MysqlQuery, WalkQuery
from tui.database.sql.query import Query, Row

FIRST_ROWS: Final = 2_000
MOST_ROWS: Final = 100_000
STRETCH_SECONDS: Final = 0.02
"""How long it takes to read a stretch, about: they are made so long."""
LONGEST_SECONDS: Final = 0.1
"""How long the end of a stretch is waited for."""
SHORTEST_SECONDS: Final = 0.001
Run: TypeAlias = Callable[[Query], Awaitable[tuple[int, list[Row]]]]


class Walk:
    """Reads tables on one connection, one at a time."""

    def __init__(self, run: Run) -> None:
        """Read by statements that `run` runs."""
        self._run = run
        self._stretch: asyncio.Future[Any] | None = None

    async def over(self, query: WalkQuery, take: Callable[[Row], Any]) -> None:
        """Call `take` with each row that is found; who is cancelled leaves a stretch running.

        Raises:
            DatabaseUnavailable: no answer.
        """
        end: Any = None
        rows, taken = FIRST_ROWS, 0
        while taken < query.limit:
            began = time.monotonic()
            work = self._stretch = asyncio.ensure_future(
                self._read(query, end, rows, query.limit - taken)
            )
            end, count, found = await asyncio.shield(work)
            self._stretch = None
            for row in found:
                take(row)
            if count < rows:
                return
            taken += len(found)
            seconds = max(time.monotonic() - began, SHORTEST_SECONDS)
            wanted = int(rows * STRETCH_SECONDS / seconds)
            rows = max(FIRST_ROWS, min(MOST_ROWS, wanted))

    async def has_ended(self) -> bool:
        """Tell whether a stretch that was left running ends soon; False where none was."""
        work, self._stretch = self._stretch, None
        if work is None:
            return False
        await asyncio.wait([work], timeout=LONGEST_SECONDS)
        if work.done():
            work.exception()
        else:
            work.add_done_callback(lambda late: late.exception())
        return work.done()

    async def _read(
        self, query: WalkQuery, end: Any, rows: int, limit: int
    ) -> tuple[Any, int, list[Row]]:
        """Return the last key of the stretch behind `end`, its rows, and what was found."""
        after, bound = ("TRUE", ()) if end is None else (query.after, (end,))
        _, ((last, count),) = await self._run(
            Query(f"{query.ends}{after}{query.in_order}{rows:d}) AS stretch", bound)
        )
        if not count:
            return last, 0, []
        _, found = await self._run(
            MysqlQuery(
                f"{query.sql}{after} AND {query.until}{query.asked}{limit:d}",
                (*bound, last, *query.parameters),
                cells=query.cells,
            )
        )
        return last, int(count), found
