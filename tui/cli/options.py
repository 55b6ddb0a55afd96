"""The options that all commands have, and the settings that they make."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from tui.bootstrap import known
from tui.cli.given_secrets import learn_given
from tui.cli.suggestions import column_names, table_names
from tui.config.config_file import config_path, read_file
from tui.config.kinds import file_path
from tui.config.settings import Settings, resolve
from tui.models import Key, TableSchema
from tui.models.keys import parse_key
from tui.runtime.errors import SettingsError
from tui.runtime.plain_text import SPELLING
from tui.runtime.redaction import SECRETS

Function = TypeVar("Function", bound=Callable[..., Any])


class Number(click.FloatRange):
    """A number between two others; `nan` is none, though floats have it."""

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> float:
        """Give the number that `value` spells."""
        number: float = super().convert(value, param, context)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number", param, context)
        return number


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


Completer: TypeAlias = Callable[
    [click.Context, click.Parameter, str], list[CompletionItem[str]]
]
"""Gives what a shell may put in place of the beginning of a value."""


def _files(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    return [CompletionItem(incomplete, type="file")]  # the shell finds them itself


def _from(give: Callable[[Settings], list[str]]) -> Completer:
    """Complete with what `give` finds by the options that stand there already."""

    def complete(
        context: click.Context, _: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        try:
            names = give(settings_of(context))
        except SettingsError:
            return []
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]

    return complete


COMMON = (
    _option("--db", env="HITMISS_DB", metavar="PATH", shell_complete=_files,
            help="SQLite file.  [default: a demo database, made on first use]"),
    _option("--cache", env=["HITMISS_CACHE", "REDIS_URL"], metavar="URL",
            help="embedded, redis://, rediss://, unix:// or redis+cluster://; valkey:// too."
                 "  [default: embedded]"),
    _option("--table", env="HITMISS_TABLE", metavar="NAME",
            shell_complete=_from(table_names),
            help="Table to explore.  [default: users]"),
    _option("--id-column", env="HITMISS_ID_COLUMN", metavar="NAME",
            shell_complete=_from(column_names),
            help="Its key column.  [default: the primary key]"),
    _option("--key", env="HITMISS_KEY", metavar="TEMPLATE",
            help="Where the cache keeps a record.  [default: hitmiss:user:{id}]"),
    _option("--ttl", env="HITMISS_TTL", metavar="TIME",
            help="How long a fill stays fresh: 30, 90s, 5m, 1h.  [default: 30]"),
    _option("--grace", env="HITMISS_GRACE", metavar="TIME",
            help="How long after that it may stand in for a database that fails."
                 "  [default: 30; 0 read-only or under an application's keys]"),
    _option("--negative-ttl", env="HITMISS_NEGATIVE_TTL", metavar="TIME",
            help="How long 'no such record' is believed.  [default: 10]"),
    _option("--read-only/--writable", env="HITMISS_READ_ONLY", is_flag=True,
            help="May cache and database be changed?"
                 "  [default: writable; read-only with --table or --key]"),
    _option("--full-output", env="HITMISS_FULL_OUTPUT", is_flag=True,
            help="Let the explorer send whole widgets, not only the cells that changed."),
    _option("--ascii/--no-ascii", env="HITMISS_ASCII", is_flag=True,
            help="Show nothing but ASCII.  [default: where the locale is not UTF-8]"),
    _option("--log-rows", env="HITMISS_LOG_ROWS", metavar="N",
            help="How many lookups the explorer's log holds.  [default: 200]"),
    _option("--max-value", env="HITMISS_MAX_VALUE", metavar="SIZE",
            help="What is longer, a copy or a value of a row, is not read whole: 64KiB, 16MiB."
                 "  [default: 16MiB]"),
    _option("--theme", env="HITMISS_THEME", metavar="NAME",
            help="The explorer's colours.  [default: those chosen last, at first hitmiss]"),
    _option("--session/--no-session", env="HITMISS_SESSION", is_flag=True,
            help="Keep the explorer's screen, ttl, theme and what was asked for the next run."
                 "  [default: session]"),
    _option("--log", env="HITMISS_LOG", metavar="FILE", shell_complete=_files,
            help="Add what the service does to this file, one JSON object a line."),
    _option("--json", env="HITMISS_JSON", is_flag=True,
            help="Print one JSON object a line."),
    _option("--debug", env="HITMISS_DEBUG", is_flag=True,
            help="Show a traceback when something fails."),
    _option("--config", env="HITMISS_CONFIG", metavar="FILE",
            shell_complete=_files,
            help="Configuration file.  [default: config.toml in the platform's folder]"),
)  # fmt: skip


def common_options(function: Function) -> Function:
    """Give a command the options that all commands have."""
    for option in reversed(COMMON):
        function = option(function)
    return function


def keys_of(texts: Sequence[str], schema: TableSchema) -> list[Key]:
    """Give the keys that were named; what looks like an option is one that does not exist.

    Raises:
        InvalidKey: one is no key of this table.
        click.NoSuchOption: one begins with `--`, and keys are numbers.
    """
    for text in texts:
        if text.startswith("--") and schema.id_is_integer:
            raise click.NoSuchOption(text)
    return [parse_key(text, integer=schema.id_is_integer) for text in texts]


def settings_of(context: click.Context) -> Settings:
    """Give the settings that the options, the environment and the file make together.

    Raises:
        SettingsError: one of them is wrong.
    """
    told = context.find_root().ensure_object(dict)
    flags, environment = dict(told.get("flag", {})), dict(told.get("environment", {}))
    named = flags.pop("config", None) or environment.pop("config", None)
    environment.pop("config", None)
    # A tab in a shell takes nothing out of a pipe that the command itself is to read.
    file, file_name = read_file(
        file_path("config", named) if named else None, streams=not context.resilient_parsing
    )
    learn_given(file)
    settings = known(resolve(flags, environment, file, file_name))
    told["debug"] = settings.debug
    SECRETS.learn_url(settings.cache)
    SPELLING.ascii = settings.ascii
    return settings


def config_of(context: click.Context) -> Path:
    """Give where the configuration file is looked for, whether it can be read or not."""
    told = context.find_root().ensure_object(dict)
    named = _told(told, "config")
    return Path(named) if named else config_path()


def wants_json(context: click.Context) -> bool:
    """Tell whether --json was given, where the settings as a whole cannot be made."""
    return bool(_told(context.find_root().ensure_object(dict), "json"))


def wants_traceback(told: Mapping[str, Any]) -> bool:
    """Tell whether --debug was given, as far as the options have been read at all."""
    places = (told, told.get("flag", {}), told.get("environment", {}))
    return any(place.get("debug") for place in places)


def _told(told: Mapping[str, Any], name: str) -> Any:
    places = (told.get("flag", {}), told.get("environment", {}))
    return next((place[name] for place in places if name in place), None)
