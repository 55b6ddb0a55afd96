"""What an empty Lookup screen shows: the pattern as a picture, and what to try."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.models import TableSchema
from tui.runtime.plain_text import plain
from tui.views.widgets.actions import with_keys
from tui.views.widgets.frame import Framed
from tui.views.widgets.quantities import time_left

PICTURE = (
    "╭───────╮     read    ╭─────────╮     read     ╭────────────╮",
    "│  you  ├────────────›│ ● cache ├─────────────›│ ◆ database │",
    "╰───────╯             ╰─────────╯  on a miss   ╰────────────╯",
    "    ‹──── ● HIT ───────────╯                          │      ",
    "    ‹──── ◆ DB ───── and kept for {ttl} {line}╯      ",
)
"""How a look-up goes: the signs of cache and database are those of every screen."""
LINE_CELLS = 19
"""Between the text of the last line and the corner under the database, with the ttl."""
COLOURED = {"● cache": "$outcome-hit", "◆ database": "$outcome-db", "● HIT": "$outcome-hit",
            "◆ DB": "$outcome-db", "you": "$foreground", "read": "$muted",
            "on a miss": "$muted"}  # fmt: skip
WITHOUT_CACHE = "cache down, on purpose: the database answers"
WITHOUT_DATABASE = "database down: a copy past its ttl answers"
EXPLAINS = "explains every key and every word"
TOUR_CELLS = 73
"""From this width on the tour says what each look-up will answer."""
FRAME_CELLS, OTHER_ROWS = 2, 7
"""What is beside it, and above and below it, in a terminal of usual size."""
DEMO = "-demo"
"""The class of an app that plays a demonstration: it need not name one."""
ABSENT = 99999
"""A key that hardly any small table has."""


class First(Framed, VerticalScroll, can_focus=True):
    """The picture, and a tour of some lines; gone at the first answer."""

    DEFAULT_CSS = """
    First { height: 1fr; align: center middle; overflow: hidden; }
    First Static { width: auto; max-width: 100%; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(
        self, schema: TableSchema, ttl: float, *, writable: bool, id: str | None = None
    ) -> None:
        """Fit the tour to the table; fills live for `ttl` seconds.

        Where nothing is `writable`, nothing is filled, nor made to fail.
        """
        super().__init__(id=id)
        self.entitle("cache-aside")
        self.tell("nothing asked yet")
        self._schema = schema
        self._ttl = ttl
        self._room: tuple[int, int] | None = None
        self._writable = writable

    def compose(self) -> ComposeResult:
        """Give the one text inside."""
        yield Static(markup=False)

    def guess(self) -> None:
        """Fill it for the room that there will be, most likely: a second layout takes long."""
        width, height = self.app.size
        self._show(width - FRAME_CELLS, height - OTHER_ROWS)

    def on_resize(self) -> None:
        """Put the picture above the tour where it fits."""
        super().on_resize()
        self._show(*self.content_size)

    def _show(self, width: int, height: int) -> None:
        if (width, height) != self._room:
            self._room = width, height
            self.query_one(Static).update(self._fitting(width, height))

    def _fitting(self, width: int, height: int) -> Content:
        drawn, tour = picture(self._ttl), self._tour(width)
        ask = with_keys(self.screen, "{screen.help_anywhere}")
        about = [Content(""), Content.styled(f"{ask} {EXPLAINS}", "$muted")]
        if width >= drawn[0].cell_length and height > len(drawn) + len(tour):
            tour = [*drawn, Content(""), *tour]
        if height >= len(tour) + len(about):  # the line of the input says it too
            tour += about
        return Content("\n").join(tour)

    def _tour(self, width: int) -> list[Content]:
        """Give what to try, and in more than a little width what it will answer."""
        submit, leave, faults, lab = (
            with_keys(self.screen, f"{{{id}}}")
            for id in ("input.submit", "input.leave", "screen.faults", "screen.lab")
        )
        hit, db = ("● HIT", "hit"), ("◆ DB", "db")
        again = "again: the cache does, while the bar lasts"
        key = "1" if self._schema.id_is_integer else "a key"
        tries = [(key, submit, "the database answers", *db)]
        if self._writable:
            tries.append(("", submit, again, *hit))
        if self._schema.id_is_integer and self._writable:
            absent = "nobody has that key; the cache learns it"
            tries.append((f"{ABSENT}", submit, absent, "○ NEGATIVE", "hit"))
        if self._schema.search_columns:
            named = " or ".join(plain(name, 20) for name in self._schema.search_columns[:2])
            tries.append(("a text", "", f"search by {named} as you type", "", ""))
        if self._writable:
            tries.append((leave, faults, WITHOUT_CACHE, "▲ BYPASS", "warning"))
            tries.append(("", faults, WITHOUT_DATABASE, "▲ STALE", "warning"))
        tries += [
            *[(leave, lab, "the Lab: load, stampedes, expiry cliffs", "", "")] * self._writable,
        ]
        if not self.app.has_class(DEMO):
            what = "in the shell: a demonstration of all this"
            tries.append(("hitmiss", "demo", what, "", ""))
        wide = width >= TOUR_CELLS
        gap, cells = (2, 47) if wide else (1, 0)
        return [
            Content.assemble(
                (f"{text:>7}{'':{gap}}{key:<{5 + gap}}", "bold $here"), f"{what:<{cells}}",
                (f"{answer:<10}" if wide else "", f"$outcome-{family or 'hit'}"),
            )
            for text, key, what, answer, family in tries
        ]  # fmt: skip


def picture(ttl: float) -> list[Content]:
    """Give the picture, in the colours of the two stores."""
    kept = time_left(ttl)
    line = "─" * max(1, LINE_CELLS - len(kept))
    lines = []
    for text in PICTURE:
        shown = text.replace("{ttl}", kept).replace("{line}", line)
        content = Content.styled(shown, "$frame")
        for word, colour in COLOURED.items():
            at = shown.find(word)
            while at >= 0:
                content = content.stylize(f"{colour} bold", at, at + len(word))
                at = shown.find(word, at + 1)
        lines.append(content)
    return lines
