"""What the keys of a collection are kept as, and which of them nobody could type."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bson.binary import OLD_UUID_SUBTYPE, Binary
from pymongo.errors import OperationFailure

from tui.database.mongodb.client import Document
from tui.database.mongodb.described import type_name
from tui.database.mongodb.failures import TOO_LATE
from tui.database.mongodb.keys import type_of
from tui.database.mongodb.table_schema import ID, PLAIN, KeyType
from tui.database.mongodb.uuids import Order
from tui.database.mongodb.values import BsonValues
from tui.models.columns import Column
from tui.runtime.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from pymongo.collection import Collection

BSON_TYPES: Final = (
    "number", "string", "object", "array", "binData", "objectId", "bool", "date", "timestamp",
    "regex",
)  # fmt: skip
"""What an `_id` can be, in the order in which its index has them."""
ASKED_MS: Final = 1_000


def key_types(
    collection: "Collection[Document]",
    key: str,
    documents: Sequence[Document],
    column: Column,
    *,
    ordered: bool,
) -> tuple[tuple[KeyType, ...], tuple[str, ...]]:
    """Return what keys are kept as, the most frequent first; and what else some of them are.

    The first and the last `_id` tell whether there are several types: its index has the types
    one behind the other.
    """
    held = [document.get(key) for document in documents]
    if key == ID and ordered and held:
        ends = {type_name(value, BsonValues()) for value in (held[0], held[-1])}
        if len(ends) > 1:
            held += _one_of_each(collection)
    types: Counter[KeyType] = Counter()
    odd: Counter[str] = Counter()
    for value in held:
        found = type_of(value)
        if found is not None:
            types[found] += 1
        elif value is not None:
            odd[_word(value)] += 1
    if not types and not odd:
        return _declared_types(column), ()
    return tuple(one for one, _ in types.most_common()), tuple(odd)


def _one_of_each(collection: "Collection[Document]") -> list[Any]:
    """Return an `_id` of each type of BSON's that there is."""
    found = []
    for name in BSON_TYPES:
        try:
            one = collection.find_one({ID: {"$type": name}}, {ID: True}, max_time_ms=ASKED_MS)
        except OperationFailure as error:
            if error.code != TOO_LATE:
                raise
            continue
        if one is not None:
            found.append(one[ID])
    return found


def _declared_types(column: Column) -> tuple[KeyType, ...]:
    """Return what keys may be of which there are none yet."""
    named = {
        "int": KeyType.NUMBER, "long": KeyType.NUMBER, "number": KeyType.NUMBER,
        "double": KeyType.NUMBER, "string": KeyType.TEXT, "objectId": KeyType.OBJECT_ID,
        "binData": KeyType.UUID,
    }  # fmt: skip
    found = [named[one] for one in column.declared.split(" | ") if one in named]
    return tuple(dict.fromkeys(found)) or PLAIN.key_types


def check_key(
    table: str, key: str, types: Sequence[KeyType], odd: Sequence[str], order: Order
) -> None:
    """Pass if documents can be looked up by such a key.

    Raises:
        DatabaseUnavailable: they cannot, or not before the order of old uuids is told.
    """
    if KeyType.OLD_UUID in types and order in {Order.UNKNOWN, Order.STANDARD}:
        raise DatabaseUnavailable(
            f"the keys of collection {table!r} are uuids of the old subtype 3, in an order that"
            " depends on who wrote them: say uuidRepresentation=javaLegacy, csharpLegacy or"
            " pythonLegacy in the URL"
        )
    if not types:
        raise DatabaseUnavailable(
            f"collection {table!r} has {', '.join(odd)} as {key}, which cannot be looked up by"
            " a text; name a field with --id-column that has numbers, texts, ObjectIds or uuids"
        )


def _word(value: Any) -> str:
    """Return what a key is that hitmiss cannot look up, in the plural."""
    if isinstance(value, Binary) and value.subtype == OLD_UUID_SUBTYPE:
        return "bytes"
    name = type_name(value, BsonValues())
    return {
        "object": "documents", "array": "arrays", "date": "dates", "bool": "truth values",
        "double": "fractions", "decimal": "decimals", "binData": "bytes",
        "string": "texts that are no UTF-8",
    }.get(name, f"values of type {name}")  # fmt: skip
