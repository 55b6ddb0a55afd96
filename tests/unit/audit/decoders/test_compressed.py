"""What is compressed around a format."""

import bz2
import gzip
import json
import lzma
import pickle
import sys
import zlib
from collections.abc import Callable

import cramjam
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.audit.decoders import UnreadablePayload, decode
from tui.audit.extent import TooManyValues

RECORD = {"id": 1, "name": "Amara", "tags": ["a", "b"] * 20}
FORMATS = {
    "json": json.dumps(RECORD).encode(),
    "msgpack": msgspec.msgpack.encode(RECORD),
    "pickle": pickle.dumps(RECORD),
}
MARKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "xz": lzma.compress,
    "zstd": lambda data: bytes(cramjam.zstd.compress(data)),
    "lz4": lambda data: bytes(cramjam.lz4.compress(data)),
    "snappy": lambda data: bytes(cramjam.snappy.compress(data)),
}
UNMARKED: dict[str, Callable[[bytes], bytes]] = {
    "brotli": lambda data: bytes(cramjam.brotli.compress(data)),
    "snappy": lambda data: bytes(cramjam.snappy.compress_raw(data)),
    "lz4": lambda data: bytes(cramjam.lz4.compress_block(data)),
}
MOST = 1 << 20


@pytest.mark.parametrize("inner", FORMATS)
@pytest.mark.parametrize("outer", MARKED)
def test_each_compression_is_unpacked_around_each_format(outer: str, inner: str) -> None:
    """By its mark."""
    decoded = decode(MARKED[outer](FORMATS[inner]), MOST)
    assert (decoded.value, decoded.format) == (RECORD, f"{outer}+{inner}")


@pytest.mark.parametrize("inner", FORMATS)
@pytest.mark.parametrize("outer", UNMARKED)
def test_what_has_no_mark_is_tried(outer: str, inner: str) -> None:
    """As long as all of it is used, and something known is inside."""
    packed = UNMARKED[outer](FORMATS[inner])
    decoded = decode(packed, MOST)
    assert (decoded.value, decoded.format) == (RECORD, f"{outer}+{inner}")
    with pytest.raises(UnreadablePayload):
        decode(packed + b"\x00", MOST)
    with pytest.raises(UnreadablePayload):
        decode(packed[:-1], MOST)
    with pytest.raises(UnreadablePayload):
        decode(UNMARKED[outer](b"a text that is no record"), MOST)


def test_a_block_of_phpredis_has_a_checksum_before_its_length() -> None:
    """Whatever the checksum is."""
    packed = b"\x5a" + UNMARKED["lz4"](b'a:1:{s:2:"id";i:1;}')
    assert decode(packed, MOST).value == {"id": 1}


@pytest.mark.parametrize("length", [12, 13, 32, 44, 91, 123, 300])
def test_raw_snappy_is_found_whatever_its_length_looks_like(length: int) -> None:
    """Its first byte may be that of JSON, or of a text."""
    record = {"id": "x" * (length - 10)}
    text = json.dumps(record).encode()
    assert len(text) == length
    assert decode(UNMARKED["snappy"](text), MOST).value == record


@pytest.mark.parametrize("outer", MARKED)
def test_a_bomb_is_not_unpacked(outer: str) -> None:
    """More than is allowed is never made of it."""
    bomb = MARKED[outer](bytes(MOST + 1))
    with pytest.raises(
        TooManyValues, match=rf"^unreadable: {outer}, larger than --max-value when unpacked$"
    ):
        decode(bomb, MOST)
    fits = MARKED[outer](b'{"a": "' + b"x" * (MOST - 9) + b'"}')
    assert decode(fits, MOST).format == f"{outer}+json"


@pytest.mark.parametrize("outer", MARKED)
def test_what_is_broken_is_called_so(outer: str) -> None:
    """By the name of its compression."""
    packed = MARKED[outer](FORMATS["json"])
    for broken in (packed[:-1], packed + b"{}", packed[:12]):
        with pytest.raises(UnreadablePayload, match=f"unreadable: {outer}, "):
            decode(broken, MOST)


def test_three_layers_are_unpacked_and_no_more() -> None:
    """Nobody compresses anything four times."""
    packed = FORMATS["json"]
    for _ in range(3):
        packed = gzip.compress(packed)
    assert decode(packed, MOST).format == "gzip+gzip+gzip+json"
    with pytest.raises(UnreadablePayload, match="it is compressed more than 3 times"):
        decode(gzip.compress(packed), MOST)


def test_what_is_inside_is_explained_as_it_would_be_alone() -> None:
    """A text is not JSON, whatever is around it."""
    with pytest.raises(UnreadablePayload, match=r"^it is not JSON: "):
        decode(gzip.compress(b"a text"), MOST)
    with pytest.raises(UnreadablePayload, match=r"^it is no format that hitmiss knows$"):
        decode(bz2.compress(FORMATS["json"]), MOST)


@pytest.mark.parametrize("outer", ["zstd", "lz4", "snappy"])
def test_without_the_package_it_is_said_what_to_install(
    outer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All else is read without it."""
    monkeypatch.setitem(sys.modules, "cramjam", None)
    with pytest.raises(
        UnreadablePayload, match=rf"^unreadable: {outer}, install hitmiss\[formats\]$"
    ):
        decode(MARKED[outer](FORMATS["json"]), MOST)
    assert decode(gzip.compress(FORMATS["json"]), MOST).value == RECORD
    with pytest.raises(UnreadablePayload, match="no format"):
        decode(UNMARKED["brotli"](FORMATS["json"]), MOST)


@given(st.sampled_from([*MARKED.values(), *UNMARKED.values()]), st.data())
def test_a_changed_byte_does_no_harm(
    pack: Callable[[bytes], bytes], data: st.DataObject
) -> None:
    """It is read, or refused."""
    packed = bytearray(pack(FORMATS["json"]))
    packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    try:
        value = decode(bytes(packed), MOST).value
    except UnreadablePayload:
        return
    json.dumps(value, allow_nan=False)
