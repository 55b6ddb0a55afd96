"""The cache-aside service: ask the cache, else the database, and remember the answer."""

import asyncio
import random
from collections.abc import Callable

from msgspec.structs import replace

from tui.audit.reading import CopyReader
from tui.cache.port import Copies
from tui.database.port import Records
from tui.models import (
    FROM_CACHE,
    NO_FLAGS,
    Filled,
    Flags,
    Key,
    Label,
    Outcome,
    Record,
    Step,
    Target,
)
from tui.models.keys import KeyTemplate, is_reserved
from tui.models.recorder import Recorder, note_steps
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError
from tui.service.breaker import BreakerState
from tui.service.cached_copy import CachedCopy, Understanding
from tui.service.coalescer import Coalescer, Flight, Shared
from tui.service.events import Event, LookedUp
from tui.service.guarded_cache import GuardedCache
from tui.service.lifetimes import Lifetimes
from tui.service.loader import NOTHING_HELD, Loader, LoadResult
from tui.service.lookup import Lookup
from tui.service.writer import Writer

REFRESHING = Flags(refreshing=True)
RESERVED_KEY = "a key that ends so is hitmiss' own, so nothing is cached there"


class CacheAside:
    """Look-ups through a cache that may be wrong, slow or gone, over a database.

    No lookup that begins after a write was acknowledged is answered with what was there
    before it, although reads and writes of many processes meet in one cache. What remains
    are two windows, both over within ttl and grace: a process that ends between its commit
    and its delete, and other processes while a delete of ours is pending.
    """

    def __init__(
        self,
        cache: Copies,
        table: Records,
        template: KeyTemplate,
        clock: Clock,
        *,
        lifetimes: Lifetimes | None = None,
        reader: CopyReader | None = None,
        read_only: bool = False,
        uniform: Callable[[float, float], float] = random.uniform,
        listener: Callable[[Event], None] | None = None,
    ) -> None:
        """Serve `table` through `cache`; with `read_only`, change nothing in either.

        What other programs cache is read by `reader`. `listener` is the first of the
        `listeners`.
        """
        self.read_only = read_only
        self.listeners: set[Callable[[Event], None]] = {listener} if listener else set()
        """Whoever is called with every event, on the loop, at once; none of them may raise."""
        self._cache = GuardedCache(cache, clock, self._emit)
        self._table = table
        self._template = template
        self._clock = clock
        self._coalescer: Coalescer[LoadResult, Outcome] = Coalescer()
        self._expects_miss = True
        """Whether the look-up before missed: then the next one claims its key at once."""
        self._understanding = Understanding(table, reader or CopyReader(), ours=template.ours)
        self._loader = Loader(
            self._cache, table, clock, self._coalescer, self._understanding, emit=self._emit,
            lifetimes=lifetimes or Lifetimes(), uniform=uniform, ours=template.ours,
        )  # fmt: skip
        self.writer = Writer(
            self._cache, table, template, clock, self._loader, self._understanding,
            emit=self._emit, read_only=read_only,
        )  # fmt: skip
        """Changes records and copies, and keeps both true to each other."""

    @property
    def lifetimes(self) -> Lifetimes:
        """How long fills live; may be replaced at any time, and counts for the next ones."""
        return self._loader.lifetimes

    @lifetimes.setter
    def lifetimes(self, lifetimes: Lifetimes) -> None:
        self._loader.change(lifetimes)

    @property
    def pending_count(self) -> int:
        """How many deletes the cache has not taken yet."""
        return self._cache.pending_count

    @property
    def breaker_state(self) -> BreakerState:
        """Whether the cache is asked, left alone, or tried again."""
        return self._cache.breaker_state

    async def look_up(self, id: Key, *, bypass: bool = False) -> Outcome:
        """Give the record with key `id`, and where it came from.

        Never raises for a cache or a database that fails: that is in the outcome. With
        `bypass` the cache is neither asked nor filled.

        The first for a key asks at once. Who comes while it waits asks when this turn of the
        loop is over, for all who have come for the key until then: so a crowd costs two reads
        of the cache, and nobody who is alone waits for a turn.
        """
        started, value_key = self._clock.monotonic(), self._template.value_key(id)
        outcome = None
        while outcome is None:  # whoever was to ask for all has left: ask again
            shared = None if bypass else self._coalescer.gathering(value_key)
            if shared is not None:
                outcome = await self._share(shared, started)
                continue
            with Recorder() as steps:
                lookup = Lookup(id, value_key, self._coalescer.next_epoch(), started, steps)
                if bypass or is_reserved(value_key):
                    lookup.reason = "asked to bypass the cache" if bypass else RESERVED_KEY
                    outcome = await self._ask(lookup)
                elif self._coalescer.begin_reading(value_key):
                    try:
                        outcome = await self._ask(lookup)
                    finally:
                        self._coalescer.end_reading(value_key)
                else:
                    outcome = await self._ask_for_all(lookup)
        if self.listeners:
            self._emit(LookedUp(outcome))
        return outcome

    async def aclose(self) -> None:
        """Let writes end, end the flights, send what is pending once more.

        Cache and table belong to whoever opened them.
        """
        await self.writer.aclose()
        await self._loader.aclose()
        await self._cache.aclose()

    async def _ask_for_all(self, lookup: Lookup) -> Outcome:
        """Answer a look-up that others may join until this turn of the loop is over."""
        outcome, shared = None, self._coalescer.gather(lookup.value_key)
        try:
            try:
                await asyncio.sleep(0)
            finally:
                lookup.epoch, lookup.alone = self._coalescer.send(shared), False
            outcome = await self._ask(lookup)
        finally:
            shared.settle(outcome)
        return outcome

    async def _share(self, shared: Shared[Outcome | None], started: float) -> Outcome | None:
        """Wait for what somebody else asks for all; None when they have left."""
        outcome = await shared.join()
        if outcome is None:
            return None
        seconds = self._clock.monotonic() - started
        # What the cache had, it had for each of them; what was loaded was loaded for one.
        hit = outcome.label in FROM_CACHE
        flags = outcome.flags if hit else replace(outcome.flags, coalesced=True)
        return Outcome(
            outcome.id, outcome.label, outcome.record, outcome.ttl_left, seconds,
            flags, outcome.reason,
            (Step(Target.SERVICE, f"join the lookup of {shared.key}", seconds, "shared"),),
            outcome.format,
        )  # fmt: skip

    async def _ask(self, lookup: Lookup) -> Outcome:
        """Answer from the cache, else from a flight.

        Two rounds at the most: a flight that is found after one has been waited for reads
        after this look-up began, and then its answer is new enough.
        """
        outcome = None
        while outcome is None:
            if lookup.reason is None:
                copy = await self._read(lookup)
                if copy is not None and copy.fresh:
                    return self._hit(lookup, copy)
            outcome = await self._load(lookup)
        return outcome

    async def _read(self, lookup: Lookup) -> CachedCopy | None:
        """Return what is cached; None where the cache gave no answer."""
        try:
            if self._expects_miss and self._may_claim(lookup):
                cached, lookup.claim = await self._loader.read_or_claim(lookup.value_key)
            else:
                cached = await self._cache.read(lookup.value_key)
            copy = self._understanding.of(
                cached, lookup.id,
                grace=self._loader.lifetimes.grace, read_only=self.read_only,
            )  # fmt: skip
            self._expects_miss = not copy.fresh
            lookup.held = copy
            if cached.wrong_type and not self.read_only and not copy.kept:
                await self._cache.drop(lookup.value_key)
        except CacheError as error:
            lookup.reason = str(error)
            lookup.pending = self._cache.is_pending(lookup.value_key)
            return None
        return copy

    def _may_claim(self, lookup: Lookup) -> bool:
        """Tell whether to claim the key on the trip that reads it, if nothing fresh is there.

        That is for when a miss is likely, which is what the look-up before has met, whatever
        its key. To guess wrong costs a trip, or a claim where a plain read would have done, and
        never changes the answer.
        """
        return (
            not self.read_only
            and lookup.alone
            and self._coalescer.get(lookup.value_key) is None
        )

    def _hit(self, lookup: Lookup, copy: CachedCopy) -> Outcome:
        """Answer from a fresh copy; perhaps have it refreshed behind the answer."""
        if lookup.claim is not None:  # the cache and we disagree on what is fresh
            self._loader.abandon(lookup.claim)
        refreshing = (
            not self.read_only
            and not copy.kept
            and copy.record is not None
            and copy.fresh_for is not None
            and self._loader.refresh_is_due(copy.fresh_for)
        )
        if refreshing and self._coalescer.get(lookup.value_key) is None:
            self._loader.start(lookup.value_key, lookup.id, fill=True, held=copy)
        return self._outcome(
            lookup, copy.label, copy.record, ttl_left=copy.fresh_for,
            flags=REFRESHING if refreshing else NO_FLAGS,
        )  # fmt: skip

    async def _load(self, lookup: Lookup) -> Outcome | None:
        """Join the key's flight or start it; None when a joined one may be too old."""
        flight = None if lookup.claim is not None else self._coalescer.get(lookup.value_key)
        if flight is None:
            load = await self._start(lookup).join()
            lookup.steps += load.steps
            return self._answer(lookup, load, coalesced=False)
        waiting_since = self._clock.monotonic()
        load = await flight.join()
        # Rule B: what a flight brings home is new enough for who has joined it if it was read
        # after the look-up began, or was filled: then no write was acknowledged between its
        # claim and its fill, and by rule A nobody has joined after that.
        new_enough = flight.epoch > lookup.epoch or load.filled is Filled.YES
        trusted = new_enough or load.error is not None
        seconds = self._clock.monotonic() - waiting_since
        result = "shared" if trusted else "may be old: look once more"
        note_steps(
            Step(Target.SERVICE, f"join the load of {lookup.value_key}", seconds, result)
        )
        return self._answer(lookup, load, coalesced=True) if trusted else None

    def _start(self, lookup: Lookup) -> Flight[LoadResult]:
        """Start the key's flight, with the claim if there is one."""
        claim, lookup.claim = lookup.claim, None
        fill = lookup.reason is None and not self.read_only
        held = lookup.held or NOTHING_HELD
        if held.kept and claim is not None:
            self._loader.abandon(claim)
            claim = None
        # The look-up before may have stored the copy since this one's read has missed it.
        return self._loader.start(
            lookup.value_key, lookup.id,
            fill=fill and not held.kept, claim=claim, look_again=not lookup.alone, held=held,
        )  # fmt: skip

    def _answer(self, lookup: Lookup, load: LoadResult, *, coalesced: bool) -> Outcome:
        held = lookup.held
        flags = Flags(coalesced, load.filled, pending=lookup.pending)
        if load.error is not None:
            if held is not None and held.in_grace:
                return self._outcome(
                    lookup, Label.STALE, held.record, reason=load.error, flags=flags
                )
            reason = "; ".join(filter(None, (load.error, lookup.reason)))
            return self._outcome(lookup, Label.ERROR, reason=reason, flags=flags)
        if load.elsewhere is not None:
            copy, flags = load.elsewhere, replace(flags, coalesced=True)
            return self._outcome(
                lookup, copy.label, copy.record, ttl_left=copy.fresh_for, flags=flags
            )
        if lookup.reason is not None:
            label = Label.BYPASS
        else:
            label = Label.NOT_FOUND if load.record is None else Label.DB
        if held is not None and held.broken and load.filled is Filled.YES:
            flags = replace(flags, repaired=True)
        why = lookup.why
        if load.not_stored is not None:
            why = "; ".join(filter(None, (why, f"not stored: {load.not_stored}")))
        return self._outcome(
            lookup, label, load.record,
            ttl_left=load.fresh_for, reason=why, flags=flags,
        )  # fmt: skip

    def _outcome(
        self,
        lookup: Lookup,
        label: Label,
        record: Record | None = None,
        *,
        ttl_left: float | None = None,
        reason: str | None = None,
        flags: Flags,
    ) -> Outcome:
        seconds = self._clock.monotonic() - lookup.started
        return Outcome(
            lookup.id, label, record, ttl_left, seconds, flags, reason, tuple(lookup.steps),
            None if lookup.held is None else lookup.held.format,
        )  # fmt: skip

    def _emit(self, event: Event) -> None:
        for listener in tuple(self.listeners):  # one may leave while it listens
            listener(event)
