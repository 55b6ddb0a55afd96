"""Values under keys, with a time to live, on a server of the Redis protocol."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from redis import exceptions
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from tui.cache.cancellation import cancellable
from tui.cache.failures import DRIVER_ERRORS, is_wrong_type, translate
from tui.cache.shared_reads import SharedReads
from tui.cache.walker import CacheWalker
from tui.clock import Clock
from tui.errors import CacheError, CacheRefused, CacheUnavailable
from tui.models import KEYS_PER_STEP, Cached, Step, Target, Trace

CALL_SECONDS = 0.5
"""What one call may take in all: waiting for a connection, connecting, retry and command."""

FILL = """\
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1
"""
"""Store a value only while the lease is ours, and end the lease: all at once."""
FILL_SHA = hashlib.sha1(FILL.encode(), usedforsecurity=False).hexdigest()

Reply = TypeVar("Reply")
Typed: TypeAlias = tuple[str | bytes | int, ...]
"""The words of a command, to be sent again."""


class RedisCache:
    """Values under keys, with a time to live, on a server of the Redis protocol.

    Every call raises CacheUnavailable or CacheRefused for what goes wrong, takes at most
    CALL_SECONDS, and appends what it ran to the trace.
    """

    def __init__(
        self,
        client: Redis | RedisCluster,
        clock: Clock,
        *,
        read_only: bool,
        scan_count: int = KEYS_PER_STEP,
    ) -> None:
        """Use `client`; with `read_only`, refuse whatever would change the server.

        A SCAN looks at `scan_count` keys.
        """
        self._client = client
        self._reads = SharedReads(client, CALL_SECONDS)
        self.walker = CacheWalker(client, clock, CALL_SECONDS, scan_count=scan_count)
        """Reads keys in numbers."""
        self._clock = clock
        self._read_only = read_only

    async def aclose(self) -> None:
        """End what is under way; the client belongs to whoever opened it."""
        await self._reads.aclose()

    async def ping(self, trace: Trace) -> None:
        """Find out whether the server answers."""
        await self._call(trace, "PING", self._client.ping, lambda _: "PONG")

    async def get(self, key: str, trace: Trace) -> Cached:
        """Give what is stored under `key` and how long it will live: one round trip.

        Read-only, another program's hash is read too, which takes two more.
        """
        started = self._clock.monotonic()
        try:
            value, pttl = await self._reads.get(key)
            wrong_type = is_wrong_type(value)
            if isinstance(value, Exception) and not wrong_type:
                raise value
            if isinstance(pttl, Exception):
                raise pttl
            if not isinstance(pttl, int):
                raise exceptions.InvalidResponse("PTTL gives a whole number")
        except DRIVER_ERRORS as error:
            raise self._failure(trace, f"GET {key}", started, error, ("GET", key)) from error
        said = "wrong type" if wrong_type else "nil" if value is None else f"{len(value)} bytes"
        self._note(trace, f"GET {key}", started, said, ("GET", key))
        said, typed = _say_pttl(pttl), ("PTTL", key)
        trace.append(Step(Target.CACHE, f"PTTL {key}", 0.0, said, typed=typed))
        fields = await self._fields(key, trace) if wrong_type and self._read_only else None
        return Cached(
            payload=None if wrong_type else value,
            seconds_left=pttl / 1000 if pttl >= 0 else None,
            wrong_type=wrong_type and fields is None,
            fields=fields,
        )

    async def acquire_lease(self, lease: str, token: str, seconds: float, trace: Trace) -> bool:
        """Take the lease for that time, unless somebody holds it."""
        milliseconds = _milliseconds(seconds)
        return await self._change(
            trace,
            f"SET {lease} {token} NX PX {milliseconds}",
            lambda: self._client.set(lease, token, nx=True, px=milliseconds),
            bool,
            lambda held: "OK" if held else "nil: another process holds the lease",
            ("SET", lease, token, "NX", "PX", milliseconds),
        )

    async def fill(
        self, key: str, lease: str, token: str, payload: bytes, seconds: float, trace: Trace
    ) -> bool:
        """Store `payload` and give the lease back, if it is still held with `token`."""
        milliseconds = _milliseconds(seconds)

        async def run() -> Any:
            arguments = (2, key, lease, token, payload, milliseconds)
            try:
                return await self._client.evalsha(FILL_SHA, *arguments)
            except exceptions.NoScriptError:  # a new or restarted server: EVAL also loads it
                return await self._client.eval(FILL, *arguments)

        return await self._change(
            trace,
            f"EVALSHA fill {key} {lease} ({len(payload)} bytes, PX {milliseconds})",
            run,
            lambda reply: reply == 1,
            lambda stored: "1: stored" if stored else "0: refused, the lease is gone",
            ("EVAL", FILL, 2, key, lease, token, payload, milliseconds),
        )

    async def store(self, entries: Sequence[tuple[str, bytes, float]], trace: Trace) -> None:
        """Store key, payload and seconds to live of each entry, whatever happened meanwhile.

        They travel together. The service never does this, since it may store what a write
        has just replaced; the Lab does, to show that.
        """
        pipe = self._client.pipeline(transaction=False)
        for key, payload, seconds in entries:
            pipe.set(key, payload, px=_milliseconds(seconds))
        shown = f"SET, {len(entries)} keys"
        if len(entries) == 1:
            key, payload, seconds = entries[0]
            shown = f"SET {key} ({len(payload)} bytes, PX {_milliseconds(seconds)})"
        await self._change(trace, shown, pipe.execute, len, lambda _: "OK")

    async def delete(self, *keys: str, trace: Trace) -> int:
        """Delete the keys in one command; give how many there were."""
        return await self._change(
            trace, f"DEL {' '.join(keys)}", lambda: self._client.delete(*keys), int, str
        )

    async def delete_pairs(self, pairs: Sequence[tuple[str, str]], trace: Trace) -> int:
        """Delete value and lease of many records; give how many keys there were.

        Each pair is a DEL of its own, since on a cluster only a pair shares a slot; they
        travel together, so the caller keeps their number small.
        """
        pipe = self._client.pipeline(transaction=False)
        for pair in pairs:
            pipe.delete(*pair)
        return await self._change(trace, f"DEL, {len(pairs)} pairs", pipe.execute, sum, str)

    async def expire_after(self, key: str, seconds: float, trace: Trace) -> bool:
        """Let `key` live for that time from now; tell whether it was there."""
        milliseconds = _milliseconds(seconds)
        return await self._change(
            trace,
            f"PEXPIRE {key} {milliseconds}",
            lambda: self._client.pexpire(key, milliseconds),
            bool,
            lambda found: "1" if found else "0: no such key",
        )

    async def _fields(self, key: str, trace: Trace) -> dict[str, str] | None:
        started = self._clock.monotonic()
        fields = await self.walker.hash_of(key)
        said = "no hash, or a huge one" if fields is None else f"{len(fields)} fields"
        self._note(trace, f"HGETALL {key}", started, said, ("HGETALL", key))
        return fields

    async def _change(
        self,
        trace: Trace,
        command: str,
        send: Callable[[], Awaitable[Any]],
        convert: Callable[[Any], Reply],
        say: Callable[[Reply], str],
        typed: Typed = (),
    ) -> Reply:
        if self._read_only:
            raise CacheRefused("read-only: start with --writable to change the cache")

        async def run() -> Reply:
            return convert(await send())

        return await self._call(trace, command, run, say, typed)

    async def _call(
        self,
        trace: Trace,
        command: str,
        send: Callable[[], Awaitable[Reply]],
        say: Callable[[Reply], str],
        typed: Typed = (),
    ) -> Reply:
        started = self._clock.monotonic()
        try:
            async with asyncio.timeout(CALL_SECONDS):
                reply = await cancellable(send())
        except DRIVER_ERRORS as error:
            raise self._failure(trace, command, started, error, typed) from error
        self._note(trace, command, started, say(reply), typed)
        return reply

    def _failure(
        self,
        trace: Trace,
        command: str,
        started: float,
        error: BaseException,
        typed: Typed,
    ) -> CacheError:
        failure = translate(error)
        seconds = self._clock.monotonic() - started
        failed = isinstance(failure, CacheUnavailable)
        trace.append(Step(Target.CACHE, command, seconds, str(failure), failed, typed))
        return failure

    def _note(
        self, trace: Trace, command: str, started: float, result: str, typed: Typed
    ) -> None:
        seconds = self._clock.monotonic() - started
        trace.append(Step(Target.CACHE, command, seconds, result, typed=typed))


def _say_pttl(pttl: int) -> str:
    if pttl >= 0:
        return f"{pttl} ms"
    return "-1: no expiry" if pttl == -1 else "-2: no such key"


def _milliseconds(seconds: float) -> int:
    # Redis refuses a PX of 0.
    return max(1, round(seconds * 1000))
