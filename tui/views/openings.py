"""How each screen and dialog is opened: with its controller, and when it is wanted first.

They are imported here only then: the first paint waits for less.
"""

from textual import on, work
from textual.screen import Screen

from tui.controllers.lookup import LookupController
from tui.controllers.session import Session
from tui.runtime.clock import Clock
from tui.runtime.errors import HitmissError
from tui.views.widgets.actions import Elsewhere, actions_of, actions_of_screen
from tui.views.widgets.crash_ending import EndsByCrash
from tui.views.widgets.explorer_screen import ExplorerScreen


class OpensScreens(EndsByCrash):
    """Opens the dialogs that a screen asks for, over that screen."""

    _session: Session

    @on(ExplorerScreen.DetailWanted)
    def show_detail(self, event: ExplorerScreen.DetailWanted) -> None:
        """Show the whole of an outcome."""
        from tui.views.screens.detail import DetailScreen

        self.push_screen(DetailScreen(event.outcome, self._session.faults))

    @on(ExplorerScreen.Sure)
    def ask(self, event: ExplorerScreen.Sure) -> None:
        """Ask whether a person is sure."""
        from tui.views.screens.confirm import ConfirmScreen

        def answered(yes: bool | None) -> None:
            if yes:
                event.then()
            elif isinstance(below, ExplorerScreen):
                below.say("left as it was")

        below = self.screen
        self.push_screen(ConfirmScreen(event.question), answered)

    @on(ExplorerScreen.EditWanted)
    def edit(self, event: ExplorerScreen.EditWanted) -> None:
        """Open the form, and tell the screen below what came of it."""
        from tui.controllers.edit import EditController
        from tui.views.screens.edit import EditScreen

        below = self.screen
        if isinstance(below, EditScreen):
            return  # the key was pressed twice

        def written(said: str | None) -> None:
            if isinstance(below, ExplorerScreen):
                if said is not None:
                    below.say_written(said)
                below.record_changed(event.id)  # perhaps by somebody else, as the form saw

        self.push_screen(EditScreen(EditController(self._session, event.id)), written)

    @on(ExplorerScreen.UndoWanted)
    @work(group="undo")
    async def undo(self) -> None:
        """Take the latest change back, and tell the screen in front what came of it."""
        from tui.controllers.undo import UndoController
        from tui.models.sentences import told_of_undo

        screen, wanted = self.screen, self._session.undoable
        if not isinstance(screen, ExplorerScreen):
            return
        try:
            change, result = await UndoController(self._session).undo()
        except HitmissError as error:
            screen.say(str(error), problem=True)
        else:
            screen.say(told_of_undo(change, result), problem=not result.found)
        if wanted is not None:
            screen.record_changed(wanted.id)
        screen.show_status()

    @on(ExplorerScreen.FaultsWanted)
    def show_faults(self) -> None:
        """Show the faults' switches."""
        from tui.controllers.faults import FaultsController
        from tui.views.screens.faults import FaultsScreen

        self.push_screen(FaultsScreen(FaultsController(self._session)))

    @on(ExplorerScreen.HelpWanted)
    def show_help(self, event: ExplorerScreen.HelpWanted) -> None:
        """Explain every key that the screen offers, whatever has the focus."""
        from tui.views.screens.help import HelpScreen, help_groups

        screen = self.screen
        hidden = screen.hidden if isinstance(screen, ExplorerScreen) else ()
        nodes = [screen, *screen.query("*"), *hidden, self]
        found = (action for node in nodes for action in actions_of(node))
        explained = [one for one in found if one.name not in event.absent]
        groups = help_groups(
            self.current_mode.capitalize(), explained, self.elsewhere(self.screen)
        )
        own = (one for one in explained if one.id.partition(".")[0] == self.current_mode)
        named = {one.binding.description: one.keys.split(" ")[0] for one in own}
        names = [(key, name) for name, key in named.items()]
        self.push_screen(HelpScreen(groups, names, event.words, self._session.faults))

    def elsewhere(self, below: Screen[object]) -> list[Elsewhere]:
        """Give what can be done on other screens than the one `below`; nothing in a dialog."""
        from tui.views.screens.cache import CacheScreen
        from tui.views.screens.compare import CompareScreen
        from tui.views.screens.lab import LabScreen
        from tui.views.screens.lookup import LookupScreen

        if not isinstance(below, ExplorerScreen):
            return []
        read_only = self._session.read_only
        screens: list[type[ExplorerScreen]] = [LookupScreen, CacheScreen, CompareScreen]
        screens += [] if read_only else [LabScreen]
        return [
            action
            for screen in screens
            if not isinstance(below, screen)
            for action in actions_of_screen(
                self, screen.NAME, screen.BINDINGS, screen.WRITES if read_only else ()
            )
        ]

    async def do_elsewhere(self, action: Elsewhere) -> None:
        """Go to the screen of that action, and do it."""
        await self.switch_mode(action.screen.lower())
        await self.run_action(action.binding.action, default_namespace=self.screen)


def cache_screen(session: Session, clock: Clock) -> Screen[None]:
    """Return the screen of what is cached."""
    from tui.controllers.cached_keys import CachedKeysController
    from tui.views.screens.cache import CacheScreen

    return CacheScreen(CachedKeysController(session, clock), clock)


def compare_screen(session: Session, clock: Clock, lookups: LookupController) -> Screen[None]:
    """Return the screen of copies beside their rows."""
    from tui.controllers.compare import CompareController
    from tui.views.screens.compare import CompareScreen

    return CompareScreen(CompareController(session, clock), lookups)


def lab_screen(session: Session, clock: Clock) -> Screen[None]:
    """Return the screen of the Lab."""
    from tui.controllers.lab import LabController
    from tui.views.screens.lab import LabScreen

    return LabScreen(LabController(session, clock))
