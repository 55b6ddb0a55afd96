"""Takes the README's picture from the running app: real cache, real database, real time."""

import asyncio
import random
import re
import sys
import tempfile
from pathlib import Path

from person import Person, person_with

from tui.database import make_demo

PICTURE = Path(__file__).with_name("lookup.svg")
SIZE = (100, 30)
JITTER_SEED = 11
"""Makes the times to live, and so the bars, the same in each picture."""
ANSWER_SECONDS = 0.3
STORY = (
    ("3", 4.0), ("1", 2.0), ("4", 3.0), ("99999", 1.5), ("99999", 1.5), ("o'brien", 0.5),
    ("R", 1.0), ("2", 2.5), ("9", 1.5), ("1", 0.5),
)  # fmt: skip
"""What is asked for, and how many seconds pass before the next question."""


async def main() -> None:
    """Look up what the story says, and keep what is on the screen at its end."""
    random.seed(JITTER_SEED)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "demo"
        make_demo(database)
        async with person_with(SIZE, db=str(database)) as person:
            await act(person)
            svg = person.app.export_screenshot(title="hitmiss")
    PICTURE.write_text(tidy(svg), encoding="utf-8")
    sys.stdout.write(f"{PICTURE}\n")


async def act(person: Person) -> None:
    """Press the keys."""
    for what, seconds in STORY:
        if what == "R":
            await person.presses("escape", "R")
        else:
            await person.asks(what)
        await asyncio.sleep(ANSWER_SECONDS)  # to poll for the answer would slow it down
        await person.has_all_answers()
        await asyncio.sleep(seconds)
    await person.presses("escape")
    person.screen.lookups.tick()
    await person.settles()


def tidy(svg: str) -> str:
    """Leave out what changes from run to run, and the fonts from other people's servers."""
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    return re.sub(r"\s*@font-face \{.*?\}\n", "\n", svg, flags=re.DOTALL)


if __name__ == "__main__":
    asyncio.run(main())
