"""Many callers on one cold key: who reads the database for them?"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tui.lab.environment import LabEnvironment
from tui.lab.naive_cache_aside import Pattern
from tui.lab.scenario import Measure, Show, Side, Verdict, waits
from tui.models import Key
from tui.service.lifetimes import Lifetimes

MOST_CALLERS, MOST_PROCESSES = 10_000, 64


@dataclass(frozen=True, slots=True)
class Stampede:
    """The same crowd four times: in one service and in several, unprotected and protected."""

    callers: int = 1_000
    """How many ask at the same moment."""
    services: int = 4
    """How many services they are spread over: each is what a process of its own would have."""
    delay: float = 0.05
    """What is added to the time of the database, in seconds."""

    NAME: ClassVar[str] = "stampede"
    TITLE: ClassVar[str] = "Stampede"
    SIDES: ClassVar[int] = 4
    MEASURES: ClassVar[Sequence[Measure]] = (
        Measure("database_reads", "database reads", "db"),
        Measure("longest_ms", "last answer after, ms"),
        Measure("p50_ms", "half of them after, ms"),
        Measure("errors", "without an answer", "error"),
    )
    seconds: ClassVar[float] = 0.0

    @property
    def question(self) -> str:
        """What it asks."""
        return (
            f"{self.callers:,} callers ask for one record that is not cached. Who reads the"
            " database?"
        )

    def verdict(self, sides: Sequence[Side]) -> Verdict:
        """Give the reads by the usual pattern, and with the lease."""
        reads = [int(side.numbers["database_reads"]) for side in sides]
        return Verdict(
            reads[0], reads[-1], "database reads",
            f"{reads[-1]:,} read{'s' * (reads[-1] != 1)} instead of {reads[0]:,}",
            held=reads[1] == reads[-1] == 1,
        )  # fmt: skip

    @property
    def before(self) -> str:
        """One sentence: what will be seen."""
        return (
            f"{self.callers:,} callers ask for one record that is not cached: by the usual"
            " pattern each of them reads the database; with single-flight one does in each"
            " service, as each process of an application has one, with the lease one in all."
        )

    async def run(self, lab: LabEnvironment, show: Show) -> str:
        """Run the four crowds, one after the other."""
        (id,) = await lab.keys(1)
        lab.table.delay = self.delay
        lifetimes, many = Lifetimes(), range(self.services)
        crowds: list[tuple[str, Sequence[Pattern]]] = [
            ("usual pattern", [lab.naive_cache_aside("1", lifetimes)]),
            ("single-flight", [lab.service("2", lifetimes)]),
            (
                f"{self.services} services, no lease",
                [lab.naive_cache_aside("3", lifetimes, single_flight=True) for _ in many],
            ),
            (
                f"{self.services} services, lease",
                [lab.service("4", lifetimes) for _ in many],
            ),
        ]
        reads: list[int] = []
        failed = 0
        for name, services in crowds:
            side = await self._crowd(lab, name, services, id)
            reads.append(int(side.numbers["database_reads"]))
            failed += int(side.numbers["errors"])
            show(side)
        return (
            f"{self.callers:,} callers: {reads[0]:,} database reads by the usual pattern,"
            f" {reads[1]:,} with single-flight; from {self.services} services {reads[2]:,}"
            f" without the lease, {reads[3]:,} with it."
            + (f" {failed:,} callers got no answer in time." if failed else "")
        )

    async def _crowd(
        self, lab: LabEnvironment, name: str, services: Sequence[Pattern], id: Key
    ) -> Side:
        before, began = lab.table.reads, lab.clock.monotonic()
        callers = (services[number % len(services)] for number in range(self.callers))
        outcomes = await asyncio.gather(*(service.look_up(id) for service in callers))
        took = lab.clock.monotonic() - began
        return Side(
            name,
            {
                "callers": self.callers,
                "database_reads": lab.table.reads - before,
                "answers_shared": sum(outcome.flags.coalesced for outcome in outcomes),
                "took_ms": took * 1000,
                **waits(
                    (outcome.seconds for outcome in outcomes),
                    Counter(outcome.label for outcome in outcomes),
                ),
            },
        )
