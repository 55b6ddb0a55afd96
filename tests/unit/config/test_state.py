"""What is kept from one run to the next: where, for whom, and what cannot be lost."""

import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.config.settings import Settings, resolve
from tui.config.state import (
    DEMO,
    MOST_BYTES,
    MOST_PLACES,
    KeptState,
    keep_state,
    read_state,
    start_of,
    state_path,
)
from tui.models.history import MOST_TEXTS, History
from tui.runtime import own_file
from tui.runtime.errors import StateUnusable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A place for the file, in a folder that is not there yet."""
    return tmp_path / "state" / "hitmiss" / "session.json"


def settings(**options: object) -> Settings:
    """Resolve flags."""
    return resolve(
        {name.replace("_", "-"): value for name, value in options.items()}, {}, {}, ""
    )


def asked(*texts: str) -> History:
    """Give the history of a run in which this was asked."""
    history = History()
    for text in texts:
        history.remember(text)
    return history


def test_the_first_run_finds_nothing(path: Path) -> None:
    """No file is no error, and reading makes none."""
    assert read_state(path) == KeptState()
    assert not path.parent.exists()


def test_what_is_kept_comes_back(path: Path) -> None:
    """Screen, ttl, theme and the questions of each screen, whatever they hold."""
    texts = ("1", "佐藤", "\ud800", 'a"\\\n', "\x1b[31m")
    assert keep_state(path, KeptState("cache", 60.0, "nord", {"lookup": asked(*texts)}))
    found = read_state(path)
    assert (found.screen, found.ttl, found.theme) == ("cache", 60.0, "nord")
    assert tuple(found.history["lookup"]) == texts
    assert found.history["lookup"].new == []


def test_what_was_chosen_in_one_place_is_for_no_other(path: Path) -> None:
    """Screen, ttl and questions are a database's and cache's; the theme is a person's."""
    keep_state(path, KeptState("cache", 60.0, "nord", {"lookup": asked("1")}), "here")
    keep_state(path, KeptState("lab", None, None, {"lookup": asked("2")}), "there")
    here, there, new = (read_state(path, place) for place in ("here", "there", "elsewhere"))
    assert (here.screen, here.ttl, list(here.history["lookup"])) == ("cache", 60.0, ["1"])
    assert (there.screen, there.ttl, list(there.history["lookup"])) == ("lab", None, ["2"])
    assert (new.screen, new.ttl, new.history) == (None, None, {})
    assert here.theme == there.theme == new.theme == "nord"


def test_the_demo_begins_with_lookup() -> None:
    """Wherever it was left; the ttl that was chosen there stays."""
    keep_state(state_path(), KeptState("cache", 60.0))
    start, _ = start_of(settings())
    assert (start.screen, start.ttl) == (None, 60.0)


def test_of_the_first_version_the_theme_is_used(path: Path) -> None:
    """It did not say of which database and cache the rest was; the next run keeps it anew."""
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(FIRST))
    assert read_state(path) == KeptState(theme="nord")
    assert keep_state(path, KeptState("cache"))
    assert read_state(path) == KeptState("cache", theme="nord")


def test_places_are_forgotten_when_there_are_many(path: Path) -> None:
    """Those left longest ago; one that is used again stays, and the file is bounded."""
    long = asked(*(f"{number}{'é' * 490}" for number in range(60)))
    keep_state(path, KeptState("cache"), "first")
    for number in range(MOST_PLACES - 1):
        keep_state(path, KeptState("cache", history={"lookup": long}), f"place {number}")
    keep_state(path, KeptState("lab"), "first")
    keep_state(path, KeptState("cache"), "one more")
    assert path.stat().st_size <= MOST_BYTES
    assert read_state(path, "place 0") == KeptState()
    assert read_state(path, "first").screen == "lab"
    assert read_state(path, f"place {MOST_PLACES - 2}").screen == "cache"


