"""What a test lacks: made once and kept, or else the test is skipped by name."""

from pathlib import Path

import provisions
import pytest
from provisions import NotAvailableError, kept, named_after, release, skip_or_fail


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test keeps what it makes."""
    monkeypatch.setattr(provisions, "KEPT", tmp_path / "kept")
    return tmp_path / "kept"


def test_what_was_made_is_kept(folder: Path) -> None:
    """The second time nothing is made."""

    def make(where: Path) -> None:
        (where / "file").write_text(str(len(made)))
        made.append(where)

    made: list[Path] = []
    assert kept("thing", make) == kept("thing", make) == folder / "thing"
    assert (folder / "thing" / "file").read_text() == "0"
    assert len(made) == 1


def test_what_fails_half_way_is_not_kept(folder: Path) -> None:
    """It is made anew the next time, with nothing of the first."""

    def fail(where: Path) -> None:
        (where / "half").touch()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        kept("broken", fail)
    assert list(kept("broken", lambda where: None).iterdir()) == []
    assert {one.name for one in folder.iterdir()} == {"broken", "broken.lock"}


def test_what_cannot_be_had_is_asked_for_once() -> None:
    """A network that is down would take its time for each test."""

    def lack(where: Path) -> None:
        asked.append(where)
        raise NotAvailableError("no network")

    asked: list[Path] = []
    for _ in range(2):
        with pytest.raises(NotAvailableError, match="no network"):
            kept("lacking", lack)
    assert len(asked) == 1


def test_a_test_is_skipped_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is said; `CI=1` or the like does not make it a failure."""
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.skip.Exception, match=r"^A cannot be had here: no network$"):
        skip_or_fail("A", NotAvailableError("no network"))


def test_in_ci_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Except where nobody has made one for such a machine or such a Python."""
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"^A cannot be had here: no network$"):
        skip_or_fail("A", NotAvailableError("no network"))
    with pytest.raises(pytest.skip.Exception, match="no wheel"):
        skip_or_fail("A", NotAvailableError("no wheel", made_for_it=False))


def test_a_package_that_is_not_there_is_lacking() -> None:
    """Its release cannot be told."""
    assert release("pytest", made_for_it=True) == pytest.__version__
    with pytest.raises(NotAvailableError, match="hitmiss-nothing is not installed") as found:
        release("hitmiss-nothing", made_for_it=False)
    assert not found.value.made_for_it


def test_a_name_changes_with_what_makes_it(tmp_path: Path) -> None:
    """With the source, and with the release of what it calls."""
    source = tmp_path / "maker.py"
    source.write_text("1")
    names = [named_after("a", str(source), "1"), named_after("a", str(source), "2")]
    assert named_after("a", str(source), "1") == names[0]
    source.write_text("2")
    assert len({*names, named_after("a", str(source), "1")}) == 3
