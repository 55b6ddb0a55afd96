"""The cache-aside service: ask the cache, else the database, and remember the answer."""

import itertools
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tui.clock import Clock
from tui.errors import CacheError, DatabaseUnavailable
from tui.keys import KeyTemplate, lease_key
from tui.models import (
    Cached,
    CopyChange,
    Filled,
    Flags,
    Key,
    Label,
    Outcome,
    Record,
    Step,
    TableSchema,
    Target,
    Trace,
)
from tui.payload import UnreadablePayload, decode, encode
from tui.single_flight import Flight, SingleFlight

LEASE_SECONDS = 3.0
"""How long a flight may hold a key's lease: longer than the database may take."""
FIRST_POLL_SECONDS, LONGEST_WAIT_SECONDS = 0.02, 0.5
"""How a flight waits for another process that holds the lease; the pause doubles."""
JITTER = 0.1
"""Fills live for ttl * uniform(1 - JITTER, 1 + JITTER), so that they do not end together."""


class Cache(Protocol):
    """What the service needs of a cache.

    Each call appends the commands it ran to the trace, in failure too, takes bounded
    time, and raises CacheUnavailable (no answer) or CacheRefused (will not do it).
    """

    async def get(self, key: str, trace: Trace) -> Cached:
        """Give what is stored under `key` and how long it will live: one round trip."""
        ...

    async def acquire_lease(self, lease: str, token: str, seconds: float, trace: Trace) -> bool:
        """Take the lease for that time, unless somebody holds it."""
        ...

    async def fill(
        self, key: str, lease: str, token: str, payload: bytes, seconds: float, trace: Trace
    ) -> bool:
        """Store `payload` and give the lease back, if it is still held with `token`."""
        ...

    async def delete(self, *keys: str, trace: Trace) -> int:
        """Delete the keys in one command; give how many there were."""
        ...

    async def expire_after(self, key: str, seconds: float, trace: Trace) -> bool:
        """Let `key` live for that time from now; tell whether it was there."""
        ...


class Table(Protocol):
    """What the service needs of a table."""

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


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long what is cached counts for something, in seconds."""

    ttl: float = 30.0
    """A record is fresh for this long, give or take the jitter."""
    grace: float = 30.0
    """After that it may be served for this long when the database fails."""
    negative_ttl: float = 10.0
    """'No such record' is believed for this long; it has no grace."""


@dataclass(frozen=True, slots=True)
class _Copy:
    """A cached copy, understood."""

    record: Record | None = None
    fresh: bool = False
    fresh_for: float | None = None
    in_grace: bool = False
    broken: bool = False

    @property
    def label(self) -> Label:
        return Label.NEGATIVE if self.record is None else Label.HIT


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What a flight brings home."""

    record: Record | None = None
    fresh_for: float | None = None
    filled: Filled | None = None
    elsewhere: _Copy | None = None
    error: str | None = None
    steps: tuple[Step, ...] = ()


class _Question:
    """One lookup under way."""

    def __init__(self, id: Key, value_key: str, turn: int, started: float) -> None:
        self.id = id
        self.value_key = value_key
        self.turn = turn
        self.started = started
        self.trace: Trace = []
        self.reason: str | None = None
        self.held: _Copy | None = None


