"""Environments for tests of the Lab: on fakes that tests hold still, and on real servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fakes import FakeCache, FakeTable, ManualClock
from serving import serving

from tui.lab.environment import LabEnvironment, open_environment
from tui.runtime.clock import SystemClock


class FakeEnvironment:
    """An environment on fakes: twenty users, and time that stands still."""

    def __init__(self) -> None:
        """Fill the table."""
        self.clock = ManualClock()
        self.cache = FakeCache(self.clock)
        self.table = FakeTable({id: {"id": id, "name": f"user {id}"} for id in range(1, 21)})

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[LabEnvironment]:
        """Open it."""
        async with open_environment(self.cache, self.table, self.clock, seed=1) as lab:
            yield lab


@asynccontextmanager
async def real_environment(url: str, path: Path) -> AsyncIterator[LabEnvironment]:
    """Open an environment on that cache and that file."""
    async with (
        serving(url, path) as services,
        open_environment(services.cache, services.table, SystemClock(), seed=1) as lab,
    ):
        yield lab
