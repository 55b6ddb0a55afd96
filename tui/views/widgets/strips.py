"""The strip of every screen: the screens' names, and how cache and database do."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

from tui.controllers.session import SLOW_SECONDS
from tui.models import Health
from tui.models.colours import FAMILY_GLYPHS
from tui.runtime.plain_text import plain
from tui.views.widgets.quantities import duration

WIDE_CELLS = 110
"""From this width on names and times of cache and database are shown."""
NAME_CELLS = 24


class TargetHealth(NamedTuple):
    """How one of the two stores does."""

    word: str
    """`cache` or `db`."""
    family: str
    """The family of its colour while it does well."""
    name: str
    health: Health


class TitleStrip(Static):
    """The names of the screens, each with its key, the current one as a pill; the stores."""

    DEFAULT_CSS = """
    TitleStrip { height: 1; background: $raised; padding: 0 1; text-wrap: nowrap; }
    """

    class Chosen(Message):
        """A screen's name was clicked."""

        def __init__(self, name: str) -> None:
            """This one."""
            super().__init__()
            self.name = name

    def __init__(self) -> None:
        """Begin with nothing to show."""
        super().__init__()
        self._screens: Mapping[str, str] = {}
        self._current = ""
        self._marks: Sequence[str] = ()
        self._targets: Sequence[TargetHealth] = ()
        self._painted: tuple[object, ...] | None = None
        self._places: list[tuple[range, str]] = []

    def name_screens(self, screens: Mapping[str, str], current: str) -> None:
        """Show those names, each with its key, and mark the current one."""
        self._screens, self._current = screens, current
        self._paint()

    def show(self, targets: Sequence[TargetHealth], marks: Sequence[str]) -> None:
        """Show how the stores do, and what is out of the ordinary."""
        self._targets, self._marks = targets, marks
        self._paint()

    def on_resize(self) -> None:
        """Make room for more, or for less."""
        self._paint()

    def on_click(self, event: Click) -> None:
        """Go to the screen whose name was clicked."""
        for place, name in self._places:
            if event.x in place:
                self.post_message(self.Chosen(name))

    def _paint(self) -> None:
        room = self.app.size.width - 2
        wanted = (room, self._screens, self._current, self._marks, self._targets)
        if room <= 0 or wanted == self._painted:
            return
        self._painted = wanted
        names = sum(len(f" {key} {name} ") for name, key in self._screens.items())
        stores = _stores(self._targets, wide=room + 2 >= WIDE_CELLS)
        marks = Content("").join(
            Content.styled(f" {mark} ", "reverse bold") for mark in self._marks
        )
        right = Content("  ").join(part for part in (marks, stores) if part.cell_length)
        brand = "hitmiss " if room > len("hitmiss ") + names + right.cell_length else ""
        parts: list[Content | str | tuple[str, str]] = [(brand, "bold $here")]
        at = len(brand) + 1
        self._places = []
        narrow = room < names + right.cell_length + 1
        for name, key in self._screens.items():
            text = key if narrow and name != self._current else f"{key} {name}"
            self._places.append((range(at, at + len(text) + 2), name))
            at += len(text) + 2
            if name == self._current:
                parts += [("▐", "$here"), (text, "bold $ink on $here"), ("▌", "$here")]
            else:
                parts.append((f" {text} ", "$muted"))
        left = Content.assemble(*parts)
        gap = room - left.cell_length - right.cell_length
        if gap < 1:
            right = right.truncate(max(0, room - left.cell_length - 1), ellipsis=True)
            gap = max(0, room - left.cell_length - right.cell_length)
        self.update(Content.assemble(left, " " * gap, right), layout=False)


class StripBelow(TitleStrip):
    """Over a dialog that covers the whole terminal: the strip of the screen that it is over."""

    def on_mount(self) -> None:
        """Show what the screen below shows."""
        for screen in reversed(self.app.screen_stack):
            for strip in screen.query(TitleStrip):
                if not isinstance(strip, StripBelow):
                    self.name_screens(strip._screens, strip._current)
                    self.show(strip._targets, strip._marks)
                    return


def _stores(targets: Sequence[TargetHealth], *, wide: bool) -> Content:
    return Content("   " if wide else "  ").join(_state(target, wide) for target in targets)


def _state(target: TargetHealth, wide: bool) -> Content:
    health = target.health
    shown = f" {plain(target.name, NAME_CELLS)}" if wide else ""
    if health.up is None:
        return Content.styled(f"○ {target.word}{shown} connecting…", "$muted")
    if not health.up:
        return Content.styled(f"{FAMILY_GLYPHS['error']} {target.word} down", "$outcome-error")
    if (health.seconds or 0) > SLOW_SECONDS:
        took = f" {duration(health.seconds or 0)}" if wide else ""
        return Content.styled(
            f"{FAMILY_GLYPHS['warning']} {target.word}{shown} slow{took}", "$outcome-warning"
        )
    took = f" {duration(health.seconds)}" if wide and health.seconds else ""
    return Content.assemble(
        (FAMILY_GLYPHS[target.family], f"$outcome-{target.family}"),
        f" {target.word}",
        (f"{shown}{took}", "$muted"),
    )
