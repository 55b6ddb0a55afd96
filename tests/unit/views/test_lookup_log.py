"""The log of lookups by itself: whose the bar is, what a note says, and how wide a line is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fakes import ManualClock
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tui.models import Filled, Flags, Key, Label, Outcome, Record
from tui.runtime.plain_text import plain
from tui.views.themes import DARK, palette_of, variables_of
from tui.views.widgets.lookup_log import LogRow, LookupLog, column_widths, heading
from tui.views.widgets.row_list import brief

AMARA: Record = {"id": 1, "name": "Amara"}
HOSTILE = {
    "markup": "[red]alert[/red] [/]",
    "escape sequence": "\x1b[2J\x1b[31mred\x07",
    "line ends": "one\ntwo\r\nthree\u2028four",
    "wide": "佐藤千尋" * 30,
    "wide at an odd column": "x" + "漢字" * 40,
    "combining": "e\u0301" * 200,
    "stacked": "Z" + "\u0300" * 500,
    "decomposed": "Ọmọ́táyọ̀ Ọláníyì",
    "right to left": "سلمى النجار תמר שפירא",
    "bidi override": "\u202egnp.exe",
    "conjuncts": "अंजलि त्रिपाठी",
    "emoji": "👩\u200d👩\u200d👧\u200d👦 🇳🇴 👍🏽",
    "10,000 characters": "long " * 2000,
    "zero width": "a\u200bb\u2060c\ufeff",
    "tabs": "a\tb\tc",
    "nul": "a\x00b",
}


MOST_ROWS = 50


class LogApp(App[None]):
    """An app that has a log and nothing else."""

    def __init__(self, clock: ManualClock) -> None:
        """Drain the bars by `clock`."""
        super().__init__()
        self.log_of_lookups = LookupLog(clock, MOST_ROWS)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give the colours of the roles, as the explorer does."""
        return variables_of(palette_of(DARK))

    def compose(self) -> ComposeResult:
        """Give the log the whole screen."""
        yield self.log_of_lookups


class Shown:
    """A log on a screen, and its clock."""

    def __init__(self, log: LookupLog, clock: ManualClock, pilot: Pilot[None]) -> None:
        """Begin with no row."""
        self.log = log
        self.clock = clock
        self.pilot = pilot

    def ask(self, number: int, id: Key = 1) -> None:
        """Put a pending row on top."""
        self.log.add(LogRow(number, str(id), id))

    def answer(
        self,
        number: int,
        label: Label = Label.DB,
        *,
        id: Key = 1,
        ttl_left: float | None = 30.0,
        name: str = "Amara",
        flags: Flags | None = None,
        reason: str | None = None,
    ) -> None:
        """Fill in the answer of a row, as it comes now."""
        outcome = Outcome(id, label, AMARA, ttl_left, 0.002, flags or Flags(), reason=reason)
        self.log.answer(number, outcome, name, ttl=30.0, at=self.clock.now)

    def line(self, row: int) -> str:
        """Give a row as it is painted, counted from the top."""
        return self.log.render_line(row).text.rstrip()

    def last(self, row: int) -> str:
        """Give what stands at the end of a row, behind its time: bar and countdown, or note."""
        return self.line(row).rpartition(" ms")[2].strip()


@asynccontextmanager
async def shown(width: int = 60, height: int = 8) -> AsyncIterator[Shown]:
    """Show an empty log of that size."""
    clock = ManualClock()
    app = LogApp(clock)
    async with app.run_test(size=(width, height)) as pilot:
        yield Shown(app.log_of_lookups, clock, pilot)


async def test_a_row_is_pending_until_its_answer_is_there() -> None:
    """A row shows its key at once, then the record's label, the answer's word and time."""
    async with shown() as it:
        it.ask(1)
        assert it.line(0).split() == ["›1", "·", "pending…"]
        it.answer(1)
        assert it.line(0).split()[:6] == ["›1", "Amara", "◆", "DB", "2.00", "ms"]


async def test_the_bar_drains_by_the_clock_alone() -> None:
    """Bar and countdown follow the clock, second by second, down to 'expired'."""
    async with shown() as it:
        it.ask(1)
        it.answer(1)
        _, width = column_widths(60)
        assert it.last(0).split() == ["━" * width, "30", "s"]
        it.clock.now += 15
        assert it.last(0).count("━") == width // 2
        assert it.last(0).endswith(" 15 s")
        it.clock.now += 14.5
        it.log.tick()
        assert it.last(0).endswith(" 1 s")
        it.clock.now += 0.5
        it.log.tick()
        assert it.last(0) == "expired"


