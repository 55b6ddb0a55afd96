"""The footer: the keys that work right now, as many as fit whole."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from textual.binding import ActiveBinding, Binding
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

from tui.views.widgets.actions import in_order

if TYPE_CHECKING:
    from textual.dom import DOMNode

GAP, PADDING = 2, 2
ALWAYS = ("Pause", "Help", "Quit")
"""What stands at the right end; the last of them only where there is room for all else."""


class Shown(NamedTuple):
    """A key that does something now."""

    key: str
    name: str
    short: str
    """Its name where there is little room."""
    own: bool
    """Whether it belongs to what the screen is about."""
    does: "tuple[DOMNode, str]"
    """Whose action it is, and which."""


class KeyFooter(Static):
    """Keys and what they do, as many as fit; the screen's own then at least as keys."""

    class Unnamed(Message):
        """There are other keys than before for whose names it has no room."""

        def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
            """These keys, with their names, what is most wanted first."""
            super().__init__()
            self.keys = keys

    DEFAULT_CSS = """
    KeyFooter {
        height: 1; background: $raised; color: $muted; padding: 0 1; text-wrap: nowrap;
    }
    """

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        """Begin with the keys in the order of their bindings.

        The `own` of a screen are these actions, in this order, each with a shorter name.
        """
        super().__init__()
        self._places: list[tuple[range, tuple[DOMNode, str]]] = []
        self._arranged: Mapping[str, str] = {}
        self._own = own or {}
        self._names: Mapping[str, str] = {}
        self._is_soon = False
        self._unnamed: list[tuple[str, str]] = []

    def put_first(self, names: Mapping[str, str]) -> None:
        """Put the keys of these actions first, in this order and under these names.

        One whose name is '' is left out: it can be done, but would not be done now.
        """
        if names != self._arranged or list(names) != list(self._arranged):
            self._arranged = dict(names)
            self._show_soon()

    def rename(self, names: Mapping[str, str]) -> None:
        """Give these actions another name than their bindings do."""
        if names != self._names:
            self._names = dict(names)
            self._show_soon()

    async def on_click(self, event: Click) -> None:
        """Take a click for the key that stands there."""
        for place, (node, action) in self._places:
            if event.x in place:
                await self.app.run_action(action, default_namespace=node)
                return

    def on_mount(self) -> None:
        """Follow the bindings of whatever has the focus."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self._show_soon())
        self._show_soon()

    def on_resize(self) -> None:
        """Fit more keys, or fewer."""
        self._show()

    def _show_soon(self) -> None:
        """Show them once, however many changes there are at a time."""
        if not self._is_soon and self.is_attached:
            self._is_soon = True
            self.call_next(self._show)

    def _typed(self, key: str, binding: Binding) -> bool:
        """Tell whether the key would be typed into what has the focus."""
        shown = self.app.get_key_display(binding)
        character = shown if len(shown) == 1 and shown.isascii() else None
        focused = self.screen.focused
        return focused is not None and focused.check_consume_key(key, character)

    def _in_order(self) -> list[tuple[str, ActiveBinding]]:
        ids = dict.fromkeys((*self._arranged, *self._own))
        places = {id: place for place, id in enumerate(ids)}
        return sorted(
            in_order(self.screen),
            key=lambda item: places.get(item[1].binding.id or "", len(places)),
        )

    def _shown(self) -> dict[str, Shown]:
        """Give what can be done now and is worth to be named, by its name, in order."""
        found: dict[str, Shown] = {}
        for key, active in self._in_order():
            binding, id = active.binding, active.binding.id or ""
            name = self._arranged.get(id, self._names.get(id, binding.description))
            own = id in self._arranged or id in self._own
            if not (name and active.enabled and (binding.show or own)):
                continue
            if not self._typed(key, binding):
                found.setdefault(name, Shown(
                    self.app.get_key_display(binding), name, self._own.get(id) or name,
                    own, (active.node, binding.action),
                ))  # fmt: skip
        return found

    def _show(self) -> None:
        self._is_soon = False
        if not self.is_attached:
            return
        # Not laid out yet, it has the room that it will have: the first paint does not wait.
        room = self.content_size.width or self.app.size.width - PADDING
        shown = self._shown()
        last = [shown.pop(name) for name in ALWAYS if name in shown]
        mine = list(shown.values())
        right = [(one.key, one.name) for one in last]
        left = [(one.key, one.name) for one in mine]
        if _cells(left) + GAP + _cells(right) > room:
            if len(right) > 1:
                right.pop()
            while right and _cells(right) > room:
                right.pop()
            left = _fitting(mine, room - (_cells(right) + GAP if right else 0))
        gap = " " * max(0, room - _cells(left) - _cells(right))
        self._places = [
            *_places(left, mine, at=1), *_places(right, last, at=1 + room - _cells(right)),
        ]  # fmt: skip
        content = Content.assemble(keys_content(left), gap, keys_content(right))
        self.update(content, layout=False)
        self._tell_unnamed([*mine, *last], {key for key, name in (*left, *right) if name})

    def _tell_unnamed(self, keys: Iterable[Shown], named: Container[str]) -> None:
        """Tell which of these are not among the `named`: own keys first, then how to leave."""
        left = [one for one in keys if one.key not in named]
        left.sort(key=lambda one: (not one.own, one.name not in ALWAYS))
        unnamed = [(one.key, one.name) for one in left]
        if unnamed != self._unnamed:
            self._unnamed = unnamed
            self.post_message(self.Unnamed(unnamed))


def fitting_whole(keys: Iterable[tuple[str, str]], room: int) -> list[tuple[str, str]]:
    """Give the first of these keys, as many as fit into so many cells with their names."""
    fitting: list[tuple[str, str]] = []
    for one in keys:
        if _cells([*fitting, one]) > room:
            break
        fitting.append(one)
    return fitting


def _fitting(keys: Sequence[Shown], room: int) -> list[tuple[str, str]]:
    """Give as many as fit by name, and of a screen's own the rest as keys without names."""
    own = [one for one in keys if one.own]
    for wanted in (own, own[:-1], own[:-2], own[:-3]):
        for named in range(len(wanted), 0, -1):
            tried = [
                (one.key, one.short if place < named else "")
                for place, one in enumerate(wanted)
            ]
            if _cells(tried) <= room:
                break
        else:
            continue
        if named == len(wanted):
            for one in (one for one in keys if one not in wanted):
                if _cells([*tried, (one.key, one.short)]) <= room:
                    tried.append((one.key, one.short))
        return tried
    fitting: list[tuple[str, str]] = []
    for one in keys:
        if _cells([*fitting, (one.key, one.short)]) <= room:
            fitting.append((one.key, one.short))
    return fitting


