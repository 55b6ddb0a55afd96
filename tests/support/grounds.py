"""Grounds for the tests of the Lab: on fakes that tests hold still, and on real servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fakes import FakeCache, FakeTable, ManualClock
from serving import serving

from tui.lab.ground import Ground, open_ground
from tui.runtime.clock import SystemClock


class FakeGround:
    """A ground on fakes: twenty users, and time that stands still."""

    def __init__(self) -> None:
        """Fill the table."""
        self.clock = ManualClock()
        self.cache = FakeCache(self.clock)
        self.table = FakeTable({id: {"id": id, "name": f"user {id}"} for id in range(1, 21)})

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Ground]:
        """Open it."""
        async with open_ground(self.cache, self.table, self.clock, seed=1) as ground:
            yield ground


@asynccontextmanager
async def real_ground(url: str, path: Path) -> AsyncIterator[Ground]:
    """Open a ground on that cache and that file."""
    async with (
        serving(url, path) as services,
        open_ground(services.cache, services.table, SystemClock(), seed=1) as ground,
    ):
        yield ground
