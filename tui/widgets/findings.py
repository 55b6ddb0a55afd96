"""The list of what the audit has found, each with how sure it is."""

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

from tui.plain_text import plain
from tui.service.audit import Certainty, Judgement
from tui.service.comparison import Comparison
from tui.widgets.comparison import EXPLANATIONS, family
from tui.widgets.row_list import RowList, column, cut

if TYPE_CHECKING:
    from tui.models import Key

MOST_ROWS = 1000
KEY_WIDTH, FINDING_WIDTH, CERTAINTY_WIDTH = 14, 16, 11
FAMILIES = {
    Certainty.SUSPECT: "warning",
    Certainty.CONFIRMED: "error",
    Certainty.RESOLVED: "hit",
    Certainty.UNSETTLED: "warning",
}


class Findings(RowList):
    """Rows of findings, in the order in which they were found first."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self._judgements: dict[Key, Judgement] = {}
        self._order: list[Key] = []
        self.left_out = 0
        """How many findings are not listed, for want of room."""

    @property
    def row_count(self) -> int:
        """How many findings are listed."""
        return len(self._order)

    @property
    def selected(self) -> Comparison | None:
        """The record of the finding under the cursor."""
        if not self._order:
            return None
        return self._judgements[self._order[self.cursor]].comparison

    def clear(self) -> None:
        """Forget all findings."""
        self._judgements.clear()
        self._order.clear()
        self.left_out = 0
        self.rows_changed()

    def note(self, judgements: list[Judgement]) -> None:
        """List what was found, or found out since; what is right is not listed."""
        for judgement in judgements:
            id = judgement.comparison.id
            if judgement.certainty is None:
                continue
            if id not in self._judgements:
                if len(self._order) >= MOST_ROWS:
                    self.left_out += judgement.certainty is Certainty.SUSPECT
                    continue
                self._order.append(id)
            self._judgements[id] = judgement
        if any(judgement.certainty for judgement in judgements):
            self.rows_changed()
            self.post_message(self.Moved(self))

    def row_segments(self, index: int, width: int, base: Style) -> list[Segment]:
        """Paint one finding."""
        judgement = self._judgements[self._order[index]]
        comparison, certainty = judgement.comparison, judgement.certainty
        finding = comparison.finding
        word = "gone" if finding is None else finding.value
        said = ", ".join(plain(name, 40) for name in comparison.differs)
        if not said and finding is not None:
            said = comparison.reason or EXPLANATIONS[finding]
        room = width - 1 - KEY_WIDTH - FINDING_WIDTH - CERTAINTY_WIDTH
        return [
            Segment(column(plain(str(comparison.id), 80), KEY_WIDTH), base),
            Segment(column(word, FINDING_WIDTH), base + self.style_of(family(finding))),
            Segment(
                column(certainty or "", CERTAINTY_WIDTH),
                base + self.style_of(FAMILIES[certainty] if certainty else "muted"),
            ),
            Segment(cut(plain(said, 200), room), base),
        ]
