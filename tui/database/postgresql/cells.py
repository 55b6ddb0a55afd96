"""What PostgreSQL sends and takes, all as text: values of columns, and parameters."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from tui.database.sql.query import Parameter
from tui.database.sql.values import Blob, number
from tui.models import Scalar
from tui.models.scalars import Nested, StandIn, mark_of
from tui.runtime.errors import ChangeRefused

Cell = Callable[[bytes], Scalar]
"""Makes a value of the text that stands for it."""


def _text(value: bytes) -> Scalar:
    try:
        return value.decode()
    except UnicodeDecodeError:  # a database in SQL_ASCII keeps whatever it is given
        shown = value.decode("utf-8", "backslashreplace")
        return StandIn(shown, mark_of("text", value))


def _float(value: bytes) -> Scalar:
    return number(value.decode())


def _boolean(value: bytes) -> Scalar:
    return value == b"t"


def _json(value: bytes) -> Scalar:
    return Nested(value.decode())


def _bytes(value: bytes) -> Scalar:
    return Blob.of(bytes.fromhex(value[2:].decode()), "BYTEA")


CELLS: Final[dict[int, Cell]] = {
    16: _boolean,
    17: _bytes,
    20: int, 21: int, 23: int, 26: int, 5069: int,
    114: _json, 3802: _json,
    700: _float, 701: _float,
}  # fmt: skip
"""By the type's OID; of all others the text is the value. Source: pg_type.dat of PostgreSQL."""


def cell_of(oid: int) -> Cell:
    """Return what makes values of a column of that type."""
    return CELLS.get(oid, _text)


def bound(value: Parameter) -> bytes | None:
    """Return a parameter as the text that PostgreSQL reads it from.

    Raises:
        ChangeRefused: there is none.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, str):
        if "\0" in value:  # libpq would cut the text there
            raise ChangeRefused("PostgreSQL keeps no text with a NUL in it")
        try:
            return value.encode()
        except UnicodeEncodeError as error:
            raise ChangeRefused("PostgreSQL keeps no text that is not Unicode") from error
    if isinstance(value, bytes):
        return b"\\x" + value.hex().encode()
    if isinstance(value, int | float):
        return repr(value).encode()
    return _array(value)


def _array(values: Sequence[Any]) -> bytes:
    if all(type(value) is int for value in values):
        return b"{" + ",".join(map(str, values)).encode() + b"}"
    texts = ((bound(value) or b"").decode() for value in values)
    escaped = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return ("{" + ",".join(f'"{text}"' for text in escaped) + "}").encode()
