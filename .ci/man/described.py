"""What the commands and options say of themselves, for the documents that are made from it."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass

import click

from tui.cli.main import hitmiss

DEFAULT = re.compile(r"\s*\[default: ([^]]*)\]")
VARIABLES = re.compile(r"\s*\[env var: [^]]*\]")


@dataclass(frozen=True, slots=True)
class Described:
    """One option, as `--help` describes it."""

    names: str
    """How it is written, such as `--ttl TIME`."""
    meaning: str
    """What it is for, with its default and without its variables."""
    variables: tuple[str, ...]
    """The environment variables that set it."""
    first: str
    """Its first long name, such as `--ttl`."""

    @property
    def default(self) -> str | None:
        """What it is where nobody says anything, in the words of `--help`; None if not told."""
        found = DEFAULT.search(self.meaning)
        return None if found is None else found[1]

    @property
    def plain_meaning(self) -> str:
        """What it is for, without its default."""
        return DEFAULT.sub("", self.meaning)


def root() -> click.Context:
    """Return the context of `hitmiss` itself."""
    return click.Context(hitmiss, info_name="hitmiss", **hitmiss.context_settings)


def commands(context: click.Context) -> Iterator[click.Context]:
    """Yield a context for each command of a group, and after a group those of its commands."""
    group = context.command
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            command = group.get_command(context, name) or group
            below = click.Context(command, info_name=name, parent=context)
            yield below
            yield from commands(below)


def common_options(context: click.Context) -> list[Described]:
    """Return the options that all commands have, and those of `hitmiss` alone."""
    top = context.find_root()
    return [_described(top, option) for option in _options(top)]


def own_options(context: click.Context) -> list[Described]:
    """Return the options that a command has beside those of all commands."""
    common = {option.name for option in _options(context.find_root())}
    return [_described(context, one) for one in _options(context) if one.name not in common]


def usage(context: click.Context) -> str:
    """Return what may follow the name of a command."""
    return " ".join(context.command.collect_usage_pieces(context))


def paragraphs(command: click.Command) -> list[str]:
    """Return what a command says of itself, paragraph by paragraph."""
    text = inspect.cleandoc(command.help or "").partition("\f")[0]
    return [paragraph for paragraph in text.split("\n\n") if paragraph.strip()]


def _options(context: click.Context) -> list[click.Option]:
    parameters = context.command.get_params(context)
    return [option for option in parameters if isinstance(option, click.Option)]


def _described(context: click.Context, option: click.Option) -> Described:
    names, meaning = option.get_help_record(context) or (option.opts[0], "")
    variables = [option.envvar] if isinstance(option.envvar, str) else option.envvar or []
    first = next((name for name in option.opts if name.startswith("--")), option.opts[0])
    return Described(names, VARIABLES.sub("", meaning), tuple(variables), first)
