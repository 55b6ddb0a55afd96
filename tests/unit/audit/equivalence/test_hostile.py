"""Whatever a copy or a row holds, a comparison ends, and ends as it says."""

import json
import math
from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.audit.equivalence import NotCompared, same
from tui.audit.extent import TooManyValues
from tui.models.columns import Column, Kind
from tui.models.scalars import Nested, StandIn, mark_of

ODD = [
    0, -1, 2**63, 10**400, -(10**25), 1e308, -0.0, 1e-300, True, None, "", "1e9999", "1e-9999",
    "1e10001", "9" * 401, "NaN", "Infinity", "2019-05-06", "2019-05-06 07:08:09.1+02:00", "P",
    "PT1e9S", "-P", "1:2", "[1,2)", "{1,2}", "{a,", '{"a', "(1,2)", "\ud800", "\x00", "\u00bd",
    "\u0661\u0662", "\uff11", "../../etc/passwd", "2019-05-06 07:08[../../etc]", "====",
    "-" * 30,
    "/Date(9999999999999999)/", "24:00:00", "0000-00-00", "999999-12-31T23:59:59Z", "[[[[",
    "{{{{",
    '["a.b.C",1]', '["a.b.C"', '{"$date":1e999}', "[1e999]", "b'\\x0'", "01/02/2019", "1..2",
    "1 day -99:99:99", "10.0.0.1/999", "b'101'", "0b2", "\\x", "\\xg", "+", "1.", "e5", "x'",
]  # fmt: skip
WORDS = (
    "$date $numberLong $binary base64 $uuid date time timezone timezone_type seconds nanos"
    " Valid Time String year month day hour Ticks y m d h i s f invert lower upper bounds x"
    " type data coordinates value inclusive IP Mask $type $value $values __type__ __value__"
    " DateTime OffsetMinutes 0 1 empty UpperType days months Point"
)
NAMES = st.sampled_from([*WORDS.split(), "", "\ud800"])
VALUES: Any = st.recursive(
    st.sampled_from(ODD) | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(NAMES, inner, max_size=9),
    max_leaves=12,
)
ZONES = st.sampled_from([None, ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Apia")])


def scalar(value: Any) -> Any:
    """Give a value as a reader of copies does."""
    return Nested(json.dumps(value)) if isinstance(value, dict | list) else value


def stored(value: Any) -> Any:
    """Give a value as an adapter does, and what JSON has no word for as what stands for it."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, float) and not math.isfinite(value):
        return StandIn(str(value), value)
    return value


@given(VALUES, VALUES, st.booleans(), st.booleans(), ZONES)
@settings(max_examples=300)
def test_nothing_is_raised_but_that_it_cannot_be_told(
    value: Any, row: Any, texts: bool, as_bytes: bool, zone: Any
) -> None:
    """And a value is always the same as the very value, whatever the kind of its column."""
    other = stored(row)
    if as_bytes:
        content = str(other).encode("utf-8", "replace")
        other = StandIn(f"<BLOB, {len(content)} bytes>", mark_of("blob", content))
    for kind in Kind:
        column = Column("it", kind, "text[]" if texts else "", float_bytes=4 if texts else 8)
        with suppress(NotCompared, TooManyValues):
            told = same(scalar(value), other, column, texts=texts, zone=zone)
            assert told in {True, False}, kind
        if not isinstance(stored(value), StandIn):
            assert same(stored(value), stored(value), column, texts=texts, zone=zone) is True


LONG = 1 << 20
ENORMOUS = {
    "digits": "9" * LONG, "spaces": " " * LONG, "hex and no more": "ab" * LONG + "g",
    "base64 and no more": "QUJD" * LONG + "!", "brackets": "[" * LONG, "braces": "{" * LONG,
    "quotes": '"' * LONG, "backslashes": "\\" * LONG, "an open text": '{"' + "\\a" * LONG,
    "a literal": "b'" + "\\x41" * LONG + "'", "ends": "[" + "," * LONG,
    "intervals": "P" + "1Y" * LONG,
    "money": "1" + ",000" * LONG, "a class": '["' + "a." * LONG + '",1]',
    "points": "(1" + " " * LONG,
    "a wrapped text": '{"String": "' + "x" * LONG + '", "Valid": true}', "signs": "-" * LONG,
    "half a pair": "\ud800" * LONG,
}  # fmt: skip
ROWS: dict[Kind, Any] = {
    Kind.INTEGER: 5, Kind.DECIMAL: "10.5", Kind.FLOAT: 1.5, Kind.BOOLEAN: 1, Kind.TIME: "03:04",
    Kind.MOMENT: "2019-05-06 07:08:09", Kind.DATE: "2019-05-06", Kind.INTERVAL: "1 day",
    Kind.UUID: "c0ffee00-1dea-4b1d-9d00-0123456789ab", Kind.NETWORK: "10.0.0.1",
    Kind.BIT: "101",
    Kind.RANGE: "[1,2)", Kind.GEOMETRY: "(1,2)", Kind.ARRAY: "{1,2}", Kind.JSON: '{"a": 1}',
    Kind.TEXT: "x", Kind.ENUM: "x", Kind.UNKNOWN: "x",
    Kind.BYTES: StandIn("<BLOB, 2 bytes>", mark_of("blob", b"ab")),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("what", ENORMOUS)
def test_an_enormous_text_is_never_the_row(kind: Kind, what: str) -> None:
    """It differs, or it cannot be told; and no pattern tries all ways to read it."""
    for texts in (False, True):
        try:
            told = same(ENORMOUS[what], ROWS[kind], Column("it", kind), texts=texts)
        except (NotCompared, TooManyValues):
            continue
        assert told is False


@pytest.mark.parametrize("kind", list(Kind))
def test_an_enormous_value_is_the_very_value(kind: Kind) -> None:
    """Whatever its kind is meant to be."""
    for text in ENORMOUS.values():
        assert same(text, text, Column("it", kind)) is True
