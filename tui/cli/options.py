"""The options that all commands have, and the settings that they make."""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click
from click.core import ParameterSource

from tui.bootstrap import known
from tui.cli.given_secrets import learn_given
from tui.cli.suggestions import column_names, table_names
from tui.config.config_file import config_path, read_file
from tui.config.kinds import file_path
from tui.config.options import DATABASE_URL, OPTIONS, SETTABLE, Option
from tui.config.settings import Settings, resolve
from tui.database.registry import is_known
from tui.models import Key, TableSchema
from tui.models.keys import parse_key
from tui.runtime.errors import SettingsError
from tui.runtime.notices import say
from tui.runtime.plain_text import SPELLING
from tui.runtime.redaction import SECRETS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

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
    if value in (None, ()) or option.name is None:
        return
    from_environment = context.get_parameter_source(option.name) is ParameterSource.ENVIRONMENT
    place = "environment" if from_environment else "flag"
    told = context.find_root().ensure_object(dict)
    told.setdefault(place, {})[option.name.replace("_", "-")] = value


Completer: TypeAlias = (
    "Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]"
)
"""Gives what a shell may put in place of the beginning of a value."""


def _files(
    _: click.Context, __: click.Parameter, incomplete: str
) -> "list[CompletionItem[str]]":
    from click.shell_completion import CompletionItem  # which only a shell asks for

    return [CompletionItem(incomplete, type="file")]  # the shell finds them itself


def _from(give: Callable[[Settings], list[str]]) -> Completer:
    """Complete with what `give` finds by the options that stand there already."""

    def complete(
        context: click.Context, _: click.Parameter, incomplete: str
    ) -> "list[CompletionItem[str]]":
        from click.shell_completion import CompletionItem

        try:
            names = give(settings_of(context))
        except SettingsError:
            return []
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]

    return complete


COMPLETERS: Mapping[str, Completer] = {
    "file": _files,
    "table": _from(table_names),
    "column": _from(column_names),
}
LAST_IN_HELP = frozenset({"log", "json", "debug", "config"})
"""Of the options, those about what is written; the others say what is explored, and how."""


def _flag(option: Option) -> Callable[[Function], Function]:
    """Return the flag that an option has, which a variable may stand for."""
    name, default = f"--{option.name}", option.shown_default
    if option.opposite is not None:
        name = f"{name}/--{option.opposite}"
    return click.option(
        name, envvar=option.variables, show_envvar=True, default=None, expose_value=False,
        callback=_collect, is_flag=option.metavar is None, metavar=option.metavar,
        multiple=option.repeats,
        help=f"{option.meaning}  [default: {default}]" if default else option.meaning,
        shell_complete=COMPLETERS.get(option.completes or ""),
    )  # fmt: skip


COMMON = tuple(
    _flag(option)
    for option in sorted(OPTIONS, key=lambda option: option.name in LAST_IN_HELP)
    if option.on_command_line
)


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
            name = text.partition("=")[0]
            raise click.NoSuchOption(name, ctx=click.get_current_context(silent=True))
    return [
        parse_key(text, integer=schema.id_is_integer, largest=schema.largest_key)
        for text in texts
    ]


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
    database_url = _database_url(environment)
    settings = known(resolve(flags, environment, file, file_name, database_url=database_url))
    told["debug"] = settings.debug
    SECRETS.learn_url(settings.cache)
    SECRETS.learn_database(settings.db or "")
    SPELLING.ascii = settings.ascii
    SPELLING.blocks = settings.charts == "blocks"
    return settings


def _database_url(environment: dict[str, Any]) -> str | None:
    """Take what DATABASE_URL says out of the environment's options, and return it.

    It is told to all programs: one that names a database which hitmiss does not know is none
    of its mistakes, and passed over.
    """
    if os.environ.get(SETTABLE["db"].variables[0]) or "db" not in environment:
        return None
    url = str(environment.pop("db"))
    if is_known(url):
        return url
    say(f"{DATABASE_URL} is passed over: hitmiss knows no database {url.partition(':')[0]}://")
    return None


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
