"""Flights: who claims a key, reads the database and fills the cache, for all who wait."""

import asyncio
import math
import random
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from tui.cache.port import Claim
from tui.database.port import Records
from tui.models import Cached, Filled, Key, Record, Step, Target
from tui.models.recorder import Recorder, note_steps
from tui.models.scalars import has_stand_in, is_whole
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError, DatabaseUnavailable
from tui.service.abandonments import Abandonments
from tui.service.cached_copy import CachedCopy, Understanding
from tui.service.coalescer import Flight, Flights
from tui.service.events import Event, FillEnded, Loaded
from tui.service.guarded_cache import GuardedCache
from tui.service.lifetimes import Lifetimes
from tui.service.payload import encode

FIRST_POLL_SECONDS, LONGEST_WAIT_SECONDS = 0.02, 0.5
"""How a flight waits for another process that has claimed the key; the pause doubles."""
SMALLEST_DRAW = 1e-12
SMALL_STEP = 0.01
"""Seconds: what a cache tells of lives in steps no larger is taken as it is."""
FURTHEST_DRAW = -math.log(SMALLEST_DRAW)
"""Of an expiry that is further off than this many times the database's, nothing is drawn."""
AVERAGE_WEIGHT = 0.2
"""What the latest read counts in the moving average of the database's times."""


class LoadResult(Struct, frozen=True, gc=False):
    """What a flight brings home."""

    record: Record | None = None
    """The record as the database has it."""
    fresh_for: float | None = None
    """Seconds for which the stored copy is fresh; None when it was not stored."""
    filled: Filled | None = None
    """What became of storing it."""
    not_stored: str | None = None
    """Why the cache did not store it, where it would not or could not."""
    elsewhere: CachedCopy | None = None
    """What another process stored meanwhile, instead of a read of our own."""
    error: str | None = None
    """Why the database gave no answer."""
    steps: tuple[Step, ...] = ()
    """What ran."""


class Claimed(Struct, frozen=True, gc=False):
    """The flight may fill the key with this claim."""

    claim: Claim
    held: CachedCopy
    """What is to be overwritten."""


class FoundElsewhere(Struct, frozen=True, gc=False):
    """Another look-up, or another process, has stored a copy meanwhile."""

    copy: CachedCopy


class Unclaimed(Struct, frozen=True, gc=False):
    """Nothing fresh is stored, and the key was not free, or nobody tried."""

    held: CachedCopy
    """What was found."""


class NotStored(Struct, frozen=True, gc=False):
    """The flight reads the database, and fills nothing."""

    filled: Filled | None = None
    """What that is called; None where nothing was to be filled."""
    reason: str | None = None
    """Why the cache would not or could not."""


Leave: TypeAlias = Claimed | FoundElsewhere | NotStored
"""What a flight may do, when it has asked the cache."""

NOTHING_CACHED = Cached(None, None)
NOTHING_HELD = CachedCopy(cached=NOTHING_CACHED)
NOTHING_TO_FILL = NotStored()


