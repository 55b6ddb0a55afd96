"""A copy beside its row."""

import json
import math

import pytest

from tui.audit.comparison import Comparison, Finding, compare
from tui.audit.reading import CopyReader
from tui.models import Cached, Key, Record, Scalar, TableSchema
from tui.models.scalars import StandIn, Unread, mark_of

SCHEMA = TableSchema("users", "id", True, ("id", "name", "credit"))
ROW: Record = {"id": 1, "name": "Amara", "credit": 2.5}


def compared(
    payload: bytes | None, row: Record | None = ROW, left: float | None = 30.0
) -> Comparison:
    """Compare a string with a row."""
    return beside(Cached(payload, left), row)


def beside(
    cached: Cached, row: Record | None, id: Key = 1, schema: TableSchema = SCHEMA
) -> Comparison:
    """Compare what is cached with a row."""
    return compare(id, f"user:{id}", cached, CopyReader().read(cached, schema), row, schema)


def test_only_what_both_have_is_compared() -> None:
    """A copy with fewer and with other columns is the same; the rest is listed."""
    found = compared(b'{"id":1,"name":"Amara","tags":["a"]}')
    assert found.finding is Finding.SAME
    assert (found.cache_only, found.database_only) == (("tags",), ("credit",))
    assert found.cached == {"id": 1, "name": "Amara", "tags": '["a"]'}


def test_an_absence_is_right_beside_a_key_that_is_spelled_otherwise() -> None:
    """A lookup of `ada` finds no `Ada`, whatever the column takes for the same."""
    schema = TableSchema("people", "id", False, ("id",))
    absent = Cached(b"null", 9.0)
    findings = [beside(absent, {"id": "Ada"}, id, schema).finding for id in ("ada", "Ada")]
    assert findings == [Finding.SAME, Finding.WRONGLY_ABSENT]


def test_without_a_row_nothing_is_in_the_database_only() -> None:
    """Of an orphan only what is cached beside the table's columns is listed."""
    found = compared(b'{"id":1,"tags":["a"]}', None)
    assert (found.cache_only, found.database_only) == (("tags",), ())


def test_columns_that_differ_are_named_in_the_tables_order() -> None:
    """A number, a text, a missing value."""
    found = compared(b'{"credit":3,"name":null,"id":1}')
    assert (found.finding, found.differs) == (Finding.DIFFERS, ("name", "credit"))


def test_a_hash_is_read_as_columns() -> None:
    """All its values are texts, which is no difference."""
    cached = Cached(None, 30.0, fields={"id": "1", "name": "Amara", "credit": "2.5"})
    assert beside(cached, ROW).finding is Finding.SAME
    cached = Cached(None, 30.0, fields={"id": "1", "name": "Amara", "credit": "9"})
    assert beside(cached, ROW).differs == ("credit",)


@pytest.mark.parametrize(
    ("payload", "row", "left", "finding"),
    [
        (None, ROW, None, None),
        (b"null", ROW, 5.0, Finding.WRONGLY_ABSENT),
        (b"null", None, 5.0, Finding.SAME),
        (b"null", None, None, Finding.NO_EXPIRY),
        (b'{"id":1}', None, 5.0, Finding.ORPHAN),
        (b'{"id":1}', None, None, Finding.ORPHAN),
        (b'{"id":1}', ROW, None, Finding.NO_EXPIRY),
        (b'{"id":2}', ROW, 5.0, Finding.UNREADABLE),
        (b"[1]", ROW, 5.0, Finding.UNREADABLE),
        (b"", ROW, 5.0, Finding.UNREADABLE),
        (b"{", ROW, 5.0, Finding.UNREADABLE),
        (b"\xff", ROW, 5.0, Finding.UNREADABLE),
        (b"{}", ROW, 5.0, Finding.UNREADABLE),
        (b'{"a":1}', None, 5.0, Finding.UNREADABLE),
    ],
)
def test_each_copy_has_its_name(
    payload: bytes | None, row: Record | None, left: float | None, finding: Finding | None
) -> None:
    """What is cached, what is stored, whether it expires: one word for it."""
    assert compared(payload, row, left).finding is finding


def test_what_is_neither_string_nor_hash_is_unreadable() -> None:
    """A list under the key is no record, and the finding says so."""
    found = beside(Cached(None, 5.0, wrong_type=True), ROW)
    assert found.finding is Finding.UNREADABLE
    assert found.reason is not None


UNTOLD = [
    (StandIn("<BLOB, 2 bytes>", mark_of("blob", b"\0\1")), "<BLOB, 2 bytes>"),
    (StandIn("<BLOB, 2 bytes>", mark_of("blob", b"\0\1")), "<BLOB, 3 bytes>"),
    (StandIn("a\ufffd", mark_of("text", b"a\xe9")), "a\ufffd"),
    (StandIn("a\ufffd", mark_of("text", b"a\xe9")), "abcd"),
    (StandIn("inf", math.inf), None),
    (StandIn("inf", math.inf), 1e308),
    (Unread("<TEXT, 30 MB>", b"mark"), "a"),
]
"""What a row holds that JSON cannot, and a copy that may or may not be that."""


@pytest.mark.parametrize(("stored", "cached"), UNTOLD)
def test_what_cannot_be_told_is_not_compared(cached: Scalar, stored: StandIn) -> None:
    """Such a column is listed, and neither called drift nor the same."""
    payload = json.dumps({"id": 1, "name": "Amara", "credit": cached}).encode()
    found = compared(payload, {**ROW, "credit": stored})
    assert (found.finding, found.differs) == (Finding.SAME, ())
    assert found.not_compared == ("credit",)
    assert found.to_json()["not_compared"] == ["credit"]
    payload = json.dumps({"id": 1, "name": "Ada", "credit": cached}).encode()
    assert compared(payload, {**ROW, "credit": stored}).differs == ("name",)


def test_bytes_that_have_gone_are_a_difference() -> None:
    """Where the row holds what can be compared now, it is."""
    payload = b'{"id":1,"credit":"<BLOB, 2 bytes>"}'
    assert compared(payload, {**ROW, "credit": None}).differs == ("credit",)


def test_json_that_a_column_holds_may_be_cached_parsed() -> None:
    """As an object, as a text, in a hash; but never as another object."""
    row = {**ROW, "name": '{"b": [1, true], "a": "é"}'}
    for cached in ({"a": "é", "b": [1.0, True]}, '{"a":"\\u00e9","b":[1,true]}'):
        payload = json.dumps({"id": 1, "name": cached}).encode()
        assert compared(payload, row).finding is Finding.SAME
    others: tuple[object, ...] = ({"a": "é", "b": [1, 1]}, {"a": "é"}, [], '{"a":"é"}', "{")
    for other in others:
        payload = json.dumps({"id": 1, "name": other}).encode()
        assert compared(payload, row).differs == ("name",)


def test_json_that_no_record_holds_can_still_be_shown() -> None:
    """Half a surrogate pair and an infinity are spelled so that they can be printed."""
    found = compared(rb'{"id":1,"name":"\ud800","credit":1e999}')
    assert found.cached is not None
    assert found.cached["credit"] == "Infinity"
    str(found.cached["name"]).encode()
