"""Copies that were stored together and end together, and what the database feels of it."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter
from typing import ClassVar

from tui.lab.environment import LabEnvironment
from tui.lab.scenario import Measure, Show, Side, Verdict, waits
from tui.models import Key, Label
from tui.service.cache_aside import CacheAside
from tui.service.lifetimes import JITTER, Lifetimes
from tui.service.payload import encode

BATCH = 500
"""How many copies are stored in one trip."""
BIN_SECONDS = 0.1
LEAD_SECONDS = 2.0
"""How long after they are stored the first copies end: most of their life is over by then."""
MARGIN_SECONDS = 0.005
"""How long after its end a copy is asked for: the cache tells time in milliseconds."""


@dataclass(frozen=True, slots=True)
class Cliff:
    """A job that fills the cache at one go, and readers who want each record when it ends."""

    keys: int = 5_000
    """How many copies are stored."""
    ttl: float = 30.0
    """For how long they are fresh, in seconds."""
    jitter: float = JITTER
    """By what share of the ttl they live longer or shorter, the second time."""
    readers: int = 100
    """How many ask for what has ended, each for one record after the other."""
    delay: float = 0.02
    """What is added to the time of the database, in seconds."""

    NAME: ClassVar[str] = "cliff"
    TITLE: ClassVar[str] = "Expiry cliff"
    SIDES: ClassVar[int] = 2
    MEASURES: ClassVar[Sequence[Measure]] = (
        Measure("busiest_tenth_expiries", "copies that end within 0.1 s"),
        Measure("most_waiting_at_once", "lookups that wait at once"),
        Measure("longest_ms", "slowest answer, ms"),
        Measure("database_reads", "all database reads", "db"),
        Measure("errors", "without an answer", "error"),
    )

    @property
    def question(self) -> str:
        """What it asks."""
        return f"{self.keys:,} copies were stored at one time. What happens when they end?"

    @property
    def seconds(self) -> float:
        """About how long a side takes: the lead, and half of the time over which they end."""
        return LEAD_SECONDS + self.jitter * self.ttl

    def verdict(self, sides: Sequence[Side]) -> Verdict:
        """Give how many copies ended within a tenth of a second."""
        ended = [int(side.numbers["busiest_tenth_expiries"]) for side in sides]
        return Verdict(
            ended[0], ended[-1], "copies that end at once",
            f"{ended[-1]:,} end at once instead of {ended[0]:,}",
            held=2 * ended[-1] <= ended[0],
        )  # fmt: skip

    @property
    def before(self) -> str:
        """One sentence: what will be seen."""
        return (
            f"{self.keys:,} copies are stored as if that had been almost their ttl of"
            f" {self.ttl:g} s ago, and asked for again when they end: without jitter all of"
            f" them in one moment, with {self.jitter:.0%} jitter spread over"
            f" {2 * self.jitter * self.ttl:.1f} s."
        )

    async def run(self, lab: LabEnvironment, show: Show) -> str:
        """Fill and wait twice: without jitter, and with it."""
        lab.table.delay = self.delay
        ids = await lab.keys(self.keys)
        sides = []
        for part, jitter in (("even", 0.0), ("uneven", self.jitter)):
            lifetimes = Lifetimes(ttl=self.ttl, grace=self.ttl * 2, jitter=jitter, beta=0)
            service = lab.service(part, lifetimes)
            ends = await self._fill(lab, part, ids, lifetimes)
            name = f"{jitter:.0%} jitter" if jitter else "without jitter"
            sides.append(await self._ask(lab, service, name, ends))
            show(sides[-1])
        ended, waiting = (
            [side.numbers[name] for side in sides]
            for name in ("busiest_tenth_expiries", "most_waiting_at_once")
        )
        return (
            f"{self.keys:,} copies: {ended[0]:,} ended within a tenth of a second without"
            f" jitter, {ended[1]:,} with it; then {waiting[0]:,} and {waiting[1]:,} lookups"
            " waited at once."
        )

    async def _fill(
        self, lab: LabEnvironment, part: str, ids: Sequence[Key], lifetimes: Lifetimes
    ) -> dict[Key, float]:
        """Store all of them as if at one moment in the past; give when each ends, in order."""
        template, first = lab.template(part), self.ttl * (1 - lifetimes.jitter)
        began = lab.clock.monotonic() - max(0.0, first - LEAD_SECONDS)
        ends = {id: began + lifetimes.draw(lab.chance.uniform) for id in ids}
        for start in range(0, len(ids), BATCH):
            records = await lab.table.find_many(ids[start : start + BATCH])
            now = lab.clock.monotonic()
            entries = [
                (template.value_key(id), encode(record), ends[id] - now + lifetimes.grace)
                for id, record in records.items()
            ]
            await lab.cache.store(entries)
        return dict(sorted(ends.items(), key=itemgetter(1)))

    async def _ask(
        self, lab: LabEnvironment, service: CacheAside, name: str, ends: Mapping[Key, float]
    ) -> Side:
        """Ask for each record when its copy has ended; give what the database had to do."""
        clock, table = lab.clock, lab.table
        first = min(ends.values())
        begun: Counter[int] = Counter()
        answers: list[_Answer] = []
        wanted = iter(ends.items())

        async def read() -> None:
            for id, end in wanted:  # which the readers share
                start = end + MARGIN_SECONDS
                if (wait := start - clock.monotonic()) > 0:
                    await clock.sleep(wait)
                outcome = await service.look_up(id)
                while outcome.label is Label.HIT and outcome.ttl_left:
                    # It was stored a moment later than it was sent, and ends as much later.
                    start = clock.monotonic() + outcome.ttl_left + MARGIN_SECONDS
                    await clock.sleep(start - clock.monotonic())
                    outcome = await service.look_up(id)
                answers.append(_Answer(start, clock.monotonic(), outcome.label))

        before, table.on_read = (
            table.reads, lambda: begun.update([_tenth(clock.monotonic() - first)]),
        )  # fmt: skip
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.readers):
                    group.create_task(read())
        finally:
            table.on_read = None
        expiries = _series(Counter(_tenth(end - first) for end in ends.values()))
        labels = Counter(answer.label for answer in answers)
        return Side(
            name,
            {
                "copies": len(ends),
                "busiest_tenth_expiries": max(expiries),
                "most_waiting_at_once": _most_at_once(answers),
                "database_reads": table.reads - before,
                "stale": labels[Label.STALE],
                **waits((answer.end - answer.start for answer in answers), labels),
            },
            {"expiries": expiries, "reads": _series(begun)},
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    """When a record was wanted, when it came, and what the answer was."""

    start: float
    end: float
    label: Label


def _most_at_once(answers: Sequence[_Answer]) -> int:
    """Give the most that were waiting at any one time."""
    changes = sorted(
        [(answer.start, 1) for answer in answers] + [(answer.end, -1) for answer in answers]
    )
    return max(accumulate(change for _, change in changes))


def _tenth(seconds: float) -> int:
    return int(seconds / BIN_SECONDS)


def _series(counts: Counter[int]) -> list[int]:
    return [counts[number] for number in range(max(counts, default=-1) + 1)]
