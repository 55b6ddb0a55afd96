"""The Lab screen on a laboratory in a test's hands, and what is read off it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fakes import SCHEMA, TEMPLATE, Bench
from laboratory import FakeLaboratory
from person import Person, person_at

from tui.controllers.session import Place


@asynccontextmanager
async def at_lab(
    laboratory: FakeLaboratory,
    *,
    embedded: bool = True,
    read_only: bool = False,
    size: tuple[int, int] = (80, 24),
    bench: Bench | None = None,
) -> AsyncIterator[Person]:
    """Go to the Lab screen of an explorer on fakes."""
    bench = bench or Bench()

    async def open_bench() -> Bench:
        return bench

    place = Place("shop.db", "redis://cache:6379", embedded=embedded)
    async with person_at(
        open_bench, schema=SCHEMA, template=TEMPLATE, read_only=read_only, place=place,
        clock=bench.clock, size=size, laboratory=laboratory,
    ) as person:  # fmt: skip
        await person.presses("escape", "4")
        yield person


LEFT = 32
"""Cells of the lists, at 80 columns."""
FRAME = "╭╮╰╯│─"


def row(person: Person, name: str) -> str:
    """Give what the lists have beside a name."""
    lines = (line[:LEFT].strip(f"{FRAME} ›▁▂▃▄▅▆▇█") for line in person.lines)
    return next(line for line in lines if line.startswith(name)).removeprefix(name).strip()


def load_state(person: Person) -> str:
    """Give how the load stands, from the edge of its frame."""
    return row(person, "load").strip(f"{FRAME} ")


def frames(person: Person) -> list[str]:
    """Give the edges and the rows beside the lists, each without frame and blanks."""
    lines = (line[LEFT:].strip(f"{FRAME} ") for line in person.lines[1:-1])
    return [" ".join(line.replace("─", " ").split()) for line in lines]


def seen(person: Person) -> str:
    """Give what stands beside the lists, as one line."""
    return " ".join(" ".join(frames(person)).split())
