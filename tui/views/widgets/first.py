"""What an empty Lookup screen shows: the pattern as a picture, and what to try."""

from collections.abc import Sequence

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
ABSENT = 99999
"""A key that hardly any small table has."""


class First(Framed, VerticalScroll, can_focus=False):
    """The picture, and a tour of some lines; gone at the first answer."""

    DEFAULT_CSS = """
    First { height: 1fr; align: center middle; overflow: hidden; }
    First Static { width: auto; }
    """

    def __init__(self, schema: TableSchema, ttl: float, *, id: str | None = None) -> None:
        """Fit the tour to the table; fills live for `ttl` seconds."""
        super().__init__(id=id)
        self.entitle("cache-aside")
        self.tell("nothing asked yet")
        self._schema = schema
        self._ttl = ttl

    def compose(self) -> ComposeResult:
        """Give the one text inside."""
        yield Static(markup=False)

    def show(self) -> None:
        """Put the picture above the tour, with the keys as they are by now."""
        lines = (*picture(self._ttl), Content(""), *self._tour())
        self.query_one(Static).update(Content("\n").join(lines))

    def _tour(self) -> Sequence[Content]:
        """Give what to try, and what it will answer."""
        submit, faults, lab, ask = (
            with_keys(self.screen, f"{{{id}}}")
            for id in ("input.submit", "screen.faults", "screen.lab", "screen.help_anywhere")
        )
        hit, db = ("● HIT", "$outcome-hit"), ("◆ DB", "$outcome-db")
        lines = []
        if self._schema.id_is_integer:
            lines = [
                _line("1", submit, "the database answers", db),
                _line("", submit, "again: the cache does, while the bar lasts", hit),
                _line(f"{ABSENT}", submit, "nobody has that key; the cache learns it",
                      ("○ NEGATIVE", "$outcome-hit")),
            ]  # fmt: skip
        else:
            lines = [
                _line("a key", submit, "the database answers", db),
                _line("", submit, "again: the cache does, while the bar lasts", hit),
            ]
        if self._schema.search_columns:
            named = " or ".join(plain(name, 20) for name in self._schema.search_columns[:2])
            lines.append(_line("a text", "", f"search by {named} as you type", ("", "")))
        lines += [
            _line("", faults, "let the cache or the database fail, on purpose",
                  ("▲ STALE", "$outcome-warning")),
            _line("", lab, "the Lab: load, stampedes, expiry cliffs", ("", "")),
            _line("hitmiss", "demo", "in the shell: plays it, step by step", ("", "")),
            Content(""),
            Content.styled(f"{ask} explains every key and every word", "$muted"),
        ]  # fmt: skip
        return lines


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


def _line(text: str, key: str, what: str, answer: tuple[str, str]) -> Content:
    """Give one thing to try: what to type, a key, what happens, the answer."""
    return Content.assemble(
        (f"{text:>7}  ", "bold $here"),
        (f"{key:<7}", "bold $here"),
        f"{what:<47}",
        (f"{answer[0]:<10}", answer[1]),
    )
