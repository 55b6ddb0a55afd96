"""The list of cached copies: what expires next on top, each with its draining bar."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

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

KEY_WIDTH, STATE_WIDTH, SIZE_WIDTH, LEFT_WIDTH, FORMAT_WIDTH = 10, 14, 9, 9, 10
MOST_KEY, USUAL_BAR, MOST_BAR = 60, 24, 60
"""Longer bars change more often, and each change is sent: beyond this they get what is left."""
LONGEST_BAR_SECONDS = 300.0
"""A bar is full from this time on: it tells the next minutes, not hours, apart."""
FAMILIES = {
    CopyState.FRESH: "hit",
    CopyState.GRACE: "warning",
    CopyState.EXPIRED: "muted",
    CopyState.NO_EXPIRY: "warning",
}


def column_widths(width: int) -> tuple[int, int, int, int]:
    """Give the widths of key, format, size and bar in a row of `width` cells.

    Where there is little room the format goes first, then the size, and then the bar.
    """
    room = width - 1 - STATE_WIDTH - LEFT_WIDTH
    size_width = SIZE_WIDTH + 2 if room >= 2 * KEY_WIDTH + SIZE_WIDTH else 0
    room -= size_width
    format_width = FORMAT_WIDTH if size_width and room >= 2 * KEY_WIDTH + FORMAT_WIDTH else 0
    room -= format_width
    bar_width = min(USUAL_BAR, room // 2) if room >= 2 * KEY_WIDTH else max(0, room - KEY_WIDTH)
    key_width = max(0, min(MOST_KEY, room - bar_width))
    return key_width, format_width, size_width, max(0, min(MOST_BAR, room - key_width))


def heading(width: int) -> str:
    """Give the line over the columns."""
    key, format, size, _ = column_widths(width)
    bytes_ = f"{'bytes':>{SIZE_WIDTH}}  " if size else ""
    line = (
        f" {'key':{key}}{'state':{STATE_WIDTH}}{'format':{format}.{format}}{bytes_}cached for"
    )
    return line.ljust(width)[: max(0, width)]


WORDS = (
    Word("fresh", "hit", "a lookup answers from it"),
    Word("known absent", "hit", "it says that there is no such record"),
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
        f"{word} {count:,}"
        for word, count in (
            ("fresh", totals.fresh),
            ("in grace", totals.grace),
            ("known absent", totals.known_absent),
            ("no expiry", totals.no_expiry),
        )
        if count
    ]
    parts.append(byte_count(totals.size) + (" bytes" if totals.size < 10_000 else ""))
    if left_out:
        parts.append(f"{left_out:,} that expire last are not listed")
    if not complete:
        parts.append("reading…")
    return " · ".join(parts)


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

    def row_segments(self, index: int, width: int, base: Style) -> list[Segment]:
        """Paint one copy."""
        rows = self._inventory.rows(index, 1)
        return list(self._cells(rows[0], width, base)) if rows else []

    def _cells(self, entry: Entry, width: int, base: Style) -> Iterable[Segment]:
        key_width, format_width, size_width, bar_width = column_widths(width)
        now = self.now
        state = entry.state(now)
        coloured = base + self.style_of(FAMILIES[state])
        yield Segment(column(plain(str(entry.id), 80), key_width), base)
        word = entry.note or state.value
        if entry.known_absent and state is CopyState.FRESH:
            word = "known absent"
        yield Segment(column(word, STATE_WIDTH), coloured)
        if format_width:
            yield Segment(column(entry.format or "–", format_width), base)
        if size_width:
            size = "–" if entry.size is None else byte_count(entry.size)
            yield Segment(f"{size:>{SIZE_WIDTH}}  ", base)
        if state is CopyState.FRESH:
            left = entry.fresh_until - now
            filled, track = bar(left / self._span, bar_width)
            yield Segment(filled, coloured)
            yield Segment(track, base + self.style_of("muted"))
            yield Segment(f"{time_left(left):>{LEFT_WIDTH}}", base)
        elif state is CopyState.GRACE:
            left_word = time_left(entry.gone_at - now)
            room = bar_width + LEFT_WIDTH
            said = f"gone in {left_word}" if room > 16 else left_word
            yield Segment(f"{said:>{room}}", base + self.style_of("muted"))
        elif entry.fresh_until == math.inf:
            yield Segment("never expires"[: bar_width + LEFT_WIDTH], coloured)
