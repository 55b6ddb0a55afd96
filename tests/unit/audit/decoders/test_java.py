"""What Java's ObjectOutputStream has written."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.audit.decoders import UnreadablePayload, decode

USER, MAP = (
    base64.b64decode((Path(__file__).parent / "samples" / f"java_{name}.b64").read_text())
    for name in ("user", "map")
)
EXPECTED_USER = {
    "big": 2**40,
    "id": 7,
    "b": -1,
    "c": "x",
    "d": 1.5,
    "f": 0.5,
    "ok": True,
    "s": -2,
    "col": "RED",
    "col2": "GREEN",
    "cs": "hi",
    "ints": [1, 2],
    "k": "<java.lang.String>",
    "name": "Ada \x00 😀 é",
    "raw": {"type": "Buffer", "data": [1, 255]},
    "self": "<itself>",
    "ss": ["a", None],
}
EXPECTED_MAP = {
    "i": 1,
    "l": 2,
    "d": 1.5,
    "f": 0.5,
    "b": True,
    "c": "x",
    "bd": "-12.50",
    "bi": -(2**70),
    "date": "2024-01-02T03:04:05.678Z",
    "ts": "2024-01-02T03:04:05.678901234Z",
    "uuid": "00000000-0000-0001-ffff-fffffffffffe",
    "al": [1, 2],
    "ll": [1],
    "hm": {"k": "v"},
    "tm": {"a": 1, "b": 2},
    "ht": {"a": 1},
    "hs": [1],
    "lhs": [3, 1],
    "ts2": [1, 2],
    "lo": [1, 2, 3],
    "mo": {"x": 1},
    "so": [1],
    "ul": [1],
    "um": {"q": 1},
    "sl": [1],
    "sm": {"k": 1},
    "el": [],
    "em": {},
    "as": [1, 2],
    "chm": {"z": 1},
    "cow": [1],
    "dq": [1],
    "pq": [1, 2],
    "ai": 5,
    "cal": "1970-01-01T00:00:01Z",
    "gc": "2024-01-02T00:00:00Z",
    "rec": {"a": 1, "b": "r"},
    "cur": "EUR",
    "loc": {
        "hashcode": -1,
        "country": "FR",
        "extensions": "",
        "language": "fr",
        "script": "",
        "variant": "",
    },
    "inst": "2024-01-02T03:04:05.678901234Z",
    "ld": "2024-02-03",
    "lt": "04:05:00",
    "lt2": "04:05:06.000000007",
    "ldt": "2024-02-03T04:05:06",
    "zdt": "2024-07-03T04:05:06+02:00[Europe/Berlin]",
    "odt": "2024-07-03T04:05:06-05:30",
    "off": "+01:01:01",
    "dur": "-P1DT1H1M0.500S",
    "per": "P1Y2M3D",
    "ym": "2024-02",
    "yr": "2024",
    "md": "--02-03",
    "zid": "Europe/Berlin",
    "nul": None,
    "5": "five",
    "days": ["MONDAY"],
    "emap": {"MONDAY": 1},
}
HEAD = b"\xac\xed\x00\x05"
INTEGER = (
    b"sr\x00\x11java.lang.Integer\x12\xe2\xa0\xa4\xf7\x81\x87\x38\x02\x00\x01I\x00\x05value"
    b"xr\x00\x10java.lang.Number\x86\xac\x95\x1d\x0b\x94\xe0\x8b\x02\x00\x00xp\x00\x00\x00\x05"
)


def value_of(payload: bytes) -> Any:
    """Decode a payload that has to be Java's."""
    decoded = decode(payload, 1 << 20)
    assert decoded.format == "java"
    return decoded.value


def test_an_object_is_its_fields() -> None:
    """Those of the class that it is derived from first; by OpenJDK 17 itself."""
    assert value_of(USER) == EXPECTED_USER


def test_classes_of_java_itself_are_what_they_stand_for() -> None:
    """Numbers, moments, collections and maps of java.lang, math, util, sql and time."""
    assert value_of(MAP) == EXPECTED_MAP


def test_a_stream_may_hold_anything() -> None:
    """A text, bytes, null, several objects."""
    assert value_of(HEAD + b"t\x00\x02hi") == "hi"
    assert value_of(HEAD + b"|" + bytes(7) + b"\x02hi") == "hi"
    assert value_of(HEAD + b"p") is None
    assert value_of(HEAD + INTEGER[1:-4]) == "<java.lang.Integer>"
    assert value_of(HEAD + b"w\x02\x00\xff") == {"type": "Buffer", "data": [0, 255]}
    assert value_of(HEAD + b"y" + INTEGER + b"t\x00\x01a") == [5, "a"]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "ends too early"),
        (b"t\xff\xff", "ends too early"),
        (b"x", "broken"),
        (b"|" + b"\xff" * 8, "ends too early"),
        (b"t\x00\x01\xff", "a text in it is broken"),
        (b"q\x00\x7e\x00\x05", "not there"),
        (b"{", "broken"),
        (b"sp", "broken"),
        (b"y" * 200, "nested too deeply"),
        (b"st\x00\x01a", "broken"),
        (INTEGER[:-2], "too early"),
        (
            INTEGER.replace(b"\x02\x00\x01I", b"\x04\x00\x01I"),
            "which only java.lang.Integer reads",
        ),
        (INTEGER.replace(b"I\x00\x05value", b"?\x00\x05value"), "broken"),
    ],
)
def test_what_is_broken_is_not_read(payload: bytes, reason: str) -> None:
    """And said to be so."""
    with pytest.raises(UnreadablePayload, match=reason):
        decode(HEAD + payload, 1 << 20)


@given(st.sampled_from([USER, MAP]), st.data())
def test_a_changed_byte_does_no_harm(written: bytes, data: st.DataObject) -> None:
    """It is read, or refused."""
    changed = bytearray(written)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(4, len(changed) - 1))] = data.draw(
            st.integers(0x70, 0x7E) | st.integers(0, 255)
        )
    try:
        value = decode(bytes(changed), 1 << 20).value
    except UnreadablePayload:
        return
    json.dumps(value, allow_nan=False)
