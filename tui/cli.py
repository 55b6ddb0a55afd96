"""The command line: options to settings, results to lines, errors to exit codes."""

import asyncio
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from tui import __version__
from tui.bootstrap import Plan, open_services, prepare, run_explorer
from tui.errors import CacheUnavailable, DatabaseUnavailable, HitmissError
from tui.keys import parse_key
from tui.models import Key, Label, Outcome, Record, SearchResult
from tui.plain_text import plain
from tui.settings import Settings, file_path, read_file, resolve
from tui.theme import FAMILY

DONE, NOT_THERE, USAGE, NO_DATABASE, NO_CACHE, INTERRUPTED = 0, 1, 2, 3, 4, 130
"""The exit codes."""

ANSI = {"hit": "green", "db": "blue", "warning": "yellow", "error": "red"}
SHOWN_CHARACTERS = 500
"""How much of one value is printed; `--json` prints all of it."""

Function = TypeVar("Function", bound=Callable[..., Any])


def _collect(context: click.Context, option: click.Parameter, value: Any) -> None:
    """Note an option's value and where it came from; a command's wins over the group's."""
    if value is None or option.name is None:
        return
    from_environment = context.get_parameter_source(option.name) is ParameterSource.ENVIRONMENT
    place = "environment" if from_environment else "flag"
    told = context.find_root().ensure_object(dict)
    told.setdefault(place, {})[option.name.replace("_", "-")] = value


def _option(
    *names: str, env: str | list[str], **attributes: Any
) -> Callable[[Function], Function]:
    return click.option(
        *names, envvar=env, show_envvar=True, default=None, expose_value=False,
        callback=_collect, **attributes,
    )  # fmt: skip


COMMON = (
    _option("--db", env="HITMISS_DB", metavar="PATH",
            help="SQLite file.  [default: a demo database, made on first use]"),
    _option("--cache", env=["HITMISS_CACHE", "REDIS_URL"], metavar="URL",
            help="embedded, redis://, rediss:// or unix://.  [default: embedded]"),
    _option("--table", env="HITMISS_TABLE", metavar="NAME",
            help="Table to explore.  [default: users]"),
    _option("--id-column", env="HITMISS_ID_COLUMN", metavar="NAME",
            help="Its key column.  [default: the primary key]"),
    _option("--key", env="HITMISS_KEY", metavar="TEMPLATE",
            help="Where the cache keeps a record.  [default: hitmiss:user:{id}]"),
    _option("--ttl", env="HITMISS_TTL", metavar="TIME",
            help="How long a fill stays fresh: 30, 90s, 5m, 1h.  [default: 30]"),
    _option("--grace", env="HITMISS_GRACE", metavar="TIME",
            help="How long after that it may stand in for a database that fails."
                 "  [default: 30; 0 when read-only]"),
    _option("--negative-ttl", env="HITMISS_NEGATIVE_TTL", metavar="TIME",
            help="How long 'no such record' is believed.  [default: 10]"),
    _option("--read-only/--writable", env="HITMISS_READ_ONLY", is_flag=True,
            help="May cache and database be changed?"
                 "  [default: writable; read-only with --table or --key]"),
    _option("--json", env="HITMISS_JSON", is_flag=True,
            help="Print one JSON object a line."),
    _option("--debug", env="HITMISS_DEBUG", is_flag=True,
            help="Show a traceback when something fails."),
    _option("--config", env="HITMISS_CONFIG", metavar="FILE",
            help="Configuration file.  [default: config.toml in the platform's folder]"),
)  # fmt: skip


def common_options(function: Function) -> Function:
    """Give a command the options that all commands have."""
    for option in reversed(COMMON):
        function = option(function)
    return function


def settings_of(context: click.Context) -> Settings:
    """Give the settings that the options, the environment and the file make together.

    Raises:
        SettingsError: one of them is wrong.
    """
    told = context.find_root().ensure_object(dict)
    flags, environment = dict(told.get("flag", {})), dict(told.get("environment", {}))
    named = flags.pop("config", None) or environment.pop("config", None)
    environment.pop("config", None)
    file, file_name = read_file(file_path("config", named) if named else None)
    settings = resolve(flags, environment, file, file_name)
    told["debug"] = settings.debug
    return settings


def _wants_traceback(told: Mapping[str, Any]) -> bool:
    """Tell whether --debug was given, as far as the options have been read at all."""
    places = (told, told.get("flag", {}), told.get("environment", {}))
    return any(place.get("debug") for place in places)


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
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise click.UsageError(
                "the explorer needs a terminal; in a script use hitmiss get or hitmiss find"
            )
        context.exit(run_explorer(prepare(settings_of(context))))


