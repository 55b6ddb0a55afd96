"""Values under keys, with a time to live, on a server of the Redis protocol."""

import itertools
import math
import secrets
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from redis import exceptions

from tui.cache.port import CLAIM_SECONDS, Claim
from tui.cache.redis import shapes
from tui.cache.redis.exchange import Command, Exchange
from tui.cache.redis.failures import DRIVER_ERRORS, OddReply, translate
from tui.cache.redis.leases import lease_key
from tui.cache.redis.refusals import is_about_scripts, is_wrong_type
from tui.cache.redis.replies import ReplyTooLarge
from tui.cache.redis.scripts import FILL, FILL_AS_EXPECTED, GET_OR_LEASE, RELEASE
from tui.models import KNOWN_ABSENT, MAX_VALUE, Cached, Step, Target
from tui.models.recorder import note_steps
from tui.runtime.clock import Clock
from tui.runtime.errors import (
    READ_ONLY_CACHE,
    CacheError,
    CacheRefused,
    CacheUnavailable,
    CopyTooLarge,
)

if TYPE_CHECKING:
    from tui.cache.redis.walker import CacheWalker

CACHE = Target.CACHE  # of an enumeration's members each use is a search
SCRIPTS_SECONDS = 30.0
"""For how long a server that runs no scripts for us is not asked to; rights can be given."""
NO_SCRIPTS = "{}: without scripts nothing can be stored"
Reply = TypeVar("Reply")


class RedisClaim(Claim, frozen=True, gc=False):
    """A lease: a second key that holds the token of whoever may fill the first."""

    lease: str
    token: str


