"""Cuts what comes from a client so that no piece holds the ends of two heads."""

from typing import Final

END_OF_HEAD: Final = b"\r\n\r\n"
"""How every head ends: the parser takes no other line ends. Source: RFC 9112, section 2.1."""


class Pieces:
    """What one connection has sent, up to now."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._last = b""
        """Up to three bytes that may be the beginning of END_OF_HEAD."""

    def cut(self, data: bytes) -> int:
        """Return how many bytes of `data` come first: up to END_OF_HEAD, or all of them."""
        last = self._last
        if last:
            begun = (last + data[:3]).find(END_OF_HEAD)
            if begun >= 0:
                self._last = b""
                return begun + len(END_OF_HEAD) - len(last)
        found = data.find(END_OF_HEAD)
        if found >= 0:
            self._last = b""
            return found + len(END_OF_HEAD)
        self._last = (last + data[-3:])[-3:]
        return len(data)
