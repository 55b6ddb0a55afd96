"""Files that a person asks for, in the current folder."""

import json
from pathlib import Path

import pytest

from tui.models import Label, Outcome
from tui.runtime.errors import OutputFailed
from tui.views.export import write_log, write_picture


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which hitmiss was started."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_log_is_what_get_prints(folder: Path) -> None:
    """One object a line, in order, and beside a log that is there already."""
    outcomes = [Outcome(1, Label.DB, {"id": 1, "name": "Zoë"}), Outcome(7, Label.NOT_FOUND)]
    assert write_log(outcomes) == folder / "hitmiss-log.jsonl"
    path = write_log(outcomes[:1])
    assert path == folder / "hitmiss-log-2.jsonl"
    written = [
        json.loads(line) for line in (folder / "hitmiss-log.jsonl").read_text().splitlines()
    ]
    assert written == [json.loads(json.dumps(one.to_json())) for one in outcomes]


def test_an_empty_log_makes_no_file(folder: Path) -> None:
    """It is told instead."""
    with pytest.raises(OutputFailed, match="the log is empty: nothing was written"):
        write_log([])
    assert list(folder.iterdir()) == []


def test_a_picture_is_written_as_it_is(folder: Path) -> None:
    """Under a name that no other file has."""
    assert write_picture("<svg/>") == folder / "hitmiss-screen.svg"
    assert (folder / "hitmiss-screen.svg").read_text() == "<svg/>"
