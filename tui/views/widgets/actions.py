"""What can be done on a screen, by which keys: from the bindings, as they are remapped."""

import itertools
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from weakref import WeakKeyDictionary

from msgspec import Struct
from textual.app import App
from textual.binding import ActiveBinding, Binding, BindingsMap, BindingType
from textual.dom import DOMNode
from textual.screen import Screen

ID = re.compile(r"\{([a-z_]+\.[a-z_]+)\}")


class Action(Struct, frozen=True):
    """Something that can be done, with all of its keys."""

    node: DOMNode
    """Whose action it is."""
    id: str
    """Its stable name: `lookup.invalidate`."""
    bindings: tuple[Binding, ...]
    """A binding for each of its keys, at least one."""

    @property
    def binding(self) -> Binding:
        """What all of its bindings have in common."""
        return self.bindings[0]

    @property
    def name(self) -> str:
        """What Textual calls it, without parameters."""
        return self.binding.action.partition("(")[0]

    @property
    def keys(self) -> str:
        """Its keys, as a person reads them."""
        several = self.bindings
        if len(several) > 1:  # `key_display` names one of them only
            several = tuple(replace(one, key_display=None) for one in several)
        return " ".join(map(self.node.app.get_key_display, several))


def bindings_of(node: DOMNode) -> BindingsMap:
    """Give a node's bindings with the keys that they have in this run."""
    bindings = node._bindings.copy()
    bindings.apply_keymap(node.app._keymap)
    return bindings


def actions_of(node: DOMNode) -> Iterator[Action]:
    """Give what a node can do; what Textual itself binds has no id, and is left out."""
    found: dict[str, list[Binding]] = {}
    for _, binding in bindings_of(node):
        if binding.id is not None and "." in binding.id:
            found.setdefault(binding.id, []).append(binding)
    for id, bindings in found.items():
        yield Action(node, id, tuple(dict.fromkeys(bindings)))


def actions_on(screen: Screen[object]) -> Iterator[Action]:
    """Give what can be done on a screen, each once: its own, its widgets', the app's.

    Of several widgets of one kind the one with the focus acts, else the first. What the
    screen does not allow now, or has no room for, is left out.
    """
    widgets = sorted(screen.focus_chain, key=lambda widget: widget is not screen.focused)
    seen: set[str] = set()
    for node in (screen, *widgets, screen.app):
        for action in actions_of(node):
            allowed = screen.app._check_action_state(action.binding.action, node)
            if allowed and action.id not in seen:
                seen.add(action.id)
                yield action


class Elsewhere(Struct, frozen=True):
    """Something that can be done on another screen than the one in front."""

    screen: str
    """Its name."""
    binding: Binding
    """What can be done there."""
    keys: str
    """By which keys, as a person reads them."""


def actions_of_screen(
    app: App[None],
    name: str,
    bindings: Iterable[BindingType],
    absent: Container[str],
) -> Iterator[Elsewhere]:
    """Give what these bindings of a screen can do, with the keys of this run.

    Actions that are `absent`, since nothing may be changed, are left out.
    """
    for binding in bindings:
        if not isinstance(binding, Binding) or binding.id is None:
            continue
        if binding.action.partition("(")[0] in absent:
            continue
        mapped = app._keymap.get(binding.id)
        keys = (mapped or binding.key).split(",")
        shown = binding.key_display if len(keys) == 1 and mapped is None else None
        one_each = (replace(binding, key=key, key_display=shown) for key in keys)
        yield Elsewhere(name, binding, " ".join(map(app.get_key_display, one_each)))


def in_order(screen: Screen[object]) -> list[tuple[str, ActiveBinding]]:
    """Give a screen's active bindings by key, where Textual puts remapped ones at the end."""
    active = list(screen.active_bindings.items())
    if not screen.app._keymap:
        return active
    nodes = list(dict.fromkeys(one.node for _, one in active))
    ids = {node: [binding.id for _, binding in node._bindings] for node in nodes}

    def place(item: tuple[str, ActiveBinding]) -> tuple[int, int]:
        node, binding = item[1].node, item[1].binding
        return nodes.index(node), ids[node].index(binding.id)

    return sorted(active, key=place)


def with_keys(node: DOMNode, text: str) -> str:
    """Give a text of ours in which `{lookup.ask}` stands for the key of that action.

    The action is one of the app, of the node's screen, or of a widget on it.
    """
    return ID.sub(lambda match: _key_of(node, match[1]), text)


def _key_of(node: DOMNode, id: str) -> str:
    found = _KEYS.setdefault(node.app, {})
    kind = type(node.screen), id
    if kind not in found:
        found[kind] = _looked_up(node, id)
    return found[kind]


_KEYS: WeakKeyDictionary[App[object], dict[tuple[type, str], str]] = WeakKeyDictionary()
"""The keys of actions by their names: of a run and a kind of screen they stay the same."""


def _looked_up(node: DOMNode, id: str) -> str:
    screen = node.screen
    for one in itertools.chain((screen, node.app), iter(screen.query("*"))):
        if not any(binding.id == id for _, binding in one._bindings):
            continue
        for action in actions_of(one):
            if action.id == id:
                return action.keys.split(" ")[0].replace("⏎", "enter")  # in a sentence
    raise LookupError(f"nothing on {screen} is called {id}")
