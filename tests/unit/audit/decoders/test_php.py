"""What PHP's `serialize` has written."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.audit.decoders import UnreadablePayload, decode

SAMPLE = base64.b64decode((Path(__file__).parent / "samples" / "php.b64").read_text())
USER = {"id": 1, "name": "Ada", "pw": "x", "o": "<itself>"}
EXPECTED = {
    "id": 1, "n": None, "t": True, "f": 1.5, "inf": "Infinity", "neg": -7, "s": "é",
    "b": {"type": "Buffer", "data": [255, 0]}, "l": [1, 2, 3], "m": {"3": "x"}, "e": [],
    "u": USER, "u2": USER, "d": "2024-01-02T03:04:05.678000+01:00",
    "d2": "2024-01-02T03:04:05.000000+05:30", "en": "Active",
    "ao": {"0": 0, "1": [1, 2], "2": [], "3": None}, "last": "z", "ref": [1, 2, 3],
    "ref2": [1, 2, 3], "c": "<C>", "end": USER,
}  # fmt: skip


def value_of(payload: bytes) -> Any:
    """Decode a payload that has to be PHP's."""
    decoded = decode(payload, 1 << 20)
    assert decoded.format == "php"
    return decoded.value


def test_all_that_php_writes_is_read() -> None:
    """Properties without the classes that see them, references, dates; by PHP 8.2 itself."""
    assert value_of(SAMPLE) == EXPECTED


def test_a_model_of_eloquent_is_its_columns() -> None:
    """And a collection is its items."""
    columns = b'a:1:{s:2:"id";i:1;}'
    model = (
        b'O:8:"App\\User":3:{s:13:"\0*\0connection";s:5:"mysql";s:13:"\0*\0attributes";'
        + columns + b's:11:"\0*\0original";' + columns + b"}"
    )  # fmt: skip
    assert value_of(model) == {"id": 1}
    items = b's:8:"\0*\0items";a:1:{i:0;' + model + b"}"
    assert value_of(b'O:29:"Illuminate\\Support\\Collection":1:{' + items + b"}") == [{"id": 1}]


def test_spellings_of_older_and_other_writers_are_read() -> None:
    """Escaped texts, signs, numbers in any length, zones that nobody knows."""
    assert value_of(b'a:3:{i:0;S:3:"a\\41b";i:1;d:-1.0E+25;i:2;i:+5;}') == ["aAb", -1e25, 5]
    date = (
        b's:4:"date";s:26:"2024-01-02 03:04:05.000000";s:13:"timezone_type";i:3;s:8:"timezone";'
    )
    assert (
        value_of(b'O:8:"DateTime":3:{' + date + b's:8:"No/Where";}')
        == "2024-01-02T03:04:05[No/Where]"
    )
    assert (
        value_of(b'O:8:"DateTime":3:{' + date + b's:3:"UTC";}') == "2024-01-02T03:04:05.000000Z"
    )
    odd = value_of(b'O:8:"DateTime":3:{' + date.replace(b"2024-", b"2o24-") + b's:3:"UTC";}')
    assert odd["date"] == "2o24-01-02 03:04:05.000000"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'a:1:{s:2:"id";', "ends too early"), (b's:5:"ab";', "ends too early"),
        (b'a:99999999999:{i:0;i:1;}', "too early"), (b"i:5;i:6;", "behind its end"),
        (b"i:" + b"9" * 5000 + b";", "too long"), (b'a:1:{a:0:{}i:1;}', "broken"),
        (b"a:1:{i:0;R:7;}", "not there"), (b'S:70000:"a', "too long"), (b"d:1x;", "broken"),
        (b"a:1:{i:0;" * 101, "nested too deeply"),
        (b'O:1:"A":1:{N;N;}', "broken"), (b"i:" + b"9" * 400 + b"9;", "too long"),
    ],
)  # fmt: skip
def test_what_is_broken_is_not_read(payload: bytes, reason: str) -> None:
    """And said to be so."""
    with pytest.raises(UnreadablePayload, match=reason):
        decode(payload, 1 << 20)


@given(st.data())
def test_a_changed_byte_does_no_harm(data: st.DataObject) -> None:
    """It is read, or refused."""
    written = bytearray(SAMPLE)
    for _ in range(data.draw(st.integers(1, 3))):
        written[data.draw(st.integers(0, len(written) - 1))] = data.draw(
            st.sampled_from(b'0129:;{}"aOrRsNiC')
        )
    try:
        value = decode(bytes(written), 1 << 20).value
    except UnreadablePayload:
        return
    json.dumps(value, allow_nan=False)
