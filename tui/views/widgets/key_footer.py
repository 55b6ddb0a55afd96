"""The footer: the keys that work right now, as many as fit whole."""

from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from tui.views.widgets.actions import in_order

GAP = 2


class KeyFooter(Static):
    """Keys and what they do; never half a key: `?` shows the rest."""

    DEFAULT_CSS = """
    KeyFooter { height: 1; background: $panel; padding: 0 1; }
    """

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

    def _show(self) -> None:
        if not self.is_attached:
            return
        keys = [
            (self.app.get_key_display(active.binding), active.binding.description)
            for key, active in in_order(self.screen)
            if active.binding.show and active.enabled and not self._typed(key, active.binding)
        ]
        room = self.content_size.width
        parts: list[Content | str | tuple[str, str]] = []
        seen: set[str] = set()
        for key, description in sorted(keys, key=lambda pair: pair[1] != "Help"):
            width = len(key) + 1 + len(description) + (GAP if parts else 0)
            if width <= room and description not in seen:
                seen.add(description)
                parts.append(" " * GAP if parts else "")
                parts.append((key, "bold $accent"))
                parts.append(f" {description}")
                room -= width
        self.update(Content.assemble(*parts), layout=False)
