"""JSON that another program stored."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.audit.decoders import UnreadablePayload, decode
from tui.audit.decoders.plain import MOST_LEVELS
from tui.audit.extent import MOST_VALUES, TooManyValues

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
)
PLAIN = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def value_of(payload: bytes) -> Any:
    """Decode a payload that has to be JSON."""
    decoded = decode(payload, 1 << 20)
    assert decoded.format == "json"
    return decoded.value


@given(PLAIN)
def test_all_that_json_says_is_read(value: object) -> None:
    """As it was written."""
    assert value_of(json.dumps(value).encode()) == value


def test_of_a_name_that_stands_twice_the_last_value_counts() -> None:
    """So do most readers have it."""
    assert value_of(b'{"a": 1, "a": 2}') == {"a": 2}


def test_a_mark_of_the_byte_order_may_stand_before_it() -> None:
    """Some programs on Windows write one."""
    assert value_of(b"\xef\xbb\xbf {}") == {}


@pytest.mark.parametrize("constant", ["NaN", "-Infinity", "[NaN]", '{"a": Infinity}'])
def test_what_is_no_json_number_is_refused(constant: str) -> None:
    """Python's constants are none."""
    with pytest.raises(UnreadablePayload, match="it is not JSON: "):
        decode(constant.encode(), 1 << 20)


def test_numbers_beyond_all_bounds_become_texts() -> None:
    """JSON has no word for an infinity, and no database a number of a thousand digits."""
    assert value_of(b"[1e999, -1e999]") == ["Infinity", "-Infinity"]
    assert value_of(b"[" + b"9" * 400 + b"]") == [10**400 - 1]
    assert value_of(b"[" + b"9" * 5000 + b"]") == ["<a whole number of 5,000 digits>"]


def test_too_many_values_are_not_taken_apart() -> None:
    """Nobody would wait for them."""
    with pytest.raises(TooManyValues):
        decode(b"[" + b"1," * 2 * MOST_VALUES + b"1]", 1 << 20)


@pytest.mark.parametrize("levels", [MOST_LEVELS + 1, 5_000, 90_000])
def test_what_is_nested_too_deeply_is_not_read(levels: int) -> None:
    """Neither into the limit of Python nor below."""
    with pytest.raises(UnreadablePayload, match="it is nested too deeply"):
        decode(b"[" * levels + b"]" * levels, 1 << 20)
    assert value_of(b"[" * MOST_LEVELS + b"]" * MOST_LEVELS)
