"""The list of what the Lab can do: the load and its controls, and the scenarios."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType

from tui.lab.ladders import Ladder
from tui.views.widgets.row_list import RowList, column, cut

NAME_WIDTH = 16


@dataclass(frozen=True, slots=True)
class LabRow:
    """One line of the list: the load itself, a control of it, or a scenario."""

    name: str
    """What stands there."""
    value: str
    """What is set, or going on."""
    what: str
    """What it is, in a sentence."""
    ladder: Ladder | None = None
    """The control, if it is one."""
    scenario: str | None = None
    """The scenario's name, if it is one."""
    family: str = ""
    """The colour of the value, by its family; '' is none."""


class LabList(RowList):
    """Rows that are set by keys, and run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Run", id="lab.open",
                tooltip="run the load, or the scenario under the cursor"),
    ]  # fmt: skip

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self._rows: Sequence[LabRow] = ()

    def show(self, rows: Sequence[LabRow]) -> None:
        """Show these rows; the cursor stays where it is."""
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

    def row_segments(self, index: int, width: int, base: Style) -> list[Segment]:
        """Paint one row."""
        row = self._rows[index]
        name = base if row.ladder else base + Style(bold=True)
        value = base + self.style_of(row.family) if row.family else base
        text = f"{'  ' if row.ladder else ''}{row.name}"
        # A long value begins earlier where its name leaves room.
        room = max(cell_len(text) + 1, width - 1 - cell_len(row.value))
        names = min(NAME_WIDTH, room)
        return [
            Segment(column(text, names), name),
            Segment(cut(row.value, width - 1 - names), value),
        ]