def test_only_what_was_chosen_is_changed(path: Path) -> None:
    """None leaves what an earlier run has chosen."""
    keep_state(path, KeptState("cache", 60.0, "nord", {"lookup": asked("1")}))
    keep_state(path, KeptState("lookup", None, None))
    found = read_state(path)
    assert (found.screen, found.ttl, found.theme) == ("lookup", 60.0, "nord")
    assert list(found.history["lookup"]) == ["1"]


def test_two_explorers_at_once_lose_nothing(path: Path) -> None:
    """Both began with the same file; what was asked in both is kept, the later ones last."""
    keep_state(path, KeptState(history={"lookup": asked("1", "2")}))
    first, second = read_state(path), read_state(path)
    first.history["lookup"].remember("3")
    second.history["lookup"].remember("1")
    keep_state(path, KeptState("lookup", history=first.history))
    keep_state(path, KeptState("lookup", history=second.history))
    assert list(read_state(path).history["lookup"]) == ["2", "3", "1"]


def test_it_is_for_its_owner_only(path: Path) -> None:
    """The file has mode 0600, the folder 0700, and nothing else is left in it."""
    keep_state(path, KeptState("lookup"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


OF_A_PLACE: dict[str, Any] = {"screen": "lookup", "ttl": 5, "history": {"lookup": ["1"]}}
FIRST: dict[str, Any] = {"version": 1, "theme": "nord", **OF_A_PLACE}
GOOD: dict[str, Any] = {"version": 2, "theme": "nord", "places": {DEMO: OF_A_PLACE}}
WRONG_PLACES: list[Any] = [
    None, [], {"more": 1}, {"ttl": "5"}, {"ttl": -1}, {"ttl": True}, {"ttl": float("nan")},
    {"ttl": 1e12}, {"screen": 1}, {"history": []}, {"history": {"lookup": "1"}},
    {"history": {"lookup": [1]}}, {"theme": "nord"},
]  # fmt: skip
WRONG: list[dict[str, Any]] = [
    {"version": 3}, {"version": 1}, {"version": None}, {"more": 1}, {"theme": []},
    {"places": []}, {"screen": "lookup"}, *({"places": {"x": one}} for one in WRONG_PLACES),
]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "null", '"x"', "\xff", "[" * 100_000, " " * (MOST_BYTES + 1),
        json.dumps({"some": "body else's"}),
        *(json.dumps(GOOD | change) for change in WRONG),
        *(json.dumps(FIRST | change) for change in ({"ttl": "5"}, {"more": 1}, {"theme": 1})),
    ],
)  # fmt: skip
def test_what_is_not_ours_is_left_alone(path: Path, content: str) -> None:
    """Broken, foreign or of a later hitmiss: it is told, used for nothing, and stays."""
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="latin-1")
    with pytest.raises(StateUnusable, match="left as it is"):
        read_state(path)
    assert not keep_state(path, KeptState("lookup", history={"lookup": asked("1")}))
    assert path.read_text(encoding="latin-1") == content
    assert list(path.parent.iterdir()) == [path]


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner:
       st.lists(inner) | st.dictionaries(st.sampled_from([*GOOD, "x"]), inner)))  # fmt: skip
def test_no_json_breaks_it(tmp_path_factory: pytest.TempPathFactory, told: object) -> None:
    """Whatever stands there, it is a state or an error that says so."""
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps({**GOOD, **told} if isinstance(told, dict) else told))
    with suppress(StateUnusable):
        assert isinstance(read_state(path), KeptState)


def test_a_pipe_is_not_waited_for(path: Path) -> None:
    """Something that is no file is left alone, at once."""
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    with pytest.raises(StateUnusable):
        read_state(path)


