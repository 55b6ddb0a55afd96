"""The bytes of a payload, read from the first to the last and never beyond."""

import struct
from typing import Any

from tui.audit.decoders.plain import MOST_LEVELS, Allowance, broken, too_deep, too_short


class Source:
    """A payload that is being read, and how deep in it the reader is."""

    def __init__(self, format: str, payload: bytes, most: int) -> None:
        """Read nothing yet; what is read counts in `allowance`."""
        self.format = format
        self.payload = payload
        self.place = 0
        self.level = 0
        self.allowance = Allowance(format, max(most, len(payload)))

    def take(self, count: int) -> bytes:
        """Return so many bytes, and go on behind them.

        Raises:
            UnreadablePayload: there are fewer.
        """
        end = self.place + count
        if count < 0 or end > len(self.payload):
            raise too_short(self.format)
        taken = self.payload[self.place : end]
        self.place = end
        return taken

    def octet(self) -> int:
        """Return one byte as a number.

        Raises:
            UnreadablePayload: there is none.
        """
        return self.take(1)[0]

    def number(self, kind: str) -> Any:
        """Return a number as struct calls its kind; the most significant byte is the first.

        Raises:
            UnreadablePayload: the bytes end in it.
        """
        return struct.unpack(">" + kind, self.take(struct.calcsize(">" + kind)))[0]

    def until(self, mark: bytes, longest: int) -> bytes:
        """Return the bytes before a mark, and go on behind it.

        Raises:
            UnreadablePayload: it does not come in so many bytes.
        """
        end = self.payload.find(mark, self.place, self.place + longest + len(mark))
        if end < 0:
            if self.place + longest >= len(self.payload):
                raise too_short(self.format)
            raise self.broken("a number in it is too long")
        found = self.payload[self.place : end]
        self.place = end + len(mark)
        return found

    def expect(self, octets: bytes) -> None:
        """Go on behind bytes that have to come.

        Raises:
            UnreadablePayload: others come.
        """
        if self.take(len(octets)) != octets:
            raise self.broken("it is broken")

    def finish(self) -> None:
        """Pass at the end.

        Raises:
            UnreadablePayload: there is more.
        """
        if self.place != len(self.payload):
            raise self.broken("something stands behind its end")

    def broken(self, why: str = "it is broken") -> Exception:
        """Return what is wrong, in words for a person."""
        return broken(self.format, why)

    def __enter__(self) -> None:
        """Go one level deeper, for as long as the block lasts.

        Raises:
            UnreadablePayload: it is too deep.
        """
        self.level += 1
        if self.level > MOST_LEVELS:
            raise too_deep(self.format)

    def __exit__(self, *_: object) -> None:
        self.level -= 1
