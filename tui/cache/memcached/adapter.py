"""Values under keys, with a time to live, on a Memcached server."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, NoReturn

from tui.cache.memcached import failures
from tui.cache.memcached.claims import Hold, Holder, MemcachedClaim, Wins
from tui.cache.memcached.expiry import expiry, kept_seconds
from tui.cache.memcached.items import NOTHING, Found, found_in, life_of, read_plainly
from tui.cache.memcached.key_bytes import key_bytes, why_no_key
from tui.cache.memcached.protocol import ErrorReply, Item
from tui.cache.memcached.replies import is_done, item, line, raise_error, say_copy, say_done
from tui.cache.memcached.server import MemcachedLine, MemcachedWire
from tui.cache.port import CLAIM_SECONDS, Claim
from tui.cache.wire import TooLarge, WireLost
from tui.models import KNOWN_ABSENT, MAX_VALUE, Cached, Step, Target
from tui.models.keys import OURS
from tui.models.recorder import note_steps
from tui.runtime.clock import Clock
from tui.runtime.errors import READ_ONLY_CACHE, CacheRefused, CacheUnavailable, CopyTooLarge

if TYPE_CHECKING:
    from tui.cache.memcached.walker import MemcachedWalker

CACHE = Target.CACHE  # of an enumeration's members each use is a search
ANY_LIFE: Final = 2**31 - 1
"""With less than that left, an item may be won: all of them, then."""
TYPED: Final = frozenset({"mg ", "md ", "mn"})
"""How steps begin that are commands as one would type them."""
CLAIMING: Final = "NR"
"""The flags of `mg` that claim."""


class MemcachedCache:
    """Values under keys, with a time to live, on a Memcached server.

    Every call raises CacheUnavailable or CacheRefused for what goes wrong, takes at most
    CALL_SECONDS a trip, and notes the steps that it took. What may claim is never sent twice,
    nor is what fills. How it claims is told in `claims`.

    Where an application stores under the same keys, which do not begin as those of hitmiss, or
    where nothing may be written, it reads by
    `gets` and `me`: `mg` would take from the application's own readers what it lets one of
    them win.
    """

    ttl_step = 1.0

    def __init__(
        self,
        server: MemcachedLine,
        walk: "Callable[[], MemcachedWalker]",
        clock: Clock,
        *,
        read_only: bool,
        others: bool,
        max_value: int = MAX_VALUE,
    ) -> None:
        """Ask `server`; with `read_only`, refuse what would change it.

        `walk` makes what reads keys in numbers. `others` store under the same keys: then
        nothing is claimed. A value of more than `max_value` bytes is not read.
        """
        self._server = server
        self._walk = walk
        self._clock = clock
        self._read_only = read_only
        self._others = others
        self._max_value = max_value
        self._wins = Wins()
        self.claim_seconds = CLAIM_SECONDS
        """How long a claim holds; an item that is but a claim lives for whole seconds."""

    @cached_property
    def walker(self) -> "MemcachedWalker":
        """Reads keys in numbers, over connections of its own: it delays no look-up."""
        return self._walk()

    async def aclose(self) -> None:
        """End what is under way."""
        await self._server.aclose()

    def lasting(self, seconds: float) -> float:
        """Return for how long something is really kept: whole seconds."""
        return float(kept_seconds(seconds))

    async def ping(self) -> None:
        """Find out whether the server answers."""
        await self._call("mn", (b"mn\r\n",), lambda _: "MN")

    async def read(self, key: str) -> Cached:
        """Give what is stored under `key` and how long it will live: one round trip."""
        if self._is_plain(key):
            return await self._read_plainly(key)
        shown = f"mg {key} v t c"
        started = self._clock.monotonic()
        try:
            (reply,) = await self._server.ask((b"mg %b v t c\r\n" % self._bytes(key),))
            if reply == b"EN":
                self._note(shown, started, "EN: nothing")
                return NOTHING
            found = found_in(item(reply))
            if found.won and self._server.current is not None:
                self._wins.keep(key, self._server.current, found.cas, started)
            return self._copy(shown, started, found)
        except failures.ERRORS as error:
            self._fail(shown, started, error)

    def new_claim(self, key: str) -> MemcachedClaim:
        """Return a claim that does not hold yet."""
        return MemcachedClaim(key, Holder())

    async def read_or_claim(self, claim: Claim, grace: float) -> tuple[Cached, bool]:
        """As `read`; where nothing fresh is stored, the key is claimed on the same trip."""
        ours = _own(claim)
        if self._is_plain(ours.key):
            return await self._read_plainly(ours.key), False
        most = int(grace) + 1
        try:
            found, wire, started = await self._claim(
                ours.key, b"v t c", min(most, ANY_LIFE), again=True
            )
        except _NotClaimed:
            return await self.read(ours.key), False
        cached, left = found.cached, found.cached.seconds_left
        fresh = found.existed and (
            left is None or left > grace or cached.payload == KNOWN_ABSENT
        )
        if fresh:
            if found.won:
                self._wins.keep(ours.key, wire, found.cas, started)
            return cached, False
        return cached, self._held(ours, found, wire, started)

    async def claim(self, claim: Claim) -> bool:
        """Claim the key, unless somebody has; a copy that is there stays until it is filled."""
        ours = _own(claim)
        self._check_writable()
        if self._is_plain(ours.key):
            raise CacheRefused(failures.NOT_OURS)
        found, wire, started = await self._claim(ours.key, b"t c s", ANY_LIFE, again=False)
        return self._held(ours, found, wire, started)

    async def abandon(self, claim: Claim) -> bool:
        """End the claim, if it holds; whoever reads next may have it."""
        ours = _own(claim)
        self._check_writable()
        hold = ours.take(self._clock.monotonic(), self.claim_seconds)
        if hold is None:
            self._note(f"md {ours.key}", self._clock.monotonic(), "not sent: no claim holds")
            return False
        self._wins.forget(ours.key)
        flags = _giving_back(hold)
        command = b"md %b %b\r\n" % (self._bytes(ours.key), flags.encode())
        (reply,) = await self._call(f"md {ours.key} {flags}", (command,), say_done)
        return is_done(reply)

    async def fill(
        self, claim: Claim, payload: bytes, seconds: float, *, expected: Cached | None = None
    ) -> bool:
        """Store `payload`, if nobody has stored or deleted anything since the claim.

        On another connection than the claim's nothing is sent.
        """
        ours = _own(claim)
        self._check_writable()
        started = self._clock.monotonic()
        if len(payload) > self._max_value:
            await self.abandon(claim)
            raise CopyTooLarge(f"its {len(payload):,} bytes are more than --max-value")
        hold = ours.take(started, self.claim_seconds)
        shown = f"ms {ours.key} {len(payload)} T{expiry(seconds)}"
        if hold is None or not hold.wire.usable:
            why = "no claim holds" if hold is None else "the connection of the claim has ended"
            self._note(shown, started, f"not sent: {why}")
            return False
        shown += f" C{hold.cas}"
        try:
            if expected is not None and not await self._still(ours.key, hold, expected):
                self._note(shown, started, "not sent: another program has stored something")
                return False
            number = b" E%d" % _new_cas() if hold.wire.takes_cas else b""
            command = b"ms %b %d T%d C%d%b\r\n%b\r\n" % (
                self._bytes(ours.key), len(payload), expiry(seconds), hold.cas, number, payload
            )  # fmt: skip
            (reply,) = await hold.wire.ask((command,))
            stored = is_done(reply)
        except failures.ERRORS as error:
            self._fail(shown, started, error)
        self._wins.forget(ours.key)
        self._note(shown, started, "HD: stored" if stored else say_done([reply]))
        return stored

    async def store(self, entries: Sequence[tuple[str, bytes, float]]) -> None:
        """Store key, payload and seconds to live of each entry, whatever happened meanwhile."""
        self._check_writable()
        commands = [
            b"ms %b %d T%d\r\n%b\r\n" % (self._bytes(key), len(payload), expiry(left), payload)
            for key, payload, left in entries
        ]
        shown = f"ms, {len(entries)} keys"
        if len(entries) == 1:
            key, payload, left = entries[0]
            shown = f"ms {key} {len(payload)} T{expiry(left)}"
        await self._call(shown, commands, lambda _: "HD")

    async def invalidate(self, keys: Sequence[str]) -> int:
        """Delete the items of keys, with which every claim on them is void."""
        self._check_writable()
        sent = [data for data in map(key_bytes, keys) if data is not None]
        shown = f"md {keys[0]}" if len(keys) == 1 else f"md, {len(keys)} keys"
        for key in keys:
            self._wins.forget(key)
        if not sent:  # nothing can lie there
            self._note(shown, self._clock.monotonic(), "not sent: there are no such keys")
            return 0
        commands = [b"md %b\r\n" % data for data in sent]
        say = say_done if len(keys) == 1 else lambda replies: str(sum(map(is_done, replies)))
        return sum(map(is_done, await self._call(shown, commands, say)))

    async def drop(self, key: str) -> bool:
        """Delete what is stored under `key`, but no claim where there is nothing yet."""
        self._check_writable()
        found = await self._look(key)
        if found is None or not found.existed:
            return False
        command = b"md %b C%d\r\n" % (self._bytes(key), found.cas)
        return is_done((await self._call(f"md {key} C{found.cas}", (command,), say_done))[0])

    async def expire_after(self, key: str, seconds: float) -> bool:
        """Let what is stored live for that time from now; tell whether it was there."""
        self._check_writable()
        found = await self._look(key)
        if found is None or not found.existed:
            return False
        number = expiry(seconds)
        command = b"mg %b T%d t c s\r\n" % (self._bytes(key), number)
        (reply,) = await self._call(f"mg {key} T{number} t c s", (command,), say_done)
        if not isinstance(reply, Item):
            return False
        if not found_in(reply, valued=False).existed:  # claimed meanwhile: as short as it was
            back = b"mg %b T%d\r\n" % (self._bytes(key), self._vivified)
            await self._call(f"mg {key} T{self._vivified}", (back,), say_done)
            return False
        return True

    async def _look(self, key: str) -> Found | None:
        """Return an item without its value; None where there is none."""
        if key_bytes(key) is None:
            self._note(f"mg {key}", self._clock.monotonic(), "not sent: there is no such key")
            return None
        command = b"mg %b t c s\r\n" % self._bytes(key)
        (reply,) = await self._call(f"mg {key} t c s", (command,), say_done)
        found = found_in(reply, valued=False) if isinstance(reply, Item) else None
        if found is not None and found.won and self._server.current is not None:
            now = self._clock.monotonic()
            self._wins.keep(key, self._server.current, found.cas, now)
        return found

    async def _read_plainly(self, key: str) -> Cached:
        shown, data = f"gets {key}", self._bytes(key)
        started = self._clock.monotonic()
        try:
            for _ in range(2):
                values, said = await self._server.ask(
                    (b"gets %b\r\n" % data, b"me %b\r\n" % data)
                )
                raise_error(values)
                value = values[0] if isinstance(values, list) and values else None
                life = life_of(line(said))
                if value is None or life is None or life[1] == value.cas:
                    break  # else it was replaced between the two
            cached = read_plainly(value, life)
            seconds = self._clock.monotonic() - started
            left = "EN: nothing" if life is None else f"exp={life[0]}"
            note_steps(
                Step(CACHE, shown, seconds, say_copy(cached), False, ("gets", key)),
                Step(CACHE, f"me {key}", 0.0, left, False, ("me", key), True),
            )
            if cached.unread is not None:
                raise failures.translate(TooLarge())
        except failures.ERRORS as error:
            self._fail(shown, started, error)
        return cached

    async def _claim(
        self, key: str, wanted: bytes, life: int, *, again: bool
    ) -> tuple[Found, MemcachedWire, float]:
        """Ask for an item, and for winning it where less than `life` seconds are left.

        With `again`, _NotClaimed is raised where it may be read all the same.
        """
        data = self._bytes(key)
        shown = f"mg {key} {wanted.decode()} N{self._vivified} R{life}"
        started = self._clock.monotonic()
        try:
            wire = _with_cas(await self._server.wire())
            number = b" E%d" % _new_cas() if wire.takes_cas else b""
            command = b"mg %b %b N%d R%d%b\r\n" % (data, wanted, self._vivified, life, number)
            asked = wire.ask((command,))
            try:
                (reply,) = await asyncio.shield(asked)
            except asyncio.CancelledError:
                asked.add_done_callback(partial(_give_back, data, wire))
                raise
            found = found_in(item(reply), valued=wanted[:1] == b"v")
            _check_number(found)
        except CacheRefused as error:
            self._note(shown, started, f"not sent: {error}")
            if again:
                raise _NotClaimed from error
            raise
        except (WireLost, ErrorReply) as error:
            if again and not _is_about_all(error):
                self._note(shown, started, str(failures.translate(error)))
                raise _NotClaimed from error
            self._fail(shown, started, error)
        except failures.ERRORS as error:
            self._fail(shown, started, error)
        if found.won and found.cached.unread is not None:
            _send_back(data, wire, found)
        if found.won or not found.taken:
            self._copy(shown, started, found, "W: ours to fill" if found.won else "")
        else:
            self._copy(shown, started, found, "Z: somebody else's to fill")
        return found, wire, started

    def _held(
        self, claim: MemcachedClaim, found: Found, wire: MemcachedWire, started: float
    ) -> bool:
        """Put what was won into the claim; tell whether it holds.

        An item without an end is offered to nobody; so anybody may fill it.
        """
        won = (
            found.won
            or not found.taken
            or self._wins.claims(claim.key, wire, found.cas, started)
        )
        if won:
            claim.holder.hold = Hold(wire, found.cas, started, found.existed)
        return won

    async def _still(self, key: str, hold: Hold, expected: Cached) -> bool:
        """Tell whether the item has what was expected, under the number of the claim."""
        if not hold.existed:
            return expected.payload is None
        (values,) = await hold.wire.ask((b"gets %b\r\n" % self._bytes(key),))
        raise_error(values)
        return any(
            value.value == expected.payload and value.cas == hold.cas for value in values
        )

    async def _call(
        self, shown: str, commands: Sequence[bytes], say: Callable[[list[Any]], str]
    ) -> list[Any]:
        """Send commands, which may be sent twice; raise the first error among the replies."""
        started = self._clock.monotonic()
        try:
            replies = await self._server.ask(commands)
            for reply in replies:
                raise_error(reply)
            said = say(replies)
        except failures.ERRORS as error:
            self._fail(shown, started, error)
        self._note(shown, started, said)
        return replies

    @property
    def _vivified(self) -> int:
        """How long an empty item lives that is but a claim, in seconds."""
        return max(1, round(self.claim_seconds))

    def _is_plain(self, key: str) -> bool:
        """Tell whether a key is read as its application reads it, and never claimed."""
        return self._read_only or (self._others and not key.startswith(OURS))

    def _check_writable(self) -> None:
        if self._read_only:
            raise CacheRefused(READ_ONLY_CACHE)

    def _bytes(self, key: str) -> bytes:
        data = key_bytes(key)
        if data is None:
            raise CacheRefused(why_no_key(key))
        return data

    def _copy(self, shown: str, started: float, found: Found, more: str = "") -> Cached:
        cached, said = found.cached, say_copy(found.cached)
        self._note(shown, started, f"{said}; {more}" if more else said)
        if cached.unread is not None:
            raise failures.translate(TooLarge())
        return cached

    def _note(self, shown: str, started: float, said: str) -> None:
        words: tuple[str, ...] = ()
        if shown[:3] in TYPED:  # what is typed again is to claim nothing
            name, *rest = shown.split(" ")
            words = (name, *rest[:1], *(flag for flag in rest[1:] if flag[0] not in CLAIMING))
        seconds = self._clock.monotonic() - started
        note_steps(Step(CACHE, shown, seconds, said, typed=words))

    def _fail(self, shown: str, started: float, error: BaseException) -> NoReturn:
        failure = failures.translate(error)
        seconds = self._clock.monotonic() - started
        failed = isinstance(failure, CacheUnavailable)
        note_steps(Step(CACHE, shown, seconds, str(failure), failed))
        raise failure from error


class _NotClaimed(Exception):
    """The server was not asked to claim, or did not answer that; it may be read."""


def _give_back(key: bytes, wire: MemcachedWire, asked: "asyncio.Future[list[Any]]") -> None:
    """Let the next reader win what was won by somebody who had left by then."""
    if asked.cancelled() or asked.exception() is not None:
        return
    (reply,) = asked.result()
    if isinstance(reply, Item) and b"W" in reply.flags:
        _send_back(key, wire, found_in(reply, valued=reply.value is not None))


def _send_back(key: bytes, wire: MemcachedWire, found: Found) -> None:
    """Let the next reader win what was won; nobody waits for that."""
    wire.ask((b"md %b %b\r\n" % (key, _giving_back(found).encode()),))


def _giving_back(item: Hold | Found) -> str:
    """Return the flags of `md` that let the next reader win an item.

    Marked as stale (I) it keeps its copy; where there is none, it goes.
    """
    return f"I C{item.cas}" if item.existed else f"C{item.cas}"


def _check_number(found: Found) -> None:
    """Pass if an item has a number: by 0 a fill would overwrite whatever is there.

    Raises:
        CacheRefused: it has none.
    """
    if found.cas <= 0:
        raise CacheRefused(failures.NO_CAS)


def _own(claim: Claim) -> MemcachedClaim:
    """Return a claim that `new_claim` has made, as what it is."""
    if not isinstance(claim, MemcachedClaim):
        raise TypeError(f"{type(claim).__name__} is a claim of another cache")
    return claim


def _with_cas(wire: MemcachedWire) -> MemcachedWire:
    """Return a wire to a server whose items have numbers.

    Raises:
        CacheRefused: they have none.
    """
    if not wire.has_cas:
        raise CacheRefused(failures.NO_CAS)
    return wire


def _new_cas() -> int:
    """Return a number that no item has had: those of a server begin again with it."""
    return secrets.randbits(63) | 1 << 62


def _is_about_all(error: Exception) -> bool:
    """Tell whether a read would get the same error."""
    return isinstance(failures.translate(error), CacheUnavailable) and not isinstance(
        error, WireLost
    )
