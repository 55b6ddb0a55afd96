"""What is seen in the Lab beside its lists: a load's panels, a scenario, or how it begins."""

from textual import getters
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui.controllers.lab import PARAMETERS, Played
from tui.lab.cliff import Cliff
from tui.views.widgets.actions import with_keys
from tui.views.widgets.cliff_charts import CliffCharts
from tui.views.widgets.curves import Curves
from tui.views.widgets.lab_texts import WELCOME, brief_of, welcome_content
from tui.views.widgets.load_charts import LoadView
from tui.views.widgets.panels import Panel
from tui.views.widgets.scenario_charts import (
    progress_content,
    scenario_content,
    verdict_content,
)

USUAL_WIDTH = 80
"""Below so many columns a frame has no room for a sentence."""


class LabSeen(Vertical):
    """One of: the charts of a load, a scenario in a panel, the cliff's charts.

    Where the terminal is too small for panels, a few lines.
    """

    curves = getters.query_one(Curves)
    panel = getters.query_one("#scenario", Panel)
    cliff = getters.query_one(CliffCharts)

    _scenario = ""
    """What is in the panel, as far down as somebody has scrolled."""

    def compose(self) -> ComposeResult:
        """Have all of them there, and show one."""
        yield Curves()
        yield Panel("the Lab", id="scenario")
        yield CliffCharts(id="cliff")
        yield Static(id="brief", markup=False)

    def fit(self, *, low: bool, tall: bool) -> None:
        """Show less where there are few rows, and more where there are many."""
        self.curves.set_class(low, "-low")
        self.curves.set_class(tall, "-tall")
        self.set_class(low, "-low")

    def show_load(self, view: LoadView) -> None:
        """Show a load as far as it has come."""
        self._have(self.curves, brief_of(view, None))
        self.curves.show(view)

    def show_welcome(self, added: str) -> None:
        """Show what can be done, and what is `added` to the database's time."""
        keys = [(with_keys(self, key), what) for key, what in WELCOME]
        self._have(self.panel, Content(""))
        self._scenario = ""
        self.panel.entitle("the Lab")
        self.panel.tell(Content.styled("nothing has run yet", "$muted not bold"))
        self.panel.note("")
        self.panel.show(lambda width: welcome_content(keys, added, width))

    def show_played(self, played: Played, progress: float | None) -> None:
        """Show a scenario; `progress` is the share that is over, 0 to 1, while it plays."""
        note = _note(played) if progress is None else progress_content(
            progress, len(played.sides), played.scenario.SIDES
        )  # fmt: skip
        if isinstance(note, str):
            note = Content.styled(with_keys(self, note), "$muted")
        brief = brief_of(None, played)
        if played.sides and isinstance(played.scenario, Cliff) and not self.has_class("-low"):
            self._have(self.cliff, brief)
            self.cliff.show(played, note)
            return
        self._have(self.panel, brief)
        panel, playing = self.panel, progress is not None
        hint = "playing ..." if playing else with_keys(self, "{lab.open} plays it")
        panel.entitle(played.scenario.TITLE)
        short = self.app.size.width < USUAL_WIDTH
        verdict = played.verdict
        panel.tell("" if verdict is None else verdict_content(verdict, short=short))
        panel.note(note)
        show = panel.renew if self._scenario == played.scenario.NAME else panel.show
        self._scenario = played.scenario.NAME
        show(lambda width: scenario_content(played, hint, width, panel.size.height))

    def _have(self, one: Curves | Panel | CliffCharts, brief: Content) -> None:
        for each in (self.curves, self.panel, self.cliff):
            each.set_class(each is one, "-shown")
        self.query_one("#brief", Static).update(brief)


def _note(played: Played) -> str:
    """Return how a scenario is played, or set; actions stand for their keys."""
    scenario = played.scenario
    key = "{lab.stampede}" if scenario.NAME == "stampede" else "{lab.open}"
    how = f"{key} again" if played.sides else f"{key} plays it"
    if scenario.NAME in PARAMETERS:
        how += f" · {{lab.more}} {{lab.less}} {PARAMETERS[scenario.NAME][0]}"
    return how
