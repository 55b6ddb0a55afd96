"""The list of cached copies: what expires next on top, each with its draining bar."""

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click

from tui.models.inventory import CopyState, Entry, Inventory, Totals
from tui.runtime.clock import Clock
from tui.runtime.plain_text import plain
from tui.service.lifetimes import JITTER
from tui.views.widgets.quantities import bar, byte_count, time_left
from tui.views.widgets.row_list import RowList, column
from tui.views.widgets.words import Word

if TYPE_CHECKING:
    from tui.models import Key

KEY_WIDTH, WIDE_KEY, STATE_WIDTH, SIZE_WIDTH, LEFT_WIDTH, FORMAT_WIDTH = 10, 14, 14, 8, 6, 12
KEY_CHARACTERS = 80
GAP = 3
"""Cells between the size and the bar."""
NAME_WIDTH, MOST_NAME, MOST_KEY = 18, 40, 40
LEAST_BAR, MOST_BAR = 8, 60
"""Longer bars change more often, and each change is sent."""
LONGEST_BAR_SECONDS = 300.0
"""A bar is full from this time on: it tells the next minutes, not hours, apart."""
FAMILIES = {
    CopyState.FRESH: "hit",
    CopyState.GRACE: "warning",
    CopyState.EXPIRED: "muted",
    CopyState.NO_EXPIRY: "warning",
}
SIGNS = {
    CopyState.FRESH: "●",
    CopyState.GRACE: "▲",
    CopyState.EXPIRED: "·",
    CopyState.NO_EXPIRY: "▲",
}
ABSENT = "○"


class Widths(NamedTuple):
    """How many cells each column of a row has; 0 is not there."""

    key: int
    name: int
    format: int
    size: int
    bar: int


