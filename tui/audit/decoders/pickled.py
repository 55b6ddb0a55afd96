"""Pickles of Python, protocols 0 to 5, read without ever importing or calling what they name.

An interpreter of its own over the opcodes that the standard library's pickletools lists; what
an opcode does is in Lib/pickletools.py, PEP 3154 and PEP 574. Names and calls stay names and
calls, of which `pickled_names` knows the meaning. Nothing is hashed but the numbers of the
memo, so that neither an index of 2**31 nor a key without end costs anything.
"""

import io
import pickletools
import re
import warnings
from codecs import escape_decode
from collections.abc import Callable
from typing import Any, Final

from tui.audit.decoders.graph import Flattening, Listing, Octets, Pairs
from tui.audit.decoders.pickled_calls import LONGEST_NAME, Call, Name, called
from tui.audit.decoders.plain import Allowance, broken, too_short
from tui.audit.extent import MOST_VALUES, TooManyValues

MOST_OPERATIONS: Final = 5 * MOST_VALUES
"""A value takes one to seven; each takes about a microsecond and 100 bytes."""
LONGEST_NUMBER: Final = 4_000
"""Digits that are read as a number: the time that it takes grows with their square."""
MARK: Final = object()
_NUMBERS: Final = b"ILFpg"
"""The opcodes behind which a number is spelled in digits."""


class _Beyond(ValueError):
    """A pickle does what none does that Python has made."""


