"""What PHP's `serialize` writes (ext/standard/var.c and var_unserializer.re of php-src)."""

import re
from typing import Any, Final

from tui.audit.decoders.graph import Flattening, Listing, Octets, Pairs, Thing, text_of
from tui.audit.decoders.plain import Allowance, whole_of_digits
from tui.audit.decoders.source import Source
from tui.audit.decoders.spelling import in_zone

LONGEST_NUMBER: Final = 400
"""Characters of a number; PHP writes some 25."""
LONGEST_NAME: Final = 200
LONGEST_ESCAPED: Final = 1 << 16
"""Characters of all texts that are read one by one, as no PHP since 6 has written them."""
LONGEST_MOMENT: Final = 64
_WHOLE: Final = re.compile(rb"[+-]?[0-9]+")
_REAL: Final = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|-?INF|NAN")
_ESCAPE: Final = re.compile(rb"\\([0-9a-fA-F]{2})")
_OFFSET: Final = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})")
_MOMENT: Final = re.compile(r"-?[0-9]{4,6}-[0-9]{2}-[0-9]{2} [0-9:.]{5,20}")


class PhpArray(Thing):
    """An array of PHP: a list if its keys are 0, 1, 2 and so on."""

    __slots__ = ("pairs",)

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.pairs: list[tuple[Any, Any]] = []

    def meaning(self) -> object:
        """Return what it holds."""
        if all(key == place for place, (key, _) in enumerate(self.pairs)):
            return Listing([value for _, value in self.pairs])
        return Pairs(self.pairs)


class PhpObject(Thing):
    """An object of PHP with its properties, or what only its class can read."""

    __slots__ = ("cls", "pairs")

    def __init__(self, cls: str) -> None:
        """Hold no property yet."""
        self.cls = cls
        self.pairs: list[tuple[Any, Any]] | None = []

    def meaning(self) -> object:
        """Return its properties by name; of dates, models and collections what they mean."""
        if self.pairs is None:
            return f"<{self.cls}>"
        pairs = [(_visible(name), value) for name, value in self.pairs]
        fields = {name: value for name, value in pairs if isinstance(name, str)}
        return _moment(fields) or _of_laravel(self.cls, fields) or Pairs(pairs)


class PhpReader:
    """One serialized value; what may be referred to keeps the number that PHP gives it."""

    def __init__(self, source: Source) -> None:
        """Read nothing yet."""
        self._source = source
        self._slots: list[Any] = []
        self._escaped = 0

    def value(self) -> Any:
        """Return the next value.

        Raises:
            TooManyValues: there are too many.
            UnreadablePayload: it is broken, or nested too deeply.
        """
        source = self._source
        source.allowance.take()
        kind = source.take(2)
        if kind == b"N;":
            self._slots.append(None)
            return None
        if kind in {b"r:", b"R:"}:
            return self._reference(kind)
        if kind in {b"a:", b"O:", b"C:"}:
            return self._container(kind)
        value = self._scalar(kind)
        self._slots.append(value)
        return value

    def _reference(self, kind: bytes) -> Any:
        index = self._number(b";")
        if not 1 <= index <= len(self._slots):
            raise self._source.broken("it refers to what is not there")
        value = self._slots[index - 1]
        if kind == b"r:":
            self._slots.append(value)
        return value

    def _container(self, kind: bytes) -> Any:
        source = self._source
        made = PhpArray() if kind == b"a:" else PhpObject(self._name())
        self._slots.append(made)
        count = self._number(b":")
        source.expect(b"{")
        if isinstance(made, PhpObject) and kind == b"C:":
            source.take(count)
            made.pairs = None
        elif made.pairs is not None:
            with source:
                for _ in range(count):
                    key = self._key()
                    made.pairs.append((key, self.value()))
        source.expect(b"}")
        return made

    def _key(self) -> Any:
        kind = self._source.take(2)
        if kind not in {b"i:", b"s:", b"S:"}:
            raise self._source.broken()
        return self._scalar(kind)

    def _scalar(self, kind: bytes) -> Any:
        source = self._source
        match kind:
            case b"i:":
                return self._number(b";")
            case b"b:":
                return self._number(b";") != 0
            case b"d:":
                spelled = source.until(b";", LONGEST_NUMBER)
                if not _REAL.fullmatch(spelled):
                    raise source.broken()
                return float(spelled)
            case b"s:" | b"S:":
                text = self._text(escaped=kind == b"S:")
                source.expect(b";")
                return text
            case b"E:":
                name = self._text().decode("utf-8", "replace")
                source.expect(b";")
                return name.rpartition(":")[2]
        raise source.broken()

    def _number(self, end: bytes) -> int:
        spelled = self._source.until(end, LONGEST_NUMBER)
        if not _WHOLE.fullmatch(spelled):
            raise self._source.broken()
        number = whole_of_digits(spelled.decode())
        if not isinstance(number, int):
            raise self._source.broken()
        return number

    def _text(self, *, escaped: bool = False) -> Octets:
        source = self._source
        count = self._number(b":")
        source.expect(b'"')
        if escaped:
            self._escaped += count
            if self._escaped > LONGEST_ESCAPED:
                raise source.broken("a text in it is too long")
            start = source.place
            for _ in range(count):
                source.take(2 if source.take(1) == b"\\" else 0)
            written = source.payload[start : source.place]
            octets = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), written)
        else:
            octets = source.take(count)
        source.expect(b'"')
        return Octets(octets)

    def _name(self) -> str:
        name = self._text().decode("utf-8", "replace")
        self._source.expect(b":")
        return name[:LONGEST_NAME]


def decode(payload: bytes, most: int) -> Any:
    """Return what serialized PHP says, as plain data.

    Raises:
        TooManyValues: it has more values, or text, than is allowed.
        UnreadablePayload: it is broken, or nested too deeply.
    """
    source = Source("php", payload, most)
    graph = PhpReader(source).value()
    source.finish()
    return Flattening(Allowance("php", max(most, len(payload)))).plain(graph)


def _visible(name: Any) -> Any:
    """Return the name of a property without the class, or the `*`, that may see it."""
    if not isinstance(name, bytes):
        return name
    return text_of(name[name.find(b"\0", 1) + 1 :] if name.startswith(b"\0") else name)


def _moment(fields: dict[str, Any]) -> str | None:
    """Return the moment that an object of DateTime, or of Carbon, stands for."""
    if not {"date", "timezone_type", "timezone"} <= fields.keys():
        return None
    moment, zone = fields["date"], fields["timezone"]
    if not isinstance(moment, bytes) or not isinstance(zone, bytes):
        return None
    if max(len(moment), len(zone)) > LONGEST_MOMENT:
        return None
    text, name = moment.decode("utf-8", "replace"), zone.decode("utf-8", "replace")
    if not _MOMENT.fullmatch(text):
        return None
    if name in {"UTC", "Z"} or _OFFSET.fullmatch(name):
        return text.replace(" ", "T") + (name if _OFFSET.fullmatch(name) else "Z")
    from datetime import datetime

    try:
        return in_zone(datetime.fromisoformat(text), name)
    except ValueError:
        return None


def _of_laravel(cls: str, fields: dict[str, Any]) -> object:
    """Return the columns of a model of Eloquent, or the items of a collection."""
    if {"attributes", "original", "connection"} <= fields.keys():
        return fields["attributes"]
    items = fields.get("items")
    return items if cls.endswith("Collection") and isinstance(items, PhpArray) else None
