"""One column of a record in a form: its name, its value, and what is to be said of it."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Paste
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Static

from tui.runtime.plain_text import plain
from tui.terminal.keyboard import CutPaste
from tui.views.widgets.question import PlainInput


class FieldInput(PlainInput):
    """A value to type into; enter writes the whole form."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Write", id="field.submit",
                tooltip="write what was changed"),
    ]  # fmt: skip

    class Refused(Message):
        """What was pasted cannot be typed here."""

    def on_paste(self, event: Paste) -> None:
        """Take a line as it is, or nothing: a part of a value would be another value."""
        text = event.text.rstrip("\r\n")
        if isinstance(event, CutPaste) or self.validate_value(text) != text:
            event.stop().prevent_default()
            self.post_message(self.Refused())


class Field(Horizontal):
    """One column: its name, its value to type into, and what is to be said of it."""

    DEFAULT_CSS = """
    Field {
        height: auto;
        .name { width: 20; color: $muted; padding: 0 1; text-wrap: nowrap; }
        .fixed { width: 1fr; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        .remark {
            width: auto; max-width: 60%; height: 1; color: $muted; padding: 0 1;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        FieldInput, FieldInput:focus {
            width: 1fr; height: 1; border: none; padding: 0; background: $raised;
        }
        FieldInput:focus { background: $select; }
        &.-changed .name, &.-changed .remark { color: $outcome-warning; }
        &.-wrong .remark { color: $outcome-error; }
        &.-wrong .name { color: $outcome-error; text-style: bold; }
    }
    """

    class Typed(Message):
        """Something else stands in the column."""

    def __init__(
        self,
        column: str,
        hint: str,
        value: str,
        fixed: str | None,
        *,
        choices: Sequence[str] = (),
    ) -> None:
        """Show `value`, and in `hint` what it may be; where it is `fixed`, only why.

        Of `choices` the one that begins as what is typed is offered; right arrow takes it.
        """
        super().__init__()
        self.column = column
        self._hint = hint
        self._fixed = fixed
        self.input: FieldInput | None = None
        if fixed is None:
            self.input = FieldInput(
                value, compact=True, select_on_focus=False,
                suggester=SuggestFromList(choices) if choices else None,
            )  # fmt: skip
        self._value = value

    @property
    def typed(self) -> str | None:
        """What a person has typed in the place of the value; None where nobody has."""
        if self.input is None or self._fixed is not None or self.input.value == self._value:
            return None
        return self.input.value

    def renew(self, value: str, fixed: str | None) -> None:
        """Show another value, unless somebody has typed something else already.

        Where it is `fixed` now, it can no longer be typed over either.
        """
        if self.typed is not None:
            return
        self._value = value
        if self.input is None:
            self.query_one(".fixed", Static).update(plain(value, 200))
            return
        self._fixed = fixed
        self.input.disabled = fixed is not None
        self.input.value = value if fixed is None else plain(value, 200)

    def compose(self) -> ComposeResult:
        """Put name, value and remark in a row."""
        yield Static(plain(self.column, 18), classes="name", markup=False)
        if self.input is None:
            yield Static(plain(self._value, 200), classes="fixed", markup=False)
        else:
            yield self.input
        yield Static(self._fixed or self._hint, classes="remark", markup=False)

    def on_mount(self) -> None:
        """Keep an idle screen silent."""
        if self.input is not None:
            self.input.cursor_blink = False

    @on(FieldInput.Changed)
    def mark(self, event: FieldInput.Changed) -> None:
        """Show what was there before, once something else is."""
        event.stop()
        changed = self.typed is not None
        if changed != self.has_class("-changed"):
            self.set_class(changed, "-changed")
            name = plain(self.column, 18)
            self.query_one(".name", Static).update(f"• {name}" if changed else name)
            was = f"was {plain(self._value, 40)}" if self._value else "was empty"
            self.remark(was if changed else "")
        self.post_message(self.Typed())

    def remark(self, text: str, *, wrong: bool = False) -> None:
        """Say something of this column; '' says again what it takes."""
        self.query_one(".remark", Static).update(plain(text or self._fixed or self._hint, 120))
        self.set_class(wrong, "-wrong")