class Loader:
    """The flights of one service: at most one a key that others can join."""

    def __init__(
        self,
        cache: GuardedCache,
        table: Records,
        clock: Clock,
        flights: Flights[LoadResult],
        understanding: Understanding,
        *,
        emit: Callable[[Event], None],
        lifetimes: Lifetimes,
        uniform: Callable[[float, float], float] = random.uniform,
        ours: bool = True,
    ) -> None:
        """Load from `table` into `cache`, for `lifetimes` until they are changed.

        Where the keys are not `ours`, an application reads what is stored: so 'known to be
        absent' is not, and nothing that it has put there meanwhile is overwritten.
        """
        self.lifetimes = lifetimes
        """How long the next fills live."""
        self.longest_copy = lifetimes.longest
        """The longest that any copy of ours may live, in seconds."""
        self.flights = flights
        self._cache = cache
        self._table = table
        self._clock = clock
        self._emit = emit
        self._uniform = uniform
        self._understanding = understanding
        self._ours = ours
        self._average: float | None = None
        self._abandonments = Abandonments(cache, clock)

    def change(self, lifetimes: Lifetimes) -> None:
        """Let the next fills live for so long."""
        self.lifetimes = lifetimes
        self.longest_copy = max(self.longest_copy, lifetimes.longest)

    async def read_or_claim(self, value_key: str) -> tuple[Cached, Claim | None]:
        """Read the copy; where nothing fresh is there, perhaps claim the key on the same trip.

        The claim is to be handed to `start`, or abandoned.

        Raises:
            CacheError: as for the cache's `read`.
        """
        claim = self._cache.new_claim(value_key)
        try:
            cached, claimed = await self._cache.read_or_claim(claim, self.lifetimes.grace)
        except (asyncio.CancelledError, CacheError) as error:
            self._abandonments.after_failure(claim, error)
            raise
        return cached, claim if claimed else None

    def abandon(self, claim: Claim) -> None:
        """End a claim that no flight needs, while everybody else goes on."""
        self._abandonments.now(claim)

    def start(
        self,
        value_key: str,
        id: Key,
        *,
        fill: bool,
        claim: Claim | None = None,
        look_again: bool = False,
        held: CachedCopy = NOTHING_HELD,
    ) -> Flight[LoadResult]:
        """Begin a flight that reads record `id`, and with `fill` stores it.

        It claims the key, unless it is given a `claim`. With `look_again` it reads the copy
        once more before that, since others may have stored it. `held` is the copy that was
        found, which is not good enough.
        """
        return self.flights.start(
            value_key, lambda flight: self._fly(flight, id, fill, claim, look_again, held)
        )

    def refresh_is_due(self, fresh_for: float) -> bool:
        """Draw whether a copy that is fresh for so long is to be refreshed already.

        The nearer the expiry and the slower the database, the likelier; so that one of the
        readers of a hot key refreshes it before all of them would have to wait. Source:
        Vattani, Chierichetti and Lowenstein, 'Optimal Probabilistic Cache Stampede
        Prevention', VLDB 2015 (XFetch), with beta 1 unless told otherwise.
        """
        if self._average is None:
            return False
        near, step = self._average * self.lifetimes.beta, self._cache.ttl_step
        if fresh_for > near * FURTHEST_DRAW + step or near == 0:
            return False
        if step > SMALL_STEP:  # else nobody would refresh before the last step has begun
            fresh_for -= step * self._uniform(0.0, 1.0)
        draw = 1.0 - self._uniform(0.0, 1.0)  # above 0, where a logarithm is
        return fresh_for <= -near * math.log(max(draw, SMALLEST_DRAW))

    async def aclose(self) -> None:
        """End the flights, and abandon what claims there are."""
        await self.flights.aclose()
        await self._abandonments.aclose()

    async def _fly(
        self,
        flight: Flight[LoadResult],
        id: Key,
        fill: bool,
        claim: Claim | None,
        look_again: bool,
        held: CachedCopy,
    ) -> LoadResult:
        """Ask the cache for leave to fill, read the database, and fill."""
        with Recorder() as steps:
            leave: Leave = NOTHING_TO_FILL
            if claim is not None:
                leave = Claimed(claim, held)
            elif fill:
                leave = await self._ask_for_leave(flight, id, look_again, held)
            match leave:
                case FoundElsewhere(copy):
                    load = LoadResult(elsewhere=copy)
                case NotStored(filled, reason):
                    load = await self._read(flight, id, filled, reason)
                case Claimed():
                    load = await self._read_and_fill(flight, id, leave)
        return replace(load, steps=tuple(steps))

    async def _read(
        self, flight: Flight[LoadResult], id: Key, filled: Filled | None, reason: str | None
    ) -> LoadResult:
        """Read the database, and fill nothing."""
        try:
            record = await self._find(flight, id)
        except DatabaseUnavailable as error:
            return LoadResult(error=str(error))
        return LoadResult(record, filled=filled, not_stored=reason)

    async def _read_and_fill(
        self, flight: Flight[LoadResult], id: Key, leave: Claimed
    ) -> LoadResult:
        """Read the database, and store the record while the claim holds."""
        try:
            try:
                record = await self._find(flight, id)
            except DatabaseUnavailable as error:
                await self._give_back(leave.claim)
                return LoadResult(error=str(error))
            reason = self._why_not_stored(record, id, leave.held)
            if reason is not None:
                await self._give_back(leave.claim)
                return LoadResult(record, not_stored=reason)
            # Rule A: whoever comes from here on could be given a record that a write, made
            # after the fill, has already replaced; so nobody may join this flight any more.
            self.flights.close_to_joiners(flight)
            load = await self._fill(record, leave)
        except asyncio.CancelledError:
            self.abandon(leave.claim)
            raise
        if load.filled is not None:
            self._emit(FillEnded(id, load.filled))
        return load

    def _why_not_stored(self, record: Record | None, id: Key, held: CachedCopy) -> str | None:
        """Return why what was read may not take the place of what was found, if so.

        A record in part is not stored; nor one that was found by another spelling of its key,
        since who changes it forgets the copy under its own.
        """
        if record is None:
            return None if self._ours else "an application would believe that it is absent"
        if held.kept:
            return "an application's own copy stays"
        if not is_whole(record):
            return "a value is longer than --max-value"
        if record.get(self._table.schema.id_column, id) != id:
            return "the row spells its key otherwise"
        if not self._ours and has_stand_in(record):
            return "it has a value that JSON cannot hold"
        return None

    async def _find(self, flight: Flight[LoadResult], id: Key) -> Record | None:
        flight.epoch = self.flights.next_epoch()
        started = self._clock.monotonic()
        record = await self._table.find(id)
        seconds = self._clock.monotonic() - started
        before = seconds if self._average is None else self._average
        self._average = before + AVERAGE_WEIGHT * (seconds - before)
        self._emit(Loaded(id, seconds, found=record is not None))
        return record

    async def _ask_for_leave(
        self, flight: Flight[LoadResult], id: Key, look_again: bool, held: CachedCopy
    ) -> Leave:
        """Claim the key, or find what others have stored, or neither."""
        try:
            if look_again:
                found = await self._look_again(flight, id)
                if not isinstance(found, Unclaimed):
                    return found
                held = found.held
            claim = await self._claim(flight.key)
        except CacheError as error:
            return NotStored(Filled.FAILED, str(error))
        if claim is not None:
            return Claimed(claim, held)
        return await self._wait_for_other_process(flight, id)

    async def _look_again(
        self, flight: Flight[LoadResult], id: Key
    ) -> Claimed | FoundElsewhere | Unclaimed:
        """Read the copy once more, and perhaps claim the key on the same trip."""
        flight.epoch = self.flights.next_epoch()
        cached, claim = await self.read_or_claim(flight.key)
        copy = self._understanding.of(cached, id, grace=self.lifetimes.grace, read_only=False)
        if not copy.fresh:
            return Unclaimed(copy) if claim is None else Claimed(claim, copy)
        if claim is not None:
            self.abandon(claim)
        return FoundElsewhere(copy)

    async def _claim(self, value_key: str) -> Claim | None:
        """Claim the key; None where another process has."""
        claim = self._cache.new_claim(value_key)
        try:
            return claim if await self._cache.claim(claim) else None
        except (asyncio.CancelledError, CacheError) as error:
            self._abandonments.after_failure(claim, error)
            raise

    async def _wait_for_other_process(self, flight: Flight[LoadResult], id: Key) -> Leave:
        """Find what the holder of the claim stores, or claim the key when it gives up.

        Neither, when it takes too long.
        """
        started = self._clock.monotonic()
        leave = await self._poll(flight, id)
        waited = self._clock.monotonic() - started
        match leave:
            case FoundElsewhere():
                result = "found"
            case Claimed():
                result = "it gave up"
            case _:
                result = "it stored nothing"
        shown = f"waited for another process: {result}"
        note_steps(Step(Target.SERVICE, f"wait for {flight.key}", waited, shown))
        return leave

    async def _poll(self, flight: Flight[LoadResult], id: Key) -> Leave:
        end, pause = self._clock.monotonic() + LONGEST_WAIT_SECONDS, FIRST_POLL_SECONDS
        while self._clock.monotonic() + pause <= end:
            await self._clock.sleep(pause)
            pause *= 2
            try:
                found = await self._look_again(flight, id)
            except CacheError:
                break
            if not isinstance(found, Unclaimed):
                return found
        return NotStored(Filled.LOST)

    async def _give_back(self, claim: Claim) -> None:
        """Let the next look-up try at once."""
        with suppress(CacheError):  # then it ends by itself
            await self._cache.abandon(claim)

    async def _fill(self, record: Record | None, leave: Claimed) -> LoadResult:
        """Store the record, or that there is none."""
        lifetimes = self.lifetimes
        if record is None:
            fresh_for, grace = lifetimes.negative_ttl, 0.0
        else:
            fresh_for, grace = lifetimes.draw(self._uniform), lifetimes.grace
        seconds = self._cache.lasting(self._cache.lasting(fresh_for) + grace)
        try:
            stored = await self._cache.fill(
                leave.claim, encode(record), seconds,
                expected=None if self._ours else leave.held.cached or NOTHING_CACHED,
            )  # fmt: skip
        except CacheError as error:
            return LoadResult(record, filled=Filled.FAILED, not_stored=str(error))
        if not stored:
            return LoadResult(record, filled=Filled.REFUSED)
        return LoadResult(record, seconds - grace, Filled.YES)
