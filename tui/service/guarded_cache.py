"""The cache behind its breaker, and the deletes that it has not taken yet."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import islice
from typing import Protocol, TypeVar

from tui.models import Cached, Step, Target, Trace
from tui.models.keys import lease_key
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


class Cache(Protocol):
    """What the service needs of a cache.

    Each call appends the commands it ran to the trace, in failure too, takes bounded
    time, and raises CacheUnavailable (no answer) or CacheRefused (will not do it).
    """

    async def get(self, key: str, trace: Trace) -> Cached:
        """Give what is stored under `key` and how long it will live: one round trip."""
        ...

    async def get_or_lease(
        self, key: str, lease: str, token: str, seconds: float, grace: float, trace: Trace
    ) -> tuple[Cached, bool]:
        """As `get`; where nothing fresh is stored, it may take the lease on the same trip.

        Fresh is what lives for longer than `grace`, and 'known to be absent'. Gives whether the
        lease was taken; where not, nobody may have tried.
        """
        ...

    async def acquire_lease(self, lease: str, token: str, seconds: float, trace: Trace) -> bool:
        """Take the lease for that time, unless somebody holds it."""
        ...

    async def release_lease(self, lease: str, token: str, trace: Trace) -> bool:
        """End the lease, if it is still held with `token`; tell whether it was."""
        ...

    async def fill(
        self,
        key: str,
        lease: str,
        token: str,
        payload: bytes,
        seconds: float,
        trace: Trace,
        *,
        expected: Cached | None = None,
    ) -> bool:
        """Store `payload` and give the lease back, if it is still held with `token`.

        With `expected`, only if the key still holds that payload, or still nothing.
        """
        ...

    async def delete(self, *keys: str, trace: Trace) -> int:
        """Delete the keys, which share a slot, in one command; give how many there were."""
        ...

    async def delete_pairs(self, pairs: Sequence[tuple[str, str]], trace: Trace) -> int:
        """Delete value and lease of many records; give how many keys there were."""
        ...

    async def expire_after(self, key: str, seconds: float, trace: Trace) -> bool:
        """Let `key` live for that time from now; tell whether it was there."""
        ...


class GuardedCache:
    """A cache that is left alone while it is down, and read only when its deletes are done.

    A write that could not delete the cached copy leaves its key pending. Until the delete
    has been taken, the copy may be stale, so nothing of that key is read; and before each
    read pending deletes are sent again, one trip of them. That is also how a breaker that
    has waited long enough finds out whether the cache is back.
    """

    def __init__(self, cache: Cache, clock: Clock, emit: Callable[[Event], None]) -> None:
        """Guard `cache`, and tell `emit` what is decided."""
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

    async def get(self, key: str, trace: Trace) -> Cached:
        """Give what is stored under `key`, unless its delete is still pending.

        Raises:
            CacheUnavailable: no answer; CacheLeftAlone: it was not asked.
            CacheRefused: the cache will not do it.
        """
        self._pass_breaker(trace)
        if self._pending or self._blocked_until is not None:
            await self._prepare_read(key, trace)
        return await self._watch(self._cache.get(key, trace))

    async def get_or_lease(
        self, key: str, lease: str, token: str, seconds: float, grace: float, trace: Trace
    ) -> tuple[Cached, bool]:
        """As `get`; where nothing fresh is stored, it may take the lease on the same trip."""
        self._pass_breaker(trace)
        if self._pending or self._blocked_until is not None:
            await self._prepare_read(key, trace)
        return await self._watch(
            self._cache.get_or_lease(key, lease, token, seconds, grace, trace)
        )

    async def acquire_lease(self, lease: str, token: str, seconds: float, trace: Trace) -> bool:
        """Take the lease for that time, unless somebody holds it."""
        self._pass_breaker(trace)
        return await self._watch(self._cache.acquire_lease(lease, token, seconds, trace))

    async def release_lease(self, lease: str, token: str, trace: Trace) -> bool:
        """End the lease, if it is still held with `token`; tell whether it was."""
        self._pass_breaker(trace)
        return await self._watch(self._cache.release_lease(lease, token, trace))

    async def release_unnoticed(self, lease: str, token: str) -> bool:
        """As `release_lease`, for nobody who waits: past the breaker, which learns nothing."""
        return await self._cache.release_lease(lease, token, [])

    async def fill(
        self,
        key: str,
        lease: str,
        token: str,
        payload: bytes,
        seconds: float,
        trace: Trace,
        *,
        expected: Cached | None = None,
    ) -> bool:
        """Store `payload` and give the lease back, if it is still held with `token`.

        With `expected`, only if the key still holds that payload, or still nothing.
        """
        self._pass_breaker(trace)
        return await self._watch(
            self._cache.fill(key, lease, token, payload, seconds, trace, expected=expected)
        )

    async def delete(self, *keys: str, trace: Trace) -> int:
        """Delete the keys in one command; what is not taken is not remembered."""
        self._pass_breaker(trace)
        return await self._watch(self._cache.delete(*keys, trace=trace))

    async def delete_pairs(self, pairs: Sequence[tuple[str, str]], trace: Trace) -> int:
        """Delete value and lease of many records; what is not taken is not remembered."""
        self._pass_breaker(trace)
        return await self._watch(self._cache.delete_pairs(pairs, trace))

    async def expire_after(self, key: str, seconds: float, trace: Trace) -> bool:
        """Let `key` live for that time from now; tell whether it was there."""
        self._pass_breaker(trace)
        return await self._watch(self._cache.expire_after(key, seconds, trace))

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
                await self._drain([])
        await self._drains.aclose()

    async def _prepare_read(self, key: str, trace: Trace) -> None:
        """Send pending deletes; raise CacheLeftAlone when `key` may not be read."""
        if self._pending:
            try:
                await self._drain(trace)
            except CacheRefused:
                pass  # it answers, but takes no deletes: it still has the other keys' copies
            except CacheUnavailable as error:
                raise CacheLeftAlone(str(error)) from error
        if self.is_pending(key):
            self._breaker.gave_up()
            raise CacheLeftAlone("a delete of this key is pending; its copy may be stale")

    def _pass_breaker(self, trace: Trace) -> None:
        if not self._breaker.lets_through():
            left, reason = self._breaker.seconds_left, self._breaker.reason
            when = f"for {left:.1f} s more" if left else "while another lookup tries it"
            trace.append(Step(Target.SERVICE, "breaker open", 0.0, f"cache left alone {when}"))
            raise CacheLeftAlone(f"the cache is left alone {when}: {reason}")

    async def _drain(self, trace: Trace) -> None:
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
            trace.append(Step(Target.SERVICE, "drain pending deletes", seconds, result))

    async def _send_pending(self, flight: Flight[int]) -> int:
        # One trip: who waits for it waits for no more; what is left goes with the next read.
        sent = dict(islice(self._pending.items(), MOST_PER_DRAIN))
        pairs = [(value_key, lease_key(value_key)) for value_key in sent]
        await self._watch(self._cache.delete_pairs(pairs, []))
        # A key whose number has changed was written again meanwhile: its delete is younger.
        done = [key for key, number in sent.items() if self._pending.get(key) == number]
        for key in done:
            del self._pending[key]
        self._emit(Drained(tuple(done)))
        return len(done)

    async def _watch(self, call: Awaitable[Reply]) -> Reply:
        """Await a call to the cache, and let the breaker know how it went."""
        was_open = self._breaker.is_open
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
        self._closed(was_open)
        return reply

    def _closed(self, was_open: bool) -> None:
        self._breaker.succeeded()
        if was_open:
            self._emit(BreakerChanged(open=False, reason=""))
