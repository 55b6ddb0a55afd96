"""The lookup screen: type a key, see the answer and where it came from."""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize

from tui.controllers.lookup import LookupController
from tui.models import CopyChange, Key, Label, Outcome
from tui.models.scalars import as_text
from tui.models.sentences import told_of_copy
from tui.runtime.clock import Clock
from tui.runtime.errors import HitmissError
from tui.runtime.plain_text import plain, readable_json
from tui.views.widgets.explorer_screen import TALL, ExplorerScreen
from tui.views.widgets.first import First
from tui.views.widgets.key_footer import KeyFooter
from tui.views.widgets.quantities import percent, time_left
from tui.views.widgets.question import Question

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui.service.events import Event
    from tui.service.lifetimes import Lifetimes
    from tui.views.widgets.answers import Answers
    from tui.views.widgets.lookup_log import LookupLog
    from tui.views.widgets.session_charts import SessionCharts

PAINT_SECONDS = 0.035
"""A lookup begins after the pending row has been painted: two frames. On one event loop, a
paint in the midst of it would count as the cache's or the database's time."""
WELCOME = (
    "type {wanted} · {input.submit} looks it up · {screen.help_anywhere} explains the keys"
)
TYPING_SECONDS = 0.03
"""How long a search waits for more to be typed."""
BESIDE_STATE = 18
"""Cells of the input's upper edge that are not there for how things stand."""
CHARTS_WIDTH = 110
"""From so many columns on, and with rows for them, there are charts of the session."""


FIRST_KEYS: Mapping[str, str] = {
    "input.submit": "Look up", "input.up": "Asked before",
    "lookup.ask": "Input", "screen.cache": "Cache", "screen.compare": "Compare",
    "screen.lab": "Lab", "screen.faults": "Faults", "screen.palette": "Actions",
    **dict.fromkeys(
        ("log.detail", "lookup.again", "lookup.bypass", "lookup.invalidate", "lookup.expire",
         "lookup.edit", "lookup.compare", "lookup.copy", "lookup.longer", "lookup.shorter"), "",
    ),
}  # fmt: skip
"""What can be done before anything has been asked for; '' is left out."""


def told_of_lifetimes(lifetimes: "Lifetimes") -> str:
    """Return what else there is to say of how long a copy is kept, behind its ttl."""
    spread = f" ± {percent(lifetimes.jitter)}" if lifetimes.jitter else ""
    grace = f", grace {time_left(lifetimes.grace)}" if lifetimes.grace else ""
    return spread + grace


