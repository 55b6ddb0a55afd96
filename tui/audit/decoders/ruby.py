"""What Ruby's Marshal 4.8 writes (marshal.c of ruby; Rails' caches hold that)."""

from typing import Any, Final

from tui.audit.decoders.graph import Flattening, Listing, Octets, Pairs, Thing
from tui.audit.decoders.plain import Allowance, whole
from tui.audit.decoders.ruby_classes import RubyObject, RubyText, UserDump
from tui.audit.decoders.source import Source

MARK: Final = b"\x04\x08"
LONGEST_NUMBER: Final = 400
"""Characters of a number with a fraction; Ruby writes some 25."""
LONGEST_NAME: Final = 400
"""Bytes of a symbol, to which may be referred any number of times."""
_CONSTANTS: Final = {b"0": None, b"T": True, b"F": False}


class RubyReader:
    """One dump; symbols and objects keep the numbers by which they are referred to."""

    def __init__(self, source: Source) -> None:
        """Read nothing yet."""
        self._source = source
        self._symbols: list[Any] = []
        self._objects: list[Any] = []

    def value(self) -> Any:
        """Return the next value.

        Raises:
            TooManyValues: there are too many.
            UnreadablePayload: it is broken, or nested too deeply.
        """
        with self._source:
            return self._value(self._source.take(1))

    def _value(self, kind: bytes) -> Any:
        self._source.allowance.take()
        match kind:
            case b"0" | b"T" | b"F":
                return _CONSTANTS[kind]
            case b"i":
                return self._fixed()
            case b":" | b";":
                return self._symbol(kind)
            case b"@":
                return self._linked(self._objects)
            case b"I":
                return self._with_variables()
            case b"e" | b"C":
                return self._of_class(kind)
            case b"[" | b"{" | b"}":
                return self._container(kind)
            case b"o" | b"S" | b"U" | b"u" | b"d":
                return self._object(kind)
        return self._kept(self._atom(kind))

    def _kept(self, value: Any) -> Any:
        self._objects.append(value)
        return value

    def _atom(self, kind: bytes) -> Any:
        match kind:
            case b'"':
                return RubyText(self._octets())
            case b"f":
                return self._float()
            case b"l":
                return self._large()
            case b"/":
                text = RubyText(self._octets())
                self._source.octet()
                return text
            case b"c" | b"m" | b"M":
                return f"<{self._octets().decode('utf-8', 'replace')}>"
        raise self._source.broken("it is broken")

    def _fixed(self) -> int:
        """Return a small whole number: one byte, or a count and so many bytes."""
        first: int = self._source.number("b")
        if -4 <= first <= 4:
            number = int.from_bytes(self._source.take(abs(first)), "little")
            return number if first >= 0 else number - (1 << -8 * first)
        return first - 5 if first > 0 else first + 5

    def _octets(self) -> bytes:
        return self._source.take(self._fixed())

    def _float(self) -> float:
        spelled = self._octets().partition(b"\0")[0]
        if len(spelled) > LONGEST_NUMBER:
            raise self._source.broken("a number in it is too long")
        try:
            return float(spelled)
        except ValueError:
            raise self._source.broken() from None

    def _large(self) -> int | str:
        sign = self._source.take(1)
        number = int.from_bytes(self._source.take(2 * self._fixed()), "little")
        return whole(-number if sign == b"-" else number)

    def _linked(self, kept: list[Any]) -> Any:
        index = self._fixed()
        if not 0 <= index < len(kept):
            raise self._source.broken("it refers to what is not there")
        return kept[index]

    def _symbol(self, kind: bytes | None = None) -> str:
        match kind or self._source.take(1):
            case b";":
                name: str = self._linked(self._symbols)
                return name
            case b":":
                octets = self._octets()
                if len(octets) > LONGEST_NAME:
                    raise self._source.broken("a name in it is too long")
                name = octets.decode("utf-8", "replace")
                self._symbols.append(name)
                return name
            case b"I":
                self._source.expect(b":")
                name = self._symbol(b":")
                self._pairs(names=True)
                return name
        raise self._source.broken()

    def _with_variables(self) -> Any:
        """Return a value behind which its instance variables stand: its encoding above all."""
        kind = self._source.take(1)
        if kind == b"u":
            return self._user_dump(with_variables=True)
        if kind == b":":
            return self._symbol_with_variables()
        with self._source:
            value = self._value(kind)
        variables = self._pairs(names=True)
        if isinstance(value, RubyText):
            value.set_encoding(variables)
        return value

    def _symbol_with_variables(self) -> str:
        name = self._symbol(b":")
        self._pairs(names=True)
        return name

    def _pairs(self, *, names: bool = False) -> list[tuple[Any, Any]]:
        pairs = []
        for _ in range(self._fixed()):
            key = self._symbol() if names else self.value()
            pairs.append((key, self.value()))
        return pairs

    def _of_class(self, _: bytes) -> Any:
        """Return a value of a class that is derived from one of Ruby's own, or extended."""
        self._symbol()
        return self.value()

    def _container(self, kind: bytes) -> Any:
        if kind == b"[":
            made = self._kept(Listing([]))
            for _ in range(self._fixed()):
                made.items.append(self.value())
            return made
        made = self._kept(Pairs([]))
        for _ in range(self._fixed()):
            key = self.value()
            made.items.append((key, self.value()))
        if kind == b"}":
            self.value()  # what is given for a key that is not there
        return made

    def _object(self, kind: bytes) -> Any:
        if kind == b"u":
            return self._user_dump(with_variables=False)
        made: RubyObject = self._kept(RubyObject(self._symbol()))
        if kind in b"oS":
            for _ in range(self._fixed()):
                name = self._symbol()
                made.fields.append((name.removeprefix("@"), self.value()))
        else:
            made.dumped = self.value()
        return made

    def _user_dump(self, *, with_variables: bool) -> Thing:
        """Return what a class has written its own way; it is kept behind its variables."""
        name, octets = self._symbol(), Octets(self._octets())
        variables = self._pairs(names=True) if with_variables else []
        made: Thing = self._kept(UserDump(name, octets, variables))
        return made


def decode(payload: bytes, most: int) -> Any:
    """Return what a dump of Ruby says, as plain data.

    Raises:
        TooManyValues: it has more values, or text, than is allowed.
        UnreadablePayload: it is broken, or nested too deeply.
    """
    graph = _read(payload, most)
    packed = _compressed_entry(graph)
    if packed is not None:
        from tui.audit.decoders.compressed import unpack

        payload = unpack("zlib", packed, most)
        graph = _read(payload, most)
    return Flattening(Allowance("marshal", max(most, len(payload)))).plain(graph)


def _read(payload: bytes, most: int) -> Any:
    source = Source("marshal", payload, most)
    source.expect(MARK)
    graph = RubyReader(source).value()
    source.finish()
    return graph


def _compressed_entry(graph: Any) -> bytes | None:
    """Return what Rails.cache of Rails 6.1 and before has compressed inside of its entry."""
    if not isinstance(graph, RubyObject) or graph.cls != "ActiveSupport::Cache::Entry":
        return None
    fields = graph.named()
    value = fields.get("value")
    if fields.get("compressed") is not True or not isinstance(value, RubyText):
        return None
    return value.octets
