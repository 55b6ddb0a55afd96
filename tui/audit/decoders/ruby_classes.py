"""Classes of Ruby and Rails that are known by name, and what their objects say."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from tui.audit.decoders.graph import Listing, Octets, Pairs, Thing
from tui.audit.decoders.plain import MOST_DIGITS
from tui.audit.decoders.spelling import spelled_instant, spelled_number, spelled_offset

JULIAN_DAY: Final = 1_721_425
"""The Julian day before the first that Python has."""
DAY: Final = 86_400
_RECORD: Final = "value", "value_before_type_cast"
"""Where an attribute of ActiveModel keeps what it is, else what the database gave."""


class RubyText(Thing):
    """A text of Ruby, in an encoding that is said behind it."""

    __slots__ = ("encoding", "octets")

    def __init__(self, octets: bytes) -> None:
        """Take it for UTF-8, if it can be."""
        self.octets = octets
        self.encoding: str | None = None

    def set_encoding(self, variables: list[tuple[Any, Any]]) -> None:
        """Note the encoding that is among its instance variables, unless it is UTF-8."""
        for name, value in variables:
            if name == "encoding" and isinstance(value, RubyText):
                self.encoding = value.octets[:20].decode("ascii", "replace")

    def meaning(self) -> object:
        """Return the text; the bytes if they are none."""
        if self.encoding in _ENCODINGS:
            try:
                return self.octets.decode(_ENCODINGS[self.encoding])
            except UnicodeDecodeError:
                return self.octets
        return Octets(self.octets)

    @property
    def text(self) -> str:
        """The text, for a reader that knows what it wants."""
        return self.octets.decode("utf-8", "replace")


class RubyObject(Thing):
    """An object with its instance variables, or with what it gives itself to be dumped."""

    __slots__ = ("_named", "cls", "dumped", "fields")

    def __init__(self, cls: str) -> None:
        """Hold nothing yet."""
        self.cls = cls
        self.fields: list[tuple[Any, Any]] = []
        self.dumped: Any = None
        self._named: dict[str, Any] | None = None

    def named(self) -> dict[str, Any]:
        """Return its variables by name; looked for once, whoever refers to it."""
        if self._named is None:
            self._named = dict(self.fields)
        return self._named

    def meaning(self) -> object:
        """Return its variables by name; of a known class what it stands for."""
        fields = self.named()
        if self.cls == "Set" and isinstance(fields.get("hash"), Pairs):
            return Listing([key for key, _ in fields["hash"].items])
        if self.cls == "ActiveSupport::Cache::Entry":
            return fields.get("value", fields.get("v"))
        if self.cls in {"ActiveSupport::Duration", "ActiveModel::Type::Binary::Data"}:
            return fields.get("value")
        if self.dumped is not None:
            return self._dumped()
        return _columns(fields.get("attributes")) or Pairs(self.fields)

    def _dumped(self) -> object:
        match self.cls, self.dumped:
            case "Date" | "DateTime", Listing(items=[int(), *_] as numbers):
                return _date(self.cls, numbers)
            case "ActiveSupport::TimeWithZone", Listing(items=[UserDump() as moment, *_]):
                return moment
            case "ActiveRecord::Type::Time::Value", Listing(items=[*_, moment]):
                return moment  # of a record that was made, and not read
            case "Rational" | "Complex", Listing(items=[int() as one, int() as other]):
                return f"{one}/{other}" if self.cls == "Rational" else f"{one}{other:+}i"
        return self.dumped


class UserDump(Thing):
    """What a class has written in a way of its own."""

    __slots__ = ("_octets", "_variables", "cls")

    def __init__(self, cls: str, octets: bytes, variables: list[tuple[Any, Any]]) -> None:
        """Keep what was written, and the variables behind it."""
        self.cls = cls
        self._octets = octets
        self._variables = variables

    def meaning(self) -> object:
        """Return a moment, an exact number, or a text that names the class."""
        try:
            if self.cls == "Time":
                return _time(self._octets, dict(self._variables))
            if self.cls == "BigDecimal":
                return _big_decimal(self._octets)
        except (ValueError, OverflowError, InvalidOperation):
            pass
        return f"<{self.cls}>"


def _columns(attributes: Any) -> Pairs | None:
    """Return the columns of a record of ActiveRecord, from where the database's values are.

    A set of attributes has its values as they were read, and those again that were used.
    """
    if not isinstance(attributes, RubyObject) or "AttributeSet" not in attributes.cls:
        return None
    fields = attributes.named()
    columns: list[tuple[Any, Any]] = []
    for part in ("values", "attributes"):
        inner = fields.get(part)
        if isinstance(inner, RubyObject):  # a hash that makes its attributes as they are wanted
            inner = _hash_of(inner)
        if isinstance(inner, Pairs):
            columns += [(_text(name), _attribute(value)) for name, value in inner.items]
    return Pairs(columns) if columns else None


def _hash_of(lazy: RubyObject) -> Any:
    """Return the values in a LazyAttributeHash: the second of what it dumps."""
    match lazy.dumped:
        case Listing(items=[_, Pairs() as values, *_]):
            return values
    return lazy.named().get("values")


def _attribute(value: Any) -> Any:
    if not isinstance(value, RubyObject) or not value.cls.startswith("ActiveModel::Attribute"):
        return value
    fields = value.named()
    return next((fields[name] for name in _RECORD if name in fields), None)


def _text(name: Any) -> Any:
    return name.text if isinstance(name, RubyText) else name


def _time(octets: bytes, variables: dict[Any, Any]) -> str:
    """Return the moment in what `Time#_dump` writes: two words of bits, in UTC (time.c)."""
    high = int.from_bytes(octets[:4], "little")
    low = int.from_bytes(octets[4:8], "little")
    if len(octets) != 8 or not high >> 31:
        raise ValueError("an older or larger kind of time")
    day = date(((high >> 14) & 0xFFFF) + 1900, ((high >> 10) & 0xF) + 1, (high >> 5) & 0x1F)
    seconds = (high & 0x1F) * 3600 + (low >> 26) * 60 + ((low >> 20) & 0x3F)
    nanoseconds = (low & 0xFFFFF) * 1000
    over, under = variables.get("nano_num"), variables.get("nano_den")
    if isinstance(over, int) and isinstance(under, int) and under:
        nanoseconds += over // under
    offset = variables.get("offset")
    return _moment(day, seconds, nanoseconds, offset if isinstance(offset, int) else 0)


def _date(cls: str, numbers: list[Any]) -> str:
    """Return the day in what `Date#marshal_dump` gives: a Julian day and a time in UTC."""
    _, day, seconds, nanoseconds, offset = (*numbers, 0, 0, 0, 0)[:5]
    try:
        first = date.fromordinal(day - JULIAN_DAY)
        if cls == "Date":
            return first.isoformat()
        return _moment(first, seconds, int(nanoseconds), offset)
    except (ValueError, OverflowError, TypeError):
        return f"<{cls}>"


def _moment(day: date, seconds: int, nanoseconds: int, offset: int) -> str:
    """Return in ISO 8601 the moment so long after the midnight of a day in UTC."""
    since = (day - date(1970, 1, 1)).days * DAY + seconds
    if abs(offset) >= DAY:
        raise ValueError("no offset of a zone")
    return spelled_instant(since + offset, nanoseconds)[:-1] + spelled_offset(offset)


def _big_decimal(octets: bytes) -> str:
    """Return the number that stands behind its precision: `18:0.125e2`."""
    spelled = octets.rpartition(b":")[2]
    if len(spelled) > MOST_DIGITS:
        raise ValueError("too many digits")
    return spelled_number(Decimal(spelled.decode("ascii")))


_ENCODINGS: Final = {
    "Shift_JIS": "shift_jis", "Windows-31J": "cp932", "EUC-JP": "euc_jp",
    "UTF-16LE": "utf-16-le", "UTF-16BE": "utf-16-be", "ISO-8859-1": "latin-1",
    "ISO-8859-15": "iso8859-15", "Windows-1252": "cp1252",
}  # fmt: skip
"""How Python calls the encodings that Ruby names behind a text."""
