"""Which command a line means."""

import pytest

from tui.plain.words import COMMANDS, NAMES, UnclearWord, command_of, nearest, parsed


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.name)
def test_each_word_means_itself(command: object) -> None:
    """Even where it is the beginning of another; and there is something to say of it."""
    name = getattr(command, "name", "")
    assert command_of(name) is command
    assert name.isascii()
    assert name.islower()
    assert getattr(command, "meaning", "")


@pytest.mark.parametrize(
    ("line", "name", "rest"),
    [
        ("inv", "invalidate", ""),
        ("  se   city=New  York ", "set", "city=New  York"),
        ("ttl +", "ttl", "+"),
        ("fi ada", "find", "ada"),
        ("q", "quit", ""),
        ("exit", "quit", ""),
        ("? inv", "help", "inv"),
    ],
)
def test_a_beginning_will_do(line: str, name: str, rest: str) -> None:
    """As long as no other word begins so; what follows is taken as it is."""
    command, told = parsed(line)
    assert command is not None
    assert (command.name, told) == (name, rest)


@pytest.mark.parametrize("line", ["Amara", "amara okafor", "Set", "42x", "=", "-1"])
def test_all_else_is_a_key_or_a_name(line: str) -> None:
    """Words are in small letters, so a capital letter says that it is a name."""
    assert parsed(line) == (None, line)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("c", "c could be cache, clear, compare; get c looks that up"),
        ("again 1", "again takes nothing after it; get again 1 looks up"),
        ("set", "set needs column=value after it"),
    ],
)
def test_what_is_unclear_is_said(line: str, said: str) -> None:
    """In one line, with the way out."""
    with pytest.raises(UnclearWord) as error:
        parsed(line)
    assert str(error.value) == said


def test_the_nearest_word_is_named() -> None:
    """For what is nearly a word, and for nothing else."""
    assert nearest("invaldate") == "; did you mean invalidate?"
    assert nearest("stpes") == "; did you mean steps?"
    assert nearest("wolfgang") == ""
    assert len(set(NAMES)) == len(NAMES)
