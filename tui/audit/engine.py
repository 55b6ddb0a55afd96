"""The audit: every cached copy against the database, and nothing called drift too early."""

from collections import deque
from collections.abc import (
    AsyncGenerator,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TypeAlias

from msgspec import Struct

from tui.audit.comparison import Comparison, Finding, compare
from tui.audit.copy_mark import CopyMark, mark_of
from tui.audit.reading import Copy, CopyReader
from tui.audit.results import Certainty, Judgement, Progress
from tui.audit.sampling import Reservoir
from tui.cache.port import Walker
from tui.database.port import Rows
from tui.models import Cached, Key, Record
from tui.models.columns import Kind
from tui.models.keys import KeyTemplate, is_reserved
from tui.models.spelling import is_uuid
from tui.runtime.ahead import ahead
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
PATIENCE_SECONDS, PAUSE_SECONDS = 5.0, 0.5
"""For how long a batch is tried that got no answer from the database, and how far apart."""


@dataclass(frozen=True, slots=True)
class _Suspect:
    id: Key
    key: str
    due: float
    copy: CopyMark
    checks: int = 1


_Copy: TypeAlias = tuple[str, Key]
"""A key of the cache, and of what record it is the copy."""


class _Read(Struct, frozen=True, gc=False):
    """Copies that were read together, and taken apart."""

    wanted: Sequence[_Copy]
    cached: Sequence[Cached]
    copies: Sequence[Copy]
    when: float


class _Pair(Struct, frozen=True, gc=False):
    """One copy beside its rows, when it was read."""

    key: str
    id: Key
    cached: Cached
    copy: Copy
    rows: Sequence[Record]
    when: float

    def mark(self, row: Record | None) -> CopyMark:
        """Return by what the copy is known again, beside the row that it has."""
        return mark_of(self.cached, row, self.when)

    @property
    def refused(self) -> bool:
        """Whether the cache is why it was not compared."""
        return self.cached.unread is not None and self.cached.size is None


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
        reader: CopyReader | None = None,
        allow_no_expiry: bool = False,
        sample: int | None = None,
    ) -> None:
        """Compare what `walker` finds under the template's keys with `rows`.

        What programs cache is read by `reader`. With `allow_no_expiry` a copy that is right may
        live for ever. With a `sample` so many copies are compared, drawn at random.
        """
        self._sample = sample
        self._reader = reader or CopyReader()
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
        self.progress.caveats = tuple(self._rows.caveats)
        wanted = self._walk() if self._sample is None else self._drawn(self._sample)
        # The next copies and the next rows are read while the last are compared.
        async with aclosing(ahead(self._with_rows(ahead(self._read(wanted))))) as pairs:
            async for some in pairs:
                yield self._first_look(some)
                while self._suspects and (
                    len(self._suspects) > MOST_SUSPECTS
                    or self._suspects[0].due <= self._clock.monotonic()
                ):
                    yield await self._look_again()
        while self._suspects:
            yield await self._look_again()

    async def compare_one(self, id: Key) -> Comparison:
        """Give one record as cache and database have it right now.

        Raises:
            CacheError, DatabaseUnavailable: no answer, or more than one row has that key.
        """
        key = self._template.value_key(id)
        (cached,) = await self._walker.read([key])
        copy = self._reader.read(cached, self._rows.schema)
        rows = (await self._rows.find_many([id])).get(id, ())
        pair = _Pair(key, id, cached, copy, rows, self._clock.monotonic())
        comparison = self._compared(pair, whole=True)
        if comparison is None:
            raise DatabaseUnavailable(
                f"more than one row has the key {id!r}; name a unique column with --id-column"
            )
        return comparison

    async def _walk(self) -> AsyncGenerator[Sequence[_Copy], None]:
        """Give the copies that there are, batch by batch."""
        integer = self._rows.schema.id_is_integer
        async for batch in self._patient.scan(self._template):
            self.progress.steps += 1
            yield self._wanted(batch, integer=integer)
        self.progress.skipped += self._patient.illegible

    async def _drawn(self, sample: int) -> AsyncGenerator[Sequence[_Copy], None]:
        """Give so many of the copies, drawn at random when all have been seen."""
        reservoir: Reservoir[_Copy] = Reservoir(sample)
        async for batch in self._walk():
            reservoir.offer(batch)
            yield ()
        self.progress.population = reservoir.count
        for start in range(0, len(reservoir.drawn), MOST_AT_ONCE):
            yield reservoir.drawn[start : start + MOST_AT_ONCE]

    async def _read(
        self, source: AsyncGenerator[Sequence[_Copy], None]
    ) -> AsyncGenerator[_Read, None]:
        """Give what the cache holds of them, part by part, each what one trip brings."""
        async with aclosing(source):
            async for batch in source:
                rest = batch
                if not batch:
                    yield _Read((), (), (), 0.0)
                while rest:
                    cached = await self._patient.read([key for key, _ in rest])
                    now, schema = self._clock.monotonic(), self._rows.schema
                    copies = [self._reader.read(one, schema) for one in cached]
                    yield _Read(rest[: len(cached)], cached, copies, now)
                    rest = rest[len(cached) :]

    async def _with_rows(
        self, source: AsyncGenerator[_Read, None]
    ) -> AsyncGenerator[list[_Pair], None]:
        """Give each copy beside its rows, part by part, as their length allows."""
        async with aclosing(source):
            async for read in source:
                async for pairs in self._pairs(read):
                    yield pairs

    async def _pairs(self, read: _Read) -> AsyncGenerator[list[_Pair], None]:
        columns = {name for copy in read.copies for name in copy.record or ()}
        start, end = 0, len(read.wanted)
        if not end:
            yield []
        while start < end:
            ids = [id for _, id in read.wanted[start : start + self._at_once]]
            rows = await self._patiently(ids, columns)
            taken = len(ids)
            if len(rows) < len(set(ids)):  # those of the first ids alone
                taken = next((n for n, id in enumerate(ids) if id not in rows), taken)
                self._at_once = taken
            else:
                self._at_once = min(2 * self._at_once, MOST_AT_ONCE)
            some = slice(start, start + taken)
            yield [
                _Pair(key, id, cached, copy, rows[id], read.when)
                for (key, id), cached, copy in zip(
                    read.wanted[some], read.cached[some], read.copies[some], strict=True
                )
            ]
            start += taken

    async def _patiently(
        self, ids: Sequence[Key], columns: Collection[str]
    ) -> Mapping[Key, Sequence[Record]]:
        """Read rows, and try again when the database gives no answer."""
        end = self._clock.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return await self._rows.find_part(ids, columns)
            except DatabaseUnavailable:
                if self._clock.monotonic() >= end:
                    raise
            await self._clock.sleep(PAUSE_SECONDS)

    def _compared(self, pair: _Pair, *, whole: bool = False) -> Comparison | None:
        """Compare one copy with its row, on the columns that the copy has or `whole`.

        None where more than one row has its key.
        """
        if len(pair.rows) > 1:
            return None
        schema = self._rows.schema
        row, record = pair.rows[0] if pair.rows else None, pair.copy.record or {}
        if row is not None and not whole and row.keys() != record.keys():
            # The columns that only other copies have are no part of it.
            row = {
                name: value
                for name, value in row.items()
                if name in record or name == schema.id_column
            }
        hidden = None
        if row is None:
            words = (caveat.words for caveat in self._rows.caveats if caveat.incomplete)
            hidden = next(words, None)
        return compare(
            pair.id, pair.key, pair.cached, pair.copy, row, schema,
            zone=self._reader.reading.zone, hidden=hidden,
        )  # fmt: skip

    def _wanted(self, batch: Iterable[str], *, integer: bool) -> list[_Copy]:
        """Give the keys that were not seen before, with what they are the copies of."""
        wanted: list[_Copy] = []
        pattern, id_of = self._reader.reading.id_pattern, self._template.id_of
        for key in batch:
            if is_reserved(key) or not self._is_new(key):
                continue
            id = id_of(key, integer=integer)
            if id is None or (pattern is not None and not pattern.fullmatch(str(id))):
                self.progress.skipped += 1
            else:
                wanted.append((key, id))
        return wanted

    def _is_neighbour(self, comparison: Comparison) -> bool:
        """Tell whether it is what lies beside the records, under a key that only looks so.

        With text keys `user:ada:posts` fits `user:{id}` too. Where there is such a row it is
        that row's copy, and where the pattern of ids is known, that has decided.
        """
        id = comparison.id
        if comparison.database is not None or self._reader.reading.id_pattern is not None:
            return False
        if isinstance(id, int) or comparison.finding is Finding.NOT_COMPARED:
            return False
        schema = self._rows.schema
        no_key = schema.column(schema.id_column).kind is Kind.UUID and not is_uuid(id)
        return no_key or ":" in id or comparison.finding is Finding.UNREADABLE

    def _first_look(self, pairs: Iterable[_Pair]) -> list[Judgement]:
        judgements, same = [], 0
        for pair in pairs:
            comparison = self._compared(pair)
            if comparison is None:
                self.progress.doubled += 1
                continue
            finding = comparison.finding
            if comparison.not_compared or comparison.cache_only:
                self.progress.note_parts(comparison)
            if finding is Finding.SAME:  # as nearly always
                same += 1
                judgements.append(Judgement(comparison))
            elif finding is not None:  # else it has gone since the walk has found it
                judgements += self._judged_first(pair, comparison, finding)
        self.progress.compared += same
        self.progress.counts[Finding.SAME] += same
        return judgements

    def _judged_first(
        self, pair: _Pair, comparison: Comparison, finding: Finding
    ) -> list[Judgement]:
        if finding in self.progress.allowed:
            self.progress.compared += 1
            self.progress.counts[finding] += 1
            return [Judgement(comparison)]
        if self._is_neighbour(comparison):
            self.progress.skipped += 1
            return []
        if finding is Finding.NOT_COMPARED:
            self.progress.pass_over(comparison, refused=pair.refused)
            return [Judgement(comparison)]
        self.progress.compared += 1
        self._suspect(comparison, pair.mark(comparison.database), checks=1)
        return [Judgement(comparison, Certainty.SUSPECT)]

    async def _look_again(self) -> list[Judgement]:
        """Settle the suspects whose time has come; wait for the first of them if need be."""
        first = self._suspects[0].due - self._clock.monotonic()
        if first > 0:
            await self._clock.sleep(first)
        now = self._clock.monotonic()
        due: list[_Suspect] = []
        while self._suspects and self._suspects[0].due <= now and len(due) < BATCH_KEYS:
            due.append(self._suspects.popleft())
        suspects = iter(due)
        judgements = []

        async def wanted() -> AsyncGenerator[Sequence[_Copy], None]:
            yield [(suspect.key, suspect.id) for suspect in due]

        async for pairs in self._with_rows(self._read(wanted())):
            for pair, suspect in zip(pairs, suspects, strict=False):
                comparison = self._compared(pair)
                if comparison is None:
                    self.progress.doubled += 1
                    continue
                certainty = self._judge(suspect, comparison, pair)
                sure = certainty is Certainty.CONFIRMED
                content = suspect.copy.content if sure else None
                judgements.append(Judgement(comparison, certainty, content))
        self.progress.suspects = len(self._suspects)
        return judgements

    def _judge(self, suspect: _Suspect, comparison: Comparison, pair: _Pair) -> Certainty:
        finding = comparison.finding
        if finding is Finding.NOT_COMPARED:
            self.progress.pass_over(comparison, refused=pair.refused)
            self.progress.compared -= 1
            return Certainty.UNSETTLED
        if finding is None or finding in self.progress.allowed:
            self.progress.resolved += 1
            self.progress.counts.update([finding] if finding else [])
            return Certainty.RESOLVED
        mark = pair.mark(comparison.database)
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

    def _is_new(self, key: str) -> bool:
        number = hash(key)
        if number in self._seen:
            return False
        if len(self._seen) < MOST_REMEMBERED:
            self._seen.add(number)
        return True
