"""The list of what the audit has found, each with how sure it is."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

from tui.audit.comparison import MEANINGS, Comparison, Finding
from tui.audit.results import Certainty, Judgement
from tui.runtime.plain_text import plain
from tui.views.widgets.comparison import (
    CACHE_ONLY,
    DATABASE_ONLY,
    DIFFERS,
    NOT_COMPARED,
    family,
)
from tui.views.widgets.row_list import RowList, column, cut
from tui.views.widgets.words import Word

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

WORDS = {
    "Findings": [
        Word(finding.value, family(finding), meaning) for finding, meaning in MEANINGS.items()
    ],
    "How sure": [
        Word(certainty.value, FAMILIES[certainty], meaning)
        for certainty, meaning in {
            Certainty.SUSPECT: "seen once; a write may be under way",
            Certainty.CONFIRMED: "the same copy was still wrong two seconds later",
            Certainty.RESOLVED: "it was right, or gone, when it was looked at again",
            Certainty.UNSETTLED: "wrong each time, but another copy: somebody writes it",
        }.items()
    ],
    "Signs": [
        Word(DIFFERS, "error", "the column differs"),
        Word(CACHE_ONLY, "error", "only the cached copy has it"),
        Word(DATABASE_ONLY, "error", "only the database has it"),
        Word(NOT_COMPARED, "error", "it cannot be compared"),
    ],
}
"""What is said of findings, and beside columns."""


class Findings(RowList):
    """Rows of findings, in the order in which they were found first."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self._judgements: dict[Key, Judgement] = {}
        self._order: list[Key] = []
        self._found_at: dict[Key, float] = {}
        self._gone: set[Key] = set()
        self.healed = 0
        """How many that were confirmed have been found right since."""

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

    @property
    def selected_at(self) -> float | None:
        """When that was found so, on the clock of whoever noted it."""
        return self._found_at[self._order[self.cursor]] if self._order else None

    def clear(self) -> None:
        """Forget all findings."""
        self._judgements.clear()
        self._order.clear()
        self._found_at.clear()
        self._gone.clear()
        self.healed = 0
        self.rows_changed()

    def note(self, judgements: list[Judgement], at: float) -> None:
        """List what was found at that time, or found out since; what is right is not listed.

        Of more than MOST_ROWS, those that went away by themselves give way to others.
        """
        for judgement in judgements:
            id, certainty = judgement.comparison.id, judgement.certainty
            if certainty is None and not _is_passed_over(judgement):
                continue
            if id not in self._judgements:
                wanted = certainty is not Certainty.RESOLVED
                if len(self._order) >= MOST_ROWS and not (wanted and self._make_room()):
                    continue
                self._order.append(id)
            self._judgements[id], self._found_at[id] = judgement, at
        if any(each.certainty or _is_passed_over(each) for each in judgements):
            self.rows_changed()
            self.post_message(self.Moved(self))

    def renew(self, comparison: Comparison, at: float) -> None:
        """Show that a listed record was compared again then; what is right now is resolved."""
        known = self._judgements.get(comparison.id)
        if known is not None:
            wrong = comparison.drifted or comparison.finding is Finding.NOT_COMPARED
            certainty = known.certainty if wrong else Certainty.RESOLVED
            if known.certainty is Certainty.CONFIRMED and not wrong:
                self.healed += 1
            self._judgements[comparison.id] = Judgement(comparison, certainty)
            self._found_at[comparison.id] = at
            self.refresh()

    def heal(self, ids: Iterable["Key"], at: float) -> None:
        """Show that the copies of these records were forgotten then."""
        for id in ids:
            if (known := self._judgements.get(id)) is not None:
                one = known.comparison
                self.renew(Comparison(id, one.key, None, database=one.database), at)
            else:
                self.healed += 1

    def age(self, now: float) -> None:
        """Show which copies the cache has dropped by now, as far as nobody stored them anew."""
        gone = {
            id
            for id, judgement in self._judgements.items()
            if judgement.comparison.after(now - self._found_at[id]).is_over
        }
        if gone != self._gone:
            self._gone = gone
            self.refresh()

    @property
    def judgements(self) -> list[Judgement]:
        """All that are listed, in their order."""
        return [self._judgements[id] for id in self._order]

    def _make_room(self) -> bool:
        """Drop the oldest finding that went away by itself; tell whether there was one."""
        for index, id in enumerate(self._order):
            if self._judgements[id].certainty is Certainty.RESOLVED:
                del self._order[index], self._judgements[id], self._found_at[id]
                return True
        return False

    def row_segments(self, index: int, width: int, base: Style) -> list[Segment]:
        """Paint one finding."""
        judgement = self._judgements[self._order[index]]
        comparison, certainty = judgement.comparison, judgement.certainty
        finding = comparison.finding
        is_gone = finding is None or comparison.id in self._gone
        word = "gone" if is_gone or finding is None else finding.value
        said = ", ".join(plain(name, 40) for name in comparison.differs)
        if not said and finding is not None:
            said = comparison.reason or MEANINGS[finding]
        room = width - 1 - KEY_WIDTH - FINDING_WIDTH - CERTAINTY_WIDTH
        return [
            Segment(column(plain(str(comparison.id), 80), KEY_WIDTH), base),
            Segment(
                column(word, FINDING_WIDTH),
                base + self.style_of("muted" if is_gone else family(finding)),
            ),
            Segment(
                column(certainty or "", CERTAINTY_WIDTH),
                base + self.style_of(FAMILIES[certainty] if certainty else "muted"),
            ),
            Segment(cut(plain(said, 200), room), base),
        ]


def _is_passed_over(judgement: Judgement) -> bool:
    return judgement.comparison.finding is Finding.NOT_COMPARED
