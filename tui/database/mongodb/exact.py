"""Conditions that hold only while a document is to the letter as it was read.

In a query, a number is the same as another of another type, an array as one of its elements,
null as nothing, and in some collections `A` as `a`. Expressions of aggregation tell these
apart. Source: MongoDB manual, 'Comparison/Sort Order', '$expr', '$type (aggregation)'.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from bson.raw_bson import RawBSONDocument

from tui.database.mongodb.described import NAMES
from tui.database.mongodb.table_schema import is_odd
from tui.runtime.plain_text import is_unicode

OLD_NAMES: Final = {
    "string": ["string", "symbol"],
    "object": ["object", "dbPointer"],
    "javascript": ["javascript", "javascriptWithScope"],
}
"""The types of which the driver gives the same, by the name of the usual one."""


def path_of(name: str) -> Any:
    """Return the expression for a field of the document, whatever its name."""
    if not is_odd(name):
        return f"${name}"
    return {"$getField": {"field": {"$literal": name}, "input": "$$ROOT"}}


def is_as_read(
    document: Mapping[str, Any], names: Iterable[str], *, collated: bool
) -> list[Any]:
    """Return the conditions that these fields hold what they hold in `document`."""
    return [
        condition
        for name in names
        for condition in _is_exactly(path_of(name), document.get(name), collated=collated)
    ]


def is_text(path: Any, text: str) -> Any:
    """Return the condition that a field is that text byte by byte, whatever the collation."""
    same = [
        {"$eq": [{"$strLenBytes": path}, len(text.encode())]},
        {"$eq": [{"$indexOfBytes": [path, {"$literal": text}]}, 0]},
    ]
    return {"$cond": [{"$eq": [{"$type": path}, "string"]}, {"$and": same}, False]}


def _is_exactly(path: Any, value: Any, *, collated: bool) -> list[Any]:
    if value is None:
        return [{"$eq": [{"$ifNull": [path, None]}, None]}]
    name, literal = NAMES.get(type(value), ""), _literal(value)
    if type(value) is str and collated and is_unicode(value):
        return [is_text(path, value)]
    names = OLD_NAMES.get(name, [name])
    conditions: list[Any] = [
        {"$in": [{"$type": path}, names]}, {"$eq": [path, literal]}
    ]  # fmt: skip
    if name == "decimal":
        # 10.5 is equal to 10.50; the server spells both, since it has rules of its own.
        conditions.append({"$eq": [{"$toString": path}, {"$toString": literal}]})
    return conditions


def _literal(value: Any) -> Any:
    """Return the expression for a value; a text that is no UTF-8 is encoded by hand."""
    if type(value) is not str or is_unicode(value):
        return {"$literal": value}
    text = value.encode("utf-8", "surrogateescape") + b"\0"
    element = b"\x02$literal\0" + len(text).to_bytes(4, "little") + text + b"\0"
    return RawBSONDocument((len(element) + 4).to_bytes(4, "little") + element)
