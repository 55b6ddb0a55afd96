"""Values as they are typed on a command line, as values of a column."""

import math

from tui.models import Scalar, TableSchema
from tui.models.keys import INTEGER, LARGEST, SMALLEST
from tui.runtime.errors import ChangeRefused
from tui.runtime.plain_text import is_unicode

NULL = "NULL"


def parse_assignments(texts: tuple[str, ...], schema: TableSchema) -> dict[str, Scalar]:
    """Give the columns and values that `COLUMN=VALUE` texts name, typed by the column.

    Raises:
        ChangeRefused: no `=`, no such column, the key column, or a value that the column
            does not take.
    """
    changes: dict[str, Scalar] = {}
    for text in texts:
        column, separator, value = text.partition("=")
        if not separator:
            raise ChangeRefused(f"{text!r} is not COLUMN=VALUE; write for example city=Lagos")
        if column not in schema.columns:
            listed = ", ".join(schema.columns)
            raise ChangeRefused(f"there is no column {column!r}; there are {listed}")
        if column == schema.id_column:
            raise ChangeRefused(f"{column!r} is the key, which stays as it is")
        if column in changes:
            raise ChangeRefused(f"column {column!r} is named twice")
        changes[column] = typed(value, column, schema.affinities.get(column, "TEXT"))
    return changes


def typed(text: str, column: str, affinity: str) -> Scalar:
    """Give the value that `text` spells for a column of that affinity.

    NULL is no value; a text in single quotes is that text, so that `'NULL'` can be said. A
    column of ANY takes a number for what spells one just as it would be shown, and a text
    for all else: `7` is a number there, `007` a text.

    Raises:
        ChangeRefused: the column does not take such a value.
    """
    if text == NULL:
        return None
    if not is_unicode(text):
        raise ChangeRefused(f"what is to go into column {column!r} is not Unicode text")
    if affinity == "BLOB":
        raise ChangeRefused(f"column {column!r} holds bytes, which cannot be typed here")
    quoted = len(text) >= 2 and text[0] == text[-1] == "'"
    if affinity == "TEXT" or quoted:
        return text[1:-1].replace("''", "'") if quoted else text
    number = _number(text)
    if affinity == "ANY":
        return number if number is not None and str(number) == text else text
    if number is None or (affinity == "INTEGER" and isinstance(number, float)):
        kind = "a whole number" if affinity == "INTEGER" else "a number"
        raise ChangeRefused(f"column {column!r} takes {kind}, not {text!r}; NULL is no value")
    return number


def spelled(value: Scalar) -> str:
    """Give `value` as `typed` reads it: the text that stands for it in a form."""
    if value is None:
        return NULL
    if isinstance(value, str):
        quoted = value == NULL or (len(value) >= 2 and value[0] == value[-1] == "'")
        return "'" + value.replace("'", "''") + "'" if quoted else value
    return str(value)


def _number(text: str) -> int | float | None:
    if INTEGER.fullmatch(text) and len(text) <= 20:
        whole = int(text)
        return whole if SMALLEST <= whole <= LARGEST else None
    try:
        number = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None
