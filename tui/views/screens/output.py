"""What is to be written to a file."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui.views.widgets.actions import with_keys
from tui.views.widgets.dialog import Box, Dialog

FINDINGS = """\
{output.findings}  the findings of the audit, as JSON lines
{output.findings_csv}  the findings, as CSV: a row for each column that differs
"""
ANSWERS = """\
{output.log}  the log of lookups, as JSON lines
{output.picture}  this screen, as an SVG picture
{output.leave}  neither"""


class OutputScreen(Dialog[str | None]):
    """Gives `log`, `picture`, `findings.jsonl` or `findings.csv`; None when it is left."""

    CSS_PATH = "output.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "dismiss('log')", "Log", id="output.log",
                tooltip="write the log of lookups, as JSON lines"),
        Binding("j", "findings('findings.jsonl')", "Findings", id="output.findings",
                tooltip="write the findings of the audit, as JSON lines"),
        Binding("c", "findings('findings.csv')", "Findings as CSV", id="output.findings_csv",
                tooltip="write the findings of the audit, as CSV"),
        Binding("s", "dismiss('picture')", "Screen", id="output.picture",
                tooltip="write the screen, as an SVG picture"),
        Binding("escape,q", "dismiss(None)", "Leave", key_display="esc", id="output.leave",
                tooltip="write nothing"),
    ]  # fmt: skip

    def __init__(self, *, with_findings: bool) -> None:
        """Offer the findings too, where there may be some."""
        super().__init__()
        self._with_findings = with_findings

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take away what there is not."""
        return self._with_findings or action != "findings"

    def action_findings(self, what: str) -> None:
        """Answer with one of the forms that findings have."""
        self.dismiss(what)

    def compose(self) -> ComposeResult:
        """Put the question over the keys that answer it."""
        with Box(title="output", id="box", line="$here") as box:
            box.tell("to a new file in the current folder")
            answers = FINDINGS * self._with_findings + ANSWERS
            yield Static(with_keys(self, answers), markup=False)
