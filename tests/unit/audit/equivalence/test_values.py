"""Numbers, uuids, bytes, JSON, arrays and ranges: one in all its spellings, and no other."""

import base64
import json
import math
import struct
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tui.audit.equivalence import same
from tui.audit.extent import TooManyValues
from tui.models.columns import Column, Kind
from tui.models.scalars import Nested, StandIn, mark_of

DECIMALS = st.decimals(-(10**12), 10**12, places=4)
UNICODE = st.text(st.characters(exclude_categories=["Cs"]))
"""Any text that UTF-8 can have."""


def is_same(value: Any, stored: Any, kind: Kind, declared: str = "", size: int = 8) -> bool:
    """Compare as a reader of copies gives it."""
    found = Nested(json.dumps(value)) if isinstance(value, dict | list) else value
    return same(found, stored, Column("it", kind, declared, float_bytes=size))


def amounts(number: Decimal) -> list[Any]:
    """Give a decimal in all its exact spellings."""
    mantissa, exponent = f"{number:E}".split("E")
    return [
        f"{number:f}", f"{number.normalize():f}", f"{number:f}0", f"{number:E}",
        f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}",
        {"$numberDecimal": f"{number:f}"},
        ["java.math.BigDecimal", f"{number:f}"], {"String": f"{number:f}", "Valid": True},
        f"${number:,.4f}".replace("$-", "-$"),
    ]  # fmt: skip


@given(DECIMALS, DECIMALS)
def test_a_decimal_is_the_same_with_each_of_its_digits(number: Decimal, other: Decimal) -> None:
    """As texts; and as the double that is nearest to it."""
    assume(number != other)
    for value in [*amounts(number), float(number)]:
        assert is_same(value, f"{number:f}", Kind.DECIMAL), value
    for value in amounts(other):
        assert not is_same(value, f"{number:f}", Kind.DECIMAL), value
    if float(other) != float(number):
        assert not is_same(float(other), f"{number:f}", Kind.DECIMAL)


@given(st.integers(2**53, 2**63))
def test_a_whole_number_that_a_double_rounded_is_another(number: int) -> None:
    """As JavaScript has it: 9007199254740993 becomes ...992."""
    rounded = int(float(number))
    for near in (rounded, str(rounded), float(number)):
        assert is_same(near, number, Kind.INTEGER) is (rounded == number)
    exactly: list[Any] = [number, str(number), {"$numberLong": str(number)}]
    for value in exactly:
        assert is_same(value, number, Kind.INTEGER)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_the_same_in_all_its_digits(number: float) -> None:
    """In its shortest spelling or in all of them; the next float is another."""
    for value in (number, repr(number), f"{number:.17e}", {"$numberDouble": repr(number)}):
        assert is_same(value, number, Kind.FLOAT)
    other = math.nextafter(number, math.inf)
    assume(math.isfinite(other))
    assert not is_same(other, number, Kind.FLOAT)
    assert not is_same(repr(other), number, Kind.FLOAT)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_of_four_bytes_may_have_been_widened(number: float) -> None:
    """PostgreSQL says 0.1 of it, and drivers 0.10000000149011612; the next is another."""
    bits = struct.unpack("<i", struct.pack("<f", number))[0]
    assume(abs(number) < 3e38)
    short = next(text for n in range(1, 10) if _single(text := f"{number:.{n}g}") == number)
    assert is_same(number, short, Kind.FLOAT, size=4)
    assert is_same(short, short, Kind.FLOAT, size=4)
    (other,) = struct.unpack("<f", struct.pack("<i", bits + 1))
    assert not is_same(other, short, Kind.FLOAT, size=4) or other == number


def _single(text: str) -> float:
    return float(struct.unpack("<f", struct.pack("<f", float(text)))[0])


def uuid_spellings(uuid: UUID) -> list[Any]:
    """Give a uuid in all its spellings."""
    text, key = str(uuid), uuid.bytes
    return [
        text, text.upper(), uuid.hex, uuid.hex.upper(), f"{{{text}}}", uuid.urn, list(key),
        base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode().rstrip("="),
        {"type": "Buffer", "data": list(key)}, {"$uuid": text}, f"0x{uuid.hex}",
         f"X'{uuid.hex}'",
        {"$binary": {"base64": base64.b64encode(key).decode(), "subType": "04"}},
        ["java.util.UUID", text], {"$type": "System.Guid, mscorlib", "$value": text},
    ]  # fmt: skip


