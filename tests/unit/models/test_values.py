"""What is typed after COLUMN=, as a value of that column."""

import pytest

from tui.models import Scalar, TableSchema
from tui.models.values import parse_assignments, typed
from tui.runtime.errors import ChangeRefused

SCHEMA = TableSchema(
    "users", "id", True, ("id", "name", "credit", "photo", "age"),
    affinities={
        "id": "INTEGER", "name": "TEXT", "credit": "REAL", "photo": "BLOB", "age": "INTEGER",
    },
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "affinity", "value"),
    [
        ("Lagos", "TEXT", "Lagos"),
        ("", "TEXT", ""),
        ("42", "TEXT", "42"),
        ("NULL", "TEXT", None),
        ("null", "TEXT", "null"),
        ("'NULL'", "TEXT", "NULL"),
        ("'it''s'", "TEXT", "it's"),
        ("'", "TEXT", "'"),
        ("42", "INTEGER", 42),
        ("-9223372036854775808", "INTEGER", -(2**63)),
        ("NULL", "INTEGER", None),
        ("1.5", "REAL", 1.5),
        ("2", "REAL", 2),
        ("1e3", "NUMERIC", 1000.0),
        ("'x'", "NUMERIC", "x"),
    ],
)
def test_a_value_is_typed_by_its_column(text: str, affinity: str, value: Scalar) -> None:
    """Numbers for number columns, texts for text columns, NULL for no value."""
    got = typed(text, "c", affinity)
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "affinity"),
    [
        ("abc", "INTEGER"), ("1.5", "INTEGER"), ("", "INTEGER"), ("٣", "INTEGER"),
        ("9223372036854775808", "INTEGER"), ("9" * 5000, "INTEGER"), ("nan", "REAL"),
        ("1e999", "REAL"), ("1_000", "REAL"), ("x", "BLOB"),
    ],
)  # fmt: skip
def test_what_a_column_does_not_take_is_refused_by_its_name(text: str, affinity: str) -> None:
    """The message names the column and what it takes."""
    with pytest.raises(ChangeRefused, match="column 'c'"):
        typed(text, "c", affinity)


def test_assignments_are_columns_and_values() -> None:
    """An `=` in the value is part of it."""
    assert parse_assignments(("name=a=b", "credit=1.5"), SCHEMA) == {
        "name": "a=b",
        "credit": 1.5,
    }


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (("name",), "COLUMN=VALUE"),
        (("shoe=1",), "no column 'shoe'; there are id, name"),
        (("id=2",), "the key"),
        (("age=1", "age=2"), "twice"),
    ],
)
def test_an_assignment_that_cannot_be_is_refused(texts: tuple[str, ...], message: str) -> None:
    """Each with what is wrong about it."""
    with pytest.raises(ChangeRefused, match=message):
        parse_assignments(texts, SCHEMA)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("007", "007"),
        ("1.5", 1.5),
        ("1.50", "1.50"),
        ("x", "x"),
        ("'7'", "7"),
        ("NULL", None),
    ],
)
def test_a_column_of_any_type_takes_what_was_typed(text: str, value: object) -> None:
    """Only what a number is shown as becomes one: a 0 in front is not lost."""
    taken = typed(text, "loose", "ANY")
    assert (taken, type(taken)) == (value, type(value))
