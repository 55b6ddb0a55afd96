"""What Ruby's Marshal has written, and Rails around it."""

import base64
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.audit.decoders import UnreadablePayload, decode

NAMES = "hash", "record", "record_changed", "rails", "entry", "entry_compressed"
SAMPLES = {
    name: base64.b64decode((Path(__file__).parent / "samples" / f"ruby_{name}.b64").read_text())
    for name in NAMES
}
HASH = {
    "id": 1,
    "s": "é",
    "bin": {"type": "Buffer", "data": [255, 0]},
    "ascii": "abc",
    "sjis": "日本",
    "n": None,
    "t": True,
    "f": False,
    "fl": 1.5,
    "inf": "Infinity",
    "z": -0.0,
    "big": 2**70,
    "nbig": -(2**70),
    "neg": -129,
    "m": 300,
    "mm": -70000,
    "mmm": 2**29,
    "arr": [1, [2]],
    "u": {"id": 1, "name": "Ada", "me": "<itself>"},
    "time": "2024-01-02T03:04:05.678901234Z",
    "loc": "2024-01-02T08:34:05.678901234+05:30",
    "bd": "-12.5",
    "nan": "NaN",
    "date": "2024-02-03",
    "dt": "2024-02-03T04:05:06.500+02:00",
    "set": [1, 2],
    "st": {"a": 1, "b": 2},
    "rg": {"excl": False, "begin": 1, "end": 3},
    "rat": "1/3",
    "cx": "1+2i",
    "re": "ab+",
    "cls": "<String>",
    "mod": "<Kernel>",
    "def": {"1": 2},
    "s1": "shared",
    "s2": "shared",
    "os": {"a": 1},
    "sym": "id",
}
RECORD = {
    "id": 1,
    "name": "Ada",
    "price": 12.5,
    "ok": 1,
    "created_at": "2024-01-02 03:04:05.678901",
    "updated_at": "2024-01-02 00:00:00",
}


def value_of(payload: bytes, format: str = "marshal") -> Any:
    """Decode a payload that has to be in that format."""
    decoded = decode(payload, 1 << 20)
    assert decoded.format == format
    return decoded.value


def test_all_that_ruby_writes_is_read() -> None:
    """Texts by their encodings, links, times, sets; by Ruby 3.1 itself."""
    assert value_of(SAMPLES["hash"]) == HASH


def test_a_record_of_rails_is_its_columns() -> None:
    """As the database gave them, or as they were changed."""
    assert value_of(SAMPLES["record"]) == RECORD
    assert value_of(SAMPLES["record_changed"]) == RECORD | {"name": "Bob"}


def test_values_of_rails_are_read() -> None:
    """A time with a zone, a hash that takes symbols, safe text, a duration."""
    assert value_of(SAMPLES["rails"]) == {
        "a": "2024-07-01T22:00:00Z",
        "b": {"x": 1},
        "c": "x",
        "d": 259200,
    }


def test_an_entry_of_a_cache_of_rails_is_its_value() -> None:
    """As Rails 6.1 writes it, 7.0 and 7.1; compressed or not."""
    assert value_of(SAMPLES["entry"]) == {"id": 1}
    assert value_of(SAMPLES["entry_compressed"]) == {"id": 1, "s": "x" * 3000}
    array = b"\x04\x08[\x07{\x06:\x07idi\x06f\x082.5"
    assert value_of(b"\x00" + array, "rails+marshal") == {"id": 1}
    assert value_of(b"\x01" + zlib.compress(array), "rails+zlib+marshal") == {"id": 1}
    dump = b"\x04\x08{\x06:\x07idi\x06"
    head = b"\x00\x11" + struct.pack("<Bdi", 1, -1.0, 2) + b"v1"
    assert value_of(head + dump, "rails+marshal") == {"id": 1}
    head = b"\x00\x11" + struct.pack("<Bdi", 0x82, -1.0, -1)
    assert value_of(head + zlib.compress(b'{"id": 1}'), "rails+zlib+json") == {"id": 1}
    with pytest.raises(UnreadablePayload):
        decode(b"\x00\x11" + struct.pack("<Bdi", 9, -1.0, -1) + dump, 1 << 20)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"[\x06", "ends too early"),
        (b"[\x04\xff\xff\xff\x7f0", "ends too early"),
        (b'"\xfc\x00\x00\x00\x80', "too early"),
        (b"0x", "behind its end"),
        (b"@\x06", "not there"),
        (b";\x06", "not there"),
        (b"[\x06" * 101, "nested too deeply"),
        (b"?", "broken"),
        (b"f\x06x", "broken"),
        (b":\x02\x00\x02" + b"a" * 512, "too long"),
        (b"I[\x00\x06i\x00", "broken"),
        (b"f\x02\x00\x02" + b"1" * 512, "too long"),
    ],
)
def test_what_is_broken_is_not_read(payload: bytes, reason: str) -> None:
    """And said to be so."""
    with pytest.raises(UnreadablePayload, match=reason):
        decode(b"\x04\x08" + payload, 1 << 20)


def test_values_of_a_record_that_was_made_are_what_they_hold() -> None:
    """A time of day and bytes, which Rails keeps in objects of its own until it reads them."""
    moment = b'U:$ActiveRecord::Type::Time::Value[\x09"\x0b__v2__[\x00[\x00"\x0a09:00'
    assert decode(b"\x04\x08" + moment, 1 << 20).value == "09:00"
    octets = b'o:$ActiveModel::Type::Binary::Data\x06:\x0b@value"\x07\x00\xff'
    assert decode(b"\x04\x08" + octets, 1 << 20).value == {"type": "Buffer", "data": [0, 255]}


def test_what_only_its_class_can_read_is_named() -> None:
    """The rest is read all the same."""
    payload = (
        b"\x04\x08[\x0au:\x06A\x07\x00\xffo:\x06B\x00u:\x09Time\x06xU:\x09Date[\x06i\x06l+\x02\x00\x01"
        + b"\xff" * 512
    )
    assert value_of(payload) == [
        "<A>",
        {},
        "<Time>",
        "<Date>",
        "<a whole number of about 1,233 digits>",
    ]


@given(st.sampled_from(NAMES), st.data())
def test_a_changed_byte_does_no_harm(name: str, data: st.DataObject) -> None:
    """It is read, or refused."""
    written = bytearray(SAMPLES[name])
    for _ in range(data.draw(st.integers(1, 3))):
        written[data.draw(st.integers(2, len(written) - 1))] = data.draw(
            st.sampled_from(b'0TFi:;@I[{}"foSUuCe\x00\x06\x07\xff') | st.integers(0, 255)
        )
    try:
        value = decode(bytes(written), 1 << 20).value
    except UnreadablePayload:
        return
    json.dumps(value, allow_nan=False)
