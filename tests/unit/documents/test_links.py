"""What the documents point at is there: files, headings, commands, options, targets of make."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from markdown import DOCUMENTS, OTHERS, ROOT, anchors, blocks, inline_code, links

from tui.cli.main import hitmiss
from tui.config.settings import resolve
from tui.views.keymap import checked

OTHER_PROGRAMS = {"--cluster-enabled"}
"""Options in the documents that are not of hitmiss."""
by_name = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


def options_of(command: click.Command) -> set[str]:
    """Return the long options that a command takes, those of all commands among them."""
    return {
        name
        for one in (hitmiss, command)
        for parameter in one.params
        if isinstance(parameter, click.Option)
        for name in (*parameter.opts, *parameter.secondary_opts)
    } | {"--help", "--version"}


def all_commands(group: click.Group = hitmiss) -> Iterator[click.Command]:
    """Yield every command, those of groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield command
        if isinstance(command, click.Group):
            yield from all_commands(command)


def command_of(words: list[str]) -> click.Command | None:
    """Return the command that a line names, None where there is no such command."""
    command: click.Command | None = hitmiss
    for word in words[1:]:
        if not isinstance(command, click.Group) or word[0] in "-[":
            break
        command = command.get_command(click.Context(command), word)
    return command


@pytest.mark.parametrize("path", [*DOCUMENTS, *OTHERS], ids=lambda path: path.name)
def test_its_links_lead_somewhere(path: Path) -> None:
    """Each link within the project names a file, and a heading of it."""
    for link in links(path):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in anchors(target), link


def test_each_document_can_be_reached() -> None:
    """The README links to every document in docs/."""
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in links(ROOT / "README.md")}
    assert {path for path in DOCUMENTS if path.parent.name == "docs"} <= linked


def test_the_readme_is_short() -> None:
    """It has no more lines than somebody reads who wants to know what hitmiss is."""
    assert 120 <= len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


@by_name
def test_its_commands_exist(path: Path) -> None:
    """Each `hitmiss ...` in the prose names a command, with options that it takes."""
    for code in inline_code(path):
        words = code.split()
        if words[0] == "hitmiss" and "COMMAND" not in words:
            command = command_of(words)
            assert command is not None, code
            asked = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert asked <= options_of(command), code


@by_name
def test_its_options_exist(path: Path) -> None:
    """Each option in the prose is one of hitmiss, or of a program that is known here."""
    known = set().union(*map(options_of, all_commands())) | OTHER_PROGRAMS
    named = {
        name
        for code in inline_code(path)
        for name in re.findall(r"(?<![\w-])--[a-z][a-z-]*", code)
    }
    assert named <= known


@pytest.mark.parametrize("path", [*DOCUMENTS, *OTHERS], ids=lambda path: path.name)
def test_its_targets_exist(path: Path) -> None:
    """Each `make ...`, in the prose or in a block, names a target of the Makefile."""
    targets = set(
        re.findall(
            r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    texts = [
        *inline_code(path),
        *(line for one in blocks(path) for line in one.body.splitlines()),
    ]
    named = {
        found[1] for text in texts if (found := re.match(r" *make ([a-z-]+)\b(?!=)", text))
    }
    assert named <= targets


@by_name
def test_its_settings_are_taken(path: Path) -> None:
    """Each block of TOML is a configuration file that hitmiss accepts."""
    for block in blocks(path):
        if block.language == "toml":
            settings = resolve({}, {}, tomllib.loads(block.body), str(block))
            checked(settings.keys, str(block))


@by_name
def test_its_json_is_json(path: Path) -> None:
    """Each block of JSON can be parsed."""
    for block in blocks(path):
        if block.language == "json":
            assert isinstance(json.loads(block.body), dict), str(block)
