"""Formats that are known by their first bytes, and what is said of all else."""

import json
import pickle
import subprocess
import sys
import zlib

import cramjam
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.audit.decoders import UnreadablePayload, decode, format_of

RECORD = {"id": 1, "name": "Amara", "tags": ["a", "b"], "none": None}
MOST = 1 << 20
BEGINNINGS = {
    "json": [
        b'{"id": 1}',
        b" [1]",
        b"\xef\xbb\xbf{}",
        b"null",
        b"-5",
        b"true",
        b'"text',
        b"[",
        b"2.5e3\n",
    ],
    "msgpack": [
        msgspec.msgpack.encode(RECORD),
        b"\x80",
        b"\x93\x01\x02\x03",
        b"\xde\x00\x10\xa1a\x01",
    ],
    "php": [
        b'a:1:{s:2:"id";',
        b'O:4:"User":1:{',
        b"i:5;",
        b"b:1;",
        b"N;",
        b'E:8:"S:Active";',
        b'C:1:"C":0:{}',
    ],
    "pickle": [
        *(pickle.dumps(RECORD, protocol) for protocol in range(6)),
        b"!" + pickle.dumps(1),
        b"ccopy_reg\n_reconst",
        b"(dp0\nVid\n",
    ],
    "java": [b"\xac\xed\x00\x05sr\x00\x04User"],
    "marshal": [b"\x04\x08{\x06"],
    "rails": [b"\x00\x11\x01", b"\x00\x04\x08[", b"\x01x\x9c"],
    "gzip": [b"\x1f\x8b\x08\x00"],
    "zlib": [zlib.compress(b"{}", level) for level in (1, 6, 9)],
    "zstd": [bytes(cramjam.zstd.compress(b"{}"))],
    "lz4": [bytes(cramjam.lz4.compress(b"{}"))],
    "snappy": [bytes(cramjam.snappy.compress(b"{}"))],
    "xz": [b"\xfd7zXZ\x00"],
    "igbinary": [b"\x00\x00\x00\x02\x14\x01"],
}
TEXTS = [
    "",
    "plain",
    "this is a text",
    "2024-01-02",
    "N. N.",
    "-",
    "{name}",
    "[x]",
    "x^2 + y",
    "a:b",
    "nullable",
    "(Very nice.",
    "été",
    "Привет",
    "日本",
    "😀",
    "[info] started",
    "count.",
]


@pytest.mark.parametrize(
    ("name", "beginning"), [(name, one) for name, many in BEGINNINGS.items() for one in many]
)
def test_a_format_is_known_by_its_first_bytes(name: str, beginning: bytes) -> None:
    """Sixteen bytes are enough to name it."""
    assert format_of(beginning[:16]) == name


@pytest.mark.parametrize("text", TEXTS)
def test_a_plain_text_is_no_format(text: str) -> None:
    """It is told from all formats, and why it is not JSON is said."""
    assert format_of(text.encode()) is None
    with pytest.raises(UnreadablePayload, match=r"^it is not JSON: "):
        decode(text.encode(), MOST)


@pytest.mark.parametrize("payload", [b"\xff\xfe\x00", b"\x00\x01\x02\x99", b"\x9c" * 40])
def test_bytes_in_no_format_are_called_so(payload: bytes) -> None:
    """No format is blamed that they may have nothing to do with."""
    with pytest.raises(UnreadablePayload, match=r"^it is no format that hitmiss knows$"):
        decode(payload, MOST)


def test_igbinary_is_recognised_and_not_read() -> None:
    """It is said what it is."""
    with pytest.raises(UnreadablePayload, match="unreadable: igbinary"):
        decode(b"\x00\x00\x00\x02\x14\x01", MOST)


def test_json_that_is_no_utf8_is_called_so() -> None:
    """It is no other format for that."""
    with pytest.raises(UnreadablePayload, match="it is not JSON: it is no UTF-8 text"):
        decode(b'{"name": "\xe9"}', MOST)


@given(st.binary(max_size=200))
def test_whatever_the_bytes_only_one_error_is_raised(payload: bytes) -> None:
    """Whoever reads a cache knows what may happen."""
    format_of(payload)
    try:
        value = decode(payload, MOST).value
    except UnreadablePayload:
        return
    json.dumps(value, allow_nan=False)


@given(
    st.sampled_from([one for many in BEGINNINGS.values() for one in many]),
    st.binary(max_size=40),
)
def test_whatever_follows_a_mark_only_one_error_is_raised(mark: bytes, rest: bytes) -> None:
    """Also behind the first bytes of a format."""
    try:
        value = decode(mark + rest, MOST).value
    except UnreadablePayload:
        return
    json.dumps(value, allow_nan=False)


def test_for_json_no_other_decoder_is_loaded() -> None:
    """It is the commonest by far, and start-up is dear."""
    program = (
        "import sys; from tui.audit.decoders import decode; decode(b'{\"id\": 1}', 100);"
        "print(*(name for name in sys.modules if 'decoders.' in name or name in"
        " {'cramjam', 'pickle', 'pickletools', 'zlib', 'lzma', 'decimal', 'zoneinfo'}))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert set(told.stdout.split()) == {
        "tui.audit.decoders.json_text",
        "tui.audit.decoders.plain",
    } | set(_always_loaded())


def _always_loaded() -> list[str]:
    """Return what msgspec and this Python load by themselves."""
    program = (
        "import sys, msgspec, json;"
        "names = {'pickle', 'zlib', 'decimal', 'zoneinfo'};"
        "print(*(name for name in sys.modules if name in names))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return told.stdout.split()
