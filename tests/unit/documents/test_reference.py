"""docs/reference.md: never behind what hitmiss does."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from commands import Cli, cli  # noqa: F401  # a fixture
from markdown import ROOT, blocks
from servers import ValkeyServer

from tui.cli.main import hitmiss

REFERENCE = ROOT / "docs" / "reference.md"
TEXT = REFERENCE.read_text(encoding="utf-8")


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command below a group, each behind its path."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def section(heading: str) -> str:
    """Return what stands below a heading, up to the next one."""
    return TEXT.partition(f"\n{heading}\n")[2].partition("\n#")[0]


def options_of(command: click.Command) -> set[str]:
    """Return the options of a command, in all their spellings."""
    options = [one for one in command.params if isinstance(one, click.Option)]
    return {name for one in options for name in (*one.opts, *one.secondary_opts)}


ALL = list(commands(hitmiss, "hitmiss"))


def test_what_is_generated_is_up_to_date() -> None:
    """Its tables are what `make man` writes today; if this fails, run that."""
    script = ROOT / ".ci" / "man" / "reference.py"
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_option_stands_in_it() -> None:
    """Those of all commands have a table, and those of one stand in a table below its name."""
    common = options_of(hitmiss)
    named = {"hitmiss": common, **{path: options_of(one) for path, one in ALL}}
    for path, options in named.items():
        heading = "## Options" if path == "hitmiss" else f"### {path}"
        rows = " ".join(row.split(" | ")[0] for row in section(heading).splitlines())
        own = options if path == "hitmiss" else options - common
        assert own <= set(rows.replace("`", " ").replace(",", " ").split()), path


def example_of(name: str) -> set[str]:
    """Return the fields that the reference shows of a command's JSON."""
    start = TEXT.index(f"\n### {name}\n", TEXT.index("\n## JSON\n"))
    line = TEXT.count("\n", 0, start)
    (block, *_) = (one for one in blocks(REFERENCE) if one.line > line)
    return set(json.loads(block.body))


@pytest.mark.parametrize(
    "arguments",
    [
        ("get", "1"),
        ("set", "1", "city=Abuja"),
        ("keys",),
        ("audit",),
        ("invalidate", "1"),
        ("seed", "more.db", "--rows", "600"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_the_json_has_these_fields(
    arguments: tuple[str, ...],
    cli: Cli,  # noqa: F811
    users_db: Path,
    server: ValkeyServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the reference shows of a command's JSON has the fields that the command prints."""
    monkeypatch.chdir(users_db.parent)
    on = ("--db", users_db, "--cache", server.url, "--json")
    assert cli("get", "1", *on).code == 0
    answers = cli(*arguments, *on).answers
    assert set(answers[0]) == example_of(arguments[0])


def test_the_summary_of_an_audit_has_these_fields(
    cli: Cli,  # noqa: F811
    users_db: Path,
    server: ValkeyServer,
) -> None:
    """Each field of the audit's last line stands in a table of the reference."""
    summary = cli("audit", "--db", users_db, "--cache", server.url, "--json").answers[-1]
    part = TEXT[TEXT.index("\n### audit\n", TEXT.index("\n## JSON\n")) :]
    assert [name for name in summary["summary"] if f"`{name}`" not in part] == []
