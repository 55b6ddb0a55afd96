"""The Textual app: its theme, its keys, its first screen; no logic of its own."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType, Keymap
from textual.command import CommandPalette, Provider
from textual.driver import Driver
from textual.events import Event, Key, Paste
from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from tui.config.state import KeptState
from tui.controllers.lookup import LookupController
from tui.controllers.session import Session
from tui.runtime.clock import Clock
from tui.runtime.errors import OutputFailed
from tui.runtime.glyphs import KEYS_IN_ASCII
from tui.runtime.plain_text import SPELLING, plain
from tui.terminal.keyboard import CutPaste
from tui.views.openings import OpensScreens, cache_screen, compare_screen, lab_screen
from tui.views.screens.lookup import LookupScreen
from tui.views.themes import DARK, OURS, palette_of, variables_of
from tui.views.widgets.actions import actions_on
from tui.views.widgets.control_filter import without_controls
from tui.views.widgets.explorer_screen import ExplorerScreen
from tui.views.widgets.kept_rules import KeptRules
from tui.views.widgets.keys_in_turn import KeysInTurn, ReadyForKeys, told_apart

if TYPE_CHECKING:
    from textual.theme import Theme

PAINTED_WITHIN_SECONDS = 1.0
"""The first picture is waited for that long, before the services are opened."""
WRITE_SECONDS = 0.01
"""Writing it takes that long."""
QUIT_WITHIN_SECONDS = 2.0
"""How soon after the first ctrl+c a second one quits."""


def _action_search() -> type[Provider]:
    from tui.views.screens.palette import ActionSearch  # which the first paint does not need

    return ActionSearch


class Nothing(Screen[object]):
    """A screen without even what Textual puts on every one: nobody sees it, or types there."""

    takes_keys = False

    def _extend_compose(self, widgets: list[Widget]) -> None:
        """Leave it empty."""


class Explorer(OpensScreens):
    """The explorer."""

    TITLE = "hitmiss"
    CSS_PATH = Path(__file__).with_name("app.tcss")  # whatever module a subclass is in
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_action_search}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "Quit", id="app.interrupt", show=False, priority=True,
                tooltip="quit, when pressed twice"),
        Binding("ctrl+q", "quit", "Quit", id="app.quit_now", priority=True,
                tooltip="quit at once"),
        Binding("ctrl+p", "command_palette", "Actions", id="app.palette", show=False,
                priority=True, tooltip="every action, by its name or by what it does"),
        # With priority, or a dialog in front would not let them through.
        Binding("ctrl+l", "redraw", "Redraw", id="app.redraw", show=False, priority=True,
                tooltip="paint the whole screen again"),
        Binding("ctrl+z", "suspend_process", "Suspend", id="app.suspend", show=False,
                priority=True,
                tooltip="suspend to the shell; fg comes back"),
    ]  # fmt: skip

    def __init__(
        self,
        session: Session,
        clock: Clock,
        driver: type[Driver] | None = None,
        *,
        keymap: Keymap | None = None,
        start: KeptState | None = None,
        problem: str | None = None,
    ) -> None:
        """Explore what `session` opens when it is first used; the bars drain by `clock`.

        Without a `driver`, Textual's own paints the terminal. `keymap` has other keys for
        some of the bindings, by their ids; it has been checked. Screen, theme and history are
        those of `start`, as far as they are there; `problem` is told at the beginning.
        """
        self._has_theme = False
        self._theme_before: str | None = None
        self._variables: tuple[Theme, dict[str, str]] | None = None
        super().__init__(driver_class=driver)
        if os.environ.get("TERM") == "dumb":  # of it nothing is known, and so no colours
            self.no_color = True
        start = start or KeptState()
        self._problem = problem
        session.histories = dict(start.history)
        self.set_keymap(keymap or {})
        self._session = session
        lookups = LookupController(session)
        self._lookup_screen: LookupScreen | None = None

        def make_lookup_screen() -> LookupScreen:
            self._lookup_screen = LookupScreen(lookups, clock)
            return self._lookup_screen

        self.add_mode("lookup", make_lookup_screen)
        self.add_mode("cache", lambda: cache_screen(session, clock))
        self.add_mode("compare", lambda: compare_screen(session, clock, lookups))
        self.add_mode("lab", lambda: lab_screen(session, clock))
        self._disable_tooltips = True  # there are none
        self.animation_level = "none"  # each step of one is a repaint on a link that is slow
        self._typed = KeysInTurn(self, super().on_event)
        self._interrupted_at = float("-inf")
        self._is_ready = False
        self._code_when_ready: int | None = None
        for theme in OURS.values():
            self.register_theme(theme)
        self._variables, self._has_theme = None, True
        self.theme = start.theme if start.theme in self.available_themes else DARK.name
        self.stylesheet = KeptRules(variables=self.get_css_variables())
        self._first = start.screen if start.screen in self._modes else "lookup"
        self._started_with = (self.theme, session.ttl)
        self.left: KeptState | None = None
        """What is to be kept, once it has been left."""

    def get_default_screen(self) -> Screen[object]:
        """Give what stands there until the first of ours does."""
        return Nothing()

    async def on_event(self, event: Event) -> None:
        """Take what is typed in turn; only what ends the explorer waits for nothing."""
        if isinstance(event, CutPaste):
            self.warn("a part of the paste is missing: it is too long, or its end did not come")
        if not isinstance(event, Key | Paste) or event.is_forwarded or self._ends(event):
            await super().on_event(event)
        else:
            for typed in told_apart(event, self.screen.active_bindings):
                await self._typed.take(typed)

    @property
    def is_taking_keys(self) -> bool:
        """Whether something that was typed has not done its work yet."""
        return self._typed.is_busy

    @property
    def typed_ahead(self) -> int:
        """How much waits of what was typed and told; asked by the thread that reads."""
        return self.message_queue_size + self._typed.count

    def _ends(self, event: Key | Paste) -> bool:
        if isinstance(event, Paste):
            return False
        active = self.screen.active_bindings.get(event.key)
        return active is not None and active.binding.action in {"interrupt", "quit"}

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Give what every line goes through: without controls, and colours where unwanted.

        Textual itself would make greys of them, which are colour codes too.
        """
        filters = super().get_line_filters()
        without = [one for one in filters if not isinstance(one, Monochrome | NoColor)]
        if self.no_color:
            from tui.views.widgets.colour_filter import without_colours

            filters = [*without, without_colours(palette_of(self.current_theme))]
        elif self.console.color_system == "standard" and not self.is_headless:
            from tui.views.widgets.sixteen_filter import in_sixteen

            filters = [*without, in_sixteen(palette_of(self.current_theme))]
        if SPELLING.ascii:
            from tui.views.widgets.ascii_filter import AS_ASCII

            filters = [*filters, AS_ASCII]
        return [without_controls(*filters)]

    def get_key_display(self, binding: Binding) -> str:
        """Give a key as it is shown; by its name where its sign cannot be."""
        shown = super().get_key_display(binding)
        return KEYS_IN_ASCII.get(shown, shown) if SPELLING.ascii else shown

    def get_css_variables(self) -> dict[str, str]:
        """Give the theme's variables, which Textual would work out anew each time it asks."""
        if not self._has_theme:  # these are for a stylesheet that gives way to ours
            return {}
        theme = self.current_theme
        if self._variables is None or self._variables[0] is not theme:
            variables = super().get_css_variables()
            if self._has_theme and theme.name not in OURS:  # of theirs not all can be read
                palette = palette_of(theme)
                variables |= {**variables_of(palette), "foreground": palette.text}
                self.theme_variables = variables
            self._variables = theme, variables
        return dict(self._variables[1])

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give every theme the colours of our roles that can be read on it."""
        if not self._has_theme:  # Textual asks for those of its own before there is one of ours
            return {}
        return variables_of(palette_of(self.current_theme))

    def action_suspend_process(self) -> None:
        """Suspend to the shell, with whatever started this: make, or a script.

        Stopping this process alone would leave its parents in front of the terminal. The
        terminal is given back before anybody stops: afterwards it belongs to the shell.
        """
        if self._driver is None or not self._driver.can_suspend:
            return
        with self.suspend():
            before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            os.kill(0, signal.SIGTSTP)
            signal.signal(signal.SIGTSTP, before)  # here after fg
        self.call_later(self.action_redraw)

    async def on_mount(self) -> None:
        """Show the first screen, and open the services after it has been painted.

        As DEFAULT_MODE the screen would be mounted before it is on the stack where tasks are
        eager (Textual makes them so from Python 3.12 on), and that fails.
        """
        await self.switch_mode(self._first)
        self.screen.call_after_refresh(self._connect)
        # After a suspension the terminal shows what the shell left there.
        self.app_resume_signal.subscribe(self, lambda _: self.call_later(self.action_redraw))

    def delay_update(self, delay: float = 0.05) -> None:
        """Show nothing for a moment, in which a screen is put together; not the first one."""
        if self.screen_stack and isinstance(self.screen, ExplorerScreen):
            super().delay_update(delay)

    @work(group="connect")
    async def _connect(self) -> None:
        first = self.screen
        if isinstance(first, ExplorerScreen):  # importing would hold up what shows the screen
            with suppress(TimeoutError):
                async with asyncio.timeout(PAINTED_WITHIN_SECONDS):
                    await first.painted.wait()
            await asyncio.sleep(WRITE_SECONDS)
        await self._session.connect()
        if isinstance(self.screen, ExplorerScreen):
            self.screen.show_status()
            self.screen.connected()
            if self._problem is not None:
                self.screen.say(self._problem, problem=True)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Give every action of the screen and its widgets by name, for the command palette."""
        titles: set[str] = set()
        for action in actions_on(screen):
            if action.id in {"app.palette", "screen.palette"}:
                continue
            title = f"{action.binding.description} ({action.keys})"
            if title in titles:
                title = f"{title} {action.id.partition('.')[0]}"
            titles.add(title)
            yield SystemCommand(
                title,
                action.binding.tooltip,
                lambda node=action.node, name=action.binding.action: self.run_action(
                    name, default_namespace=node
                ),
            )
        yield SystemCommand("Theme", "choose the colours", self.action_change_theme)

    async def action_interrupt(self) -> None:
        """Quit on the second ctrl+c in a row."""
        now = asyncio.get_running_loop().time()
        if now - self._interrupted_at <= QUIT_WITHIN_SECONDS:
            self.exit()
        else:
            self._interrupted_at = now
            self.notify("press ctrl+c again to quit", timeout=QUIT_WITHIN_SECONDS)

    def search_themes(self) -> None:
        """Show all themes by name, in the frame of the other list."""
        from textual.theme import ThemeProvider

        from tui.views.screens.palette import ActionPalette

        self._theme_before = self.theme
        self.push_screen(
            ActionPalette(providers=[ThemeProvider], placeholder="Search for themes…")
        )

    @on(CommandPalette.OptionHighlighted)
    def try_theme(self, event: CommandPalette.OptionHighlighted) -> None:
        """Show the theme under the cursor, once somebody has gone to it."""
        # Of a list that has been left meanwhile nothing is wanted any more.
        if self._theme_before is None or not isinstance(self.screen, CommandPalette):
            return
        highlighted = event.highlighted_event
        if not (highlighted.option_index or self.screen.query_one(Input).value):
            return
        name = str(getattr(highlighted.option, "hit").text)  # noqa: B009 - no option in general
        if name in self.available_themes:
            self.theme = name

    @on(CommandPalette.Closed)
    def keep_theme(self, event: CommandPalette.Closed) -> None:
        """Take back what was only tried."""
        before, self._theme_before = self._theme_before, None
        if before is not None and not event.option_selected:
            self.theme = before

    def action_command_palette(self) -> None:
        """Show every action by name."""
        from tui.views.screens.palette import ActionPalette

        if not isinstance(self.screen, ActionPalette):
            self.push_screen(ActionPalette(id="--command-palette"))

    def action_output(self) -> None:
        """Ask what is to be written to a file, and write it."""
        from tui.views.screens.output import OutputScreen

        def answered(what: str | None) -> None:
            if what is not None:
                self._write(what)

        screen = self.screen
        with_findings = isinstance(screen, ExplorerScreen) and screen.found is not None
        self.push_screen(OutputScreen(with_findings=with_findings), answered)

    @work(group="output")
    async def _write(self, what: str) -> None:
        """Write what OutputScreen gives to a new file, and tell where it is."""
        from tui.views.export import write_findings, write_log, write_picture

        screen = self.screen
        if not isinstance(screen, ExplorerScreen):
            return
        try:
            if what == "picture":
                path = await asyncio.to_thread(write_picture, self.export_screenshot())
            elif what.startswith("findings"):
                found, form = tuple(screen.found or ()), Path(what).suffix
                path = await asyncio.to_thread(write_findings, found, form)
            else:
                outcomes = () if self._lookup_screen is None else self._lookup_screen.outcomes
                path = await asyncio.to_thread(write_log, tuple(outcomes))
        except OutputFailed as error:
            screen.say(str(error), problem=True)
        else:
            screen.say(f"written to {path}")

    def action_redraw(self) -> None:
        """Paint the whole screen again, whatever somebody else has written on it."""
        if (paint_anew := getattr(self._driver, "paint_anew", None)) is not None:
            paint_anew()
        self.screen.refresh(repaint=True, layout=True)

    @on(ExplorerScreen.RecordWanted)
    async def show_record(self, event: ExplorerScreen.RecordWanted) -> None:
        """Go to another screen, with a record."""
        from tui.views.screens.compare import CompareScreen

        await self.switch_mode(event.mode)
        screen = self.screen
        if isinstance(screen, LookupScreen):
            screen.look_up_record(event.id)
        elif isinstance(screen, CompareScreen):
            screen.compare_record(event.id)

    @on(ExplorerScreen.CopyWanted)
    @work(group="copy", exclusive=True)
    async def copy_json(self, event: ExplorerScreen.CopyWanted) -> None:
        """Copy a text to the clipboard, and tell how."""
        from tui.views.clipboard import copy

        ways = await copy(event.text, self.copy_to_clipboard)
        if not isinstance(self.screen, ExplorerScreen):
            return
        if ways:
            said = f"{event.what} was copied as {event.form}, by {' and '.join(ways)}"
            self.screen.say(said)
        else:
            size = len(event.text.encode(errors="replace"))
            self.screen.say(
                f"{size:,} bytes are more than terminals take into their clipboard",
                problem=True,
            )

    @on(ReadyForKeys)
    async def take_keys(self) -> None:
        """Let a screen have what was typed while it was being made ready."""
        await self._typed.screen_is_ready()

    def warn(self, message: str) -> None:
        """Tell a person, over whatever screen is there, what goes wrong behind it."""
        self.notify(plain(message), severity="warning", markup=False)

    def on_ready(self) -> None:
        """End now if that was asked for too early."""
        self._is_ready = True
        if self._code_when_ready is not None:
            self.exit(return_code=self._code_when_ready)

    def exit(
        self, result: None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """End; while the first screen is still being made, as soon as it stands.

        Textual ends in the midst of that too, and widgets then miss their parts. What is
        under way must show nothing more on screens that are being taken down.
        """
        if self._is_ready:
            self._session.over = True
            self.left = self._state()
            self.workers.cancel_all()
            super().exit(result, return_code, message)
        else:
            self._code_when_ready = return_code

    def _state(self) -> KeptState:
        """Give what a person has chosen here, and nothing that was only given for this run."""
        theme, ttl = self._started_with
        return KeptState(
            self.current_mode,
            None if self._session.ttl == ttl else self._session.ttl,
            None if self.theme == theme else self.theme,
            self._session.histories,
        )

    def end(self, number: int) -> None:
        """End in order because of a signal, with the exit code that shells give it."""
        self.exit(return_code=128 + number)
