"""The compare screen: one record on both sides, and the audit of all that is cached."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from tui.audit.comparison import Comparison, Finding
from tui.audit.results import Judgement
from tui.controllers.compare import CompareController
from tui.controllers.lookup import LookupController
from tui.models import Key
from tui.runtime.errors import HitmissError
from tui.runtime.plain_text import plain, readable_json
from tui.service.healing import HealedSoFar
from tui.views.widgets.actions import with_keys
from tui.views.widgets.comparison import (
    ages,
    columns_in_view,
    comparison_content,
    verdict,
)
from tui.views.widgets.explorer_screen import ExplorerScreen
from tui.views.widgets.findings import WORDS, Findings, heading, outcome, remarks, tally
from tui.views.widgets.frame import Frame
from tui.views.widgets.hanging import hanging
from tui.views.widgets.key_footer import KeyFooter
from tui.views.widgets.panels import Panel
from tui.views.widgets.quantities import bar, percent, time_left, took
from tui.views.widgets.question import Question
from tui.views.widgets.words import Words

if TYPE_CHECKING:
    from textual.widget import Widget
    from textual.worker import Worker

WELCOME = "a key; {compare.audit} audits all that is cached"
AUDIT_HINT = "{compare.audit} compares every cached copy with the database"
SHORT_ROWS = 20
"""Below this height the record has the room of frames."""
BAR_CELLS = 20


OF_A_RECORD = (
    "compare.heal", "compare.heal_all", "compare.look_up", "compare.edit", "compare.copy",
    "compare.again",
)  # fmt: skip
HINT = (
    ("", "", ""),
    ("{compare.ask} a key", "{input.submit}", "its cached copy and its row, column by column"),
    ("", "{compare.audit}", "compares every cached copy with the database"),
    ("", "{compare.heal}", "heals: the copy goes, and the next look-up reads the row"),
    ("", "{compare.heal_all}", "heals all that an audit has confirmed to be wrong"),
    ("", "{compare.edit}", "changes the row, and may forget the copy on purpose"),
)
"""What can be done here: what to type, a key, what it does."""
CHANGES = ("{compare.heal}", "{compare.heal_all}", "{compare.edit}")
"""Of these what is absent where nothing may be changed."""


class CompareScreen(ExplorerScreen):
    """Input, one comparison, and the audit with its findings."""

    CSS_PATH = "compare.tcss"
    NAME = "Compare"
    FOOTER: ClassVar[Mapping[str, str]] = {
        "input.submit": "", "input.leave": "",
        "compare.heal": "", "compare.heal_all": "", "compare.audit": "", "compare.undo": "",
        "compare.edit": "", "compare.look_up": "", "compare.copy": "",
        "screen.output": "", "compare.ask": "", "screen.faults": "", "screen.palette": "",
        "app.palette": "",
    }  # fmt: skip
    SUBMIT = "Compare"
    UNDO = "{compare.undo}"
    WRITES = frozenset({"heal", "heal_all", "edit", "undo"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "ask", "Input", key_display="/", id="compare.ask", priority=True,
                tooltip="go to the input"),
        Binding("a", "audit", "Audit", id="compare.audit",
                tooltip="compare every cached copy with the database; again: stop"),
        Binding("i", "heal", "Heal", id="compare.heal",
                tooltip="invalidate the copy, so that the next lookup asks the database"),
        Binding("H", "heal_all", "Heal all", id="compare.heal_all",
                tooltip="invalidate every copy that is confirmed to be wrong; asks first"),
        Binding("r,d", "again", "Again", key_display="r", id="compare.again",
                tooltip="compare the record again"),
        Binding("u", "edit", "Update", id="compare.edit",
                tooltip="change columns of the record, and invalidate its copy"),
        Binding("U", "undo", "Undo", id="compare.undo", show=False,
                tooltip="take back the latest change of a record, once"),
        Binding("enter", "look_up", "Look up", id="compare.look_up",
                tooltip="look the record up, on the Lookup screen"),
        Binding("y", "copy", "Copy", id="compare.copy", tooltip="copy the comparison as JSON"),
        Binding("escape", "stop", "Stop", id="compare.stop", show=False,
                tooltip="stop healing all, or the audit"),
    ]  # fmt: skip

    question = getters.query_one(Question)
    panel = getters.query_one("#comparison", Panel)
    findings = getters.query_one(Findings)

    def __init__(self, controller: CompareController, lookups: LookupController) -> None:
        """Work through `controller`; `lookups` tells keys from names."""
        super().__init__(controller.session)
        self._controller = controller
        self._lookups = lookups
        self._shown: Comparison | None = None
        self._shown_at = 0.0
        self._shown_by = "read"
        self._shown_over = False
        self._audit_state = ""
        self._began = self._took = 0.0
        self._auditing: Worker[None] | None = None
        self._going_on = asyncio.Event()
        self._going_on.set()

    def compose_body(self) -> ComposeResult:
        """Lay the widgets out from top to bottom."""
        yield Question(WELCOME, self.history, title="compare")
        yield Panel("record", id="comparison")
        with Frame(title="audit", id="audit"):
            yield Static(id="heading", markup=False)
            yield Findings()

    def on_mount(self) -> None:
        """Begin with the findings, where the letters are keys."""
        template, table = self.session.template.template, self.session.schema.name
        sides = f"{plain(template, 60)} ↔ {plain(table, 40)}"
        self.question.tell(Content.styled(sides, "$muted not bold"))
        self.panel.show(self._hint)
        self.findings.emptiness = with_keys(self, AUDIT_HINT)
        self._arrange_keys()
        self.watch(self.panel, "scroll_y", self._note_columns, init=False)
        self.set_focus(self.findings)

    def _hint(self, width: int) -> Content:
        """Give what stands in the place of a record while none has been asked for."""
        lines = [
            (with_keys(self, text), with_keys(self, key), what)
            for text, key, what in HINT
            if not (self.session.read_only and key in CHANGES)
        ]
        return Content("\n").join(
            hanging(Content.styled(f"{text:>8} {key:7}", "bold $here"), Content(what), width)
            for text, key, what in lines
        )

    @property
    def home(self) -> "Widget":
        """The findings."""
        return self.findings

    def classes_for(self, width: int, height: int) -> dict[str, bool]:
        """Leave out frames where they would take the room of the record."""
        return super().classes_for(width, height) | {"-short": height < SHORT_ROWS}

    def on_resize(self, event: Resize) -> None:
        """Lay all out for the new size."""
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        if self.is_laid_out:
            self._show_progress()
            self._note_columns()

    def on_screen_resume(self) -> None:
        """Read anew what is shown: it may have changed meanwhile."""
        if self.is_laid_out and self._shown is not None and not self.paused:
            self._compare(self._shown.id)

    def on_screen_suspend(self) -> None:
        """Forget what was said: it may no longer hold when somebody comes back."""
        if self.is_laid_out and not self.paused:
            self.say("")

    def tick(self) -> None:
        """Show how the audit gets on, and how old what is shown has become."""
        self._show_progress()
        self.findings.age(self._controller.now())
        self._show_age()

    def hold(self, held: bool) -> None:
        """Let the audit wait, or go on."""
        if held:
            self._going_on.clear()
        else:
            self._going_on.set()

    @property
    def words(self) -> Words:
        """What is said of findings."""
        return WORDS

    def name_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """Name them where messages stand."""
        self.question.name_keys(keys)

    def say(self, text: str, *, problem: bool = False) -> None:
        """Tell it in the line under the input."""
        self.question.say(text, problem=problem)

    def record_changed(self, id: Key) -> None:
        """Compare the record as it is now."""
        self._compare(id)

    def compare_record(self, id: Key) -> None:
        """Compare a record that was chosen on another screen."""
        self.findings.focus()
        self.say("")
        self._compare(id)

    @on(Question.Changed)
    def search(self, event: Question.Changed) -> None:
        """Search for a text as it is typed."""
        if not event.text.strip() or self._lookups.is_key(event.text):
            self.workers.cancel_group(self, "search")
            self.question.close_suggestions()
        else:
            self._search(event.text)

    @on(Question.Asked)
    def asked(self, event: Question.Asked) -> None:
        """Compare the chosen match, else the key that was typed, else the best match."""
        self.workers.cancel_group(self, "search")
        self.say("")
        self._compare(event.id, event.text)

    @on(Question.Left)
    def leave_question(self) -> None:
        """Go to the findings."""
        self.workers.cancel_group(self, "search")
        self.say("")
        self.findings.focus()

    @on(Findings.Moved, "Findings")
    def show_finding(self) -> None:
        """Show the record of the finding under the cursor, as it was found."""
        comparison, at = self.findings.selected, self.findings.selected_at
        if comparison is not None and at is not None and self.findings.has_focus:
            self._show(comparison, at=at, by="audited")

    def action_ask(self) -> None:
        """Go to the input."""
        self.set_focus(self.question.input)

    def action_audit(self) -> None:
        """Begin the audit, or stop it."""
        if self._auditing is not None and not self._auditing.is_finished:
            self.action_stop()
        else:
            self.findings.clear()
            if not self.paused:
                self.say("")
            self._began = self._controller.now()
            self._auditing = self._audit()

    def action_stop(self) -> None:
        """Stop healing all, else the audit; what it has found stays."""
        if self._is_healing_all:
            self.workers.cancel_group(self, "heal-all")
        elif self._auditing is not None and not self._auditing.is_finished:
            self._audit_state = "stopped"
            self._auditing.cancel()
            self._show_progress()

    def action_heal(self) -> None:
        """Forget the copy of the record that is shown."""
        id = self._shown_id()
        if id is not None:
            self._heal(id)

    def action_heal_all(self) -> None:
        """Forget all copies that are wrong for sure, when a person is sure too."""
        count = len(self._controller.wrong)
        if self._is_healing_all:
            return
        if not count:
            left = self._controller.wrong.left.total()
            said = "nothing to heal: the audit ({compare.audit}) has confirmed nothing"
            said = f"nothing to heal: {left:,} are left as they are" if left else said
            self.say(with_keys(self, said), problem=True)
            return
        cache = self.session.place.the_cache
        asked = (
            f"Heal all {count:,} records that are confirmed? Their copies in {cache} go, and"
            " the next look-ups read the rows. A copy that has changed since the audit stays."
        )
        if count == 1:
            asked = (
                f"Heal the one record that is confirmed? Its copy in {cache} goes, and the next"
                " look-up reads the row. If it has changed since the audit, it stays."
            )
        self.post_message(self.Sure(asked, self._heal_all))

    def action_again(self) -> None:
        """Compare the record that is shown again."""
        id = self._shown_id()
        if id is not None:
            self.say("")
            self._compare(id)

    def action_edit(self) -> None:
        """Open the form with the record that is shown."""
        id = self._shown_id()
        if id is None or self._shown is None:
            return
        if self._shown.database is None:
            self.say(f"{plain(str(id), 40)}: there is no such record to update", problem=True)
        else:
            self.post_message(self.EditWanted(id))

    def action_look_up(self) -> None:
        """Look the record that is shown up on the Lookup screen."""
        id = self._shown_id()
        if id is not None:
            self.post_message(self.RecordWanted(id, "lookup"))

    def action_copy(self) -> None:
        """Copy the comparison as JSON to the terminal's clipboard."""
        if self._shown_id() is not None and self._shown is not None:
            text = readable_json(self._shown.to_json())
            self.post_message(self.CopyWanted(text, "the comparison"))

    @work(group="search", exclusive=True)  # a newer text supersedes the search for an older
    async def _search(self, text: str) -> None:
        result = await self._lookups.search(text)
        if self.question.text != text:
            return
        self.question.suggest(result)
        if result.matches:
            self.question.tell_matches(self.question.found(result, "compares"))

    @work(group="compare", exclusive=True)  # one record is shown: the latest that was asked for
    async def _compare(self, id: Key | None, text: str = "") -> None:
        try:
            key = await self._lookups.key_for(text) if id is None else id
            comparison = await self._controller.compare(key)
        except HitmissError as error:
            self.say(str(error), problem=True)
            self.show_status()
            return
        at = self._controller.now()
        self.show(lambda: self._show(comparison, at=at))
        self.show(lambda: self.findings.renew(comparison, at))
        if not comparison.drifted:
            self._controller.wrong.discard(comparison.id)
        self.show(self._show_progress)
        self.show_status()

    @work(group="heal")
    async def _heal(self, id: Key) -> None:
        change = await self._controller.heal(id)
        key = plain(str(id), 40)
        if change.reason is not None:
            self.say(f"{key} was not invalidated: {change.reason}", problem=True)
            return
        self._compare(id)
        healed = f"record {key} healed: the copy is invalidated"
        self.say(healed if change.found else f"{key} was not cached any more")

    @property
    def _is_healing_all(self) -> bool:
        return any(w.group == "heal-all" and not w.is_finished for w in self.workers)

    @property
    def found(self) -> list[Judgement]:
        """What the audit has found, as far as it is listed."""
        return self.findings.judgements

    @work(group="heal-all", exclusive=True)
    async def _heal_all(self) -> None:
        healed, shown = HealedSoFar(), 0
        count = len(self._controller.wrong)
        try:
            async with aclosing(self._controller.heal_all()) as parts:
                async for healed in parts:
                    if not self.is_laid_out:
                        return
                    self.findings.heal(healed.ids[shown:], self._controller.now())
                    shown = len(healed.ids)
                    stops = with_keys(self, "{compare.stop} stops")
                    self.say(f"{shown:,} of {count:,} healed… {stops}")
                    self._show_progress()
        except HitmissError as error:
            self.say(f"{shown:,} healed, then: {error}", problem=True)
        except asyncio.CancelledError:
            if self.is_laid_out:
                self.say(f"stopped: {shown:,} of {count:,} healed", problem=True)
            raise
        else:
            left = [f"{number:,} not: {why}" for why, number in healed.failures.items()]
            left += [f"{n:,} left, {why}" for why, n in self._controller.wrong.left.items()]
            self.say(" · ".join([f"{shown:,} healed", *left]), problem=bool(left))
        if self._shown is not None and self._shown.id in healed.ids:
            self._compare(self._shown.id)

    @work(group="audit", exclusive=True)
    async def _audit(self) -> None:
        self._audit_state = "running"
        try:
            async with aclosing(self._controller.audit()) as batches:
                async for judgements in batches:
                    at = self._controller.now()
                    await self._going_on.wait()
                    if not self.is_laid_out:
                        return
                    self.findings.note(judgements, at)
                    self._show_progress()
        except HitmissError as error:
            self._audit_state = f"stopped: {error}"
            self.say(str(error), problem=True)
        else:
            self._audit_state = "done"
            self._took = self._controller.now() - self._began
        self._show_progress()
        self.show_status()

    def _show(self, comparison: Comparison, *, at: float, by: str = "read") -> None:
        """Show a comparison of that time: `read` alone, or `audited` among all others."""
        self._shown, self._shown_at, self._shown_by = comparison, at, by
        written = "" if comparison.format is None else f" · {comparison.format}"
        self.panel.entitle(f"record {plain(str(comparison.id), 60)}{written}")
        self._show_sides(comparison.after(self._controller.now() - at))
        self.panel.scroll_home(animate=False)
        self._arrange_keys()

    def _show_sides(self, comparison: Comparison) -> None:
        """Show both sides as they are by now, and what was found."""
        self._shown_over = comparison.is_over
        self.panel.tell(verdict(comparison))
        self.panel.renew(lambda width: comparison_content(comparison, width))
        self._note_columns()

    def _show_age(self) -> None:
        """Show how old both sides have become; all is shown anew only once the copy is over."""
        if self._shown is not None:
            aged = self._shown.after(self._controller.now() - self._shown_at)
            if aged.is_over and not self._shown_over:
                self._show_sides(aged)
        self._note_columns()

    def _note_columns(self) -> None:
        """Tell how old what is shown has become, and which of its columns are in view."""
        comparison = self._shown
        if comparison is None or not self.is_laid_out:
            return
        passed = self._controller.now() - self._shown_at
        by = self._shown_by
        when = f"{by} just now" if passed < 1 else f"{by} {time_left(passed)} ago"
        session = self.session
        ttl = None if session.read_only else session.ttl
        aged = ages(comparison.after(passed), ttl=ttl, grace=session.lifetimes.grace, when=when)
        self.panel.note(columns_in_view(comparison, self.panel.lines_in_view), aged)

    def _show_progress(self) -> None:
        """Show how the audit gets on, in the edges around what it has found."""
        if not self._audit_state or not self.is_laid_out:
            return
        progress, findings = self._controller.progress, self.findings
        frame = self.query_one("#audit", Frame)
        listed = findings.row_count
        self.set_class(listed > 0, "-found")
        width = findings.scrollable_content_region.width
        columns = heading(width, findings.longest)
        self.query_one("#heading", Static).update(columns, layout=False)
        findings.emptiness = self._nothing_found()
        done = self._audit_state == "done"
        frame.tell(tally(progress, findings.healed, sure=done and listed > 0))
        passed_over = progress.counts[Finding.NOT_COMPARED]
        aside = remarks(progress, max(0, progress.found + passed_over - listed))
        frame.note(aside, self._progress_bar())

    def _progress_bar(self) -> Content:
        """Give how far the audit has come."""
        progress = self._controller.progress
        state, share = self._audit_state, progress.share
        done = state == "done"
        filled, track = bar(1.0 if done else share or 0.0, BAR_CELLS)
        if state == "running":
            said = percent(share)
            if share == 1 and progress.suspects:
                said += " · looks at suspects again"
        else:
            said = f"done in {took(self._took)}" if done else plain(state, 60)
        return Content.assemble((filled, "$outcome-hit"), (track, "$frame"), f" {said}")

    def _nothing_found(self) -> str:
        """Give what stands in the place of findings while there are none."""
        if self._audit_state == "running":
            return "comparing…"
        if self._audit_state != "done":
            return f"{plain(self._audit_state, 200)} · nothing was found until then"
        return outcome(self._controller.progress)

    def _arrange_keys(self) -> None:
        """Leave out of the footer what needs a record, or findings, while there are none."""
        needed = () if self._shown is not None else OF_A_RECORD
        self.query_one(KeyFooter).put_first(
            {"compare.audit": "Audit", **dict.fromkeys(needed, "")} if needed else {}
        )

    def _shown_id(self) -> Key | None:
        if self._shown is None:
            self.say("no record is shown yet: type a key first", problem=True)
            return None
        return self._shown.id
