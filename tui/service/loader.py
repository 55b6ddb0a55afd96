"""Loading a record: under a lease, from the database, into the cache by a guarded fill."""

import asyncio
import itertools
import math
import random
import secrets
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from tui.models import Cached, Filled, Key, Record, Step, TableSchema, Target, Trace
from tui.models.keys import lease_key
from tui.models.scalars import has_stand_in, is_whole
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError, DatabaseUnavailable
from tui.service.cached_copy import CachedCopy, understand
from tui.service.coalescer import Flight, Flights
from tui.service.events import Event, FillEnded, Loaded
from tui.service.guarded_cache import GuardedCache
from tui.service.lease_returns import LeaseReturns
from tui.service.lifetimes import Lifetimes
from tui.service.payload import encode

LEASE_SECONDS = 3.0
"""How long a flight may hold a key's lease: longer than the database may take."""
FIRST_POLL_SECONDS, LONGEST_WAIT_SECONDS = 0.02, 0.5
"""How a flight waits for another process that holds the lease; the pause doubles."""
SMALLEST_DRAW = 1e-12
FURTHEST_DRAW = -math.log(SMALLEST_DRAW)
"""Of an expiry that is further off than this many times the database's, nothing is drawn."""
AVERAGE_WEIGHT = 0.2
"""What the latest read counts in the moving average of the database's times."""


class Reader(Protocol):
    """What loading needs of a table."""

    @property
    def schema(self) -> TableSchema:
        """The table as it is now."""
        ...

    async def find(self, id: Key, trace: Trace) -> Record | None:
        """Give the record with that key, in bounded time.

        Raises:
            DatabaseUnavailable: no answer.
        """
        ...


class Load(Struct, frozen=True, gc=False):
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


NOTHING_CACHED = Cached(None, None)
NOTHING_HELD = CachedCopy(cached=NOTHING_CACHED)


class _Loading:
    """A load under way: what it is of, what it has found, what ran."""

    __slots__ = ("held", "id", "not_stored", "trace")

    def __init__(self, id: Key, held: CachedCopy) -> None:
        """Begin, with the copy that was found before."""
        self.id = id
        self.held = held
        self.trace: Trace = []
        self.not_stored: str | None = None
        """Why the cache would not take it."""


