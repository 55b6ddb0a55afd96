"""A laboratory in a test's hands, in the place of a process of its own."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from tui.lab.latencies import Percentiles
from tui.lab.samples import Counts, Sample
from tui.runtime.errors import ExperimentFailed

SAMPLE = Sample(
    1.0, 1.0, Counts(lookups=500, hits=450, database_reads=40, shared=10),
    Percentiles(0.0005, 0.001, 0.002, 0.004), Percentiles(0.021, 0.025, 0.03, 0.04),
)  # fmt: skip


class FakeLaboratory:
    """Experiments that tell what the test wants, when it wants."""

    def __init__(self) -> None:
        """Begin with nothing started."""
        self.started: list[Mapping[str, Any]] = []
        self.told: list[Mapping[str, Any]] = []
        self.stopped = 0
        self.ended = 0
        self._messages: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()

    @asynccontextmanager
    async def experiment(self, what: Mapping[str, Any]) -> AsyncIterator["FakeLaboratory"]:
        """Start one."""
        self.started.append(what)
        self._messages = asyncio.Queue()
        try:
            yield self
        finally:
            self.ended += 1

    async def aclose(self) -> None:
        """Have nothing left to wait for."""

    def tells(self, **message: object) -> None:
        """Let the experiment tell that."""
        self._messages.put_nowait(message)

    def tell(self, message: Mapping[str, Any]) -> None:
        """Take it in."""
        self.told.append(message)

    def stop(self) -> None:
        """End with the total."""
        self.stopped += 1
        total = replace(SAMPLE, counts=Counts(lookups=1234)).to_json()
        self.tells(end=total if "load" in self.started[-1] else "stopped")

    async def messages(self) -> AsyncGenerator[Mapping[str, Any], None]:
        """Give what is told."""
        while True:
            message = await self._messages.get()
            if "failed" in message:
                raise ExperimentFailed(str(message["failed"]))
            yield message
            if "end" in message:
                return
