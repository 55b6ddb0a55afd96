"""The audit: every cached copy against the database, and nothing called drift too early."""

from collections import deque
from collections.abc import (
    AsyncGenerator,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from tui.audit.comparison import Comparison, Copy, Finding, compare, take_apart
from tui.audit.copy_mark import CopyMark, mark_of
from tui.audit.results import Certainty, Judgement, Progress
from tui.cache.port import Walker
from tui.database.port import Rows
from tui.models import Key
from tui.models.keys import KeyTemplate, is_reserved
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheNotUnderstood, CacheRefused, DatabaseUnavailable

BATCH_KEYS = 200
"""How many suspects are looked at again in one go."""
MOST_AT_ONCE = 500
"""How many copies are compared in one go; a trip of the cache brings fewer."""
SETTLE_SECONDS = 2.0
"""How long a mismatch has to stay the same before it is confirmed."""
MOST_CHECKS = 4
"""How often a copy is looked at that differs each time, but is a new one each time."""
MOST_SUSPECTS = 5_000
"""Beyond this many, the walk waits until some are settled."""
MOST_REMEMBERED = 100_000
"""How many keys are remembered, since a walk may give a key twice."""
ATTEMPTS, PAUSE_SECONDS = 3, 0.5
"""How often a batch is tried that got no answer from the database."""


@dataclass(frozen=True, slots=True)
class _Suspect:
    id: Key
    key: str
    due: float
    copy: CopyMark
    checks: int = 1


_Copy: TypeAlias = tuple[str, Key]
"""A key of the cache, and of what record it is the copy."""
_Look: TypeAlias = tuple[Comparison | None, CopyMark]
"""What was seen of one copy; no comparison where more than one row has its key."""


class Audit:
    """One run over all copies: first suspect, then confirmed when still so later.

    A write changes the row first and deletes the copy a moment after: who looks in between
    sees a mismatch that is none. So a mismatch is looked at again after SETTLE_SECONDS, and
    confirmed only if the very same copy is still there and still wrong. Memory is bounded:
    copies are read a trip at a time, and the walk waits while too many are suspect.
    """

    def __init__(
        self,
        walker: Walker,
        rows: Rows,
        template: KeyTemplate,
        clock: Clock,
        *,
        allow_no_expiry: bool = False,
    ) -> None:
        """Compare what `walker` finds under the template's keys with `rows`.

        With `allow_no_expiry` a copy that is right may live for ever.
        """
        self._walker = walker
        self._patient = walker.patient()
        self._rows = rows
        self._template = template
        self._clock = clock
        self._suspects: deque[_Suspect] = deque()
        self._at_once = MOST_AT_ONCE
        """How many copies are compared in one go; the fewer, the longer their rows are."""
        self._seen: set[int] = set()
        allowed = {Finding.SAME, *([Finding.NO_EXPIRY] if allow_no_expiry else [])}
        self.progress = Progress(allowed=frozenset(allowed))
        """How far it has come."""

    async def run(self) -> AsyncGenerator[list[Judgement], None]:
        """Give what was found, batch by batch; each batch is a moment to show progress.

        A suspect comes again when it is settled. Empty batches come too.

        Raises:
            CacheError, DatabaseUnavailable: no answer for several seconds. What is in
                `progress` was found until then.
        """
        with suppress(CacheRefused, CacheNotUnderstood):
            self.progress.total = await self._patient.count()
        integer = self._rows.schema.id_is_integer
        async for batch in self._patient.scan(self._template):
            wanted = self._wanted(batch, integer=integer)
            self.progress.steps += 1
            async for looks in self._look_at(list(wanted.items())):
                yield self._first_look(looks)
            while self._suspects and (
                len(self._suspects) > MOST_SUSPECTS
                or self._suspects[0].due <= self._clock.monotonic()
            ):
                async for judgements in self._look_again():
                    yield judgements
            yield []
        while self._suspects:
            async for judgements in self._look_again():
                yield judgements

    async def compare_one(self, id: Key) -> Comparison:
        """Give one record as cache and database have it right now.

        Raises:
            CacheError, DatabaseUnavailable: no answer, or more than one row has that key.
        """
        key = self._template.value_key(id)
        ((comparison, _),) = await self._compare([(key, id)], self._walker, whole=True)
        if comparison is None:
            raise DatabaseUnavailable(
                f"more than one row has the key {id!r}; name a unique column with --id-column"
            )
        return comparison

    def _wanted(self, batch: Iterable[str], *, integer: bool) -> dict[str, Key]:
        """Give the keys that were not seen before, with what they are the copies of."""
        wanted: dict[str, Key] = {}
        for key in batch:
            if is_reserved(key) or not self._is_new(key):
                continue
            id = self._template.id_of(key, integer=integer)
            if id is None:
                self.progress.skipped += 1
            else:
                wanted[key] = id
        return wanted

    def _first_look(self, looks: list[_Look]) -> list[Judgement]:
        judgements = []
        for comparison, mark in looks:
            if comparison is None:
                self.progress.doubled += 1
                continue
            if comparison.finding is None:  # gone since the walk has found it
                continue
            if comparison.finding is Finding.NOT_COMPARED:
                self.progress.pass_over(comparison, refused=mark.refused)
                judgements.append(Judgement(comparison))
                continue
            self.progress.compared += 1
            if comparison.finding in self.progress.allowed:
                self.progress.counts[comparison.finding] += 1
                judgements.append(Judgement(comparison))
                continue
            self._suspect(comparison, mark, checks=1)
            judgements.append(Judgement(comparison, Certainty.SUSPECT))
        return judgements

    async def _look_again(self) -> AsyncGenerator[list[Judgement], None]:
        """Settle the suspects whose time has come; wait for the first of them if need be."""
        first = self._suspects[0].due - self._clock.monotonic()
        if first > 0:
            await self._clock.sleep(first)
        now = self._clock.monotonic()
        due: list[_Suspect] = []
        while self._suspects and self._suspects[0].due <= now and len(due) < BATCH_KEYS:
            due.append(self._suspects.popleft())
        suspects = iter(due)
        async for looks in self._look_at([(suspect.key, suspect.id) for suspect in due]):
            judgements = []
            for (comparison, mark), suspect in zip(looks, suspects, strict=False):
                if comparison is None:
                    self.progress.doubled += 1
                    continue
                certainty = self._judge(suspect, comparison, mark)
                judgements.append(Judgement(comparison, certainty))
            self.progress.suspects = len(self._suspects)
            yield judgements

    def _judge(self, suspect: _Suspect, comparison: Comparison, mark: CopyMark) -> Certainty:
        finding = comparison.finding
        if finding is Finding.NOT_COMPARED:
            self.progress.pass_over(comparison, refused=mark.refused)
            self.progress.compared -= 1
            return Certainty.UNSETTLED
        if finding is None or finding in self.progress.allowed:
            self.progress.resolved += 1
            self.progress.counts.update([finding] if finding else [])
            return Certainty.RESOLVED
        if suspect.copy.is_same(mark):
            self.progress.counts[finding] += 1
            return Certainty.CONFIRMED
        if suspect.checks >= MOST_CHECKS:
            self.progress.unsettled += 1
            return Certainty.UNSETTLED
        self._suspect(comparison, mark, checks=suspect.checks + 1)
        return Certainty.SUSPECT

    def _suspect(self, comparison: Comparison, mark: CopyMark, *, checks: int) -> None:
        due = self._clock.monotonic() + SETTLE_SECONDS
        self._suspects.append(_Suspect(comparison.id, comparison.key, due, mark, checks))
        self.progress.suspects = len(self._suspects)

    async def _look_at(self, wanted: Sequence[_Copy]) -> AsyncGenerator[list[_Look], None]:
        """Compare all of them, part by part, each no more than one trip of the cache brings."""
        while wanted:
            looks = await self._patiently(wanted)
            wanted = wanted[len(looks) :]
            yield looks

    async def _patiently(self, wanted: Sequence[_Copy]) -> list[_Look]:
        """Compare, and try again when the database gives no answer."""
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._compare_some(wanted)
            except DatabaseUnavailable:
                await self._clock.sleep(PAUSE_SECONDS)
        return await self._compare_some(wanted)

    async def _compare_some(self, wanted: Sequence[_Copy]) -> list[_Look]:
        """Compare the first of them, as many as the length of their rows allows."""
        some = wanted[: self._at_once]
        looks = await self._compare(some, self._patient)
        self._at_once = len(looks) if len(looks) < len(some) else 2 * self._at_once
        self._at_once = min(self._at_once, MOST_AT_ONCE)
        return looks

    async def _compare(
        self, wanted: Sequence[_Copy], walker: Walker, *, whole: bool = False
    ) -> list[_Look]:
        """Compare the first of them, on the columns that each copy has or on `whole` rows."""
        copies = await walker.read([key for key, _ in wanted])
        now = self._clock.monotonic()
        taken = [take_apart(cached) for cached in copies]
        columns = None if whole else {name for copy in taken for name in _names(copy)}
        rows = await self._rows.find_part([id for _, id in wanted[: len(copies)]], columns)
        schema = self._rows.schema
        looks: list[_Look] = []
        for (key, id), cached, copy in zip(wanted[: len(rows)], copies, taken, strict=False):
            alike = rows.get(id, ())
            row = alike[0] if alike else None
            if row is not None and not whole:  # the columns of others are no part of it
                named = _names(copy)
                row = {
                    name: value
                    for name, value in row.items()
                    if name in named or name == schema.id_column
                }
            comparison = None if len(alike) > 1 else compare(id, key, cached, copy, row, schema)
            looks.append((comparison, mark_of(cached, row, now)))
        return looks

    def _is_new(self, key: str) -> bool:
        number = hash(key)
        if number in self._seen:
            return False
        if len(self._seen) < MOST_REMEMBERED:
            self._seen.add(number)
        return True


def _names(copy: Copy) -> Collection[str]:
    return copy if isinstance(copy, Mapping) else ()