class _Reader(io.BytesIO):
    """The bytes of a pickle, with its lines looked at before they are taken for numbers."""

    line = b""
    """The last line that was read."""

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return the next line; an empty text for one of Python 2, which may be no ASCII."""
        place = self.tell()
        self.line = super().readline(size)
        self.seek(max(place - 1, 0))
        opcode = self.read(1)
        self.seek(place + len(self.line))
        if len(self.line) > LONGEST_NUMBER and opcode in _NUMBERS:
            raise _Beyond("a number in it is too long")
        if opcode == b"S" and self.line.endswith(b"\n"):
            return b"''\n"
        return self.line


class Machine:
    """The stack and the memo of one pickle."""

    def __init__(self, payload: bytes) -> None:
        """Read nothing yet."""
        self._reader = _Reader(payload)
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self) -> Any:
        """Return what the pickle leaves on its stack, as in `_run`; no warning is shown."""
        with warnings.catch_warnings():  # of a text whose escapes Python does not know
            warnings.simplefilter("ignore")
            return self._run()

    def _run(self) -> Any:
        """Return what the pickle leaves on its stack.

        Raises:
            ValueError, IndexError, KeyError, TypeError: it is broken.
            TooManyValues: it takes more than MOST_OPERATIONS.
        """
        for count, (opcode, argument, _) in enumerate(pickletools.genops(self._reader)):
            if count > MOST_OPERATIONS:
                raise TooManyValues(f"it has more than {MOST_VALUES:,} values")
            if opcode.name == "STOP":
                break
            if opcode.name in _PUSHES:
                self._stack.append(argument)
            else:
                _OPERATIONS[opcode.name](self, argument)
        if self._reader.read(1):
            raise _Beyond("something stands behind its end")
        return self._pop()

    def _pop(self) -> Any:
        value = self._stack.pop()
        if value is MARK:
            raise _Beyond("it takes a mark for a value")
        return value

    def _top(self) -> Any:
        if self._stack[-1] is MARK:
            raise _Beyond("it takes a mark for a value")
        return self._stack[-1]

    def _marked(self) -> list[Any]:
        """Take what stands above the last mark, and that too."""
        stack = self._stack
        place = len(stack) - 1
        while stack[place] is not MARK:
            place -= 1
            if place < 0:
                raise _Beyond("a mark is missing")
        items = stack[place + 1 :]
        del stack[place:]
        return items

    def constant(self, value: Any) -> None:
        """Push a value that never changes."""
        self._stack.append(value)

    def old_text(self, argument: str) -> None:
        """Push a text of Python 2, which is bytes in some encoding, most often UTF-8."""
        self._stack.append(Octets(argument.encode("latin-1")))

    def old_line(self, _: str) -> None:
        """Push such a text from between its quotation marks."""
        line = self._reader.line.strip()
        if len(line) < 2 or line[:1] not in {b'"', b"'"} or line[-1:] != line[:1]:
            raise _Beyond("a text in it is without its quotation marks")
        self._stack.append(Octets(escape_decode(line[1:-1])[0]))

    def listing(self, count: int | None) -> None:
        """Push the last values as a list, a tuple or a set: so many, or all above the mark."""
        items = self._marked() if count is None else [self._pop() for _ in range(count)][::-1]
        self._stack.append(Listing(items))

    def pairs(self, _: Any) -> None:
        """Push the keys and values above the mark as a dict."""
        self._stack.append(Pairs(_paired(self._marked())))

    def append(self, is_many: bool) -> None:
        """Add the last value, or all above the mark, to what is below."""
        items = self._marked() if is_many else [self._pop()]
        match self._top():
            case Listing(items=found) | Call(items=found):
                found.extend(items)
            case _:
                raise _Beyond("it adds to what is no list")

    def set_items(self, is_many: bool) -> None:
        """Add the last key and value, or all above the mark, to what is below."""
        items = self._marked() if is_many else [self._pop(), self._pop()][::-1]
        match self._top():
            case Pairs(items=found) | Call(pairs=found):
                found.extend(_paired(items))
            case _:
                raise _Beyond("it adds to what is no dict")

    def pop(self, _: Any) -> None:
        """Forget the last value, or mark."""
        self._stack.pop()

    def pop_mark(self, _: Any) -> None:
        """Forget all above the mark."""
        self._marked()

    def repeat(self, _: Any) -> None:
        """Push the last value once more."""
        self._stack.append(self._top())

    def remember(self, index: int | None) -> None:
        """Keep the last value under a number; the next, if none is said."""
        self._memo[len(self._memo) if index is None else index] = self._top()

    def recall(self, index: int) -> None:
        """Push what is kept under a number."""
        self._stack.append(self._memo[index])

    def name(self, argument: str | None) -> None:
        """Push the name of a class or a function, from the opcode or from the stack."""
        if argument is None:
            name, module = self._pop(), self._pop()
            if not isinstance(name, str) or not isinstance(module, str):
                raise _Beyond("a name in it is no text")
            self._stack.append(Name.of(f"{module[:LONGEST_NAME]}.{name[:LONGEST_NAME]}"))
        else:
            self._stack.append(Name.of(argument.replace(" ", ".", 1)))

    def extension(self, code: int) -> None:
        """Push what only the program knows that stored it, by that number."""
        self._stack.append(Name.of(f"extension {code}"))

    def persistent(self, argument: str | None) -> None:
        """Push what is stored elsewhere, under an identity from the opcode or the stack."""
        if argument is None:
            self._pop()
        self._stack.append(Name.of("stored elsewhere"))

    def reduce(self, _: Any) -> None:
        """Push a call, of what is below the arguments."""
        arguments, callee = self._pop(), self._pop()
        self._stack.append(called(callee, _items(arguments)))

    def new(self, has_names: bool) -> None:
        """Push a call of a class's `__new__`."""
        if has_names:
            self._pop()
        arguments, callee = self._pop(), self._pop()
        self._stack.append(Call(callee, _items(arguments), is_new=True))

    def instance(self, argument: str | None) -> None:
        """Push an instance as Python 2 made them; the class is said, or is above the mark."""
        items = self._marked()
        callee = items.pop(0) if argument is None else Name.of(argument.replace(" ", ".", 1))
        self._stack.append(Call(callee, items, is_new=True))

    def build(self, _: Any) -> None:
        """Give the last value to the object below it, as its state."""
        state = self._pop()
        if isinstance(self._top(), Call):
            self._top().state = state


