"""The Lab screen on a laboratory in a test's hands, and what is read off it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from fakes import SCHEMA, TEMPLATE, Bench
from person import Person, person_at

from tui.controllers.session import Place
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


@asynccontextmanager
async def at_lab(
    laboratory: FakeLaboratory,
    *,
    embedded: bool = True,
    read_only: bool = False,
    size: tuple[int, int] = (80, 24),
    bench: Bench | None = None,
) -> AsyncIterator[Person]:
    """Go to the Lab screen of an explorer on fakes."""
    bench = bench or Bench()

    async def open_bench() -> Bench:
        return bench

    place = Place("shop.db", "redis://cache:6379", embedded=embedded)
    async with person_at(
        open_bench, schema=SCHEMA, template=TEMPLATE, read_only=read_only, place=place,
        clock=bench.clock, size=size, laboratory=laboratory,
    ) as person:  # fmt: skip
        await person.presses("escape", "4")
        yield person


LEFT = 32
"""Cells of the lists, at 80 columns."""
FRAME = "╭╮╰╯│─"


def row(person: Person, name: str) -> str:
    """Give what the lists have beside a name."""
    lines = (line[:LEFT].strip(f"{FRAME} ›▁▂▃▄▅▆▇█") for line in person.lines)
    return next(line for line in lines if line.startswith(name)).removeprefix(name).strip()


def load_state(person: Person) -> str:
    """Give how the load stands, from the edge of its frame."""
    return row(person, "load").strip(f"{FRAME} ")


def frames(person: Person) -> list[str]:
    """Give the edges and the rows beside the lists, each without frame and blanks."""
    lines = (line[LEFT:].strip(f"{FRAME} ") for line in person.lines[1:-1])
    return [" ".join(line.replace("─", " ").split()) for line in lines]


def seen(person: Person) -> str:
    """Give what stands beside the lists, as one line."""
    return " ".join(" ".join(frames(person)).split())
