"""The command line: which commands there are, and what becomes of their errors."""

import errno
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

import click

from tui import __version__
from tui.bootstrap import prepare
from tui.cli.exit_codes import DONE, INTERRUPTED, NO_CACHE, NO_DATABASE, USAGE
from tui.cli.given_secrets import given_variables, learn_given
from tui.cli.nearest import Grouped, nearest_option
from tui.cli.options import common_options, settings_of, wants_traceback
from tui.runtime import crash
from tui.runtime.errors import CacheError, DatabaseUnavailable, HitmissError
from tui.runtime.leaving import leave
from tui.runtime.notices import discard, say, write
from tui.runtime.redaction import SECRETS

EXIT_CODES = (
    "Exit codes: 0 done; 1 answered, but not found, drift found, or a check failed; 2 wrong"
    " usage or settings; 3 the database cannot be used; 4 the cache cannot be used and the"
    " command needs it; 70 a fault of hitmiss itself, which should be reported; 130"
    " interrupted; 129, 131, 143 the explorer was ended by SIGHUP or a lost connection,"
    " SIGQUIT, SIGTERM."
)


COMMANDS: Final = {
    "audit": "audit:audit",
    "bench": "bench.group:bench",
    "completion": "completion:completion",
    "demo": "demo:demo",
    "doctor": "doctor:doctor",
    "find": "look_up:find",
    "get": "look_up:get",
    "invalidate": "change:invalidate",
    "keys": "keys:keys",
    "seed": "seed:seed",
    "serve": "serve:serve",
    "set": "change:set_columns",
}
"""Where each command is, from the package of the commands."""


class Commands(Grouped):
    """The commands, each imported when somebody asks for it."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Give the names of all commands."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Give the command of that name, if there is one."""
        module, _, function = COMMANDS.get(name, "").partition(":")
        if not module:
            return None
        command: click.Command = getattr(import_module(f"tui.cli.commands.{module}"), function)
        return command


@click.group(
    cls=Commands,
    invoke_without_command=True,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
)
@common_options
@click.option(
    "--list-keys",
    is_flag=True,
    help="List the explorer's actions and their keys, as config.toml takes them.",
)
@click.version_option(__version__, prog_name="hitmiss", message="%(prog)s %(version)s")
@click.pass_context
def hitmiss(context: click.Context, list_keys: bool) -> None:
    """Explore cache-aside: look a user up, and see where the answer came from.

    Without a command it opens the explorer. Options may stand before or after the command.
    """
    if list_keys:
        from tui.cli.commands.key_list import print_keys

        context.exit(print_keys(settings_of(context)))
    if context.invoked_subcommand is not None:
        gc.enable()
        return
    settings = settings_of(context)
    if settings.plain:
        from tui.cli.plain import run_plain

        context.exit(run_plain(prepare(settings)))
    is_seen = all(s is not None and s.isatty() for s in (sys.stdin, sys.stdout))
    # What was named wrong is told first; without a terminal no demo database is made.
    plan = prepare(settings) if is_seen or settings.db is not None else None
    if plan is None or not is_seen:
        raise click.UsageError(
            "the explorer needs a terminal: hitmiss --plain does without one, and a script has"
            " hitmiss get and hitmiss find"
        )
    from tui.cli.explore import run_explorer

    context.exit(run_explorer(plan))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the locale cannot spell is shown as an escape, not as a crash.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    told: dict[str, Any] = {}
    try:
        code = _run(arguments, told)
        crash.raise_noted()
    except BaseException as error:  # noqa: BLE001 - nothing unforeseen may look like an answer
        if _is_interrupt(error):
            return INTERRUPTED
        return crash.report(error, debug=wants_traceback(told))
    return code


def _is_interrupt(error: BaseException) -> bool:
    """Tell whether somebody pressed ctrl+c; tasks hand that on in company of other errors."""
    if isinstance(error, BaseExceptionGroup):
        return error.subgroup(KeyboardInterrupt) is not None
    return isinstance(error, KeyboardInterrupt)


def _run(arguments: Sequence[str] | None, told: dict[str, Any]) -> int:
    """Run one command; give its exit code, also where it fails in a way that is foreseen."""
    try:
        learn_given([sys.argv[1:] if arguments is None else arguments, given_variables()])
        if "_HITMISS_COMPLETE" in os.environ:
            from tui.cli.commands.completion import prepare_completion

            prepare_completion(os.environ)
        code = hitmiss.main(arguments, prog_name="hitmiss", standalone_mode=False, obj=told)
        if sys.stdout is not None:  # it is, when started with `>&-`
            sys.stdout.flush()
    except (HitmissError, click.ClickException) as error:
        if wants_traceback(told):
            write(crash.traceback_text(error))
        return _fail(error)
    except click.Abort:
        return INTERRUPTED
    except (BrokenPipeError, SystemExit) as end:
        return _ended_early(end)
    except OSError as error:
        if not _is_output_error(error):
            raise
        discard(sys.stdout)
        say(f"the output cannot be written: {error.strerror}; is the disk full?")
        return USAGE
    return code if isinstance(code, int) else DONE


def _ended_early(end: BrokenPipeError | SystemExit) -> int:
    """Give the code where click exits: a shell was told how a line goes on, or nobody reads."""
    if isinstance(end, BrokenPipeError) or end.code != DONE:
        discard(sys.stdout)
    return DONE


def _is_output_error(error: OSError) -> bool:
    return error.errno in {errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT, errno.EBADF}


def _fail(error: HitmissError | click.ClickException) -> int:
    message = error.format_message() if isinstance(error, click.ClickException) else str(error)
    if isinstance(error, click.NoSuchOption):
        message = nearest_option(error)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        message += f" (see {error.ctx.command_path} --help)"
    # A URL may stand where it does not belong, and be quoted as what it was taken for.
    say(" ".join(SECRETS.masked(message).split()))
    if isinstance(error, DatabaseUnavailable):
        return NO_DATABASE
    return NO_CACHE if isinstance(error, CacheError) else USAGE


def main() -> None:
    """Run the command `hitmiss`."""
    crash.watch()
    leave(run())