@given(st.uuids(), st.uuids())
def test_a_uuid_is_the_same_in_all_its_spellings(uuid: UUID, other: UUID) -> None:
    """Beside a row that has a text, or the bytes in either order; another one in none."""
    assume(uuid not in {other, UUID(bytes=other.bytes_le)})
    rows = [str(uuid), uuid.hex.upper(), blob(uuid.bytes), blob(uuid.bytes_le)]
    for row in rows:
        for value in uuid_spellings(uuid)[: 6 if row is rows[3] else None]:
            assert is_same(value, row, Kind.UUID), (value, row)
        for value in uuid_spellings(other):
            assert not is_same(value, row, Kind.UUID), (value, row)


def blob(content: bytes) -> StandIn:
    """Give bytes as an adapter does."""
    return StandIn(f"<BLOB, {len(content)} bytes>", mark_of("blob", content))


def byte_spellings(content: bytes) -> list[Any]:
    """Give bytes in all their spellings."""
    text = base64.b64encode(content).decode()
    return [
        text, text.rstrip("="), base64.urlsafe_b64encode(content).decode(), content.hex(),
        f"\\x{content.hex()}", f"0x{content.hex().upper()}", f"X'{content.hex()}'",
        content.hex("-").upper(), content.hex(":"), list(content),
        base64.encodebytes(content).decode(),
        [byte - 256 if byte > 127 else byte for byte in content], repr(content),
        {"type": "Buffer", "data": list(content)}, {"$binary": {"base64": text,
         "subType": "00"}},
        {"type": "Buffer", "data": f"base64:{text}"}, ["[B", text], {"Bytes": text,
         "Valid": True},
        {str(number): byte for number, byte in enumerate(content)},
    ]  # fmt: skip


@given(st.binary(min_size=3, max_size=300), st.binary(min_size=3, max_size=300))
def test_bytes_are_the_same_by_their_content(content: bytes, other: bytes) -> None:
    """However they are spelled; and other bytes in none of these spellings."""
    assume(content != other)
    readings = {spelled(value) for value in byte_spellings(other)}
    for value in byte_spellings(content):
        assert is_same(value, blob(content), Kind.BYTES), value
    for value in byte_spellings(other):
        if content not in readings:
            assert not is_same(value, blob(content), Kind.BYTES), value


def spelled(value: Any) -> bytes | None:
    """Give what the text of a spelling would be as bytes: it may be the other content."""
    return value.encode() if isinstance(value, str) else None


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | UNICODE | st.floats(-1e9, 1e9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(UNICODE, inner, max_size=4),
    max_leaves=12,
)


