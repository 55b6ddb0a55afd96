"""The cache behind its breaker, and the deletes that it has not taken yet."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import islice
from typing import TypeVar

from tui.cache.port import Claim, Copies
from tui.models import Cached, Step, Target
from tui.models.recorder import Recorder, note_steps
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError, CacheLeftAlone, CacheRefused, CacheUnavailable
from tui.service.breaker import Breaker, BreakerState
from tui.service.coalescer import Flight, Flights
from tui.service.events import BreakerChanged, Drained, Event

MOST_PER_DRAIN = 200
"""How many pending deletes travel together; a read waits for one such trip."""
MOST_PENDING = 10_000
"""How many pending deletes are remembered one by one."""

Reply = TypeVar("Reply")


class GuardedCache:
    """A cache that is left alone while it is down, and read only when its deletes are done.

    A write that could not delete the cached copy leaves its key pending. Until the delete
    has been taken, the copy may be stale, so nothing of that key is read; and before each
    read pending deletes are sent again, one trip of them. Each is an invalidation: it also
    makes claims void, and deletes what a load under way has filled meanwhile. That is also how
    a breaker that has waited long enough finds out whether the cache is back.
    """

    def __init__(self, cache: Copies, clock: Clock, emit: Callable[[Event], None]) -> None:
        """Guard `cache`, and tell `emit` what is decided."""
        self.ttl_step = cache.ttl_step
        """By how many seconds less may be left of a life than is told."""
        self._cache = cache
        self._clock = clock
        self._emit = emit
        self._breaker = Breaker(clock)
        self._pending: dict[str, int] = {}
        self._pending_number = 0
        self._blocked_until: float | None = None
        self._drains: Flights[int] = Flights()

    def is_pending(self, value_key: str) -> bool:
        """Tell whether the copy under this key may be stale, for want of a delete."""
        if value_key in self._pending:
            return True
        return self._blocked_until is not None and self._blocked_until > self._clock.monotonic()

    @property
    def pending_count(self) -> int:
        """How many deletes are pending."""
        return len(self._pending)

    def lasting(self, seconds: float) -> float:
        """Return for how long something is really kept that is to live for `seconds`."""
        return self._cache.lasting(seconds)

    @property
    def breaker_state(self) -> BreakerState:
        """What the breaker lets through right now."""
        return self._breaker.state

    def new_claim(self, key: str) -> Claim:
        """Return what `key` is to be claimed with."""
        return self._cache.new_claim(key)

    async def read(self, key: str) -> Cached:
        """Return what is stored under `key`, unless its delete is still pending.

        Raises:
            CacheUnavailable: no answer; CacheLeftAlone: it was not asked.
            CacheRefused: the cache will not do it.
        """
        if not self._breaker.at_rest:
            self._pass_breaker()
        if self._pending or self._blocked_until is not None:
            await self._prepare_read(key)
        return await self._watch(self._cache.read(key))

    async def read_or_claim(self, claim: Claim, grace: float) -> tuple[Cached, bool]:
        """As `read`; where nothing fresh is stored, the key may be claimed on the same trip."""
        if not self._breaker.at_rest:
            self._pass_breaker()
        if self._pending or self._blocked_until is not None:
            await self._prepare_read(claim.key)
        return await self._watch(self._cache.read_or_claim(claim, grace))

    async def claim(self, claim: Claim) -> bool:
        """Claim the key; tell whether it was free."""
        if not self._breaker.at_rest:
            self._pass_breaker()
        return await self._watch(self._cache.claim(claim))

    async def abandon(self, claim: Claim) -> bool:
        """End the claim, if it holds; tell whether it did."""
        if not self._breaker.at_rest:
            self._pass_breaker()
        return await self._watch(self._cache.abandon(claim))

    async def abandon_unnoticed(self, claim: Claim) -> bool:
        """As `abandon`, for nobody who waits: past the breaker, which learns nothing."""
        return await self._cache.abandon(claim)

    async def fill(
        self, claim: Claim, payload: bytes, seconds: float, *, expected: Cached | None = None
    ) -> bool:
        """Store `payload` and end the claim, if it still holds.

        With `expected`, only if the key still holds that payload, or still nothing.
        """
        if not self._breaker.at_rest:
            self._pass_breaker()
        return await self._watch(self._cache.fill(claim, payload, seconds, expected=expected))

    async def invalidate(self, keys: Sequence[str]) -> int:
        """Delete copies and make claims void; what is not taken is not remembered."""
        if not self._breaker.at_rest:
            self._pass_breaker()
        return await self._watch(self._cache.invalidate(keys))

    async def drop(self, key: str) -> bool:
        """Delete what is stored under `key`; claims on it hold."""
        if not self._breaker.at_rest:
            self._pass_breaker()
        return await self._watch(self._cache.drop(key))

    async def expire_after(self, key: str, seconds: float) -> bool:
        """Let what is stored under `key` live for that time; tell whether it was there."""
        if not self._breaker.at_rest:
            self._pass_breaker()
        return await self._watch(self._cache.expire_after(key, seconds))

    def remember_delete(self, value_key: str, copy_seconds: float) -> None:
        """Note that the cache has not taken the delete of this key.

        Beyond MOST_PENDING the keys are no longer told apart: then nothing is read until
        every copy that was there, living for `copy_seconds` at most, has gone by itself.
        """
        if value_key not in self._pending and len(self._pending) >= MOST_PENDING:
            end = self._clock.monotonic() + copy_seconds
            self._blocked_until = max(self._blocked_until or end, end)
            return
        self._pending_number += 1
        self._pending[value_key] = self._pending_number

    async def aclose(self) -> None:
        """Send what is pending once more, if the cache is there, and end."""
        if self._pending and not self._breaker.is_open:
            with suppress(CacheError):  # else those copies end by themselves, within grace
                await self._drain()
        await self._drains.aclose()

    async def _prepare_read(self, key: str) -> None:
        """Send pending deletes; raise CacheLeftAlone when `key` may not be read."""
        if self._pending:
            try:
                await self._drain()
            except CacheRefused:
                pass  # it answers, but takes no deletes: it still has the other keys' copies
            except CacheUnavailable as error:
                raise CacheLeftAlone(str(error)) from error
        if self.is_pending(key):
            self._breaker.gave_up()
            raise CacheLeftAlone("a delete of this key is pending; its copy may be stale")

    def _pass_breaker(self) -> None:
        if not self._breaker.lets_through():
            left, reason = self._breaker.seconds_left, self._breaker.reason
            when = f"for {left:.1f} s more" if left else "while another lookup tries it"
            note_steps(Step(Target.SERVICE, "breaker open", 0.0, f"cache left alone {when}"))
            raise CacheLeftAlone(f"the cache is left alone {when}: {reason}")

    async def _drain(self) -> None:
        """Send the pending deletes; many callers share one attempt."""
        started = self._clock.monotonic()
        flight = self._drains.get("drain") or self._drains.start("drain", self._send_pending)
        result = ""
        try:
            count = await flight.join()
            result = f"drained {count} pending delete{'s' * (count != 1)}"
        except CacheError as error:
            result = str(error)
            raise
        finally:
            seconds = self._clock.monotonic() - started
            note_steps(Step(Target.SERVICE, "drain pending deletes", seconds, result))

    async def _send_pending(self, flight: Flight[int]) -> int:
        # One trip: who waits for it waits for no more; what is left goes with the next read.
        sent = dict(islice(self._pending.items(), MOST_PER_DRAIN))
        with Recorder():  # it is a step of all who wait for it, which each of them notes
            await self._watch(self._cache.invalidate(list(sent)))
        # A key whose number has changed was written again meanwhile: its delete is younger.
        done = [key for key, number in sent.items() if self._pending.get(key) == number]
        for key in done:
            del self._pending[key]
        self._emit(Drained(tuple(done)))
        return len(done)

    async def _watch(self, call: Awaitable[Reply]) -> Reply:
        """Await a call to the cache, and let the breaker know how it went."""
        was_open = not self._breaker.at_rest and self._breaker.is_open
        try:
            reply = await call
        except CacheUnavailable as error:
            self._breaker.failed(str(error))
            if not was_open and self._breaker.state is BreakerState.OPEN:
                self._emit(BreakerChanged(open=True, reason=str(error)))
            raise
        except CacheRefused:  # it answers: that is no outage
            self._closed(was_open)
            raise
        except BaseException:
            self._breaker.gave_up()
            raise
        if not self._breaker.at_rest:
            self._closed(was_open)
        return reply

    def _closed(self, was_open: bool) -> None:
        self._breaker.succeeded()
        if was_open:
            self._emit(BreakerChanged(open=False, reason=""))
