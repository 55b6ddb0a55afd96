"""Values under keys, with a time to live, on a server of the Redis protocol."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from redis import exceptions

from tui.cache.exchange import Command, Exchange
from tui.cache.failures import DRIVER_ERRORS, is_wrong_type, translate
from tui.cache.walker import CacheWalker
from tui.clock import Clock
from tui.errors import CacheError, CacheRefused, CacheUnavailable
from tui.models import Cached, Step, Target, Trace

FILL = """\
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1
"""
"""Store a value only while the lease is ours, and end the lease: all at once."""
FILL_SHA = hashlib.sha1(FILL.encode(), usedforsecurity=False).hexdigest()

CACHE = Target.CACHE  # of an enumeration's members each use is a search
Reply = TypeVar("Reply")


class RedisCache:
    """Values under keys, with a time to live, on a server of the Redis protocol.

    Every call raises CacheUnavailable or CacheRefused for what goes wrong, takes at most
    CALL_SECONDS, and appends what it ran to the trace.
    """

    def __init__(
        self,
        exchange: Exchange,
        walker: CacheWalker,
        clock: Clock,
        *,
        read_only: bool,
    ) -> None:
        """Ask over `exchange`; with `read_only`, refuse what would change the server."""
        self._exchange = exchange
        self.walker = walker
        """Reads keys in numbers, over connections of its own: it delays no lookup."""
        self._clock = clock
        self._read_only = read_only

    async def aclose(self) -> None:
        """End what is under way."""
        await self._exchange.aclose()

    async def ping(self, trace: Trace) -> None:
        """Find out whether the server answers."""
        await self._call(trace, "PING", [("PING",)], _yes, lambda _: "PONG")

    async def get(self, key: str, trace: Trace) -> Cached:
        """Give what is stored under `key` and how long it will live: one round trip.

        Read-only, another program's hash is read too, which takes two more.
        """
        get, pttl_of = ("GET", key), ("PTTL", key)
        started = self._clock.monotonic()
        wrong_type = False
        try:
            value, pttl = await self._exchange.ask((get, pttl_of))
            if not isinstance(value, bytes) and value is not None:
                if not isinstance(value, Exception):
                    raise exceptions.InvalidResponse("GET gives bytes, or nothing")
                wrong_type = is_wrong_type(value)
                if not wrong_type:
                    raise value
            if isinstance(pttl, Exception):
                raise pttl
            if not isinstance(pttl, int):
                raise exceptions.InvalidResponse("PTTL gives a whole number")
        except DRIVER_ERRORS as error:
            raise self._failure(trace, f"GET {key}", started, error, get) from error
        seconds = self._clock.monotonic() - started
        said = "wrong type" if wrong_type else "nil" if value is None else f"{len(value)} bytes"
        trace += (
            Step(CACHE, f"GET {key}", seconds, said, False, get),
            Step(CACHE, f"PTTL {key}", 0.0, _say_pttl(pttl), False, pttl_of),
        )
        seconds_left = pttl / 1000 if pttl >= 0 else None
        if not wrong_type:
            return Cached(value, seconds_left)
        fields = await self._fields(key, trace) if self._read_only else None
        return Cached(None, seconds_left, fields is None, fields)

    async def acquire_lease(self, lease: str, token: str, seconds: float, trace: Trace) -> bool:
        """Take the lease for that time, unless somebody holds it."""
        milliseconds = _milliseconds(seconds)
        return await self._change(
            trace,
            f"SET {lease} {token} NX PX {milliseconds}",
            [("SET", lease, token, "NX", "PX", milliseconds)],
            _yes,
            lambda held: "OK" if held else "nil: another process holds the lease",
        )

    async def fill(
        self, key: str, lease: str, token: str, payload: bytes, seconds: float, trace: Trace
    ) -> bool:
        """Store `payload` and give the lease back, if it is still held with `token`."""
        milliseconds = _milliseconds(seconds)
        arguments = (2, key, lease, token, payload, milliseconds)
        return await self._change(
            trace,
            f"EVALSHA fill {key} {lease} ({len(payload)} bytes, PX {milliseconds})",
            [("EVALSHA", FILL_SHA, *arguments)],
            _yes,
            lambda stored: "1: stored" if stored else "0: refused, the lease is gone",
            otherwise=[("EVAL", FILL, *arguments)],
        )

    async def store(self, entries: Sequence[tuple[str, bytes, float]], trace: Trace) -> None:
        """Store key, payload and seconds to live of each entry, whatever happened meanwhile.

        They travel together. The service never does this, since it may store what a write
        has just replaced; the Lab does, to show that.
        """
        commands: list[Command] = [
            ("SET", key, payload, "PX", _milliseconds(seconds))
            for key, payload, seconds in entries
        ]
        shown = f"SET, {len(entries)} keys"
        if len(entries) == 1:
            key, payload, seconds = entries[0]
            shown = f"SET {key} ({len(payload)} bytes, PX {_milliseconds(seconds)})"
        await self._change(trace, shown, commands, len, lambda _: "OK")

    async def delete(self, *keys: str, trace: Trace) -> int:
        """Delete the keys in one command; give how many there were."""
        return await self._change(trace, f"DEL {' '.join(keys)}", [("DEL", *keys)], _total, str)

    async def delete_pairs(self, pairs: Sequence[tuple[str, str]], trace: Trace) -> int:
        """Delete value and lease of many records; give how many keys there were.

        Each pair is a DEL of its own, since on a cluster only a pair shares a slot; they
        travel together, so the caller keeps their number small.
        """
        deletes: list[Command] = [("DEL", *pair) for pair in pairs]
        return await self._change(trace, f"DEL, {len(pairs)} pairs", deletes, _total, str)

    async def expire_after(self, key: str, seconds: float, trace: Trace) -> bool:
        """Let `key` live for that time from now; tell whether it was there."""
        milliseconds = _milliseconds(seconds)
        return await self._change(
            trace,
            f"PEXPIRE {key} {milliseconds}",
            [("PEXPIRE", key, milliseconds)],
            _yes,
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
        commands: Sequence[Command],
        convert: Callable[[list[Any]], Reply],
        say: Callable[[Reply], str],
        *,
        otherwise: Sequence[Command] = (),
    ) -> Reply:
        if self._read_only:
            raise CacheRefused("read-only: start with --writable to change the cache")
        return await self._call(trace, command, commands, convert, say, otherwise=otherwise)

    async def _call(
        self,
        trace: Trace,
        command: str,
        commands: Sequence[Command],
        convert: Callable[[list[Any]], Reply],
        say: Callable[[Reply], str],
        *,
        otherwise: Sequence[Command] = (),
    ) -> Reply:
        """Send commands; give what `convert` makes of the replies."""
        typed = (otherwise or commands)[0] if len(commands) == 1 else ()
        started = self._clock.monotonic()
        try:
            replies = await self._exchange.ask(commands)
            if otherwise and isinstance(replies[0], exceptions.NoScriptError):
                replies = await self._exchange.ask(otherwise)
            for error in replies:
                if isinstance(error, Exception):
                    raise error
            reply = convert(replies)
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
        typed: Command,
    ) -> CacheError:
        failure = translate(error)
        seconds = self._clock.monotonic() - started
        failed = isinstance(failure, CacheUnavailable)
        trace.append(Step(CACHE, command, seconds, str(failure), failed, typed))
        return failure

    def _note(
        self, trace: Trace, command: str, started: float, result: str, typed: Command
    ) -> None:
        seconds = self._clock.monotonic() - started
        trace.append(Step(CACHE, command, seconds, result, typed=typed))


def _yes(replies: list[Any]) -> bool:
    return bool(replies[0])


def _total(replies: list[Any]) -> int:
    if not all(isinstance(reply, int) for reply in replies):
        raise exceptions.InvalidResponse("DEL gives whole numbers")
    return sum(replies)


def _say_pttl(pttl: int) -> str:
    if pttl >= 0:
        return f"{pttl} ms"
    return "-1: no expiry" if pttl == -1 else "-2: no such key"


def _milliseconds(seconds: float) -> int:
    # Redis refuses a PX of 0.
    return max(1, round(seconds * 1000))
