"""The lines that belong to a demonstration, above whatever screen it plays on."""

from itertools import groupby

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from tui.runtime.plain_text import plain
from tui.views.widgets.explorer_screen import TINY, ExplorerScreen
from tui.views.widgets.hanging import hanging

MARK, KEYS = " DEMO ", " keys "
CAPTION_ROWS = 2
ONE_LINE_CELLS = 80
"""From this width on a caption stands in one line; below it, in two."""


def caption_rows(size: Size) -> int:
    """Give how many rows a caption and the line of keys have in a terminal of that size."""
    needed = CAPTION_ROWS if size.width >= ONE_LINE_CELLS else CAPTION_ROWS + 1
    return min(needed, max(CAPTION_ROWS, size.height - TINY[1]))


class DemoCaption(Static):
    """What is to be seen, and which keys were pressed for it."""

    DEFAULT_CSS = """
    DemoCaption {
        dock: top;
        height: auto;
        width: 100%;
        background: $accent;
        color: auto;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(markup=False)
        self._shown: tuple[str, tuple[str, ...], str] = ("", (), "")
        self._rows = 0

    def show(self, text: str, keys: tuple[str, ...], hint: str) -> None:
        """Show a caption, the latest of these keys, and a hint at the end of their line."""
        self._shown = (plain(text, 200), tuple(plain(key, 30) for key in keys), hint)
        self._fill()

    def on_resize(self) -> None:
        """Lay the lines out for the new width."""
        self._fill()
        if isinstance(self.screen, ExplorerScreen):
            self.screen.leave_rows(caption_rows(self.app.size))

    def _fill(self) -> None:
        text, keys, hint = self._shown
        room = self.app.size.width - len(KEYS) - len(hint) - 3
        names = [_times(key, len(list(same))) for key, same in groupby(keys)]
        while names and cell_len(" ".join(names)) > room:
            del names[0]
        pressed = " ".join(names)
        gap = " " * max(2, room - cell_len(pressed) + 2)
        width = self.app.size.width
        rows = caption_rows(self.app.size) - 1
        mark = Content.styled(MARK, "bold reverse") + " "
        whole = Content.styled(text, "bold")
        said = hanging(mark, whole, width).split("\n")[:rows] if rows > 1 else [mark + whole]
        said += [Content("")] * (rows - len(said))
        label = KEYS if pressed else " " * len(KEYS)
        pressed_line = Content.assemble(label, (pressed, "bold"), gap, hint)
        anew, self._rows = rows != self._rows, rows
        self.update(Content("\n").join((*said, pressed_line)), layout=anew)


def _times(key: str, count: int) -> str:
    return key if count == 1 else f"{key}({count})"
