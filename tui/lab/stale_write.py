"""The race that leaves an old record in the cache, step by step, and how it is kept out."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tui.lab.environment import LabEnvironment
from tui.lab.naive_cache_aside import Pattern
from tui.lab.scenario import Measure, Show, Side, Verdict
from tui.lab.table import VERSION, Gate
from tui.models import Filled, Key, Outcome, Step, Target
from tui.runtime.plain_text import plain
from tui.service.lifetimes import Lifetimes


@dataclass(frozen=True, slots=True)
class StaleWrite:
    """A read, a write in its midst, and what later lookups are told; twice."""

    lookups: int = 10
    """How many ask afterwards."""

    NAME: ClassVar[str] = "stale-write"
    TITLE: ClassVar[str] = "Stale write"
    SIDES: ClassVar[int] = 2
    MEASURES: ClassVar[Sequence[Measure]] = (
        Measure("outdated_answers", "outdated answers after the write", "warning"),
        Measure("fills_refused", "old records that were refused"),
    )
    delay: ClassVar[float] = 0.0
    seconds: ClassVar[float] = 0.0

    @property
    def question(self) -> str:
        """What it asks."""
        return "A row is changed between a reader's read and its store. What is cached then?"

    def verdict(self, sides: Sequence[Side]) -> Verdict:
        """Give how many lookups got the old record."""
        old = [int(side.numbers["outdated_answers"]) for side in sides]
        return Verdict(
            old[0], old[-1], "outdated answers",
            f"{old[-1]:,} outdated instead of {old[0]:,}",
            held=old[-1] == 0 < old[0],
        )  # fmt: skip

    @property
    def before(self) -> str:
        """One sentence: what will be seen."""
        return (
            "A reader reads the row, a writer changes it and deletes the copy, and only then"
            " the reader stores what it read: by the usual pattern the old record is given for"
            " a whole ttl; with the lease it cannot be stored, and the next lookup reads again."
        )

    async def run(self, lab: LabEnvironment, show: Show) -> str:
        """Let the race happen twice: by the usual pattern, and by the service."""
        (id,) = await lab.keys(1)
        lab.table.delay = 0.0
        sides = [
            await self._race(
                lab, "usual pattern", lab.naive_cache_aside("usual", Lifetimes()), id
            ),
            await self._race(lab, "lease", lab.service("lease", Lifetimes()), id),
        ]
        for side in sides:
            show(side)
        outdated = [side.numbers["outdated_answers"] for side in sides]
        return (
            f"After the write {outdated[0]} of {self.lookups} lookups got the old record by the"
            f" usual pattern, {outdated[1]} with the lease"
            f" ({sides[1].numbers['fills_refused']} fill refused)."
        )

    async def _race(self, lab: LabEnvironment, name: str, pattern: Pattern, id: Key) -> Side:
        table = lab.table
        gate = table.gate = Gate()
        reader = asyncio.create_task(pattern.look_up(id))
        reached = asyncio.create_task(gate.reached.wait())
        try:
            # A reader whose read fails never comes to the gate.
            await asyncio.wait([reader, reached], return_when=asyncio.FIRST_COMPLETED)
            table.gate = None
            write = await pattern.writer.update(id, {})
        finally:
            table.gate = None
            gate.opened.set()
            reached.cancel()
            held = await reader
        version = (write.record or {}).get(VERSION)
        later = [await pattern.look_up(id) for _ in range(self.lookups)]
        old = sum((outcome.record or {}).get(VERSION) != version for outcome in later)
        return Side(
            name,
            {
                "fills_refused": int(held.flags.filled is Filled.REFUSED),
                "lookups_after_the_write": len(later),
                "outdated_answers": old,
            },
            moments=_moments(held, write.steps, later[0]),
        )


def _moments(held: Outcome, write: Sequence[Step], first: Outcome) -> list[str]:
    """Give in order: the reader up to its read, the writer, the reader's store, the next."""
    read = next((n for n, step in enumerate(held.steps) if step.target is Target.DATABASE), -1)
    version = (held.record or {}).get(VERSION)
    return [
        *(_moment("reader", step) for step in held.steps[: read + 1] if not step.minor),
        f"reader holds version {version}, and is held up",
        *(_moment("writer", step) for step in write),
        *(_moment("reader", step) for step in held.steps[read + 1 :]),
        f"next lookup: {first.label}, version {(first.record or {}).get(VERSION)}",
    ]


def _moment(who: str, step: Step) -> str:
    return f"{who}: {plain(step.command, 200)} → {plain(step.result, 200)}"
