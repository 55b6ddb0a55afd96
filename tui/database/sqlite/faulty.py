"""Statements that come late, or find no database, on purpose: on our connections alone."""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from tui.database.sqlite import file
from tui.database.sqlite.connection import Statements
from tui.models import Scalar
from tui.runtime.faults import Faults


class FaultyStatements:
    """What runs statements, unless the database is to be down."""

    def __init__(self, statements: Statements, path: Path, faults: Faults) -> None:
        """Run them through `statements`, which has the file at `path` open."""
        self._statements = statements
        self._path = path
        self._faults = faults

    async def execute_fetchall(
        self, sql: str, parameters: Sequence[Scalar | bytes]
    ) -> Iterable[sqlite3.Row]:
        """Run a statement; give its rows.

        Raises:
            sqlite3.Error: it failed, by a fault or of itself.
        """
        if self._faults.database_down:
            # Nothing can be opened below what is no folder: so SQLite itself says it.
            nowhere = file.uri(self._path / "down", read_only=True)
            sqlite3.connect(nowhere, uri=True).close()
        return await self._statements.execute_fetchall(sql, parameters)

    async def interrupt(self) -> None:
        """End the statement that runs."""
        await self._statements.interrupt()


async def be_late(faults: Faults) -> None:
    """Wait for as long as statements are to begin later.

    That is before SQLite holds a lock for them: whoever else uses the file waits for nothing.
    """
    if faults.database_latency:
        await asyncio.sleep(faults.database_latency)
