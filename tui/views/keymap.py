"""The keys of the configuration file, checked against the bindings of all screens."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Final

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import REPLACED_KEYS, Keys, key_to_character
from textual.widgets import Input

from tui.runtime.errors import SettingsError
from tui.runtime.nearest import nearest_name
from tui.views.app import Explorer
from tui.views.screens.cache import CacheScreen
from tui.views.screens.compare import CompareScreen
from tui.views.screens.confirm import ConfirmScreen
from tui.views.screens.detail import DetailScreen
from tui.views.screens.edit import EditScreen
from tui.views.screens.faults import FaultsScreen
from tui.views.screens.help import HelpScreen
from tui.views.screens.lab import LabScreen
from tui.views.screens.lookup import LookupScreen
from tui.views.screens.output import OutputScreen
from tui.views.widgets.cached_list import CachedList
from tui.views.widgets.fault_list import FaultList
from tui.views.widgets.field import FieldInput
from tui.views.widgets.findings import Findings
from tui.views.widgets.lab_list import LabList
from tui.views.widgets.lookup_log import LookupLog
from tui.views.widgets.panels import Panel
from tui.views.widgets.question import QuestionInput
from tui.views.widgets.tick_box import TickBox

SCREENS: Final[Mapping[type[DOMNode], tuple[type[DOMNode], ...]]] = {
    LookupScreen: (QuestionInput, LookupLog, Panel),
    CacheScreen: (QuestionInput, CachedList, Panel),
    CompareScreen: (QuestionInput, Panel, Findings),
    LabScreen: (LabList, Panel),
    EditScreen: (FieldInput, TickBox),
    DetailScreen: (Panel,),
    HelpScreen: (Panel,),
    FaultsScreen: (FaultList,),
    ConfirmScreen: (),
    OutputScreen: (),
}
"""Every screen, with the widgets on it that have keys: one of them has the focus."""

FORMS: Final = frozenset({EditScreen})
"""Screens on which one always types: a key that is text would be typed there."""
ANYWHERE: Final = frozenset({"screen.help_anywhere"})
"""Bindings that are there to work while one types."""
NOT_TO_TELL: Final = {
    "ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter", "ctrl+h": "backspace",
    "ctrl+[": "escape", "ctrl+left_square_bracket": "escape",
}  # fmt: skip
"""Keys that terminals send as others."""
MODIFIERS: Final = frozenset({"alt", "ctrl", "hyper", "meta", "shift", "super"})


def default_bindings() -> dict[str, Binding]:
    """Give every binding by its id, in the order of the screens."""
    nodes: list[type[DOMNode]] = [Explorer]
    for screen, widgets in SCREENS.items():
        nodes += [screen, *widgets]
    return {id: binding for node in nodes for id, binding in _bindings(node).items()}


def default_keys(binding: Binding) -> list[str]:
    """Give the keys that a binding has by default, as Textual calls them."""
    return [one.key for one in Binding.make_bindings([binding])]


def checked(keys: Mapping[str, str], source: str) -> dict[str, str]:
    """Give the keymap that `keys` means, as Textual takes it: ids, and keys by their names.

    Args:
        keys: for an id, its keys, with commas between them.
        source: where they were set, for messages.

    Raises:
        SettingsError: an id or a key does not exist, a key would be typed as text, or two
            actions would have the same key at the same time.
    """
    known = default_bindings()
    keymap: dict[str, str] = {}
    try:
        for id, value in keys.items():
            keymap[id] = _key_names(id, value, known)
        for screen, widgets in SCREENS.items():
            for widget in widgets or (DOMNode,):
                _check_together((Explorer, screen, widget), keymap)
    except ValueError as error:
        raise SettingsError(
            f"{source}: [keys]: {error} (hitmiss --list-keys lists all)"
        ) from error
    return keymap


def key_name(text: str) -> str:
    """Give a key by the name that Textual has for it: `I`, `slash`, `ctrl+shift+left`.

    Raises:
        ValueError: there is no such key.
    """
    if text.lower() in NOT_TO_TELL:
        same = NOT_TO_TELL[text.lower()]
        raise ValueError(f"{text!r} cannot be told from {same!r}: terminals send the same")
    head, base = text.rpartition("+")[::2]
    if text == "+" or text.endswith("++"):  # the key is `+` itself
        head, base = text[:-2], "+"
    modifiers = {*head.split("+")} if head else set()
    if len(modifiers) < len(head.split("+")) and head:
        raise ValueError(f"there is no key {text!r}: it names a modifier twice")
    base = base if len(base) == 1 else base.lower()
    character = _character(base)
    if modifiers and character.isupper():  # alt+X comes as alt+shift+x
        modifiers, character = {*modifiers, "shift"}, character.lower()
    if modifiers == {"shift"} and character.upper() != character:
        modifiers, character = set(), character.upper()
    if not (character or base in NAMED) or not modifiers <= MODIFIERS:
        raise ValueError(f"there is no key {text!r}{_close(text, NAMED)}")
    return "+".join([*sorted(modifiers), _name(character) if character else base])


def spelled(key: str) -> str:
    """Give a key as it is easiest to write: by its character, if it has one to be seen."""
    return key if key in {"comma", "space"} else _character(key) or key


def _key_names(id: str, value: str, known: Mapping[str, Binding]) -> str:
    if id not in known:
        raise ValueError(f"there is no {id!r}{_close(id, known)}")
    texts = [text.strip() for text in value.split(",")]
    if not all(texts):
        raise ValueError(f"{id} = {value!r} lacks a key (that of the comma is 'comma')")
    return ",".join(dict.fromkeys(map(key_name, texts)))


def _check_together(nodes: tuple[type[DOMNode], ...], keymap: Mapping[str, str]) -> None:
    """Check the keys of an app, a screen and a widget, which are there at the same time.

    Raises:
        ValueError: two of them would have the same key, or one that is text.
    """
    bindings: dict[str, Binding] = {}
    owners: dict[str, list[str]] = {}
    for node in nodes:
        for id, binding in _bindings(node).items():
            bindings[id] = binding
            keys = keymap[id].split(",") if id in keymap else default_keys(binding)
            while_typing = issubclass(node, (Input, *FORMS)) or binding.priority
            while_typing = while_typing or id in ANYWHERE
            if id in keymap and while_typing and not any(map(_is_text, default_keys(binding))):
                _check_typed(id, keys)
            for key in keys:
                owners.setdefault(key, []).append(id)
    for key, ids in owners.items():
        for one, other in combinations(ids, 2):
            # What shares a key by default is meant to: the one nearer to the focus has it.
            by_default = (set(default_keys(bindings[id])) for id in (one, other))
            if not set.intersection(*by_default):
                raise ValueError(
                    f"{key!r} would be both {one} ({bindings[one].tooltip})"
                    f" and {other} ({bindings[other].tooltip})"
                )


def _check_typed(id: str, keys: Iterable[str]) -> None:
    for key in keys:
        if _is_text(key):
            raise ValueError(f"{id} works while you type, where {key!r} is text")


def _bindings(node: type[DOMNode]) -> dict[str, Binding]:
    return {
        binding.id: binding
        for ancestor in reversed(node.__mro__)
        for binding in ancestor.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.id and "." in binding.id
    }


def _is_text(key: str) -> bool:
    return bool(_character(key))


def _character(key: str) -> str:
    """Give the character that a key types, or '' if it types none."""
    character = key if len(key) == 1 else key_to_character(REPLACED_KEYS.get(key, key)) or ""
    return character if character.isprintable() else ""


def _name(character: str) -> str:
    spelled = {" ": "space", ",": "comma"}.get(character, character)
    return next(iter(Binding.make_bindings([Binding(spelled, "")]))).key


def _close(text: str, known: Iterable[str]) -> str:
    near = nearest_name(text, known)
    return "" if near is None else f"; did you mean {near!r}?"


NAMED: Final = frozenset(
    key.value
    for key in Keys
    if key.value.isalnum() and not _is_text(key.value) and key is not Keys.Return
)
"""The keys without a character: `enter`, `f1`, `pagedown`."""
