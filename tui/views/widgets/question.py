"""Where one asks: the prompt, the input, a line of messages, and the list of matches."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Key as KeyEvent
from textual.events import Paste
from textual.message import Message
from textual.widgets import Input, OptionList, Static

from tui.models import Key, SearchResult
from tui.models.history import History
from tui.runtime.plain_text import JOINERS, plain
from tui.views.widgets.actions import bindings_of, with_keys
from tui.views.widgets.frame import ALONE_CELLS, BETWEEN_PARTS, Framed
from tui.views.widgets.key_footer import fitting_whole, keys_content

if TYPE_CHECKING:
    from tui.views.widgets.suggestions import Suggestions

MOST_PASTED = 200
"""How many lines of one paste are looked up."""
WANTED = "{wanted}"
MESSAGE_CHARACTERS = 300
PADDING_CELLS = 2
"""Beside a message that has a line of its own."""


def typeable(text: str) -> str:
    """Return `text` without the characters that nobody types, and that a terminal may obey."""
    return "".join(c for c in text if c.isprintable() or c in JOINERS)


class PlainInput(Input):
    """One line to type into."""

    def validate_value(self, value: str) -> str:
        """Take no character that a terminal would obey, as a paste may bring it."""
        return typeable(value)

    async def on_key(self, event: KeyEvent) -> None:
        """Do at once what a key of this widget's own means.

        Textual runs a binding only after the key has bubbled up to the app. By then it has
        typed what came behind the key: `1`, enter, `2` in one packet would look up 12.
        """
        active = self.screen.active_bindings.get(event.key)
        action = None
        if active is not None and active.node is self and active.enabled:
            action = active.binding.action
        elif self.screen.focused is not self:
            # A key right behind this one has moved the focus on; this one was still for here.
            own = bindings_of(self).key_to_bindings.get(event.key)
            action = own[0].action if own else None
        if action is not None:
            event.stop().prevent_default()
            await self.run_action(action)


class QuestionInput(PlainInput):
    """One line to type into; arrows go to the list of matches, esc leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "choose(1)", "Next match", id="input.down", show=False,
                tooltip="choose the next match; without a list, go on to what is below"),
        Binding("up", "choose(-1)", "Asked before", id="input.up", show=False,
                tooltip="choose the match before; without a list, what was asked before"),
        Binding("enter", "submit", "Look up", id="input.submit",
                tooltip="take what was typed, or the chosen match"),
        Binding("escape", "leave", "Leave", id="input.leave",
                tooltip="close the list of matches; then go to what is below"),
    ]  # fmt: skip

    class Choose(Message):
        """Another match is to be chosen."""

        def __init__(self, step: int) -> None:
            """+1 is the next, -1 the one before."""
            super().__init__()
            self.step = step

    class Leave(Message):
        """Esc was pressed."""

    class Left(Message):
        """Something else has the focus."""

    class PastedLines(Message):
        """Several lines were pasted."""

        def __init__(self, lines: list[str]) -> None:
            """These, without the blank ones."""
            super().__init__()
            self.lines = lines

    async def on_key(self, event: KeyEvent) -> None:
        """Let a `/` where nothing stands be the key that leads here, pressed once too often."""
        if event.character == "/" and self.selected_text == self.value:
            event.stop().prevent_default()

    def on_blur(self) -> None:
        """Say that something else has the focus."""
        self.post_message(self.Left())

    def on_paste(self, event: Paste) -> None:
        """Take one line as text; several are several questions."""
        lines = [self.validate_value(line) for line in event.text.splitlines() if line.strip()]
        if len(lines) > 1:
            event.stop().prevent_default()
            self.post_message(self.PastedLines(lines))

    async def action_submit(self) -> None:
        """Ask; the text stays, selected, so that typing replaces it."""
        await super().action_submit()
        self.select_all()

    def action_choose(self, step: int) -> None:
        """Ask for the next match, or the one before."""
        self.post_message(self.Choose(step))

    def action_leave(self) -> None:
        """Say that esc was pressed."""
        self.post_message(self.Leave())


