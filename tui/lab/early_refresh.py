"""A hot key at the end of its copy: somebody waits, unless it was refreshed before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tui.lab.environment import LabEnvironment
from tui.lab.load import Load
from tui.lab.popularity import Uniform
from tui.lab.samples import Controls, Counts, Sample
from tui.lab.scenario import Measure, Show, Side, Verdict

STEPS = 3
"""Of how many steps of the cache's clock a life consists at the least."""


@dataclass(frozen=True, slots=True)
class EarlyRefresh:
    """Readers of one hot key over some of its lives, without early refresh and with it."""

    readers: int = 50
    """How many ask for it."""
    rate: float = 400.0
    """How often a second."""
    ttl: float = 1.0
    """For how long its copy is fresh, in seconds; longer where the cache counts in such."""
    lives: int = 4
    """For how many ttls they go on."""
    delay: float = 0.1
    """What is added to the time of the database, in seconds."""

    NAME: ClassVar[str] = "early-refresh"
    TITLE: ClassVar[str] = "Early refresh"
    SIDES: ClassVar[int] = 2
    MEASURES: ClassVar[Sequence[Measure]] = (
        Measure("waited", "lookups that waited"),
        Measure("wait_p50_ms", "half of those waited, ms"),
        Measure("hit_p99_ms", "99% of the hits within, ms"),
        Measure("database_reads", "database reads", "db"),
        Measure("errors", "without an answer", "error"),
    )

    @property
    def question(self) -> str:
        """What it asks."""
        return f"A hot key is read {self.rate:g} times a second. Who waits when its copy ends?"

    @property
    def seconds(self) -> float:
        """About how long a side takes."""
        return self.ttl * self.lives

    def verdict(self, sides: Sequence[Side]) -> Verdict:
        """Give how many lookups waited."""
        waited = [int(side.numbers["waited"]) for side in sides]
        return Verdict(
            waited[0], waited[-1], "answers that waited",
            f"{waited[-1]:,} waited instead of {waited[0]:,}",
            held=waited[-1] == 0 < waited[0],
        )  # fmt: skip

    @property
    def before(self) -> str:
        """One sentence: what will be seen."""
        return (
            f"One hot key is read {self.rate:g} times a second for {self.lives} lives of"
            f" {self.ttl:g} s ({STEPS} s where the cache counts in seconds): without early"
            " refresh readers wait for the database each time it"
            " expires; with it one of them has it refreshed before, and nobody waits."
        )

    async def run(self, lab: LabEnvironment, show: Show) -> str:
        """Read twice: without early refresh, and with it."""
        totals: list[Counts] = []
        for name, early in (("without early refresh", False), ("early refresh", True)):
            total = await self._read(lab, early=early)
            totals.append(total.counts)
            show(_side(name, total))
        waited = [total.lookups - total.hits for total in totals]
        return (
            f"{waited[0]:,} of {totals[0].lookups:,} lookups waited for the database without"
            f" early refresh, {waited[1]:,} of {totals[1].lookups:,} with it, for"
            f" {totals[0].database_reads:,} and {totals[1].database_reads:,} database reads."
        )

    async def _read(self, lab: LabEnvironment, *, early: bool) -> Sample:
        ttl = max(self.ttl, STEPS * lab.cache.ttl_step)
        controls = Controls(
            readers=self.readers, keys=1, popularity=Uniform(), rate=self.rate,
            ttl=ttl, jitter=0.0, early_refresh=early, delay=self.delay,
        )  # fmt: skip
        part = "early" if early else "late"
        load = Load(lab, controls, lambda _: None, grace=ttl, part=part)
        lab.table.delay = self.delay
        (id,) = await lab.keys(1)
        await load.service.look_up(id)  # the first of all lookups waits in any case
        return await load.run(ttl * self.lives)


def _side(name: str, total: Sample) -> Side:
    counts = total.counts
    waited = counts.lookups - counts.hits
    return Side(
        name,
        {
            "lookups": counts.lookups,
            "waited": waited,
            # Hits that find one under way ask for it too; each other read had somebody wait.
            "refreshes": max(0, counts.database_reads - (waited - counts.shared)),
            "database_reads": counts.database_reads,
            "hit_p99_ms": total.hit.p99 * 1000 if total.hit else 0.0,
            "wait_p50_ms": total.db.p50 * 1000 if total.db else 0.0,
            "errors": counts.errors,
        },
    )