class Loader:
    """The flights of one service: at most one a key that others can join."""

    def __init__(
        self,
        cache: GuardedCache,
        table: Reader,
        clock: Clock,
        flights: Flights[Load],
        *,
        emit: Callable[[Event], None],
        lifetimes: Lifetimes,
        uniform: Callable[[float, float], float] = random.uniform,
        ours: bool = True,
    ) -> None:
        """Load from `table` into `cache`; `lifetimes` may be replaced at any time.

        Where the keys are not `ours`, an application reads what is stored: so 'known to be
        absent' is not, and nothing that it has put there meanwhile is overwritten.
        """
        self.longest_copy = 0.0
        """The longest that any copy of ours may live, in seconds."""
        self.lifetimes = lifetimes
        self.flights = flights
        self._cache = cache
        self._table = table
        self._clock = clock
        self._emit = emit
        self._uniform = uniform
        self._ours = ours
        self._average: float | None = None
        self._token_prefix = secrets.token_hex(8)
        self._token_numbers = itertools.count()
        self._returns = LeaseReturns(cache, clock)

    @property
    def lifetimes(self) -> Lifetimes:
        """How long the next fills live."""
        return self._lifetimes

    @lifetimes.setter
    def lifetimes(self, lifetimes: Lifetimes) -> None:
        self._lifetimes = lifetimes
        self.longest_copy = max(self.longest_copy, lifetimes.longest)

    async def get_or_lease(self, value_key: str, trace: Trace) -> tuple[Cached, str | None]:
        """Read the copy, and perhaps take the lease for a flight with the same trip.

        Gives the lease's token when it was taken: it is to be handed to `start`, or released.

        Raises:
            CacheUnavailable, CacheRefused: as for the cache's `get`.
        """
        lease, token = lease_key(value_key), self._new_token()
        try:
            cached, held = await self._cache.get_or_lease(
                value_key, lease, token, LEASE_SECONDS, self.lifetimes.grace, trace
            )
        except (asyncio.CancelledError, CacheError) as error:
            self._returns.look_after(lease, token, error)
            raise
        return cached, token if held else None

    def release(self, value_key: str, token: str) -> None:
        """Give a lease back that no flight needs, while others go on."""
        self._returns.give_back(lease_key(value_key), token)

    def start(
        self,
        value_key: str,
        id: Key,
        *,
        fill: bool,
        token: str | None = None,
        look_again: bool = False,
        held: CachedCopy | None = None,
    ) -> Flight[Load]:
        """Begin a flight that reads record `id`, and with `fill` stores it.

        It takes the key's lease, unless it is given the token of one that is held. With
        `look_again` it reads the copy once more before that, since others may have stored it.
        `held` is the copy that was found, which is not good enough.
        """
        load = _Loading(id, held or NOTHING_HELD)
        return self.flights.start(
            value_key, lambda flight: self._load(flight, load, fill, token, look_again)
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
        near = self._average * self.lifetimes.beta
        if fresh_for > near * FURTHEST_DRAW or near == 0:
            return False
        draw = 1.0 - self._uniform(0.0, 1.0)  # above 0, where a logarithm is
        return fresh_for <= -near * math.log(max(draw, SMALLEST_DRAW))

    async def aclose(self) -> None:
        """End the flights, and give back what leases there are to be given back."""
        await self.flights.aclose()
        await self._returns.aclose()

    async def _load(
        self,
        flight: Flight[Load],
        load: _Loading,
        fill: bool,
        token: str | None,
        look_again: bool,
    ) -> Load:
        not_filled = None
        if fill and token is None:
            copy, token, not_filled = await self._get_leave(flight, load, look_again)
            if copy is not None:
                return Load(elsewhere=copy, steps=tuple(load.trace))
        try:
            return await self._read_and_fill(flight, load, token, not_filled)
        except asyncio.CancelledError:
            if token is not None:
                self.release(flight.key, token)
            raise

    async def _read_and_fill(
        self,
        flight: Flight[Load],
        load: _Loading,
        token: str | None,
        not_filled: Filled | None,
    ) -> Load:
        """Read the database, and store the record if a lease is held with `token`."""
        lease, trace = lease_key(flight.key), load.trace
        flight.epoch = self.flights.next_epoch()
        try:
            record = await self._read(load.id, trace)
        except DatabaseUnavailable as error:
            if token is not None:
                await self._give_lease_back(lease, token, trace)
            return Load(error=str(error), steps=tuple(trace))
        if token is not None:
            load.not_stored = self._why_not_stored(record, load)
            if load.not_stored is not None:
                await self._give_lease_back(lease, token, trace)
                token = None
        if token is None:
            return Load(
                record, filled=not_filled, not_stored=load.not_stored, steps=tuple(trace)
            )
        # Rule A: whoever comes from here on could be given a record that a write, made after
        # the fill, has already replaced; so nobody may join this flight any more.
        self.flights.close_to_joiners(flight)
        filled, fresh_for = await self._fill(flight.key, lease, token, record, load)
        self._emit(FillEnded(load.id, filled))
        return Load(record, fresh_for, filled, load.not_stored, steps=tuple(trace))

    def _why_not_stored(self, record: Record | None, load: _Loading) -> str | None:
        """Return why what was read may not take the place of what was found, if so.

        A record in part is not stored; nor one that was found by another spelling of its key,
        since who changes it forgets the copy under its own.
        """
        if record is None:
            return None if self._ours else "an application would believe that it is absent"
        if load.held.kept:
            return "an application's own copy stays"
        if not is_whole(record):
            return "a value is longer than --max-value"
        if record.get(self._table.schema.id_column, load.id) != load.id:
            return "the row spells its key otherwise"
        if not self._ours and has_stand_in(record):
            return "it has a value that JSON cannot hold"
        return None

    async def _read(self, id: Key, trace: Trace) -> Record | None:
        started = self._clock.monotonic()
        record = await self._table.find(id, trace)
        seconds = self._clock.monotonic() - started
        before = seconds if self._average is None else self._average
        self._average = before + AVERAGE_WEIGHT * (seconds - before)
        self._emit(Loaded(id, seconds, found=record is not None))
        return record

    async def _get_leave(
        self, flight: Flight[Load], load: _Loading, look_again: bool
    ) -> tuple[CachedCopy | None, str | None, Filled | None]:
        """Give what others have stored, or the lease's token, or why there is neither."""
        if look_again:
            try:
                copy, token = await self._look_again(flight, load)
            except CacheError as error:
                load.not_stored = str(error)
                return None, None, Filled.FAILED
            if copy is not None or token is not None:
                return copy, token, None
        token, not_filled = await self._take_lease(flight.key, load)
        if not_filled is not Filled.LOST:
            return None, token, not_filled
        copy, token = await self._wait_for_other_process(flight, load)
        return copy, token, not_filled

    async def _look_again(
        self, flight: Flight[Load], load: _Loading
    ) -> tuple[CachedCopy | None, str | None]:
        """Give the copy, if there is a fresh one by now, or the lease's token if it is free."""
        flight.epoch = self.flights.next_epoch()
        cached, token = await self.get_or_lease(flight.key, load.trace)
        copy = understand(
            cached, load.id, self._table.schema,
            grace=self.lifetimes.grace, read_only=False, ours=self._ours,
        )  # fmt: skip
        load.held = copy
        if not copy.fresh:
            return None, token
        if token is not None:
            self.release(flight.key, token)
        return copy, None

    async def _take_lease(
        self, value_key: str, load: _Loading
    ) -> tuple[str | None, Filled | None]:
        """Give the lease's token, or why there is none."""
        lease, token = lease_key(value_key), self._new_token()
        try:
            held = await self._cache.acquire_lease(lease, token, LEASE_SECONDS, load.trace)
        except asyncio.CancelledError as error:
            self._returns.look_after(lease, token, error)
            raise
        except CacheError as error:
            self._returns.look_after(lease, token, error)
            load.not_stored = str(error)
            return None, Filled.FAILED
        return (token, None) if held else (None, Filled.LOST)

    async def _wait_for_other_process(
        self, flight: Flight[Load], load: _Loading
    ) -> tuple[CachedCopy | None, str | None]:
        """Give what the holder of the lease stores, or the lease's token if it is given back.

        Neither, when it takes too long.
        """
        started = self._clock.monotonic()
        copy, token = await self._poll(flight, load)
        waited = self._clock.monotonic() - started
        result = "found" if copy is not None else "it stored nothing"
        shown = f"waited for another process: {result if token is None else 'it gave up'}"
        load.trace.append(Step(Target.SERVICE, f"wait for {flight.key}", waited, shown))
        return copy, token

    async def _poll(
        self, flight: Flight[Load], load: _Loading
    ) -> tuple[CachedCopy | None, str | None]:
        end, pause = self._clock.monotonic() + LONGEST_WAIT_SECONDS, FIRST_POLL_SECONDS
        while self._clock.monotonic() + pause <= end:
            await self._clock.sleep(pause)
            pause *= 2
            try:
                copy, token = await self._look_again(flight, load)
            except CacheError:
                break
            if copy is not None or token is not None:
                return copy, token
        return None, None

    async def _give_lease_back(self, lease: str, token: str, trace: Trace) -> None:
        """Let the next lookup try at once."""
        try:
            await self._cache.release_lease(lease, token, trace)
        except CacheError:
            return  # it ends by itself, after LEASE_SECONDS

    def _new_token(self) -> str:
        return f"{self._token_prefix}-{next(self._token_numbers)}"

    async def _fill(
        self, value_key: str, lease: str, token: str, record: Record | None, load: _Loading
    ) -> tuple[Filled, float | None]:
        """Store the record; give what became of it, and for how long it will be fresh."""
        lifetimes = self.lifetimes
        if record is None:
            fresh_for, grace = lifetimes.negative_ttl, 0.0
        else:
            fresh_for = lifetimes.draw(self._uniform)
            grace = lifetimes.grace
        try:
            stored = await self._cache.fill(
                value_key, lease, token, encode(record), fresh_for + grace, load.trace,
                expected=None if self._ours else load.held.cached or NOTHING_CACHED,
            )  # fmt: skip
        except CacheError as error:
            load.not_stored = str(error)
            return Filled.FAILED, None
        return (Filled.YES, fresh_for) if stored else (Filled.REFUSED, None)
