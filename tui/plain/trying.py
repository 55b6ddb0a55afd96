"""Commands that break things on purpose, and play in the Lab."""

from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from tui.controllers.faults import FaultsController
from tui.lab.ladders import Ladder
from tui.plain.desk import DIRECTIONS, Desk, ProgressPace, seconds_of
from tui.plain.sayings import told_of_sample, told_of_side, told_of_time
from tui.runtime.errors import ChangeRefused, SettingsError
from tui.runtime.faults import Fault, read_fault

if TYPE_CHECKING:
    from tui.lab.scenario import Side

LOAD_SECONDS: Final = 10.0


async def faults(desk: Desk, text: str) -> None:
    """Say which faults there are; switch one, or all of them off."""
    desk.check_writable()
    if text == "off":
        desk.session.faults.clear()
        desk.say("all faults are off")
    elif text:
        await _switch(desk, *read_fault(text))
    else:
        for fault in Fault:
            desk.say(f"{_told(desk, fault)}, {fault.explanation}")


async def lab(desk: Desk, text: str) -> None:
    """Say what the Lab has, set something of it, run a load, or play a scenario."""
    if desk.lab.refusal is not None:
        raise ChangeRefused(desk.lab.refusal)
    name, _, rest = text.rpartition(" ")
    if rest in DIRECTIONS and name:
        _set(desk, name.strip(), DIRECTIONS[rest])
    elif text.split(" ", maxsplit=1)[0] == "load":
        await _load(desk, text.removeprefix("load").strip())
    elif text:
        await _play(desk, text)
    else:
        _list(desk)


async def _switch(desk: Desk, fault: Fault, seconds: float | None) -> None:
    """Switch a fault, after a yes where others use the cache; or set how late a slow one is."""
    controller, known = FaultsController(desk.session), desk.session.faults
    is_on = fault in known.on
    question = None if is_on else controller.question(fault)
    if question is not None and not await desk.ask(question):
        desk.say(f"{fault} stays off")
        return
    if seconds is not None:
        known.set_latency(fault, seconds)
    if not (is_on and seconds is not None):
        controller.switch(fault)
    desk.say(_told(desk, fault))


def _told(desk: Desk, fault: Fault) -> str:
    known = desk.session.faults
    name = known.describe(fault).replace(fault.words, fault.value)
    return f"{name}: {'on' if fault in known.on else 'off'}"


def _list(desk: Desk) -> None:
    desk.say("lab load runs a load for 10 s; these + or - set it: lab readers +")
    for ladder in desk.lab.ladders:
        desk.say(f"{ladder.name}: {_value(desk, ladder)}, {ladder.what}")
    desk.say("these are played by their name: lab stampede")
    for scenario in desk.lab.scenarios:
        chosen = desk.lab.parameter(scenario.NAME)
        desk.say(f"{scenario.NAME}: {f'{chosen}, ' if chosen else ''}{scenario.before}")


def _set(desk: Desk, name: str, direction: int) -> None:
    for ladder in desk.lab.ladders:
        if ladder.name == name:
            desk.lab.step(ladder, direction)
            desk.say(f"{name}: {_value(desk, ladder)}")
            return
    _check_is_scenario(desk, name)
    desk.lab.step_scenario(name, direction)
    desk.say(f"{name}: {desk.lab.parameter(name) or 'nothing can be set of it'}")


async def _load(desk: Desk, text: str) -> None:
    """Run the load for a time, and say now and then how it does."""
    seconds = seconds_of("load", text, "10 or 1m") if text else LOAD_SECONDS
    if not await _is_allowed(desk):
        return
    desk.say(f"a load for {told_of_time(seconds)}; ctrl+c stops it")
    pace, controller = ProgressPace(desk.clock), desk.lab
    async with aclosing(controller.load()) as samples:
        async for problem in samples:
            if problem:
                desk.say(problem)
            if controller.samples and controller.samples[-1].end >= seconds:
                controller.stop()
            elif controller.samples and pace.is_due:
                desk.say(told_of_sample(controller.samples[-1]))
    if controller.total is not None:
        desk.say(f"in all: {told_of_sample(controller.total)}")


async def _play(desk: Desk, name: str) -> None:
    """Play a scenario; say each of its sides when it is over."""
    _check_is_scenario(desk, name)
    if not await _is_allowed(desk):
        return
    said: tuple[Side, ...] = ()
    async with aclosing(desk.lab.play(name)) as steps:
        async for played in steps:
            if not played.sides:
                desk.say(played.scenario.before)
            for side in played.sides[len(said) :]:
                for line in told_of_side(side):
                    desk.say(line)
            said = played.sides
            if played.after is not None:
                desk.say(played.after)


async def _is_allowed(desk: Desk) -> bool:
    if not desk.lab.allowed:
        desk.lab.allowed = await desk.ask(desk.lab.question)
        if not desk.lab.allowed:
            desk.say("nothing was run")
    return desk.lab.allowed


def _check_is_scenario(desk: Desk, name: str) -> None:
    names = [scenario.NAME for scenario in desk.lab.scenarios]
    if name not in names:
        raise SettingsError(f"the Lab has no {name[:40]!r}; it has load, {', '.join(names)}")


def _value(desk: Desk, ladder: Ladder) -> str:
    return ladder.value(desk.lab.controls)
