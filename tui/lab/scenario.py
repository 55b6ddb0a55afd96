"""What a scenario is: a sentence before, the same thing in several ways, a line after."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeAlias

from tui.lab.environment import LabEnvironment
from tui.lab.latencies import Latencies
from tui.models import Label

Numbers: TypeAlias = Mapping[str, int | float]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the ways in which a scenario was run, and what was seen."""

    name: str
    """What was different about it: `usual pattern`."""
    numbers: Numbers
    """What was counted and measured; names in `_ms` are times."""
    series: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """What was counted in each tenth of a second."""
    moments: Sequence[str] = ()
    """What happened, step by step."""

    def to_json(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        numbers = {
            name: number if isinstance(number, int) else round(number, 3)
            for name, number in self.numbers.items()
        }
        series = {name: list(counts) for name, counts in self.series.items()}
        return {"side": self.name, **numbers, **series, "moments": list(self.moments)}


Show: TypeAlias = Callable[[Side], None]


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that every side has, to be compared from side to side."""

    number: str
    """Its name among the side's numbers."""
    title: str
    """What it is, in words."""
    family: str = "hit"
    """Whose number it is: `db` is the database's, `hit` that of who asks."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scenario came to: one number without a protection, and with it."""

    before: int
    after: int
    what: str
    """What was counted: `database reads`."""
    said: str
    """Both in a few words: `1 read instead of 1,000`."""
    held: bool
    """Whether the protection did what it promises."""


class Scenario(Protocol):
    """Something that can be run in a lab environment and shows one thing."""

    NAME: ClassVar[str]
    """What it is called on the command line."""
    TITLE: ClassVar[str]
    """What it is called on the screen."""
    MEASURES: ClassVar[Sequence[Measure]]
    """What is to be compared of its sides."""
    SIDES: ClassVar[int]
    """In how many ways it is run."""

    @property
    def question(self) -> str:
        """What it asks, in as few words as can be."""
        ...

    @property
    def delay(self) -> float:
        """What is added to the time of the database, in seconds."""
        ...

    @property
    def seconds(self) -> float:
        """About how long each side takes, where that is by its design; else 0."""
        ...

    def verdict(self, sides: Sequence[Side]) -> Verdict:
        """Give what all of its sides came to."""
        ...

    @property
    def before(self) -> str:
        """One sentence: what will be seen."""
        ...

    async def run(self, lab: LabEnvironment, show: Show) -> str:
        """Run it, and call `show` with each side when it is over; give the line after.

        Raises:
            ChangeRefused: there is nothing in the table that it could read, or touch.
            CacheError, DatabaseUnavailable: no answer while it was prepared.
        """
        ...


def waits(seconds: Iterable[float], labels: Mapping[Label, int]) -> dict[str, int | float]:
    """Give what is told of callers who waited: how long, and how many in vain."""
    times = Latencies()
    for each in seconds:
        times.record(each)
    p50, p99 = times.at(50, 99)
    return {
        "p50_ms": p50 * 1000,
        "p99_ms": p99 * 1000,
        "longest_ms": times.longest * 1000,
        "errors": labels.get(Label.ERROR, 0),
    }
