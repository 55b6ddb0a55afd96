"""The list of what the audit has found, each with how sure it is."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content

from tui.audit.comparison import MEANINGS, Comparison, Finding
from tui.audit.results import Certainty, Judgement, Progress
from tui.models.scalars import as_text
from tui.models.sentences import counted
from tui.runtime.plain_text import plain
from tui.views.widgets.comparison import (
    CACHE_ONLY,
    DATABASE_ONLY,
    DIFFERS,
    NOT_COMPARED,
    family,
    from_difference,
    sign,
)
from tui.views.widgets.frame import quiet
from tui.views.widgets.row_list import RowList, column, cut
from tui.views.widgets.words import Word

if TYPE_CHECKING:
    from tui.models import Key, Scalar

MOST_ROWS = 1000
KEY_WIDTH, FINDING_WIDTH, CERTAINTY_WIDTH = 10, 18, 14
MOST_KEY_SHARE = 4
"""Which part of a row the key may take."""
LEAST_VALUES = 50
"""So many cells are wanted for the values that differ beside the names of their columns."""
VALUE_CELLS, VALUE_CHARACTERS = 24, 400
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


def key_width(width: int, longest: int) -> int:
    """Give the width of the column of keys in a row of `width` cells."""
    return max(KEY_WIDTH, min(longest + 2, width // MOST_KEY_SHARE))


def heading(width: int, longest: int) -> str:
    """Give the line over the columns; the longest key has `longest` cells."""
    return (
        f" {'key':{key_width(width, longest)}}{'finding':{FINDING_WIDTH}}"
        f"{'since':{CERTAINTY_WIDTH}}columns"
    )[: max(0, width)]


def outcome(progress: Progress) -> str:
    """Give what an audit that has come to its end has found, where nothing was confirmed."""
    if not progress.compared:
        return "there was no copy to compare"
    return f"no drift in {counted(progress.compared, 'copy')}"


def tally(progress: Progress, healed: int, *, sure: bool = False) -> Content:
    """Give how many copies were compared, and what came of it; in the end that is `sure`."""
    counts = (
        (healed, "healed since"),
        (progress.suspects, "suspect"),
        (progress.counts[Finding.NOT_COMPARED], "not compared"),
    )
    clean = sure and not progress.confirmed and not progress.counts[Finding.NOT_COMPARED]
    parts = [outcome(progress)] if clean else [
        f"{progress.compared:,} compared", f"{progress.confirmed:,} confirmed",
    ]  # fmt: skip
    parts += [f"{count:,} {word}" for count, word in counts if count]
    return quiet(" · ".join(parts))


def remarks(progress: Progress, not_listed: int) -> Content:
    """Give what else is to be said of an audit, of which so many findings are not listed."""
    counts = (
        (not_listed, "not listed"),
        (progress.resolved, "resolved"),
        (progress.unsettled, "unsettled"),
        (progress.skipped, "no record's key"),
        (progress.doubled, "several rows"),
    )
    said = " · ".join(f"{count:,} {word}" for count, word in counts if count)
    return Content.styled(said, "$muted not bold")


class Findings(RowList):
    """Rows of findings, in the order in which they were found first."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self._judgements: dict[Key, Judgement] = {}
        self._order: list[Key] = []
        self._found_at: dict[Key, float] = {}
        self._was: dict[Key, Comparison] = {}
        """What was wrong with those that are right by now."""
        self.longest = 0
        """Cells of the longest key."""
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
        self._was.clear()
        self._gone.clear()
        self.healed = self.longest = 0
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
                self.longest = max(self.longest, cell_len(plain(str(id), 80)))
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
            if wrong and known.certainty is Certainty.RESOLVED:  # anew, and seen once
                certainty = Certainty.SUSPECT
            if known.certainty is Certainty.CONFIRMED and not wrong:
                self.healed += 1
            if known.comparison.drifted:
                self._was[comparison.id] = known.comparison
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
        key_cells = key_width(width, self.longest)
        mark, word, style = self._word(judgement)
        room = width - 1 - key_cells - FINDING_WIDTH - CERTAINTY_WIDTH
        return [
            Segment(column(plain(str(comparison.id), 80), key_cells), base),
            Segment(column(f"{mark} {word}", FINDING_WIDTH), base + style),
            Segment(
                column(certainty or "", CERTAINTY_WIDTH),
                base + self.style_of(_family(certainty))
                if certainty is not Certainty.CONFIRMED
                else base,
            ),
            Segment(cut(self._told(comparison, certainty, room), room), base),
        ]

    def _told(self, comparison: Comparison, certainty: Certainty | None, room: int) -> str:
        """Give what is wrong with a record, or what was before it was healed."""
        if certainty is Certainty.RESOLVED and not comparison.drifted:
            comparison = self._was.get(comparison.id, comparison)
        return _said(comparison, room)

    def _word(self, judgement: Judgement) -> tuple[str, str, Style]:
        """Give the sign of a finding, its word, and their style: loud only once it is sure."""
        finding, certainty = judgement.comparison.finding, judgement.certainty
        if finding is None or judgement.comparison.id in self._gone:
            return sign(None), "gone", self.style_of("muted")
        word = finding.value
        if certainty is Certainty.SUSPECT:
            return "?", word, self.style_of("muted")
        return sign(finding), word, self.style_of(family(finding)) + Style(bold=True)


def _family(certainty: Certainty | None) -> str:
    if certainty in {None, Certainty.SUSPECT}:
        return "muted"
    return FAMILIES[certainty]


SHORT = {Finding.ORPHAN: "cached, but no such row"}
"""What a finding means, where there is little room."""


def _said(comparison: Comparison, room: int) -> str:
    """Give the columns that differ, with what both sides have where there is room for it."""
    names = comparison.differs
    if not names:
        finding = comparison.finding
        said = plain(comparison.reason or (MEANINGS[finding] if finding else ""), 200)
        short = finding and SHORT.get(finding)
        return short if short and cell_len(said) > room else said
    cached, database = comparison.cached, comparison.database
    if room < LEAST_VALUES or cached is None or database is None:
        return ", ".join(plain(name, 40) for name in names)
    return ", ".join(
        f"{plain(name, 40)} {_change(cached[name], database[name])}" for name in names
    )


def _change(cached: "Scalar", stored: "Scalar") -> str:
    one, other = (plain(as_text(value), VALUE_CHARACTERS) for value in (cached, stored))
    one, other = from_difference(one, other, VALUE_CELLS)
    return f"{cut(one, VALUE_CELLS)} → {cut(other, VALUE_CELLS)}"


def _is_passed_over(judgement: Judgement) -> bool:
    return judgement.comparison.finding is Finding.NOT_COMPARED
