"""A person in front of the explorer, who presses keys and reads what is on the screen."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from fakes import SCHEMA, TEMPLATE, Bench, ManualClock, settle
from textual.binding import Keymap
from textual.events import Key as KeyEvent
from textual.pilot import Pilot

from tui.bootstrap import (
    LABORATORY,
    Services,
    lifetimes_of,
    open_services,
    options_of,
    place_of,
    prepare,
)
from tui.config.settings import resolve
from tui.config.state import KeptState
from tui.controllers.session import OpenServices, Place, Session
from tui.lab.remote import Laboratory, OwnProcess
from tui.models import TableSchema
from tui.models.keys import KeyTemplate
from tui.runtime.clock import Clock, SystemClock
from tui.runtime.faults import Faults
from tui.service.lifetimes import Lifetimes
from tui.views.app import Explorer
from tui.views.screens.lookup import LookupScreen
from tui.views.widgets.fault_banner import FaultBanner
from tui.views.widgets.lookup_log import TIME_WIDTH, WORD_WIDTH, column_widths
from tui.views.widgets.question import Question
from tui.views.widgets.suggestions import Suggestions

if TYPE_CHECKING:
    from textual.screen import Screen

KEY_NAMES = {
    "/": "slash", "?": "question_mark", ":": "colon", "+": "plus", "-": "minus", " ": "space",
}  # fmt: skip
"""What the terminal calls the keys of these characters."""
TURNS = 60
"""How many turns of the event loop a key has to go through the widgets, up to the app."""
HINT = " · U takes it back"
"""What stands behind the message that something was written."""
LONGEST_SECONDS = 10.0
"""What all answers may take together, before the test fails."""
PATIENCE = 300
"""How many times a person looks again for what must come, before the test fails."""


class Person:
    """Presses keys, and sees nothing but the screen."""

    def __init__(self, app: Explorer, pilot: Pilot[None]) -> None:
        """Sit down in front of a running explorer."""
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> LookupScreen:
        """The lookup screen, whatever lies over it."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, LookupScreen)
        return screen

    @property
    def lines(self) -> list[str]:
        """The whole terminal, line by line, without the blanks at the end."""
        strips = self.app.screen._compositor.render_strips(self.app.size)
        return [normalize("NFC", strip.text).rstrip() for strip in strips]

    @property
    def text(self) -> str:
        """The whole terminal."""
        return "\n".join(self.lines)

    @property
    def message(self) -> str:
        """What is said under the input: in the lower edge of its frame, where it has one."""
        found = self.app.screen.query(Question)
        line = self.lines[found.first().region.bottom - 1] if found else self.lines[2]
        return line.strip(" ╰─╯")

    @property
    def totals(self) -> str:
        """The totals, as the frame of the answers has them: above, and below it."""
        region = self.screen.query_one("#answers").region
        edges = self.lines[region.y], self.lines[region.bottom - 1]
        said = (line.strip(" ╭╰─╮╯").removeprefix("answers").strip(" ─") for line in edges)
        return " · ".join(said)

    @property
    def status(self) -> str:
        """How cache and database do, and what else is unusual: the end of the first line.

        Behind it comes the line that says what is wrong, where there is one.
        """
        status = re.split(r"[ ▐\[]4(?: Lab)?[ ▌\]]", self.lines[0], maxsplit=1)[-1].strip()
        banner = self.app.screen.query(FaultBanner)
        return f"{status} {banner.first().text}".strip() if banner else status

    @property
    def footer(self) -> str:
        """The line of keys."""
        return self.lines[-1].strip()

    @property
    def typed(self) -> str:
        """What stands in the input."""
        return self.screen.question.input.value

    @property
    def matches(self) -> list[str]:
        """The lines of the open list of matches; none while it is closed."""
        suggestions = self._suggestions
        shown = suggestions.result.matches if suggestions.display else ()
        return [normalize("NFC", match.texts[0]) for match in shown]

    @property
    def chosen(self) -> str | None:
        """The match that enter would look up."""
        match = self._suggestions.chosen
        return None if match is None else normalize("NFC", match.texts[0])

    @property
    def log(self) -> list[tuple[str, str, str]]:
        """Of each row, newest first: the key, the answer's word, and what ends the row."""
        log = self.screen.lookups
        wide = log.key_width
        label, _ = column_widths(log.scrollable_content_region.width, wide)
        word = 1 + wide + label
        end = word + WORD_WIDTH + TIME_WIDTH
        rows = []
        for y in range(log.virtual_size.height):
            strip = log.render_line(y - round(log.scroll_y))
            cells = [(1, 1 + wide), (word + 2, word + WORD_WIDTH), (end, strip.cell_length)]
            key, answer, rest = (strip.crop(*cell).text.strip() for cell in cells)
            rows.append((key, answer, rest))
        return rows

    @property
    def answers(self) -> list[str]:
        """Key and answer of each row, newest first: `1 HIT`."""
        return [f"{key} {answer}" for key, answer, _ in self.log]

    @property
    def _suggestions(self) -> Suggestions:
        return self.screen.question.suggestions

    @property
    def commands(self) -> set[str]:
        """The names of what the command palette offers."""
        screen: Screen[Any] = self.app.screen
        return {command.title for command in self.app.get_system_commands(screen)}

    async def presses(self, *keys: str) -> None:
        """Press keys, by name or character, each when the one before has been taken."""
        for key in keys:
            self._press(key)
            await self.settles()

    async def types(self, text: str) -> None:
        """Put a text into the input at once, as a paste does, in the place of what is there."""
        self.screen.question.input.value = text
        await self.settles()

    async def bursts(self, *keys: str) -> None:
        """Press keys so fast that all are there before the first is taken."""
        for key in keys:
            self._press(key)
        await self.settles()

    def _press(self, key: str) -> None:
        character = key if len(key) == 1 else None
        self.app.post_message(KeyEvent(KEY_NAMES.get(key, key), character))

    async def asks(self, text: str) -> None:
        """Go to the input, type a text, and enter."""
        if not self.screen.question.input.has_focus:
            await self.presses("/")
        await self.types(text)
        await self.presses("enter")

    async def looks_up(self, text: str) -> None:
        """Ask, and wait for the answer."""
        await self.asks(text)
        await self.has_all_answers()

    async def waits_for(self, what: Callable[[], bool]) -> None:
        """Look again and again until it is so."""
        for _ in range(PATIENCE):
            if what():
                return
            await self.pilot.pause()
        raise AssertionError(f"it does not come to that:\n{self.text}")

    async def sees(self, text: str) -> None:
        """Wait until that stands somewhere on the screen."""
        await self.waits_for(lambda: text in self.text)

    async def settles(self) -> None:
        """Let the screen take everything in that has happened, and lay itself out."""
        await settle(TURNS)
        for _ in range(PATIENCE):
            if not self.app.is_taking_keys:
                break
            await settle(TURNS)
        for _ in range(PATIENCE):  # what has got another size then fills itself anew
            self.app.screen._on_timer_update()
            await settle(TURNS)
            if self._is_laid_out:
                break
        self.app.screen._on_timer_update()
        await settle(TURNS)

    @property
    def _is_laid_out(self) -> bool:
        """Whether no widget of the screen has anything left to do."""
        screen = self.app.screen
        return not any(
            node._layout_required or not node._message_queue.empty()
            for node in (screen, *screen.query("*"))
        )

    async def has_all_answers(self) -> None:
        """Wait until no lookup, search or change is under way, and all of it is shown."""
        await self.settles()
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                while workers := [worker for worker in self.app.workers if worker.is_running]:
                    waits = [worker.wait() for worker in workers]
                    await asyncio.gather(*waits, return_exceptions=True)
                    await self.settles()
        except TimeoutError:
            raise AssertionError(f"some answers do not come:\n{self.text}") from None
        await self.settles()


