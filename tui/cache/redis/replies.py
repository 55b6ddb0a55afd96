"""Replies as they come from a server: none may take more memory or time than it is worth."""

import re
from typing import Any, Final

import hiredis
from redis import exceptions

from tui.cache.redis.refusals import error_reply

MOST_ELEMENTS: Final = 1 << 17
"""What one list, map or set may announce: the parser makes room for all of it at once."""
MOST_LINES: Final = 1 << 18
"""Elements of a whole reply or trip, however deep: small ones cost many times their bytes."""
SMALLEST_BOUND: Final = 1 << 20
"""Bytes that a reply may always have: what a server says of itself is not short."""
LONGEST_LINE: Final = 1 << 16
"""Bytes of a number, a status or an error; and of what stands beside a value in its reply."""
LARGE_CHUNK: Final = 1 << 15
"""Bytes from which on it takes less time to follow the values than to look through them."""

MOST_SKIPPED: Final = 1 << 26
"""Bytes of a value that is too large, yet read and dropped, since others wait behind it."""

VALUES, LISTS = frozenset(b"$=!"), frozenset(b"*%~>|")
"""What bytes are announced by, and what elements (RESP2 and RESP3)."""
AT_START = re.compile(rb"[$=!*%~>|][0-9]{5}")
WITHIN = re.compile(rb"\n[$=!*%~>|][0-9]{5}")
"""What looks like a large announcement; in a value it may stand and mean nothing."""
SKIPPED = b"-HITMISSTOOLARGE a value was dropped\r\n"
"""What hiredis is given in place of a value that is too large."""


class ReplyTooLarge(exceptions.ResponseError):
    """A reply, or a value in it, is larger than anything that is taken."""


class Replies:
    """A reader of the protocol that gives up before a reply becomes too large.

    hiredis makes room for as many elements as a server announces, and keeps as many bytes as
    it sends. So announcements are read before hiredis has them. Most of what comes is short,
    ends with a line and announces little, which one look tells. Source: Redis
    documentation, 'Redis serialization protocol specification'.
    """

    def __init__(self, largest: int, **options: Any) -> None:
        """Take replies of about `largest` bytes; `options` are hiredis' own."""
        self.largest = max(largest, SMALLEST_BOUND)
        """The longest value that is taken, in bytes."""
        self.taken = 0
        """Bytes since whoever reads has set it to 0, which each reply or trip begins with."""
        self._lines = 0
        """Lines since then, each of which is or begins an element; counted where many come."""
        self._parse_error: Any = options.get("replyError", error_reply)
        self._not_enough = options.get("notEnoughData", False)
        options["replyError"] = self._error
        options.setdefault("protocolError", exceptions.InvalidResponse)
        self._reader: Any = hiredis.Reader(**options)
        self.gets: Any = self._reader.gets
        """Return the next reply, or what says that there is none yet.

        A value that is too large comes as a ReplyTooLarge, among the others.

        Raises:
            InvalidResponse: what has come is not of the protocol.
            ReplyTooLarge: what comes next is not taken; the connection is of no use any more.
        """
        self._before = b""
        """What came last, if it began where an announcement may stand."""
        self._followed = False
        """Whether it is known where in a reply the next bytes stand."""
        self._skip = 0
        """So many of them belong to a value."""
        self._dropping = False
        """Which is too large, and so hiredis gets none of it."""
        self._begun = b""
        """The line that has begun, and how much of it hiredis has already."""
        self._passed_on = 0

    def feed(self, data: bytes) -> None:
        """Take what has come, after `gets` has said that there is nothing more."""
        if not self.taken:
            self._lines = 0
        self.taken += len(data)
        if not self._followed:
            if self._reader.has_data():  # what came before had no end
                self._follow(self._before, len(self._before))
                self._passed_on = len(self._begun)
            elif (
                data.endswith(b"\r\n")  # else a sign may have come without its number
                and len(data) < LARGE_CHUNK
                and AT_START.match(data) is None
                and WITHIN.search(data) is None
            ):
                self._before = data
                self._reader.feed(data)
                return
        whole, given = self._begun + data, self._passed_on
        self._begun = self._before = b""
        self._passed_on = max(0, given - self._follow(whole, given))
        self._followed = bool(self._skip or self._begun)
        if self.taken > self.largest + LONGEST_LINE or self._lines > MOST_LINES:
            self._refuse()

    def has_data(self) -> bool:
        """Tell whether there is something that has not been given yet."""
        return bool(self._begun) or bool(self._reader.has_data())

    def _follow(self, data: bytes, given: int) -> int:
        """Read the announcements in `data`, and give hiredis what it has not got of it.

        Return up to where whole lines and values went.
        """
        place, length = self._skip, len(data)
        if self._dropping:
            given = self._drop(place, 0, length)
        lines = 0
        while place < length:
            lines += 1
            end = data.find(b"\r\n", place)
            if end < 0 or end - place > LONGEST_LINE:
                if length - place > LONGEST_LINE:
                    self._refuse()
                self._begun = data[place:]
                break
            sign, announced = data[place], 0
            if sign in VALUES:
                announced = _number(data, place + 1, end)
                after = end + 2 + (announced + 2 if announced >= 0 else 0)
            else:
                after = end + 2
            if announced > MOST_SKIPPED or (
                sign in LISTS and _number(data, place + 1, end) > MOST_ELEMENTS
            ):
                self._refuse()
                break
            if announced > self.largest:
                self._pass_on(data, given, place)
                self._reader.feed(SKIPPED)
                given = self._drop(after, place, length)
            place = after
        self._lines += lines
        self._skip = max(0, place - length)
        self._pass_on(data, given, min(place, length))
        return min(place, length)

    def _pass_on(self, data: bytes, start: int, end: int) -> None:
        if start < end:
            self._reader.feed(data[start:end] if end - start < len(data) else data)

    def _drop(self, after: int, start: int, length: int) -> int:
        """Pass over a value that ends at `after`; return up to where it has come."""
        self._dropping = after > length
        end = min(after, length)
        self.taken -= end - start
        return end

    def _refuse(self) -> None:
        """Let `gets` fail once it has given what was complete before."""
        self.gets = self._next_or_refusal

    def _next_or_refusal(self, *arguments: Any) -> Any:
        reply = self._reader.gets(*arguments)
        if reply is self._not_enough:
            raise ReplyTooLarge(f"a reply is larger than {self.largest:,} bytes")
        return reply

    def _error(self, said: str) -> Exception:
        if said.startswith("HITMISSTOOLARGE"):
            return ReplyTooLarge(f"a value is larger than {self.largest:,} bytes")
        error: Exception = self._parse_error(said)
        return error


def _number(data: bytes, start: int, end: int) -> int:
    """Return the number that is announced; what is none is left to hiredis."""
    if end - start > 20:
        return MOST_ELEMENTS << 32
    try:
        return int(data[start:end])
    except ValueError:
        return -1
