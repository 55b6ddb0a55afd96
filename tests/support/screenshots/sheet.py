"""Takes a picture of every screen in every look, from the real program in a terminal.

Each becomes a PNG, and those of one look and size a contact sheet, to be looked at.
"""

import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import fontpkg_fira_code
import resvg_py
from msgspec import Struct
from screenshots.cells import Colours, Row, in_svg, picture
from terminal.window import EXPLORER, Window

from tui.database.sqlite.demo import make_demo
from tui.models.palettes import DARK_PALETTE, PALETTES, Palette

SIZES = ((80, 24), (120, 40))
ACROSS = 4
"""How many pictures stand beside each other in a sheet."""
MARGIN, CAPTION = 24, 22
SCALE = {80: 1.5, 120: 1.25}
"""Pixels for each of a picture's own, by the columns of the terminal."""
SETTLE_SECONDS = 0.6
LOAD_SECONDS = 12.0
"""How long a load has run in its picture."""
FONTS = next(Path(fontpkg_fira_code.__file__).parent.rglob("*.ttf"))
XTERM = (
    "#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5",
    "#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff",
)  # fmt: skip
"""The sixteen colours of a terminal that many people have."""
NAMES = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")


DRIFT = "rows are changed behind the cache's back"


class Look(Struct, frozen=True):
    """How the program is started, and what its terminal's colours are."""

    options: tuple[str, ...]
    environment: Mapping[str, str]
    palette: Palette = DARK_PALETTE


LOOKS = {
    "dark": Look((), {}),
    "light": Look(("--theme", "hitmiss-light"), {}, PALETTES["hitmiss-light"]),
    "sixteen": Look((), {"TERM": "xterm", "COLORTERM": ""}),
    "ascii": Look(
        (), {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ),
}


class Step(NamedTuple):
    """What is typed, what must then be seen, and how long to wait before the picture."""

    name: str
    keys: str
    shows: str = ""
    seconds: float = SETTLE_SECONDS


STORY = (
    Step("first", "", "nothing asked yet"),
    Step("matches", "zo", "Zo"),
    Step("", "\x15"),
    *(
        Step("", f"{key}\r", "", 0.9)
        for key in ("1", "1", "99999", "99999", "3", "12", "3", "7")
    ),
    Step("lookup", "\x1b", "record 7"),
    Step("help", "?", "On this screen"),
    Step("detail", "\x1b\r", "created_at"),
    Step("edit", "\x1bu", "will run"),
    Step("", "\x1b", "answers"),
    Step("palette", ":", "Again (r)"),
    Step("", "\x1b", "record 7"),
    Step("faults", "f", "slow"),
    Step("broken", " \x1br", "BYPASS", 2.0),
    Step("", "f \x1b", "answers"),
    Step("", "/", "look up"),
    *(Step("", f"{key}\r", "", 0.12) for key in range(20, 60)),
    Step("cache", "\x1b2", "expiries"),
    Step("compare", "3", "compare"),
    Step(DRIFT, ""),
    Step("", "/3\r", "record 3"),
    Step("audit", "\x1ba", "done in"),
    Step("lab", "4", "scenarios"),
    Step("load", "jjj+j-j-- ", "each second", LOAD_SECONDS),
    Step("", " ", "stopped", 1.0),
    Step("stampede", "s", "half of them after", 3.0),
    Step("", "j\r", "Stop"),
    Step("cliff", "", "Again"),
    Step("", "j\r", "Stop"),
    Step("early", "", "Again"),
    Step("", "j\r", "Stop", 0.1),
    Step("stale", "", "Again"),
)
"""What a person does, in order; without a name there is no picture."""


def main(target: Path, *looks: str) -> None:
    """Take them all; or those of some looks only."""
    target.mkdir(parents=True, exist_ok=True)
    for name in looks or LOOKS:
        for size in SIZES:
            look = LOOKS[name]
            colours = colours_of(look.palette)
            shots = dict(taken(look, size))
            where = f"{name}-{size[0]}x{size[1]}"
            for title, rows in shots.items():
                drawn = picture(rows, colours)
                write(target / f"{where}-{title}.png", in_svg(*drawn, title), SCALE[size[0]])
            write(target / f"sheet-{where}.png", sheet(shots, colours), 0.6)
            sys.stdout.write(f"{target}/sheet-{where}.png: {len(shots)} pictures\n")


def colours_of(palette: Palette) -> Colours:
    """Give a terminal's colours, with words and a ground as a palette has them."""
    names = dict(zip(NAMES, XTERM[:8], strict=True))
    names |= {f"bright{name}": one for name, one in zip(NAMES, XTERM[8:], strict=True)}
    return Colours(palette.text, palette.background, names)


def taken(look: Look, size: tuple[int, int]) -> Iterator[tuple[str, list[Row]]]:
    """Do what the story says; give each picture's name and what stands in the cells."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "users.db"
        make_demo(database)
        own = {f"XDG_{kind}_HOME": folder for kind in ("STATE", "CONFIG", "CACHE", "DATA")}
        arguments = ("--db", str(database), *look.options)
        own |= look.environment
        with Window(*arguments, program=EXPLORER, size=size, answers=True, **own) as window:
            for step in STORY:
                if step.name == DRIFT:
                    change(database)
                    continue
                window.types(step.keys)
                if step.shows:
                    window.shows(step.shows)
                wait(window, step.seconds)
                if step.name:
                    yield step.name, [tuple(row) for row in window.emulator.cells]


def change(database: Path) -> None:
    """Change rows as another program would: what is cached stays as it is."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE users SET city = 'Cork' WHERE id = 3")
        connection.execute("UPDATE users SET plan = 'free', credit = 0 WHERE id = 20")
        connection.execute("DELETE FROM users WHERE id = 41")


def wait(window: Window, seconds: float) -> None:
    """Read what comes within that time."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        window.read(left)


def sheet(shots: Mapping[str, list[Row]], colours: Colours) -> str:
    """Put all pictures of a look into one, each under its name."""
    drawn = []
    across = down = 0.0
    for number, (name, rows) in enumerate(shots.items()):
        width, height, cells = picture(rows, colours)
        x = MARGIN + number % ACROSS * (width + MARGIN)
        y = MARGIN + number // ACROSS * (height + MARGIN + CAPTION)
        drawn.append(
            f'<text x="{x:g}" y="{y + 14:g}" fill="#808080">{name}</text>'
            f'<g transform="translate({x:g} {y + CAPTION:g})">{cells}</g>'
        )
        across, down = max(across, x + width), y + CAPTION + height
    ground = '<rect width="100%" height="100%" fill="#404448"/>'
    return in_svg(across + MARGIN, down + MARGIN, ground + "".join(drawn), "hitmiss")


def write(target: Path, svg: str, scale: float) -> None:
    """Draw SVG into a PNG, so many pixels for each of its own."""
    width = float(svg.split('width="', 1)[1].split('"', 1)[0])
    target.write_bytes(
        bytes(
            resvg_py.svg_to_bytes(
                svg_string=thick(svg), width=round(width * scale), font_files=[str(FONTS)],
                skip_system_fonts=True, font_family="Fira Code", monospace_family="Fira Code",
            )
        )
    )  # fmt: skip


def thick(svg: str) -> str:
    """Draw bold text with an outline: what draws here has one weight of this font."""
    outlined = r'\g<0> stroke="\1" stroke-width="0.5"'
    return re.sub(r'fill="([^"]+)" font-weight="bold"', outlined, svg)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
