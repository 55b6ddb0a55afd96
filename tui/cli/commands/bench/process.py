"""A load or a scenario for the explorer, which has it run in a process of its own.

Started by the command that isolation.py gives. Standard input and output carry JSON objects,
one a line. The first says what to run: `{"options": ..., "load": controls}`, or `"scenario"`
with a name and `"parameters"`, and with the `"faults"` that are on. It may be told other
`{"faults": ...}` later, a load other `{"controls": ...}` too. The end of the input ends it, and
the keys it stored are deleted, also when the explorer was killed.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from tui.bootstrap import open_lab, prepare
from tui.cli.exit_codes import DONE
from tui.config.settings import resolve
from tui.lab.catalogue import SCENARIOS
from tui.lab.environment import LabEnvironment
from tui.lab.load import Load
from tui.lab.samples import Controls
from tui.runtime import crash, signals
from tui.runtime.errors import HitmissError
from tui.runtime.faults import Faults
from tui.runtime.leaving import leave


def main() -> None:
    """Run what the first line says; what nobody has foreseen is told to the explorer too."""
    crash.watch()
    code = DONE
    try:
        asyncio.run(_main())
        crash.raise_noted()
    except Exception as error:  # noqa: BLE001 - its code is not to be that of an answer
        _tell({"failed": f"this is a fault of hitmiss: {crash.sentence(error)}"})
        code = crash.report(error, debug=True)
    leave(code)


async def _main() -> None:
    work = asyncio.create_task(_work())

    def end(_: int) -> None:
        work.cancel()

    signals.end_by(end)
    await asyncio.wait([work])
    if not work.cancelled():
        work.result()


async def _work() -> None:
    lines = await _input()
    told = json.loads(await lines.readline() or "null")
    if told is None:
        return
    faults = Faults()
    try:
        plan = prepare(resolve(told["options"], {}, {}, ""))
        async with open_lab(plan, faults=faults) as lab:
            faults.follow(told.get("faults", ()))
            if "load" in told:
                await _load(lab, told, _Orders(lines, faults))
            else:
                await _play(lab, told, _Orders(lines, faults))
    except HitmissError as error:
        _tell({"failed": str(error)})


class _Orders:
    """What the explorer still says, until it says no more."""

    def __init__(self, lines: asyncio.StreamReader, faults: Faults) -> None:
        self._lines = lines
        self._faults = faults

    async def follow(self, load: Load | None = None) -> None:
        while line := await self._lines.readline():
            told = json.loads(line)
            try:
                self._faults.follow(told.get("faults", self._faults.texts))
                if load is not None and "controls" in told:
                    await load.change(Controls.from_json(told["controls"]))
            except HitmissError as error:  # the controls that were in force still are
                _tell({"problem": str(error)})


async def _load(lab: LabEnvironment, told: Mapping[str, Any], orders: _Orders) -> None:
    load = Load(
        lab,
        Controls.from_json(told["load"]),
        lambda sample: _tell({"sample": sample.to_json()}),
        grace=told["options"]["grace"],
        negative_ttl=told["options"]["negative-ttl"],
    )
    following = asyncio.create_task(orders.follow(load))
    following.add_done_callback(lambda _: load.stop())
    try:
        total = await load.run()
    finally:
        following.cancel()
    _tell({"end": total.to_json()})


async def _play(lab: LabEnvironment, told: Mapping[str, Any], orders: _Orders) -> None:
    scenario = SCENARIOS[told["scenario"]](**told["parameters"])
    playing = asyncio.create_task(scenario.run(lab, lambda side: _tell({"side": asdict(side)})))
    following = asyncio.create_task(orders.follow())
    try:
        await asyncio.wait([playing, following], return_when=asyncio.FIRST_COMPLETED)
        _tell({"end": playing.result() if playing.done() else "stopped before its end"})
    finally:
        following.cancel()
        playing.cancel()
        with suppress(asyncio.CancelledError, HitmissError):
            await playing


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    return reader


def _tell(message: Mapping[str, Any]) -> None:
    with suppress(BrokenPipeError):  # nobody listens any more, and the input ends as well
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
