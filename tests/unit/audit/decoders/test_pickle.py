"""Pickles that another program stored."""

import collections
import enum
import json
import pickle
import struct
import uuid
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.audit.decoders import UnreadablePayload, decode

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**100), 2**100)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
)
PLAIN = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@dataclass
class Person:
    """An object with a field that is nobody's business."""

    id: int
    name: str
    _password: str = "secret"


@dataclass(frozen=True, slots=True)
class Point:
    """An object without a `__dict__`."""

    x: int
    y: int


class Colour(enum.Enum):
    """An enumeration."""

    RED = "red"


class Safe(str):
    """A text as Django marks it as safe."""

    __slots__ = ()


class Couple(NamedTuple):
    """A tuple with names."""

    one: int
    two: int


class Hidden:
    """An object whose fields are all hidden."""

    def __init__(self) -> None:
        """Have one."""
        self._field = 1


class Empty:
    """An object without fields."""


class Names(dict[str, int]):
    """A dict of a class of its own."""


class Row(list[int]):
    """A list of a class of its own."""


VALUES: dict[str, tuple[object, object]] = {
    "bytes": (b"\x00\xff", {"type": "Buffer", "data": [0, 255]}),
    "no bytes": (b"", {"type": "Buffer", "data": []}),
    "bytearray": (bytearray(b"ab"), {"type": "Buffer", "data": [97, 98]}),
    "moment": (
        datetime(2024, 1, 2, 3, 4, 5, 678),  # noqa: DTZ001 - without a zone
        "2024-01-02T03:04:05.000678",
    ),
    "in UTC": (datetime(2024, 1, 2, tzinfo=UTC), "2024-01-02T00:00:00+00:00"),
    "with an offset": (
        datetime(2024, 1, 2, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        "2024-01-02T00:00:00+05:30",
    ),
    "in a zone": (
        datetime(2024, 7, 2, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
        "2024-07-02T00:00:00+02:00",
    ),
    "date": (date(2024, 2, 3), "2024-02-03"),
    "time": (time(1, 2, 3), "01:02:03"),
    "time in UTC": (time(1, 2, 3, tzinfo=UTC), "01:02:03+00:00"),
    "duration": (timedelta(1, 7384, 500000), "P1DT2H3M4.5S"),
    "before": (-timedelta(hours=1), "-PT1H"),
    "no duration": (timedelta(), "PT0S"),
    "exact": (Decimal("12.50"), "12.50"),
    "exact and large": (Decimal("1E+3"), "1000"),
    "not a number": (Decimal("NaN"), "NaN"),
    "uuid": (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
    "fraction": (Fraction(1, 3), "1/3"),
    "complex": (1 + 2j, "(1+2j)"),
    "infinity": (float("inf"), "Infinity"),
    "set": ({1, 2}, [1, 2]),
    "frozenset": (frozenset([3]), [3]),
    "no set": (set(), []),
    "tuple": ((1, (2,), (), (1, 2, 3, 4)), [1, [2], [], [1, 2, 3, 4]]),
    "ordered": (collections.OrderedDict(a=1), {"a": 1}),
    "default": (collections.defaultdict(list, a=[1]), {"a": [1]}),
    "counter": (collections.Counter("aab"), {"a": 2, "b": 1}),
    "deque": (collections.deque([1, 2], 5), [1, 2]),
    "object": (Person(1, "Ada"), {"id": 1, "name": "Ada"}),
    "hidden": (Hidden(), {"_field": 1}),
    "enum": (Colour.RED, "red"),
    "safe text": (Safe("hi"), "hi"),
    "named tuple": (Couple(1, 2), [1, 2]),
    "own dict": (Names(a=1), {"a": 1}),
    "own list": (Row([1, 2]), [1, 2]),
    "large": (2**1300, 2**1300),
    "too large": (2**2000, "<a whole number of about 602 digits>"),
    "keys": (
        {1: 1, None: 2, (1, 2): 4, b"a": 5, b"\xff": 6, 1.5: 7, date(2024, 1, 2): 8},
        {
            "1": 1,
            "null": 2,
            "[1, 2]": 4,
            "a": 5,
            "ff": 6,
            "1.5": 7,
            "2024-01-02": 8,
        },
    ),
}


def value_of(payload: bytes) -> Any:
    """Decode a payload that has to be a pickle."""
    decoded = decode(payload, 1 << 20)
    assert decoded.format == "pickle"
    return decoded.value


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", VALUES)
def test_what_python_writes_is_read(name: str, protocol: int) -> None:
    """In every protocol, as values in a dict that other values are in too."""
    written, expected = VALUES[name]
    payload = pickle.dumps({"id": 1, "value": written, "again": written}, protocol)
    assert value_of(payload) == {"id": 1, "value": expected, "again": expected}


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    """As protocol 4 does; those before it cannot."""
    moment = datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
    assert value_of(pickle.dumps([moment], 4)) == ["2024-10-27T02:30:00+01:00"]


@pytest.mark.parametrize("protocol", PROTOCOLS[2:])
def test_an_object_with_slots_is_read(protocol: int) -> None:
    """A frozen dataclass gives its values without their names."""
    assert value_of(pickle.dumps(Point(1, 2), protocol)) == [1, 2]
    assert value_of(pickle.dumps(Empty(), protocol)) == f"<{__name__}.Empty>"


@given(PLAIN, st.sampled_from(PROTOCOLS))
def test_plain_data_is_read_as_it_was_written(value: object, protocol: int) -> None:
    """In every protocol."""
    payload = pickle.dumps([value], protocol)
    assert value_of(payload) == [value]
    assert value_of(b"!" + payload) == [value]


def test_what_is_in_itself_is_shown_once() -> None:
    """A list, a dict and an object."""
    row: list[object] = [1]
    row.append(row)
    names: dict[str, object] = {"row": row}
    names["self"] = names
    assert value_of(pickle.dumps(names)) == {"row": [1, "<itself>"], "self": "<itself>"}
    person = Hidden()
    person._field = person  # type: ignore[assignment]
    assert value_of(pickle.dumps(person)) == {"_field": "<itself>"}


class Written:
    """Something that is pickled as if it were something else."""

    def __init__(
        self, module: str, name: str, *arguments: object, state: object = None
    ) -> None:
        """Stand for a call of that name."""
        self.module, self.name = module, name
        self.arguments, self.state = arguments, state


def pickled(value: object) -> bytes:
    """Return a pickle of protocol 4 in which each Written is the call that it stands for."""
    return b"\x80\x04" + _opcodes(value) + b"."


def _opcodes(value: object) -> bytes:
    match value:
        case Written():
            name = _opcodes(value.module) + _opcodes(value.name) + b"\x93"
            state = b"" if value.state is None else _opcodes(value.state) + b"b"
            return name + _opcodes(value.arguments) + b"R" + state
        case tuple():
            return b"(" + b"".join(map(_opcodes, value)) + b"t"
        case list():
            return b"](" + b"".join(map(_opcodes, value)) + b"e"
        case dict():
            pairs = (_opcodes(key) + _opcodes(inner) for key, inner in value.items())
            return b"}(" + b"".join(pairs) + b"u"
    return pickle.dumps(value, 3)[2:-1]


MOMENT = bytes([0x07, 0xE8, 7, 2, 10, 0, 0, 0, 0, 0])
"""What datetime writes of ten o'clock on the 2nd of July, 2024."""


def moment_in(zone: object) -> Written:
    """Return a moment in a zone of a package that is not installed."""
    return Written("datetime", "datetime", MOMENT, zone)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            Written(
                "django.db.models.base",
                "model_unpickle",
                ("shop", "Customer"),
                state={
                    "_state": Written(
                        "django.db.models.base", "ModelState", state={"db": "default"}
                    ),
                    "id": 1,
                    "name": "Ada",
                    "_django_version": "5.0",
                },
            ),
            {"id": 1, "name": "Ada"},
        ),
        (Written("django.utils.safestring", "SafeString", "hi"), "hi"),
        (
            Written(
                "django.db.models.query",
                "QuerySet",
                state={"_result_cache": [1], "model": None},
            ),
            [1],
        ),
        (
            Written(
                "shop.models",
                "Basket",
                state={"__dict__": {"id": 1}, "__pydantic_extra__": None},
            ),
            {"id": 1},
        ),
        (Written("shop.models", "Basket", state=(None, {"id": 1, "_x": 2})), {"id": 1}),
        (moment_in(Written("pytz", "_UTC")), "2024-07-02T10:00:00+00:00"),
        (
            moment_in(Written("pytz", "_p", "Europe/Berlin", 7200, 3600, "CEST")),
            "2024-07-02T10:00:00+02:00",
        ),
        (moment_in(Written("pytz", "_FixedOffset", 330)), "2024-07-02T10:00:00+05:30"),
        (
            moment_in(Written("zoneinfo", "ZoneInfo._unpickle", "No/Where", 1)),
            "2024-07-02T10:00:00[No/Where]",
        ),
        (
            moment_in(Written("zoneinfo", "ZoneInfo._unpickle", "../../etc/passwd", 1)),
            "2024-07-02T10:00:00",
        ),
        (
            Written(
                "numpy.core.multiarray",
                "scalar",
                Written("numpy", "dtype", "f8", False, True, state=(3, "<", None)),
                struct.pack("<d", 2.5),
            ),
            2.5,
        ),
        (Written("posix", "system", "id"), "<posix.system>"),
        (Written("builtins", "eval", "1"), "<builtins.eval>"),
        (Written("subprocess", "Popen", "id"), "<subprocess.Popen>"),
        (
            Written("builtins", "getattr", Written("os", "system", "x"), "y"),
            "<builtins.getattr>",
        ),
        (Written("datetime", "datetime", b"\xff" * 10), "<datetime.datetime>"),
        (Written("decimal", "Decimal", "9" * 1000), "<decimal.Decimal>"),
        (Written("uuid", "UUID", state={"int": 2**200}), {"int": 2**200}),
        (Written("shop", "make", 1), "<shop.make>"),
        (Written("shop", "Shop", 1, 2), [1, 2]),
    ],
)
def test_classes_are_known_by_name_without_being_imported(
    written: Written, expected: object
) -> None:
    """Whether or not they are installed; what cannot be made sense of is named."""
    assert value_of(pickled({"value": written})) == {"value": expected}