def _gap(before: tuple[str, str], after: tuple[str, str]) -> int:
    """Give the blanks between two of them: keys without names stand close together."""
    return GAP if before[1] or after[1] else 1


def _starts(keys: Sequence[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """Give where each begins and where it ends, in cells."""
    at = 0
    for place, (key, name) in enumerate(keys):
        at += _gap(keys[place - 1], keys[place]) if place else 0
        end = at + cell_len(key) + (1 + cell_len(name) if name else 0)
        yield at, end
        at = end


def _cells(keys: Sequence[tuple[str, str]]) -> int:
    """Give how wide they are, with what is between them."""
    return max((end for _, end in _starts(keys)), default=0)


def _places(
    keys: Sequence[tuple[str, str]], shown: Iterable[Shown], at: int
) -> Iterator[tuple[range, tuple["DOMNode", str]]]:
    """Give where each stands from a column on, and what a click on it does."""
    does = {one.key: one.does for one in shown}
    for (key, _), (start, end) in zip(keys, _starts(keys), strict=True):
        yield range(at + start, at + end), does[key]


def keys_content(keys: Sequence[tuple[str, str]]) -> Content:
    """Give keys, each with what it does."""
    parts: list[Content | str | tuple[str, str]] = []
    for place, (key, name) in enumerate(keys):
        parts.append(" " * (_gap(keys[place - 1], keys[place]) if place else 0))
        parts += [(key, "bold $here"), (f" {name}", "$muted not bold") if name else ""]
    return Content.assemble(*parts)
