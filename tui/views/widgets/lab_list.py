"""The lists of what the Lab can do: the controls of a load, and the scenarios."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from tui.lab.ladders import Ladder
from tui.views.widgets.row_list import RowList, column, cut


@dataclass(frozen=True, slots=True)
class LabRow:
    """One line of a list: a control of the load, or a scenario."""

    name: str
    """What stands there."""
    value: str
    """What is set, or going on."""
    what: str
    """What it is, in a few words."""
    more: str = ""
    """The same where there is room for more."""
    ladder: Ladder | None = None
    """The control, if it is one."""
    scenario: str | None = None
    """The scenario's name, if it is one."""
    family: str = ""
    """The colour of the value, by its family; '' is none."""


class LabList(RowList):
    """Rows that are set by keys, and run; past an end the cursor goes to the next list."""

    def __init__(self, leave: Callable[[int, bool], None], *, id: str) -> None:
        """Begin empty.

        `leave` is called when the cursor is to go past an end: with -1 or 1, and with whether
        it is to go as far as it can.
        """
        super().__init__(id=id)
        self._leave = leave
        self._rows: Sequence[LabRow] = ()

    def show(self, rows: Sequence[LabRow]) -> None:
        """Show these rows; the cursor stays where it is."""
        if rows != self._rows:
            self._rows = rows
            self.rows_changed()

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    @property
    def selected(self) -> LabRow | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    def action_move(self, rows: int) -> None:
        """Move the cursor by that many rows, out of the list at its ends."""
        if 0 <= self.cursor + rows < self.row_count:
            self.cursor += rows
        else:
            self._leave(rows, False)

    def action_page(self, pages: int) -> None:
        """Move the cursor by that many pages; from an end out of the list."""
        before = self.cursor
        super().action_page(pages)
        if self.cursor == before:
            self._leave(pages, False)

    def action_move_to(self, index: int) -> None:
        """Move the cursor to the first row of the first list, or to the last of the last."""
        super().action_move_to(index)
        self._leave(1 if index < 0 else -1, True)

    def on_focus(self) -> None:
        """Say that it is this cursor now that counts."""
        self.post_message(self.Moved(self))

    def row_segments(self, index: int, width: int, base: Style) -> list[Segment]:
        """Paint one row: its name at the left, its value at the right."""
        row = self._rows[index]
        value = cut(row.value, max(0, width - 2))
        room = max(0, width - 1 - cell_len(value))
        style = base + self.style_of(row.family) if row.family else base
        names = base if index == self.marked else base + self.style_of("muted")
        return [Segment(column(row.name, room), names), Segment(value, style)]
