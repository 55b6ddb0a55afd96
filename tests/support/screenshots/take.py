"""Takes the README's pictures from the running app: real cache, real database, real time."""

import asyncio
import random
import re
import sys
import tempfile
from pathlib import Path

from msgspec.structs import replace
from person import Person, person_with

from tui.database.sqlite.demo import make_demo
from tui.models import Scalar

FOLDER = Path(__file__).parent
SIZE = (100, 30)
JITTER_SEED = 11
"""Makes the times to live, and so the bars, the same in each picture."""
ANSWER_SECONDS = 0.3
STORY = (
    ("3", 4.0), ("1", 2.0), ("4", 3.0), ("99999", 1.5), ("99999", 1.5), ("o'brien", 0.5),
    ("R", 1.0), ("2", 2.5), ("9", 1.5), ("1", 0.5),
)  # fmt: skip
"""What is asked for, and how many seconds pass before the next question."""


FILLS = (
    (range(1, 13), 15.0, 60.0), (range(20, 110), 150.0, 152.0), (range(110, 140), 60.0, 400.0),
)  # fmt: skip
"""Which records are cached for the Cache screen, and for how long: from, to, in seconds."""
LOAD_SECONDS = 6.0
"""How long a load runs between two changes of it."""
DRIFT: dict[int, dict[str, Scalar]] = {
    3: {"city": "Cork"},
    20: {"plan": "free", "credit": 0.0},
    77: {"city": None},
}
"""What is changed behind the cache's back for the audit."""


async def main() -> None:
    """Take each picture in an explorer of its own."""
    for name, act in (
        ("lookup", look_up),
        ("cache", see_all),
        ("compare", find_drift),
        ("lab", load),
    ):
        random.seed(JITTER_SEED)
        with tempfile.TemporaryDirectory() as folder:
            database = Path(folder) / "demo"
            make_demo(database)
            async with person_with(SIZE, db=str(database)) as person:
                await act(person)
                svg = person.app.export_screenshot(title="hitmiss")
        picture = FOLDER / f"{name}.svg"
        picture.write_text(tidy(svg), encoding="utf-8")
        sys.stdout.write(f"{picture}\n")


async def fill(person: Person) -> None:
    """Cache what FILLS says, through the service."""
    service = await person.app._session.service()
    before = service.lifetimes
    for ids, shortest, longest in FILLS:
        for id in ids:
            service.lifetimes = replace(before, ttl=random.uniform(shortest, longest))
            await service.look_up(id)
    service.lifetimes = before


async def see_all(person: Person) -> None:
    """Fill the cache, and go to the Cache screen."""
    await fill(person)
    await person.presses("escape", "2")
    await person.has_all_answers()


async def find_drift(person: Person) -> None:
    """Change rows behind the cache's back, and let the audit find them."""
    await fill(person)
    services = await person.app._session.services()
    for id, changes in DRIFT.items():
        await services.table.update(id, changes)
    await person.presses("escape", "3", "a")
    await person.has_all_answers()
    await person.presses("j")
    await person.settles()
    await person.has_all_answers()


async def load(person: Person) -> None:
    """Let a load run in the Lab for a while, and change it on the way."""
    await person.presses("escape", "4", *"j" * 5, *"--", "j", *"--", *"kk", *"++", "space")
    for what in (None, "j", "+", None):
        if what is not None:
            await person.presses(what)
        await asyncio.sleep(LOAD_SECONDS)
    await person.settles()


async def look_up(person: Person) -> None:
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
