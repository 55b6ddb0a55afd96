"""`hitmiss demo`, as far as it goes without a terminal."""

from pathlib import Path

import pytest
from commands import Cli, cli, is_one_error

__all__ = ["cli"]


def test_the_list(cli: Cli) -> None:
    """Each name with its title, a line each; --json gives objects."""
    ran = cli("demo", "--list")
    assert (ran.code, ran.err) == (0, "")
    names = [line.split()[0] for line in ran.out.splitlines()]
    assert names == ["drift", "expiry", "invalidation", "outage", "stampede"]
    assert all(len(line) <= 80 for line in ran.out.splitlines())
    listed = cli("demo", "--list", "--json").answers
    assert [script["name"] for script in listed] == names
    assert all(list(script) == ["name", "title"] for script in listed)


def test_without_a_terminal_there_is_nothing_to_play_on(cli: Cli, tmp_path: Path) -> None:
    """It says so, exits with 2, and begins no recording."""
    path = tmp_path / "a.cast"
    ran = cli("demo", "expiry", "--record", path)
    assert ran.code == 2
    assert is_one_error(ran)
    assert "needs a terminal" in ran.err
    assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("stampde",), "'stampde'"),
        (("--speed", "0"), "--speed"),
        (("--cache", "redis://localhost"), "leave --cache out"),
        (("--db", "mine.db"), "leave --db out"),
        (("--table", "t"), "leave --table out"),
    ],
)
def test_what_cannot_be_played(cli: Cli, arguments: tuple[str, ...], words: str) -> None:
    """A name that is none, and options that would be of no use, are errors that say so."""
    ran = cli("demo", *arguments)
    assert ran.code == 2
    assert words in ran.err


def test_a_script_of_your_own_is_checked_first(cli: Cli, tmp_path: Path) -> None:
    """The line that cannot be understood is named, before anything is shown."""
    path = tmp_path / "mine.demo"
    path.write_text("title T\nprss enter\n")
    ran = cli("demo", path)
    assert ran.code == 2
    assert is_one_error(ran)
    assert f"{path}:2: 'prss' is no step" in ran.err
