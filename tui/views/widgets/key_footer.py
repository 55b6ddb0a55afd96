"""The footer: the keys that work right now, as many as fit whole."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from textual.binding import ActiveBinding, Binding
from textual.content import Content
from textual.events import Click
from textual.widgets import Static

from tui.views.widgets.actions import in_order

if TYPE_CHECKING:
    from textual.dom import DOMNode

GAP = 2
ALWAYS = ("Help", "Quit")
"""What stands at the right end, and falls away last."""


class KeyFooter(Static):
    """Keys and what they do; never half a key: `?` shows the rest."""

    DEFAULT_CSS = """
    KeyFooter { height: 1; background: $raised; padding: 0 1; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        """Begin with the keys in the order of their bindings."""
        super().__init__()
        self._places: list[tuple[range, tuple[DOMNode, str]]] = []
        self._arranged: Mapping[str, str] = {}

    def put_first(self, names: Mapping[str, str]) -> None:
        """Put the keys of these actions first, in this order and under these names.

        One whose name is '' is left out: it can be done, but would not be done now.
        """
        if names != self._arranged or list(names) != list(self._arranged):
            self._arranged = dict(names)
            self._show()

    async def on_click(self, event: Click) -> None:
        """Take a click for the key that stands there."""
        for place, (node, action) in self._places:
            if event.x in place:
                await self.app.run_action(action, default_namespace=node)
                return

    def on_mount(self) -> None:
        """Follow the bindings of whatever has the focus."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self._show())
        self._show()

    def on_resize(self) -> None:
        """Fit more keys, or fewer."""
        self._show()

    def _typed(self, key: str, binding: Binding) -> bool:
        """Tell whether the key would be typed into what has the focus."""
        shown = self.app.get_key_display(binding)
        character = shown if len(shown) == 1 and shown.isascii() else None
        focused = self.screen.focused
        return focused is not None and focused.check_consume_key(key, character)

    def _in_order(self) -> list[tuple[str, ActiveBinding]]:
        places = {id: place for place, id in enumerate(self._arranged)}
        return sorted(
            in_order(self.screen),
            key=lambda item: places.get(item[1].binding.id or "", len(places)),
        )

    def _show(self) -> None:
        if not self.is_attached:
            return
        keys: dict[str, str] = {}
        actions: dict[str, tuple[DOMNode, str]] = {}
        for key, active in self._in_order():
            binding = active.binding
            name = self._arranged.get(binding.id or "", binding.description)
            if name and binding.show and active.enabled and not self._typed(key, binding):
                actions.setdefault(name, (active.node, binding.action))
                shown = self.app.get_key_display(binding)
                keys.setdefault(name, shown)
        room = self.content_size.width
        last = [(keys.pop(name), name) for name in ALWAYS if name in keys]
        right = _keys(last)
        while right.cell_length > room:
            last.pop()
            right = _keys(last)
        left: list[tuple[str, str]] = []
        free = room - right.cell_length
        self._places.clear()
        at = 1
        for name, key in keys.items():
            width = len(key) + 1 + len(name) + GAP
            if width > free:
                continue
            free -= width
            left.append((key, name))
            self._places.append((range(at, at + width - GAP), actions[name]))
            at += width
        shown_left = _keys(left)
        at = 1 + room - right.cell_length
        for key, name in last:
            width = len(key) + 1 + len(name)
            self._places.append((range(at, at + width), actions[name]))
            at += width + GAP
        gap = " " * max(0, room - shown_left.cell_length - right.cell_length)
        self.update(Content.assemble(shown_left, gap, right), layout=False)


def _keys(keys: Iterable[tuple[str, str]]) -> Content:
    """Give keys, each with what it does."""
    return Content(" " * GAP).join(
        Content.assemble((key, "bold $here"), f" {name}") for key, name in keys
    )
