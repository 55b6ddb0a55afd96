"""A collection as a table: what every table has, and what only MongoDB says of one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from tui.database.mongodb.uuids import Order
from tui.models import TableSchema

ID = "_id"
"""The field that each document is known by, and that MongoDB itself keeps unique."""


class KeyType(StrEnum):
    """What a key can be kept as."""

    NUMBER = "number"
    TEXT = "string"
    OBJECT_ID = "objectId"
    UUID = "uuid"
    OLD_UUID = "uuid of the old subtype 3"


class PrefixIndex(Struct, frozen=True):
    """An index that finds texts by their beginning."""

    name: str
    collation: Mapping[str, Any] | None = None
    """How it compares, where case makes no difference to it; None: byte by byte."""


class MongodbSchema(TableSchema, frozen=True, dict=True):
    """The explored collection, as far as its documents tell."""

    key_types: tuple[KeyType, ...] = (KeyType.OBJECT_ID, KeyType.TEXT)
    """What its keys are kept as, the most frequent first."""
    odd_keys: tuple[str, ...] = ()
    """What else some of them are, in words: those documents cannot be looked up."""
    uuids: Order = Order.UNKNOWN
    """In what order the bytes of old uuids stand."""
    is_collated: bool = False
    """Whether texts are compared in an order of the collection's own."""
    prefixes: Mapping[str, PrefixIndex] = field(default_factory=dict)
    """For columns that are searched, the index that finds beginnings."""
    has_validator: bool = False
    """Whether the collection says itself what its documents hold."""
    is_series: bool = False
    """Whether it is a time series, whose documents cannot be changed one by one."""


PLAIN = MongodbSchema("", ID, False, (ID,))


def as_mongodb(schema: TableSchema) -> MongodbSchema:
    """Return what only MongoDB says of a table: of one that came from elsewhere, the usual."""
    return schema if isinstance(schema, MongodbSchema) else PLAIN


def is_odd(name: str) -> bool:
    """Tell whether a field's name means something else in a query, where it is a path."""
    return not name or name[0] == "$" or "." in name or "\0" in name
