"""For each kind of column, copies that are the row's value and copies that are not."""

import base64
import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from tui.audit.equivalence import NotCompared, same
from tui.models import Scalar
from tui.models.columns import Column, Kind
from tui.models.scalars import Nested, StandIn, mark_of

UUID = "c0ffee00-1dea-4b1d-9d00-0123456789ab"
BARE = UUID.replace("-", "")
RAW = bytes.fromhex(BARE)
PNG = b"\x89PNG\r\n\x1a\n"
EPOCH = 1574532462
"""2019-11-23 18:07:42 in UTC."""


def blob(content: bytes) -> StandIn:
    """Give bytes as an adapter does."""
    return StandIn(f"<BLOB, {len(content)} bytes>", mark_of("blob", content))


def cached(value: Any) -> Any:
    """Give a value as a reader of copies does: what is nested as its JSON."""
    return Nested(json.dumps(value)) if isinstance(value, dict | list) else value


def verdict(value: Any, stored: Scalar, column: Column, *, texts: bool = False) -> bool | None:
    """Compare; None where it cannot be told."""
    try:
        return same(cached(value), stored, column, texts=texts)
    except NotCompared:
        return None


TABLE: list[tuple[Kind, Scalar, list[Any], list[Any]]] = [
    (Kind.INTEGER, 7300, [7300, "7300", 7300.0, "7.3e3", {"$numberLong": "7300"},
                          {"Int64": 7300, "Valid": True}, ["java.lang.Long", 7300]],
     [7301, "730", "7300.5", True, None, "", {"Int64": 7300, "Valid": False}, [7300], 10**400]),
    (Kind.INTEGER, 2**60 + 1, [2**60 + 1, str(2**60 + 1)], [2**60, float(2**60), str(2**60)]),
    (Kind.INTEGER, 1, [True, "true", "1"], [False, "false", 0]),
    (Kind.INTEGER, EPOCH, ["2019-11-23T18:07:42Z", "2019-11-23T18:07:42.000Z"],
     ["2019-11-23T18:07:43Z", "2019-11-23", EPOCH * 1000]),
    (Kind.INTEGER, 5_400_000_000, ["P0DT01H30M00S", "PT1H30M"], ["PT1H31M", "P1D"]),
    (Kind.DECIMAL, "842.10", [842.1, "842.1", "842.100", "0.8421e3", "8.421E+2", "$842.10",
                              {"$numberDecimal": "842.10"}, ["java.math.BigDecimal", 842.1],
                              {"__type__": "decimal", "__value__": "842.10"}],
     ["842.11", 842.11, 84.21, "-842.10", "842.1000000000000001", "", None, "€842.11"]),
    (Kind.DECIMAL, "0.30000000000000004441", [0.30000000000000004],
     [0.3, "0.30000000000000004", "0.30000000000000004442"]),
    (Kind.DECIMAL, 17.25, ["17.250", 17.25, "0.1725e2"], ["17.26", 17]),
    (Kind.DECIMAL, "-$3,210.40", [-3210.4, "(3,210.40)", "-3210.40"], [3210.4, "-3210.41"]),
    (Kind.DECIMAL, 1574532462.25, ["2019-11-23T18:07:42.250Z"], ["2019-11-23T18:07:42.260Z"]),
    (Kind.FLOAT, 0.7, [0.7, "0.7", "7e-1", {"$numberDouble": "0.7"}],
     [0.70000000000000007, 0.8, "0.7000001", None, True, 0.699999988079071]),
    (Kind.FLOAT, 1574532462.25, ["2019-11-23T18:07:42.250Z"], ["2019-11-23T18:07:43.250Z"]),
    (Kind.FLOAT, StandIn("inf", math.inf), ["Infinity", "inf", "+Inf"], ["-Infinity"]),
    (Kind.BOOLEAN, 1, [True, "t", "Y", "yes", "true", "1", "\x01", {"type": "Buffer",
     "data": [1]},
                       {"Bool": True, "Valid": True}],
     [False, "f", 0, "no", None, 2, "", {"type": "Buffer", "data": [0]}]),
    (Kind.BOOLEAN, "f", [False, 0, "false", "N"], [True, 1, "t", None]),
    (Kind.BOOLEAN, blob(b"\1"), [True, 1, "1", "t"], [False, 0, "0", "\0"]),
    (Kind.BOOLEAN, 3, [3, "3"], [True, 2, "true"]),
    (Kind.UUID, UUID, [BARE, UUID.upper(), f"{{{UUID}}}", f"urn:uuid:{UUID}", list(RAW),
                       base64.b64encode(RAW).decode(), {"$uuid": UUID}, f"X'{BARE}'",
                       base64.urlsafe_b64encode(RAW).decode().rstrip("="), f"\\x{BARE}",
                       {"UUID": UUID, "Valid": True},
                       {"$type": "System.Guid, mscorlib", "$value": UUID}],
     [UUID[:-1] + "c", BARE[:-2], None, "", [1, 2], {"$uuid": 5}, list(RAW[::-1])]),
    (Kind.UUID, blob(RAW), [UUID, BARE, list(RAW), repr(RAW), f"X'{BARE}'"],
     [UUID[:-1] + "c", list(RAW[::-1]), f"X'{BARE[:-1]}c'"]),
    (Kind.TEXT, UUID.upper(), [UUID], [BARE, UUID[:-1] + "c"]),
    (Kind.BYTES, blob(PNG), ["iVBORw0KGgo=", "iVBORw0KGgo", "89504e470d0a1a0a",
     "\\x89504E470D0A1A0A",
                             "0x89504e470d0a1a0a", "X'89504E470D0A1A0A'", list(PNG), repr(PNG),
                             "89-50-4E-47-0D-0A-1A-0A", "89:50:4e:47:0d:0a:1a:0a",
                             {"type": "Buffer", "data": list(PNG)}, ["[B", "iVBORw0KGgo="],
                             {"type": "Buffer", "data": "base64:iVBORw0KGgo="},
                             {"$binary": {"base64": "iVBORw0KGgo=", "subType": "00"}},
                             {str(n): byte for n, byte in enumerate(PNG)},
                             [byte - 256 if byte > 127 else byte for byte in PNG]],
     ["iVBORw0KGgs=", "89504e470d0a1a0b", [1, 2], {"type": "Buffer", "data": [137]}, [], None,
      5,
      "89-50-4E-47-0D-0A-1A-0B", [137, 80, 78, 71, 13, 10, 26, True]]),
    (Kind.BYTES, blob(RAW), [UUID, "00eeffc0-ea1d-1d4b-9d00-0123456789ab"], [UUID[:-1] + "c"]),
    (Kind.BYTES, blob(b""), ["", [], {}, "\\x", "b''"], [[0], None]),
    (Kind.BYTES, "grüße", ["grüße", {"type": "Buffer", "data": list("grüße".encode())}],
     ["grüsse", [1, 2], None]),
    (Kind.BIT, "110", [6, "110", "b'110'", "0b110", {"type": "Buffer", "data": [6]}],
     [5, "111", "0110", "b'111'", None, {"type": "Buffer", "data": [7]}]),
    (Kind.BIT, blob(b"\6"), [6, "6", "b'110'", [6]], [7, "7", [7], "b'111'"]),
    (Kind.NETWORK, "172.16.5.4/20", ["172.16.5.4/20", {"IP": "172.16.5.4", "Mask": "///wAA=="}],
     ["172.16.5.4", "172.16.5.4/21", "172.16.5.5/20", None, {"IP": "172.16.5.4",
      "Mask": "//8AAA=="}]),
    (Kind.NETWORK, "fe80::1:2", ["FE80:0:0:0:0:0:1:2", "fe80::1:2/128"], ["fe80::1:3",
     "::1:2"]),
    (Kind.NETWORK, "00:1b:44:11:3a:b7", ["00-1B-44-11-3A-B7", "001b.4411.3ab7"],
     ["00:1b:44:11:3a:b8", "001b4411"]),
    (Kind.ENUM, "r,g", [["r", "g"], "r,g"], [["r"], "r", ["r", "g", "b"], None]),
    (Kind.GEOMETRY, "(-7.25,3)", ["(-7.25,3.0)", {"x": -7.25, "y": 3}, [-7.25, 3],
     "POINT(-7.25 3)",
                                  "-7.25, 3", {"type": "Point", "coordinates": [-7.25, 3]}],
     ["(3,-7.25)", {"x": -7.25}, [3, -7.25], [-7.25, 3, 1], None, "(-7.25,3.0000001)"]),
    (Kind.GEOMETRY, "0101000020E61000000000000000001DC00000000000000840",
     ["POINT(-7.25 3)", [-7.25, 3], "01010000000000000000001dc00000000000000840"],
      ["POINT(3 3)"]),
    (Kind.TEXT, "Zoë", ["Zoë"], ["Zoe\u0308", "zoë", "Zoë ", "", None, ["Zoë"], '"Zoë"', True]),
    (Kind.TEXT, "2e4", ["2e4"], [20000, 20000.0, "20000"]),
    (Kind.TEXT, None, [None, {"String": "", "Valid": False}, {"Time": "x", "Valid": False}],
     ["", "null", 0, False, {"String": "", "Valid": True}]),
    (Kind.TEXT, "x", [{"String": "x", "Valid": True}, ["java.lang.String", "x"]],
     [{"String": "x", "Valid": False}, {"String": "y", "Valid": True}]),
    (Kind.TEXT, '{"String": "x", "Valid": true}', ['{"Valid":true,"String":"x"}'], ["x", "y"]),
    (Kind.UNKNOWN, "2019-11-23 18:07:42", ["2019-11-23T18:07:42Z", EPOCH, EPOCH * 1000],
     [EPOCH + 1, "2019-11-23T18:07:42+01:00", {"Time": "2019-11-23T18:07:43Z", "Valid": True}]),
]  # fmt: skip
"""Of a kind: what a row holds, what copies of it have, and what they do not have."""