@pytest.mark.parametrize("target", ["kept", "empty", "nothing"])
def test_a_link_is_left_alone(path: Path, tmp_path: Path, target: str) -> None:
    """It is neither followed nor replaced by a file, wherever it leads, and that is told."""
    path.parent.mkdir(parents=True)
    keep_state(tmp_path / "kept", KeptState("cache"))
    (tmp_path / "empty").touch()
    before = (tmp_path / "kept").read_bytes()
    path.symlink_to(tmp_path / target)
    with pytest.raises(StateUnusable, match=r"is a link.*left as it is"):
        read_state(path)
    assert not keep_state(path, KeptState("lookup"))
    assert path.is_symlink()
    assert (tmp_path / "kept").read_bytes() == before
    assert not (tmp_path / "nothing").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to somebody else")
def test_what_belongs_to_somebody_else_is_left_alone(path: Path) -> None:
    """As root with another's home: it is not used, and not taken from them."""
    keep_state(path, KeptState("cache"))
    os.chown(path, 12345, 12345)
    with pytest.raises(StateUnusable, match="belongs to somebody else"):
        read_state(path)
    assert not keep_state(path, KeptState("lookup"))
    assert path.stat().st_uid == 12345


def test_rights_that_others_have_are_taken_from_them(path: Path) -> None:
    """The new file has those of its owner alone."""
    keep_state(path, KeptState("cache"))
    path.chmod(0o666)
    assert keep_state(path, KeptState("lookup"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_another_explorer_keeps_meanwhile_is_not_lost(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found out before the file is replaced, and both are put together anew."""
    keep_state(path, KeptState(history={"lookup": asked("1")}))
    replace = own_file.replace

    def late(*arguments: Any) -> bool:
        monkeypatch.setattr(own_file, "replace", replace)
        keep_state(path, KeptState("cache", history={"lookup": asked("2")}))
        return replace(*arguments)

    monkeypatch.setattr(own_file, "replace", late)
    assert keep_state(path, KeptState(history={"lookup": asked("3")}))
    found = read_state(path)
    assert (found.screen, list(found.history["lookup"])) == ("cache", ["1", "2", "3"])
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    """A home that cannot be written, or is none: nothing is kept, and nothing raised."""
    (tmp_path / "home").write_text("a file")
    path = tmp_path / "home" / "hitmiss" / "session.json"
    assert read_state(path) == KeptState()
    assert not keep_state(path, KeptState("lookup"))


def test_a_full_disk_keeps_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new file takes the old one's place as a whole, or not at all."""
    keep_state(path, KeptState("cache"))

    def fail(*_: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(Path, "replace", fail)
    assert not keep_state(path, KeptState("lookup"))
    assert read_state(path).screen == "cache"
    assert list(path.parent.iterdir()) == [path]


def test_a_history_has_each_text_once_and_an_end() -> None:
    """The latest at the end; blank and very long ones are not remembered."""
    history = asked("1", "2", "1", "", "  ", "x" * 501)
    assert list(history) == ["2", "1"]
    assert history.back(1) == "1"
    history = asked(*map(str, range(MOST_TEXTS + 5)))
    assert len(history) == len(history.new) == MOST_TEXTS
    assert history.back(1) == str(MOST_TEXTS + 4)


def test_what_is_said_comes_before_what_was_kept() -> None:
    """A flag, a variable or the file wins over a former run, and that over the default."""
    keep_state(state_path(), KeptState("cache", 60.0, "nord"), "mine")
    start, wrong = start_of(settings(db="x.db"), "mine")
    assert (start.screen, start.ttl, start.theme, wrong) == ("cache", 60.0, "nord", None)
    start, _ = start_of(settings(ttl="5", theme="dracula"), "mine")
    assert (start.ttl, start.theme) == (None, "dracula")
    assert start_of(settings(session=False)) == (KeptState(), None)
    assert start_of(settings(session=False, theme="nord"))[0] == KeptState(theme="nord")


def test_a_broken_file_is_told_at_the_start() -> None:
    """The explorer begins as the first time, and with the reason."""
    state_path().parent.mkdir(parents=True)
    state_path().write_text("{")
    start, wrong = start_of(settings())
    assert start == KeptState()
    assert wrong is not None
    assert str(state_path()) in wrong
