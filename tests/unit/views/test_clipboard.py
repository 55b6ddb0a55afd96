"""The clipboard through tmux."""

from pathlib import Path

import pytest

from tui.views.clipboard import MOST_OSC_52_BYTES, copy, copy_through_tmux


def tmux(folder: Path, script: str) -> None:
    """Put a stand-in for tmux into a folder."""
    program = folder / "tmux"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


async def test_inside_tmux_it_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text goes to `tmux load-buffer -w -` on its standard input."""
    tmux(tmp_path, f'echo "$@" > {tmp_path}/asked; cat > {tmp_path}/copied')
    monkeypatch.setenv("TMUX", "somewhere")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert await copy_through_tmux('{"name": "Zoë"}')
    assert (tmp_path / "asked").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "copied").read_text() == '{"name": "Zoë"}'


async def test_without_tmux_nobody_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of it, without it, and when it fails, it was not tmux that copied."""
    tmux(tmp_path, "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert not await copy_through_tmux("x")
    monkeypatch.setenv("TMUX", "somewhere")
    assert not await copy_through_tmux("x")
    (tmp_path / "tmux").unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not await copy_through_tmux("x")


async def test_a_text_goes_by_all_ways_that_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through tmux whatever its length, by OSC 52 what terminals take; else by none."""
    monkeypatch.delenv("TMUX", raising=False)
    sent: list[str] = []
    longest, longer = "é" * (MOST_OSC_52_BYTES // 2), "é" * (MOST_OSC_52_BYTES // 2 + 1)
    assert await copy(longest, sent.append) == ["OSC 52"]
    assert await copy(longer, sent.append) == []
    tmux(tmp_path, "cat > /dev/null")
    monkeypatch.setenv("TMUX", "somewhere")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert await copy(longest, sent.append) == ["tmux load-buffer", "OSC 52"]
    assert await copy(longer, sent.append) == ["tmux load-buffer"]
    assert sent == [longest] * 2
