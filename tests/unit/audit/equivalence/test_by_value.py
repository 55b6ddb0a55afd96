"""Which cached value stands for which stored one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.audit.equivalence import same, same_key
from tui.models import Scalar

SAME = [
    (1, 1), (1.0, 1), (True, 1), (False, 0), ("1", 1), ("2.50", 2.5), ("1e3", 1000.0),
    (None, None), (5, "5"), ("x", "x"), (1.5, "1.50"), (-0.0, 0), ("-0", 0),
    ("true", 1), ("True", 1), ("false", 0), (True, "true"), (False, "FALSE"),
    ("2024-01-02T03:04:05", "2024-01-02 03:04:05"),
    ("2024-01-02T03:04:05.000Z", "2024-01-02 03:04:05"),
    ("2024-01-02T03:04:05.120+00:00", "2024-01-02 03:04:05.12"),
    ("2024-01-02 03:04:05 +0530", "2024-01-02T03:04:05+05:30"),
    ("2024-01-02T03:04", "2024-01-02 03:04:00"),
    ("[1]", " [1]"), ("2024-01-02T04:04:05+01:00", "2024-01-02 03:04:05"),
    (1704164645, "2024-01-02 03:04:05"), ("2024-01-02T03:04:05.678Z", 1704164645678),
    ("2024-01-02T03:04:05.678Z", "2024-01-02 03:04:05.6789"),
    ('{"a":1,"b":2}', '{ "b": 2.0, "a": 1 }'), ("[]", "[ ]"), ('["\\u00e9"]', '["é"]'),
]  # fmt: skip
DIFFERENT = [
    (1, 2), ("01", 1), ("1", 2), ("x", "X"), (None, ""), (None, 0), (0, None), ("a", None),
    ("", None), (True, "1"), ("nan", 1.0), ("9" * 500, 1), ("1e999", 1.0), ("é", "e"),
    (5, "05"), ("1.5", "1.50"), ("true", "True"), ("true", 0), ("true", 2), (True, 0),
    (True, "yes"), (False, None), (None, "null"), ("", 0), (False, ""), ("null", None),
    ("2024-01-02T03:04:05", "2024-01-02 03:04:06"),
    ("2024-01-02T03:04:05.1", "2024-01-02 03:04:05.2"),
    ("2024-01-02T03:04:05+01:00", "2024-01-02 03:04:05"),
    ("2024-01-02T03:04:05+01:00", "2024-01-02T03:04:05-01:00"),
    ("2024-01-02", "2024-01-02 00:00:00"), ("03:04:05", "03:04"),
    ("[1]", "[true]"), ("[1]", "[null]"), ('{"a":1}', '{"a":1,"b":null}'), ("[1,2]", "[2,1]"),
    ("[1", "[1 "), ("[1e999]", "[1e998]"), ("[NaN]", "[ NaN]"), ("[]", "{}"),
    ('{"a":1,"a":2}', '{"a":2}'), ("[" * 9999 + "]" * 9999, "[ " * 9999 + "]" * 9999),
    ("[0.1]", "[0.10000000000000001, 0]"),
]  # fmt: skip


@pytest.mark.parametrize(("cached", "stored"), SAME)
def test_programs_may_spell_a_value_in_their_way(cached: Scalar, stored: Scalar) -> None:
    """A number as text, a truth value for 1, a moment with a T, other JSON: no drift."""
    assert same(cached, stored)
    assert same(cached, stored, texts=True)


@pytest.mark.parametrize(("cached", "stored"), DIFFERENT)
def test_another_value_is_another_value(cached: Scalar, stored: Scalar) -> None:
    """What means something else is never taken for the same."""
    assert not same(cached, stored)


def test_only_a_hash_has_nothing_but_the_empty_text_for_null() -> None:
    """JSON has a null: there an empty text is one."""
    assert same("", None, texts=True)
    assert not same("", None)
    assert not same("", 0, texts=True)
    assert not same(None, "", texts=True)


def test_a_key_is_that_number_that_text_or_that_uuid() -> None:
    """A text is another key in another case, however alike moments or numbers are."""
    assert same_key("7", 7)
    assert same_key(7, "7")
    assert same_key("ada", "ada")
    assert same_key("6F9619FF8B86D011B42D00CF4FC964FF", "6f9619ff-8b86-d011-b42d-00cf4fc964ff")
    for cached, id in (
        ("ADA", "ada"), ("strasse", "straße"), (1, "1.0"), ("8", 7), (True, "True"),
        (None, "x"),
        ("2026-01-02T12:00:00+02:00", "2026-01-02T10:00:00Z"),
    ):  # fmt: skip
        assert not same_key(cached, id)


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(VALUES), st.lists(VALUES))
def test_json_is_the_same_only_where_its_values_are(one: Any, other: Any) -> None:
    """Of any two arrays; true is not 1."""
    texts = json.dumps(one), json.dumps(other, indent=1, ensure_ascii=False)
    assert same(texts[0], json.dumps(one, indent=1, ensure_ascii=False))
    if json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True):
        assert not same(*texts)
