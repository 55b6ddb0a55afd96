"""The language in which demonstrations are written."""

import os
from pathlib import Path

import pytest

from tui.demos.script import (
    Paste,
    Pause,
    Press,
    Say,
    Script,
    Type,
    UntilExpired,
    Wait,
    find_script,
    packaged,
    read_script,
)
from tui.runtime.errors import DemoError

WHOLE = """
# what stands behind a hash is for those who write
title  A title: with signs

set ttl 5m
set database-latency 40ms
set seed 7
say    What is to be seen.
type   a # b
  press  / ctrl+u shift+tab 1 enter
paste  1 x 200
pause  1.5s
wait   250ms
until  42 expires
"""


def test_every_step_of_the_language() -> None:
    """Each line is the step that its word says, with times in seconds."""
    assert read_script(WHOLE, "mine") == Script(
        "mine",
        "A title: with signs",
        {"ttl": 300.0, "database-latency": 0.04, "seed": 7},
        (
            Say("What is to be seen."), Type("a # b"),
            Press(("/", "ctrl+u", "shift+tab", "1", "enter")), Paste("1", 200), Pause(1.5),
            Wait(0.25), UntilExpired("42"),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("say", "say what?"),
        ("sing  a song", "'sing' is no step; there are set, seen, say, type, press"),
        (f"say {'x' * 73}", "a caption has 72 characters at most, not 73"),
        ("press enter retrun", "'retrun' is no key"),
        ("press ctrl+1", "'ctrl+1' is no key"),
        ("paste 1", "paste needs a line and how often"),
        ("paste 1 x 201", "1 to 200 lines, not 201"),
        ("paste 1 x 0", "1 to 200 lines, not 0"),
        ("pause a while", "'a while' is not a duration"),
        ("wait -1s", "'-1s' is not a duration"),
        ("until 1", "until needs a key and the word expires"),
        ("until one expires", "'one' is not a key"),
        ("type a\tb", r"'\t' is no character that a key types"),
        ("press \ue000", r"'\ue000' is no key"),
        ("set ttl 5s", "ttl is set too late"),
        ("set colour red", "'colour' is none of ttl, grace"),
        ("title Another", "'title' is no step"),
        ("seen", "seen stands once"),
        (f"seen {'x' * 67}", "66 characters at most, not 67"),
    ],
)
def test_what_cannot_be_understood_is_told_with_its_line(line: str, message: str) -> None:
    """The error begins with the file and the number of the line."""
    with pytest.raises(DemoError) as error:
        read_script(f"title T\nsay hello\n\n{line}\n", "mine", place="dir/mine.demo")
    assert str(error.value).startswith("dir/mine.demo:4: ")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "mine: nothing happens in it"),
        ("title T\nset seed x\nsay s", "mine:2: seed 'x' is no whole number"),
        ("title T\nset ttl 0\nsay s", "mine:2: ttl has to be more than 0"),
        ("say hello", "mine:1: a script begins with its title"),
        ("title", "mine:1: a script begins with its title"),
        ("title T", "mine: nothing happens in it"),
    ],
)
def test_a_script_has_a_title_and_steps(text: str, message: str) -> None:
    """One that begins otherwise, or ends there, is refused."""
    with pytest.raises(DemoError, match=message):
        read_script(text, "mine")


def test_those_that_come_along() -> None:
    """All of them can be read, and each is found by its name."""
    scripts = list(packaged())
    names = [script.name for script in scripts]
    assert names == ["drift", "expiry", "invalidation", "outage", "stampede"]
    assert [find_script(name) for name in names] == scripts


def test_one_of_your_own(tmp_path: Path) -> None:
    """A file is found by its path, and called by its name without the ending."""
    path = tmp_path / "mine.demo"
    path.write_text(WHOLE)
    assert find_script(str(path)).name == "mine"
    path.write_text("\ufeff" + WHOLE.lstrip())
    assert find_script(str(path)).title == "A title: with signs"
    path.write_text("title T\nbang\n")
    with pytest.raises(DemoError, match=r"mine\.demo:2: 'bang'"):
        find_script(str(path))


def test_what_is_not_there(tmp_path: Path) -> None:
    """Neither a name nor a file: the names there are; a folder: why not."""
    with pytest.raises(DemoError, match=r"'stampde'.*there are drift, expiry"):
        find_script("stampde")
    with pytest.raises(DemoError, match="cannot be read"):
        find_script(str(tmp_path))
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(DemoError, match="cannot be read"):
        find_script(str(tmp_path / "bytes"))


def test_a_file_without_an_end_is_no_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more is read than a script can have, and a pipe is not waited for for ever."""
    with pytest.raises(DemoError, match=r"^/dev/zero: more than 250,000 bytes"):
        find_script("/dev/zero")
    monkeypatch.setattr("tui.runtime.bounded_file.PIPE_SECONDS", 0.01)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(DemoError, match="pipe: cannot be read: it did not end within"):
        find_script(str(path))