async def test_a_full_bar_is_the_ttl() -> None:
    """A copy with 10 of 30 s left fills a third; one with more than the ttl fills it all."""
    async with shown() as it:
        it.ask(1)
        it.answer(1, ttl_left=10.0)
        it.ask(2, id=2)
        it.answer(2, id=2, ttl_left=33.0)
        _, width = column_widths(60)
        assert it.last(1).count("━") == width // 3
        assert it.last(0).count("━") == width


async def test_the_bar_belongs_to_the_newest_lookup_of_a_key() -> None:
    """There is one cached copy of a key, so there is one bar: the newest row takes it over."""
    async with shown() as it:
        it.ask(1)
        it.answer(1)
        it.clock.now += 10
        it.ask(2)
        it.answer(2, Label.HIT, ttl_left=20.0)
        assert it.last(0).endswith(" 20 s")
        assert it.last(1) == ""


async def test_a_late_answer_takes_nothing_from_a_newer_one() -> None:
    """When an older lookup is answered last, its row gets its answer, and no bar or note."""
    async with shown() as it:
        it.ask(1)
        it.ask(2)
        it.answer(2, Label.HIT, ttl_left=20.0)
        it.answer(1, Label.DB, ttl_left=25.0, flags=Flags(filled=Filled.YES))
        assert it.line(0).split()[2:4] == ["●", "HIT"]
        assert it.last(0).endswith(" 20 s")
        assert it.line(1).split()[1:] == ["Amara", "◆", "DB", "2.00", "ms"]


async def test_bars_of_other_keys_are_left_alone() -> None:
    """Each key has a bar of its own."""
    async with shown() as it:
        it.ask(1)
        it.answer(1)
        it.ask(2, id=2)
        it.answer(2, id=2, ttl_left=9.0)
        assert it.last(0).endswith(" 9 s")
        assert it.last(1).endswith(" 30 s")


async def test_a_lookup_past_the_cache_leaves_the_bar_where_it_is() -> None:
    """A BYPASS says nothing about the copy: the older row keeps the bar, its own says why."""
    async with shown() as it:
        it.ask(1)
        it.answer(1)
        it.ask(2)
        it.answer(2, Label.BYPASS, ttl_left=None, reason="asked to")
        assert it.last(0) == "asked to"
        assert it.last(1).endswith(" 30 s")


async def test_a_copy_that_is_gone_leaves_a_note() -> None:
    """Where a copy was invalidated, the word stands in the bar's place, on that key's row."""
    async with shown() as it:
        it.ask(1)
        it.answer(1)
        it.ask(2, id=2)
        it.answer(2, id=2)
        it.log.end_copy(1, "invalidated")
        assert it.last(1) == "invalidated"
        assert it.last(0).endswith(" 30 s")
        it.log.end_copy(3, "invalidated")  # a key that has no row


async def test_a_note_goes_when_the_key_is_cached_again() -> None:
    """The next answer with a copy takes the older row's note away."""
    async with shown() as it:
        it.ask(1)
        it.answer(1)
        it.log.end_copy(1, "invalidated")
        it.ask(2)
        it.answer(2)
        assert it.last(1) == ""
        assert it.last(0).endswith(" 30 s")


@pytest.mark.parametrize("filled", [Filled.FAILED, Filled.REFUSED, Filled.LOST])
async def test_an_answer_that_was_not_stored_says_so(filled: Filled) -> None:
    """Without a copy there is no bar but the words 'not cached'."""
    async with shown() as it:
        it.ask(1)
        it.answer(1, ttl_left=None, flags=Flags(filled=filled))
        assert it.last(0) == "not cached"


async def test_a_copy_without_expiry_says_so() -> None:
    """No bar drains where another program's copy is kept for ever: the words stand there."""
    async with shown() as it:
        it.ask(1)
        it.answer(1, Label.HIT, ttl_left=None)
        assert it.last(0) == "never expires"


async def test_a_frozen_log_holds_its_bars_and_loses_no_time() -> None:
    """While the log is frozen its bars stand still; then they are where time has got to."""
    async with shown() as it:
        it.ask(1)
        it.answer(1)
        it.log.freeze(True)
        it.clock.now += 12
        assert it.last(0).endswith(" 30 s")
        it.log.freeze(False)
        assert it.last(0).endswith(" 18 s")


async def test_the_newest_rows_stay_in_a_full_log() -> None:
    """The log holds its number of rows; a further one costs the oldest, which none answers."""
    async with shown() as it:
        for number in range(1, MOST_ROWS + 3):
            it.ask(number, id=number)
        assert it.log.virtual_size.height == MOST_ROWS
        it.log.action_move_to(-1)
        assert it.log.selected is not None
        assert it.log.selected.number == 3
        it.answer(1, id=1)  # its row is gone
        it.log.drop(2)
        assert it.log.virtual_size.height == MOST_ROWS


