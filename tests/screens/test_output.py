"""Journeys that end in a file: the log, and a picture of the screen."""

import json
from pathlib import Path

import pytest
from fakes import Bench
from person import person_at_bench

FIELDS = [
    "id", "outcome", "record", "ttl_left", "elapsed_ms", "flags", "reason", "format", "steps",
]  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which hitmiss was started."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def test_the_log_becomes_json_lines(bench: Bench, folder: Path) -> None:
    """What `get --json` prints, in the order of asking; from any screen, never over a file."""
    async with person_at_bench(bench, size=(160, 40)) as person:
        for key in ("1", "1", "7"):
            await person.looks_up(key)
        await person.presses("escape", "o")
        assert "as JSON lines" in person.text
        await person.presses("l")
        await person.sees(f"written to {folder / 'hitmiss-log.jsonl'}")
        answers = [
            json.loads(line) for line in (folder / "hitmiss-log.jsonl").read_text().splitlines()
        ]
        assert [list(answer) for answer in answers] == [FIELDS] * 3
        said = [(answer["id"], answer["outcome"]) for answer in answers]
        assert said == [(1, "DB"), (1, "HIT"), (7, "NOT_FOUND")]
        await person.presses("2", "o", "l")
        await person.sees(f"written to {folder / 'hitmiss-log-2.jsonl'}")
        assert len((folder / "hitmiss-log.jsonl").read_text().splitlines()) == 3


async def test_the_screen_becomes_a_picture(bench: Bench, folder: Path) -> None:
    """Of what lies below the question, not of the question."""
    async with person_at_bench(bench, size=(160, 40)) as person:
        await person.looks_up("1")
        await person.presses("escape", "o", "s")
        await person.sees("written to")
        picture = (folder / "hitmiss-screen.svg").read_text()
        assert picture.startswith("<svg")
        assert "Amara" in picture
        assert "JSON" not in picture


async def test_nothing_is_written_unasked(bench: Bench, folder: Path) -> None:
    """Esc writes nothing, and neither does an empty log."""
    async with person_at_bench(bench) as person:
        await person.presses("escape", "o", "escape")
        await person.presses("o", "l")
        await person.sees("the log is empty")
        assert list(folder.iterdir()) == []


async def test_a_folder_that_cannot_be_written_is_told(bench: Bench, folder: Path) -> None:
    """The reason stands in the line for messages; nobody falls over it."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        folder.rmdir()
        await person.presses("escape", "o", "l")
        await person.sees("nothing was written to the current folder: No such file")


async def test_what_is_written_is_for_its_owner_only(bench: Bench, folder: Path) -> None:
    """Records are in it; it is never written through a link, but beside it."""
    (folder / "hitmiss-log.jsonl").symlink_to(folder / "elsewhere")
    (folder / "hitmiss-screen.svg").symlink_to("/dev/null")
    async with person_at_bench(bench, size=(160, 40)) as person:
        await person.looks_up("1")
        await person.presses("escape", "o", "l")
        await person.sees(f"written to {folder / 'hitmiss-log-2.jsonl'}")
        await person.presses("o", "s")
        await person.sees(f"written to {folder / 'hitmiss-screen-2.svg'}")
    written = [path for path in folder.iterdir() if not path.is_symlink()]
    assert [path.stat().st_mode & 0o777 for path in written] == [0o600] * 2
    assert not (folder / "elsewhere").exists()


async def test_a_disk_that_is_full_leaves_nothing(
    bench: Bench, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither half a file nor what it was made of."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    async with person_at_bench(bench, size=(160, 40)) as person:
        await person.looks_up("1")
        monkeypatch.setattr("tui.runtime.own_file.put_new", full)
        await person.presses("escape", "o", "l")
        await person.sees("nothing was written to the current folder: No space left")
    assert list(folder.iterdir()) == []
