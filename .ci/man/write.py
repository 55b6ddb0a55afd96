"""Write the man page on stdout, from the commands and options that `--help` shows."""

import inspect
import re
import sys
from collections.abc import Iterable, Iterator

import click

from tui import __version__
from tui.cli.main import hitmiss

FILES = {
    "~/.config/hitmiss/config.toml": "Options, named as on the command line, without dashes.",
    "~/.local/share/hitmiss/demo.db": "The demo database, made when no other is named.",
    "~/.local/state/hitmiss/session.json": "What the explorer keeps from one run to the next.",
}
"""Where things are on Linux; `hitmiss doctor` says where they are."""
EXAMPLES = {
    "hitmiss": "Explore the demo database, with a cache inside the process.",
    "hitmiss --db app.db --table customers --key 'app:customer:{id}' --cache redis://localhost":
        "See what an application gets from its cache; nothing is written.",
    "hitmiss get 1 1 --json": "A miss and a hit, one JSON object a line.",
    "hitmiss audit --cache redis://localhost":
        "Compare all that is cached with the database; exits with 1 where they differ.",
}  # fmt: skip


def page() -> Iterator[str]:
    """Give the lines of the page."""
    context = click.Context(hitmiss, info_name="hitmiss", **hitmiss.context_settings)
    yield f'.TH HITMISS 1 "" "hitmiss {__version__}" "User Commands"'
    first, *paragraphs = _paragraphs(hitmiss)
    yield ".SH NAME"
    yield f"hitmiss \\- {_text(first[0].lower() + first[1:].rstrip('.'))}"
    yield ".SH SYNOPSIS"
    yield from _synopsis(context)
    yield ".SH DESCRIPTION"
    yield from _prose([first, *paragraphs])
    yield ".SH COMMANDS"
    yield from _commands(context, hitmiss)
    yield ".SH OPTIONS"
    yield "Each may stand before or after the command."
    yield from _entries(_option(context, option) for option in _common(context))
    yield ".SH ENVIRONMENT"
    yield "A flag wins over the environment, that over the configuration file."
    yield from _entries(_variables(context))
    yield ".SH FILES"
    yield from _entries(FILES.items())
    yield ".SH EXIT STATUS"
    yield from _prose([hitmiss.epilog or ""])
    yield ".SH EXAMPLES"
    yield from _entries(EXAMPLES.items())
    yield ".SH SEE ALSO"
    yield ".BR redis\\-cli (1),\n.BR valkey\\-cli (1),\n.BR sqlite3 (1)"


def _synopsis(context: click.Context) -> Iterator[str]:
    pieces = context.command.collect_usage_pieces(context)
    yield f".B {_text(context.command_path)}"
    yield _text(" ".join(pieces))


def _commands(context: click.Context, group: click.Group) -> Iterator[str]:
    """Give the commands of a group, and behind each group the commands in it."""
    for name in group.list_commands(context):
        command = group.commands[name]
        below = click.Context(command, info_name=name, parent=context)
        yield from _command(below)
        if isinstance(command, click.Group):
            yield from _commands(below, command)


def _command(context: click.Context) -> Iterator[str]:
    name = context.command_path.removeprefix("hitmiss ")
    pieces = context.command.collect_usage_pieces(context)
    yield f'.SS "{_text(" ".join([name, *pieces]))}"'
    yield from _prose(_paragraphs(context.command))
    common = {option.name for option in _common(context)}
    yield from _entries(
        _option(context, option)
        for option in context.command.get_params(context)
        if isinstance(option, click.Option) and option.name not in common
    )


def _common(context: click.Context) -> list[click.Option]:
    """Give the options of the group: those of all commands."""
    parameters = context.find_root().command.get_params(context.find_root())
    return [option for option in parameters if isinstance(option, click.Option)]


def _option(context: click.Context, option: click.Option) -> tuple[str, str]:
    """Give an option as --help shows it; its variable has a section of its own."""
    names, what = option.get_help_record(context) or (option.opts[0], "")
    return names, re.sub(r"\s*\[env var: [^]]*\]", "", what)


def _variables(context: click.Context) -> Iterator[tuple[str, str]]:
    for option in _common(context):
        variables = [option.envvar] if isinstance(option.envvar, str) else option.envvar or []
        if variables:
            yield ", ".join(variables), f"As {option.opts[0]}."


def _paragraphs(command: click.Command) -> list[str]:
    """Give what a command says of itself, paragraph by paragraph."""
    text = inspect.cleandoc(command.help or "").partition("\f")[0]
    return [paragraph for paragraph in text.split("\n\n") if paragraph.strip()]


def _prose(paragraphs: Iterable[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield ".PP"
        if paragraph.startswith("\b"):
            yield ".nf"
            yield from map(_text, paragraph.splitlines()[1:])
            yield ".fi"
        else:
            yield _text(" ".join(paragraph.split()))


def _entries(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, what in entries:
        yield ".TP"
        yield f"\\fB{_text(name)}\\fR"
        yield _text(what)


def _text(text: str) -> str:
    """Give `text` so that it means itself in a line of a page."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return f"\\&{text}" if text[:1] == "." else text


if __name__ == "__main__":
    sys.stdout.write("\n".join(page()) + "\n")
