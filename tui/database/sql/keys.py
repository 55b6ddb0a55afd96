"""What can be a key, told without asking the database."""

from tui.database.sql.values import Blob
from tui.models import Key, Scalar, TableSchema
from tui.models.columns import Kind
from tui.models.spelling import canonical, is_uuid, spellings, text_of
from tui.runtime.plain_text import is_unicode

NOT_A_NUMBER = "NaN"
"""What a column of decimals without a fraction may hold beside whole numbers."""
PADDED = "character("
"""How a type begins whose texts end in blanks that mean nothing, as SQL has it."""


def cannot_be(schema: TableSchema, id: Key) -> str | None:
    """Return why no row can have that key; None where one may."""
    column = schema.column(schema.id_column)
    if isinstance(id, int):
        least, most = column.range or (-(2**63), 2**63 - 1)
        return None if least <= id <= most else f"a key is a number from {least} to {most}"
    if not is_unicode(id):
        return "it is no Unicode text"
    if "\0" in id and column.kind is not Kind.BYTES:
        return "no text has a NUL in it there"
    if column.kind is Kind.UUID and not is_uuid(id):
        return "it is no uuid"
    return None


def others(schema: TableSchema, id: Key) -> list[str | bytes]:
    """Return the other spellings under which a row may have that key."""
    if isinstance(id, int):
        return []
    column = schema.column(schema.id_column)
    if column.kind is Kind.UUID and column.length is None:  # values, whatever their spelling
        usual = canonical(id)
        return [] if usual == id else [usual]
    wanted = bytes if holds_bytes(schema) else str
    padded = []
    if column.declared.startswith(PADDED) and column.length is not None:
        padded = [id.rstrip(" ").ljust(column.length)]
    ways = [*padded, *spellings(id)]
    return [other for other in ways if isinstance(other, wanted) and other != id]


def holds_bytes(schema: TableSchema) -> bool:
    """Tell whether keys are bytes, such as the 16 of a uuid."""
    column = schema.column(schema.id_column)
    return column.kind is Kind.BYTES or (column.kind is Kind.UUID and column.length is not None)


def key_of(value: Scalar, *, integer: bool) -> Scalar:
    """Return a row's key as it is compared and shown: bytes as a uuid or hex digits."""
    if isinstance(value, Blob):
        return text_of(value.content)
    is_number = integer and isinstance(value, str) and value != NOT_A_NUMBER
    return int(str(value)) if is_number else value


def is_that(schema: TableSchema, id: Key, key: Scalar) -> bool:
    """Tell whether a row with `key` is the one that is asked for as `id`."""
    if key == id:
        return True
    column = schema.column(schema.id_column)
    if not isinstance(key, str):
        return False
    if column.declared.startswith(PADDED):
        return str(id).rstrip(" ") == key.rstrip(" ")
    return canonical(str(id)) == canonical(key)
