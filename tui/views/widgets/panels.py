"""The record of a lookup, and what ran for it."""

import math
from collections.abc import Callable, Iterator
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.models import Outcome, Step, Target
from tui.models.colours import FAMILY, FAMILY_GLYPHS, GLYPHS
from tui.models.scalars import as_text
from tui.models.sentences import EXPLANATIONS, remarks
from tui.runtime.plain_text import plain
from tui.views.widgets.frame import Framed
from tui.views.widgets.hanging import hanging
from tui.views.widgets.quantities import duration
from tui.views.widgets.row_list import brief, column, cut, in_view

VALUE_CHARACTERS = 400
MOST_LAID_OUT = 100_000
"""How many characters of a record are laid out at once: more would take its time."""
MOST_NAME_CELLS = 48
LEAST_CHARACTERS = 40
"""So much of each value is shown, however much has been laid out before it."""
WIDE_CELLS = 66
WHERE_CELLS, COMMAND_CELLS, TOOK_CELLS = 9, 9, 6
SIGN_CELLS, SHORT_LINE_CELLS = 2, 32
RESULT_CELLS, ALONG_CELLS = 17, 9
LEAST_TICK_CELLS = 7
"""Cells between two numbers on an axis of time, at the least."""


class Panel(Framed, VerticalScroll, can_focus=True):
    """A framed box of text that can be scrolled by keys."""

    DEFAULT_CSS = """
    Panel {
        border: round $frame;
        overflow: hidden auto;
        scrollbar-size: 0 0;  /* the frame says which lines are in view */
        padding: 0 1;
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
        self._shown = Content("")

    def compose(self) -> ComposeResult:
        """Give the one text inside."""
        yield self._text

    def show(self, content_for: Callable[[int], Content]) -> None:
        """Show, from its beginning, what `content_for` gives for a width in cells."""
        self.renew(content_for)
        self.scroll_home(animate=False)

    def renew(self, content_for: Callable[[int], Content]) -> None:
        """Show that in the place of what was shown, as far down as somebody has scrolled."""
        self._content_for = content_for
        self._fill()

    @property
    def lines_in_view(self) -> tuple[range, int]:
        """The numbers of the lines in view, and how many there are."""
        top, height = round(self.scroll_y), self.scrollable_content_region.height
        total = self._shown.get_height({}, self.scrollable_content_region.width or 1)
        return range(min(top, total), min(total, top + height)), total

    def on_resize(self) -> None:
        """Lay the text out for the new width."""
        super().on_resize()
        self._fill()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scroll, and say what is in view by now."""
        super().watch_scroll_y(old_value, new_value)
        self._tell_view()

    def _fill(self) -> None:
        if self.scrollable_content_region.width <= 0:
            return
        self._shown = self._content_for(self.scrollable_content_region.width)
        self._text.update(self._shown)
        self._tell_view()

    def _tell_view(self) -> None:
        lines, total = self.lines_in_view
        self.view(in_view(lines, total) if len(lines) < total else "")


def show_outcome(
    record: Panel, steps: Panel, outcome: Outcome | None, limit: int | None = None
) -> None:
    """Show an answer in two panels: its record, and what ran for it.

    Without a `limit` each value and each command has one line; else so many of its characters.
    """
    record.tell(answer_content(outcome))
    record.show(lambda width: record_content(outcome, width, limit))
    steps.tell(steps_state(outcome))
    steps.note(times_content(outcome))
    steps.show(lambda width: steps_content(outcome, width, limit))


def record_title(key: str, outcome: Outcome | None) -> str:
    """Give what stands over a record: its key, and what its copy is written in."""
    written = None if outcome is None else outcome.format
    return f"record {key}" if written is None else f"record {key} · {written}"


def answer_content(outcome: Outcome | None) -> Content:
    """Give the word of an answer and its time, for the edge of a frame."""
    if outcome is None:
        return Content("")
    family = FAMILY[outcome.label]
    return Content.assemble(
        (f"{GLYPHS[outcome.label]} {outcome.label}", f"$outcome-{family} bold"),
        (f"  {duration(outcome.seconds)}", "$foreground not bold"),
    )