class RedisCache:
    """Values under keys, with a time to live, on a server of the Redis protocol.

    Every call raises CacheUnavailable or CacheRefused for what goes wrong, takes at most
    CALL_SECONDS a trip, and notes the steps that it took.

    What takes a lease is never sent twice. Were it, a first sending that arrives late could
    take it once more after a write has ended it, and who still holds that token would store
    what it read before the write.
    """

    ttl_step = 0.001

    def __init__(
        self,
        exchange: Exchange,
        walk: "Callable[[], CacheWalker]",
        clock: Clock,
        *,
        read_only: bool,
        trips_cost: bool = True,
        hashes: bool | None = None,
        max_value: int = MAX_VALUE,
    ) -> None:
        """Ask over `exchange`; with `read_only`, refuse what would change the server.

        `walk` makes what reads keys in numbers, which takes a while to import.

        `trips_cost` says that one trip with a script is cheaper than two without. `hashes` says
        that another program's hash is read: by default when nothing may be changed. A value of
        more than `max_value` bytes is not read.
        """
        self._exchange = exchange
        self._walk = walk
        self._clock = clock
        self._read_only = read_only
        self._trips_cost = trips_cost
        self._hashes = read_only if hashes is None else hashes
        self._max_value = max_value
        self.claim_seconds = CLAIM_SECONDS
        """How long a lease is taken for."""
        self._token_prefix = secrets.token_hex(8)
        self._token_numbers = itertools.count()
        self._ran_script = False
        self._scripts_at = -math.inf
        self._no_scripts = ""

    @cached_property
    def walker(self) -> "CacheWalker":
        """Reads keys in numbers, over connections of its own: it delays no lookup."""
        return self._walk()

    async def aclose(self) -> None:
        """End what is under way."""
        await self._exchange.aclose()

    async def ping(self) -> None:
        """Find out whether the server answers."""
        await self._call("PING", [("PING",)], _pong, lambda _: "PONG")

    async def read(self, key: str) -> Cached:
        """Give what is stored under `key` and how long it will live: one round trip.

        Where hashes are read, which another program stored, that takes two more.
        """
        started = self._clock.monotonic()
        try:
            value, pttl = await self._exchange.ask((("GET", key), ("PTTL", key)))
            wrong_type = isinstance(value, Exception) and is_wrong_type(value)
            _check_copy(None if wrong_type else value, pttl, self._max_value)
        except DRIVER_ERRORS as error:
            raise self._failure(f"GET {key}", started, error, ("GET", key)) from error
        if not wrong_type:
            return self._read(key, value, pttl, started)
        cached = self._read(key, None, pttl, started, said="wrong type")
        fields = await self._fields(key) if self._hashes else None
        return Cached(None, cached.seconds_left, fields is None, fields)

    def lasting(self, seconds: float) -> float:
        """Return for how long something is really kept: whole milliseconds."""
        return _milliseconds(seconds) / 1000

    def new_claim(self, key: str) -> RedisClaim:
        """Return a lease that nobody holds yet, with a token of its own."""
        token = f"{self._token_prefix}-{next(self._token_numbers)}"
        return RedisClaim(key, lease_key(key), token)

    async def read_or_claim(self, claim: Claim, grace: float) -> tuple[Cached, bool]:
        """As `read`; and where nothing fresh is stored, take the lease on the same trip.

        Gives whether the lease was taken, which is not even tried where a trip costs nothing,
        where the server does not run scripts, and where what is stored is no string.
        """
        key, lease, token = _parts(claim)
        if self._read_only or not self._trips_cost or self._refuses_scripts:
            return await self.read(key), False
        milliseconds = _milliseconds(self.claim_seconds)
        graces = (math.floor(grace * 1000), KNOWN_ABSENT)
        arguments = (2, key, lease, token, milliseconds, *graces)
        in_full = GET_OR_LEASE.in_full(*arguments)
        command = GET_OR_LEASE.by_digest(*arguments) if self._ran_script else in_full
        started = self._clock.monotonic()
        try:
            (reply,) = await self._ask([command], [in_full], _released(lease, token))
            if isinstance(reply, list) and len(reply) in {2, 3}:
                value, pttl, *taken = reply
                _check_copy(value, pttl, self._max_value)
                _was_taken(taken)
            elif not isinstance(reply, exceptions.ResponseError):
                shapes.one_or_zero(reply, "the script that reads")  # of the release, else odd
        except DRIVER_ERRORS as error:
            raise self._failure(f"GET {key}", started, error, ("GET", key)) from error
        if not isinstance(reply, list):
            self._note_scripts(reply)
            lost = isinstance(reply, int)
            said = "the connection was lost" if lost else str(translate(reply))
            self._note(f"EVALSHA get-or-lease {key} {lease}", started, said, in_full)
            return await self.read(key), False
        self._ran_script = True
        cached = self._read(key, value, pttl, started)
        if not taken:
            return cached, False
        asked = _lease_command(lease, token, milliseconds)
        said = _say_lease(taken[0])
        note_steps(Step(CACHE, " ".join(map(str, asked)), 0.0, said, typed=asked))
        return cached, _was_taken(taken)

    async def claim(self, claim: Claim) -> bool:
        """Take the lease, unless somebody holds it.

        Where the server runs no scripts it is not taken: only a script can end it by a fill.
        """
        _, lease, token = _parts(claim)
        if self._refuses_scripts:
            raise CacheRefused(self._no_scripts)
        command = _lease_command(lease, token, _milliseconds(self.claim_seconds))
        return await self._change(
            " ".join(map(str, command)),
            [command],
            _taken,
            lambda held: _say_lease(held or None),
            again=_released(lease, token),
        )

    async def abandon(self, claim: Claim) -> bool:
        """End the lease, if it is still held with the claim's token; tell whether it was."""
        _, lease, token = _parts(claim)
        try:
            return await self._change(
                f"EVAL release {lease}",
                _released(lease, token),
                _yes,
                lambda released: "1: released" if released else "0: it was not ours",
            )
        except CacheRefused as error:
            self._note_scripts(error.__cause__)
            raise

    async def fill(
        self, claim: Claim, payload: bytes, seconds: float, *, expected: Cached | None = None
    ) -> bool:
        """Store `payload` and end the lease, if it is still held with the claim's token.

        With `expected`, only if the key still holds that payload, or still nothing. What would
        not be read again for its length is not stored.
        """
        key, lease, token = _parts(claim)
        if len(payload) > self._max_value:
            await self.abandon(claim)
            raise CopyTooLarge(f"its {len(payload):,} bytes are more than --max-value")
        milliseconds = _milliseconds(seconds)
        refused = "0: refused, the lease is gone"
        script = FILL
        arguments: Command = (2, key, lease, token, payload, milliseconds)
        if expected is not None:
            script = FILL_AS_EXPECTED
            refused += ", or another program has stored something"
            arguments += () if expected.payload is None else (expected.payload,)
        try:
            return await self._change(
                f"EVALSHA fill {key} {lease} ({len(payload)} bytes, PX {milliseconds})",
                [script.by_digest(*arguments)],
                _yes,
                lambda stored: "1: stored" if stored else refused,
                otherwise=[script.in_full(*arguments)],
            )
        except CacheRefused as error:
            if self._note_scripts(error.__cause__):
                # Nobody else can give it back. Where it is another's by now, that one's fill is
                # refused, as after a write.
                await self._delete(lease)
                raise CacheRefused(self._no_scripts) from error
            raise

    async def store(self, entries: Sequence[tuple[str, bytes, float]]) -> None:
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
        await self._change(shown, commands, _stored, lambda _: "OK")

    async def invalidate(self, keys: Sequence[str]) -> int:
        """Delete value and lease of each key; give how many of both there were.

        Each pair is a DEL of its own, since on a cluster only a pair shares a slot; they
        travel together.
        """
        pairs = [(key, lease_key(key)) for key in keys]
        if len(pairs) == 1:
            return await self._delete(*pairs[0])
        deletes: list[Command] = [("DEL", *pair) for pair in pairs]
        return await self._change(f"DEL, {len(pairs)} pairs", deletes, _total, str)

    async def drop(self, key: str) -> bool:
        """Delete the value alone; tell whether it was there."""
        return await self._delete(key) > 0

    async def _delete(self, *keys: str) -> int:
        return await self._change(f"DEL {' '.join(keys)}", [("DEL", *keys)], _total, str)

    async def expire_after(self, key: str, seconds: float) -> bool:
        """Let `key` live for that time from now; tell whether it was there."""
        milliseconds = _milliseconds(seconds)
        return await self._change(
            f"PEXPIRE {key} {milliseconds}",
            [("PEXPIRE", key, milliseconds)],
            _yes,
            lambda found: "1" if found else "0: no such key",
        )

    async def _fields(self, key: str) -> dict[str, str] | None:
        started = self._clock.monotonic()
        fields = await self.walker.hash_of(key)
        said = "no hash, or a huge one" if fields is None else f"{len(fields)} fields"
        self._note(f"HGETALL {key}", started, said, ("HGETALL", key))
        return fields

    async def _change(
        self,
        command: str,
        commands: Sequence[Command],
        convert: Callable[[list[Any]], Reply],
        say: Callable[[Reply], str],
        *,
        otherwise: Sequence[Command] = (),
        again: Sequence[Command] | None = None,
    ) -> Reply:
        if self._read_only:
            raise CacheRefused(READ_ONLY_CACHE)
        return await self._call(
            command, commands, convert, say, otherwise=otherwise, again=again
        )

    async def _call(
        self,
        command: str,
        commands: Sequence[Command],
        convert: Callable[[list[Any]], Reply],
        say: Callable[[Reply], str],
        *,
        otherwise: Sequence[Command] = (),
        again: Sequence[Command] | None = None,
    ) -> Reply:
        """Send commands; give what `convert` makes of the replies."""
        typed = (otherwise or commands)[0] if len(commands) == 1 else ()
        started = self._clock.monotonic()
        try:
            replies = await self._ask(commands, otherwise, again)
            for error in replies:
                if isinstance(error, Exception):
                    raise error
            reply = convert(replies)
        except DRIVER_ERRORS as error:
            raise self._failure(command, started, error, typed) from error
        self._note(command, started, say(reply), typed)
        return reply

    async def _ask(
        self,
        commands: Sequence[Command],
        otherwise: Sequence[Command],
        again: Sequence[Command] | None,
    ) -> list[Any]:
        """Send commands; `otherwise` to a server that does not know their script yet.

        When the connection is lost, `again` is sent, or else the same once more.
        """
        replies = await self._exchange.ask(commands, again)
        if otherwise and isinstance(replies[0], exceptions.NoScriptError):
            replies = await self._exchange.ask(otherwise, again)
        return replies

    @property
    def _refuses_scripts(self) -> bool:
        """Whether the server has refused a script a short while ago."""
        return self._clock.monotonic() < self._scripts_at

    def _note_scripts(self, error: object) -> bool:
        """Note whether that is the refusal of a script; tell whether it is."""
        if not isinstance(error, Exception) or not is_about_scripts(error):
            return False
        self._scripts_at = self._clock.monotonic() + SCRIPTS_SECONDS
        self._no_scripts = NO_SCRIPTS.format(translate(error))
        return True

    def _read(
        self, key: str, value: bytes | None, pttl: int, started: float,
        *, said: str | None = None,
    ) -> Cached:  # fmt: skip
        """Give what GET and PTTL found, and note that they ran, in one trip."""
        seconds = self._clock.monotonic() - started
        if said is None:
            said = "nil" if value is None else f"{len(value)} bytes"
        note_steps(
            Step(CACHE, f"GET {key}", seconds, said, False, ("GET", key)),
            Step(CACHE, f"PTTL {key}", 0.0, _say_pttl(pttl), False, ("PTTL", key), True),
        )
        if pttl == shapes.NO_KEY:  # it has gone between GET and PTTL
            return Cached(None, None)
        return Cached(value, pttl / 1000 if pttl >= 0 else None)

    def _failure(
        self,
        command: str,
        started: float,
        error: BaseException,
        typed: Command,
    ) -> CacheError:
        failure = translate(error, command=command.partition(" ")[0])
        seconds = self._clock.monotonic() - started
        failed = isinstance(failure, CacheUnavailable)
        note_steps(Step(CACHE, command, seconds, str(failure), failed, typed))
        return failure

    def _note(self, command: str, started: float, result: str, typed: Command) -> None:
        seconds = self._clock.monotonic() - started
        note_steps(Step(CACHE, command, seconds, result, typed=typed))