def rows(which: int) -> Iterator[Any]:
    """Give each copy that is the same (0) or is not (1), beside its row."""
    for kind, stored, values, others in TABLE:
        for value in (values, others)[which]:
            yield pytest.param(kind, value, stored, id=f"{kind}-{value!r:.40}-{stored!r:.30}")


@pytest.mark.parametrize(("kind", "value", "stored"), rows(0))
def test_what_a_language_makes_of_a_value_is_that_value(
    kind: Kind, value: Any, stored: Scalar
) -> None:
    """Whatever spells it, in JSON and, where it is a text, in a hash."""
    assert verdict(value, stored, Column("it", kind)) is True
    if isinstance(value, str) and value:
        assert verdict(value, stored, Column("it", kind), texts=True) is True


@pytest.mark.parametrize(("kind", "value", "stored"), rows(1))
def test_another_value_is_not_taken_for_it(kind: Kind, value: Any, stored: Scalar) -> None:
    """However near it is."""
    assert verdict(value, stored, Column("it", kind)) is False


UNTOLD: list[tuple[Kind, Scalar, Any]] = [
    (Kind.MOMENT, "2019-05-04 01:02:03", "05/04/2019 01:02:03"),
    (Kind.DATE, "2019-05-04", "04-05-2019"),
    (Kind.GEOMETRY, blob(b"\1\2\3"), {"x": 1, "y": 2}),
    (Kind.GEOMETRY, "((0,0),(1,1))", {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}),
    (Kind.BYTES, blob(PNG), "what is it?"),
    (Kind.BIT, blob(b"\6"), "110"),
    (Kind.FLOAT, StandIn("inf", math.inf), None),
    (Kind.JSON, blob(b'{"a": 1}'), '{"a":1}'),
]  # fmt: skip
"""What a row holds, and a copy that may or may not be that."""


