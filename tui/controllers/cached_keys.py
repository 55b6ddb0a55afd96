"""What the cache screen can do: walk through what is cached, and change what it finds."""

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass

from tui.audit.formats import format_of_beginning
from tui.controllers.session import Session, next_step
from tui.models import CopyChange, Key, KeyFacts
from tui.models.inventory import CopyState, Entry, Inventory, entry_of
from tui.runtime.clock import Clock
from tui.runtime.errors import (
    CacheError,
    CacheRefused,
    CacheUnavailable,
    DatabaseUnavailable,
    HitmissError,
)
from tui.service.cache_aside import CacheAside
from tui.service.events import Event, Invalidated

QUIET_SECONDS = 5.0
"""The least time between two walks, and the time after one that failed."""
SHARE_OF_TIME, MOST_QUIET_SECONDS = 20, 60.0
"""A walk is followed by a rest this many times as long, up to a minute: the server is hardly
bothered, and the list never old."""
RETRY_SECONDS = (0.5, 1.0, 2.0)
"""The pauses after which a delete is sent again that got no answer."""
DELETES_PER_TRIP = 100
SPENT = 0.1
"""The share of a ttl that may be over while it still counts as that ttl."""


@dataclass(frozen=True, slots=True)
class LifeStep:
    """What `+` or `-` means for one copy."""

    ttl: float | None
    """The ttl that it is to have, in seconds; None where there is no further one."""
    reason: str = ""
    """Why there is none."""