class Question(Framed):
    """Asks for a record: what was typed, or the match that was chosen for it."""

    DEFAULT_CSS = """
    Question {
        height: 3;
        layers: base above;
        border: round $frame;

        Horizontal { height: 1; }
        #prompt { width: auto; padding: 0 1; color: $here; text-style: bold; }
        QuestionInput, QuestionInput:focus {
            height: 1; border: none; padding: 0 1 0 0; background: $background;
        }
        #message {
            display: none;
            height: 1; padding: 0 1; color: $muted;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        #message.-problem { color: $outcome-warning; }
    }
    """

    input = getters.query_one(QuestionInput)

    class Changed(Message):
        """Something else stands in the input."""

        def __init__(self, text: str) -> None:
            """This text."""
            super().__init__()
            self.text = text

    class Asked(Message):
        """A record is to be looked up."""

        def __init__(self, text: str, id: Key | None) -> None:
            """The text that was typed, and the key of the match that was chosen for it."""
            super().__init__()
            self.text = text
            self.id = id

    class Cut(Message):
        """A paste was too long."""

        def __init__(self, taken: int, lines: int) -> None:
            """So many of its lines were taken."""
            super().__init__()
            self.taken = taken
            self.lines = lines

    class Left(Message):
        """The input is no longer wanted."""

    def __init__(
        self, welcome: str, history: History, *, title: str = "look up", wanted: str = ""
    ) -> None:
        """Show `welcome`, with the keys it names, where there is nothing else to say.

        What is `wanted` stands in it for `{wanted}`, as it is: it comes from the table.

        What is asked is added to `history`.
        """
        super().__init__()
        self.entitle(title)
        self._history = history
        self._back = 0
        self._typed = ""
        self._pattern, self._wanted = welcome, wanted
        self._welcome = self._said = ""
        self._keys: Sequence[tuple[str, str]] = ()
        self._rests = True
        """Whether there is nothing else to say."""
        self._is_of_matches = False
        """Whether the message is about matches."""
        self._message = Static(id="message", markup=False)

    def compose(self) -> ComposeResult:
        """Put the line to type into above the messages."""
        with Horizontal():
            yield Static("›", id="prompt", markup=False)
            yield QuestionInput(select_on_focus=True)
        yield self._message

    def on_mount(self) -> None:
        """Keep an idle screen silent."""
        self.input.cursor_blink = False
        self.want(self._wanted)

    @cached_property
    def suggestions(self) -> "Suggestions":
        """The list of matches, which is mounted when there are some."""
        from tui.views.widgets.suggestions import Suggestions  # not for the first paint

        return Suggestions()

    @property
    def has_matches(self) -> bool:
        """Whether the list is open."""
        return "suggestions" in vars(self) and self.suggestions.display

    @property
    def said(self) -> str:
        """The message that is shown."""
        return self._said

    @property
    def text(self) -> str:
        """What stands in the input."""
        return self.input.value

    def want(self, wanted: str) -> None:
        """Say from now on that this is wanted, in the place of what the welcome said."""
        self._wanted = wanted
        self._welcome = with_keys(self, self._pattern).replace(WANTED, wanted)
        self._rest()

    def name_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """Name these keys in the place of the welcome: elsewhere they have no room for it."""
        self._keys = keys
        self._rest()

    @property
    def room(self) -> int:
        """How many cells a message may have."""
        framed = bool(self.styles.border_left[0])
        return self.outer_size.width - (ALONE_CELLS if framed else PADDING_CELLS)

    @property
    def _resting(self) -> Content:
        """The welcome and the keys, or the keys alone where both have no room."""
        welcome = Content.styled(self._welcome, "$muted")
        named = keys_content(fitting_whole(self._keys, self.room))
        if not named.cell_length:
            return welcome
        both = Content.assemble(welcome, "  ", named)
        return both if both.cell_length <= self.room else named

    def _rest(self) -> None:
        """Show what stands there where there is nothing else to say, unless there is."""
        if self._rests:
            self.say("")

    def on_resize(self) -> None:
        """Name as many keys as there is room for."""
        super().on_resize()
        if self._keys:
            self._rest()

    def say(self, text: str, *, problem: bool = False) -> None:
        """Show a message; an empty one brings the welcome back, or keys."""
        self._is_of_matches = False
        self._rests = not text
        # Of ours are the signs between the parts of a message, which no escape is to stand for.
        shown = BETWEEN_PARTS.join(
            plain(part, MESSAGE_CHARACTERS) for part in text.split(BETWEEN_PARTS)
        )
        content = Content.styled(shown, "$outcome-warning" if problem else "$muted")
        content = self._resting if self._rests else content
        self._said = content.plain
        self.note(content)
        self._message.update(content, layout=False)
        self._message.set_class(problem, "-problem")

    def found(self, result: SearchResult, verb: str) -> str:
        """Give how many matches there are, and by which keys one is chosen; enter `verb`."""
        count = f"{len(result.matches)}{'+' if result.more else ''}"
        ways = with_keys(self, "{input.up} {input.down} choose · {input.submit}")
        return f"{count} found · {ways} {verb}"

    def tell_matches(self, text: str, *, problem: bool = False) -> None:
        """Say what came of a search, as long as that text stands there."""
        self.say(text, problem=problem)
        self._is_of_matches = True

    def suggest(self, result: SearchResult) -> None:
        """Open the list with the matches, unless the text has changed since."""
        if result.text != self.text or not self.is_attached:
            return
        if result.matches and not self.suggestions.is_attached:
            self.mount(self.suggestions)
        if self.suggestions.is_attached:
            self.suggestions.show(result)

    def close_suggestions(self) -> None:
        """Close the list, and take back what was said of matches."""
        if self.has_matches:
            self.suggestions.display = False
        if self._is_of_matches:
            self.say("")

    @on(Input.Changed)
    def changed(self, event: Input.Changed) -> None:
        """Tell what is typed."""
        event.stop()
        self._back = 0
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Ask for the chosen match of what was typed, or for the text itself."""
        event.stop()
        self._ask(event.value)

    @on(OptionList.OptionSelected)
    def clicked(self, event: OptionList.OptionSelected) -> None:
        """Ask for the match that the mouse has chosen."""
        event.stop()
        self._ask(self.text)
        self.input.select_all()

    @on(QuestionInput.Choose)
    def choose(self, event: QuestionInput.Choose) -> None:
        """Move in the list; without one, in what was asked before, or down out of the input."""
        event.stop()
        if self.has_matches:
            self.suggestions.choose(event.step)
        elif event.step < 0 or self._back:
            self._recall(self._back - event.step)
        else:
            self.post_message(self.Left())

    @on(QuestionInput.PastedLines)
    def pasted(self, event: QuestionInput.PastedLines) -> None:
        """Ask for each line of a paste, in order."""
        event.stop()
        self.close_suggestions()
        lines = event.lines[:MOST_PASTED]
        for line in lines:
            self.remember(line)
            self.post_message(self.Asked(line, None))
        if len(event.lines) > len(lines):
            self.post_message(self.Cut(len(lines), len(event.lines)))

    @on(QuestionInput.Left)
    def fold(self, event: QuestionInput.Left) -> None:
        """Close the list: the letters are keys by now."""
        event.stop()
        self.close_suggestions()

    @on(QuestionInput.Leave)
    def leave(self, event: QuestionInput.Leave) -> None:
        """Close the list first, then leave the input."""
        event.stop()
        if self.has_matches:
            self.close_suggestions()
        else:
            self.post_message(self.Left())

    def remember(self, text: str) -> None:
        """Note that this was asked."""
        self._back = 0
        self._history.remember(text)

    def _recall(self, back: int) -> None:
        """Put in what was asked so many questions ago; 0 is what was being typed."""
        if not self._back:
            self._typed = self.text
        if back > len(self._history):
            return
        self._back = back
        with self.prevent(Input.Changed):
            self.input.value = self._history.back(back) if back else self._typed
        self.input.cursor_position = len(self.input.value)

    def _ask(self, text: str) -> None:
        """Ask; a list that belongs to another text has nothing to say about this one."""
        self.remember(text)
        fits = self.has_matches and self.suggestions.result.text == text
        chosen = self.suggestions.chosen if fits else None
        self.post_message(self.Asked(text, None if chosen is None else chosen.id))
        self.close_suggestions()
