"""What Java's ObjectOutputStream writes (Java Object Serialization Specification, part 6)."""

from typing import Any, Final

from tui.audit.decoders.graph import Flattening, Listing
from tui.audit.decoders.java_classes import Block, ClassOf, JavaEnum, JavaObject
from tui.audit.decoders.plain import MOST_LEVELS, Allowance
from tui.audit.decoders.source import Source

MARK: Final = b"\xac\xed\x00\x05"
FIRST_HANDLE: Final = 0x7E0000
NULL, REFERENCE, CLASS_DESCRIPTION, OBJECT, STRING, ARRAY, CLASS, BLOCK, END = range(0x70, 0x79)
RESET, LONG_BLOCK, EXCEPTION, LONG_STRING, PROXY, ENUM = range(0x79, 0x7F)
WRITES, SERIALIZABLE, EXTERNALIZABLE, IN_BLOCKS = 1, 2, 4, 8
"""What a class says of itself: it writes more, it is of this kind or that, and in blocks."""
WIDTHS: Final = {"B": 1, "C": 2, "D": 8, "F": 4, "I": 4, "J": 8, "S": 2, "Z": 1}
KINDS: Final = {"B": "b", "C": "H", "D": "d", "F": "f", "I": "i", "J": "q", "S": "h", "Z": "?"}
"""How struct calls the primitive types."""
_ENDED: Final = object()


class JavaReader:
    """One stream; what may be referred to keeps its handle."""

    def __init__(self, source: Source) -> None:
        """Read nothing yet."""
        self._source = source
        self._handles: list[Any] = []

    def content(self) -> Any:
        """Return the next object, text, class or block of bytes.

        Raises:
            TooManyValues: there are too many.
            UnreadablePayload: it is broken, or nested too deeply.
        """
        source = self._source
        source.allowance.take()
        with source:
            match source.octet():
                case 0x70:
                    return None
                case 0x71:
                    return self._referred()
                case 0x72 | 0x7D as kind:
                    return self._description(kind)
                case 0x73:
                    return self._object()
                case 0x74 | 0x7C as kind:
                    return self._kept(self._text("H" if kind == STRING else "Q"))
                case 0x75:
                    return self._array()
                case 0x77 | 0x7A as kind:
                    return Block(source.take(source.number("B" if kind == BLOCK else "I")))
                case 0x78:
                    return _ENDED
                case kind:
                    return self._rare(kind)

    def _rare(self, kind: int) -> Any:
        if kind == CLASS:
            described = self._class()
            return self._kept(f"<{described.name if described else None}>")
        if kind == ENUM:
            described = self._class()
            made: JavaEnum = self._kept(JavaEnum(described.name if described else ""))
            made.constant = self.content()
            return made
        if kind == RESET:
            self._handles.clear()
            return self.content()
        raise self._source.broken()

    def _kept(self, value: Any) -> Any:
        self._handles.append(value)
        return value

    def _referred(self) -> Any:
        index = self._source.number("i") - FIRST_HANDLE
        if not 0 <= index < len(self._handles):
            raise self._source.broken("it refers to what is not there")
        return self._handles[index]

    def _text(self, length: str) -> str:
        return modified_utf8(self._source.take(self._source.number(length)))

    def _class(self) -> ClassOf | None:
        described = self.content()
        if described is not None and not isinstance(described, ClassOf):
            raise self._source.broken()
        return described

    def _description(self, kind: int) -> ClassOf:
        source = self._source
        if kind == PROXY:
            made: ClassOf = self._kept(ClassOf("a proxy"))
            made.flags = SERIALIZABLE
            for _ in range(source.number("i")):
                source.allowance.take()
                self._text("H")
        else:
            name = self._text("H")
            source.take(8)
            made = self._kept(ClassOf(name))
            made.flags = source.octet()
            for _ in range(source.number("H")):
                source.allowance.take()
                made.fields.append(self._field())
        self._annotation()
        made.parent = self._class()
        return made

    def _field(self) -> tuple[str, str]:
        kind = chr(self._source.octet())
        name = self._text("H")
        if kind in "[L":
            self.content()
        elif kind not in KINDS:
            raise self._source.broken()
        return kind, name

    def _annotation(self) -> list[Any]:
        """Return what a class has written behind its fields."""
        found = []
        while (item := self.content()) is not _ENDED:
            found.append(item)
        return found

    def _object(self) -> JavaObject:
        described = self._class()
        if described is None:
            raise self._source.broken()
        made: JavaObject = self._kept(JavaObject(described.name))
        for part in self._lineage(described):
            self._part(made, part)
        return made

    def _lineage(self, described: ClassOf) -> list[ClassOf]:
        """Return a class behind those that it is derived from."""
        found: list[ClassOf] = []
        part: ClassOf | None = described
        while part is not None:
            if len(found) > MOST_LEVELS:
                raise self._source.broken("a class in it is derived too often")
            found.append(part)
            part = part.parent
        return found[::-1]

    def _part(self, made: JavaObject, part: ClassOf) -> None:
        """Read what one class of an object has written."""
        self._source.allowance.take()
        made.classes.append(part.name)
        if part.flags & EXTERNALIZABLE:
            if not part.flags & IN_BLOCKS:
                raise self._source.broken(f"which only {part.name[:200]} reads")
            made.written[part.name] = self._annotation()
        elif part.flags & SERIALIZABLE:
            for kind, name in part.fields:
                made.fields[name] = self._value(kind)
            if part.flags & WRITES:
                made.written[part.name] = self._annotation()

    def _value(self, kind: str) -> Any:
        if kind in "[L":
            value = self.content()
            if value is _ENDED or isinstance(value, Block):
                raise self._source.broken()
            return value
        self._source.allowance.take()
        number = self._source.number(KINDS[kind])
        return chr(number) if kind == "C" else number

    def _array(self) -> Any:
        source = self._source
        described = self._class()
        kind = described.name[1:2] if described else ""
        place = len(self._handles)
        self._handles.append(None)
        count = source.number("i")
        if kind in {"B", "C"}:
            octets = source.take(count * WIDTHS[kind])
            made: Any = octets if kind == "B" else octets.decode("utf-16-be", "surrogatepass")
            self._handles[place] = made
            return made
        made = self._handles[place] = Listing([])
        if kind not in "[L" and kind not in KINDS:
            raise source.broken()
        for _ in range(count):
            made.items.append(self._value(kind))
        return made


def modified_utf8(octets: bytes) -> str:
    """Return a text as Java writes it: NUL in two bytes, and surrogates one by one.

    Raises:
        ValueError: it is none.
    """
    text = octets.replace(b"\xc0\x80", b"\0").decode("utf-8", "surrogatepass")
    if any("\ud800" <= letter <= "\udfff" for letter in set(text)):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return text


def decode(payload: bytes, most: int) -> Any:
    """Return what serialized Java says, as plain data; several objects as a list.

    Raises:
        TooManyValues: it has more values, or text, than is allowed.
        UnreadablePayload: it is broken, or nested too deeply.
    """
    source = Source("java", payload, most)
    source.expect(MARK)
    reader = JavaReader(source)
    found: list[Any] = []
    try:
        while source.place < len(payload) or not found:
            item = reader.content()
            if item is _ENDED:
                raise source.broken()
            found.append(item)
    except UnicodeDecodeError as error:
        raise source.broken("a text in it is broken") from error
    graph = found[0] if len(found) == 1 else Listing(found)
    return Flattening(Allowance("java", max(most, len(payload)))).plain(graph)
