"""The cache screen: all that is cached, when it expires, and what can be done about it."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Click, Resize
from textual.widgets import Static

from tui.controllers.cached_keys import CachedKeysController
from tui.controllers.copy_contents import CopyContents
from tui.models import CopyChange, Key
from tui.models.inventory import CopyState, Entry, SortOrder
from tui.runtime.clock import Clock
from tui.runtime.errors import HitmissError
from tui.runtime.plain_text import plain
from tui.views.widgets.actions import with_keys
from tui.views.widgets.cached_list import WORDS, CachedList, counts_line, heading
from tui.views.widgets.copy_content import copy_content, copy_state, copy_title, name_in
from tui.views.widgets.explorer_screen import ExplorerScreen
from tui.views.widgets.frame import Frame
from tui.views.widgets.key_footer import KeyFooter
from tui.views.widgets.panels import Panel
from tui.views.widgets.quantities import time_left
from tui.views.widgets.question import Question
from tui.views.widgets.timeline import Timeline
from tui.views.widgets.words import Words

if TYPE_CHECKING:
    from textual.widget import Widget

PAINT_SECONDS = 0.1
"""The least time between two paintings of what a walk finds."""
TYPING_SECONDS = 0.1
"""How long a filter waits for more to be typed before the server is walked through."""
WELCOME = (
    "{cache.ask} filters by key · {cache.sort} sorts by expiry, key, size"
    " · {screen.help_anywhere} explains the keys"
)
EMPTY = "nothing is cached under {} · look something up ({})"
UNKNOWN = "what is cached is not known · {cache.walk} reads again"
SORTED = {
    SortOrder.EXPIRY: "sorted by expiry: what expires next is on top",
    SortOrder.KEY: "sorted by key",
    SortOrder.SIZE: "sorted by size: the largest is on top",
}
HEADS = {"key": SortOrder.KEY, "size": SortOrder.SIZE, "fresh for": SortOrder.EXPIRY}
"""By what a click on a heading sorts."""
OF_A_COPY = (
    "cached.look_up", "cache.invalidate", "cache.expire", "cache.invalidate_all",
    "cache.compare", "cache.longer", "cache.shorter", "cache.edit",
)  # fmt: skip
"""What can be done with a copy, and so not where none is listed."""
SHORT_ROWS = 20
"""Below this height there is no room for the expiries beside the list."""
NAMED_CELLS, WIDE_CELLS = 100, 110
"""From these widths on there is room for names, and for the copy under the cursor."""


class CacheScreen(ExplorerScreen):
    """Filter, totals, timeline, and the list of cached copies."""

    CSS_PATH = "cache.tcss"
    NAME = "Cache"
    SUBMIT = "Filter"
    FOOTER: ClassVar[Mapping[str, str]] = {
        "input.submit": "", "input.leave": "",
        "cached.look_up": "", "cache.ask": "", "cache.invalidate": "", "cache.expire": "",
        "cache.invalidate_all": "All", "cache.sort": "", "cache.compare": "",
        "screen.faults": "", "screen.palette": "", "app.palette": "",
    }  # fmt: skip
    WRITES = frozenset({"invalidate", "expire", "step_life", "invalidate_all", "edit"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "ask", "Filter", key_display="/", id="cache.ask", priority=True,
                tooltip="filter the list by a part of the key"),
        Binding("i", "invalidate", "Invalidate", id="cache.invalidate",
                tooltip="forget the cached copy"),
        Binding("x", "expire", "Expire", id="cache.expire",
                tooltip="make the cached copy expire now"),
        Binding("plus", "step_life(1)", "Live longer", key_display="+", id="cache.longer",
                tooltip="let the copy live for the next longer ttl"),
        Binding("minus", "step_life(-1)", "Live shorter", key_display="-", id="cache.shorter",
                tooltip="let the copy live for the next shorter ttl"),
        Binding("d", "compare", "Compare", id="cache.compare",
                tooltip="cached copy and row side by side"),
        Binding("r", "walk", "Read again", id="cache.walk",
                tooltip="read anew what is cached"),
        Binding("s", "sort", "Sort", id="cache.sort",
                tooltip="sort by expiry, by key, or by size"),
        Binding("z", "zoom(-1)", "Zoom in", id="cache.zoom_in", show=False,
                tooltip="let the timeline show less time, in finer columns"),
        Binding("Z", "zoom(1)", "Zoom out", id="cache.zoom_out", show=False,
                tooltip="let the timeline show more time, in wider columns"),
        Binding("u", "edit", "Update", id="cache.edit", show=False,
                tooltip="change columns of the record, and invalidate its copy"),
        Binding("escape", "stop", "Stop", id="cache.stop", show=False,
                tooltip="stop invalidating"),
        Binding("I", "invalidate_all", "Invalidate all", id="cache.invalidate_all",
                tooltip="forget every copy that the list has; asks first"),
    ]  # fmt: skip

    filter = getters.query_one(Question)
    copies = getters.query_one(CachedList)

    def __init__(self, controller: CachedKeysController, clock: Clock) -> None:
        """Work through `controller`; the bars drain by `clock`."""
        super().__init__(controller.session)
        self._controller = controller
        self._clock = clock
        self._contents = CopyContents(controller.session, clock)
        self._label = plain(controller.session.schema.label_column, 40)
        self._told_problem = False
        self._painted_at = 0.0
        self._said_of: Key | None = None

    def compose_body(self) -> ComposeResult:
        """Lay the widgets out from top to bottom."""
        yield Question(WELCOME, self.history, title="filter")
        yield Timeline()
        with Horizontal(id="lower"):
            with Frame(title="cached", id="cached"):
                yield Static(id="heading", markup=False)
                yield CachedList(self._controller.inventory, self._clock, self.session.ttl)
            yield Panel("copy", id="copy")

    def on_mount(self) -> None:
        """Begin with the list."""
        template = plain(self.session.template.template, 60)
        self.filter.tell(Content.styled(template, "$muted not bold"))
        self.copies.name_of = lambda entry: name_in(self._contents.of(entry), self._label)
        self.set_focus(self.copies)

    @property
    def home(self) -> "Widget":
        """The list."""
        return self.copies

    def classes_for(self, width: int, height: int) -> dict[str, bool]:
        """Have room for the timeline, and for the chosen copy, or not."""
        own = {"-short": height < SHORT_ROWS, "-wide": width >= WIDE_CELLS}
        return super().classes_for(width, height) | own

    def on_resize(self, event: Resize) -> None:
        """Lay all out for the new size."""
        self.copies.named = event.size.width >= NAMED_CELLS
        self.call_after_refresh(self._repaint)

    def on_screen_resume(self) -> None:
        """Read what is cached by now."""
        self._walk()

    def on_screen_suspend(self) -> None:
        """Leave the server alone while nobody looks."""
        self.workers.cancel_group(self, "walk")
        if self._said_of is not None and self.is_laid_out:
            self.say("")

    def tick(self) -> None:
        """Drain the bars, and read anew when it is time."""
        self._paint()
        if self._controller.is_due and not self._is_at("walk", "wipe"):
            self._walk()

    def hold(self, held: bool) -> None:
        """Hold the list still, or let it go on: nothing is read that nobody will see."""
        self.copies.freeze(held)
        if held:
            self.workers.cancel_group(self, "walk")
        else:
            self._walk()

    @property
    def words(self) -> Words:
        """What is said of copies."""
        return {"Copies": WORDS}

    def name_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """Name them where messages stand."""
        self.filter.name_keys(keys)

    def say(self, text: str, *, problem: bool = False) -> None:
        """Tell it in the line under the filter."""
        self._said_of = None
        self.filter.say(text, problem=problem)

    def say_of(self, id: Key, text: str, *, problem: bool = False) -> None:
        """Tell it of one copy, for as long as that is the one under the cursor."""
        self.say(f"{plain(str(id), 40)}{text}", problem=problem)
        self._said_of = id

    def record_changed(self, id: Key) -> None:
        """Read anew what is cached of it."""
        self._look_at(id)

    @on(Question.Changed)
    def filter_changed(self, event: Question.Changed) -> None:
        """Walk through the keys that hold this."""
        if self.paused:
            self.action_pause()
        self._controller.choose(event.text.strip())
        self._paint()
        self._walk(TYPING_SECONDS)

    @on(Question.Asked)
    @on(Question.Left)
    def leave_filter(self) -> None:
        """Go to the list."""
        self.copies.focus()

    @on(CachedList.Moved, "CachedList")
    def forget_message(self) -> None:
        """Let go what was said of another copy."""
        if not self._is_at("wipe"):
            self.say("")
        self._show_copy()

    @on(CachedList.Opened, "CachedList")
    def look_up(self) -> None:
        """Look the copy's record up on the Lookup screen."""
        id = self._selected_id()
        if id is not None:
            self.post_message(self.RecordWanted(id, "lookup"))

    def action_ask(self) -> None:
        """Go to the filter."""
        self.set_focus(self.filter.input)

    def action_walk(self) -> None:
        """Read anew what is cached."""
        if self.paused:
            self.say("paused: p goes on, and reads anew", problem=True)
        else:
            self._walk()

    def action_zoom(self, steps: int) -> None:
        """Show more time in the timeline, or less."""
        self.query_one(Timeline).zoom(steps)
        self._paint()

    def on_click(self, event: Click) -> None:
        """Sort by the column whose heading was clicked."""
        if event.widget is None or event.widget.id != "heading":
            return
        heads = str(self.query_one("#heading", Static).content)
        starts = {heads.find(word): order for word, order in HEADS.items() if word in heads}
        clicked = max((start for start in starts if start <= event.x), default=None)
        if clicked is not None:
            self._sort_by(starts[clicked])

    def action_sort(self) -> None:
        """Sort the list by the next of expiry, key and size."""
        self._sort_by(self._controller.inventory.order.next)

    def _sort_by(self, order: SortOrder) -> None:
        if self.paused:
            self.say(with_keys(self, "paused: {screen.pause} goes on"), problem=True)
            return
        self._controller.inventory.order = order
        self.say(SORTED[order])
        self._paint()

    def action_stop(self) -> None:
        """Stop invalidating all; what is gone is gone."""
        self.workers.cancel_group(self, "wipe")

    def action_compare(self) -> None:
        """Show the copy beside its row."""
        id = self._selected_id()
        if id is not None:
            self.post_message(self.RecordWanted(id, "compare"))

    def action_edit(self) -> None:
        """Open the form with the copy's record."""
        id = self._selected_id()
        if id is not None:
            self.post_message(self.EditWanted(id))

    def action_invalidate(self) -> None:
        """Forget the copy."""
        id = self._selected_id()
        if id is not None:
            self._invalidate(id)

    def action_expire(self) -> None:
        """Make the copy expire now."""
        id = self._selected_id()
        entry = self.copies.selected
        if id is None or entry is None:
            return
        if entry.state(self._clock.monotonic()) is CopyState.GRACE:
            self.say_of(id, " is past its ttl already: only its grace is left; i forgets it")
        else:
            self._expire(id)

    def action_step_life(self, direction: int) -> None:
        """Let the copy live for the next longer or shorter ttl."""
        id = self._selected_id()
        entry = self.copies.selected
        if id is None or entry is None:
            return
        step = self._controller.next_life(entry, direction)
        if step.ttl is None:
            self.say_of(id, f" {step.reason}")
        else:
            self._extend(id, step.ttl)

    def action_invalidate_all(self) -> None:
        """Forget all copies, when a person is sure of it."""
        part = self._controller.filter
        which = f"every key that holds {plain(part, 30)!r}" if part else "every key"
        pattern = plain(self.session.template.shown(part), 60)
        count = self._controller.inventory.totals(self.copies.now).keys
        if not count and self._controller.complete:
            self.say("nothing to invalidate: nothing is listed", problem=True)
            return
        how_many, copies = f"About {count:,}", "copy goes" if count == 1 else "copies go"
        if not self._controller.complete:
            how_many = f"At least {count:,} (it is still being counted)"
        self.post_message(
            self.Sure(
                f"Invalidate {which} under {pattern} in {self.session.place.the_cache}?"
                f" {how_many} {copies}; the next lookups ask the database.",
                self._invalidate_all,
            )
        )

    def _is_at(self, *groups: str) -> bool:
        """Tell whether a worker of one of these groups is at work."""
        return any(w.group in groups and not w.is_finished for w in self.workers)

    @work(group="walk", exclusive=True)  # a newer filter supersedes the walk for an older
    async def _walk(self, wait: float = 0.0) -> None:
        """Walk once through what is cached, showing what is found on the way."""
        await asyncio.sleep(wait)
        async with aclosing(self._controller.walk()) as steps:
            async for _ in steps:
                self._say_problem()
                self._paint_now_and_then()
        self._say_problem()
        self._paint()

    @work(group="changes")
    async def _invalidate(self, id: Key) -> None:
        self._told(await self._controller.invalidate(id), "invalidated")

    @work(group="changes")
    async def _expire(self, id: Key) -> None:
        self._told(await self._controller.expire(id), "expired")

    @work(group="changes")
    async def _extend(self, id: Key, ttl: float) -> None:
        change = await self._controller.extend(id, ttl)
        self._told(change, f"lives for {time_left(ttl)} from now")

    @work(group="changes")
    async def _look_at(self, id: Key) -> None:
        await self._controller.look_at(id)
        self._paint()

    @work(group="wipe", exclusive=True)
    async def _invalidate_all(self) -> None:
        # A walk beside it would list what it has read just before that went.
        self.workers.cancel_group(self, "walk")
        count = 0
        try:
            async with aclosing(self._controller.invalidate_all()) as steps:
                async for count in steps:
                    self.say(f"{count:,} invalidated… esc stops")
                    self._paint_now_and_then()
        except HitmissError as error:
            self.say(f"{count:,} invalidated, then: {error}", problem=True)
        except asyncio.CancelledError:
            if self.is_laid_out:
                self.say(f"stopped: {count:,} invalidated", problem=True)
            raise
        else:
            self.say(f"{count:,} invalidated")
        self._paint()

    def _say_problem(self) -> None:
        """Tell what is wrong with the walk, and let go what is so no longer."""
        problem = self._controller.problem
        if problem is not None or self._told_problem:
            self._told_problem = problem is not None
            self.say(problem or "", problem=self._told_problem)

    def _told(self, change: CopyChange, what: str) -> None:
        if change.reason is not None:
            self.say_of(change.id, f": {change.reason}", problem=True)
        else:
            self.say_of(change.id, f" {what}" if change.found else " was not cached any more")
        self._paint()

    def _paint_now_and_then(self) -> None:
        now = self._clock.monotonic()
        if not self._painted_at or now - self._painted_at >= PAINT_SECONDS:
            self._painted_at = now
            self._paint()

    def _paint(self) -> None:
        """Show the list as it is now, unless it is held still."""
        if not self.paused:
            self._repaint()

    def _repaint(self) -> None:
        """Show the list as it is, or was when it was held still."""
        if not self.is_laid_out:
            return
        self.copies.update_rows()
        selected = self.copies.selected
        if self._said_of is not None and selected is not None and selected.id != self._said_of:
            self.say("")
        timeline = self.query_one(Timeline)
        if timeline.display:
            known = self._controller.problem is None
            timeline.show_expiries(self._controller.inventory, self.copies.now, known=known)
        self._show_list()
        self._show_copy()
        wanted = self._contents.unknown(self._wanted_contents())
        if wanted and not self._is_at("contents"):
            self._read_contents(wanted)
        self.show_status()

    def _show_list(self) -> None:
        """Show what is over the list, and around it."""
        inventory, copies = self._controller.inventory, self.copies
        complete = self._controller.complete
        width = copies.scrollable_content_region.width
        name = self._label if copies.named else ""
        line = heading(width, name, copies.longest)
        self.query_one("#heading", Static).update(line, layout=False)
        totals = inventory.totals(copies.now)
        failed = self._controller.problem is not None
        over = complete or failed
        counts = counts_line(totals, inventory.left_out, complete=over)
        if failed and not totals.keys:
            counts = "not known"
        elif failed and not complete:
            counts += " · not all was read"
        if inventory.order is not SortOrder.EXPIRY:
            counts = f"{counts} · by {inventory.order}"
        self.query_one("#cached", Frame).tell(counts)
        copies.emptiness = self._nothing_listed() if over else ""
        absent = () if copies.row_count else OF_A_COPY
        self.query_one(KeyFooter).put_first(dict.fromkeys(absent, ""))

    def _nothing_listed(self) -> str:
        """Give what stands in the place of copies while there are none."""
        if self._controller.problem is not None:
            return with_keys(self, UNKNOWN)
        where = plain(self.session.template.shown(self._controller.filter), 60)
        return EMPTY.format(where, with_keys(self, "{screen.lookup}"))

    def _show_copy(self) -> None:
        """Show the copy under the cursor beside the list, where there is room."""
        panel = self.query_one("#copy", Panel)
        if not self.has_class("-wide"):
            return
        entry, now = self.copies.selected, self.copies.now
        copy = self._contents.of(entry)
        key = "" if entry is None else self.session.template.value_key(entry.id)
        panel.entitle(copy_title(entry))
        panel.tell(copy_state(entry, now))
        panel.renew(lambda width: copy_content(entry, copy, key, now, width))

    def _wanted_contents(self) -> list[Entry]:
        """Give the copies of which more is shown than the walk has found out."""
        selected = self.copies.selected
        wide = self.has_class("-wide") and selected is not None
        return ([selected] if wide and selected else []) + (
            self.copies.in_view if self.copies.named else []
        )

    @work(group="contents")
    async def _read_contents(self, entries: list[Entry]) -> None:
        await self._contents.read(entries)
        if self.is_laid_out and not self.paused:
            self.copies.refresh()
            self._show_copy()

    def _selected_id(self) -> Key | None:
        entry = self.copies.selected
        if entry is None:
            self.say("nothing is selected: nothing is cached here", problem=True)
            return None
        self.copies.follow()
        return entry.id
