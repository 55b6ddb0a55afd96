"""The lookup screen: type a key, see the answer and where it came from."""

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from tui.clipboard import copy_through_tmux
from tui.clock import Clock
from tui.controllers.lookup import LookupController
from tui.errors import HitmissError
from tui.models import CopyChange, Key, Outcome
from tui.plain_text import plain
from tui.widgets.key_footer import KeyFooter
from tui.widgets.lookup_log import LogRow, LookupLog, heading
from tui.widgets.panels import Panel, record_content, steps_content
from tui.widgets.quantities import time_left
from tui.widgets.question import Question, QuestionInput
from tui.widgets.strips import StatusStrip, TitleStrip, TotalsStrip

TICK_SECONDS = 1.0
PAINT_SECONDS = 0.035
"""A lookup begins after the pending row has been painted: two frames. On one event loop, a
paint in the midst of it would count as the cache's or the database's time."""
SMALL, TINY = (60, 16), (40, 10)
"""Below the first size the log stands alone; below the second nothing fits."""
WELCOME = "type a key, like 1, or a name · enter looks it up · F1 explains the keys"
CHANGES_CACHE = frozenset({"invalidate", "expire", "step_ttl"})


class LookupScreen(Screen[None]):
    """Input, log, record, what ran, totals and status."""

    CSS_PATH = "lookup.tcss"
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
        Binding("t", "open_detail", "What ran", id="lookup.what_ran", show=False,
                tooltip="all that ran for the selected lookup"),
        Binding("p", "pause", "Pause", id="lookup.pause",
                tooltip="hold the display still; time goes on"),
        Binding("question_mark", "explain", "Help", key_display="?", id="lookup.help",
                tooltip="every key, and what the words mean"),
        Binding("f1", "explain", "Help", key_display="F1", id="lookup.help_anywhere",
                tooltip="the same, also while you type"),
        Binding("colon", "app.command_palette", "Palette", key_display=":", show=False,
                id="lookup.palette", tooltip="every action by name; ctrl+p does it too"),
        Binding("tab", "app.focus_next", "Next part", show=False, id="lookup.next",
                tooltip="to the next part of the screen"),
        Binding("q", "app.quit", "Quit", id="lookup.quit", tooltip="leave hitmiss"),
    ]  # fmt: skip

    question = getters.query_one(Question)
    lookups = getters.query_one(LookupLog)
    record = getters.query_one("#record", Panel)
    steps = getters.query_one("#steps", Panel)

    class DetailWanted(Message):
        """The whole of an outcome is to be shown."""

        def __init__(self, outcome: Outcome) -> None:
            """Show this outcome."""
            super().__init__()
            self.outcome = outcome

    class HelpWanted(Message):
        """The keys are to be explained."""

        def __init__(self, absent: frozenset[str]) -> None:
            """Explain all but those of the absent actions."""
            super().__init__()
            self.absent = absent

    def __init__(
        self, controller: LookupController, database: str, cache: str, clock: Clock
    ) -> None:
        """Work through `controller`; the names are for the status strip."""
        super().__init__()
        self._clock = clock
        self._controller = controller
        self._database = database
        self._cache = cache
        self._numbers = itertools.count(1)
        self._held: list[Callable[[], None]] | None = None
        self._absent = CHANGES_CACHE if controller.read_only else frozenset()

    def compose(self) -> ComposeResult:
        """Lay the widgets out from top to bottom."""
        yield TitleStrip()
        yield Question(WELCOME)
        yield Static(id="heading", markup=False)
        yield LookupLog(self._clock)
        with Horizontal(id="lower"):
            yield Panel("record", id="record")
            yield Panel("what ran", id="steps")
        yield TotalsStrip()
        yield StatusStrip()
        yield KeyFooter()
        yield Static("terminal too small", id="too-small")

    def on_mount(self) -> None:
        """Put the cursor into the input, and open the services after the first paint."""
        self.query_one(TitleStrip).show(("Lookup",), "Lookup")
        self.question.input.focus()
        self._show_totals()
        self.set_interval(TICK_SECONDS, self._tick)
        self.call_after_refresh(self._connect)

    def on_resize(self, event: Resize) -> None:
        """Leave out what a small terminal has no room for."""
        width, height = event.size
        self.set_class(width < SMALL[0] or height < SMALL[1], "-small")
        self.set_class(width < TINY[0] or height < TINY[1], "-tiny")
        label = plain(self._controller.schema.label_column, 40)
        columns = heading(width - self.lookups.scrollbar_size_vertical, label)
        self.query_one("#heading", Static).update(columns, layout=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take away what changes the cache when nothing may be changed.

        In the input a `/` is text.
        """
        if action == "ask":
            return not isinstance(self.focused, QuestionInput)
        return action not in self._absent

    @on(Question.Changed)
    def search(self, event: Question.Changed) -> None:
        """Search for a text as it is typed; digits name a key and need no search."""
        if not event.text.strip() or self._controller.is_key(event.text):
            self.workers.cancel_group(self, "search")
            self.question.close_suggestions()
        else:
            self._search(event.text)

    @on(Question.Asked)
    def look_up(self, event: Question.Asked) -> None:
        """Look up the chosen match, else the key that was typed, else the best match."""
        self.workers.cancel_group(self, "search")  # its list would come too late
        id = event.id
        if id is None and (self._controller.is_key(event.text) or not event.text.strip()):
            try:
                id = self._controller.parse_key(event.text)
            except HitmissError as error:
                self.question.say(str(error), problem=True)
                return
        self._ask(id, text=event.text)

    @on(Question.Left)
    def leave_question(self) -> None:
        """Go to the log; what is being searched for is no longer wanted."""
        self.workers.cancel_group(self, "search")
        self.question.say("")
        self.lookups.focus()

    @on(LookupLog.Moved)
    def show_selected(self) -> None:
        """Show the record and the steps of the row under the cursor."""
        row = self.lookups.selected
        outcome = None if row is None else row.outcome
        self.record.entitle("record" if row is None else f"record {row.key}")
        self.record.show(lambda _: record_content(outcome))
        self.steps.show(lambda width: steps_content(outcome, width))

    @on(LookupLog.Opened)
    def action_open_detail(self) -> None:
        """Show all of the selected lookup over the whole screen."""
        outcome = self._selected_outcome()
        if outcome is not None:
            self.post_message(self.DetailWanted(outcome))

    def action_ask(self) -> None:
        """Go to the input."""
        self.set_focus(self.question.input)

    def action_explain(self) -> None:
        """Explain the keys."""
        self.post_message(self.HelpWanted(self._absent))

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
        ttl = self._controller.step_ttl(direction)
        self.question.say(f"the next fills stay fresh for {time_left(ttl)}")
        self._show_totals()

    def action_copy(self) -> None:
        """Copy the selected record as JSON to the terminal's clipboard."""
        outcome = self._selected_outcome()
        if outcome is None or outcome.record is None:
            self.question.say("there is no record to copy", problem=True)
            return
        self._copy(json.dumps(dict(outcome.record), ensure_ascii=False))

    def action_pause(self) -> None:
        """Hold the display still, or show all that has happened meanwhile."""
        held, self._held = self._held, ([] if self._held is None else None)
        self.lookups.freeze(self._held is not None)
        for show in held or ():
            show()
        self.question.say("" if self._held is None else "paused: p goes on; nothing is lost")
        self._show_totals()

    def _ask(self, id: Key | None, *, text: str = "", bypass: bool = False) -> None:
        """Put a pending row into the log, and let a worker find the answer."""
        number = next(self._numbers)
        shown = plain(text if id is None else str(id), 80)
        self._show(lambda: self.lookups.add(LogRow(number, shown, id)))
        self.question.say("")
        self._answer(number, id, text, bypass)

    @work(group="lookups")
    async def _answer(self, number: int, id: Key | None, text: str, bypass: bool) -> None:
        try:
            key = await self._controller.key_for(text) if id is None else id
        except HitmissError as error:
            problem = str(error)
            self._show(lambda: self.lookups.drop(number))
            self._show(lambda: self.question.say(problem, problem=True))
            return
        await asyncio.sleep(PAINT_SECONDS)
        outcome = await self._controller.look_up(key, bypass=bypass)
        label, ttl, at = self._label(outcome), self._controller.ttl, self._clock.monotonic()
        self._show(lambda: self.lookups.answer(number, outcome, label, ttl=ttl, at=at))
        self._show(self._show_totals)

    @work(group="search", exclusive=True)  # a newer text supersedes the search for an older
    async def _search(self, text: str) -> None:
        result = await self._controller.search(text)
        if self.question.text != text:
            return
        self.question.suggest(result)
        if result.reason is not None:
            self.question.say(result.reason, problem=True)
        elif not result.matches:
            self.question.say(self._controller.nothing_found(text, result.advice), problem=True)
        else:
            slow = f" ({result.advice})" if result.advice else ""
            count = f"{len(result.matches)}{'+' if result.more else ''}"
            self.question.say(f"{count} found · ↑ ↓ choose · enter looks up{slow}")

    @work(group="changes")
    async def _invalidate(self, id: Key) -> None:
        self._show_change(await self._controller.invalidate(id), "invalidated")

    @work(group="changes")
    async def _expire(self, id: Key) -> None:
        self._show_change(await self._controller.expire(id), "expired")

    @work(group="copy", exclusive=True)
    async def _copy(self, text: str) -> None:
        through_tmux = await copy_through_tmux(text)
        self.app.copy_to_clipboard(text)
        way = "tmux load-buffer and OSC 52" if through_tmux else "OSC 52"
        self.question.say(f"the record was copied as JSON, by {way}")

    def _show_change(self, change: CopyChange, what: str) -> None:
        key = plain(str(change.id), 40)
        if change.reason is not None:
            later = " yet; it will be before it is read" if change.pending else ""
            self.question.say(f"{key} was not {what}{later}: {change.reason}", problem=True)
            return
        self.question.say(f"{key} {what}" if change.found else f"{key} was not cached")
        self._show(lambda: self.lookups.end_copy(change.id, what))

    @work(group="connect")
    async def _connect(self) -> None:
        await self._controller.connect()
        self._show_totals()

    def _tick(self) -> None:
        if self._held is None:
            self.lookups.tick()

    def _show(self, show: Callable[[], None]) -> None:
        """Do that now, or when the display goes on."""
        if self._held is None:
            show()
        else:
            self._held.append(show)

    def _show_totals(self) -> None:
        controller = self._controller
        marks = ["PAUSED"] * (self._held is not None) + ["read-only"] * controller.read_only
        self.query_one(TotalsStrip).show(controller.tally)
        self.query_one(StatusStrip).show(
            database=(self._database, controller.database_health),
            cache=(self._cache, controller.cache_health),
            tally=controller.tally,
            ttl=controller.ttl,
            marks=tuple(marks),
        )

    def _label(self, outcome: Outcome) -> str:
        column = self._controller.schema.label_column
        value = (outcome.record or {}).get(column)
        return "" if value is None else plain(str(value), 80)

    def _selected_outcome(self) -> Outcome | None:
        row = self.lookups.selected
        return None if row is None else row.outcome

    def _selected_id(self) -> Key | None:
        row = self.lookups.selected
        if row is None or row.id is None:
            self.question.say("nothing is selected yet: look a record up first", problem=True)
            return None
        return row.id