async def test_a_new_row_takes_the_cursor() -> None:
    """Whoever asks wants to see the answer: the cursor goes to the new row, on top."""
    async with shown(height=4) as it:
        for number in range(1, 11):
            it.ask(number, id=number)
        await it.pilot.pause()
        it.log.action_move(6)
        await it.pilot.pause()
        assert it.log.scroll_y > 0
        it.ask(11, id=11)
        await it.pilot.pause()
        assert (it.log.cursor, it.log.scroll_y) == (0, 0)
        assert it.line(0).startswith("›11 ")


async def test_an_answer_leaves_the_cursor_where_it_is() -> None:
    """Answers come in any order, and the cursor stays on its row."""
    async with shown() as it:
        for number in (1, 2, 3):
            it.ask(number, id=number)
        it.log.action_move(1)
        for number in (3, 1, 2):
            it.answer(number, id=number)
        assert it.log.selected is not None
        assert it.log.selected.number == 2


@pytest.mark.parametrize(("dropped", "left_on"), [(3, 2), (2, 1), (1, 2)])
async def test_the_cursor_stays_on_its_row_when_another_is_dropped(
    dropped: int, left_on: int
) -> None:
    """A row that goes takes the cursor along only if the cursor was on it."""
    async with shown() as it:
        for number in (1, 2, 3):
            it.ask(number, id=number)
        it.log.action_move(1)
        it.log.drop(dropped)
        assert it.log.selected is not None
        assert it.log.selected.number == left_on


async def test_the_cursor_cannot_leave_the_log() -> None:
    """Moving beyond either end, or in an empty log, leaves the cursor on a row or on none."""
    async with shown() as it:
        it.log.action_move(1)
        it.log.action_move_to(-1)
        it.log.action_open()
        assert (it.log.cursor, it.log.selected) == (0, None)
        it.ask(1)
        it.ask(2)
        it.log.action_page(5)
        assert it.log.cursor == 1
        it.log.action_page(-5)
        assert it.log.cursor == 0
        it.log.drop(1)
        it.log.drop(2)
        assert it.log.selected is None


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("width", [39, 80])
async def test_every_line_is_as_wide_as_the_log(name: str, width: int) -> None:
    """Whatever a record is called, its row fills the log's width exactly, and obeys nothing."""
    async with shown(width, 4) as it:
        shown_name = plain(name, 80)
        it.log.add(LogRow(1, shown_name, 1))
        lines = [it.log.render_line(0)]
        it.answer(1, name=shown_name)
        lines.append(it.log.render_line(0))
        it.answer(1, Label.ERROR, ttl_left=None, name=shown_name, reason=name)
        lines.append(it.log.render_line(0))
        for line in lines:
            assert line.cell_length == cell_len(line.text) == width
            assert plain(line.text) == line.text, "a control character reached the screen"


@pytest.mark.parametrize("width", [2, 13, 39, 40, 46, 59, 60, 61, 80, 99, 120, 200])
async def test_no_width_is_too_odd(width: int) -> None:
    """At every width the line is exactly as wide as the log, and the heading no wider."""
    async with shown(width, 3) as it:
        it.ask(1)
        it.answer(1, name="佐藤 千尋")
        line = it.log.render_line(0)
        assert line.cell_length == cell_len(line.text) == width
        assert cell_len(heading(width, "名前")) <= width


def test_the_heading_stands_over_its_columns() -> None:
    """Each column's name begins where the column does."""
    label_width, _ = column_widths(79)
    line = heading(79, "name")
    assert line.index("key") == 1
    assert line.index("name") == 9
    assert line.index("answer") == 9 + label_width


@pytest.mark.parametrize(
    ("reason", "width", "shown"),
    [
        ("cannot reach the cache: connection refused", 42,
         "cannot reach the cache: connection refused"),
        ("cannot reach the cache: connection refused", 24, "connection refused"),
        ("cannot reach the cache: connection refused", 10, "connectio…"),
        ("the cache is left alone for 1.8 s more: cannot reach the cache: refused", 24,
         "the cache is left alone…"),
        ("the file is not there", 10, "the file …"),
    ],
)  # fmt: skip
def test_of_a_reason_what_went_wrong_is_told_first(reason: str, width: int, shown: str) -> None:
    """What it went wrong with goes where both have no room."""
    assert brief(reason, width) == shown
