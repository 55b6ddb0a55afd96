"""Memcached's text protocol: what is sent, and replies as they come.

Source: memcached, doc/protocol.txt, 'Meta Commands' and 'Standard Protocol'.
"""

from typing import Any, Final, TypeAlias

from msgspec import Struct

from tui.cache.wire import NotUnderstood, TooLarge

LONGEST_LINE: Final = 1 << 14
"""Bytes of a line of a reply: a key has 250 at the most, and what stands beside it few."""
SLACK: Final = 1 << 20
"""Bytes that a reply may have beside one value as long as may be read."""
MOST_SKIPPED: Final = 1 << 28
"""Bytes of a value that is too long, yet read and dropped, since others wait behind it."""


class Item(Struct, frozen=True, gc=False):
    """The reply to a meta command that found its item."""

    value: bytes | None
    """The value, where it was asked for and is no longer than may be read."""
    flags: tuple[bytes, ...]
    """What was asked of the item, in that order: each a letter, and perhaps a number."""
    size: int = 0
    """The value's bytes, where it was asked for."""


class Value(Struct, frozen=True, gc=False):
    """One of the values in the reply to `gets`."""

    key: bytes
    value: bytes | None
    """None where it is longer than may be read."""
    size: int
    cas: int


class ErrorReply(Exception):
    """What the server says in the place of a reply; its text is the whole line."""


Reply: TypeAlias = "Item | list[Value] | dict[str, str] | bytes | ErrorReply"
"""`list` answers `gets`, `dict` answers `stats`; `bytes` is a line of its own, as `EN`."""
ERRORS: Final = (b"ERROR", b"CLIENT_ERROR", b"SERVER_ERROR")


class MemcachedReplies:
    """Takes bytes as they come, and gives replies; a value that is too long is dropped."""

    def __init__(self, largest: int) -> None:
        """Take values of up to `largest` bytes."""
        self.taken = 0
        """Bytes since it was set to 0, without those of values that were dropped."""
        self._largest = largest
        self._data = b""
        self._place = 0
        self._chunks: list[bytes] = []
        """What has come of a value that is not there whole."""
        self._missing = 0
        self._skip = 0
        self._values: list[Value] = []
        self._facts: dict[str, str] = {}

    def feed(self, data: bytes) -> None:
        """Take what has come."""
        self.taken += len(data)
        if self._skip:
            passed = min(self._skip, len(data))
            self._skip -= passed
            self.taken -= passed
            data = data[passed:]
        if self._missing > len(data):
            self._missing -= len(data)
            self._chunks.append(data)
            return
        if self._chunks:
            self._chunks.append(data)
            data = b"".join(self._chunks)
            self._chunks.clear()
        self._missing = 0
        rest = self._data[self._place :]
        self._data = rest + data if rest else data
        self._place = 0

    def gets(self) -> Any:
        """Return the next reply; False where there is none yet.

        Raises:
            NotUnderstood: what has come is not of the protocol.
            TooLarge: what comes is more than is taken.
        """
        if self.taken > self._largest + SLACK:
            raise TooLarge(f"a reply is larger than {self._largest:,} bytes")
        while not self._skip and not self._chunks:
            data, start = self._data, self._place
            end = data.find(b"\r\n", start)
            if end < 0:
                if len(data) - start > LONGEST_LINE:
                    raise NotUnderstood("a line without an end")
                return False
            if data.startswith(b"VA ", start):
                words = data[start + 3 : end].split()
                size = self._number(words[0] if words else b"")
                value = self._body(end + 2, size)
                if value is False:
                    return False
                return Item(value, tuple(words[1:]), size)
            line = data[start:end]
            reply = self._of_line(line, end + 2)
            if reply is not None:
                return reply
        return False

    def _of_line(self, line: bytes, after: int) -> Any:
        """Return the reply that a line is or ends; None where more belongs to it.

        False where its value is not there yet.
        """
        word, _, rest = line.partition(b" ")
        if word == b"VALUE":
            words = rest.split()
            if len(words) != 4:
                raise NotUnderstood("VALUE without its numbers")
            size, cas = self._number(words[2]), self._number(words[3])
            value = self._body(after, size)
            if value is False:
                return False
            self._values.append(Value(words[0], value, size, cas))
            return None
        self._place = after
        if word == b"HD":
            return Item(None, tuple(rest.split()))
        if word == b"STAT":
            name, _, fact = rest.decode("utf-8", "replace").partition(" ")
            self._facts[name] = fact
            return None
        if word == b"END":
            facts, values = self._facts, self._values
            self._facts, self._values = {}, []
            return facts or values
        if word in ERRORS:
            return ErrorReply(line.decode("utf-8", "replace"))
        if not word.isalpha() or not word.isupper():
            raise NotUnderstood(f"no word that Memcached begins a reply with: {word[:20]!r}")
        return line

    def _body(self, start: int, size: int) -> Any:
        """Return the value that begins there; None for one too long, False before it is there.

        What comes next is then read behind it.
        """
        end = start + size + 2
        have = len(self._data)
        if size > self._largest:
            if size > MOST_SKIPPED:
                raise TooLarge(f"a value of {size:,} bytes")
            self.taken -= min(end, have) - start
            self._skip = max(0, end - have)
            self._place = min(end, have)
            return None
        if have < end:
            self._missing = end - have
            return False
        if self._data[end - 2 : end] != b"\r\n":
            raise NotUnderstood("a value that does not end where it should")
        self._place = end
        return self._data[start : end - 2]

    @staticmethod
    def _number(text: bytes) -> int:
        if not text.isdigit() or len(text) > 20:
            raise NotUnderstood(f"no number: {text[:20]!r}")
        return int(text)