def test_texts_of_python_2_are_texts() -> None:
    """In UTF-8; else they are bytes."""
    assert value_of(b"(dp0\nS'name'\np1\nS'caf\\xc3\\xa9'\np2\nsS\"b\"\nS'\\xff'\ns.") == {
        "name": "café",
        "b": {"type": "Buffer", "data": [255]},
    }
    assert value_of(b"\x80\x02}q\x00U\x04nameq\x01T\x03\x00\x00\x00Adas.") == {"name": "Ada"}
    moment = b"\x80\x02cdatetime\ndatetime\nU\x0a" + MOMENT + b"\x85R."
    assert value_of(b"\x80\x02](" + moment[2:-1] + b"e.") == ["2024-07-02T10:00:00"]
    old = b"(ishop\nBasket\np0\n(dp1\nS'id'\nI1\nsb."
    assert value_of(old) == {"id": 1}
    assert value_of(b"((cshop\nBasket\no}(S'id'\nI01\nubt.") == [{"id": True}]


def test_what_is_stored_elsewhere_is_named() -> None:
    """Persistent identities, buffers, extensions: the program alone has them."""
    payload = b"\x80\x05](Pabc\nK\x01Q\x97\x98\x82\x05\x83\x05\x00\x84\x05\x00\x00\x00e."
    assert value_of(payload) == ["<stored elsewhere>"] * 3 + ["<extension 5>"] * 3


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"\x80\x04]", "ends too early"),
        (pickle.dumps(["text" * 9])[:-9], "ends too early"),
        (b"\x80\x04N.N.", "behind its end"),
        (b"\x80\x04.", "broken"),
        (b"\x80\x04(.", "mark"),
        (b"\x80\x04t.", "mark is missing|broken"),
        (b"\x80\x04h\x05.", "broken"),
        (b"\x80\x04\xff.", "broken"),
        (b"\x80\x04NNR.", "no tuple"),
        (b"\x80\x04NNa.", "no list"),
        (b"\x80\x04NNNs.", "no dict"),
        (b"\x80\x04}(Nu.", "without a value"),
        (b"\x80\x04NN\x93.", "no text"),
        (b"\x80\x02S1'\n.", "quotation marks"),
        (b"\x80\x02I" + b"1" * 5000 + b"\n.", "too long"),
        (b"\x80\x04(lb.", "broken"),
        (b"\x80\x04(a.", "mark"),
        (b"\x80\x04cx\n.", "early|broken"),
        (b"\x80\x04V\\uZ\n.", "broken"),
    ],
)
def test_what_is_broken_is_not_read(payload: bytes, reason: str) -> None:
    """And said to be so."""
    with pytest.raises(UnreadablePayload, match=f"^unreadable: pickle, .*({reason})"):
        decode(payload, 1 << 20)


@given(st.sampled_from(PROTOCOLS), st.data())
def test_a_changed_byte_does_no_harm(protocol: int, data: st.DataObject) -> None:
    """It is read, or refused."""
    written = [
        VALUES[name][0]
        for name in ("in a zone", "exact", "uuid", "object", "ordered", "set", "bytes")
    ]
    changed = bytearray(pickle.dumps({"id": 1, "values": written, "again": written}, protocol))
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(
            st.sampled_from(b"(RbtpqhjcioQPaesuN\x81\x85\x86\x87\x8c\x93\x94")
            | st.integers(0, 255)
        )
    try:
        value = decode(bytes(changed), 1 << 20).value
    except UnreadablePayload:
        return
    json.dumps(value, allow_nan=False)
