"""The keys of a server, as its LRU crawler lists them: there is no other way.

Source: memcached, doc/protocol.txt, 'LRU_Crawler', 'metadump'.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from tui.cache.limits import CALL_SECONDS
from tui.cache.memcached.protocol import ERRORS, ErrorReply
from tui.cache.memcached.replies import raise_error
from tui.cache.memcached.server import Server
from tui.cache.port import CLAIM_SECONDS
from tui.cache.wire import NotUnderstood, WireLost
from tui.models import KEYS_PER_STEP
from tui.models.keys import KeyTemplate

WAYS: Final = (b"hash", b"all")
"""By the hash table no item that moves meanwhile is missed; older servers know the second."""
LIFE: Final = re.compile(rb" exp=([0-9]{1,12}) la=([0-9]{1,12})")
FEW: Final = 50
"""How many keys one `gets` asks about."""
CHUNK: Final = 1 << 16
LONGEST_LINE: Final = 1 << 12
"""Bytes: a key of 250 is spelled with 750 at the most."""
BUSY: Final = b"BUSY"
BUSY_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
"""The pauses after which a crawler that works for somebody else is asked again, in seconds."""


class Dump:
    """One listing of the keys that fit a template."""

    def __init__(self, server: Server, template: KeyTemplate, part: str) -> None:
        """List the keys of `server` that fit `template`, and whose id holds `part`."""
        self.illegible = 0
        """How many keys were left out, since they are no UTF-8."""
        self.lasting: set[str] = set()
        """Which of the keys that were given never end."""
        self._server = server
        self._template = template
        self._part = part
        self._start = b"key=" + quote_from_bytes(template.before.encode(), safe="").encode()
        self._doubtful: set[str] = set()
        """Keys of the latest that were found whose item may be but a claim."""
        self._prefix, self._end = template.before.encode(), template.after.encode()

    async def run(self) -> AsyncGenerator[list[str], None]:
        """Give the keys in batches, which may be empty.

        Raises:
            ErrorReply, NotUnderstood, TimeoutError, OSError: there are no more.
        """
        reader, writer = await self._server.dial()
        try:
            data = await self._begun(reader, writer)
            batch: list[str] = []
            while True:
                *lines, data = data.split(b"\n")
                found = self._fitting(lines)
                batch += await self._copies(found) if self._doubtful else found
                ended = bool(lines) and lines[-1].rstrip(b"\r") == b"END"
                if ended or len(batch) >= KEYS_PER_STEP:
                    for start in range(0, max(1, len(batch)), KEYS_PER_STEP):
                        yield batch[start : start + KEYS_PER_STEP]
                    batch = []
                if ended:
                    return
                if len(data) > LONGEST_LINE:
                    raise NotUnderstood("a line without an end")
                data += await _more(reader)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _begun(self, reader: Any, writer: Any) -> bytes:
        """Have the crawler begin; return the first bytes of its list."""
        for way in WAYS:
            for pause in (*BUSY_PAUSES, 0.0):
                writer.write(b"lru_crawler metadump %b\r\n" % way)
                data = await _more(reader)
                while b"\n" not in data:
                    data += await _more(reader)
                word, _, _ = data.partition(b" ")
                if word.strip() != BUSY:
                    break
                await asyncio.sleep(pause)
            if word.strip() not in (*ERRORS, b"BADCLASS", BUSY):
                return data
            said = data.partition(b"\r")[0].decode("utf-8", "replace")
        raise ErrorReply(said)

    def _fitting(self, lines: Sequence[bytes]) -> list[str]:
        """Return the keys in lines of the list that fit."""
        found = []
        for line in lines:
            if not line.startswith(self._start):
                if not line.startswith((b"key=", b"END")):
                    raise NotUnderstood(f"no line of a list of keys: {line[:40]!r}")
                continue
            key = unquote_to_bytes(line[4 : line.find(b" ")])
            if not key.endswith(self._end) or len(key) < len(self._prefix) + len(self._end):
                continue
            try:
                text = key.decode()
            except UnicodeDecodeError:
                self.illegible += 1
                continue
            if not self._part or self._part in self._id(text):
                found.append(text)
                if _is_short(line):
                    self._doubtful.add(text)
                if b" exp=-1 " in line:
                    self.lasting.add(text)
        return found

    async def _copies(self, keys: Sequence[str]) -> list[str]:
        """Return the keys without those under which only a claim lies: an empty item."""
        doubtful, self._doubtful = list(self._doubtful), set()
        empty: set[bytes] = set()
        for start in range(0, len(doubtful), FEW):
            sent = b" ".join(key.encode() for key in doubtful[start : start + FEW])
            (values,) = await self._server.ask((b"gets %b\r\n" % sent,))
            raise_error(values)
            empty.update(value.key for value in values if not value.size)
        return [key for key in keys if not empty or key.encode() not in empty]

    def _id(self, key: str) -> str:
        before, after = self._template.before, self._template.after
        return key[len(before) : len(key) - len(after)]


def _is_short(line: bytes) -> bool:
    """Tell whether an item ends so soon after it was last asked for that it may be a claim."""
    facts = LIFE.search(line)
    return facts is not None and 0 <= int(facts[1]) - int(facts[2]) <= CLAIM_SECONDS


async def _more(reader: Any) -> bytes:
    async with asyncio.timeout(CALL_SECONDS):
        data: bytes = await reader.read(CHUNK)
    if not data:
        raise WireLost("closed in the middle of a list of keys")
    return data
