"""Makes the README's moving picture: a demonstration is played, recorded, and drawn as SVG."""

import json
import sys
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from screenshots.cells import CELL_HEIGHT, CELL_WIDTH, Colours, Row, draw, in_svg
from terminal.emulator import Emulator
from terminal.window import Window

from tui.models.palettes import DARK_PALETTE

DEMO = "expiry"
SIZE = (90, 26)
FRAME_SECONDS = 0.1
"""What comes within that time is one picture."""
LAST_SECONDS = 4.0
"""How long the end stands before it begins again."""
COLOURS = Colours(DARK_PALETTE.text, DARK_PALETTE.background, {})
OVER = "the explorer is yours"
"""What the last picture says."""


def main(target: Path) -> None:
    """Play, record, draw."""
    with tempfile.TemporaryDirectory() as folder:
        cast = Path(folder) / "demo.cast"
        record(cast)
        header, *events = (json.loads(line) for line in cast.read_text("utf-8").splitlines())
    frames = list(frames_of(header, events))
    target.write_text(svg(frames, header), encoding="utf-8")
    sys.stdout.write(f"{target}: {len(frames)} pictures, {target.stat().st_size:,} bytes\n")


def record(cast: Path) -> None:
    """Play the demonstration in a terminal, to its end."""
    with Window("demo", DEMO, "--record", cast, size=SIZE) as window:
        while OVER not in window.emulator.text:
            assert window.process.poll() is None, window.emulator.text
            window.read(0.2)
        window.types("\x11")  # ctrl+q
        window.ends()


def frames_of(header: dict[str, Any], events: list[Any]) -> Iterator[tuple[float, list[Row]]]:
    """Give the pictures of a recording, each with the time from which it stands."""
    screen = Emulator(header["width"], header["height"])
    start: float | None = None
    shown: list[Row] = []
    for slot, pieces in groupby(events, key=lambda event: event[0] // FRAME_SECONDS):
        text = "".join(text for _, kind, text in pieces if kind == "o")
        screen.feed(text)
        rows = [tuple(row) for row in screen.cells]
        if rows != shown and "####" not in screen.text:
            start = slot * FRAME_SECONDS if start is None else start
            shown = rows
            yield slot * FRAME_SECONDS - start, rows
        if OVER in screen.text:
            return


def svg(frames: list[tuple[float, list[Row]]], header: dict[str, Any]) -> str:
    """Draw the pictures, each row once however often it stands somewhere."""
    total = frames[-1][0] + LAST_SECONDS
    numbers: dict[Row, int] = {}
    places: dict[tuple[int, int], list[tuple[float, bool]]] = {}
    before: list[int] = []
    for time, rows in frames:
        now = [numbers.setdefault(row, len(numbers)) for row in rows]
        for y, number in enumerate(now):
            if not before or before[y] != number:
                places.setdefault((y, number), []).append((time, True))
                if before:
                    places[y, before[y]].append((time, False))
        before = now
    width, height = header["width"] * CELL_WIDTH, header["height"] * CELL_HEIGHT
    drawn = "\n".join(
        f'<g id="r{number}">{draw(row, COLOURS)}</g>' for row, number in numbers.items()
    )
    uses = "\n".join(use(y, number, changes, total) for (y, number), changes in places.items())
    ground = f'<rect width="100%" height="100%" fill="{COLOURS.paper}"/>'
    return in_svg(width, height, f"{ground}\n<defs>\n{drawn}\n</defs>\n{uses}", header["title"])


def use(y: int, number: int, changes: list[tuple[float, bool]], total: float) -> str:
    """Let a drawn row be seen in line `y` while it stands there."""
    # Where nothing moves, the end is seen.
    ends_hidden = "" if changes[-1][1] else ' visibility="hidden"'
    place = f'<use href="#r{number}" y="{y * CELL_HEIGHT}"{ends_hidden}'
    if changes == [(0.0, True)]:
        return f"{place}/>"
    if changes[0][0] > 0:
        changes = [(0.0, False), *changes]
    times = ";".join(f"{time / total:.5f}" for time, _ in changes)
    values = ";".join("visible" if on else "hidden" for _, on in changes)
    return (
        f'{place}><animate attributeName="visibility" calcMode="discrete" dur="{total:.2f}s"'
        f' repeatCount="indefinite" keyTimes="{times}" values="{values}"/></use>'
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
