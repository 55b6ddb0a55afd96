"""What a person can set of a load, in steps: each control with its name and its values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tui.lab.popularity import Hot, Uniform, Zipf
from tui.lab.samples import Controls


@dataclass(frozen=True, slots=True)
class Ladder:
    """One control, and the steps that it can stand on."""

    name: str
    """What it is called."""
    field: str
    """Which of the controls it sets."""
    steps: Sequence[Any]
    """Its values, from one end to the other."""
    shown: Callable[[Any], str]
    """Gives a value in words."""
    what: str
    """What it means, in two lines of 28 cells."""
    more: str = ""
    """The same where there is room for more; '' is no more."""

    def value(self, controls: Controls) -> str:
        """Give in words what is set."""
        return self.shown(getattr(controls, self.field))

    def step(self, controls: Controls, direction: int) -> Controls:
        """Give the controls with the next (+1) or the previous (-1) value; at an end, as is.

        Of two values it is the other one.
        A value between the steps goes to the nearest in that direction.
        """
        now = getattr(controls, self.field)
        if len(self.steps) == 2:  # a switch, which both keys throw
            at = 1 - self.steps.index(now)
        elif now in self.steps:
            at = self.steps.index(now) + direction
        else:
            below = sum(step is not None and step < now for step in self.steps)
            at = below if direction > 0 else below - 1
        if not 0 <= at < len(self.steps):
            return controls
        return replace(controls, **{self.field: self.steps[at]})


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _seconds(seconds: float) -> str:
    return f"{seconds:g} s"


def _added(seconds: float) -> str:
    return f"+{seconds * 1000:g} ms" if seconds else "as it is"


def _rate(rate: float | None) -> str:
    return "no limit" if rate is None else f"{rate:,.0f}/s"


LADDERS: Sequence[Ladder] = (
    Ladder("readers", "readers", (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000), "{:,}".format,
           "how many ask at once, each one thing after the other"),
    Ladder("keys", "keys", (1, 10, 50, 100, 500, 1000, 5000, 10_000, 100_000), "{:,}".format,
           "of how many records"),
    Ladder("popularity", "popularity",
           (Uniform(), Zipf(0.5), Zipf(0.8), Zipf(1.0), Zipf(1.2), Zipf(1.5), Hot(0.5),
            Hot(0.9), Hot(0.99)), str,
           "all alike, by Zipf's law, or one asked above all",
           "which records are asked for how often: all alike, by Zipf's law, or one above all"),
    Ladder("writes", "writes", (0.0, 0.01, 0.05, 0.1, 0.2, 0.5), _percent,
           "what share are writes; each writes what is there already",
           "what share are writes; each gives a column the value that it has, and invalidates"),
    Ladder("rate", "rate", (10.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, None),
           _rate, "times count from when a lookup was due",
           "how much a second; times count from when a lookup was due, so waiting in line"
           " counts too"),
    Ladder("ttl", "ttl", (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0), _seconds,
           "for how long fills are fresh"),
    Ladder("jitter", "jitter", (0.0, 0.05, 0.1, 0.2, 0.5), _percent,
           "by what share of the ttl lives are longer or shorter"),
    Ladder("early refresh", "early_refresh", (False, True), lambda on: "on" if on else "off",
           "a hit near the end of its copy has it refreshed",
           "whether a hit near the end of its copy has it refreshed, before anybody waits"),
    Ladder("pattern", "usual", (True, False), lambda usual: "usual" if usual else "hitmiss",
           "usual: no lease and no single-flight",
           "usual: no lease, no single-flight, as most programs do it"),
    Ladder("db latency", "delay",
           (0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5), _added,
           "added by the Lab to each read and write"),
)  # fmt: skip
"""All of them, in the order in which they are listed."""
