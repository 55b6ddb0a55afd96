"""Keys: what a document may have in its key field, and how that is shown."""

import re
from typing import Any, Final

from bson.binary import Binary
from bson.int64 import Int64
from bson.objectid import ObjectId

from tui.database.mongodb.table_schema import KeyType, MongodbSchema
from tui.database.mongodb.uuids import binary_of, uuid_of
from tui.models import Key
from tui.models.keys import LARGEST, SMALLEST
from tui.runtime.plain_text import is_unicode

HEX: Final = re.compile(r"[0-9a-fA-F]{24}", re.ASCII)
WHOLE: Final = re.compile(r"0|-?[1-9][0-9]{0,18}", re.ASCII)
"""A number as it is shown: 007 is another text, and no number."""
EXACT: Final = 2**53
"""Up to here a double is every whole number."""
LIMIT: Final = {
    KeyType.NUMBER: "a whole number of 64 bits",
    KeyType.TEXT: "a text",
    KeyType.OBJECT_ID: "24 hex digits",
    KeyType.UUID: "a uuid",
    KeyType.OLD_UUID: "a uuid",
}


def stored(schema: MongodbSchema, id: Key) -> list[Any]:
    """Return what a document with that key may hold; nothing where none can have it."""
    found = (_as(schema, key_type, id) for key_type in schema.key_types)
    return [value for value in found if value is not None]


def shown(schema: MongodbSchema, value: Any) -> Key | None:
    """Return the key that a document holds; None where it is no key, such as a document."""
    key = _shown(schema, value)
    if isinstance(key, int) and not schema.id_is_integer:
        return str(key)
    return key if isinstance(key, int) is schema.id_is_integer else None


def type_of(value: Any) -> KeyType | None:
    """Return what a key is kept as; None where hitmiss has no key like that."""
    match value:
        case bool():
            return None
        case int():
            return KeyType.NUMBER
        case float():
            return KeyType.NUMBER if _whole(value) is not None else None
        case str():
            is_text = type(value) is str and is_unicode(value)  # code is a text to Python, too
            return KeyType.TEXT if is_text else None
        case ObjectId():
            return KeyType.OBJECT_ID
        case Binary() if len(value) == 16:
            return {4: KeyType.UUID, 3: KeyType.OLD_UUID}.get(value.subtype)
    return None


def impossible(schema: MongodbSchema) -> str:
    """Return why a text is no key there, for a person."""
    return f"a key is {' or '.join(dict.fromkeys(LIMIT[one] for one in schema.key_types))}"


def new(schema: MongodbSchema, id: Any) -> Any:
    """Return what a new document is to hold for a key that somebody named.

    Of several that it may be the first, by the form of the text.
    """
    found = stored(schema, id) if isinstance(id, int | str) else []
    typed = [value for value in found if not isinstance(value, str)]
    return (typed or found or [None])[0]


def _as(schema: MongodbSchema, key_type: KeyType, id: Key) -> Any:
    if isinstance(id, int):
        within = SMALLEST <= id <= LARGEST
        return _number(id) if key_type is KeyType.NUMBER and within else None
    match key_type:
        case KeyType.TEXT:
            return id if is_unicode(id) else None
        case KeyType.OBJECT_ID:
            return ObjectId(id) if HEX.fullmatch(id) else None
        case KeyType.NUMBER:
            number = int(id) if WHOLE.fullmatch(id) else None
            within = number is not None and SMALLEST <= number <= LARGEST
            return _number(number) if number is not None and within else None
    return binary_of(id, schema.uuids, legacy=key_type is KeyType.OLD_UUID)


def _number(number: int) -> int:
    """Return a number as it is sent; the server finds it whatever number type it is kept as."""
    return number if abs(number) < 1 << 31 else Int64(number)


def _shown(schema: MongodbSchema, value: Any) -> Key | None:
    match value:
        case bool():
            return None
        case int():
            return int(value)
        case float():
            return _whole(value)
        case str():
            return value if type(value) is str and is_unicode(value) else None
        case ObjectId():
            return str(value)
        case Binary():
            return uuid_of(value, schema.uuids)
    return None


def _whole(value: float) -> int | None:
    return int(value) if value.is_integer() and abs(value) <= EXACT else None
