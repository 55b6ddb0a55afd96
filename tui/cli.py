"""The command line: which commands there are, and what becomes of their errors."""

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from tui import __version__
from tui.bootstrap import prepare, run_explorer
from tui.commands.cached import audit, keys
from tui.commands.change import invalidate, set_columns
from tui.commands.demo import demo
from tui.commands.doctor import doctor
from tui.commands.look_up import find, get
from tui.commands.output import DONE, INTERRUPTED, NO_CACHE, NO_DATABASE, USAGE, say
from tui.commands.seed import seed
from tui.errors import CacheUnavailable, DatabaseUnavailable, HitmissError
from tui.options import common_options, settings_of, wants_traceback
from tui.plain_text import plain


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
)
@common_options
@click.version_option(__version__, prog_name="hitmiss", message="%(prog)s %(version)s")
@click.pass_context
def hitmiss(context: click.Context) -> None:
    """Explore cache-aside: look a user up, and see where the answer came from.

    Without a command it opens the explorer. Options may stand before or after the command.
    """
    if context.invoked_subcommand is None:
        if not all(s is not None and s.isatty() for s in (sys.stdin, sys.stdout)):
            raise click.UsageError(
                "the explorer needs a terminal; in a script use hitmiss get or hitmiss find"
            )
        context.exit(run_explorer(prepare(settings_of(context))))


for command in (get, find, set_columns, invalidate, keys, audit, doctor, seed, demo):
    hitmiss.add_command(command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the locale cannot spell is shown as an escape, not as a crash.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    told: dict[str, Any] = {}
    try:
        code = hitmiss.main(arguments, prog_name="hitmiss", standalone_mode=False, obj=told)
        if sys.stdout is not None:  # it is, when started with `>&-`
            sys.stdout.flush()
    except (HitmissError, click.ClickException) as error:
        if wants_traceback(told):
            traceback.print_exc()
        return _fail(error)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # `| head -1` has seen enough; click exits with 1
        _discard_output()
        return DONE
    except OSError as error:
        if not _is_output_error(error):
            raise
        _discard_output()
        say(f"the output cannot be written: {error.strerror}; is the disk full?")
        return USAGE
    return code if isinstance(code, int) else DONE


def _is_output_error(error: OSError) -> bool:
    return error.errno in {errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT, errno.EBADF}


def _discard_output() -> None:
    """Let nothing that is still in the buffer fail again at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(error: HitmissError | click.ClickException) -> int:
    message = error.format_message() if isinstance(error, click.ClickException) else str(error)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        message += f" (see {error.ctx.command_path} --help)"
    say(plain(" ".join(message.split())))
    if isinstance(error, DatabaseUnavailable):
        return NO_DATABASE
    return NO_CACHE if isinstance(error, CacheUnavailable) else USAGE


def main() -> None:
    """Run the command `hitmiss`."""
    sys.exit(run())
