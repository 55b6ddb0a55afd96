"""What the Lab screen can do: set a load, let it run, and play scenarios."""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from tui.controllers.session import Session
from tui.lab.catalogue import SCENARIOS
from tui.lab.ladders import LADDERS, Ladder
from tui.lab.remote import Experiment
from tui.lab.samples import Controls, Counts, Sample
from tui.lab.scenario import Scenario, Side, Verdict
from tui.runtime.clock import Clock
from tui.runtime.errors import ExperimentFailed

MOST_SAMPLES = 600
"""How many seconds of a load are remembered."""
LATEST_SHARE = 0.95
"""How much of a side is said to be over, however late it is."""
PARAMETERS: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "stampede": ("callers", (10, 100, 1_000, 5_000, 10_000)),
    "cliff": ("keys", (500, 1_000, 5_000, 10_000)),
    "early-refresh": ("lives", (1, 2, 4, 8)),
}
"""What can be chosen of a scenario, and its steps."""
READ_ONLY = (
    "The Lab stores copies of its own, and writes rows as they are: there is no Lab in"
    " read-only. Start with --writable to have it."
)


@dataclass(frozen=True, slots=True)
class Played:
    """What was seen of a scenario so far."""

    scenario: Scenario
    """The scenario."""
    sides: tuple[Side, ...] = ()
    """The ways in which it was run so far."""
    after: str | None = None
    """The line after; None until it is over."""
    verdict: Verdict | None = None
    """What it came to; None until all of its sides are there."""
    began: float = 0.0
    """When the side that is under way began, on the controller's clock."""


