"""A terminal in memory, which shows what it is sent."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pyte
from pyte.screens import Char

UNKNOWN_TO_PYTE = re.compile(
    r"\x1b\[[<>=?][0-9;]*(?:[u]|\$p)|\x1b\](?!8;)[^\x07\x1b]*(?:\x07|\x1b\\)"
)
LINK = re.compile(r"\x1b\]8;[^;\x1b]*;([^\x1b]*)\x1b\\")


class Seen(NamedTuple):
    """What can be seen of a cell: of a blank no ink, unless it has a line through it."""

    glyph: str
    looks: tuple[object, ...]
    link: str


class Emulator(pyte.Screen):
    """pyte's terminal, with links, and without halves of wide characters."""

    def __init__(self, width: int, height: int, *, in_colour: bool = True) -> None:
        """Begin with a screen full of somebody else's text, as after a resize.

        What is erased takes the colour behind the text, or not `in_colour`.
        """
        self._in_colour = in_colour
        self._link = ""
        self._links: dict[tuple[int, int], str] = {}
        super().__init__(width, height)
        self._stream = pyte.Stream(self)
        self.feed(
            "\x1b[?7l" + "".join(f"\x1b[{row}H" + "#" * width for row in range(1, 1 + height))
        )

    def feed(self, data: str) -> None:
        """Show what the terminal is sent."""
        pieces = LINK.split(UNKNOWN_TO_PYTE.sub("", data))
        for number, piece in enumerate(pieces):
            if number % 2:
                self._link = piece
            elif piece:
                self._stream.feed(piece)

    def draw(self, data: str) -> None:
        """Write text; half a wide character does not stay."""
        row, start = self.cursor.y, self.cursor.x
        line = self.buffer[row]
        if 0 < start < self.columns and line[start].data == "":
            line[start - 1] = line[start - 1]._replace(data=" ")
        super().draw(data)
        end = self.cursor.x
        if end < self.columns and line[end].data == "":
            line[end] = line[end]._replace(data=" ")
        for column in range(start, end):
            self._links[row, column] = self._link

    def erase_characters(self, count: int | None = None) -> None:
        """Erase, links as well."""
        self._unlink(range(self.cursor.x, self.cursor.x + (count or 1)))
        with self._erasing():
            super().erase_characters(count)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """Erase, links as well."""
        self._unlink(range(self.cursor.x, self.columns))
        with self._erasing():
            super().erase_in_line(how, private)

    def erase_in_display(self, how: int = 0, *rest: object, **options: object) -> None:
        """Erase, links as well, also in lines that were scrolled in."""
        self._links.clear()
        with self._erasing():
            super().erase_in_display(how, *rest, **options)
            for row in range(self.lines if how == 2 else 0):
                self.buffer[row].update(dict.fromkeys(range(self.columns), self.cursor.attrs))

    @contextmanager
    def _erasing(self) -> Iterator[None]:
        attributes = self.cursor.attrs
        if not self._in_colour:
            self.cursor.attrs = self.default_char
        yield
        self.cursor.attrs = attributes

    def _unlink(self, columns: range) -> None:
        for column in columns:
            self._links.pop((self.cursor.y, column), None)

    @property
    def cells(self) -> list[list[Seen]]:
        """Everything that can be seen, row by row."""
        return [self.row(number) for number in range(self.lines)]

    def row(self, number: int) -> list[Seen]:
        """Give everything that can be seen of one row."""
        line, links = self.buffer[number], self._links
        return [_seen(line[at], links.get((number, at), "")) for at in range(self.columns)]

    @property
    def text(self) -> str:
        """What is written on the screen."""
        return "\n".join(self.display)

    @property
    def position(self) -> tuple[int, int]:
        """Row and column of the cursor."""
        return self.cursor.y, min(self.cursor.x, self.columns - 1)


def _seen(cell: Char, link: str) -> Seen:
    lines = (cell.underscore, cell.strikethrough, cell.reverse)
    if cell.data == " " and not any(lines) and not link:
        return Seen(" ", (cell.bg,), "")
    return Seen(
        cell.data, (*lines, cell.bg, cell.fg, cell.bold, cell.italics, cell.blink), link
    )
