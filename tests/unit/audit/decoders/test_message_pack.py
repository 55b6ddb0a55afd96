"""MessagePack that another program stored."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.audit.decoders import UnreadablePayload, decode
from tui.audit.extent import MOST_VALUES, TooManyValues

SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=40)
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
INNER = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(), inner, max_size=20),
)
RECORDS = st.dictionaries(st.text(), INNER, min_size=1) | st.lists(INNER, min_size=1)


def value_of(payload: bytes) -> Any:
    """Decode a payload that has to be MessagePack."""
    decoded = decode(payload, 1 << 20)
    assert decoded.format == "msgpack"
    return decoded.value


@given(RECORDS)
def test_plain_data_is_read_as_it_was_written(value: object) -> None:
    """By another encoder."""
    assert value_of(msgspec.msgpack.encode(value)) == value


def test_bytes_moments_and_keys_become_what_json_can_say() -> None:
    """Bytes as Node.js spells a Buffer, moments in ISO 8601."""
    moment = datetime(2024, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    written = msgspec.msgpack.encode(
        {1: b"\x00\xff", None: moment, (2, "b"): moment.replace(microsecond=0)}
    )
    assert value_of(written) == {
        "1": {"type": "Buffer", "data": [0, 255]},
        "null": "2024-01-02T03:04:05.678901Z",
        '[2, "b"]': "2024-01-02T03:04:05Z",
    }
    assert value_of(b"\x91\xd6\xff\x65\x93\x7e\xa5") == ["2024-01-02T03:10:29Z"]


def test_extensions_that_nobody_knows_are_named() -> None:
    """Also a moment after the year 9999, and one with too many nanoseconds."""
    assert value_of(b"\x93\xd4\x05a\xd4\xff\x00\xc7\x0c\xff" + b"\xff" * 12) == [
        "<extension 5>", "<extension -1>", "<extension -1>",
    ]  # fmt: skip
    assert value_of(b"\x91\xc7\x0c\xff" + bytes(4) + b"\x7f" * 8) == ["<extension -1>"]


def test_a_text_that_is_no_utf8_is_bytes() -> None:
    """Older encoders wrote bytes as texts."""
    assert value_of(b"\x81\xa1a\xa1\xff") == {"a": {"type": "Buffer", "data": [255]}}
    assert value_of(b"\x81\xc4\x01\xff\x01") == {"ff": 1}
    assert value_of(b"\x81\xc4\x01b\xca\x7f\x80\x00\x00") == {"b": "Infinity"}


@pytest.mark.parametrize(
    "payload",
    [b"\x81\xa1a", b"\x91\xc1", b"\x91\xc5\xff\xff", b"\x90\x90", b"\xdd\xff\xff\xff\xff"],
)
def test_broken_data_is_in_no_format(payload: bytes) -> None:
    """Its first bytes alone do not make it MessagePack."""
    with pytest.raises(UnreadablePayload, match=r"^it is no format that hitmiss knows$"):
        decode(payload, 1 << 20)


def test_too_many_values_are_not_taken_apart() -> None:
    """Empty maps of one byte take sixty bytes each."""
    count = 10 * MOST_VALUES
    with pytest.raises(TooManyValues):
        decode(b"\xdd" + count.to_bytes(4) + b"\x80" * count, 1 << 24)


@given(st.data())
def test_a_changed_byte_does_no_harm(data: st.DataObject) -> None:
    """It is read, or refused."""
    written = bytearray(
        msgspec.msgpack.encode({"id": 1, "b": b"ab", "l": [1.5, None, "text"], "m": {"a": -1}})
    )
    written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    try:
        value = decode(bytes(written), 1 << 20).value
    except UnreadablePayload:
        return
    json.dumps(value, allow_nan=False)
