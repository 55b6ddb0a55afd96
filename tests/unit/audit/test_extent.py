"""How much of a cached copy is taken apart."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.audit import extent
from tui.audit.comparison import Comparison, Finding, compare
from tui.audit.extent import MOST_VALUES, TooManyValues, UnreadablePayload, check_extent
from tui.audit.formats import json_value, record_of
from tui.audit.reading import CopyReader
from tui.models import MOST_FIELDS, Cached, Record, TableSchema

SCHEMA = TableSchema("users", "id", True, ("id", "name"))
ROW: Record = {"id": 1, "name": "Amara"}
MANY = MOST_VALUES + 1
ORDINARY = [
    pytest.param({"text": "a, b: [c] {d} " * MANY}, id="punctuation in a text"),
    pytest.param({"text": '"a",' * MANY}, id="quotes in a text"),
    pytest.param({"text": '\\",' * MANY}, id="backslashes before quotes in a text"),
    pytest.param({"text": "\\" * 3 * MANY, "more": [1, 2]}, id="backslashes in a text"),
    pytest.param({"numbers": [123] * (MOST_VALUES // 2)}, id="many numbers"),
]
LONG = {
    "fields": b"{" + b",".join(b'"%d":1' % number for number in range(MANY)) + b"}",
    "numbers": b'{"a":[' + b"1," * MANY + b"1]}",
    "texts": b'{"a":["' + b'","'.join([b"x"] * 4 * MANY) + b'"]}',
    "objects": b'{"a":' * MANY + b"1" + b"}" * MANY,
    "brackets": b'{"a":' + b"[" * 3 * MANY + b"]" * 3 * MANY + b"}",
}


def beside(payload: bytes, row: Record) -> Comparison:
    """Compare a copy with a row."""
    cached = Cached(payload, 5.0)
    return compare(1, "user:1", cached, CopyReader().read(cached, SCHEMA), row, SCHEMA)


@pytest.mark.parametrize("record", ORDINARY)
def test_a_long_text_is_one_value(record: dict[str, object]) -> None:
    """What stands in a text does not count, whatever it looks like."""
    payload = json.dumps(record).encode()
    assert len(payload) > 2 * MOST_VALUES
    assert (record_of(json_value(payload)) or {}).keys() == record.keys()


@pytest.mark.parametrize("payload", LONG.values(), ids=LONG)
def test_a_copy_of_too_many_values_is_not_compared(payload: bytes) -> None:
    """It is not called drift, and the reason is said."""
    found = beside(payload, ROW)
    assert found.finding is Finding.NOT_COMPARED
    assert found.reason == "it has more than 100,000 values"


def test_a_copy_of_too_many_fields_is_not_compared() -> None:
    """No table has so many columns, and no screen shows them."""
    payload = json.dumps(dict.fromkeys(map(str, range(MOST_FIELDS + 1)), 1)).encode()
    found = beside(payload, ROW)
    assert found.finding is Finding.NOT_COMPARED
    assert found.reason == "it has 2,001 fields: more than 2,000"


@pytest.mark.parametrize("payload", [b"[" * (1 << 21), b" [" + b"1," * (1 << 20) + b"1]"])
def test_a_long_list_is_no_record(payload: bytes) -> None:
    """That is said without parsing it."""
    with pytest.raises(UnreadablePayload, match="no JSON object"):
        record_of(json_value(payload))


def test_a_column_of_too_many_values_is_not_compared() -> None:
    """Two JSON texts that are spelled differently may mean the same: nobody can tell."""
    stored = json.dumps([1] * MANY)
    payload = json.dumps({"id": 1, "name": stored.replace(" ", "")}).encode()
    found = beside(payload, {**ROW, "name": stored})
    assert (found.finding, found.not_compared) == (Finding.SAME, ("name",))
    assert found.reason == "it has more than 100,000 values: name"


@given(
    st.recursive(
        st.none() | st.integers() | st.text('a"\\,:[]{}'),
        lambda inner: st.lists(inner) | st.dictionaries(st.text('a"\\,:'), inner),
    )
)
def test_values_and_names_are_counted_exactly(value: object) -> None:
    """As many as Python finds, however hostile the texts between them."""
    text = json.dumps(value := [value]).encode()
    with pytest.MonkeyPatch.context() as patch:
        for most, few in ((_marks_of(value), True), (_marks_of(value) - 1, False)):
            patch.setattr(extent, "MOST_VALUES", most)
            try:
                check_extent(text)
            except TooManyValues:
                assert not few
            else:
                assert few or len(text) <= 2 * most


def _marks_of(value: object) -> int:
    """Count a mark for each bracket, for each comma and for each colon."""
    match value:
        case list():
            return 1 + max(0, len(value) - 1) + sum(map(_marks_of, value))
        case dict():
            inner = sum(map(_marks_of, value.values()))
            return 1 + max(0, len(value) - 1) + len(value) + inner
    return 0
