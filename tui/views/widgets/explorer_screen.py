"""What every screen of the explorer has: its name among the others, status, keys, a size."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.events import Key as KeyEvent
from textual.events import Resize, ScreenResume
from textual.geometry import Region
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Input, Static

from tui.controllers.session import Session
from tui.models import Key, Outcome
from tui.models.history import History
from tui.runtime.errors import READ_ONLY
from tui.runtime.plain_text import plain
from tui.views.widgets.actions import bindings_of, with_keys
from tui.views.widgets.frame import ALONE_CELLS, BETWEEN_PARTS
from tui.views.widgets.key_footer import KeyFooter
from tui.views.widgets.keys_in_turn import ReadyForKeys
from tui.views.widgets.strips import TargetHealth, TitleStrip
from tui.views.widgets.words import ANSWERS, Words

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui.audit.results import Judgement
    from tui.views.widgets.fault_banner import FaultBanner

SCREENS = ("Lookup", "Cache", "Compare", "Lab")
TICK_SECONDS = 1.0
SMALL, TINY = (60, 16), (40, 10)
"""Below the first size the list stands alone; below the second nothing fits."""
LOW = 20
"""With fewer rows the input has no frame."""
TALL = 34
"""From this height on there is room for more than the usual."""
TOO_SMALL = "terminal too small"


class ExplorerScreen(Screen[None]):
    """A screen among the others. Who inherits from it says what stands in its midst."""

    DEFAULT_CSS = """
    ExplorerScreen {
        layers: base above;

        #too-small {
            /* Over everything, which stays where it is: so the input keeps the focus. */
            display: none;
            layer: above;
            width: 100%;
            height: 100%;
            background: $background;
        }
        &.-tiny { overflow: hidden; }
        &.-tiny #too-small { display: block; }
        &.-small Question, &.-low Question {
            height: 2;
            border: none;
            #message { display: block; }
            Suggestions { offset: 0 0; max-height: 50vh; }
        }
        &.-small Frame { border: none; }
    }
    """
    NAME: ClassVar[str] = ""
    """What it is called."""
    WRITES: ClassVar[frozenset[str]] = frozenset()
    """Its actions that change something: absent when nothing may be changed."""
    FOOTER: ClassVar[Mapping[str, str]] = {}
    """Its own actions in the footer, in order, each with a name for little room."""
    SUBMIT: ClassVar[str] = "Look up"
    """What enter does with what was typed."""
    UNDO: ClassVar[str] = ""
    """The key that takes a change back, as `with_keys` has it; '' where there is none."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Pause", id="screen.pause",
                tooltip="hold the display still; time goes on"),
        Binding("question_mark", "explain", "Help", key_display="?", id="screen.help",
                tooltip="every key, and what the words mean"),
        Binding("f1", "explain", "Help", key_display="F1", id="screen.help_anywhere",
                tooltip="the same, also while you type"),
        Binding("1", "app.switch_mode('lookup')", "Lookup", id="screen.lookup", show=False,
                tooltip="to the Lookup screen"),
        Binding("2", "app.switch_mode('cache')", "Cache", id="screen.cache", show=False,
                tooltip="to the Cache screen: all that is cached"),
        Binding("3", "app.switch_mode('compare')", "Compare", id="screen.compare", show=False,
                tooltip="to the Compare screen: cached beside stored, and the audit"),
        Binding("4", "app.switch_mode('lab')", "Lab", id="screen.lab", show=False,
                tooltip="to the Lab: loads and scenarios"),
        Binding("colon", "app.command_palette", "Actions", key_display=":", show=False,
                id="screen.palette", tooltip="every action, by its name or by what it does"),
        Binding("o", "app.output", "Output", show=False, id="screen.output",
                tooltip="export the log, the findings, or a picture of the screen to a file"),
        Binding("tab", "app.focus_next", "Next part", show=False, id="screen.next",
                tooltip="to the next part of the screen"),
        Binding("shift+tab", "app.focus_previous", "Part before", show=False,
                id="screen.previous", tooltip="to the part of the screen before"),
        Binding("f", "faults", "Faults", id="screen.faults", show=False,
                tooltip="let the cache or the database be down or slow, on purpose"),
        Binding("q", "app.quit", "Quit", id="screen.quit", tooltip="leave hitmiss"),
    ]  # fmt: skip

    class DetailWanted(Message):
        """The whole of an outcome is to be shown."""

        def __init__(self, outcome: Outcome) -> None:
            """Show this outcome."""
            super().__init__()
            self.outcome = outcome

    class HelpWanted(Message):
        """The keys are to be explained."""

        def __init__(self, absent: frozenset[str], words: Words) -> None:
            """Explain all but those of the absent actions, and the words."""
            super().__init__()
            self.absent = absent
            self.words = words

    class FaultsWanted(Message):
        """Faults are to be switched."""

    class RecordWanted(Message):
        """Another screen is to show a record."""

        def __init__(self, id: Key, mode: str) -> None:
            """Show it on the screen of that mode."""
            super().__init__()
            self.id = id
            self.mode = mode

    class EditWanted(Message):
        """A record is to be changed."""

        def __init__(self, id: Key) -> None:
            """Change this one."""
            super().__init__()
            self.id = id

    class UndoWanted(Message):
        """The latest change is to be taken back."""

    class CopyWanted(Message):
        """A text is to be copied to the clipboard."""

        def __init__(self, text: str, what: str, form: str = "JSON") -> None:
            """Copy `text`, and say that `what` was copied in that form."""
            super().__init__()
            self.text = text
            self.what = what
            self.form = form

    class Sure(Message):
        """Something that cannot be taken back is to be done, if a person says yes."""

        def __init__(self, question: str, then: Callable[[], object]) -> None:
            """Ask `question`; a yes is followed by `then`."""
            super().__init__()
            self.question = question
            self.then = then

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Stay: a second key, or the palette, means the dialog that has just been left."""
        return AwaitComplete()

    def __init__(self, session: Session) -> None:
        """Show what the session has open."""
        super().__init__()
        self.session = session
        self._held: list[Callable[[], None]] | None = None
        self.takes_keys = False
        """Whether what is typed has somewhere to go: before it does, it waits."""
        self._ways_out = ""
        self._taken_rows = 0
        self._asked_under = tuple(session.faults.on)
        """Those that were on when it was last asked how the stores do."""
        self.painted = asyncio.Event()
        """Whether there was a picture of it."""
        self._absent = self.WRITES | {"faults"} if session.read_only else frozenset()

    # Made and mounted when there is something to say: each widget more is a later first paint.

    @cached_property
    def _banner(self) -> "FaultBanner":
        from tui.views.widgets.fault_banner import FaultBanner

        return FaultBanner(self.session.faults)

    @cached_property
    def _too_small(self) -> Static:
        return Static(TOO_SMALL, id="too-small", markup=False)

    def compose(self) -> ComposeResult:
        """Put the strips around what the screen is about."""
        self._fit(*self.app.size)  # before there is anything that would be styled twice
        yield TitleStrip()
        yield from self.compose_body()
        yield KeyFooter(self.FOOTER)
        if self.has_class("-tiny"):
            yield self._too_small

    def compose_body(self) -> ComposeResult:
        """Lay out what the screen is about."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Name the screen, show how things are, and let time go on."""
        self._name_screens()
        self.show_status()
        self.set_interval(TICK_SECONDS, self._tick)
        self.takes_keys = True
        self.post_message(ReadyForKeys())

    def on_resize(self, event: Resize) -> None:
        """Leave out what a small terminal has no room for."""
        if not self.is_laid_out:
            return
        if self._fit(*event.size):
            self._restyle()
            self.call_after_refresh(self.call_after_refresh, self._keep_focus)
        self._name_screens()
        self.show_status()

    def classes_for(self, width: int, height: int) -> dict[str, bool]:
        """Give which classes of styles it has in a terminal of that size, and which not."""
        return {
            "-small": width < SMALL[0] or height < SMALL[1],
            "-tall": height >= TALL,
            "-low": height < LOW,
            "-tiny": width < TINY[0] or height < TINY[1],
        }

    def _fit(self, width: int, height: int) -> bool:
        """Take the classes of that size; tell whether they are others."""
        before = self.classes
        for name, wanted in self.classes_for(width, height - self._taken_rows).items():
            self.set_class(wanted, name, update=False)
        return self.classes != before

    def leave_rows(self, count: int) -> None:
        """Leave so many rows at the top to somebody else."""
        self._taken_rows = count
        if self._fit(*self.app.size):
            self._restyle()

    def _restyle(self) -> None:
        """Take the styles of the classes that it has by now."""
        if self.has_class("-tiny") and not self._too_small.is_attached:
            self.mount(self._too_small)
        self.update_node_styles(animate=False)

    def on_key(self, event: KeyEvent) -> None:
        """Say why a key does nothing where nothing may be changed."""
        bindings = bindings_of(self).key_to_bindings.get(event.key, ())
        if any(binding.action.partition("(")[0] in self._absent for binding in bindings):
            self.say(READ_ONLY, problem=True)

    @on(TitleStrip.Chosen)
    def go_to_screen(self, event: TitleStrip.Chosen) -> None:
        """Go to the screen whose name was clicked."""
        event.stop()
        self.app.switch_mode(event.name.lower())

    @on(KeyFooter.Unnamed)
    def name_other_keys(self, event: KeyFooter.Unnamed) -> None:
        """Name the keys for whose names the footer has no room."""
        event.stop()
        if self.is_laid_out:
            self.name_keys(event.keys)

    @on(ScreenResume)
    def show_as_it_is(self, event: ScreenResume) -> None:
        """Show how things are by now.

        Another theme has come with new rules, by which all has been styled already.
        """
        event.refresh_styles = False
        self.show_status()
        if self.is_laid_out and tuple(self.session.faults.on) != self._asked_under:
            self._asked_under = tuple(self.session.faults.on)
            self._probe(both=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take away what changes something when nothing may be changed."""
        if action == "ask":  # in an input a `/` is text
            return not isinstance(self.focused, Input)
        if action in self.WRITES and self.has_class("-tiny"):  # nobody sees what it is done to
            return False
        return action not in self._absent

    @property
    def words(self) -> Words:
        """What its words mean."""
        return {"Answers": ANSWERS}

    @property
    def found(self) -> "Sequence[Judgement] | None":
        """What an audit has found, which may be written to a file; None on other screens."""
        return None

    @property
    def home(self) -> "Widget":
        """What has the keys where nothing else has."""
        raise NotImplementedError

    @property
    def hidden(self) -> "tuple[Widget, ...]":
        """What will be there, and whose keys are explained already."""
        return ()

    @property
    def history(self) -> History:
        """What was asked on this screen."""
        return self.session.history(self.NAME.lower())

    @property
    def paused(self) -> bool:
        """Whether the display is held still."""
        return self._held is not None

    @property
    def is_laid_out(self) -> bool:
        """Whether its widgets are there: while the explorer is being left they go."""
        return not self.session.over

    def tick(self) -> None:
        """Let one second pass on the screen; not called while it is held still."""

    def hold(self, held: bool) -> None:
        """Hold still, or go on, what moves by itself."""

    def say(self, text: str, *, problem: bool = False) -> None:
        """Tell a person something, in the line for it."""
        raise NotImplementedError

    def name_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """Name these keys, and what they do, where there is room for it."""

    def connected(self) -> None:
        """Show what is known since cache and database are open."""

    def record_changed(self, id: Key) -> None:
        """Show that a record may be another one in the database by now."""

    def action_faults(self) -> None:
        """Show the faults' switches."""
        self.post_message(self.FaultsWanted())

    def action_undo(self) -> None:
        """Take the latest change back."""
        self.post_message(self.UndoWanted())

    def say_written(self, said: str) -> None:
        """Tell what was written and, where there is room, what can be done about it."""
        parts = said.split(BETWEEN_PARTS)
        if self.UNDO and self.session.undoable is not None:
            parts.append(with_keys(self, f"{self.UNDO} takes it back"))
        while len(parts) > 1 and len(BETWEEN_PARTS.join(parts)) > self.size.width - ALONE_CELLS:
            parts.pop()
        self.say(BETWEEN_PARTS.join(parts))

    def action_explain(self) -> None:
        """Explain the keys."""
        self.post_message(self.HelpWanted(self._absent, self.words))

    def action_pause(self) -> None:
        """Hold the display still, or show all that has happened meanwhile."""
        held, self._held = self._held, ([] if self._held is None else None)
        self.hold(self.paused)
        for show in held or ():
            show()
        paused = with_keys(self, "paused: {screen.pause} goes on; nothing is lost")
        self.say(paused if self.paused else "")
        self.show_status()

    def show(self, show: Callable[[], None]) -> None:
        """Do that now, or when the display goes on."""
        if self._held is None:
            show()
        else:
            self._held.append(show)

    def show_status(self) -> None:
        """Show how cache and database do, and what is out of the ordinary."""
        if not self.is_laid_out:
            return
        session = self.session
        marks = ["PAUSED"] * self.paused + ["read-only"] * session.read_only
        marks += [plain(caveat.name, 20) for caveat in session.caveats]
        place = session.place
        self.query_one(TitleStrip).show(
            (
                TargetHealth("cache", "hit", place.cache, session.cache_health),
                TargetHealth("db", "db", place.database, session.database_health),
            ),
            marks,
        )
        self._show_faults()
        self._name_keys()

    def _show_faults(self) -> None:
        session = self.session
        if "_banner" not in vars(self) and not session.is_down and not session.faults.on:
            return
        banner = self._banner
        banner.judge((("cache", session.cache_health), ("database", session.database_health)))
        if banner.is_attached:
            banner.show()
        elif banner.text:
            self.mount(banner, after=self.query_one(TitleStrip))
        if self._too_small.is_attached:
            self._too_small.update(f"{TOO_SMALL}\n{banner.text}".rstrip(), layout=False)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the ground behind the widgets, all of whose lines are alike, once."""
        return super().render_lines(Region(crop.x, crop.y, crop.width, 1)) * crop.height

    def _compositor_refresh(self) -> None:
        """Paint what has changed, and once what is to be painted whole anyway.

        In a batch Textual paints too and drops the picture, which then is not shown; and
        when a screen comes to the front it paints first what it consists of, then all of it.
        """
        if self.app._batch_count:
            self._repaint_required = True
            return
        if self._repaint_required:
            self._repaint_required = False
            self._compositor.update_widgets({self})
        super()._compositor_refresh()
        if self.is_current:
            self.painted.set()

    def _name_screens(self) -> None:
        keys = {name: with_keys(self, f"{{screen.{name.lower()}}}") for name in SCREENS}
        self.query_one(TitleStrip).name_screens(keys, self.NAME)
        first, *_, last = keys.values()
        self._ways_out = f"then {first}-{last} Screens"
        self._name_keys()

    def _name_keys(self) -> None:
        """Name the keys for what they do here, and leave out an undo of nothing."""
        names = {"input.leave": self._ways_out, "input.submit": self.SUBMIT}
        if self.UNDO:
            undoable = self.session.undoable is not None
            names[self.UNDO.strip("{}")] = "Undo" if undoable else ""
        self.query_one(KeyFooter).rename(names)

    def _tick(self) -> None:
        if self.is_current and self.is_laid_out:
            self._show_faults()
        if self._held is None and self.is_current:
            self.tick()
            probing = any(one.group == "probe" and not one.is_finished for one in self.workers)
            if self.is_laid_out and self.session.is_worth_a_probe and not probing:
                self._probe()

    @work(group="probe", exit_on_error=False)  # nobody has asked for it
    async def _probe(self, *, both: bool = False) -> None:
        await self.session.probe(both=both)
        self.show_status()

    def _keep_focus(self) -> None:
        """Give the keys to what the screen is about, when what had them was hidden."""
        focused = self.focused
        hidden = focused is None or not all(one.display for one in focused.ancestors_with_self)
        if hidden and self.is_laid_out and self.is_current:
            self.home.focus()
