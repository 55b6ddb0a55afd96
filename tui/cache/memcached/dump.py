"""The keys of a server, as its LRU crawler lists them: there is no other way.

The list is read as fast as it comes, however slowly its keys are asked for. A crawler that
cannot send on waits with a part of the hash table locked, and so does everybody who asks for
an item of that part: seen with Memcached 1.6.18. What is kept of a key meanwhile is its id.

Source: memcached, doc/protocol.txt, 'LRU_Crawler', 'metadump'.
"""

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Any, Final, TypeAlias
from urllib.parse import quote_from_bytes, unquote_to_bytes

from tui.cache.limits import CALL_SECONDS
from tui.cache.memcached.key_bytes import NOT_IN_KEYS, key_bytes
from tui.cache.memcached.protocol import ERRORS, ErrorReply
from tui.cache.memcached.replies import number_in, raise_error
from tui.cache.memcached.server import MemcachedLine
from tui.cache.port import CLAIM_SECONDS
from tui.cache.wire import NotUnderstood, WireLost
from tui.models import KEYS_PER_STEP
from tui.models.keys import KeyTemplate

WAYS: Final = (b"hash", b"all")
"""By the hash table no item that moves meanwhile is missed; older servers know the second."""
FACTS: Final = rb"([^ \n]*) exp=(-?[0-9]{1,12}) la=([0-9]{1,12})[^\n]*\n"
"""The rest of a line, behind the beginning of a key: its rest, its end, and its last use."""
ANY_LINE: Final = re.compile(rb"key=[^ ]* exp=-?[0-9]{1,12} la=[0-9]{1,12}")
NO_END: Final = b"-1"
FEW: Final = 50
"""How many keys one `gets` asks about."""
CHUNK: Final = 1 << 16
LONGEST_LINE: Final = 1 << 12
"""Bytes: a key of 250 is spelled with 750 at the most."""
MORE_KEYS: Final = 1_000_000
"""How many keys may be listed beyond twice those that there are, which come and go."""
PLAIN_IDS: Final = re.compile(rb"(?:[!-$&-~]*\n)*")
BUSY: Final = b"BUSY"
BUSY_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
"""The pauses after which a crawler that works for somebody else is asked again, in seconds."""

Listed: TypeAlias = tuple[bytes, bytes, bytes]
"""What follows in keys behind the template's beginning, as spelled in the list, one a line:
those that end some time, those that never do, and those whose items may be but claims."""