@hitmiss.command(context_settings={"ignore_unknown_options": True})  # -1 is a key
@click.argument("keys", metavar="ID...", nargs=-1, required=True)
@click.option("--repeat", type=click.IntRange(1, 1_000_000), default=1, metavar="N",
              help="Look all of them up N times, one after the other.")  # fmt: skip
@common_options
@click.pass_context
def get(context: click.Context, keys: tuple[str, ...], repeat: int) -> None:
    """Look records up, in order, through the cache-aside service.

    Exits with 0 when all were found, 1 when one was not, 3 when the database gave no answer.
    """
    settings = settings_of(context)
    plan = prepare(settings)
    wanted = [parse_key(key, integer=plan.schema.id_is_integer) for key in keys]
    context.exit(asyncio.run(_get(plan, wanted * repeat)))


async def _get(plan: Plan, keys: Sequence[Key]) -> int:
    code = DONE
    shown: dict[Key, Record | None] = {}
    async with open_services(plan) as services:
        for key in keys:
            await asyncio.sleep(0)  # a hit of the embedded cache never waits; ctrl+c needs it
            outcome = await services.service.look_up(key)
            if plan.settings.json:
                _print_json(outcome.to_json())
            else:
                _print_outcome(outcome, with_record=shown.get(key) != outcome.record)
            shown[key] = outcome.record
            if outcome.label is Label.ERROR:
                code = NO_DATABASE
            elif outcome.record is None:
                code = max(code, NOT_THERE)
    return code


@hitmiss.command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True,
              metavar="N", help="Give at most N records.")  # fmt: skip
@common_options
@click.pass_context
def find(context: click.Context, text: str, limit: int) -> None:
    """Search the table by the beginning or a part of a word.

    Accents and case make no difference. Exits with 1 when nothing is found.
    """
    if not text.strip():
        raise click.UsageError("the text to search for is empty")
    plan = prepare(settings_of(context))
    context.exit(asyncio.run(_find(plan, text, limit)))


async def _find(plan: Plan, text: str, limit: int) -> int:
    async with open_services(plan) as services:
        result = await services.table.search(text, limit)
    for line in _found_lines(plan, result):
        _print(line)
    if result.more:
        _say(f"more than {limit} match: give --limit N for more of them")
    if not result.complete:
        _say("the search took too long and was stopped; an index on the column would help")
    if not result.matches:
        _say(f"nothing holds {plain(text, 40)!r}")
    return DONE if result.matches else NOT_THERE


def _found_lines(plan: Plan, result: SearchResult) -> Iterator[str]:
    schema = plan.schema
    for match in result.matches:
        if plan.settings.json:
            texts = dict(zip(schema.search_columns, match.texts, strict=True))
            yield json.dumps({schema.id_column: match.id, **texts})
        else:
            words = (plain(text, 60) for text in match.texts if text)
            yield f"{plain(str(match.id), 60):>8}  {'  '.join(words)}"


def _print_outcome(outcome: Outcome, *, with_record: bool) -> None:
    word = click.style(f"{outcome.label:9}", fg=ANSI[FAMILY[outcome.label]], bold=True)
    parts = [f"{plain(str(outcome.id), 60):8}", word, f"{outcome.seconds * 1000:8.2f} ms"]
    if outcome.ttl_left is not None:
        parts.append(f"cached for {outcome.ttl_left:.1f} s")
    if outcome.reason is not None:
        parts.append(plain(outcome.reason))
    _print("  ".join(parts))
    if with_record and outcome.record is not None:
        width = max(len(plain(column, 40)) for column in outcome.record)
        for column, value in outcome.record.items():
            text = "NULL" if value is None else plain(str(value), SHOWN_CHARACTERS)
            _print(f"    {plain(column, 40):{width}}  {text}")


def _print_json(value: dict[str, Any]) -> None:
    # Escaped to ASCII: then no locale and no hostile text can break the line.
    _print(json.dumps(value))


def _print(line: str) -> None:
    click.echo(line, color=None if not os.environ.get("NO_COLOR") else False)


def _say(line: str) -> None:
    click.echo(f"hitmiss: {line}", err=True)


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
        if _wants_traceback(told):
            traceback.print_exc()
        return _fail(error)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # `| head -1` has seen enough; click exits with 1
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return code if isinstance(code, int) else DONE


def _fail(error: HitmissError | click.ClickException) -> int:
    message = error.format_message() if isinstance(error, click.ClickException) else str(error)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        message += f" (see {error.ctx.command_path} --help)"
    _say(plain(" ".join(message.split())))
    if isinstance(error, DatabaseUnavailable):
        return NO_DATABASE
    return NO_CACHE if isinstance(error, CacheUnavailable) else USAGE


def main() -> None:
    """Run the command `hitmiss`."""
    sys.exit(run())