def record_content(outcome: Outcome | None, width: int, limit: int | None = None) -> Content:
    """Give why an answer is what it is, and the record column by column, in `width` cells.

    Without a `limit` each value has one line, and is cut there; else so many of its characters
    are shown, and fewer once MOST_LAID_OUT have been.
    """
    if outcome is None:
        return Content("")
    lines = []
    if outcome.reason is not None:
        lines.append(
            Content.styled(plain(outcome.reason, VALUE_CHARACTERS), "$outcome-warning")
        )
    lines.extend(Content.styled(remark, "$muted") for remark in remarks(outcome))
    record = outcome.record or {}
    if not record and not lines:
        lines.append(Content.styled(EXPLANATIONS[outcome.label], "$muted"))
    widest = max((cell_len(plain(name, 30)) for name in record), default=0)
    widest = max(1, min(widest, width // 2 if limit is None else MOST_NAME_CELLS))
    spare = MOST_LAID_OUT
    for field, value in record.items():
        name = Content.styled(column(plain(field, 30), widest + 1), "$muted")
        style = "$muted" if value is None else ""
        if limit is None:
            shown = _in_one_line(as_text(value), width - widest - 1)
            lines.append(Content.assemble(name, (shown, style)))
            continue
        shown = plain(as_text(value), max(LEAST_CHARACTERS, min(spare, limit)))
        spare -= len(shown)
        lines.append(hanging(name, Content.styled(shown, style), width))
    return Content("\n").join(lines)


def _in_one_line(text: str, width: int) -> str:
    """Give a value in `width` cells; of a long one it is said how long it is."""
    if len(text) <= VALUE_CHARACTERS:
        return cut(plain(text, VALUE_CHARACTERS), width)
    size = f" ({len(text):,} characters)"
    return cut(plain(text[:VALUE_CHARACTERS]), width - len(size)) + size


def steps_content(outcome: Outcome | None, width: int, limit: int | None = None) -> Content:
    """Give each command that ran: where, what, what came back, how long it took.

    Without a `limit` each has one line, and is its first word; from WIDE_CELLS on it also has
    its place on an axis of time, and stands below as a whole. With one it is shown whole, up
    to so many characters.
    """
    if outcome is None:
        return Content("")
    if limit is not None:
        lines = [hanging(*_whole_step(step, limit), width) for step in outcome.steps]
    elif width >= WIDE_CELLS and outcome.seconds:
        lines = [*_on_axis(outcome, width), Content(""), *_whole_commands(outcome, width)]
    else:
        lines = [_step_line(step, width) for step in outcome.steps]
        if len(outcome.steps) > 1 and outcome.seconds:
            lines += [Content(""), *_order(outcome, width)]
    return Content("\n").join(lines or [Content("nothing")])


def steps_state(outcome: Outcome | None) -> str:
    """Give how many commands ran, and in how many trips."""
    if outcome is None or not outcome.steps:
        return ""
    commands = [step for step in outcome.steps if step.target is not Target.SERVICE]
    trips = sum(1 for step in commands if step.seconds)
    return (
        f"{len(commands)} command{'s' * (len(commands) != 1)}"
        f" · {trips} trip{'s' * (trips != 1)}"
    )


def times_content(outcome: Outcome | None) -> Content:
    """Give what the cache took, and the database, and all else."""
    if outcome is None or not outcome.steps:
        return Content("")
    cache, database, other = _shares(outcome)
    return Content.assemble(
        (FAMILY_GLYPHS["hit"], "$outcome-hit"), f" {milliseconds(cache)}   ",
        (FAMILY_GLYPHS["db"], "$outcome-db"), f" {milliseconds(database)}   ",
        ("other ", "$muted"), f"{milliseconds(other)} ms",
    )  # fmt: skip


def _shares(outcome: Outcome) -> tuple[float, float, float]:
    taken = {
        target: sum(step.seconds for step in outcome.steps if step.target is target)
        for target in (Target.CACHE, Target.DATABASE)
    }
    cache, database = taken[Target.CACHE], taken[Target.DATABASE]
    return cache, database, max(0.0, outcome.seconds - cache - database)


def _cells_of(outcome: Outcome, width: int) -> Iterator[tuple[Step, int, int]]:
    """Give where each command's time begins and ends, in `width` cells for the whole.

    What is neither the cache's time nor the database's lies between them in equal parts.
    """
    at, (_, _, other) = 0.0, _shares(outcome)
    for step in outcome.steps:
        at += other / (len(outcome.steps) + 1)
        start = at
        at += step.seconds
        begin, end = (min(width, round(width * t / outcome.seconds)) for t in (start, at))
        yield step, begin, min(width, max(end, begin + (step.seconds > 0)))


def _order(outcome: Outcome, width: int) -> list[Content]:
    """Give a line of when each command ran, from 0 to the whole time, in order."""
    ends = ("0 ms", duration(outcome.seconds))
    scale = " " * max(1, width - len(ends[0]) - len(ends[1]))
    parts: list[tuple[str, str]] = []
    cells = 0
    for step, begin, end in _cells_of(outcome, width):
        sign, style = _SIGNS.get(step.target, _NEITHER)
        parts += [("·" * (begin - cells), "$frame"), (sign * (end - max(begin, cells)), style)]
        cells = max(cells, end)
    parts.append(("·" * (width - cells), "$frame"))
    return [
        Content.styled(f"{ends[0]}{scale}{ends[1]}", "$muted"),
        Content.assemble(*parts),
    ]


def _on_axis(outcome: Outcome, width: int) -> list[Content]:
    """Give the commands under headings, each with a bar where its time lies on one axis."""
    before = WHERE_CELLS + COMMAND_CELLS + RESULT_CELLS + ALONG_CELLS + 2
    axis = width - before - 1
    left = f"{'command':{COMMAND_CELLS}}{'result':{RESULT_CELLS}}{'ms':>{ALONG_CELLS}}  "
    lines = [
        Content.styled(f"{'':{WHERE_CELLS}}{left}{_scale(outcome.seconds, axis)}", "$muted")
    ]
    for step, begin, end in _cells_of(outcome, axis):
        where, family = _TARGETS.get(step.target, _OWN)
        along = "same trip" if step.target is Target.CACHE else ""
        took = milliseconds(step.seconds) if step.seconds else along
        sign, style = _SIGNS.get(step.target, _NEITHER)
        length = max(end - begin, 1) if step.seconds else 0
        result = column(plain(step.result, VALUE_CHARACTERS), RESULT_CELLS)
        lines.append(Content.assemble(
            (set_cell_size(where, WHERE_CELLS), f"$outcome-{family}"),
            column(_first_word(step), COMMAND_CELLS),
            (result, "$outcome-error" if step.failed else ""),
            (f"{took:>{ALONG_CELLS}}  ", "" if step.seconds else "$muted"),
            (" " * min(begin, axis - length) + sign * length, style),
        ))  # fmt: skip
    return lines


def _scale(seconds: float, cells: int) -> str:
    """Give the numbers of an axis of so many seconds, in milliseconds."""
    whole, step = seconds * 1000, 1e-3
    for step in (digit * 10.0**power for power in range(-3, 6) for digit in (1, 2, 5)):
        if step / whole * cells >= LEAST_TICK_CELLS:
            break
    shown = ""
    for tick in range(math.floor(whole / step) + 1):
        at = round(tick * step / whole * cells)
        number = f"{tick * step:g}"
        if at + len(number) + 3 <= cells:
            shown = f"{shown:{at}}{number}"
    return f"{shown:{cells - 2}}ms"


def _whole_commands(outcome: Outcome, width: int) -> Iterator[Content]:
    """Give each command as it was sent."""
    for step in outcome.steps:
        where, family = _TARGETS.get(step.target, ("·", "warning"))
        glyph = Content.styled(f"{where[0]} ", f"$outcome-{family}")
        text = Content.styled(plain(step.command, VALUE_CHARACTERS), "$muted")
        yield hanging(glyph, text, width)


def _first_word(step: Step) -> str:
    return plain(step.command.split(maxsplit=1)[0], VALUE_CHARACTERS)


_NEITHER, _OWN = ("·", "$frame"), ("· own", "warning")
_SIGNS = {Target.CACHE: ("━", "$outcome-hit"), Target.DATABASE: ("═", "$outcome-db")}
_TARGETS = {Target.CACHE: ("● cache", "hit"), Target.DATABASE: ("◆ db", "db")}


def milliseconds(seconds: float) -> str:
    """Give a measured time without its unit, as `duration` gives it in milliseconds."""
    return duration(seconds).removesuffix(" ms")


def _step_line(step: Step, width: int) -> Content:
    """Give one command in one line."""
    where, family = _TARGETS.get(step.target, _OWN)
    # Only what went to the cache can have travelled with the command before it.
    along = "·" if step.target is Target.CACHE else ""
    took = milliseconds(step.seconds) if step.seconds else along
    command = _first_word(step)
    # In little room the sign alone says where: what came back is worth more than the word.
    short = width < SHORT_LINE_CELLS
    where_cells = SIGN_CELLS if short else WHERE_CELLS
    took_cells = TOOK_CELLS - short
    room = max(0, width - where_cells - took_cells)
    command_cells = min(room, COMMAND_CELLS - short)
    result, shorten = plain(step.result, VALUE_CHARACTERS), brief if step.failed else cut
    return Content.assemble(
        (set_cell_size(where, where_cells), f"$outcome-{family}"),
        column(command, command_cells) if command_cells else "",
        (set_cell_size(shorten(result, room - command_cells), room - command_cells),
         "$outcome-error" if step.failed else ""),
        (f"{took:>{took_cells}}", "$muted"),
    )  # fmt: skip


def _whole_step(step: Step, limit: int) -> tuple[Content, Content]:
    """Give where it ran and how long it took, and what it was and what came back."""
    where, family = _TARGETS.get(step.target, _OWN)
    along = "same trip" if step.target is Target.CACHE else ""
    took = duration(step.seconds) if step.seconds else along
    return Content.assemble(
        (f"{where:9} ", f"$outcome-{family}"),
        (f"{took:>9}  ", "$muted"),
    ), Content.assemble(
        plain(step.command, limit),
        ("  → ", "$muted"),
        (plain(step.result, limit), "$outcome-error" if step.failed else ""),
    )
