"""What the classes of java.time write, all of them in the name of java.time.Ser."""

import struct
from collections.abc import Callable
from typing import Any, Final

from tui.audit.decoders.spelling import fraction, spelled_instant, spelled_offset

SECOND: Final = 10**9


class _Block:
    """The bytes of one value, read number by number."""

    def __init__(self, octets: bytes) -> None:
        """Read nothing yet."""
        self._octets = octets
        self._place = 0

    def number(self, kind: str) -> Any:
        """Return the next number, as struct calls its kind.

        Raises:
            struct.error: there is none.
        """
        (number,) = struct.unpack_from(">" + kind, self._octets, self._place)
        self._place += struct.calcsize(kind)
        return number

    def text(self) -> str:
        """Return the next text."""
        length = self.number("H")
        text = self._octets[self._place : self._place + length].decode("ascii")
        self._place += length
        return text


def read_time(octets: bytes) -> str | None:
    """Return in ISO 8601 what one value says; None for a kind that is not known.

    Raises:
        struct.error: the bytes end in it.
        ValueError, OverflowError: it is out of any calendar.
    """
    block = _Block(octets)
    reading = _KINDS.get(block.number("b"))
    return reading(block) if reading else None


def _date(block: _Block) -> str:
    return f"{block.number('i'):04}-{block.number('b'):02}-{block.number('b'):02}"


def _time(block: _Block) -> str:
    """Return a time of day, of which the last number is written as its complement."""
    parts = [0, 0, 0]
    for place in range(3):
        number = block.number("b")
        parts[place] = ~number if number < 0 else number
        if number < 0:
            return "{:02}:{:02}:{:02}".format(*parts)
    return "{:02}:{:02}:{:02}".format(*parts) + fraction(block.number("i"))


def _offset(block: _Block) -> str:
    quarters = block.number("b")
    return spelled_offset(block.number("i") if quarters == 127 else quarters * 900)


def _zoned(block: _Block) -> str:
    moment = f"{_date(block)}T{_time(block)}{_offset(block)}"
    return f"{moment}[{block.text()}]" if block.number("b") == 7 else moment


def _period(block: _Block) -> str:
    parts = "".join(f"{count}{unit}" for unit in "YMD" if (count := block.number("i")))
    return f"P{parts or '0D'}"


def _duration(seconds: int, nanoseconds: int) -> str:
    total = seconds * SECOND + nanoseconds
    sign = "-" if total < 0 else ""
    minutes, rest = divmod(abs(total), 60 * SECOND)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    whole, part = divmod(rest, SECOND)
    spelled = "".join(
        f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M")) if count
    )
    if whole or part:
        spelled += f"{whole}{fraction(part)}S"
    if not days and not spelled:
        return "PT0S"
    return f"{sign}P{f'{days}D' if days else ''}{f'T{spelled}' if spelled else ''}"


_KINDS: Final[dict[int, Callable[[_Block], str]]] = {
    1: lambda block: _duration(block.number("q"), block.number("i")),
    2: lambda block: spelled_instant(block.number("q"), block.number("i")),
    3: _date,
    4: _time,
    5: lambda block: f"{_date(block)}T{_time(block)}",
    6: _zoned,
    7: _Block.text,
    8: _offset,
    9: lambda block: _time(block) + _offset(block),
    10: lambda block: f"{_date(block)}T{_time(block)}{_offset(block)}",
    11: lambda block: f"{block.number('i'):04}",
    12: lambda block: f"{block.number('i'):04}-{block.number('b'):02}",
    13: lambda block: f"--{block.number('b'):02}-{block.number('b'):02}",
    14: _period,
}
"""The kinds by their numbers: durations, instants, dates and times, zones, parts, periods."""
