"""Statements that come late, or find no database, on purpose: on our connections alone."""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from tui.database import file
from tui.database.connection import Statements
from tui.faults import Faults
from tui.models import Scalar


class FaultyStatements:
    """What runs statements, but for the faults that are on.

    A slow one is late before it begins, when SQLite holds no lock for it: whoever else uses
    the file waits for nothing.
    """

    def __init__(self, statements: Statements, path: Path, faults: Faults) -> None:
        """Run them through `statements`, which has the file at `path` open."""
        self._statements = statements
        self._path = path
        self._faults = faults
        self._late: asyncio.Event | None = None

    async def execute_fetchall(
        self, sql: str, parameters: Sequence[Scalar | bytes]
    ) -> Iterable[sqlite3.Row]:
        """Run a statement; give its rows.

        Raises:
            sqlite3.Error: it failed, by a fault or of itself.
        """
        if self._faults.database_latency:
            await self._be_late(self._faults.database_latency)
        if self._faults.database_down:
            # Nothing can be opened below what is no folder: so SQLite itself says it.
            nowhere = file.uri(self._path / "down", read_only=True)
            sqlite3.connect(nowhere, uri=True).close()
        return await self._statements.execute_fetchall(sql, parameters)

    async def interrupt(self) -> None:
        """End the statement that runs, or is late."""
        if self._late is not None:
            self._late.set()
        await self._statements.interrupt()

    async def _be_late(self, seconds: float) -> None:
        self._late = asyncio.Event()
        try:
            await asyncio.wait_for(self._late.wait(), seconds)
        except TimeoutError:
            return
        finally:
            self._late = None
        raise sqlite3.OperationalError("interrupted")
