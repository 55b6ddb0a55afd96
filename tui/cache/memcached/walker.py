"""Reading a Memcached server in numbers: its keys, and what lies under many of them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tui.cache.limits import CALL_SECONDS
from tui.cache.memcached import failures
from tui.cache.memcached.dump import Dump
from tui.cache.memcached.items import NOTHING, life_of, read_plainly
from tui.cache.memcached.key_bytes import key_bytes
from tui.cache.memcached.replies import line, number_in, raise_error
from tui.cache.memcached.server import MemcachedLine
from tui.cache.pace import Pace
from tui.cache.wire import NotUnderstood
from tui.models import KNOWN_ABSENT, Cached, KeyFacts
from tui.models.keys import KeyTemplate
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheUnavailable, CopyTooLarge

if TYPE_CHECKING:
    from tui.cache.memcached.protocol import Value

PATIENCE: Final = (0.1, 0.2, 0.4, 0.8, 1.6)
"""The pauses after which a patient walker asks again: a few seconds in all."""
BEGINNING: Final = 16
"""How many bytes of a value tell its format."""
LONGEST_GETS: Final = 2000
"""Bytes of one `gets`: servers take longer lines for those of something else."""

Reply = TypeVar("Reply")


class MemcachedWalker:
    """Reads keys in numbers, a bounded trip at a time; changes nothing.

    Every call raises CacheUnavailable or CacheRefused for what goes wrong with all of it.
    Values are read by `gets`, which the server counts as it counts those of applications.
    """

    def __init__(
        self, server: MemcachedLine, clock: Clock, max_value: int, pauses: Sequence[float] = ()
    ) -> None:
        """Walk over `server`; values of more than `max_value` bytes are not read.

        A trip that gets no answer is made again after each of the `pauses`, in seconds.
        """
        self.illegible = 0
        """How many keys its walks have passed over, since they fit and are no UTF-8."""
        self._server = server
        self._clock = clock
        self._max_value = max_value
        self._pauses = pauses
        self._pace = Pace()
        self._lasting: set[str] | None = None
        """Keys that never end, as the latest list told; None before there was one.

        Old servers say so of an item, too, that has one second left.
        """

    def patient(self) -> "MemcachedWalker":
        """Return a walker of the same cache that waits for some seconds until it answers."""
        return MemcachedWalker(self._server, self._clock, self._max_value, PATIENCE)

    async def count(self) -> int:
        """Return how many items the server holds, of everybody."""

        async def asked() -> int:
            (facts,) = await self._server.ask((b"stats\r\n",))
            raise_error(facts)
            count = number_in(facts, "curr_items")
            if count is None:
                raise NotUnderstood("no reply to stats")
            return count

        return await self._again(asked)

    async def scan(self, template: KeyTemplate, part: str = "") -> AsyncIterator[list[str]]:
        """Give the keys that fit `template`, batch by batch, as the server's crawler does.

        With `part`, those whose id holds it. A list that breaks off is begun again; what is
        empty, since somebody has claimed it, is left out.
        """
        for pause in (*self._pauses, None):
            dump = Dump(self._server, template, part)
            self._lasting = dump.lasting
            try:
                async with aclosing(dump.run()) as batches:
                    async for batch in batches:
                        yield batch
            except failures.ERRORS as error:
                await self._wait(pause, error)
            else:
                self.illegible += dump.illegible
                return

    async def describe(self, keys: Sequence[str]) -> list[KeyFacts]:
        """Return what can be said of those keys; those that have gone are left out."""
        facts: list[KeyFacts] = []
        while keys:
            copies = await self.read(keys)
            facts += (
                _described(key, copy)
                for key, copy in zip(keys, copies, strict=False)
                if copy != NOTHING
            )
            keys = keys[len(copies) :]
        return facts

    async def read(self, keys: Sequence[str]) -> list[Cached]:
        """Return the values under the first of those keys, as many as one trip brings.

        They come in the order of the keys; one at least, where there is a key. Of what is
        longer than may be read comes its size.
        """
        if not keys:
            return []
        asked = list(self._pace.first_of(keys))
        while True:
            started = self._clock.monotonic()
            try:
                copies = await self._again(lambda asked=asked: self._copies(asked))  # type: ignore[misc]
            except CopyTooLarge as error:
                if len(asked) == 1:
                    return [Cached(None, None, size=self._max_value + 1, unread=str(error))]
                asked = asked[: len(asked) // 2]
                continue
            self._pace.took(self._clock.monotonic() - started, len(asked), len(copies))
            return copies

    async def _copies(self, keys: Sequence[str]) -> list[Cached]:
        sent = {key: data for key in keys if (data := key_bytes(key)) is not None}
        lines = _gets(list(sent.values()))
        lives = [b"me %b\r\n" % data for data in sent.values()]
        if not lines:
            return [NOTHING] * len(keys)
        replies = await self._server.ask((*lines, *lives))
        for reply in replies:
            raise_error(reply)
        values: dict[bytes, Value] = {}
        for reply in replies[: len(lines)]:
            if not isinstance(reply, list):
                if reply != {}:
                    raise NotUnderstood("no reply to gets")
                continue
            values.update((value.key, value) for value in reply)
        left = dict(zip(sent, replies[len(lines) :], strict=True))
        sure = self._lasting is not None
        return [
            read_plainly(values.get(sent[key]), self._life(key, left[key]), sure=sure)
            if key in sent
            else NOTHING
            for key in keys
        ]

    def _life(self, key: str, reply: Any) -> tuple[int, int] | None:
        life = life_of(line(reply))
        if life is None or life[0] >= 0 or self._lasting is None or key in self._lasting:
            return life
        return 1, life[1]

    async def _again(self, ask: Callable[[], Awaitable[Reply]]) -> Reply:
        """Return what is asked; after each of the pauses it is asked again."""
        for pause in (*self._pauses, None):
            try:
                return await ask()
            except failures.ERRORS as error:
                await self._wait(pause, error)
        raise AssertionError  # the last pause is none

    async def _wait(self, pause: float | None, error: Exception) -> None:
        """Wait until it may be asked again; raise where that is in vain, or often enough."""
        failure = failures.translate(error, CALL_SECONDS)
        if pause is None or type(failure) is not CacheUnavailable:
            raise failure from error
        await self._clock.sleep(pause)


def _gets(keys: Sequence[bytes]) -> list[bytes]:
    """Return commands that ask for the values of those keys, each short enough."""
    lines, line, length = [], [b"gets"], 0
    for key in keys:
        if length + len(key) > LONGEST_GETS:
            lines.append(b" ".join(line) + b"\r\n")
            line, length = [b"gets"], 0
        line.append(key)
        length += len(key) + 1
    return [*lines, b" ".join(line) + b"\r\n"] if keys else []


def _described(key: str, copy: Cached) -> KeyFacts:
    if copy.payload is None:
        return KeyFacts(key, copy.seconds_left, copy.size)
    payload = copy.payload
    absent = payload == KNOWN_ABSENT
    return KeyFacts(key, copy.seconds_left, len(payload), absent, None, payload[:BEGINNING])