@pytest.mark.parametrize(("kind", "stored", "value"), UNTOLD)
def test_what_cannot_be_told_is_not_guessed(kind: Kind, stored: Scalar, value: Any) -> None:
    """Day or month first, a number or its bits, bytes in a form of their own."""
    assert verdict(value, stored, Column("it", kind)) is None


def test_a_day_that_can_only_be_meant_in_one_way_is_told() -> None:
    """Of 23 nobody takes it for a month; and neither way is another day."""
    column = Column("it", Kind.DATE)
    assert verdict("23/11/2019", "2019-11-23", column) is True
    assert verdict("11-23-2019", "2019-11-23", column) is True
    assert verdict("05.04.2019", "2019-04-05", column) is True
    assert verdict("05.04.2019", "2019-05-04", column) is False
    assert verdict("05/04/2019", "2019-06-04", column) is False


@pytest.mark.parametrize("value", ["7300", '"7300"', '["java.lang.Integer", 7300]'])
def test_a_hash_may_hold_json_in_each_field(value: str) -> None:
    """Spring writes a hash so, and Node's programs do."""
    column = Column("it", Kind.INTEGER)
    assert verdict(value, 7300, column, texts=True) is True
    assert verdict(value, 7301, column, texts=True) is False


def test_a_text_in_quotes_is_the_text_only_where_a_hash_holds_it() -> None:
    """In JSON the quotes would be part of it; and a row may have them as well."""
    column = Column("it", Kind.TEXT)
    assert verdict('"Zoë"', "Zoë", column, texts=True) is True
    assert verdict('"Zoe"', "Zoë", column, texts=True) is False
    assert verdict('"Zoë"', '"Zoë"', column, texts=True) is True


def test_a_hash_has_an_empty_text_for_nothing() -> None:
    """Of a column of any kind; but not for a zero, nor for a moment."""
    for kind in Kind:
        assert verdict("", None, Column("it", kind), texts=True) is True
        assert verdict("", None, Column("it", kind)) is False
    assert verdict("", 0, Column("it", Kind.INTEGER), texts=True) is False
    assert verdict("", 0, Column("it", Kind.BOOLEAN), texts=True) is False
    assert verdict("null", None, Column("it", Kind.DATE), texts=True) is True
    assert verdict("null", None, Column("it", Kind.TEXT), texts=True) is False


def test_a_hash_may_have_fewer_zeros_than_the_row() -> None:
    """It holds texts alone, also of numbers; in JSON two texts are compared as they are."""
    for kind in (Kind.TEXT, Kind.UNKNOWN):
        assert verdict("1.1", "1.10", Column("it", kind), texts=True) is True
        assert verdict("1.2", "1.10", Column("it", kind), texts=True) is False
        assert verdict("1.1", "1.10", Column("it", kind)) is False


def test_a_float_of_four_bytes_is_compared_at_its_own_precision() -> None:
    """What a driver widened is the same; of what no such float can be, no two are."""
    single = Column("it", Kind.FLOAT, float_bytes=4)
    assert verdict(0.699999988079071, "0.7", single) is True
    assert verdict(0.7000001, "0.7", single) is False
    assert verdict(1e301, 1e300, single) is False
