"""Classes of Java that are known by name, and what their objects say.

What they write is in `writeObject` and `readExternal` of OpenJDK, java.util and java.time.Ser.
"""

import struct
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from tui.audit.decoders.graph import Listing, Pairs, Thing
from tui.audit.decoders.java_time import read_time
from tui.audit.decoders.plain import MOST_DIGITS, whole
from tui.audit.decoders.spelling import spelled_instant, spelled_number

LONGEST_NAME: Final = 200
MASK: Final = (1 << 64) - 1
"""The bits of a long."""
LISTS: Final = frozenset(
    f"java.util.{name}"
    for name in (
        "ArrayList", "LinkedList", "Vector", "Stack", "ArrayDeque", "PriorityQueue", "HashSet",
        "LinkedHashSet", "TreeSet", "concurrent.CopyOnWriteArrayList",
        "concurrent.ConcurrentLinkedQueue",
    )
)  # fmt: skip
"""Collections that write their elements behind a number or two."""
MAPS: Final = frozenset(
    f"java.util.{name}"
    for name in (
        "HashMap", "LinkedHashMap", "TreeMap", "Hashtable", "Properties", "IdentityHashMap",
        "EnumMap", "concurrent.ConcurrentHashMap", "concurrent.ConcurrentSkipListMap",
    )
)  # fmt: skip
"""Maps that write keys and values by turns behind a number or two."""
INNER: Final = "c", "m", "list", "a", "elements"
"""The fields in which the wrappers of java.util keep the collection that they wrap."""


class ClassOf(Thing):
    """What a stream says of a class."""

    __slots__ = ("fields", "flags", "name", "parent")

    def __init__(self, name: str) -> None:
        """Know nothing else yet."""
        self.name = name
        self.flags = 0
        self.fields: list[tuple[str, str]] = []
        self.parent: ClassOf | None = None

    def meaning(self) -> object:
        """Return a text that names it."""
        return f"<{self.name[:LONGEST_NAME]}>"


class Block(Thing):
    """Bytes that a class has written between objects."""

    __slots__ = ("octets",)

    def __init__(self, octets: bytes) -> None:
        """Keep the bytes."""
        self.octets = octets

    def meaning(self) -> object:
        """Return the bytes, which only their class can read."""
        return self.octets


class JavaEnum(Thing):
    """One of the constants of an enumeration."""

    __slots__ = ("constant", "name")

    def __init__(self, name: str) -> None:
        """Know the class, and not yet the constant."""
        self.name = name
        self.constant: Any = None

    def meaning(self) -> object:
        """Return the constant's name."""
        return self.constant if isinstance(self.constant, str) else f"<{self.name}>"


class JavaObject(Thing):
    """An object with its fields, and with what its classes have written behind them."""

    __slots__ = ("classes", "fields", "name", "written")

    def __init__(self, name: str) -> None:
        """Hold nothing yet."""
        self.name = name
        self.classes: list[str] = []
        self.fields: dict[str, Any] = {}
        self.written: dict[str, list[Any]] = {}

    def meaning(self) -> object:
        """Return its fields by name; of a known class what it stands for."""
        try:
            found = self._known()
        except (ValueError, OverflowError, TypeError, LookupError, struct.error):
            return f"<{self.name[:LONGEST_NAME]}>"
        if found is not None:
            return found
        if not self.fields:
            return f"<{self.name[:LONGEST_NAME]}>"
        return Pairs(list(self.fields.items()))

    def _known(self) -> object:
        for cls in self.classes:
            if cls in MAPS:
                return _pairs(self._objects(cls))
            if cls in LISTS:
                items = list(self._objects(cls))
                return Listing(items[1:] if cls == "java.util.TreeSet" else items)
        if self.name.startswith(("java.lang.", "java.math.", "java.sql.", "java.time.")):
            return self._value()
        return self._of_util() if self.name.startswith("java.util.") else None

    def _objects(self, cls: str) -> Iterator[Any]:
        return (item for item in self.written.get(cls, ()) if not isinstance(item, Block))

    def _octets(self, cls: str) -> bytes:
        return b"".join(
            item.octets for item in self.written.get(cls, ()) if isinstance(item, Block)
        )

    def _value(self) -> object:
        fields = self.fields
        match self.name:
            case "java.math.BigInteger":
                return _big_integer(fields)
            case "java.math.BigDecimal":
                return _big_decimal(fields)
            case "java.time.Ser":
                return read_time(self._octets("java.time.Ser"))
            case "java.sql.Timestamp" | "java.sql.Date" | "java.sql.Time":
                return self._date()
        return fields.get("value") if self.name.startswith("java.lang.") else None

    def _of_util(self) -> object:
        fields = self.fields
        match self.name.removeprefix("java.util."):
            case "UUID":
                return _uuid(fields["mostSigBits"], fields["leastSigBits"])
            case "Date":
                return self._date()
            case "GregorianCalendar":
                return _instant(fields["time"])
            case "Currency":
                return fields["currencyCode"]
            case "CollSer":
                items = list(self._objects("java.util.CollSer"))
                return _pairs(iter(items)) if fields["tag"] & 0xFF == 3 else Listing(items)
            case name if name.startswith("concurrent.atomic."):
                return fields.get("value")
            case name if name.startswith("Collections$"):
                return self._wrapped(name.removeprefix("Collections$"))
        return next((fields[name] for name in INNER if name in fields), None)

    def _wrapped(self, kind: str) -> object:
        """Return what is in one of the collections that java.util.Collections makes."""
        fields = self.fields
        match kind:
            case "SingletonList" | "SingletonSet":
                return Listing([fields["element"]])
            case "SingletonMap":
                return Pairs([(fields["k"], fields["v"])])
            case "EmptyMap":
                return Pairs([])
            case "EmptyList" | "EmptySet":
                return Listing([])
        return next((fields[name] for name in INNER if name in fields), None)

    def _date(self) -> str:
        (milliseconds,) = struct.unpack(">q", self._octets("java.util.Date")[:8])
        return _instant(milliseconds, self.fields.get("nanos"))


def _uuid(high: int, low: int) -> str:
    digits = f"{high & MASK:016x}{low & MASK:016x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _instant(milliseconds: int, nanoseconds: int | None = None) -> str:
    """Return a moment in ISO 8601; the nanoseconds within its second, if they are known."""
    seconds, part = divmod(milliseconds, 1000)
    if nanoseconds is None or not 0 <= nanoseconds < 10**9:
        nanoseconds = part * 10**6
    return spelled_instant(seconds, nanoseconds)


def _pairs(items: Iterator[Any]) -> Pairs:
    """Return keys and values that come by turns; a ConcurrentHashMap ends with two nulls."""
    twos = [(key, next(items, None)) for key in items]
    if twos and twos[-1] == (None, None):
        twos.pop()
    return Pairs(twos)


def _big_integer(fields: dict[str, Any]) -> int | str:
    sign, magnitude = fields["signum"], fields["magnitude"]
    if type(sign) is not int or not isinstance(magnitude, bytes):
        raise TypeError("no whole number")
    return whole(sign * int.from_bytes(magnitude))


def _big_decimal(fields: dict[str, Any]) -> str | None:
    unscaled = fields["intVal"]
    if not isinstance(unscaled, JavaObject) or unscaled.name != "java.math.BigInteger":
        return None
    number = _big_integer(unscaled.fields)
    scale = fields["scale"]
    if type(number) is not int or type(scale) is not int or abs(scale) > MOST_DIGITS:
        return None
    sign, digits = int(number < 0), tuple(map(int, str(abs(number))))
    return spelled_number(Decimal((sign, digits, -scale)))