def told_apart(value: Any) -> Any:
    """Give a value in which true is not 1, and 1.0 is."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, list):
        return [told_apart(one) for one in value]
    if isinstance(value, dict):
        return {name: told_apart(one) for name, one in value.items()}
    return value


def reversed_names(value: Any) -> Any:
    """Give a value with each object in the opposite order, and whole numbers with a point."""
    if isinstance(value, dict):
        return {name: reversed_names(value[name]) for name in reversed(value)}
    if isinstance(value, list):
        return [reversed_names(one) for one in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return float(value)
    return value


@given(JSON, JSON)
def test_json_is_the_same_in_any_order_and_spelling(value: Any, other: Any) -> None:
    """As a value or as a text, with spaces or without; another value in none of these."""
    row = json.dumps(value, indent=1, ensure_ascii=False)
    for copy in (value, reversed_names(value)):
        assert is_same(copy, row, Kind.JSON), copy
        assert same(json.dumps(copy), row, Column("it", Kind.JSON))
    if told_apart(other) != told_apart(value) and not isinstance(other, str):
        assert not is_same(other, row, Kind.JSON)
        assert not same(json.dumps(other), row, Column("it", Kind.JSON))


@pytest.mark.parametrize(("stored", "value"), [
    ("null", None), ('"abc"', "abc"), ("12.0", 12), ("true", True), ("{}", {}), ("[]", []),
    ("1e23", 10**23), ('{"a": 1.0e23}', {"a": 1e23}), ('{"a": 1e400}', '{"a":1e400}'),
    ('{"a": {"b": [1]}}', base64.b64encode(b'{"a":{"b":[1]}}').decode()),
    ('{"Valid": false, "x": 1}', {"x": 1, "Valid": False}), ('{"$numberLong": "1"}',
     {"$numberLong": "1"}),
])  # fmt: skip
def test_json_may_be_a_scalar_or_the_bytes_of_its_text(stored: str, value: Any) -> None:
    """Or look as if something were put around it."""
    assert is_same(value, stored, Kind.JSON)


@pytest.mark.parametrize(("stored", "value"), [
    ("null", ""), ('"abc"', "abd"), ("12", "13"), ("true", 1), ("1", True), ("{}", []),
    ('{"a": 9007199254740993}', {"a": 9007199254740992}), ('{"a": 1}', '{"a":1,"a":1}'),
    ('{"a": 1}', base64.b64encode(b'{"a":2}').decode()), ('"12"', 12), ("[1]", [[1]]),
    ("1e400", "1e401"), ('{"Valid": false, "x": 1}', {"x": 2, "Valid": False}), ("1", '"1"'),
])  # fmt: skip
def test_other_json_is_told_apart(stored: str, value: Any) -> None:
    """Where numbers are rounded, names stand twice, or a text is a number."""
    assert not is_same(value, stored, Kind.JSON)


ELEMENTS = st.none() | UNICODE.filter(lambda text: "\0" not in text)
ARRAYS = st.lists(ELEMENTS, max_size=5) | st.lists(
    st.lists(ELEMENTS, min_size=2, max_size=2), min_size=1, max_size=3
)


def literal(array: Any) -> str:
    """Give an array as PostgreSQL does, each text in quotes."""
    if array is None:
        return "NULL"
    if isinstance(array, list):
        return "{" + ",".join(map(literal, array)) + "}"
    return '"' + str(array).replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(ARRAYS, ARRAYS)
def test_an_array_of_texts_is_the_same_element_by_element(array: Any, other: Any) -> None:
    """As JSON or as PostgreSQL spells it, in braces, with quotes, with nothing in it."""
    rows = [literal(array), json.dumps(array)]
    for row in rows:
        for value in (array, literal(array)):
            assert is_same(value, row, Kind.ARRAY, "text[]"), (value, row)
        if other != array:
            for value in (other, literal(other)):
                assert not is_same(value, row, Kind.ARRAY, "text[]"), (value, row)


@pytest.mark.parametrize(("stored", "declared", "values", "others"), [
    ("{4,5,NULL}", "int4[]", [[4, 5, None], ["4", "5", None], "[4,5,null]"],
     [[4, 5], [5, 4, None], [4, 5, 0], [4, 5, "NULL"], None, "", {"a": 4}, 5, "{4,5",
      "{4,,5}"]),
    ("[2:3]={4,5}", "int4[]", [[4, 5], "{4,5}"], [[2, 3], [4, 6]]),
    ("{t,f}", "bool[]", [[True, False], "[true,false]"], [[False, True], [True]]),
    ("[true, false]", "bool[]", ["{t,f}", [True, False]], ["{f,t}"]),
    ("{4.50}", "numeric[]", [[4.5], ["4.5"]], [[4.51]]),
    ('["4.50"]', "text[]", [["4.50"], '{"4.50"}'], [["4.5"], ["4.500"]]),
    ('{"2019-05-06 07:08:09+00"}', "timestamptz[]", [["2019-05-06T09:08:09+02:00"]],
     [["2019-05-06T07:08:09+02:00"]]),
    ("{}", "text[]", [[], "[]", {"$id": "1", "$values": []}], [[None], None, ""]),
    ('{"a","{b}"}', "text[]", [["a", "{b}"], ["java.util.ArrayList", ["a", "{b}"]],
     {"$type": "x", "$values": ["a", "{b}"]}], [["a", "b"], [["a"], ["b"]]]),
    ('{"NULL",NULL}', "text[]", [["NULL", None]], [[None, "NULL"], ["NULL", "NULL"]]),
    ('{"{\\"a\\": 1}"}', "jsonb[]", [[{"a": 1}], ['{"a":1}']], [[{"a": 2}]]),
])  # fmt: skip
def test_arrays_of_other_values(
    stored: str, declared: str, values: list[Any], others: list[Any]
) -> None:
    """Each element by its own kind; what is no array at all is another value."""
    assert [one for one in values if not is_same(one, stored, Kind.ARRAY, declared)] == []
    assert [one for one in others if is_same(one, stored, Kind.ARRAY, declared)] == []


BOUNDS = st.sampled_from(["[)", "[]", "(]", "()"])


def range_spellings(lower: int, upper: int, bounds: str) -> list[Any]:
    """Give a range of numbers in all its spellings."""
    begin, end = bounds[0], bounds[1]
    ends = begin == "[", end == "]"
    return [
        f"{begin}{lower},{upper}{end}", f'{begin}"{lower}", "{upper}"{end}',
        {"lower": lower, "upper": upper, "bounds": bounds},
        {"begin": str(lower), "end": str(upper), "bounds": bounds},
        [{"value": lower, "inclusive": ends[0]}, {"value": upper, "inclusive": ends[1]}],
        {"lower": lower, "upper": upper, "lower_inclusive": ends[0],
         "upper_inclusive": ends[1]},
        {"Lower": lower, "Upper": upper, "LowerType": ord("i" if ends[0] else "e"),
         "UpperType": ord("i" if ends[1] else "e"), "Valid": True},
        *([f"{lower}..{upper}" if ends[1] else f"{lower}...{upper}"] if ends[0] else []),
    ]  # fmt: skip


ENDS = st.tuples(st.integers(), st.integers(), BOUNDS)


@given(ENDS, ENDS)
def test_a_range_is_the_same_with_its_ends_and_bounds(
    one: tuple[int, int, str], other: tuple[int, int, str]
) -> None:
    """As PostgreSQL, Rails, Sequelize, Go and Elixir spell it."""
    assume(one != other)
    row = range_spellings(*one)[0]
    for value in range_spellings(*one):
        assert is_same(value, row, Kind.RANGE, "numrange"), value
    for value in range_spellings(*other):
        assert not is_same(value, row, Kind.RANGE, "numrange"), value


@pytest.mark.parametrize(("stored", "values", "others"), [
    ("empty", ["EMPTY", {"empty": True}], ["(,)", None, "[1,1]", {"lower": None,
     "upper": None}]),
    ("(,5)", [{"lower": None, "upper": 5, "bounds": "[)"}, "[-infinity,5)"], ["(,6)", "(5,)",
     "(,5]"]),
    ('["2019-05-06 00:00:00+00",)', ['["2019-05-06T02:00:00+02:00",)',
     '["2019-05-06T00:00:00Z",]'],
     ['["2019-05-06T00:00:00+02:00",)', '["2019-05-06T00:00:01Z",)']),
    ("{[1,3),[8,9)}", [["[1,3)", "[8,9)"], "{[1,3), [8,9)}", [{"lower": 1, "upper": 3},
     {"lower": 8, "upper": 9}]], ["{[1,3)}", "{[1,3),[8,10)}", "[1,9)", [{"lower": 1}], "{}"]),
    ("{}", ["{}"], ["empty", "{[1,2)}"]),
    ("[1,5)", [{"lower": 1, "upper": 5}], [{"lower": 1}, {"lower": {"a": 1}, "upper": {}},
     "1", [1]]),
])  # fmt: skip
def test_ranges_without_ends_and_several_of_them(
    stored: str, values: list[Any], others: list[Any]
) -> None:
    """An empty range, one that never ends, and those of a multirange."""
    assert [one for one in values if not is_same(one, stored, Kind.RANGE)] == []
    assert [one for one in others if is_same(one, stored, Kind.RANGE)] == []


def test_an_array_that_nobody_would_wait_for_is_said_to_be_too_large() -> None:
    """It is not called another one, though nobody has looked."""
    row = json.dumps(list(range(60_000)))
    with pytest.raises(TooManyValues):
        same("[" + "1, " * 110_000 + "1]", row, Column("it", Kind.ARRAY))
    with pytest.raises(TooManyValues):
        same('{"' + "a" * 2_000_000 + '"}', "{a}", Column("it", Kind.ARRAY))
