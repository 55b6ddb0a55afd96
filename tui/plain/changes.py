"""What changes by itself, kept until somebody can be told: copies that expire, outages."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from tui.controllers.cached_keys import CachedKeysController
from tui.controllers.session import Session
from tui.models import Health, Key
from tui.models.inventory import CopyState
from tui.models.sentences import counted
from tui.plain.sayings import key_of, told_of_time
from tui.runtime.clock import Clock

if TYPE_CHECKING:
    from tui.service.events import Event

MOST_COPIES: Final = 1_000
"""How many copies are watched: those that were seen last."""
MOST_TOLD: Final = 5
"""Of more copies that have expired only the number is told."""
MOST_NOTES: Final = 20
PROBE_SECONDS: Final = 2.0
"""How often a cache or a database that is down is asked whether it is back."""


class Changes:
    """Hears what the service does, and looks after what nobody asks for."""

    def __init__(self, session: Session, copies: CachedKeysController, clock: Clock) -> None:
        """Watch what is seen in the session; times are of `clock`."""
        self._session = session
        self._copies = copies
        self._clock = clock
        self._fresh_until: dict[Key, float] = {}
        self._notes: deque[str] = deque(maxlen=MOST_NOTES)
        self._told_up: dict[str, bool] = {}
        session.listeners.append(self._hear)

    def note(self, text: str) -> None:
        """Keep a line for the next time when something can be said."""
        self._notes.append(text)

    def forget(self, id: Key) -> None:
        """Say nothing of the end of that copy: a person has made it."""
        self._fresh_until.pop(id, None)

    def watch(self, id: Key, seconds: float) -> None:
        """Tell when a copy has expired that is fresh for so long."""
        self._fresh_until.pop(id, None)
        self._fresh_until[id] = self._clock.monotonic() + seconds
        if len(self._fresh_until) > MOST_COPIES:
            del self._fresh_until[next(iter(self._fresh_until))]

    async def told(self) -> list[str]:
        """Return what has changed since it was told last, a line each."""
        expired = await self._expired()
        self._note_health("cache", self._session.cache_health)
        self._note_health("database", self._session.database_health)
        told = [*self._notes, *expired]
        self._notes.clear()
        return told

    @asynccontextmanager
    async def probing(self, *, connects: bool) -> AsyncIterator[None]:
        """Meanwhile ask what is down, from time to time, whether it is back.

        With `connects` all is opened at once, before anybody asks for something.
        """
        task = asyncio.create_task(self._probe(connects=connects))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def _hear(self, event: "Event") -> None:
        from tui.service.events import BreakerChanged, Drained, Invalidated, LookedUp

        if isinstance(event, LookedUp):
            left = event.outcome.ttl_left
            if left is None:
                self.forget(event.outcome.id)
            else:
                self.watch(event.outcome.id, left)
        elif isinstance(event, Invalidated) and not event.pending:
            self.forget(event.id)
        elif isinstance(event, Drained):
            copies = counted(len(event.value_keys), "copy")
            self.note(f"{copies} could be deleted at last that had to be")
        elif isinstance(event, BreakerChanged):
            self.note(
                f"breaker open, the cache is left alone for now: {event.reason}"
                if event.open
                else "breaker closed, the cache is asked again"
            )

    async def _expired(self) -> list[str]:
        """Return which copies have expired; the cache is asked whether they were renewed."""
        now = self._clock.monotonic()
        due = {id: until for id, until in self._fresh_until.items() if until <= now}
        gone = {}
        for number, (id, until) in enumerate(due.items()):
            self.forget(id)
            left = await self._fresh_for(id) if number < MOST_TOLD * 2 else None
            if left is None:
                gone[id] = until
            else:
                self.watch(id, left)
        if len(gone) > MOST_TOLD:
            return [f"{len(gone):,} copies expired"]
        return [_told_of_end(id, now - until) for id, until in gone.items()]

    async def _fresh_for(self, id: Key) -> float | None:
        """Return for how long a copy is fresh by what the cache says; None if it is not."""
        if self._session.cache_health.up is False:
            return None
        await self._copies.look_at(id)
        entry = self._copies.entry(id)
        now = self._clock.monotonic()
        if entry is None or entry.state(now) is not CopyState.FRESH:
            return None
        return entry.fresh_until - now

    def _note_health(self, name: str, health: Health) -> None:
        """Note that a target went down, or came back."""
        if health.up is None:
            return
        before = self._told_up.get(name, True)
        self._told_up[name] = health.up
        if before and not health.up:
            self.note(f"{name} down: {health.reason}")
        elif health.up and not before:
            self.note(f"{name} up again")

    async def _probe(self, *, connects: bool) -> None:
        session = self._session
        if connects:
            await session.connect()
        while True:
            await self._clock.sleep(PROBE_SECONDS)
            await session.probe()


def _told_of_end(id: Key, seconds: float) -> str:
    """Return that a copy has expired so long ago."""
    if seconds < 1:
        return f"the copy of {key_of(id)} has just expired"
    return f"the copy of {key_of(id)} expired {told_of_time(seconds)} ago"
