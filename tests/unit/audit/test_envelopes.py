"""What libraries put around a record, seen through to the record."""

import json
from typing import Any

import pytest

from tui.audit.envelopes import DEEPEST, record_in
from tui.audit.extent import TooManyValues
from tui.audit.fields import Naming
from tui.models import TableSchema

USERS = TableSchema("users", "id", True, ("id", "name", "created_at"))
ENTRIES = TableSchema("entries", "id", True, ("id", "value", "data", "expires", "created_at"))
RECORD = {"id": 7, "name": "Amara"}


def inside(value: Any, schema: TableSchema = USERS, **given: str) -> Any:
    """Give what is taken for the record."""
    return record_in(value, Naming(given), schema)


@pytest.mark.parametrize("value", [
    {"value": RECORD, "expires": 1_900_000_000_000}, {"v": RECORD}, {"data": RECORD, "ttl": 60},
    ["com.example.User", RECORD], ["App\\Models\\User", RECORD],
    {"value": json.dumps(RECORD), "expires": None}, {"payload": RECORD, "anything": "else"},
    {"absexp": "-1", "sldexp": "-1", "data": json.dumps(RECORD)}, {"Value": RECORD,
     "@type": "x"},
    {"value": ["com.example.User", RECORD]}, {"createdAt": 5, "item": RECORD},
    {"value": {"name": "Amara"}, "expires": 5},
    {"result": {"data": {"doc": RECORD}}}, {"value": {"value": RECORD, "e": 1}, "e": 2},
])  # fmt: skip
def test_the_record_is_found_in_its_envelopes(value: Any) -> None:
    """Those of Keyv, Spring, Laravel and ASP.NET, and one in another."""
    found = inside(value)
    assert found in (RECORD, {"name": "Amara"})


@pytest.mark.parametrize("value", [
    RECORD, {**RECORD, "value": {"id": 8}}, {"@class": "com.example.User", **RECORD},
    {"id": 7, "data": json.dumps({"id": 8, "name": "Bo"})}, {"Id": 7, "value": {"id": 8}},
    {"_id": 7, "value": {"id": 8}},
])  # fmt: skip
def test_what_has_the_key_is_the_record_itself(value: Any) -> None:
    """Whatever lies in it besides."""
    assert inside(value) is value


@pytest.mark.parametrize("value", [
    {"value": 5, "expires": 6}, {"value": {"x": 1}, "expires": 6}, {"other": RECORD}, [RECORD],
    {"value": "{no JSON"}, {"value": "Amara", "v": [1, 2]}, {"name": "A",
     "value": {"name": "B"}},
    ["no class", RECORD], ["com.example.User", [1]], ["com.example.User", RECORD, 1], "text", 5,
    None, {}, {"value": None, "anything": "else"}, {"value": [RECORD]},
])  # fmt: skip
def test_what_only_looks_like_an_envelope_stays_as_it_is(value: Any) -> None:
    """Where nothing in it fits the table, or the table's own columns lie around it."""
    assert inside(value) is value


@pytest.mark.parametrize("value", [
    {"id": 1, "value": {"id": 2}, "expires": 5}, {"id": 1, "value": None, "expires": 5},
    {"id": 1, "data": '{"id": 2, "value": 3}'}, {"value": {"x": 1}, "expires": 5},
    {"value": None, "expires": 5}, {"data": None, "created_at": 5}, {"value": 1, "data": "[2]"},
    {"value": "null", "expires": 5},
])  # fmt: skip
def test_a_table_may_itself_have_columns_that_are_called_so(value: Any) -> None:
    """Then the row is the record, with or without its key."""
    assert inside(value, ENTRIES) is value


def test_an_envelope_around_such_a_row_is_seen_through_all_the_same() -> None:
    """What lies in it has the key; the whole has none."""
    row = {"id": 1, "value": {"id": 2}, "data": "x", "expires": 5}
    assert inside({"value": row, "expires": 6}, ENTRIES) == row
    assert inside({"absexp": "1", "sldexp": "-1", "data": json.dumps(row)}, ENTRIES) == row


@pytest.mark.parametrize("value", [
    {"value": None, "expires": 5}, {"v": None, "e": 5}, {"data": None, "createdAt": 5},
    {"value": {"value": None, "expires": 5}, "expires": 6},
    {"absexp": "-1", "sldexp": "-1", "data": "null"},
])  # fmt: skip
def test_null_in_an_envelope_is_that_there_is_no_record(value: Any) -> None:
    """In an envelope in an envelope, too."""
    assert inside(value) is None


def test_a_field_that_somebody_mapped_makes_the_whole_the_record() -> None:
    """It is the key then."""
    value = {"number": 7, "value": {"id": 8}}
    assert inside(value, number="id") is value
    assert inside(value) == {"id": 8}


def test_so_many_envelopes_and_no_more() -> None:
    """And whoever nests a thousand of them costs nobody anything."""
    value: Any = RECORD
    for _ in range(DEEPEST):
        value = {"value": value}
    assert inside(value) == RECORD
    deep: Any = {"value": {"value": value}}
    assert inside(deep) is deep
    for _ in range(5000):
        deep = {"value": deep, "data": 1}
    assert inside(deep) is deep


def test_what_nobody_would_wait_for_is_said_to_be_too_large() -> None:
    """It is JSON in a text, of which the whole has only one value."""
    with pytest.raises(TooManyValues):
        inside({"value": "[" + "1," * 200_000 + "1]"})
    wide: Any = {f"field {number}": 1 for number in range(50_000)}
    assert inside({**wide, "value": RECORD})["value"] is RECORD


@pytest.mark.parametrize("value", [
    {"value": None, "data": RECORD}, {"data": {"name": "Amara"}, "payload": RECORD},
])  # fmt: skip
def test_a_record_counts_for_more_than_what_stands_before_it(value: Any) -> None:
    """A null in one field, or what has no key, does not hide the record in another."""
    assert inside(value) == RECORD


def test_null_alone_in_an_envelope_is_an_absence() -> None:
    """Also where nothing else lies in it."""
    assert inside({"v": None}) is None
