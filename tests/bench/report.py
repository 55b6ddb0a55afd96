"""Tables of what was measured, as Markdown and as JSON."""

from dataclasses import dataclass
from typing import Any, TypeAlias

Cell: TypeAlias = str | int | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """One table; the first column is text, the others are numbers or text."""

    title: str
    note: str
    """What is compared, in a sentence or two."""
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def markdown(self) -> str:
        """Give the table as Markdown, numbers to the right."""
        lines = [
            f"### {self.title}",
            "",
            self.note,
            "",
            _line(self.columns),
            _line(("---", *["---:"] * (len(self.columns) - 1))),
        ]
        return "\n".join([*lines, *(_line(map(_say, row)) for row in self.rows)])

    def to_json(self) -> dict[str, Any]:
        """Give the table as a JSON object, each row by the names of the columns."""
        return {
            "title": self.title,
            "note": self.note,
            "rows": [dict(zip(self.columns, row, strict=True)) for row in self.rows],
        }


def _line(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


def _say(cell: Cell) -> str:
    if cell is None:
        return "-"
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def micro(seconds: float) -> str:
    """Give a short time in words."""
    return f"{seconds * 1e6:.0f} us" if seconds < 0.01 else f"{seconds * 1e3:.0f} ms"
