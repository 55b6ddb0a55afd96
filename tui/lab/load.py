"""A load: readers that ask for records, and sometimes write one, at a rate or as they can."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.lab.environment import LabEnvironment
from tui.lab.samples import Controls, Meter, Sample
from tui.lab.table import VERSION
from tui.models import Key, Outcome
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

if TYPE_CHECKING:
    from tui.lab.naive_cache_aside import Pattern

SAMPLE_SECONDS = 1.0
NAP_SECONDS = 0.1
"""How long anybody sleeps at most, before seeing whether the controls are others by now."""
TIMER_SECONDS = 0.002
"""By how much a timer of the event loop may be late by itself."""


class Load:
    """Readers in an environment, which follow the controls while they run.

    At a fixed rate each lookup has a moment at which it is to begin, and its time counts from
    there, also when all readers are still busy with something slow: what those who wait
    meanwhile feel is not left out ('coordinated omission', G. Tene). Only when a reader was
    free, and merely its timer late, the time counts from where it began. As fast as possible
    there are no such moments, and a slow answer delays the next question.
    """

    def __init__(
        self,
        lab: LabEnvironment,
        controls: Controls,
        show: Callable[[Sample], None],
        *,
        grace: float = 30.0,
        negative_ttl: float = 10.0,
        part: str = "load",
    ) -> None:
        """Load what is in `lab`; `show` is called with each second's sample.

        Loads of one environment see each other's copies unless each is a `part` of its own.
        """
        self.controls = controls
        self._lab = lab
        self._clock = lab.clock
        self._show = show
        self._grace, self._negative_ttl = grace, negative_ttl
        lifetimes = controls.lifetimes(grace, negative_ttl)
        self.service = lab.service(part, lifetimes)
        """What the readers ask, unless they use the usual pattern."""
        self._pattern: Pattern = self.service
        self._usual = lab.naive_cache_aside(f"{part}-usual", lifetimes)
        self._keys: list[Key] = []
        self._acknowledged: dict[Key, int] = {}
        self._change = 0
        self._hired = 0
        self._reason: str | None = None
        self._refused: ChangeRefused | None = None
        self._over = False
        self._behind = 0.0

    async def run(self, seconds: float | None = None) -> Sample:
        """Run for that time, or until it is stopped; give what there was in all.

        Raises:
            ChangeRefused: there are no records to read, or a row cannot be written.
            DatabaseUnavailable: the keys of the records cannot be read.
        """
        self._keys = await self._lab.keys(self.controls.keys)
        began = self._clock.monotonic()
        self._meter = Meter(began)
        self._reads_before = self._lab.table.reads
        self._follow()
        end = None if seconds is None else began + seconds
        cut = began + SAMPLE_SECONDS
        async with asyncio.TaskGroup() as group:
            while not self._over and (end is None or self._clock.monotonic() < end):
                self._hire(group)
                until = cut if end is None else min(cut, end)
                wait = until - self._clock.monotonic()
                await self._clock.sleep(max(0.0, min(wait, NAP_SECONDS)))
                if self._clock.monotonic() >= cut:
                    self._cut()
                    cut += SAMPLE_SECONDS
            self._over = True
        if self._refused is not None:
            raise self._refused
        # What the readers still ended after the last second belongs to the totals.
        self._cut(shown=self._clock.monotonic() > cut - SAMPLE_SECONDS / 2)
        return replace(self._meter.total(), behind=self._behind)

    async def change(self, controls: Controls) -> None:
        """Go on under other controls, from now.

        Raises:
            ChangeRefused, DatabaseUnavailable: as in run; the old controls stay in force.
        """
        self._keys = await self._lab.keys(controls.keys)
        self.controls = controls
        self._follow()

    def stop(self) -> None:
        """Let each reader end what it is at, and then all of it."""
        self._over = True

    def _follow(self) -> None:
        """Do as the controls say."""
        controls = self.controls
        self._change += 1
        self._next = self._clock.monotonic()
        self._draw = controls.popularity.draw(controls.keys, self._lab.chance)
        self._lab.table.delay = controls.delay
        lifetimes = controls.lifetimes(self._grace, self._negative_ttl)
        self.service.lifetimes = self._usual.lifetimes = lifetimes
        self._pattern = self._usual if controls.usual else self.service

    def _hire(self, group: asyncio.TaskGroup) -> None:
        """Begin with readers that are missing; those that are too many go by themselves."""
        while self._hired < self.controls.readers:
            group.create_task(self._read(self._hired))
            self._hired += 1

    async def _read(self, number: int) -> None:
        while not self._over and number < self.controls.readers:
            began = await self._turn()
            if began is None:
                continue
            id = self._keys[self._draw()]
            if self._lab.chance.random() < self.controls.writes:
                await self._write(id)
            else:
                await self._look_up(id, began)
        self._hired -= 1

    async def _turn(self) -> float | None:
        """Wait for the next moment of the schedule; give from when the time counts.

        None when the controls are others by now.
        """
        rate, change = self.controls.rate, self._change
        if rate is None:
            await asyncio.sleep(0)  # an embedded cache never waits; others want their turn
            return self._clock.monotonic()
        start = self._next
        self._next += 1 / rate
        slept = False
        while (wait := start - self._clock.monotonic()) > 0:
            await self._clock.sleep(min(wait, NAP_SECONDS))
            if self._over or self._change != change:
                return None
            slept = True
        now = self._clock.monotonic()
        return now if slept and now - start <= TIMER_SECONDS else start

    async def _look_up(self, id: Key, began: float) -> None:
        wanted = self._acknowledged.get(id, 0)
        outcome = await self._pattern.look_up(id)
        outdated = _version(outcome, wanted) < wanted
        self._reason = outcome.reason or self._reason
        self._meter.answered(outcome, self._clock.monotonic() - began, outdated=outdated)

    async def _write(self, id: Key) -> None:
        try:
            result = await self._pattern.writer.update(id, {})
        except DatabaseUnavailable as error:
            self._reason = str(error)
            self._meter.counts.errors += 1
            return
        except ChangeRefused as error:  # as every further write would be
            self._refused, self._over = error, True
            return
        self._meter.counts.writes += 1
        version = (result.record or {}).get(VERSION)
        if isinstance(version, int):
            self._acknowledged[id] = max(version, self._acknowledged.get(id, 0))

    def _cut(self, *, shown: bool = True) -> None:
        now, reads = self._clock.monotonic(), self._lab.table.reads
        self._meter.counts.database_reads += reads - self._reads_before
        self._reads_before = reads
        behind = 0.0 if self.controls.rate is None else max(0.0, now - self._next)
        self._behind = behind
        sample = self._meter.cut(now, behind=behind, reason=self._reason)
        self._reason = None
        if shown:
            self._show(sample)


def _version(outcome: Outcome, otherwise: int) -> int:
    version = (outcome.record or {}).get(VERSION, otherwise)
    return version if isinstance(version, int) else otherwise