def decode(payload: bytes, most: int) -> Any:
    """Return what a pickle says, as plain data; before it may stand the `!` of cachelib.

    Raises:
        TooManyValues: it has more values, or text, than is allowed.
        UnreadablePayload: it is broken.
    """
    try:
        graph = Machine(payload.removeprefix(b"!")).run()
    except TooManyValues:
        raise
    except _Beyond as error:
        raise broken("pickle", str(error)) from error
    except ValueError as error:
        if re.search("not enough|exhausted|expected", str(error)):
            raise too_short("pickle") from error
        raise broken("pickle", "it is broken") from error
    except (IndexError, KeyError, TypeError, OverflowError) as error:
        raise broken("pickle", "it is broken") from error
    return Flattening(Allowance("pickle", max(most, len(payload)))).plain(graph)


def _paired(items: list[Any]) -> list[tuple[Any, Any]]:
    if len(items) % 2:
        raise _Beyond("a key in it is without a value")
    return list(zip(items[::2], items[1::2], strict=True))


def _items(arguments: Any) -> list[Any]:
    if not isinstance(arguments, Listing):
        raise _Beyond("the arguments of a call are no tuple")
    return arguments.items


_PUSHES: Final = frozenset((
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
    "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES",
    "BINBYTES8", "BYTEARRAY8",
))  # fmt: skip
"""The opcodes whose argument is the value."""


def _with(operation: Callable[[Machine, Any], None], value: Any) -> Any:
    """Return an operation that knows its argument, whatever the opcode's is."""
    return lambda machine, _: operation(machine, value)


def _nothing(_: Machine, __: Any) -> None:
    """Do nothing: a pickle says how long it is, and is not believed."""


_OPERATIONS: Final[dict[str, Callable[[Machine, Any], None]]] = {
    "PROTO": _nothing, "FRAME": _nothing, "READONLY_BUFFER": _nothing,
    "NONE": _with(Machine.constant, None), "NEWTRUE": _with(Machine.constant, True),
    "NEWFALSE": _with(Machine.constant, False), "MARK": _with(Machine.constant, MARK),
    "STRING": Machine.old_line, "BINSTRING": Machine.old_text,
    "SHORT_BINSTRING": Machine.old_text,
    "EMPTY_LIST": _with(Machine.listing, 0), "EMPTY_TUPLE": _with(Machine.listing, 0),
    "EMPTY_SET": _with(Machine.listing, 0), "TUPLE1": _with(Machine.listing, 1),
    "TUPLE2": _with(Machine.listing, 2), "TUPLE3": _with(Machine.listing, 3),
    "LIST": Machine.listing, "TUPLE": Machine.listing, "FROZENSET": Machine.listing,
    "EMPTY_DICT": lambda machine, _: machine.constant(Pairs([])), "DICT": Machine.pairs,
    "APPEND": _with(Machine.append, False), "APPENDS": _with(Machine.append, True),
    "ADDITEMS": _with(Machine.append, True),
    "SETITEM": _with(Machine.set_items, False), "SETITEMS": _with(Machine.set_items, True),
    "POP": Machine.pop, "POP_MARK": Machine.pop_mark, "DUP": Machine.repeat,
    "GET": Machine.recall, "BINGET": Machine.recall, "LONG_BINGET": Machine.recall,
    "PUT": Machine.remember, "BINPUT": Machine.remember, "LONG_BINPUT": Machine.remember,
    "MEMOIZE": Machine.remember,
    "GLOBAL": Machine.name, "STACK_GLOBAL": Machine.name,
    "EXT1": Machine.extension, "EXT2": Machine.extension, "EXT4": Machine.extension,
    "PERSID": Machine.persistent, "BINPERSID": Machine.persistent,
    "NEXT_BUFFER": lambda machine, _: machine.constant(Name.of("stored elsewhere")),
    "REDUCE": Machine.reduce, "BUILD": Machine.build,
    "NEWOBJ": _with(Machine.new, False), "NEWOBJ_EX": _with(Machine.new, True),
    "INST": Machine.instance, "OBJ": _with(Machine.instance, None),
}  # fmt: skip
