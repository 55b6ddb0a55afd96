"""The frame around a part of a screen, and what stands in its edges."""

import pytest
from textual.app import App, ComposeResult
from textual.content import Content

from tui.views.themes import DARK, palette_of, variables_of
from tui.views.widgets.frame import Frame


class FrameApp(App[None]):
    """An app that has a frame and nothing else."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give the colours of the roles, as the explorer does."""
        return variables_of(palette_of(DARK))

    def compose(self) -> ComposeResult:
        """Give the frame the whole screen."""
        yield Frame(title="answers")


async def test_what_stays_the_same_is_not_painted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither text nor style of an edge has changed: the frame is left as it is."""
    app = FrameApp()
    async with app.run_test(size=(40, 6)) as pilot:
        frame = app.query_one(Frame)
        frame.tell("3 hits")
        frame.note("p50", "left")
        await pilot.pause()
        painted: list[str] = []
        refresh = frame.refresh

        def noted(*regions: object, **kinds: bool) -> Frame:
            painted.append(frame.edges[0])
            return refresh(**kinds)

        monkeypatch.setattr(frame, "refresh", noted)
        frame.tell("3 hits")
        frame.note("p50", "left")
        assert painted == []
        frame.tell(Content.styled("3 hits", "bold"))
        assert len(painted) == 1
        frame.tell("4 hits")
        assert "4 hits" in painted[-1]


async def test_what_is_in_view_stands_where_the_bottom_edge_has_room() -> None:
    """At the right; else at the left; else not at all. Of a plain text numbers stand out."""
    app = FrameApp()
    async with app.run_test(size=(60, 6)):
        frame = app.query_one(Frame)
        frame.view("1–9 of 12 ↓")
        assert frame.edges[1] == "1–9 of 12 ↓"
        frame.note("p50 0.4 ms")
        assert frame.edges[1].startswith("1–9 of 12 ↓ ──")
        assert frame.edges[1].endswith(" p50 0.4 ms")
        frame.note("p50 0.4 ms", "done")
        assert "of 12" not in frame.edges[1]
        frame.view("")
        frame.note("p50 0.4 ms")
        (number,) = [span for span in frame._note.spans if "foreground" in str(span.style)]
        assert frame.edges[1][number.start : number.end] == "0.4"
