"""The form: a record's columns, to be changed and written, and its copy forgotten."""

import re
from collections.abc import Mapping
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import Input, Static

from tui.controllers.edit import EditController
from tui.models import Record, WriteResult
from tui.models.sentences import DELETED, listed, told_of_write
from tui.models.values import spelled
from tui.runtime.errors import ChangedMeanwhile, HitmissError
from tui.runtime.plain_text import plain
from tui.views.widgets.actions import with_keys
from tui.views.widgets.dialog import WholeScreen
from tui.views.widgets.explorer_screen import TINY, TOO_SMALL
from tui.views.widgets.fault_banner import FaultBanner
from tui.views.widgets.field import Field, FieldInput
from tui.views.widgets.frame import Frame
from tui.views.widgets.key_footer import KeyFooter
from tui.views.widgets.keys_in_turn import ReadyForKeys
from tui.views.widgets.strips import StripBelow, TitleStrip
from tui.views.widgets.tick_box import TickBox

HINT = "only what you change is written · enter writes · NULL is no value"
LOW = 20
"""With fewer lines the form does not show what will run."""
MISSES = "of all who miss then, one reads the row"
FORGET = "forget to invalidate: the cached copy stays as it is, and drifts"


class EditScreen(WholeScreen[str | None]):
    """Gives what is to be said of the write; None when nothing was written."""

    CSS_PATH = "edit.tcss"
    HAS_CHANGES = True
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-usual")]  # noqa: RUF012 - Textual's way
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", id="edit.leave",
                tooltip="leave without writing"),
        Binding("enter", "save", "Write", id="edit.save", tooltip="write what was changed"),
        # With priority, or what is typed right behind it would go into the column before.
        Binding("down,tab", "app.focus_next", "Next", key_display="↓", id="edit.next",
                priority=True, tooltip="to the next column"),
        Binding("up,shift+tab", "app.focus_previous", "Previous", key_display="↑", show=False,
                id="edit.previous", priority=True, tooltip="to the column before"),
    ]  # fmt: skip

    def __init__(self, controller: EditController) -> None:
        """Edit `controller`'s record."""
        super().__init__()
        self._controller = controller
        self._before: Record | None = None
        self._is_writing = False
        self.takes_keys = False
        """Whether the columns are there: before that a key would miss the one it is for."""
        self._fields: dict[str, Field] = {}

    def compose(self) -> ComposeResult:
        """Put the columns above what will happen, and what is to be said above the keys."""
        yield StripBelow()
        yield FaultBanner(self._controller.session.faults)
        title = f"update record {plain(str(self._controller.id), 60)}"
        with Frame(title=title, id="form"):
            yield VerticalScroll(id="fields", can_focus=False)
        if self._controller.may_forget:
            with Frame(title="afterwards", id="afterwards"):
                yield TickBox(FORGET, id="forget")
        with Frame(title="will run", id="plan"):
            yield Static(id="commands", markup=False)
        yield Static("reading the record…", id="message", markup=False)
        yield KeyFooter()
        yield Static(TOO_SMALL, id="too-small", markup=False)

    def on_resize(self, event: Resize) -> None:
        """Cover the form where it cannot be read."""
        width, height = event.size
        self.set_class(width < TINY[0] or height < TINY[1], "-tiny")

    def on_mount(self) -> None:
        """Read the record as the database has it."""
        self._read()
        self._show_plan()

    @on(Field.Typed)
    @on(TickBox.Ticked)
    def _show_plan(self) -> None:
        """Show what enter would do."""
        changed = {
            column: field.typed
            for column, field in self._fields.items()
            if field.typed is not None
        }
        forget = any(box.ticked for box in self.query(TickBox))
        self.query_one("#form", Frame).tell(f"{len(changed)} changed" if changed else "")
        count = f"{len(changed)} column{'s' * (len(changed) != 1)}" if changed else ""
        self.query_one("#plan", Frame).tell(count)
        plan = plan_content(self._controller, changed, forget=forget)
        self.query_one("#commands", Static).update(plan, layout=False)

    @on(Input.Submitted)
    def action_save(self) -> None:
        """Write what was changed and can be seen; while that is under way, nothing else."""
        unseen = self.has_class("-tiny")
        if self._before is not None and not self._is_writing and not unseen:
            self._is_writing = True
            self._say("writing…")
            self._save(self._before)

    def action_leave(self) -> None:
        """Leave without writing; what is being written already cannot be left."""
        if self._is_writing:
            self._say("it is being written; wait for the answer", problem=True)
        else:
            self.dismiss(None)

    @on(TitleStrip.Chosen)
    def stay(self, event: TitleStrip.Chosen) -> None:
        """Lose nothing that was typed by a click beside the form."""
        event.stop().prevent_default()
        self._say(with_keys(self, "{edit.leave} leaves the form first"), problem=True)

    @on(FieldInput.Refused)
    def refuse_paste(self) -> None:
        """Say why nothing of a paste was taken."""
        self._say(
            "not pasted: no lines, control characters or parts of a text can be typed here;"
            " use hitmiss set",
            problem=True,
        )

    @work(group="read", exclusive=True)
    async def _read(self) -> None:
        try:
            await self._show_record()
        finally:
            self.takes_keys = True
            self.post_message(ReadyForKeys())

    async def _show_record(self) -> None:
        try:
            record = await self._controller.record()
        except HitmissError as error:
            self._say(str(error), problem=True)
            return
        if record is None:
            self._say("the database has no such record; esc leaves", problem=True)
            return
        self._before = record
        for column, value in record.items():
            fixed = self._controller.fixed(column, record)
            shown = spelled(value)
            hint = self._controller.hint(column, record)
            choices = self._controller.schema.column(column).choices
            self._fields[column] = Field(column, hint, shown, fixed, choices=choices)
        fields = self.query_one("#fields", VerticalScroll)
        await fields.mount_all(self._fields.values())
        first = next((field.input for field in self._fields.values() if field.input), None)
        if first is None:
            self._say("this record has no column that can be typed here; esc leaves")
            return
        first.focus()
        self.query_one("#form", Frame).note(HINT)
        self._say("")

    @work(group="save")
    async def _save(self, before: Record) -> None:
        try:
            await self._write(before)
        finally:
            self._is_writing = False

    async def _write(self, before: Record) -> None:
        for field in self._fields.values():
            field.remark("")
        texts = {
            column: field.typed
            for column, field in self._fields.items()
            if field.typed is not None
        }
        forget = any(box.ticked for box in self.query(TickBox))
        try:
            changes = await self._controller.changes(before, texts)
            if not changes:
                self._say("nothing was changed; esc leaves", problem=True)
                return
            result = await self._controller.save(changes, before, forget=forget)
        except ChangedMeanwhile:
            await self._show_conflict(before)
        except HitmissError as error:
            self._show_refusal(str(error))
        else:
            drifts = forget and await self._controller.is_cached()
            self._leave(result, tuple(changes), forget=forget, drifts=drifts)

    async def _show_conflict(self, before: Record) -> None:
        """Show what somebody else wrote meanwhile; what was typed here stays."""
        try:
            now = await self._controller.record()
        except HitmissError as error:
            self._say(str(error), problem=True)
            return
        if now is None:
            self._say(f"{DELETED}; esc leaves", problem=True)
            return
        self._before = now
        theirs = [column for column in now if now[column] != before.get(column)]
        for column in theirs:
            field = self._fields.get(column)
            if field is not None:
                field.renew(spelled(now[column]), self._controller.fixed(column, now))
                field.remark(f"now {spelled(now[column])}", wrong=True)
        self._say(
            f"not written: somebody else changed {', '.join(theirs) or 'it'} meanwhile."
            " Enter writes yours over it, esc leaves it",
            problem=True,
        )

    def _show_refusal(self, message: str) -> None:
        """Show a refusal, at the column that it is about: one of those that were changed."""
        self._say(message, problem=True)
        constraint = message.partition("constraint failed:")[2]
        for column, field in self._fields.items():
            named = (
                re.search(rf"(?<!\w){re.escape(column)}(?!\w)", constraint)
                if constraint
                else repr(column) in message
            )
            if named and field.input is not None and field.typed is not None:
                field.remark("← this", wrong=True)
                field.input.focus()
                return

    def _leave(
        self, result: WriteResult, columns: tuple[str, ...], *, forget: bool, drifts: bool
    ) -> None:
        if not result.found:
            self._say(f"{DELETED}; esc leaves", problem=True)
            return
        if not forget:
            self.dismiss(told_of_write(result, columns))
            return
        written = (
            f"{plain(str(result.id), 40)}: {listed(columns)} written; nobody told the cache"
        )
        found = " · d compares · 3 a finds the drift" if drifts else ", which has no copy of it"
        self.dismiss(written + found)

    def _say(self, text: str, *, problem: bool = False) -> None:
        message = self.query_one("#message", Static)
        message.update(plain(text, 400))
        message.set_class(problem, "-problem")
        message.display = bool(text)


def plan_content(
    controller: EditController, changed: Mapping[str, str], *, forget: bool
) -> Content:
    """Give what a change will do to the database, and then to the cache."""
    if not changed:
        return Content.styled("nothing is changed yet", "$muted")
    schema, id = controller.schema, plain(str(controller.id), 40)
    values = ", ".join(
        f"{plain(column, 30)} = {plain(text, 40)}" for column, text in changed.items()
    )
    key = plain(controller.session.template.value_key(controller.id), 80)
    cache = (
        Content.styled("× left out: the copy stays as it is, and drifts", "$outcome-error")
        if forget
        else Content(f"invalidate {key}")
    )
    return Content("\n").join(
        (
            Content.assemble(
                ("◆ db     ", "$outcome-db"),
                f"in {plain(schema.name, 40)}, where {plain(schema.id_column, 30)} is {id}:"
                f" set {values}",
            ),
            Content.assemble(("● cache  ", "$outcome-hit"), cache),
            *(() if forget else (Content.styled(MISSES, "$muted"),)),
        )
    )
