"""`hitmiss demo`: play a demonstration on the real screen, until somebody takes over."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.bootstrap import run_demo
from tui.commands.output import DONE, print_json, print_line, say
from tui.options import common_options, settings_of

if TYPE_CHECKING:
    from tui.terminal.recording import Recording

FIRST = "expiry"
OF_ITS_OWN = ("db", "cache", "table", "id-column", "key")
"""Options that have no meaning here: a demonstration brings its own."""


@click.command(short_help="Play a demonstration; any key takes over.")
@click.argument("name", metavar="[NAME|FILE]", default=FIRST)
@click.option("--speed", type=click.FloatRange(0.1, 1000), default=1.0, show_default=True,
              metavar="X", help="Type, and let read, X times as fast.")  # fmt: skip
@click.option("--list", "listed", is_flag=True, help="List the demonstrations there are.")
@click.option("--record", type=click.Path(path_type=Path), metavar="FILE",
              help="Write an asciicast (v2) of what the terminal shows.")  # fmt: skip
@common_options
@click.pass_context
def demo(
    context: click.Context, name: str, speed: float, listed: bool, record: Path | None
) -> None:
    """Play a demonstration on the real screen: keys, captions, real lookups.

    Any key takes over: the demonstration ends, and the explorer stays. It has the embedded
    cache and a demo database of its own, so nothing of yours is changed. NAME is one of
    --list, or a FILE that you have written yourself; without it, expiry is played.
    """
    from tui.demos.script import find_script, packaged

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
    with ExitStack() as stack:
        recording = None
        if record is not None:
            recording = stack.enter_context(_recording(record, script.title))
        code = run_demo(settings, script, speed, recording)
        if recording is not None and recording.failure is not None:
            say(f"the recording is not whole: {recording.failure}")
    context.exit(code)


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
