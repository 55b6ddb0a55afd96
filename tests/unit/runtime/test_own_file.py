"""What is written: over nothing, and through nothing, that hitmiss has not made."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.runtime import own_file
from tui.runtime.own_file import (
    NotOurs,
    check_way,
    open_new,
    put_new,
    remove,
    replace,
    write_new,
)

STRANGER = 12345
"""Somebody else's number."""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to somebody else")


def rights(path: Path) -> int:
    """Give who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """Let nothing be private by accident."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_new_file_is_its_owner_s(tmp_path: Path) -> None:
    """Whatever the umask, and it has a name that was free; nothing else is left."""
    names = [tmp_path / "a", tmp_path / "b"]
    assert write_new(names, ["1\n", "2\n"]) == tmp_path / "a"
    assert write_new(names, ["3\n"]) == tmp_path / "b"
    assert write_new(names, ["4\n"]) is None
    os.close(open_new(tmp_path / "c"))
    assert [rights(path) for path in sorted(tmp_path.iterdir())] == [0o600] * 3
    assert (tmp_path / "a").read_text() == "1\n2\n"


@pytest.mark.parametrize("target", ["nothing", "empty", "full", "."])
def test_nothing_new_is_written_through_a_link(tmp_path: Path, target: str) -> None:
    """A link is a name that is taken, wherever it leads."""
    (tmp_path / "empty").touch()
    (tmp_path / "full").write_text("mine")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / target)
    with pytest.raises(FileExistsError):
        open_new(link)
    assert write_new([link], ["x"]) is None
    assert not replace(link, "x", None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "full", "link"]
    assert ((tmp_path / "empty").read_text(), (tmp_path / "full").read_text()) == ("", "mine")


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """Nobody ever sees a part of it."""

    def lines() -> Iterator[str]:
        yield "1\n"
        assert [path.name for path in tmp_path.iterdir()] != ["a"]
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_new([tmp_path / "a"], lines())
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There too nothing is overwritten, and nothing is left."""

    def link(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    names = [tmp_path / "a", tmp_path / "b"]
    (tmp_path / "a").write_text("mine")
    assert write_new(names, ["1\n"]) == tmp_path / "b"
    assert not replace(tmp_path / "a", "x", None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
    assert ((tmp_path / "a").read_text(), (tmp_path / "b").read_text()) == ("mine", "1\n")


def test_only_what_was_seen_is_replaced(tmp_path: Path) -> None:
    """What came there meanwhile stays, be it a file or a link to the one that was seen."""
    path, moved = tmp_path / "a", tmp_path / "moved"
    path.write_text("old")
    seen = path.lstat()
    assert replace(path, "new", seen)
    assert (path.read_text(), rights(path)) == ("new", 0o600)
    assert not replace(path, "newer", seen)
    seen = path.lstat()
    path.rename(moved)
    assert not replace(path, "newer", seen)
    path.symlink_to(moved)
    assert not replace(path, "newer", seen)
    assert moved.read_text() == "new"
    assert sorted(tmp_path.iterdir()) == [path, moved]


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_what_comes_between_looking_and_removing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """It is found out when it has been moved aside, and put back."""
    path, seen_at = tmp_path / "a", tmp_path / "seen"
    path.write_text("ours")
    seen = path.lstat()
    rename = Path.rename

    def swapped(self: Path, target: Path) -> Path:
        monkeypatch.setattr(Path, "rename", rename)
        rename(path, seen_at)
        if kind == "file":
            path.write_text("theirs")
        elif kind == "link":
            path.symlink_to("elsewhere")
        else:
            path.mkdir()
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", swapped)
    assert not remove(path, seen)
    assert sorted(tmp_path.iterdir()) == [path, seen_at]
    assert (path.is_symlink(), path.is_dir()) == (kind == "link", kind == "folder")
    assert seen_at.read_text() == "ours"
    assert remove(seen_at, seen)
    assert list(tmp_path.iterdir()) == [path]


@as_root
def test_a_link_of_somebody_else_is_no_way(tmp_path: Path) -> None:
    """Not even where it is a link of ours that leads to it; links of ours are."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "ours").symlink_to("folder")
    check_way(tmp_path / "ours" / "a")
    (tmp_path / "theirs").symlink_to("folder")
    os.lchown(tmp_path / "theirs", STRANGER, STRANGER)
    (tmp_path / "through").symlink_to(tmp_path / "theirs")
    for name in ("theirs", "through"):
        path = tmp_path / name / "a"
        for write in (check_way, open_new, lambda path: write_new([path], ["x"])):
            with pytest.raises(NotOurs, match=r"theirs, a link of somebody else$"):
                write(path)
    assert list((tmp_path / "folder").iterdir()) == []


def test_links_that_lead_to_themselves_are_no_way(tmp_path: Path) -> None:
    """They are an error of the system, and not followed for ever."""
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        open_new(tmp_path / "a" / "file")


def test_a_draft_keeps_its_rights(tmp_path: Path) -> None:
    """A database of invented users may be for everybody, as the umask has it."""
    draft = tmp_path / "draft"
    draft.touch(mode=0o644)
    put_new(draft, tmp_path / "a")
    assert rights(tmp_path / "a") == 0o644
    with pytest.raises(FileExistsError):
        put_new(draft, tmp_path / "a")


def test_the_rule_knows_what_is_not_ours(tmp_path: Path) -> None:
    """Links, folders, pipes; and what belongs to somebody else."""
    path = tmp_path / "a"
    path.touch()
    assert own_file.why_not_ours(path.lstat()) is None
    (tmp_path / "link").symlink_to(path)
    assert "link" in str(own_file.why_not_ours((tmp_path / "link").lstat()))
    assert own_file.why_not_ours(tmp_path.lstat()) == "is no regular file"
    if os.geteuid() == 0:
        os.chown(path, STRANGER, STRANGER)
        assert own_file.why_not_ours(path.lstat()) == "belongs to somebody else"
