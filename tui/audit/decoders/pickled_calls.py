"""Names and calls as they stand in a pickle, and what they stand for: nothing is called."""

import sys
from typing import Any, Final

from tui.audit.decoders.graph import Listing, Octets, Pairs, Thing
from tui.audit.decoders.plain import MOST_DIGITS

LONGEST_NAME: Final = 200
"""Characters of a name that is shown."""
MOST_ARGUMENTS: Final = 64
"""Of a call that only makes an object; no tuple with names has more."""
OLD_MODULES: Final = {"__builtin__": "builtins", "copy_reg": "copyreg"}
"""How Python 2 called them."""
SHELLS: Final = frozenset((
    "collections.OrderedDict", "collections.defaultdict", "collections.Counter",
    "collections.deque", "builtins.set", "builtins.frozenset", "builtins.list",
    "builtins.tuple", "builtins.dict",
))  # fmt: skip
"""Whose first arguments are what they hold."""


class Name(Thing):
    """The name of a class or a function, in a module that is never imported."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        """Keep the module and the name in it, with a dot between."""
        self.name = name

    @classmethod
    def of(cls, name: str) -> "Name":
        """Return a name as Python 3 spells it; of a very long one the beginning."""
        module, dot, rest = name[:LONGEST_NAME].partition(".")
        return cls(OLD_MODULES.get(module, module) + dot + rest)

    def meaning(self) -> object:
        """Return a text that names it."""
        return f"<{self.name}>"


class Call(Thing):
    """An object as a pickle makes it: by a call, with a state, with items."""

    __slots__ = ("arguments", "callee", "is_new", "items", "pairs", "state")

    def __init__(self, callee: Any, arguments: list[Any], *, is_new: bool = False) -> None:
        """Keep what would be called, and with what; `is_new` if it is certainly a class."""
        self.callee = callee
        self.arguments = arguments
        self.is_new = is_new
        self.state: Any = None
        self.items: list[Any] = []
        self.pairs: list[tuple[Any, Any]] = []

    @property
    def name(self) -> str:
        """What is called, if that has a name."""
        return self.callee.name if isinstance(self.callee, Name) else "?"

    def meaning(self) -> object:
        """Return what the object says: a known one its value, all others their fields."""
        from tui.audit.decoders.pickled_names import known

        found = known(self)
        if found is not None:
            return found
        if self.name in SHELLS:
            return self._held()
        if self.pairs:
            return Pairs(self.pairs)
        if self.items:
            return Listing(self.items)
        if self.state is not None:
            return self._fields()
        return self._value()

    def _held(self) -> object:
        """Return what a container of the standard library holds."""
        if self.pairs or self.name.endswith("dict"):
            return Pairs(self.pairs)
        held = next(
            (one for one in self.arguments[:2] if isinstance(one, Listing | Pairs)), None
        )
        if isinstance(held, Pairs) or (self.name == "collections.OrderedDict" and held is None):
            return held or Pairs([])
        items = [*(held.items if held else ()), *self.items]
        if self.name != "collections.OrderedDict":
            return Listing(items)
        if not all(isinstance(one, Listing) and len(one.items) == 2 for one in items):
            return Listing(items)
        return Pairs([(one.items[0], one.items[1]) for one in items])

    def _fields(self) -> object:
        """Return the fields of an object without those that are nobody's business."""
        match self.state:
            case Pairs():
                return public(self.state)
            case Listing(items=[Pairs() | None as own, Pairs() as slots]):
                return Pairs([*(own.public().items if own else ()), *slots.public().items])
            case Listing(items=[]) | Pairs(items=[]):
                return self._value()
        return self.state

    def _value(self) -> object:
        """Return the value that a class was called with, as an Enum or a SafeString is."""
        module, _, name = self.name.rpartition(".")
        is_class = self.is_new or name[:1].isupper()
        if not is_class or module.partition(".")[0] in sys.stdlib_module_names:
            return f"<{self.name}>"
        match self.arguments:
            case [] | [Thing()]:
                return f"<{self.name}>"
            case [value]:
                return value
        return Listing(self.arguments)


def public(state: Pairs) -> Pairs:
    """Return the fields of an object that are not its own business.

    So it is with models of Django and SQLAlchemy; Pydantic has the fields in `__dict__`.
    """
    inner = state.named().get("__dict__")
    return inner.public() if isinstance(inner, Pairs) else state.public()


def called(callee: Any, arguments: list[Any]) -> Any:
    """Return a call; of what only makes an object, the object.

    Arguments may be shared by any number of calls, so that few of them are copied.
    """
    if len(arguments) > MOST_ARGUMENTS:
        return Call(callee, arguments)
    match callee, arguments:
        case Name(name="copyreg._reconstructor"), [cls, base, state]:
            is_plain = isinstance(base, Name) and base.name == "builtins.object"
            return Call(cls, [] if is_plain else [state], is_new=True)
        case Name(name="copyreg.__newobj__"), [cls, *rest]:
            return Call(cls, rest, is_new=True)
        case Name(name="copyreg.__newobj_ex__"), [cls, Listing(items=rest), _]:
            return Call(cls, rest, is_new=True)
        case Name(name="builtins.getattr"), [Name(name=name), str() as attribute]:
            return Name.of(f"{name}.{attribute[:LONGEST_NAME]}")
    return Call(callee, arguments)


def octets_of(value: Any, most: int) -> bytes | None:
    """Return bytes, however a pickle spells them; None for what is none, or more than `most`.

    The bytes of Python 3 are a call of an encoder in protocols 0 to 2.
    """
    if isinstance(value, Call) and value.name == "_codecs.encode" and value.arguments:
        value = value.arguments[0]
    if not isinstance(value, str | bytes) or len(value) > most:
        return None
    if isinstance(value, bytes):
        return value
    return value.encode("latin-1") if max(value, default="") <= "\xff" else None


def text_of(value: Any) -> str | None:
    """Return a text, that of Python 2 too; None for what is none, or too long for a number."""
    if not isinstance(value, str | bytes) or len(value) > MOST_DIGITS:
        return None
    if isinstance(value, Octets) and value.isascii():
        return value.decode("ascii")
    return value if isinstance(value, str) else None