class CachedKeysController:
    """The cache screen's way to what is cached."""

    def __init__(self, session: Session, clock: Clock) -> None:
        """Walk through the session's cache; times are of `clock`."""
        self.session = session
        session.listeners.append(self._hear)
        self._clock = clock
        self.inventory = Inventory()
        self.filter = ""
        """Only keys whose id holds this are walked through."""
        self._due = 0.0
        """When the next walk may begin."""
        self.complete = False
        """Whether a walk has come to its end since the filter was chosen."""
        self.unread: dict[str, str] = {}
        """Of the latest walk: keys that could not be looked at, and why."""
        self.problem: str | None = None
        """What is wrong with the latest walk, as a person is told; its first answer takes back
        what was wrong with the one before."""

    @property
    def is_due(self) -> bool:
        """Whether it is time for another walk."""
        return self._clock.monotonic() >= self._due

    def choose(self, text: str) -> None:
        """Walk from now on only through the keys whose id holds `text`; '' is all."""
        if text != self.filter:
            self.filter = text
            self.complete = False
            self.inventory.clear()

    async def walk(self) -> AsyncGenerator[int, None]:
        """Walk once through all keys that match; yield, step by step, how many were found.

        At its end `problem` says what went wrong; what was found until then stays.
        """
        started = self._clock.monotonic()
        try:
            async with aclosing(self._steps()) as steps:
                async for count in steps:
                    self.problem = None
                    yield count
        except HitmissError as error:
            self._note_failure(error)
            self.problem = str(error)
            return
        now = self._clock.monotonic()
        self.inventory.end_walk(now)
        self.complete = True
        self.problem = self._told_of_unread()
        rest = SHARE_OF_TIME * (now - started)
        self._due = now + min(MOST_QUIET_SECONDS, max(QUIET_SECONDS, rest))

    async def _steps(self) -> AsyncGenerator[int, None]:
        """Note what is found; yield, step by step, how much that was."""
        count = 0
        services = await self.session.services()
        # A cache that is down is found out at once; one that stumbles on the way is waited
        # for, since all that was read would have to be read again.
        with suppress(CacheRefused):
            await services.cache.ping()
        walker = services.cache.walker.patient()
        self.inventory.begin_walk()
        self.unread = {}
        async for ids in self._found(self.filter):
            facts = await walker.describe(list(ids))
            now, grace = self._clock.monotonic(), self.session.lifetimes.grace
            self.unread |= {f.key: f.unread for f in facts if f.unread is not None}
            facts = [f for f in facts if f.unread is None]
            entries = [
                entry_of(ids[f.key], f, grace=grace, now=now, format=_format_of(f))
                for f in facts
            ]
            self.inventory.note(entries)
            self.session.note_answers()
            count += len(entries)
            yield count

    def _told_of_unread(self) -> str | None:
        """Return what is to be said of keys of which the list has nothing."""
        if not self.unread:
            return None
        key, reason = next(iter(self.unread.items()))
        count = "1 key" if len(self.unread) == 1 else f"{len(self.unread):,} keys"
        return f"{count} could not be looked at: {key}: {reason}"

    def _note_failure(self, error: HitmissError) -> None:
        """Leave a cache that gave no answer alone for a while."""
        if isinstance(error, CacheError | DatabaseUnavailable):
            self.session.note_failure(error)
        self._due = self._clock.monotonic() + QUIET_SECONDS

    async def invalidate_all(self) -> AsyncGenerator[int, None]:
        """Forget the copy of every key that matches; yield, step by step, how many went.

        The next walk is due at once, but for a failure: it would fail too.

        Raises:
            CacheError, DatabaseUnavailable, ChangeRefused: what was not done is pending.
        """
        count = 0
        try:
            service = await self.session.service()
            async for found in self._found(self.filter):
                ids = list(found.values())
                for start in range(0, len(ids), DELETES_PER_TRIP):
                    part = ids[start : start + DELETES_PER_TRIP]
                    await self._invalidate_patiently(service, part)
                    count += len(part)
                yield count
        except HitmissError as error:
            self._note_failure(error)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            self._due = self._clock.monotonic()
            raise
        self._due = self._clock.monotonic()

    async def invalidate(self, id: Key) -> CopyChange:
        """Forget one copy; a failure is a reason in the result."""
        return await self._change(id, lambda service: service.writer.invalidate(id))

    async def expire(self, id: Key) -> CopyChange:
        """End one copy's freshness; a failure is a reason in the result."""
        change = await self._change(id, lambda service: service.writer.expire(id))
        await self.look_at(id)
        return change

    def next_life(self, entry: Entry, direction: int) -> LifeStep:
        """Give the next longer or shorter ttl for a copy, or why there is none."""
        ttl = next_step(entry.fresh_until - self._clock.monotonic(), direction, spent=SPENT)
        if entry.state(self._clock.monotonic()) is CopyState.EXPIRED:
            return LifeStep(None, "is not cached any more")
        if ttl is not None:
            return LifeStep(ttl)
        if direction < 0:
            return LifeStep(None, "has no more than that left: x lets it expire, i forgets it")
        if entry.fresh_until == math.inf:
            return LifeStep(None, "never expires: - gives it a ttl")
        return LifeStep(None, "lives for the longest ttl already")

    async def extend(self, id: Key, ttl: float) -> CopyChange:
        """Let a copy be fresh for `ttl` seconds; a failure is a reason in the result."""
        change = await self._change(id, lambda service: service.writer.extend(id, ttl))
        await self.look_at(id)
        return change

    async def look_at(self, id: Key) -> None:
        """Find out anew what is cached for one record."""
        key = self.session.template.value_key(id)
        try:
            facts = await (await self.session.services()).cache.walker.describe([key])
        except (CacheError, DatabaseUnavailable) as error:
            self.session.note_failure(error)
            return
        now, grace = self._clock.monotonic(), self.session.lifetimes.grace
        if facts and facts[0].unread is not None:
            return  # it is as it was, for all that is known
        if facts:
            format = _format_of(facts[0])
            self.inventory.note([entry_of(id, facts[0], grace=grace, now=now, format=format)])
        else:
            self.inventory.end(id, "gone", now)

    def entry(self, id: Key) -> Entry | None:
        """Return what is known of one copy; None where none is listed."""
        self.inventory.arrange(self._clock.monotonic())
        return self.inventory.entry(id)

    async def _invalidate_patiently(self, service: CacheAside, ids: list[Key]) -> None:
        for pause in RETRY_SECONDS:
            with suppress(CacheUnavailable):
                await service.writer.invalidate_many(ids)
                return
            await self._clock.sleep(pause)
        await service.writer.invalidate_many(ids)

    def _hear(self, event: Event) -> None:
        """Mark what was invalidated, from whatever screen."""
        if isinstance(event, Invalidated) and not event.pending:
            self.inventory.end(event.id, "invalidated", self._clock.monotonic())

    async def _found(self, part: str) -> AsyncIterator[dict[str, Key]]:
        """Give the value keys whose id holds `part`, with their ids, as the walk finds them."""
        template, integer = self.session.template, self.session.schema.id_is_integer
        walker = (await self.session.services()).cache.walker.patient()
        async for batch in walker.scan(template, part):
            ids = ((key, template.id_of(key, integer=integer)) for key in batch)
            yield {key: id for key, id in ids if id is not None and part in str(id)}

    async def _change(
        self, id: Key, change: Callable[[CacheAside], Awaitable[CopyChange]]
    ) -> CopyChange:
        try:
            service = await self.session.service()
        except DatabaseUnavailable as error:
            return CopyChange(id, found=False, reason=str(error))
        return await change(service)


def _format_of(facts: KeyFacts) -> str | None:
    return format_of_beginning(facts.beginning) if facts.beginning else None
