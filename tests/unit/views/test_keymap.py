"""The keys of the configuration file: which are taken, and what is wrong with the others."""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from commands import Cli, cli
from textual.binding import Binding
from textual.keys import Keys

from tui.config.config_file import read_file
from tui.config.settings import resolve
from tui.runtime.errors import SettingsError
from tui.views.keymap import checked, default_bindings, default_keys, key_name

__all__ = ["cli"]


def keymap(keys: Mapping[str, str]) -> dict[str, str]:
    """Check keys of a file called config.toml."""
    return checked(keys, "config.toml")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("I", "I"), ("/", "slash"), ("?", "question_mark"), ("+", "plus"), ("-", "minus"),
        (" ", "space"), (",", "comma"), ("é", "é"), ("slash", "slash"), ("solidus", "slash"),
        ("F1", "f1"), ("Enter", "enter"), ("ctrl+k", "ctrl+k"), ("ctrl++", "ctrl+plus"),
        ("shift+ctrl+left", "ctrl+shift+left"), ("shift+x", "X"), ("alt+X", "alt+shift+x"),
        ("shift+tab", "shift+tab"),
    ],
)  # fmt: skip
def test_a_key_has_its_name_or_its_character(written: str, name: str) -> None:
    """Both mean what Textual calls the key when it is pressed."""
    assert key_name(written) == name


@pytest.mark.parametrize("key", ["", "esc", "return", "ctrl+", "a+", "blah+x", "ab", "<any>"])
def test_a_key_that_does_not_exist_is_named(key: str) -> None:
    """It is an error, not a key that never comes."""
    with pytest.raises(ValueError, match="there is no key"):
        key_name(key)


def test_all_that_a_terminal_sends_can_be_used() -> None:
    """Each key that Textual knows by a name of its own has that name here."""
    others = {
        "ctrl+i",
        "ctrl+m",
        "ctrl+j",
        "ctrl+h",
    }  # which arrive as tab, enter and backspace
    names = {key.value for key in Keys} - {"return", "ctrl+@", "ctrl-at"} - others
    for name in names:
        if not name.startswith("<"):
            assert key_name(name) == name


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"lookup.invalidate": "I"},
        {"lookup.invalidate": "x", "lookup.expire": "i"},  # change places
        {"list.down": "down,n", "list.up": "up, e"},
        {"cache.invalidate": "n", "lookup.invalidate": "N", "compare.heal": "n"},
        {"list.first": "home", "panel.top": "home", "lookup.compare": "g"},
        {"screen.quit": "f10", "app.quit_now": "ctrl+x"},
        {"screen.lookup": "f5", "screen.cache": "f6", "screen.compare": "f7"},
        {"compare.stop": "ctrl+g", "input.leave": "ctrl+g"},
        {"lookup.ask": "s"},
    ],
)
def test_keys_that_do_not_get_in_each_others_way(keys: dict[str, str]) -> None:
    """Changed places, several keys, the same key on other screens, and shared by default."""
    assert keymap(keys).keys() == keys.keys()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"lookup.invalidat": "I"}, "no 'lookup.invalidat'; did you mean 'lookup.invalidate'"),
        ({"help": "I"}, "no 'help'"),
        ({"lookup.invalidate": "esc"}, "no key 'esc'; did you mean 'escape'"),
        ({"lookup.invalidate": ""}, "lookup.invalidate = '' lacks a key"),
        ({"lookup.invalidate": "I,"}, "lookup.invalidate = 'I,' lacks a key"),
        ({"lookup.invalidate": "x"}, "'x' would be both lookup.invalidate .* lookup.expire"),
        ({"lookup.invalidate": "j"}, "'j' would be both lookup.invalidate .* list.down"),
        ({"list.down": "n,r"}, "'r' would be both lookup.again .* list.down"),
        ({"app.redraw": "tab"}, "'tab' would be both app.redraw .* screen.next"),
        ({"cache.walk": "2"}, "'2' would be both screen.cache .* cache.walk"),
        ({"help.back": "G"}, "'G' would be both help.back .* panel.end"),
        ({"confirm.yes": "n"}, "'n' would be both confirm.yes .* confirm.no"),
        ({"app.interrupt": "Z"}, "app.interrupt works while you type, where 'Z' is text"),
        ({"input.submit": "ctrl+o,space"}, "input.submit works .* 'space' is text"),
        ({"edit.next": "n"}, "edit.next works while you type"),
    ],
)
def test_what_cannot_be_is_named(keys: dict[str, str], said: str) -> None:
    """The file, the action and the key are in the message, and where to look."""
    with pytest.raises(SettingsError, match=rf"config\.toml: \[keys\]: .*{said}.*--list-keys"):
        keymap(keys)


