"""Demonstrations in a terminal: step by step, back, again, and the next."""

from pathlib import Path

from terminal.window import Window

SCRIPT = "title The title\nsay First.\ntype 1\npress enter\nsay Second.\nseen one answer\n"


def test_step_by_step_and_back_again_and_the_next(tmp_path: Path) -> None:
    """Each is an explorer of its own in one process, and the terminal is as it was."""
    mine = tmp_path / "mine.demo"
    mine.write_text(SCRIPT)
    with Window("demo", mine, "--step", size=(80, 24), TMPDIR=str(tmp_path)) as window:
        window.shows("DEMO  The title", "space goes on", "nothing asked yet")
        window.types(" ")
        window.shows("DEMO  First.")
        window.types(" ")
        window.shows("DEMO  Second.", "Amara Okafor")
        window.types("b")
        window.shows("DEMO  First.", "nothing asked yet")
        window.types(" ")
        window.shows("DEMO  Second.")
        window.types(" ")
        window.shows("Seen: one answer", "r again")
        window.types("r")
        window.shows("DEMO  The title", "nothing asked yet")
        for caption in ("First.", "Second.", "Seen: one answer"):
            window.types(" ")
            window.shows(caption)
        window.types("n")
        window.shows("DEMO  Drift:")
        window.types("x")
        window.shows("the explorer is yours")
        window.types("\x11")
        end = window.ends()
        assert end.code == 0
        assert end.is_clean
    assert [path.name for path in tmp_path.iterdir()] == ["mine.demo"]
