"""Write the man page on stdout, from the commands and options that `--help` shows."""

import sys
from collections.abc import Iterable, Iterator

import click
from described import commands, common_options, own_options, paragraphs, root, usage

from tui import __version__
from tui.plain.words import COMMANDS as WORDS

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
    "hitmiss --plain": "The same in lines, for a screen reader or over a pipe.",
    "hitmiss get 1 1 --json": "A miss and a hit, one JSON object a line.",
    "hitmiss audit --cache redis://localhost":
        "Compare all that is cached with the database; exits with 1 where they differ.",
}  # fmt: skip


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    context = root()
    yield f'.TH HITMISS 1 "" "hitmiss {__version__}" "User Commands"'
    first, *others = paragraphs(context.command)
    yield ".SH NAME"
    yield f"hitmiss \\- {_text(first[0].lower() + first[1:].rstrip('.'))}"
    yield ".SH SYNOPSIS"
    yield f".B {_text(context.command_path)}"
    yield _text(usage(context))
    yield ".SH DESCRIPTION"
    yield from _prose([first, *others])
    yield ".SH COMMANDS"
    for below in commands(context):
        yield from _command(below)
    yield ".SH OPTIONS"
    yield "Each may stand before or after the command."
    options = common_options(context)
    yield from _entries((option.names, option.meaning) for option in options)
    yield ".SH IN LINES"
    yield "With \\-\\-plain these lines, or the beginnings of their words, mean"
    yield from _entries((f"{one.name} {one.takes}".strip(), one.meaning) for one in WORDS)
    yield "All else is a key or a name, and is looked up. Enter alone says what has changed."
    yield ".SH ENVIRONMENT"
    yield "A flag wins over the environment, that over the configuration file."
    yield from _entries(
        (", ".join(option.variables), f"As {option.first}.")
        for option in options
        if option.variables
    )
    yield ".SH FILES"
    yield from _entries(FILES.items())
    yield ".SH EXIT STATUS"
    yield from _prose([context.command.epilog or ""])
    yield ".SH EXAMPLES"
    yield from _entries(EXAMPLES.items())
    yield ".SH SEE ALSO"
    yield ".BR redis\\-cli (1),\n.BR valkey\\-cli (1),\n.BR sqlite3 (1)"


def _command(context: click.Context) -> Iterator[str]:
    name = context.command_path.removeprefix("hitmiss ")
    yield f'.SS "{_text(f"{name} {usage(context)}")}"'
    yield from _prose(paragraphs(context.command))
    yield from _entries((option.names, option.meaning) for option in own_options(context))


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
    """Return `text` so that it means itself in a line of a page."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return f"\\&{text}" if text[:1] == "." else text


if __name__ == "__main__":
    sys.stdout.write("\n".join(page()) + "\n")
