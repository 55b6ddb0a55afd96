"""The Lab screen: a load that is set while it runs, and the scenarios."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from tui.controllers.lab import PARAMETERS, LabController, Played
from tui.lab.samples import FASTER
from tui.models.colours import FAMILY_GLYPHS
from tui.runtime.errors import ExperimentFailed
from tui.runtime.plain_text import plain
from tui.views.widgets.actions import with_keys
from tui.views.widgets.chart_panel import Chart
from tui.views.widgets.explorer_screen import TALL, ExplorerScreen
from tui.views.widgets.frame import ALONE_CELLS, Frame
from tui.views.widgets.key_footer import KeyFooter, fitting_whole, keys_content
from tui.views.widgets.lab_list import LabList, LabRow
from tui.views.widgets.lab_seen import LabSeen
from tui.views.widgets.lab_texts import verdicts_content, what_content
from tui.views.widgets.load_charts import LoadView
from tui.views.widgets.quantities import time_left

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui.lab.scenario import Verdict

LOW, SHORT, WIDE = 22, 25, 110
"""Below so many rows the lists and the results have only what is needed most; below so many the
rows are few; from so many columns on the lists are wider."""
LATE_SECONDS = 1.0
"""From when on a load is said to be behind its rate."""


class LabScreen(ExplorerScreen):
    """The lists of what can be set and run, beside what is seen of it."""

    CSS_PATH = "lab.tcss"
    NAME = "Lab"
    FOOTER: ClassVar[Mapping[str, str]] = {
        "lab.run": "", "lab.more": "", "lab.less": "", "lab.stampede": "", "lab.open": "",
        "screen.next": "Next", "screen.faults": "", "screen.palette": "",
    }  # fmt: skip
    WRITES = frozenset({"run", "step", "open", "stampede", "stop"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "run", "Load", id="lab.run",
                tooltip="run the load; again: stop it"),
        Binding("plus,right", "step(1)", "More", key_display="+", id="lab.more",
                tooltip="more of what is under the cursor, also while the load runs"),
        Binding("minus,left", "step(-1)", "Less", key_display="-", id="lab.less",
                tooltip="less of what is under the cursor"),
        Binding("enter", "open", "Run", id="lab.open",
                tooltip="run the load, or the scenario under the cursor"),
        Binding("s", "stampede", "Stampede", id="lab.stampede",
                tooltip="many callers on one cold key, unprotected and protected"),
        Binding("escape", "stop", "Stop", id="lab.stop",
                tooltip="from the results back to the list; there: stop the load or the"
                " scenario"),
    ]  # fmt: skip

    controls = getters.query_one("#controls", LabList)
    scenarios = getters.query_one("#plays", LabList)
    seen = getters.query_one(LabSeen)

    def __init__(self, controller: LabController) -> None:
        """Work through `controller`."""
        super().__init__(controller.session)
        self._controller = controller
        self._doing = ""
        self._under_way: str | None = None
        self._remark = ""
        self._played: dict[str, Played] = {}
        self._verdicts: dict[str, Verdict] = {}
        self._at_scenarios = False
        self._says_busy = False
        """Whether the message is that something else is under way."""

    def compose_body(self) -> ComposeResult:
        """Lay the lists out beside what is seen; or the reason why there is no Lab."""
        yield Static(id="message", markup=False)
        if self._controller.refusal is not None:
            yield Static(self._controller.refusal, id="refusal", markup=False)
            return
        with Horizontal(id="lab"):
            with Vertical(id="lists"):
                yield Frame(LabList(self._leave, id="controls"), title="load", id="load")
                yield Frame(LabList(self._leave, id="plays"), title="scenarios", id="scenarios")
                yield Chart("", id="what")
                yield Chart("played", id="verdicts")
            yield LabSeen()

    def on_mount(self) -> None:
        """Begin with the list."""
        if self._controller.refusal is None:
            self._paint()
            self.set_focus(self.controls)

    @property
    def home(self) -> "Widget":
        """The list of the load, or the text that refuses one."""
        return self._entries if self._controller.refusal is None else self

    def classes_for(self, width: int, height: int) -> dict[str, bool]:
        """Leave out what there are no rows for."""
        own = {"-short": height < SHORT, "-low": height < LOW, "-wide": width >= WIDE}
        return super().classes_for(width, height) | own

    def on_resize(self, event: Resize) -> None:
        """Lay all out for the new size."""
        height = event.size.height
        if self._controller.refusal is None:
            self.seen.fit(low=height < LOW, tall=height >= TALL)
            self.call_after_refresh(self._paint)

    def on_screen_resume(self) -> None:
        """Show how it is by now."""
        self._paint()

    def name_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """Name them below the scenarios."""
        if self._controller.refusal is None:
            frame = self.query_one("#scenarios", Frame)
            frame.note(keys_content(fitting_whole(keys, frame.outer_size.width - ALONE_CELLS)))

    def say(self, text: str, *, problem: bool = False) -> None:
        """Tell it in a line of its own below the tabs, there while it says something."""
        self._says_busy = False
        if self.is_laid_out:
            content = Content.styled(plain(text), "$outcome-warning" if problem else "")
            message = self.query_one("#message", Static)
            message.update(content)
            message.display = bool(text)

    def tick(self) -> None:
        """Let the load have the faults that were switched meanwhile; show how far it all is."""
        self._controller.pass_faults()
        if self._controller.playing is not None:
            self._paint()

    def hold(self, held: bool) -> None:
        """Show, once it goes on, what came meanwhile."""
        if not held:
            self.call_later(self._paint)

    @on(LabList.Moved, "LabList")
    def explain(self, event: LabList.Moved) -> None:
        """Say what the row under the cursor is, and show what was seen of it."""
        if event.rows.has_focus:
            self._at_scenarios = event.rows is self.scenarios
            self._paint()

    @on(LabList.Opened, "LabList")
    def action_open(self) -> None:
        """Play the scenario under the cursor; run the load from any other row."""
        scenario = self._scenario
        if scenario is None:
            self.action_run()
        else:
            self._start(scenario)

    def action_run(self) -> None:
        """Run the load, or stop it."""
        if self._controller.loading:
            self._controller.stop()
        else:
            self._start(None)

    def action_stampede(self) -> None:
        """Play the stampede."""
        self._start("stampede")

    def action_stop(self) -> None:
        """Go back from the results to the list; from there, stop what is under way."""
        if self._controller.refusal is None and not self._entries.has_focus:
            self.set_focus(self._entries)
        else:
            self._controller.stop()

    def action_step(self, direction: int) -> None:
        """Set what is under the cursor one step further."""
        row = self._entries.selected
        if row is None:
            return
        if row.ladder is not None:
            self._controller.step(row.ladder, direction)
        elif row.scenario is not None:
            self._controller.step_scenario(row.scenario, direction)
        self._paint()

    @property
    def _entries(self) -> LabList:
        """The list that the cursor is in."""
        return self.scenarios if self._at_scenarios else self.controls

    @property
    def _scenario(self) -> str | None:
        """The name of the scenario under the cursor; None on the load's controls."""
        row = self._entries.selected
        return None if row is None else row.scenario

    def _leave(self, direction: int, far: bool) -> None:
        """Let the cursor go from one list on to the other, where one follows."""
        if (direction > 0) == self._at_scenarios:
            return
        self._at_scenarios = direction > 0
        entries = self._entries
        entries.cursor = 0 if direction > 0 else entries.row_count - 1
        if far:
            entries.cursor = entries.row_count - 1 if direction > 0 else 0
        self.set_focus(entries)
        self._paint()

    def _start(self, scenario: str | None) -> None:
        """Begin, when a person agrees to what it does to a cache that others use too."""
        controller = self._controller
        if controller.running:
            stops = "{lab.run}" if controller.loading else "{lab.stop}"
            busy = with_keys(self, f"one thing at a time: {stops} stops what is under way")
            self.say(busy, problem=True)
            self._says_busy = True
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
            self._at_scenarios = scenario is not None
            if scenario is not None:
                rows = [row.scenario for row in self._scenario_rows()]
                self.scenarios.cursor = rows.index(scenario)
            self.set_focus(self._entries)

    @work(group="experiment")
    async def _run_it(self, scenario: str | None) -> None:
        """Show a load or a scenario from its beginning to its end."""
        self._doing, self._under_way = "starting", scenario
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
            if self._says_busy:
                self.say("")
        self._paint()

    async def _follow_load(self) -> None:
        self._remark = ""
        async with aclosing(self._controller.load()) as seconds:
            async for problem in seconds:
                self._doing = "running"
                remark = problem or self._load_remark()
                if remark != self._remark:
                    self._remark = remark
                    self.say(remark, problem=True)
                self._paint()

    def _load_remark(self) -> str:
        """Give what a person should know about the latest second of a load that runs."""
        controller = self._controller
        if controller.total is not None or not controller.samples:
            return ""
        latest = controller.samples[-1]
        if latest.behind >= LATE_SECONDS:
            return f"{latest.behind:.1f} s behind: too few readers for this rate"
        return "" if latest.reason is None else plain(latest.reason, 200)

    async def _follow(self, name: str) -> None:
        async with aclosing(self._controller.play(name)) as steps:
            async for played in steps:
                self._doing = "playing"
                self._played[name] = played
                if played.verdict is not None:
                    self._verdicts[name] = played.verdict
                self._paint()

    def _paint(self) -> None:
        """Show how far things are, unless the display is held still."""
        if self.paused or not self.is_laid_out or self._controller.refusal is not None:
            return
        self._show_lists()
        self._arrange_keys()
        name, controller = self._scenario, self._controller
        if name is not None:
            played = self._played.get(name) or Played(controller.scenario(name))
            playing = controller.playing == name
            self.seen.show_played(played, controller.progress(played) if playing else None)
        elif controller.samples:
            samples = tuple(controller.samples)
            self.seen.show_load(
                LoadView(samples, controller.sampled, controller.so_far, controller.total)
            )
        else:
            self.seen.show_welcome(self._added)

    @property
    def _loads(self) -> bool:
        """Whether a load begins, or runs."""
        return bool(self._doing) and self._under_way is None

    @property
    def _added(self) -> str:
        """What the Lab adds to the time of the database, or what that is good for."""
        delay = self._controller.controls.delay
        return f"the Lab adds {delay * 1000:g} ms to the database" if delay else FASTER

    def _show_lists(self) -> None:
        controller = self._controller
        self.controls.has_cursor = not self._at_scenarios
        self.scenarios.has_cursor = self._at_scenarios
        self.controls.show([
            LabRow(ladder.name, ladder.value(controller.controls), ladder.what, ladder.more,
                   ladder=ladder)
            for ladder in controller.ladders
        ])  # fmt: skip
        self.scenarios.show(list(self._scenario_rows()))
        self.query_one("#load", Frame).tell(self._load_state())
        plays = with_keys(self, "{lab.open} plays")
        self.query_one("#scenarios", Frame).tell(Content.styled(plays, "$muted not bold"))
        self._explain_row()
        self._show_verdicts()

    def _load_state(self) -> Content:
        controller = self._controller
        if not self._loads:
            return Content("stopped")
        if not controller.samples:
            return Content("starting")
        return Content.assemble(
            (FAMILY_GLYPHS["hit"], "$outcome-hit"), f" {time_left(controller.samples[-1].end)}"
        )

    def _scenario_rows(self) -> Iterator[LabRow]:
        controller = self._controller
        for scenario in controller.scenarios:
            name = scenario.NAME
            playing = controller.playing == name
            value = f"{FAMILY_GLYPHS['hit']} {self._doing}" if playing else (
                controller.parameter(name)
            )  # fmt: skip
            what = f"its own db latency, not the load's: +{scenario.delay * 1000:g} ms"
            yield LabRow(scenario.TITLE, value, what, scenario=name,
                         family="hit" if playing else "")  # fmt: skip

    def _explain_row(self) -> None:
        """Say what the row under the cursor is, and with more room how it is set."""
        row, what = self._entries.selected, self.query_one("#what", Chart)
        if row is None:
            return
        keys = "{lab.more} {lab.less}   more, less\n{lab.run} runs or stops the load"
        if row.scenario is not None:
            few = "{lab.more} {lab.less}   more, fewer\n" * (row.scenario in PARAMETERS)
            keys = f"{few}{{lab.open}} plays it"
        more = [with_keys(self, keys), "" if row.scenario else self._added]
        what.entitle(row.name)
        what.show(lambda width, rows: what_content(row.what, row.more, more, width, rows))

    def _show_verdicts(self) -> None:
        verdicts = self.query_one("#verdicts", Chart)
        verdicts.tell(Content.styled("before → after", "$muted not bold"))
        verdicts.note("this session")
        titles = [
            (one.TITLE, self._verdicts.get(one.NAME)) for one in self._controller.scenarios
        ]
        verdicts.show(lambda width, _: verdicts_content(titles, width))

    def _arrange_keys(self) -> None:
        """Name the keys for what they would do now."""
        controller, name = self._controller, self._scenario
        run = "Stop" if self._loads else "Load"
        if name is None:
            names = {"lab.run": run, "lab.more": "More", "lab.less": "Less",
                     "lab.stampede": "Stampede", "lab.open": "",
                     "lab.stop": "Stop" if controller.playing else ""}  # fmt: skip
        else:
            chosen = PARAMETERS[name][0] if name in PARAMETERS else ""
            playing = controller.playing is not None
            names = {"lab.stop": "Stop" if playing else "",
                     "lab.open": "" if playing else "Again" if name in self._played else "Play",
                     "lab.more": f"More {chosen}" if chosen else "",
                     "lab.less": "Fewer" if chosen else "",
                     "lab.run": run, "lab.stampede": ""}  # fmt: skip
        self.query_one(KeyFooter).put_first(names)
