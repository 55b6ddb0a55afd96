"""The record of a lookup, and what ran for it."""

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.models import Outcome, Step, Target
from tui.models.colours import FAMILY
from tui.models.scalars import as_text
from tui.models.sentences import EXPLANATIONS, remarks
from tui.runtime.plain_text import plain
from tui.views.widgets.hanging import hanging
from tui.views.widgets.quantities import duration

VALUE_CHARACTERS = 400
MOST_LAID_OUT = 100_000
"""How many characters of a record are laid out at once: more would take its time."""
LEAST_CHARACTERS = 40
"""So much of each value is shown, however much has been laid out before it."""
WIDE_CELLS = 66


class Panel(VerticalScroll):
    """A titled box of text that can be scrolled by keys."""

    DEFAULT_CSS = """
    Panel {
        border-top: solid $panel-lighten-1;
        border-title-color: $text-muted;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        padding: 0 1;
        &:focus { border-top: solid $accent; border-title-color: $text; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_down", "Down", id="panel.down", show=False,
                tooltip="scroll down"),
        Binding("up,k", "scroll_up", "Up", id="panel.up", show=False,
                tooltip="scroll up"),
        Binding("g,home", "scroll_home", "Top", id="panel.top", show=False,
                tooltip="to the top"),
        Binding("G,end", "scroll_end", "End", id="panel.end", show=False,
                tooltip="to the end"),
        Binding("pagedown,ctrl+d", "page_down", "Page down", id="panel.page_down", show=False,
                tooltip="one page down"),
        Binding("pageup,ctrl+u", "page_up", "Page up", id="panel.page_up", show=False,
                tooltip="one page up"),
    ]  # fmt: skip

    def __init__(self, title: str, *, id: str | None = None) -> None:
        """Begin empty, under that title."""
        super().__init__(id=id)
        self.entitle(title)
        self._text = Static(markup=False)
        self._content_for: Callable[[int], Content] = lambda _: Content("")

    def compose(self) -> ComposeResult:
        """Give the one text inside."""
        yield self._text

    def entitle(self, title: str) -> None:
        """Show that title, which is text: a plain border title would be read as markup."""
        self.border_title = Content(title)

    def show(self, content_for: Callable[[int], Content]) -> None:
        """Show, from its beginning, what `content_for` gives for a width in cells."""
        self._content_for = content_for
        self._fill()
        self.scroll_home(animate=False)

    def on_resize(self) -> None:
        """Lay the text out for the new width."""
        self._fill()

    def _fill(self) -> None:
        self._text.update(self._content_for(self.scrollable_content_region.width))


def record_title(key: str, outcome: Outcome | None) -> str:
    """Give what stands over a record: its key, and what its copy is written in."""
    written = None if outcome is None else outcome.format
    return f"record {key}" if written is None else f"record {key} · {written}"


def record_content(
    outcome: Outcome | None, width: int, limit: int | None = VALUE_CHARACTERS
) -> Content:
    """Give the answer in words, and the record column by column, in `width` cells.

    Of each value `limit` characters are shown, and fewer once MOST_LAID_OUT have been.
    """
    if outcome is None:
        return Content("")
    lines = [
        Content.assemble(
            (str(outcome.label), f"$outcome-{FAMILY[outcome.label]} bold"),
            f"  {duration(outcome.seconds)}  {EXPLANATIONS[outcome.label]}",
        )
    ]
    if outcome.reason is not None:
        lines.append(Content.styled(plain(outcome.reason, limit), "$outcome-warning"))
    lines.extend(Content.styled(remark, "$foreground-muted") for remark in remarks(outcome))
    record = outcome.record or {}
    widest = max((cell_len(plain(column, 30)) for column in record), default=0)
    spare = MOST_LAID_OUT
    for column, value in record.items():
        bound = max(LEAST_CHARACTERS, min(spare, limit or spare))
        shown = plain(as_text(value), bound)
        spare -= len(shown)
        name = set_cell_size(plain(column, 30), widest + 2)
        lines.append(
            hanging(
                Content.styled(name, "$foreground-muted"),
                Content.styled(shown, "dim" if value is None else ""),
                width,
            )
        )
    return Content("\n").join(lines)


def steps_content(
    outcome: Outcome | None, width: int, limit: int | None = VALUE_CHARACTERS
) -> Content:
    """Give each command that ran: target, time, command, result.

    In less than WIDE_CELLS the command is its first word; the detail has it whole.
    """
    if outcome is None:
        return Content("")
    wide = width >= WIDE_CELLS
    lines = [hanging(*_step_content(step, limit, wide=wide), width) for step in outcome.steps]
    return Content("\n").join(lines or [Content("nothing")])


def _step_content(step: Step, limit: int | None, *, wide: bool) -> tuple[Content, Content]:
    """Give where it ran and how long it took, and what it was and what came back."""
    family = {"cache": "hit", "database": "db"}.get(step.target.value, "warning")
    # Only what went to the cache can have travelled with the command before it.
    along = "same trip" if step.target is Target.CACHE else ""
    took = duration(step.seconds) if step.seconds else along
    command = plain(step.command, limit) if wide else f"{step.command.split()[0]:7}"
    where = Content.assemble(
        (f"{step.target.value:8} ", f"$outcome-{family}"),
        (f"{took:>9}  ", "$foreground-muted"),
    )
    return where, Content.assemble(
        command,
        ("  → " if wide else " ", "$foreground-muted"),
        (plain(step.result, limit), "$outcome-error" if step.failed else ""),
    )
