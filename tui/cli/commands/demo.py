"""`hitmiss demo`: play a demonstration on the real screen, until somebody takes over."""

import os
import random
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from tui.bootstrap import Plan, Uniform, prepare
from tui.cli.commands.output import print_json, print_line, say
from tui.cli.exit_codes import DONE
from tui.cli.explore import StartupState, run_explorer
from tui.cli.options import Number, common_options, settings_of
from tui.config.options import SETTABLE
from tui.config.settings import Settings, resolve
from tui.controllers.session import Session
from tui.database.registry import store_of
from tui.demos.script import Script, find_script, packaged
from tui.runtime import signals
from tui.runtime.clock import Clock

if TYPE_CHECKING:
    from textual.driver import Driver

    from tui.demos.explorer import DemoExplorer, Wanted
    from tui.terminal.recording import Recording
    from tui.views.app import Explorer

FIRST = "expiry"
OF_ITS_OWN = ("db", "cache", "table", "id-column", "key")
"""Options that have no meaning here: a demonstration brings its own."""

STEP_SECONDS = 3600.0
"""For how long copies live at the least while somebody talks."""
LOG_ROWS = 1000
"""How many lookups the log holds: all that a crowd or two asks for."""


@click.command(short_help="Play a demonstration; any key takes over.")
@click.argument("name", metavar="[NAME|FILE]", default=FIRST)
@click.option("--speed", type=Number(0.1, 1000), default=1.0, show_default=True,
              metavar="X", help="Type, and let read, X times as fast.")  # fmt: skip
@click.option("--step", "by_step", is_flag=True,
              help="Wait at each caption: space goes on, b goes back, p holds.")  # fmt: skip
@click.option("--list", "listed", is_flag=True, help="List the demonstrations there are.")
@click.option("--record", type=click.Path(path_type=Path), metavar="FILE",
              help="Write an asciicast (v2) of what the terminal shows.")  # fmt: skip
@common_options
@click.pass_context
def demo(
    context: click.Context,
    name: str,
    speed: float,
    by_step: bool,
    listed: bool,
    record: Path | None,
) -> None:
    """Play a demonstration on the real screen: keys, captions, real lookups.

    Any key takes over: the demonstration ends, and the explorer stays. At its end r plays it
    again, and n the next. It has the embedded
    cache and a demo database of its own, so nothing of yours is changed. NAME is one of
    --list, or a FILE that you have written yourself; without it, expiry is played.
    """
    settings = settings_of(context)
    if listed:
        for script in packaged():
            if settings.json:
                print_json({"name": script.name, "title": script.title})
            else:
                print_line(f"{script.name:14}{script.title}")
        context.exit(DONE)
    for option in OF_ITS_OWN:
        if settings.sources.get(option) == "flag":
            raise click.UsageError(f"a demonstration brings its own: leave --{option} out")
    script = find_script(name)
    if not all(s is not None and s.isatty() for s in (sys.stdin, sys.stdout)):
        raise click.UsageError("a demonstration needs a terminal; --list names them")
    wanted: Wanted | None = None
    while True:
        begin_at = 0 if wanted is None else wanted.caption
        play = _Play(settings, script, speed, record, by_step=by_step, begin_at=begin_at)
        code, wanted = _play(play)
        if wanted is None:
            context.exit(code)
        script = wanted.script


class _Play(Struct, frozen=True):
    """One demonstration, and how it is played; see DemoExplorer."""

    settings: Settings
    script: Script
    speed: float
    record: Path | None
    by_step: bool
    begin_at: int


def _play(play: _Play) -> "tuple[int, Wanted | None]":
    """Play it; give the exit code, and what is to be played next."""
    signals.leave_at_once()  # from here on there is a temporary folder
    script, speed, record = play.script, play.speed, play.record
    apps: list[DemoExplorer] = []
    with ExitStack() as stack:
        recording: Recording | None = None
        if record is not None:
            recording = stack.enter_context(_recording(record, script.title))

        def make(
            session: Session, clock: Clock, driver: "type[Driver] | None", _: StartupState
        ) -> "Explorer":
            from tui.demos.explorer import DemoExplorer

            if recording is not None:
                from tui.terminal.recording import recorded

                driver = recorded(driver, recording)
            # What is played again would be no part of the recording.
            apps.append(DemoExplorer(
                session, clock, driver, script=script, speed=speed, by_step=play.by_step,
                begin_at=play.begin_at, offers=recording is None,
            ))  # fmt: skip
            return apps[0]

        plan = stack.enter_context(plan_of(play.settings, script, speed, by_step=play.by_step))
        code = run_explorer(plan, make, uniform_of(script))
        if recording is not None and recording.failure is not None:
            say(f"the recording is not whole: {recording.failure}")
    return code, apps[0].wanted if apps else None


def uniform_of(script: Script) -> Uniform:
    """Give what a demonstration draws its chances from: the same ones each time."""
    return random.Random(script.settings.get("seed", 0)).uniform


@contextmanager
def plan_of(
    settings: Settings, script: Script, speed: float = 1.0, *, by_step: bool = False
) -> Iterator[Plan]:
    """Give what a demonstration plays with, as the script sets it: nothing of the user's.

    The embedded cache, and a demo database that is made for it and goes with it. Of the
    `settings` it has how things are shown, and no keys: the script presses the usual ones.
    Played more slowly, copies live for longer: the answers are to be the same. Step by step
    nobody knows how slowly.

    Raises:
        DatabaseUnavailable: no temporary file can be made.
    """
    with TemporaryDirectory(prefix="hitmiss-demo-") as folder:
        signals.before_leaving(partial(rmtree, folder, ignore_errors=True))
        database = str(Path(folder) / "demo")
        store_of(database).make_demo(database)
        own = {
            name: max(value / min(1.0, speed), STEP_SECONDS if by_step and value else 0.0)
            for name, value in script.settings.items()
            if name in SETTABLE
        }
        shown = {
            "full-output": settings.full_output,
            "ascii": settings.ascii,
            "debug": settings.debug,
            "session": False,
            "log-rows": LOG_ROWS,
        } | ({} if settings.theme is None else {"theme": settings.theme})
        yield prepare(resolve({**shown, **own, "db": database}, {}, {}, ""))


def _recording(path: Path, title: str) -> "Recording":
    from tui.terminal.recording import Recording

    if os.name != "posix":
        raise click.UsageError("--record needs a Unix terminal")
    try:
        return Recording(path, title)
    except FileExistsError as error:
        raise click.UsageError(f"--record: {path} exists, and is not overwritten") from error
    except OSError as error:
        raise click.UsageError(f"--record: {path}: {error.strerror}") from error
