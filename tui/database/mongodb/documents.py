"""Documents made into records, with the columns that a document brings along."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from tui.database.mongodb import keys
from tui.database.mongodb.described import column_of
from tui.database.mongodb.table_schema import MongodbSchema
from tui.database.mongodb.values import NESTED, PLAIN, BsonValues, named
from tui.models import Record, Scalar
from tui.models.columns import Kind
from tui.models.scalars import Nested, StandIn

NAN: Final = "NaN"
"""How a number is shown that is not even equal to itself."""
MOST_COLUMNS: Final = 500
"""Where each document has names of its own, not all of them become columns."""


class Documents:
    """Makes records, and knows the columns that the documents so far had."""

    def __init__(self, schema: MongodbSchema) -> None:
        """Begin with the columns that are known."""
        self.schema = schema
        """The collection as the latest document left it."""
        self.values = BsonValues(schema.uuids)
        self._known = schema.column_set
        self._nested = schema.nested_columns
        self._key: type[int] | type[str] = int if schema.id_is_integer else str
        """What keys are where they are as they are shown."""

    def record(self, document: Mapping[str, Any], *, lenient: bool = False) -> Record:
        """Return a document as a record; a name that it alone has becomes a column.

        A column in which a document or an array is found holds nested values from then on.
        `lenient` looks whether each text is Unicode.
        """
        document = named(document) if lenient else document
        is_known = document.keys() <= self._known or self._extend(document)
        get = document.get
        record: dict[str, Scalar] = {name: get(name) for name in self.schema.columns}
        if not is_known:
            record |= document
        self._make_scalars(record, lenient=lenient)
        return record

    def part(
        self, document: Mapping[str, Any], names: Sequence[str], *, lenient: bool = False
    ) -> Record:
        """Return some columns of a document as a record."""
        document = named(document) if lenient else document
        record: dict[str, Scalar] = {name: document.get(name) for name in names}
        self._make_scalars(record, lenient=lenient)
        return record

    def _make_scalars(self, record: dict[str, Any], *, lenient: bool) -> None:
        scalar, nested, key = self.values.scalar, self._nested, self.schema.id_column
        kinds = set(map(type, record.values()))
        if lenient or not kinds <= PLAIN:
            if not kinds.isdisjoint(NESTED):
                self._nest({n for n, value in record.items() if type(value) in NESTED})
                nested = self._nested
            odd = [n for n, value in record.items() if lenient or type(value) not in PLAIN]
            for name in odd:
                if name != key and name not in nested:
                    record[name] = scalar(record[name])
        for name in nested:
            if name in record:
                record[name] = self.values.nested(record[name])
        if key in record and (lenient or type(record[key]) is not self._key):
            found = keys.shown(self.schema, record[key])
            record[key] = scalar(record[key]) if found is None else found

    def _extend(self, document: Mapping[str, Any]) -> bool:
        """Let the fields be columns that are none yet; tell whether there was room for all."""
        schema = self.schema
        room = max(0, MOST_COLUMNS - len(schema.columns))
        added = [name for name in document if name not in self._known][:room]
        if not added:
            return False
        described = {name: column_of(name, [document[name]], self.values) for name in added}
        self._set(
            replace(
                schema,
                columns=(*schema.columns, *added),
                described={**schema.described, **described},
            )
        )
        return document.keys() <= self._known

    def _nest(self, names: set[str]) -> None:
        """Let columns hold nested values, but for the key."""
        added = (names & self._known) - self._nested - {self.schema.id_column}
        if not added:
            return
        columns = {
            name: replace(self.schema.column(name), kind=Kind.JSON, nested=True)
            for name in added
        }
        self._set(replace(self.schema, described={**self.schema.described, **columns}))

    def _set(self, schema: MongodbSchema) -> None:
        self.schema = schema
        self._known = schema.column_set
        self._nested = schema.nested_columns


def is_as(record: Record, expected: Mapping[str, Scalar]) -> bool:
    """Tell whether a record has all the values that are expected of it."""
    return all(_is_same(record.get(name), value) for name, value in expected.items())


def _is_same(value: Scalar, shown: Scalar) -> bool:
    if isinstance(value, Nested) and not isinstance(shown, Nested) and shown is not None:
        # The column may have come to hold nested values since it was shown.
        return str(value) in {shown, json.dumps(shown, ensure_ascii=False)}
    if isinstance(value, StandIn) is not isinstance(shown, StandIn):
        return False
    return value == shown or (str(value) == NAN == str(shown) and isinstance(value, StandIn))