class Dump:
    """One listing of the keys that fit a template."""

    def __init__(self, server: MemcachedLine, template: KeyTemplate, part: str) -> None:
        """List the keys of `server` that fit `template`, and whose id holds `part`."""
        self.illegible = 0
        """How many keys were left out, since they are no UTF-8."""
        self.lasting: set[str] = set()
        """Which of the keys that were given never end."""
        self._server = server
        self._template = template
        self._part = part
        self._start = b"key=" + quote_from_bytes(template.before.encode(), safe="").encode()
        self._line = re.compile(re.escape(self._start) + FACTS)
        self._pieces: deque[Listed] = deque()
        self._news = asyncio.Event()

    async def run(self) -> AsyncGenerator[list[str], None]:
        """Give the keys in batches, which may be empty.

        Raises:
            ErrorReply, NotUnderstood, TimeoutError, OSError: there are no more.
        """
        reader, writer = await self._server.dial()
        reading: asyncio.Task[None] | None = None
        try:
            reading = asyncio.create_task(self._read(reader, await self._begun(reader, writer)))
            reading.add_done_callback(self._over)
            batch: list[str] = []
            while self._pieces or not reading.done():
                if not self._pieces:
                    self._news.clear()
                    await self._news.wait()
                    continue
                batch += await self._keys(self._pieces.popleft())
                while len(batch) >= KEYS_PER_STEP:
                    yield batch[:KEYS_PER_STEP]
                    batch = batch[KEYS_PER_STEP:]
            await reading
            yield batch
        finally:
            writer.close()
            if reading is not None:
                reading.cancel()
                await asyncio.wait([reading])
            with suppress(OSError):
                await writer.wait_closed()

    async def _begun(self, reader: Any, writer: Any) -> bytes:
        """Have the crawler begin; return the first bytes of its list."""
        for way in WAYS:
            for pause in (*BUSY_PAUSES, 0.0):
                writer.write(b"lru_crawler metadump %b\r\n" % way)
                data = await _more(reader)
                while b"\n" not in data:
                    if len(data) > LONGEST_LINE:
                        raise NotUnderstood("a line without an end")
                    data += await _more(reader)
                word, _, _ = data.partition(b" ")
                if word.strip() != BUSY:
                    break
                await asyncio.sleep(pause)
            if word.strip() not in (*ERRORS, b"BADCLASS", BUSY):
                return data
            said = data.partition(b"\r")[0].decode("utf-8", "replace")
        raise ErrorReply(said)

    async def _read(self, reader: Any, data: bytes) -> None:
        """Read the list to its end, without a pause."""
        left = MORE_KEYS + 2 * await self._count()
        while True:
            end = data.rfind(b"\n") + 1
            lines, data = data[:end], data[end:]
            last = lines[lines.rfind(b"\n", 0, -1) + 1 :]
            ended = last.rstrip() == b"END"
            left -= lines.count(b"\n")
            if left < 0:
                raise NotUnderstood("a list of far more keys than the server says it has")
            if lines:
                self._keep(lines[: -len(last)] if ended else lines)
            if ended:
                return
            if len(data) > LONGEST_LINE:
                raise NotUnderstood("a line without an end")
            data += await _more(reader)

    async def _count(self) -> int:
        """Return how many items the server says that it has."""
        (facts,) = await self._server.ask((b"stats\r\n",))
        return number_in(facts, "curr_items", digits=14) or 0

    def _over(self, reading: "asyncio.Task[None]") -> None:
        self._news.set()
        if not reading.cancelled():
            reading.exception()  # whoever has begun the list may have left

    def _keep(self, lines: bytes) -> None:
        """Keep what fits of these lines."""
        found = self._line.findall(lines)
        if len(found) < lines.count(self._start) or lines.count(b"key=") < lines.count(b"\n"):
            odd = next((line for line in lines.split(b"\n") if not ANY_LINE.match(line)), b"")
            raise NotUnderstood(f"no line of a list of keys: {odd[:40]!r}")
        ending, lasting, doubtful = [], [], []
        for rest, end, used in found:
            if end == NO_END:
                lasting.append(rest)
            elif int(end) - int(used) > CLAIM_SECONDS:
                ending.append(rest)
            else:  # it ends so soon after it was last asked for
                doubtful.append(rest)
        if found:
            self._pieces.append((_listed(ending), _listed(lasting), _listed(doubtful)))
            self._news.set()

    async def _keys(self, piece: Listed) -> list[str]:
        """Return the keys of which something is kept, without those that are but claims."""
        ending, lasting, doubtful = map(self._fitting, piece)
        self.lasting.update(lasting)
        return [*ending, *lasting, *(await self._copies(doubtful) if doubtful else ())]

    def _fitting(self, listed: bytes) -> list[str]:
        """Return the keys that fit, of which the ends are listed there."""
        # As ids mostly are; a space or a control character is spelled with a `%`, or is none of
        # a list's.
        if b"%" not in listed and PLAIN_IDS.fullmatch(listed):
            ends = listed.decode().split("\n")[:-1]
        else:
            texts = map(self._text, listed.split(b"\n")[:-1])
            ends = [text for text in texts if text is not None]
        before, after = self._template.before, self._template.after
        if after:
            ends = [end for end in ends if end.endswith(after)]
        if self._part:
            ends = [end for end in ends if self._part in end[: len(end) - len(after)]]
        return [before + end for end in ends]

    def _text(self, spelled: bytes) -> str | None:
        """Return the end of a key; None where it is no text, or does not fit."""
        data = unquote_to_bytes(spelled)
        if NOT_IN_KEYS.search(data):  # of the binary protocol: to ask for it would be a command
            self.illegible += 1
            return None
        if not data.endswith(self._template.after.encode()):
            return None
        try:
            return data.decode()
        except UnicodeDecodeError:
            self.illegible += 1
            return None

    async def _copies(self, doubtful: Sequence[str]) -> list[str]:
        """Return the keys without those under which only a claim lies: an empty item."""
        empty: set[bytes] = set()
        for start in range(0, len(doubtful), FEW):
            keys = (key_bytes(key) for key in doubtful[start : start + FEW])
            sent = b" ".join(key for key in keys if key is not None)
            if not sent:
                continue
            (values,) = await self._server.ask((b"gets %b\r\n" % sent,))
            raise_error(values)
            empty.update(value.key for value in values if not value.size)
        return [key for key in doubtful if key.encode() not in empty]


def _listed(ends: Sequence[bytes]) -> bytes:
    """Return ends of keys as one text, which takes a tenth of their memory."""
    return b"\n".join((*ends, b""))


async def _more(reader: Any) -> bytes:
    async with asyncio.timeout(CALL_SECONDS):
        data: bytes = await reader.read(CHUNK)
    if not data:
        raise WireLost("closed in the middle of a list of keys")
    return data