def column_widths(width: int, *, named: bool = False, longest: int = 0) -> Widths:
    """Give the widths of the columns in a row of `width` cells; if `named`, with a name.

    A key of `longest` cells is to be seen whole, as far as a short bar leaves room for it.
    Where there is little room the format goes first, then the size, and then the bar.
    """
    room = max(0, width - 1 - STATE_WIDTH - LEFT_WIDTH)
    size = SIZE_WIDTH + GAP if room >= KEY_WIDTH + SIZE_WIDTH + GAP + LEAST_BAR else 0
    room -= size
    if not named or room < KEY_WIDTH + NAME_WIDTH + LEAST_BAR:
        usual = max(min(KEY_WIDTH, room), room * 14 // 45)
        key = max(usual, min(longest + 1, MOST_KEY, room - LEAST_BAR))
        return Widths(key, 0, 0, size, max(0, min(MOST_BAR, room - key)))
    spare = room - KEY_WIDTH - NAME_WIDTH - LEAST_BAR
    format = FORMAT_WIDTH if spare >= FORMAT_WIDTH + 12 else 0
    spare -= format
    key = KEY_WIDTH + max(min(spare // 4, WIDE_KEY), min(longest + 1 - KEY_WIDTH, spare))
    key = min(MOST_KEY, key)
    name = min(MOST_NAME, NAME_WIDTH + (spare - key + KEY_WIDTH) // 3)
    return Widths(key, name, format, size, min(MOST_BAR, room - format - name - key))


def heading(width: int, name: str = "", longest: int = 0) -> str:
    """Give the line over the columns; `name` is what the column of names is called, if any."""
    widths = column_widths(width, named=bool(name), longest=longest)
    size = f"{'size':>{SIZE_WIDTH}}{'':{GAP}}" if widths.size else ""
    line = (
        f" {column('key', widths.key)}{column(name, widths.name)}{'state':{STATE_WIDTH}}"
        f"{column('format', widths.format)}{size}fresh for"
    )
    return line[: max(0, width)]


WORDS = (
    Word("fresh", "hit", "a lookup answers from it"),
    Word("absent", "hit", "it says that there is no such record"),
    Word("in grace", "warning", "its ttl is over; it stands in for a database that fails"),
    Word("no expiry", "warning", "the cache would keep it for ever"),
    Word(
        "expired", "hit", "it has just gone; so has one that is gone or invalidated", dim=True
    ),
)
"""What is said of copies."""


def counts_line(totals: Totals, left_out: int, *, complete: bool) -> str:
    """Give how many copies there are of each kind, in a line."""
    parts = [f"{totals.keys:,} keys" if totals.keys != 1 else "1 key"]
    parts += [
        f"{count:,} {word}"
        for word, count in (
            ("fresh", totals.fresh),
            ("in grace", totals.grace),
            ("absent", totals.known_absent),
            ("no expiry", totals.no_expiry),
        )
        if count
    ]
    parts.append(bytes_of(totals.size))
    if left_out:
        parts.append(f"{left_out:,} not listed")
    if not complete:
        parts.append("reading…")
    return " · ".join(parts)


def bytes_of(size: int) -> str:
    """Give a number of bytes with its unit: `196 B`, `26.3 kB`."""
    return byte_count(size) + (" B" if size < 10_000 else "")


def state_of(entry: Entry, now: float) -> tuple[str, str, str]:
    """Give what a copy is good for at that time: its sign, its word, its colours' family."""
    state = entry.state(now)
    if entry.known_absent and state is CopyState.FRESH:
        return ABSENT, "absent", FAMILIES[state]
    return SIGNS[state], entry.note or state.value, FAMILIES[state]


class CachedList(RowList):
    """Rows of an inventory, painted by a local clock; asks nobody."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Look up", id="cached.look_up",
                tooltip="look the record up, on the Lookup screen"),
    ]  # fmt: skip

    def __init__(self, inventory: Inventory, clock: Clock, ttl: float) -> None:
        """Show `inventory`; a full bar stands for `ttl` seconds at the least."""
        super().__init__()
        self._inventory = inventory
        self._clock = clock
        self._ttl = ttl
        self._span = ttl
        self._selected: Key | None = None
        self._frozen_at: float | None = None
        self._follows = False
        self.longest = 0
        """Cells of the longest key that was in view; the column of keys makes room for it."""
        self.named = False
        """Whether there is a column of names."""
        self.name_of: Callable[[Entry], str | None] = lambda _: None
        """Gives what tells a person which record it is, safe to show, as far as it is known."""

    @property
    def now(self) -> float:
        """The time that the list shows, on its clock."""
        return self._clock.monotonic() if self._frozen_at is None else self._frozen_at

    @property
    def row_count(self) -> int:
        """How many copies are listed."""
        return len(self._inventory)

    @property
    def selected(self) -> Entry | None:
        """The copy under the cursor."""
        rows = self._inventory.rows(self.cursor, 1)
        return rows[0] if rows else None

    def freeze(self, frozen: bool) -> None:
        """Hold all of it still, or let it go on from where time is by then."""
        self._frozen_at = self._clock.monotonic() if frozen else None
        self.refresh()

    def follow(self) -> None:
        """Keep the cursor on its copy from now on, wherever that moves."""
        self._follows = True

    def action_move(self, rows: int) -> None:
        """Move the cursor, to a copy that it then stays on."""
        self.follow()
        super().action_move(rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages, to a copy that it then stays on."""
        self.follow()
        super().action_page(pages)

    def action_move_to(self, index: int) -> None:
        """Go to a row; on the first one, stay there whatever comes to expire next."""
        self._follows = index != 0
        super().action_move_to(index)

    def on_click(self, event: Click) -> None:
        """Go to the copy where the mouse was pressed."""
        self.follow()
        super().on_click(event)

    def update_rows(self) -> None:
        """Show what has changed.

        The cursor stays on its copy once somebody has chosen it, else on the first row.
        """
        selected = self.selected
        follow = self._follows and selected is not None
        moved = self._inventory.arrange(self.now)
        shown = (cell_len(plain(str(entry.id), KEY_CHARACTERS)) for entry in self.in_view)
        self.longest = max(self.longest, *shown, 0) if self.row_count else 0
        self._span = self._full_bar()
        if not moved:
            self.refresh()
            return
        if follow and selected is not None:
            index = self._inventory.index_of(selected.id)
            if index is not None and index != self.cursor:
                shift = index - self.cursor
                with self.prevent(self.Moved):
                    self.cursor = index
                # The row stays where it is on the screen: what is above it moves.
                self.scroll_to(y=max(0, self.scroll_y + shift), animate=False)
        self.rows_changed()

    def _full_bar(self) -> float:
        """Give what a full bar stands for, the same for all rows, in seconds."""
        longest = self._inventory.longest(self.now)
        steps = (self._ttl * (1 + JITTER), 60.0, LONGEST_BAR_SECONDS)
        return next((step for step in steps if step >= longest), LONGEST_BAR_SECONDS)

    @property
    def in_view(self) -> list[Entry]:
        """The copies of the rows in view."""
        rows = self.visible_rows
        return self._inventory.rows(rows.start, len(rows))

    def row_segments(self, index: int, width: int, base: Style) -> list[Segment]:
        """Paint one copy."""
        rows = self._inventory.rows(index, 1)
        return list(self._cells(rows[0], width, base, self.track_style(index))) if rows else []

    def _cells(self, entry: Entry, width: int, base: Style, track: Style) -> Iterable[Segment]:
        widths = column_widths(width, named=self.named, longest=self.longest)
        now = self.now
        sign, word, family = state_of(entry, now)
        coloured, muted = base + self.style_of(family), base + self.style_of("muted")
        yield Segment(column(plain(str(entry.id), KEY_CHARACTERS), widths.key), base)
        if widths.name:
            yield Segment(column(self.name_of(entry) or "", widths.name), base)
        bold = family != "muted" and sign != ABSENT
        word_style = coloured + Style(bold=True) if bold else coloured
        yield Segment(column(f"{sign} {word}", STATE_WIDTH), word_style)
        if widths.format:
            yield Segment(column(entry.format or "–", widths.format), muted)
        if widths.size:
            size = "–" if entry.size is None else bytes_of(entry.size)
            number, _, unit = size.partition(" ")
            unit = f" {unit}" if unit else ""
            yield Segment(f"{number:>{SIZE_WIDTH - len(unit)}}", base)
            yield Segment(f"{unit}{'':{GAP}}", muted)
        yield from self._time_left(entry, now, widths.bar, (coloured, track), base)

    def _time_left(
        self, entry: Entry, now: float, bar_width: int, styles: tuple[Style, Style], base: Style
    ) -> Iterable[Segment]:
        """Paint how long a copy is good for, in the cells of a bar and its number.

        The two `styles` are of the bar, and of what is left of it.
        """
        muted = base + self.style_of("muted")
        room = bar_width + LEFT_WIDTH
        state = entry.state(now)
        if state is CopyState.FRESH:
            left = entry.fresh_until - now
            parts = bar(left / self._span, bar_width)
            for part, style in zip(parts, styles, strict=True):
                yield Segment(part, base + style)
            number, _, unit = time_left(left).partition(" ")
            unit = f" {unit}" if unit else ""
            yield Segment(f"{number:>{LEFT_WIDTH - len(unit)}}", base)
            yield Segment(unit, muted)
        elif state is CopyState.GRACE:
            left_word = time_left(entry.gone_at - now)
            ways = (f"kept {left_word} more, if the database fails", f"kept {left_word} more")
            said = next((way for way in ways if len(way) <= room), left_word)
            yield Segment(said, base)
        elif entry.fresh_until == math.inf:
            yield Segment("never"[:room], base)