def _parts(claim: Claim) -> tuple[str, str, str]:
    """Return key, lease and token of a claim that `new_claim` has made."""
    if not isinstance(claim, RedisClaim):
        raise TypeError(f"{type(claim).__name__} is a claim of another cache")
    return claim.key, claim.lease, claim.token


def _check_copy(value: object, pttl: object, max_value: int) -> None:
    """Raise what either is instead of so many bytes, or nothing, and a time to live."""
    if type(value) is bytes and len(value) > max_value:
        raise ReplyTooLarge
    if (value is None or type(value) is bytes) and type(pttl) is int and pttl >= shapes.NO_KEY:
        return  # as nearly always
    shapes.text_or_nothing(value, "GET")
    shapes.milliseconds_left(pttl)


def _lease_command(lease: str, token: str, milliseconds: int) -> Command:
    return ("SET", lease, token, "NX", "PX", milliseconds)


def _released(lease: str, token: str) -> list[Command]:
    """Give what to ask instead of asking for a lease twice: 1 when it was held."""
    return [RELEASE.in_full(1, lease, token)]


def _taken(replies: list[Any]) -> bool:
    """Tell whether SET took the lease; a number says that it was to be released."""
    if type(replies[0]) is int:
        raise exceptions.ConnectionError("Connection lost when the lease was asked for")
    return _was_taken(replies)


def _was_taken(replies: Sequence[Any]) -> bool:
    """Tell whether SET said OK, if it ran at all; an error in its place took nothing."""
    (reply,) = replies or (None,)
    if reply is None or isinstance(reply, Exception):
        return False
    shapes.okay(reply, "SET")
    return True


def _say_lease(reply: object) -> str:
    if isinstance(reply, Exception):
        return str(translate(reply))
    return "nil: another process holds the lease" if reply is None else "OK"


def _yes(replies: list[Any]) -> bool:
    return shapes.one_or_zero(replies[0], "the command")


def _pong(replies: list[Any]) -> bool:
    if not isinstance(replies[0], bytes):
        raise OddReply("PING was not answered by a word")
    return True


def _stored(replies: list[Any]) -> int:
    for reply in replies:
        shapes.okay(reply, "SET")
    return len(replies)


def _total(replies: list[Any]) -> int:
    return sum(shapes.number(reply, "DEL") for reply in replies)


def _say_pttl(pttl: int) -> str:
    if pttl >= 0:
        return f"{pttl} ms"
    return "no expiry" if pttl == -1 else "no such key"


def _milliseconds(seconds: float) -> int:
    # Redis refuses a PX of 0.
    return max(1, round(seconds * 1000))