@asynccontextmanager
async def person_at(
    open_services: Callable[[], Awaitable[OpenServices]],
    *,
    schema: TableSchema = SCHEMA,
    template: KeyTemplate = TEMPLATE,
    lifetimes: Lifetimes | None = None,
    read_only: bool = False,
    place: Place | None = None,
    faults: Faults | None = None,
    laboratory: Laboratory | None = None,
    clock: Clock | None = None,
    keymap: Keymap | None = None,
    start: KeptState | None = None,
    problem: str | None = None,
    size: tuple[int, int] = (80, 24),
) -> AsyncIterator[Person]:
    """Run the explorer on what `open_services` gives, and give the person in front of it."""
    session = Session(
        open_services,
        schema,
        template,
        lifetimes or Lifetimes(),
        place or Place("fake", "fake"),
        read_only=read_only,
        faults=faults,
        laboratory=laboratory,
    )
    app = Explorer(session, clock or ManualClock(), keymap=keymap, start=start, problem=problem)
    # As App.run_async does it and App.run_test does not.
    eager = getattr(asyncio, "eager_task_factory", None)
    asyncio.get_running_loop().set_task_factory(eager)
    async with app.run_test(size=size, notifications=True) as pilot:
        person = Person(app, pilot)
        await person.has_all_answers()
        yield person
        app.exit()  # as the person would: what is under way ends first


@asynccontextmanager
async def person_at_bench(
    bench: Bench,
    *,
    schema: TableSchema = SCHEMA,
    read_only: bool = False,
    keymap: Keymap | None = None,
    start: KeptState | None = None,
    problem: str | None = None,
    size: tuple[int, int] = (80, 24),
) -> AsyncIterator[Person]:
    """Run the explorer on fakes; bars drain by the bench's clock."""

    async def open_bench() -> Bench:
        return bench

    async with person_at(
        open_bench,
        schema=schema,
        read_only=read_only,
        clock=bench.clock,
        keymap=keymap,
        start=start,
        problem=problem,
        size=size,
    ) as person:
        yield person


@asynccontextmanager
async def person_with(
    size: tuple[int, int] = (80, 24), **options: str | bool
) -> AsyncIterator[Person]:
    """Run the explorer as the command does with these options: real database, real cache."""
    settings = resolve(options, {}, {}, "no file")
    plan = prepare(settings)
    faults = Faults()
    async with open_services(plan, faults=faults) as services:

        async def open_once() -> Services:
            return services

        async with person_at(
            open_once,
            schema=plan.schema,
            template=plan.template,
            lifetimes=lifetimes_of(settings),
            read_only=settings.read_only,
            place=place_of(plan),
            faults=faults,
            laboratory=OwnProcess(LABORATORY, options_of(plan)),
            clock=SystemClock(),
            size=size,
        ) as person:
            yield person
