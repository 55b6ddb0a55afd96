"""How a record is asked for by its key, so that an index finds it, and only that spelling."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from msgspec import Struct

from tui.database.mysql.collations import UTF8, is_exact, may_hold
from tui.database.mysql.literals import Bound, bound, quoted
from tui.database.mysql.schema import place_of
from tui.database.mysql.table_schema import Detail, MysqlSchema
from tui.models import Key
from tui.models.columns import Kind
from tui.models.numbers import is_decimal
from tui.models.spelling import HEX, UUID
from tui.models.temporal import is_date, is_interval, is_moment, is_time
from tui.runtime.plain_text import is_unicode

NOBODY: Final = "FALSE"
"""The condition that no row meets."""
LONGEST_DECIMAL: Final = 66
"""Characters: no column keeps a longer number."""
WIDEST: Final = "DECIMAL(65, 30)"
Binds: TypeAlias = Callable[[Key | bytes], tuple[Bound, ...] | None]
"""Makes what is bound of a key; None where no row can have it."""


class KeyForm(Struct, frozen=True):
    """How the key column of one table is compared."""

    one: str
    """The condition for one key."""
    binds: Binds
    """What is bound to that condition."""
    listed: str
    """What stands before the keys where there are many."""
    of_list: str
    """What stands for each of them."""
    many: Binds
    """What is bound for each of them: one value."""


def form_of(schema: MysqlSchema, column: str = "") -> KeyForm:
    """Return how the keys of a table are compared, its key `column` being written so.

    The first condition is the one that an index serves, in the column's collation. Where that
    takes `A` for `a`, or `a ` for `a`, a second one keeps them apart, as the cache does.
    """
    detail = schema.detail(schema.id_column)
    kind = schema.column(schema.id_column).kind
    column = column or f"{place_of(schema)}.{quoted(schema.id_column)}"
    if not detail.charset:
        value = f"CAST(? AS {WIDEST})" if kind is Kind.DECIMAL else "?"
        binds = BINDS.get(kind, _text)
        return KeyForm(f"{column} = {value}", binds, column, value, binds)
    value = as_charset("?", detail)
    exact = is_exact(detail.collation)
    and_bytes = "" if exact else f" AND {in_bytes(column, detail)} = ?"
    text = _text_in(detail.charset)
    return KeyForm(
        f"{column} = {value}{and_bytes}",
        text if exact else _with_bytes(text),
        column,
        value,
        text,
    )


def condition(schema: MysqlSchema, id: Key | bytes) -> tuple[str, tuple[Bound, ...]]:
    """Return the condition for exactly that key, and what is bound to it."""
    form = form_of(schema)
    values = form.binds(id)
    return (NOBODY, ()) if values is None else (form.one, values)


def condition_of_any(schema: MysqlSchema, ids: Sequence[Key | bytes]) -> str:
    """Return the condition for all that the column takes for one of these keys.

    They stand in it themselves: that is quicker than to fill in hundreds.
    """
    form = form_of(schema)
    if schema.id_is_integer:
        values = [str(id) for id in ids if isinstance(id, int)]
    else:
        each = (form.many(id) for id in ids)
        values = [form.of_list.replace("?", bound(one[0])) for one in each if one is not None]
    return f"{form.listed} IN ({', '.join(values)})" if values else NOBODY


def as_charset(value: str, detail: Detail) -> str:
    """Return a text in the column's character set: else a scan, or an error, may compare it."""
    if detail.charset in {"", UTF8}:
        return value
    return f"CONVERT({value} USING {detail.charset}) COLLATE {detail.collation}"


def in_bytes(column: str, detail: Detail) -> str:
    """Return what a column holds as the bytes of UTF-8: no other text has the same."""
    converted = column if detail.charset == UTF8 else f"CONVERT({column} USING {UTF8})"
    return f"CAST({converted} AS BINARY)"


def _text(id: Key | bytes) -> tuple[Bound, ...] | None:
    return (id,) if isinstance(id, str) and is_unicode(id) else None


def _text_in(charset: str) -> Binds:
    """Return what binds a text, unless none of that character set can be it."""
    return lambda key: _text(key) if isinstance(key, str) and may_hold(charset, key) else None


def _with_bytes(text: Binds) -> Binds:
    """Return what binds a text, and its bytes in UTF-8."""

    def bind(key: Key | bytes) -> tuple[Bound, ...] | None:
        values = text(key)
        return None if values is None else (*values, str(key).encode())

    return bind


def _integer(id: Key | bytes) -> tuple[Bound, ...] | None:
    # A text would be taken for the number that it begins with.
    return (id,) if isinstance(id, int) else None


def _bytes(id: Key | bytes) -> tuple[Bound, ...] | None:
    """Return the bytes that a key is shown as: of a uuid, of hex digits, else of a text."""
    if isinstance(id, bytes):
        return (id,)
    if not isinstance(id, str) or not is_unicode(id):
        return None
    uuid = UUID.fullmatch(id)
    if uuid is not None:
        return (bytes.fromhex("".join(uuid.groups())),)
    digits = HEX.fullmatch(id)
    return (id.encode() if digits is None else bytes.fromhex(digits[1]),)


def _if(is_one: Callable[[str], bool]) -> Binds:
    """Return what binds a text of that form: the server refuses to compare others."""
    return lambda key: (key,) if isinstance(key, str) and is_one(key) else None


def _is_number(text: str) -> bool:
    return len(text) <= LONGEST_DECIMAL and "e" not in text.lower() and is_decimal(text)


BINDS: Final[dict[Kind, Binds]] = {
    Kind.INTEGER: _integer,
    Kind.BYTES: _bytes,
    Kind.DECIMAL: _if(_is_number),
    Kind.DATE: _if(is_date),
    Kind.MOMENT: _if(is_moment),
    Kind.TIME: _if(lambda text: is_time(text) or is_interval(text)),
}
