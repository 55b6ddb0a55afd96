"""The Lab screen: a load that is set while it runs, and the scenarios."""

from collections.abc import Iterator
from contextlib import aclosing
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tui.controllers.lab import LabController, Played
from tui.lab.samples import FASTER
from tui.lab.side_by_side import side_by_side
from tui.runtime.errors import ExperimentFailed
from tui.runtime.plain_text import plain
from tui.views.widgets.actions import with_keys
from tui.views.widgets.curves import Curves
from tui.views.widgets.explorer_screen import ExplorerScreen
from tui.views.widgets.lab_list import LabList, LabRow
from tui.views.widgets.panels import Panel

SCROLLBAR = 1
WELCOME = (
    "{lab.run} runs a load: readers that ask for records through a service of their own, under"
    " keys of their own (hitmiss:lab:...). {lab.more} and {lab.less} set what is under the"
    " cursor, also while it runs. {lab.open} on a scenario plays it; {lab.stampede} plays the"
    " stampede."
)


class LabScreen(ExplorerScreen):
    """The list of what can be set and run, beside what is seen of it."""

    CSS_PATH = "lab.tcss"
    NAME = "Lab"
    WRITES = frozenset({"run", "step", "open", "stampede", "stop"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "run", "Load", id="lab.run",
                tooltip="run the load; again: stop it"),
        Binding("plus,right", "step(1)", "More", key_display="+", id="lab.more",
                tooltip="more of what is under the cursor, also while the load runs"),
        Binding("minus,left", "step(-1)", "Less", key_display="-", id="lab.less",
                tooltip="less of what is under the cursor"),
        Binding("s", "stampede", "Stampede", id="lab.stampede",
                tooltip="many callers on one cold key, unprotected and protected"),
        Binding("escape", "stop", "Stop", id="lab.stop",
                tooltip="stop the load or the scenario"),
    ]  # fmt: skip

    entries = getters.query_one(LabList)
    curves = getters.query_one(Curves)
    panel = getters.query_one("#scenario", Panel)

    def __init__(self, controller: LabController) -> None:
        """Work through `controller`."""
        super().__init__(controller.session)
        self._controller = controller
        self._doing = ""
        self._played: dict[str, Played] = {}

    def compose_body(self) -> ComposeResult:
        """Lay the list out beside what is seen; or the reason why there is no Lab."""
        yield Static(id="message", markup=False)
        if self._controller.refusal is not None:
            yield Static(self._controller.refusal, id="refusal", markup=False)
            return
        with Horizontal(id="lab"):
            yield LabList()
            yield Curves()
            yield Panel("scenario", id="scenario")

    def on_mount(self) -> None:
        """Begin with the list."""
        if self._controller.refusal is None:
            self._show_list()
            self._show_load()
            self.entries.focus()

    def on_screen_resume(self) -> None:
        """Show how it is by now."""
        self._paint()

    def say(self, text: str, *, problem: bool = False) -> None:
        """Tell it in the line under the title."""
        if self.is_laid_out:
            content = Content.styled(plain(text), "$outcome-warning" if problem else "")
            self.query_one("#message", Static).update(content, layout=False)

    def tick(self) -> None:
        """Let the load have the faults that were switched meanwhile."""
        self._controller.pass_faults()

    def hold(self, held: bool) -> None:
        """Show, once it goes on, what came meanwhile."""
        if not held:
            self.call_later(self._paint)

    @on(LabList.Moved, "LabList")
    def explain(self) -> None:
        """Say what the row under the cursor is, and show what was seen of it."""
        row = self.entries.selected
        if row is not None:
            self.say(row.what)
            self._paint()

    @on(LabList.Opened, "LabList")
    def run_row(self) -> None:
        """Play the scenario under the cursor; run the load from any other row."""
        scenario = self._scenario
        if scenario is None:
            self.action_run()
        else:
            self._start(scenario)

    def action_run(self) -> None:
        """Run the load, or stop it."""
        if self._controller.loading:
            self.action_stop()
        else:
            self._start(None)

    def action_stampede(self) -> None:
        """Play the stampede."""
        self._start("stampede")

    def action_stop(self) -> None:
        """Stop what is under way."""
        self._controller.stop()

    def action_step(self, direction: int) -> None:
        """Set what is under the cursor one step further."""
        row = self.entries.selected
        if row is None:
            return
        if row.ladder is not None:
            self._controller.step(row.ladder, direction)
        elif row.scenario is not None:
            self._controller.step_scenario(row.scenario, direction)
            if self._controller.playing != row.scenario:
                self._played.pop(row.scenario, None)  # it was of another number
        self._paint()

    @property
    def _scenario(self) -> str | None:
        """The name of the scenario under the cursor; None on the load and its controls."""
        row = self.entries.selected
        return None if row is None else row.scenario

    def _start(self, scenario: str | None) -> None:
        """Begin, when a person agrees to what it does to a cache that others use too."""
        controller = self._controller
        if controller.running:
            self.say(with_keys(self, "one thing at a time: {lab.stop} stops it"), problem=True)
            return

        def begin() -> None:
            controller.allowed = True
            self.say("")
            self._go_to(scenario)
            self._run_it(scenario)

        if controller.allowed:
            begin()
        else:
            self.post_message(self.Sure(controller.question, begin))

    def _go_to(self, scenario: str | None) -> None:
        """Put the cursor where what is going to be seen belongs."""
        if scenario != self._scenario:
            rows = [row.scenario for row in self._rows()]
            self.entries.cursor = rows.index(scenario)

    @work(group="experiment")
    async def _run_it(self, scenario: str | None) -> None:
        """Show a load or a scenario from its beginning to its end."""
        self._doing = "starting"
        self._paint()
        try:
            if scenario is None:
                await self._follow_load()
            else:
                await self._follow(scenario)
        except ExperimentFailed as error:
            self.say(plain(str(error)), problem=True)
        finally:
            self._doing = ""
        self._paint()

    async def _follow_load(self) -> None:
        async with aclosing(self._controller.load()) as seconds:
            async for problem in seconds:
                self._doing = "running"
                if problem:
                    self.say(plain(problem), problem=True)
                self._paint()

    async def _follow(self, name: str) -> None:
        async with aclosing(self._controller.play(name)) as steps:
            async for played in steps:
                self._doing = "playing"
                self._played[name] = played
                self._paint()

    def _paint(self) -> None:
        """Show how far things are, unless the display is held still."""
        if self.paused or not self.is_laid_out or self._controller.refusal is not None:
            return
        self._show_list()
        scenario = self._scenario
        self.curves.display, self.panel.display = scenario is None, scenario is not None
        if scenario is None:
            self._show_load()
        else:
            self._show_played(
                self._played.get(scenario) or Played(self._controller.scenario(scenario))
            )

    def _show_list(self) -> None:
        self.entries.show(list(self._rows()))

    def _rows(self) -> Iterator[LabRow]:
        controller = self._controller
        doing = self._doing if controller.playing is None else ""
        seconds = f" {controller.samples[-1].end:.0f} s" if controller.samples else ""
        state = f"{doing}{seconds if doing == 'running' else ''}" or "stopped"
        what = with_keys(self, "readers and writers; {lab.run} runs and stops them")
        yield LabRow("load", state, what, family="hit" if doing else "muted")
        for ladder in controller.ladders:
            value = ladder.value(controller.controls)
            yield LabRow(ladder.name, value, ladder.what, ladder=ladder)
        plays = with_keys(self, "{lab.open} plays it")
        sets = with_keys(self, ", {lab.more} and {lab.less} set how many")
        for scenario in controller.scenarios:
            name = scenario.NAME
            playing = controller.playing == name
            chosen = controller.parameter(name)
            value = self._doing if playing else chosen
            how = f"{plays}{sets if chosen else ''}"
            family = "hit" if playing else ""
            yield LabRow(scenario.TITLE, value, how, scenario=name, family=family)

    def _show_load(self) -> None:
        controller = self._controller
        delay = controller.controls.delay
        remark = f"the Lab adds {delay * 1000:g} ms to the database" if delay else FASTER
        if not controller.samples:
            remark = f"{with_keys(self, WELCOME)}\n\n{remark}"
        self.curves.show(controller.samples, controller.total, remark)

    def _show_played(self, played: Played) -> None:
        scenario = played.scenario
        playing = self._controller.playing == scenario.NAME
        hint = with_keys(self, "{lab.open} plays it") if not playing else "playing ..."

        def content(width: int) -> Content:
            lines = list(side_by_side(played.sides, width - SCROLLBAR))
            parts = [
                Content(scenario.before),
                Content.styled(played.after or hint, "bold"),
                Content("\n".join(lines)),
            ]
            return Content("\n\n").join(part for part in parts if part.plain)

        self.panel.entitle(scenario.TITLE)
        self.panel.show(content)