class LookupScreen(ExplorerScreen):
    """Input, log, record, and what ran."""

    CSS_PATH = "lookup.tcss"
    AUTO_FOCUS = ""  # the input is not there yet when Textual looks for what can have it
    NAME = "Lookup"
    FOOTER: ClassVar[Mapping[str, str]] = {
        "input.submit": "", "input.up": "Before", "input.leave": "",
        "lookup.undo": "", "lookup.again": "", "lookup.invalidate": "", "lookup.edit": "",
        "lookup.compare": "", "log.detail": "", "lookup.expire": "", "lookup.bypass": "Past",
        "screen.faults": "", "lookup.ask": "", "screen.palette": "", "app.palette": "",
    }  # fmt: skip
    UNDO = "{lookup.undo}"
    WRITES = frozenset({"invalidate", "expire", "step_ttl", "edit", "undo"})
    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority, or the letters typed right behind it would go to the log.
        Binding("slash", "ask", "Input", key_display="/", id="lookup.ask", priority=True,
                tooltip="go to the input"),
        Binding("r", "again", "Again", id="lookup.again",
                tooltip="look the selected record up again"),
        Binding("R", "again(True)", "Past cache", id="lookup.bypass",
                tooltip="look it up again without the cache"),
        Binding("i", "invalidate", "Invalidate", id="lookup.invalidate",
                tooltip="forget the cached copy"),
        Binding("x", "expire", "Expire", id="lookup.expire",
                tooltip="make the cached copy expire now"),
        Binding("plus", "step_ttl(1)", "Longer ttl", key_display="+", id="lookup.longer",
                tooltip="a longer ttl for the next fills"),
        Binding("minus", "step_ttl(-1)", "Shorter ttl", key_display="-", id="lookup.shorter",
                tooltip="a shorter ttl for the next fills"),
        Binding("y", "copy", "Copy", id="lookup.copy", tooltip="copy the record as JSON"),
        Binding("Y", "copy_commands", "Copy commands", id="lookup.copy_commands", show=False,
                tooltip="copy what ran, as lines for a shell"),
        Binding("t", "open_detail", "What ran", id="lookup.what_ran", show=False,
                tooltip="all that ran for the selected lookup"),
        Binding("d", "compare", "Compare", id="lookup.compare",
                tooltip="cached copy and row side by side"),
        Binding("u", "edit", "Update", id="lookup.edit",
                tooltip="change columns of the record, and invalidate its copy"),
        Binding("U", "undo", "Undo", id="lookup.undo", show=False,
                tooltip="take back the latest change of a record, once"),
    ]  # fmt: skip

    question = getters.query_one(Question)

    def __init__(self, controller: LookupController, clock: Clock) -> None:
        """Work through `controller`; the bars drain by `clock`."""
        super().__init__(controller.session)
        self._clock = clock
        self._controller = controller
        self._numbers = itertools.count(1)
        self._typing = False
        self._charts: SessionCharts | None = None
        self.add_class("-first", update=False)

    def compose_body(self) -> ComposeResult:
        """Lay the widgets out from top to bottom."""
        yield Question(WELCOME, self.history, wanted=self._controller.wanted)
        session = self.session
        yield First(
            self._controller.schema, session.ttl, writable=not session.read_only, id="first"
        )

    def on_mount(self) -> None:
        """Put the cursor into the input."""
        self.query_one(First).guess()
        self.query_one(KeyFooter).put_first(FIRST_KEYS)
        self.session.listeners.append(self._hear)
        self.set_focus(self.question.input)  # at once: the first picture is to have it

    def connected(self) -> None:
        """Name a key that is there, by now."""
        self.question.want(self._controller.wanted)

    def classes_for(self, width: int, height: int) -> dict[str, bool]:
        """Have room for when each command ran, or not."""
        return super().classes_for(width, height) | {"-roomy": width >= CHARTS_WIDTH}

    def on_resize(self, event: Resize) -> None:
        """Name the columns for the new width, and show charts where there is room for them."""
        if self._is_unfolded:
            self.call_after_refresh(self._head)
            self._show_charts(*event.size)

    @on(Question.Changed)
    def search(self, event: Question.Changed) -> None:
        """Search for a text as it is typed; digits name a key and need no search."""
        if not event.text.strip() or self._controller.is_key(event.text):
            self.workers.cancel_group(self, "search")
            self.question.close_suggestions()
        elif not self._typing:
            self._search()

    def look_up_record(self, id: Key) -> None:
        """Look a record up that was chosen on another screen."""
        self._ask(id)
        self.lookups.focus()

    @on(Question.Asked)
    def look_up(self, event: Question.Asked) -> None:
        """Look up the chosen match, else the key that was typed, else the best match."""
        self.workers.cancel_group(self, "search")  # its list would come too late
        id = event.id
        if id is None and (self._controller.is_key(event.text) or not event.text.strip()):
            try:
                id = self._controller.parse_key(event.text)
            except HitmissError as error:
                self.say(str(error), problem=True)
                return
        self._ask(id, text=event.text)

    @on(Question.Cut)
    def paste_cut(self, event: Question.Cut) -> None:
        """Say that a paste was too long."""
        taken, lines = event.taken, event.lines
        self.say(f"the first {taken:,} of {lines:,} lines are looked up", problem=True)

    @on(Question.Left)
    def leave_question(self) -> None:
        """Go to the log; what is being searched for is no longer wanted."""
        self.workers.cancel_group(self, "search")
        self.say("")
        self.home.focus()

    # By their names: the class of the log, which `on` would want, is not imported yet.

    def on_row_list_moved(self) -> None:
        """Show the record and the steps of the row under the cursor."""
        self.answers.show_selected()
        self._head()

    def on_row_list_opened(self) -> None:
        """Show all of the row that was chosen."""
        self.action_open_detail()

    def action_open_detail(self) -> None:
        """Show all of the selected lookup over the whole screen."""
        outcome = self._selected_outcome()
        if outcome is not None:
            self.post_message(self.DetailWanted(outcome))

    def action_ask(self) -> None:
        """Go to the input."""
        self.set_focus(self.question.input)

    def action_compare(self) -> None:
        """Show the cached copy of the selected record beside its row."""
        id = self._selected_id()
        if id is not None:
            self.post_message(self.RecordWanted(id, "compare"))

    def action_edit(self) -> None:
        """Open the form with the selected record."""
        id = self._selected_id()
        row = self.lookups.selected
        if id is None or row is None:
            return
        outcome = row.outcome
        if outcome is not None and outcome.label in {Label.NOT_FOUND, Label.NEGATIVE}:
            self.say(f"{plain(str(id), 40)}: there is no such record to update", problem=True)
        else:
            self.post_message(self.EditWanted(id))

    def action_again(self, bypass: bool = False) -> None:
        """Look the selected record up again."""
        id = self._selected_id()
        if id is not None:
            self._ask(id, bypass=bypass)

    def action_invalidate(self) -> None:
        """Forget the cached copy of the selected record."""
        id = self._selected_id()
        if id is not None:
            self._invalidate(id)

    def action_expire(self) -> None:
        """Make the cached copy of the selected record expire now."""
        id = self._selected_id()
        if id is not None:
            self._expire(id)

    def action_step_ttl(self, direction: int) -> None:
        """Choose a longer or a shorter ttl for the next fills."""
        ttl = self.session.step_ttl(direction)
        self.say(f"the next fills stay fresh for {time_left(ttl)}")
        self.show_status()

    def action_copy(self) -> None:
        """Copy the selected record as JSON to the terminal's clipboard."""
        outcome = self._selected_outcome()
        if outcome is None or outcome.record is None:
            self.say("there is no record to copy", problem=True)
            return
        text = readable_json(dict(outcome.record))
        self.post_message(self.CopyWanted(text, "the record"))

    def action_copy_commands(self) -> None:
        """Copy what ran for the selected lookup, as lines for the stores' own clients."""
        outcome = self._selected_outcome()
        if outcome is None or not outcome.steps:
            self.say("nothing has run yet that could be copied", problem=True)
            return
        place = self.session.place
        from tui.views.shell_lines import shell_lines

        lines = shell_lines(outcome, place.cache_client, place.database_client)
        self.post_message(self.CopyWanted(lines, "what ran", "lines for a shell"))

    @property
    def home(self) -> "Widget":
        """The log, and before the first answer the tour."""
        return self.lookups if self._is_unfolded else self.query_one(First)

    @property
    def hidden(self) -> "tuple[Widget, ...]":
        """Log and record while they are not there."""
        return () if self._is_unfolded else (self.lookups, self.answers.record)

    @property
    def outcomes(self) -> list[Outcome]:
        """The answers in the log, in the order in which they were asked for."""
        return self.lookups.outcomes if self._is_unfolded else []

    def on_screen_suspend(self) -> None:
        """Forget what was said: it may no longer hold when somebody comes back."""
        if self.is_laid_out and not self.paused:
            self.say("")

    def hold(self, held: bool) -> None:
        """Hold the bars still, or let them go on."""
        if held or "answers" in vars(self):
            self.lookups.freeze(held)

    def tick(self) -> None:
        """Drain the bars."""
        if self._is_unfolded:
            self.lookups.tick()

    def name_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """Name them where messages stand."""
        self.question.name_keys(keys)

    def say(self, text: str, *, problem: bool = False) -> None:
        """Tell it in the line under the input."""
        self.question.say(text, problem=problem)

    @cached_property
    def answers(self) -> "Answers":
        """Log, record and steps, mounted or not."""
        from tui.views.widgets.answers import Answers

        return Answers(self._clock, self.session.log_rows)

    @property
    def lookups(self) -> "LookupLog":
        """The log."""
        return self.answers.log

    @property
    def _is_unfolded(self) -> bool:
        """Whether log, record and steps are there: from the first question on."""
        return "answers" in vars(self) and self.answers.upper.is_attached

    def _unfold(self) -> None:
        """Put log, record and steps into the place of the tour."""
        first = self.query_one(First)
        was_here = first.has_focus
        self.mount(self.answers.upper, self.answers.lower, after=first)
        self.remove_class("-first")
        if was_here:
            self.lookups.focus()
        self.query_one(KeyFooter).put_first({})
        self._show_charts(*self.size)
        self.show_status()
        self.call_after_refresh(self._head)

    def _ask(self, id: Key | None, *, text: str = "", bypass: bool = False) -> None:
        """Put a pending row into the log, and let a worker find the answer."""
        if not self.is_laid_out:  # ctrl+q comes past what was asked just before
            return
        number = next(self._numbers)
        shown = plain(text if id is None else str(id), 80)
        if not self._is_unfolded:
            self._unfold()
        self.show(lambda: self.answers.add(number, shown, id))
        self.say("")
        self._answer(number, id, text, bypass)

    @work(group="lookups")
    async def _answer(self, number: int, id: Key | None, text: str, bypass: bool) -> None:
        try:
            key = await self._controller.key_for(text) if id is None else id
        except HitmissError as error:
            problem = str(error)
            self.show(lambda: self.lookups.drop(number))
            self.show(lambda: self.say(problem, problem=True))
            return
        await asyncio.sleep(PAINT_SECONDS)
        outcome = await self._controller.look_up(key, bypass=bypass)
        label, ttl, at = self._label(outcome), self.session.ttl, self._clock.monotonic()
        self.show(lambda: self.lookups.answer(number, outcome, label, ttl=ttl, at=at))
        self.show(self.show_status)

    @work(group="search", exclusive=True)  # a newer text supersedes the search for an older
    async def _search(self) -> None:
        """Search for what has been typed in a moment from now: a paste is one search."""
        self._typing = True
        try:
            await asyncio.sleep(TYPING_SECONDS)
        finally:
            self._typing = False
        text = self.question.text
        if not text.strip() or self._controller.is_key(text):
            return
        result = await self._controller.search(text)
        if self.question.text != text:
            return
        self.question.suggest(result)
        if result.reason is not None:
            self.say(result.reason, problem=True)
        elif not result.matches:
            self.question.tell_matches(
                self._controller.nothing_found(text, result.advice), problem=True
            )
        else:
            slow = f" ({result.advice})" if result.advice else ""
            self.question.tell_matches(f"{self.question.found(result, 'looks up')}{slow}")

    @work(group="changes")
    async def _invalidate(self, id: Key) -> None:
        self._show_change(await self._controller.invalidate(id), "invalidated")

    @work(group="changes")
    async def _expire(self, id: Key) -> None:
        self._show_change(await self._controller.expire(id), "expired")

    def _show_change(self, change: CopyChange, what: str) -> None:
        failed = change.reason is not None
        self.say(told_of_copy(change, what), problem=failed)
        if not failed:
            self.show(lambda: self.lookups.end_copy(change.id, what))

    def _hear(self, event: "Event") -> None:
        """End the bar of a copy that was invalidated, on whatever screen."""
        from tui.service.events import Invalidated  # not needed before the first paint

        if not isinstance(event, Invalidated) or event.pending:
            return
        if self.is_laid_out and self._is_unfolded:
            self.show(lambda: self.lookups.end_copy(event.id, "invalidated"))

    def show_status(self) -> None:
        """Show the totals too."""
        super().show_status()
        if not self.is_laid_out:
            return
        session = self.session
        cache = "embedded" if session.place.embedded else session.place.cache
        stores = f"{plain(session.place.database, 30)} · {plain(cache, 30)}"
        state = f"{stores} · ttl {time_left(session.ttl)}"
        whole = state + told_of_lifetimes(session.lifetimes)
        fits = cell_len(whole) <= self.size.width - BESIDE_STATE
        self.question.tell(whole if fits else state)
        if not self._is_unfolded:
            return
        self.answers.tell(session.tally)
        if self._charts is not None and self._charts.children:
            self._charts.show(session.tally)

    def _show_charts(self, width: int, height: int) -> None:
        """Have the charts of the session below all else, or not."""
        roomy = width >= CHARTS_WIDTH and height >= TALL
        if roomy and self._charts is None:
            from tui.views.widgets.session_charts import SessionCharts  # seldom wanted

            self._charts = SessionCharts()
            self.mount(self._charts, after=self.answers.lower)
            self.call_after_refresh(self.show_status)
        if self._charts is not None:
            self._charts.display = roomy

    def _head(self) -> None:
        """Name the columns for the width that they have now."""
        self.answers.head(plain(self._controller.schema.label_column, 40))

    def _label(self, outcome: Outcome) -> str:
        column = self._controller.schema.label_column
        value = (outcome.record or {}).get(column)
        return "" if value is None else plain(as_text(value), 80)

    def _selected_outcome(self) -> Outcome | None:
        row = self.lookups.selected
        return None if row is None else row.outcome

    def _selected_id(self) -> Key | None:
        row = self.lookups.selected
        if row is None or row.id is None:
            self.say("nothing is selected yet: look a record up first", problem=True)
            return None
        return row.id
