"""What the Lookup screen shows once something was asked: the log, the record, what ran."""

from textual.containers import Horizontal
from textual.widgets import Static

from tui.models import Label, Tally
from tui.models.sentences import EXPLANATIONS
from tui.runtime.clock import Clock
from tui.views.widgets.frame import Frame
from tui.views.widgets.lookup_log import LogRow, LookupLog, heading
from tui.views.widgets.panels import Panel, record_title, show_outcome
from tui.views.widgets.totals import medians, totals


class Answers:
    """The widgets of the answers, made with the first question.

    What nobody sees would hold up the first paint, and so would importing it.
    """

    def __init__(self, clock: Clock, most_rows: int) -> None:
        """Begin without a row; the bars drain by `clock`."""
        self.log = LookupLog(clock, most_rows)
        self.record, self.steps = Panel("record", id="record"), Panel("what ran", id="steps")
        self._heading = Static(id="heading", markup=False)
        self.upper = Frame(self._heading, self.log, title="answers", id="answers")
        """The log in its frame."""
        self.lower = Horizontal(self.record, self.steps, id="lower")
        """Record and steps of the selected answer."""

    def add(self, number: int, key: str, id: int | str | None) -> None:
        """Add the row of a question that has no answer yet."""
        self.log.add(LogRow(number, key, id))

    def show_selected(self) -> None:
        """Show the record and the steps of the row under the cursor."""
        row = self.log.selected
        outcome = None if row is None else row.outcome
        self.record.entitle("record" if row is None else record_title(row.key, outcome))
        # Where there is a reason or no record, it is said among the lines.
        clear = outcome and outcome.reason is None and outcome.record is not None
        said = {**EXPLANATIONS, Label.HIT: "from the cache"}  # fresh only as long as the bar is
        self.record.note(said[outcome.label] if outcome and clear else "")
        show_outcome(self.record, self.steps, outcome)

    def head(self, label: str) -> None:
        """Name the columns, that of the record by its `label`, for the width they have now."""
        columns = heading(self.log.scrollable_content_region.width, label, self.log.key_width)
        self._heading.update(columns, layout=False)

    def tell(self, tally: Tally) -> None:
        """Show what all answers come to."""
        self.upper.tell(totals(tally))
        self.upper.note(medians(tally))