class LabController:
    """The Lab screen's way to loads and scenarios, one at a time."""

    def __init__(self, session: Session, clock: Clock) -> None:
        """Begin with the usual controls, the ttl of the session, and nothing running."""
        self.session = session
        self._clock = clock
        self.controls = Controls(rate=500.0, ttl=session.ttl, delay=0.02)
        """The load as it is to be."""
        self.samples: deque[Sample] = deque(maxlen=MOST_SAMPLES)
        """The latest seconds of the load."""
        self.sampled = 0
        """How many seconds there were, those that are forgotten included."""
        self.so_far = Counts()
        """What was counted in all of them."""
        self.total: Sample | None = None
        """What there was in all, once a load is over."""
        self.allowed = session.place.embedded
        """Whether a load may be put on the cache: on one that others use, after a yes."""
        self._chosen = {name: dict[str, int]() for name in SCENARIOS}
        self._experiment: Experiment | None = None
        self._busy = False
        self._faults: list[str] = []
        self.playing: str | None = None
        """The name of the scenario that is under way, if it is one."""

    @property
    def refusal(self) -> str | None:
        """Why there is no Lab; None when there is."""
        return READ_ONLY if self.session.read_only else None

    @property
    def question(self) -> str:
        """What a person is asked before a cache that is not embedded is used."""
        place = self.session.place
        return (
            f"This puts load on {place.cache} and {place.database}. It stores and deletes only"
            " keys that begin with hitmiss:lab, and changes no value. Go on?"
        )

    @property
    def running(self) -> bool:
        """Whether a load or a scenario is under way."""
        return self._busy

    @property
    def loading(self) -> bool:
        """Whether it is a load that is under way."""
        return self.running and self.playing is None

    @property
    def ladders(self) -> tuple[Ladder, ...]:
        """What can be set of a load."""
        return tuple(LADDERS)

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios, as they are chosen."""
        return tuple(self.scenario(name) for name in SCENARIOS)

    def scenario(self, name: str) -> Scenario:
        """Give the scenario of that name, with what was chosen of it."""
        return SCENARIOS[name](**self._chosen[name])

    def parameter(self, name: str) -> str:
        """Give what is chosen of a scenario in words: `1,000 callers`."""
        if name not in PARAMETERS:
            return ""
        field, _ = PARAMETERS[name]
        return f"{getattr(self.scenario(name), field):,} {field}"

    def step_scenario(self, name: str, direction: int) -> None:
        """Choose the next more (+1) or less (-1) of what can be chosen of a scenario."""
        if name not in PARAMETERS:
            return
        field, steps = PARAMETERS[name]
        at = steps.index(getattr(self.scenario(name), field)) + direction
        self._chosen[name][field] = steps[max(0, min(at, len(steps) - 1))]

    def step(self, ladder: Ladder, direction: int) -> None:
        """Set a control one step up or down, also of the load that runs."""
        self.controls = ladder.step(self.controls, direction)
        if self._experiment is not None and self.loading:
            self._experiment.tell({"controls": self.controls.to_json()})

    def pass_faults(self) -> None:
        """Let what is under way have the faults that are on by now."""
        texts = self.session.faults.texts
        if self._experiment is not None and texts != self._faults:
            self._faults = texts
            self._experiment.tell({"faults": texts})

    def stop(self) -> None:
        """Let what is under way come to its end."""
        if self._experiment is not None:
            self._experiment.stop()

    async def load(self) -> AsyncGenerator[str, None]:
        """Run the load until it is stopped; each second is in `samples`, and then given.

        What is given is what a person should know, '' for nothing.

        Raises:
            ExperimentFailed: it cannot be run to its end.
        """
        self.samples.clear()
        self.sampled, self.so_far, self.total = 0, Counts(), None
        what = {"load": self.controls.to_json()}
        async with (
            self._running(what) as experiment,
            aclosing(experiment.messages()) as messages,
        ):
            async for message in messages:
                if "sample" in message:
                    self._remember(Sample.from_json(message["sample"]))
                elif "end" in message:
                    self.total = Sample.from_json(message["end"])
                    self.so_far = self.total.counts
                yield message.get("problem", "")

    def _remember(self, sample: Sample) -> None:
        self.samples.append(sample)
        self.sampled += 1
        self.so_far.add(sample.counts)

    def progress(self, played: Played) -> float:
        """Give about what share of a scenario is over, 0 to 1: sides, and time of this one."""
        scenario = played.scenario
        share = 0.0
        if scenario.seconds:
            passed = self._clock.monotonic() - played.began
            share = min(LATEST_SHARE, max(0.0, passed / scenario.seconds))
        return min(1.0, (len(played.sides) + share) / scenario.SIDES)

    async def play(self, name: str) -> AsyncGenerator[Played, None]:
        """Play a scenario; give what was seen so far, side by side, and at the end.

        Raises:
            ExperimentFailed: it cannot be run to its end.
        """
        scenario = self.scenario(name)
        played = Played(scenario, began=self._clock.monotonic())
        what = {"scenario": name, "parameters": self._chosen[name]}
        async with (
            self._running(what, name) as experiment,
            aclosing(experiment.messages()) as messages,
        ):
            yield played
            async for message in messages:
                if "side" in message:
                    sides = (*played.sides, Side(**message["side"]))
                    verdict = scenario.verdict(sides) if len(sides) == scenario.SIDES else None
                    played = Played(
                        scenario, sides, verdict=verdict, began=self._clock.monotonic()
                    )
                else:
                    played = replace(played, after=message["end"])
                yield played

    @asynccontextmanager
    async def _running(
        self, what: Mapping[str, Any], scenario: str | None = None
    ) -> AsyncIterator[Experiment]:
        laboratory = self.session.laboratory
        if laboratory is None or self._busy:
            raise ExperimentFailed(
                "there is one under way" if laboratory else "there is no Lab"
            )
        self._busy, self.playing = True, scenario
        self._faults = self.session.faults.texts
        try:
            async with laboratory.experiment(
                {**what, "faults": self._faults}
            ) as self._experiment:
                yield self._experiment
        finally:
            self._busy, self.playing, self._experiment = False, None, None