def test_no_default_needs_alt_or_a_function_key() -> None:
    """What such a key does another does too: they do not come through everywhere."""
    ways: dict[str, set[str]] = {}
    for id, binding in default_bindings().items():
        where = "" if binding.action.startswith("app.") else id.partition(".")[0]
        ways.setdefault(f"{where} {binding.action}", set()).update(default_keys(binding))
    for action, keys in ways.items():
        plain = [key for key in keys if not key.startswith(("alt+", "f1", "super+"))]
        assert plain, action


def test_keys_that_nobody_can_tell_apart_are_no_defaults() -> None:
    """Terminals send ctrl+i for tab and the like; tmux and screen keep ctrl+b and ctrl+a."""
    taken = {f"ctrl+{key}" for key in ("i", "m", "h", "j", "space", "a", "b", "enter", "at")}
    for id, binding in default_bindings().items():
        assert not taken & set(default_keys(binding)), id


def test_the_file_has_a_table_of_keys(tmp_path: Path) -> None:
    """With the ids in quotes, or without: TOML makes tables of those."""
    path = tmp_path / "config.toml"
    path.write_text('[keys]\n"lookup.copy" = "c"\nlist.down = "n"\n')
    settings = resolve({}, {}, *read_file(path))
    assert settings.keys == {"lookup.copy": "c", "list.down": "n"}
    assert settings.sources["keys"] == str(path)


@pytest.mark.parametrize("line", ["keys = 1", "[keys]\nlist.down = 1", '[keys]\na = ["x"]'])
def test_a_table_of_something_else_is_refused(tmp_path: Path, line: str) -> None:
    """The message says what belongs there."""
    path = tmp_path / "config.toml"
    path.write_text(line)
    with pytest.raises(SettingsError, match="keys"):
        resolve({}, {}, *read_file(path))


def test_the_list_of_keys_is_a_configuration(cli: Cli, tmp_path: Path) -> None:
    """--list-keys prints every action with its keys, and takes that back as it is."""
    ran = cli("--list-keys")
    assert (ran.code, ran.err) == (0, "")
    assert tomllib.loads(ran.out)["keys"].keys() == default_bindings().keys()
    path = tmp_path / "config.toml"
    path.write_text(ran.out)
    assert cli("--list-keys", "--config", path).out == ran.out


def test_the_list_of_keys_has_what_was_changed(cli: Cli, tmp_path: Path) -> None:
    """The keys in force, beside those by default; and as JSON lines."""
    path = tmp_path / "config.toml"
    path.write_text('[keys]\n"lookup.copy" = "c,/"\n"lookup.ask" = "s"')
    ran = cli("--list-keys", "--config", path)
    assert '"lookup.copy"            = "c,/"' in ran.out
    assert "copy the record as JSON (by default y)" in ran.out
    lines = map(json.loads, cli("--list-keys", "--json", "--config", path).out.splitlines())
    (told,) = (line for line in lines if line["id"] == "lookup.copy")
    assert told == {
        "id": "lookup.copy",
        "keys": ["c", "/"],
        "default": ["y"],
        "does": "copy the record as JSON",
    }


def test_doctor_looks_at_the_keys(cli: Cli, seeded: Path, tmp_path: Path) -> None:
    """Good ones are counted, a bad one fails with what to do; everything else is told too."""
    path = tmp_path / "config.toml"
    for text, state in (('"lookup.copy" = "c"', "ok"), ('"lookup.copy" = "x"', "failed")):
        path.write_text(f"[keys]\n{text}\n")
        ran = cli("doctor", "--json", "--db", seeded, "--config", path)
        (check,) = (line for line in ran.answers[:-1] if line["check"] == "keys")
        assert (check["state"], check["source"]) == (state, str(path))
        assert {"cache", "database"} <= {line.get("group") for line in ran.answers}
    assert "'x' would be both" in check["detail"]
    assert "--list-keys" in check["advice"]
    assert ran.code == 1


def test_every_binding_says_what_it_does() -> None:
    """Each has an id like screen.action, a description and a tooltip."""
    bindings = default_bindings()
    assert len(bindings) > 60
    for id, binding in bindings.items():
        assert isinstance(binding, Binding)
        assert id.count(".") == 1
        assert binding.description
        assert binding.tooltip


@pytest.mark.parametrize(
    ("id", "key", "said"),
    [
        ("edit.leave", "z", "is text"),
        ("edit.save", "s", "is text"),
        ("screen.help_anywhere", "h", "is text"),
        ("lookup.invalidate", "ctrl+i", "cannot be told from 'tab'"),
        ("lookup.invalidate", "ctrl+M", "cannot be told from 'enter'"),
        ("lookup.invalidate", "ctrl+h", "cannot be told from 'backspace'"),
        ("lookup.invalidate", "ctrl+[", "cannot be told from 'escape'"),
        ("lookup.invalidate", "alt+alt+i", "names a modifier twice"),
    ],
)
def test_a_key_that_could_not_do_its_work_is_refused(id: str, key: str, said: str) -> None:
    """It would be typed, or arrive as another key, or never."""
    with pytest.raises(SettingsError, match=re.escape(said)):
        checked({id: key}, "config.toml")