class CacheAside:
    """Look-ups through a cache that may be wrong, slow or gone, over a database.

    `lifetimes` may be replaced at any time, and counts for the next fills.
    """

    def __init__(
        self,
        cache: Cache,
        table: Table,
        template: KeyTemplate,
        clock: Clock,
        *,
        lifetimes: Lifetimes | None = None,
        read_only: bool = False,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """Serve `table` through `cache`; with `read_only`, change nothing in either."""
        self.lifetimes = lifetimes or Lifetimes()
        self.read_only = read_only
        self._cache = cache
        self._table = table
        self._template = template
        self._clock = clock
        self._uniform = uniform
        self._flights: SingleFlight[_Loaded] = SingleFlight()
        self._token_prefix = secrets.token_hex(8)
        self._token_numbers = itertools.count()

    async def look_up(self, id: Key, *, bypass: bool = False) -> Outcome:
        """Give the record with key `id`, and where it came from.

        Never raises for a cache or a database that fails: that is in the outcome. With
        `bypass` the cache is neither asked nor filled.
        """
        question = _Question(
            id, self._template.value_key(id), self._flights.turn(), self._clock.monotonic()
        )
        if bypass:
            question.reason = "asked to bypass the cache"
        # Two rounds at the most: a flight that is found after one has been waited for
        # reads after this lookup began, and then its answer is new enough.
        while (outcome := await self._attempt(question)) is None:
            pass
        return outcome

    async def invalidate(self, id: Key) -> CopyChange:
        """Forget the cached copy of `id`, and keep out what is being loaded right now."""
        value_key = self._template.value_key(id)
        self._flights.forget(value_key)
        trace: Trace = []
        try:
            found = await self._cache.delete(value_key, lease_key(value_key), trace=trace)
        except CacheError as error:
            return CopyChange(id, found=False, steps=tuple(trace), reason=str(error))
        return CopyChange(id, found=found > 0, steps=tuple(trace))

    async def expire(self, id: Key) -> CopyChange:
        """End the freshness of the cached copy of `id` now.

        A record stays for its grace, in case the database fails; 'known to be absent' has
        no grace and goes.
        """
        value_key = self._template.value_key(id)
        trace: Trace = []
        try:
            copy = self._understand(id, await self._cache.get(value_key, trace))
            if copy.record is None or self.lifetimes.grace <= 0:
                found = await self._cache.delete(value_key, trace=trace) > 0
            else:
                grace = self.lifetimes.grace
                found = await self._cache.expire_after(value_key, grace, trace)
        except CacheError as error:
            return CopyChange(id, found=False, steps=tuple(trace), reason=str(error))
        return CopyChange(id, found=found and copy.fresh, steps=tuple(trace))

    async def aclose(self) -> None:
        """End the flights under way; cache and table belong to whoever opened them."""
        await self._flights.aclose()

    async def _attempt(self, question: _Question) -> Outcome | None:
        """Answer from the cache, else from a flight; None when the answer may be old."""
        if question.reason is None:
            try:
                copy = await self._read(question)
            except CacheError as error:
                question.reason = str(error)
            else:
                if copy.fresh:
                    return self._outcome(
                        question, copy.label, copy.record, ttl_left=copy.fresh_for
                    )
                question.held = copy
        return await self._load_shared(question)

    async def _read(self, question: _Question) -> _Copy:
        cached = await self._cache.get(question.value_key, question.trace)
        if cached.wrong_type and not self.read_only:
            await self._cache.delete(question.value_key, trace=question.trace)
        return self._understand(question.id, cached)

    def _understand(self, id: Key, cached: Cached) -> _Copy:
        if cached.payload is None:
            return _Copy(broken=cached.wrong_type)
        schema = self._table.schema
        try:
            record = decode(
                cached.payload,
                id=id,
                id_column=schema.id_column,
                columns=frozenset(schema.columns),
            )
        except UnreadablePayload:
            return _Copy(broken=True)
        left = cached.seconds_left
        if left is None:
            # Nobody's cached copy may live for ever; who may not write takes it as it is.
            return _Copy(record, fresh=self.read_only, broken=not self.read_only)
        grace = 0.0 if record is None else self.lifetimes.grace
        return _Copy(record, left > grace, left - grace, record is not None and left > 0)

    async def _load_shared(self, question: _Question) -> Outcome | None:
        """Join the key's flight or start it; None when a joined one may be too old.

        A flight's answer is new enough for this lookup when the flight read after the
        lookup began, or when the guarded fill went through (rule B): then no write came
        between the read and the fill, and by rule A nobody joined after that.
        """
        flight = self._flights.get(question.value_key)
        joined = flight is not None
        if flight is None:
            fill = question.reason is None and not self.read_only
            flight = self._flights.start(
                question.value_key, lambda flight: self._load(flight, question.id, fill)
            )
        waiting_since = self._clock.monotonic()
        loaded = await flight.wait()
        if not joined:
            question.trace.extend(loaded.steps)
            return self._answer(question, loaded, coalesced=False)
        trusted = (
            flight.turn > question.turn
            or loaded.filled is Filled.YES
            or loaded.error is not None
        )
        question.trace.append(
            Step(
                Target.SERVICE,
                f"join the load of {question.value_key}",
                self._clock.monotonic() - waiting_since,
                "shared" if trusted else "may be old: look once more",
            )
        )
        return self._answer(question, loaded, coalesced=True) if trusted else None

    def _answer(self, question: _Question, loaded: _Loaded, *, coalesced: bool) -> Outcome:
        held = question.held
        if loaded.error is not None:
            if held is not None and held.in_grace:
                return self._outcome(
                    question, Label.STALE, held.record, reason=loaded.error,
                    flags=Flags(coalesced=coalesced),
                )  # fmt: skip
            reasons = filter(None, (loaded.error, question.reason))
            return self._outcome(
                question, Label.ERROR, reason="; ".join(reasons),
                flags=Flags(coalesced=coalesced),
            )  # fmt: skip
        if loaded.elsewhere is not None:
            copy = loaded.elsewhere
            return self._outcome(
                question, copy.label, copy.record, ttl_left=copy.fresh_for,
                flags=Flags(coalesced=True),
            )  # fmt: skip
        if question.reason is not None:
            label = Label.BYPASS
        else:
            label = Label.NOT_FOUND if loaded.record is None else Label.DB
        repaired = held is not None and held.broken and loaded.filled is Filled.YES
        return self._outcome(
            question, label, loaded.record, ttl_left=loaded.fresh_for, reason=question.reason,
            flags=Flags(coalesced, loaded.filled, repaired=repaired),
        )  # fmt: skip

    def _outcome(
        self,
        question: _Question,
        label: Label,
        record: Record | None = None,
        *,
        ttl_left: float | None = None,
        reason: str | None = None,
        flags: Flags | None = None,
    ) -> Outcome:
        return Outcome(
            id=question.id,
            label=label,
            record=record,
            ttl_left=ttl_left,
            seconds=self._clock.monotonic() - question.started,
            flags=flags or Flags(),
            reason=reason,
            steps=tuple(question.trace),
        )

    async def _load(self, flight: Flight[_Loaded], id: Key, fill: bool) -> _Loaded:
        """Read the record from the database, and with `fill` store it under a lease."""
        trace: Trace = []
        token, not_filled = None, None
        lease = lease_key(flight.key)
        if fill:
            token, not_filled = await self._take_lease(lease, trace)
            if not_filled is Filled.LOST:
                copy = await self._wait_for_other_process(flight, id, trace)
                if copy is not None:
                    return _Loaded(elsewhere=copy, steps=tuple(trace))
        flight.turn = self._flights.turn()
        try:
            record = await self._table.find(id, trace)
        except DatabaseUnavailable as error:
            if token is not None:
                await self._give_lease_back(lease, trace)
            return _Loaded(error=str(error), steps=tuple(trace))
        if token is None:
            return _Loaded(record, filled=not_filled, steps=tuple(trace))
        # Rule A: whoever comes from here on could read a value that a write, made after
        # the fill, has already replaced; so nobody may join this flight any more.
        self._flights.close_to_joiners(flight)
        filled, fresh_for = await self._fill(flight.key, lease, token, record, trace)
        return _Loaded(record, fresh_for, filled, steps=tuple(trace))

    async def _take_lease(self, lease: str, trace: Trace) -> tuple[str | None, Filled | None]:
        """Give the lease's token, or why there is none."""
        token = f"{self._token_prefix}-{next(self._token_numbers)}"
        try:
            held = await self._cache.acquire_lease(lease, token, LEASE_SECONDS, trace)
        except CacheError:
            return None, Filled.FAILED
        return (token, None) if held else (None, Filled.LOST)

    async def _wait_for_other_process(
        self, flight: Flight[_Loaded], id: Key, trace: Trace
    ) -> _Copy | None:
        """Give what the holder of the lease stores, or None when it takes too long."""
        pause, waited = FIRST_POLL_SECONDS, 0.0
        while waited + pause <= LONGEST_WAIT_SECONDS:
            await self._clock.sleep(pause)
            waited, pause = waited + pause, pause * 2
            flight.turn = self._flights.turn()
            try:
                copy = self._understand(id, await self._cache.get(flight.key, trace))
            except CacheError:
                return None
            if copy.fresh:
                return copy
        return None

    async def _give_lease_back(self, lease: str, trace: Trace) -> None:
        """Let the next lookup try at once; a lost race only costs somebody their fill."""
        try:
            await self._cache.delete(lease, trace=trace)
        except CacheError:
            return  # it ends by itself, after LEASE_SECONDS

    async def _fill(
        self, value_key: str, lease: str, token: str, record: Record | None, trace: Trace
    ) -> tuple[Filled, float | None]:
        """Store the record; give what became of it, and for how long it will be fresh."""
        lifetimes = self.lifetimes
        if record is None:
            fresh_for, grace = lifetimes.negative_ttl, 0.0
        else:
            fresh_for = lifetimes.ttl * self._uniform(1 - JITTER, 1 + JITTER)
            grace = lifetimes.grace
        try:
            stored = await self._cache.fill(
                value_key, lease, token, encode(record), fresh_for + grace, trace
            )
        except CacheError:
            return Filled.FAILED, None
        return (Filled.YES, fresh_for) if stored else (Filled.REFUSED, None)
