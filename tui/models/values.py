"""Values as they are typed on a command line, as values of a column."""

from collections.abc import Mapping, Sequence

from tui.models import Scalar, TableSchema
from tui.models.columns import Column
from tui.models.kinds import BY_VALUE, NotTaken, holds_bytes, made_number, read
from tui.runtime.errors import ChangeRefused
from tui.runtime.plain_text import is_unicode

NULL = "NULL"
MOST_SHOWN = 40
"""Characters of what was typed that an error repeats."""


def parse_assignments(texts: tuple[str, ...], schema: TableSchema) -> dict[str, str]:
    """Return what `COLUMN=VALUE` texts name: of each column what is to go into it, as typed.

    Raises:
        ChangeRefused: no `=`, no such column, a column twice, or the key column.
    """
    assigned: dict[str, str] = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator:
            raise ChangeRefused(f"{text!r} is not COLUMN=VALUE; write for example city=Lagos")
        if name not in schema.columns:
            listed = ", ".join(schema.columns)
            raise ChangeRefused(f"there is no column {name!r}; there are {listed}")
        if name == schema.id_column:
            raise ChangeRefused(f"{name!r} is the key, which stays as it is")
        if name in assigned:
            raise ChangeRefused(f"column {name!r} is named twice")
        assigned[name] = value
    return assigned


def typed_all(
    assigned: Mapping[str, str], schema: TableSchema, seen: Mapping[str, Sequence[Scalar]]
) -> dict[str, Scalar]:
    """Return what each column is to hold; `seen` is what they hold, where that matters.

    Raises:
        ChangeRefused: a column does not take such a value; see `typed`.
    """
    return {
        name: typed(text, schema.column(name), seen.get(name, ()))
        for name, text in assigned.items()
    }


def typed(text: str, column: Column, seen: Sequence[Scalar] = ()) -> Scalar:
    """Return the value that `text` spells for a column.

    NULL is no value; a text in single quotes is that text, so that `'NULL'` can be said, and
    what is not of the column's kind. All else is as the kind has it (`tui.models.kinds`),
    and as the values `seen` are kept: first the one that is to be changed, then others. Where
    none were seen, whatever a column of that kind may keep is taken.

    Raises:
        ChangeRefused: the column does not take such a value.
    """
    if text == NULL:
        return None
    if not is_unicode(text):
        raise ChangeRefused(f"what is to go into column {column.name!r} is not Unicode text")
    held = [value for value in seen if value is not None]
    if holds_bytes(column, held):
        raise ChangeRefused(f"column {column.name!r} holds bytes, which cannot be typed here")
    try:
        value = _unquoted(text) if _is_quoted(text) else read(text, column, held)
    except NotTaken as error:
        raise ChangeRefused(
            f"column {column.name!r} takes {error.what}, not {_shortened(text)}; write for"
            f" example {error.example}, NULL for no value, or any text in single quotes"
        ) from None
    made = made_number(value, column) if isinstance(value, str) else None
    if made is not None:
        raise ChangeRefused(
            f"column {column.name!r} cannot keep the text {_shortened(text)}: its type makes"
            f" the number {made} of it; write that, or declare the column as text"
        )
    return value


def needs_others(column: Column, value: Scalar) -> bool:
    """Tell whether what other records hold decides what is made of a text for this column.

    It does where the kind leaves that open, and the value that is to be changed tells nothing.
    """
    return column.kind in BY_VALUE and value is None


def spelled(value: Scalar) -> str:
    """Return `value` as `typed` reads it: the text that stands for it in a form."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        quoted = value == NULL or _is_quoted(value)
        return "'" + value.replace("'", "''") + "'" if quoted else value
    return str(value)


def _is_quoted(text: str) -> bool:
    return len(text) >= 2 and text[0] == text[-1] == "'"


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _shortened(text: str) -> str:
    return repr(text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…")
