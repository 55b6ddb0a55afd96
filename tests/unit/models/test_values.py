"""What is typed after COLUMN=, as a value of that column."""

import re

import pytest

from tui.models import Scalar, TableSchema
from tui.models.columns import Column, Kind
from tui.models.kinds import hint
from tui.models.scalars import StandIn
from tui.models.values import parse_assignments, spelled, typed, typed_all
from tui.runtime.errors import ChangeRefused

KINDS = {
    "id": Kind.INTEGER, "name": Kind.TEXT, "credit": Kind.FLOAT, "photo": Kind.BYTES,
    "age": Kind.INTEGER, "born": Kind.DATE,
}  # fmt: skip
SCHEMA = TableSchema(
    "users", "id", True, tuple(KINDS),
    described={name: Column(name, kind) for name, kind in KINDS.items()},
)  # fmt: skip
HEX = "3f2b8c1e5d7a4e908b160c9d2a7f4e35"
UUID = "3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Lagos", "text", "Lagos"),
        ("", "text", ""),
        ("42", "text", "42"),
        ("NULL", "text", None),
        ("null", "text", "null"),
        ("'NULL'", "text", "NULL"),
        ("'it''s'", "text", "it's"),
        ("'", "text", "'"),
        ("42", "integer", 42),
        ("-9223372036854775808", "integer", -(2**63)),
        ("NULL", "integer", None),
        ("1.5", "float", 1.5),
        ("2", "float", 2),
        ("9" * 20, "float", 1e20),
        ("9" * 30, "float", 1e30),
        ("1e3", "float", 1000.0),
        ("'x'", "float", "x"),
        ("10.50", "decimal", "10.50"),
        ("-0.10", "decimal", "-0.10"),
        (f"{10**40}.{'1' * 40}", "decimal", f"{10**40}.{'1' * 40}"),
        ("TRUE", "boolean", True),
        ("0", "boolean", False),
        ("2026-06-30T12:30:00Z", "moment", "2026-06-30T12:30:00Z"),
        ("2026-06-30 12:30:00.123456789+02", "moment", "2026-06-30 12:30:00.123456789+02"),
        ("2024-02-29", "moment", "2024-02-29"),
        ("1700000000", "moment", 1700000000),
        ("2460000.5", "moment", 2460000.5),
        ("2026-06-30", "date", "2026-06-30"),
        ("19000", "date", 19000),
        ("23:59", "time", "23:59"),
        ("12:30:00.5-0330", "time", "12:30:00.5-0330"),
        ("P1Y2M3DT4H5M6.5S", "interval", "P1Y2M3DT4H5M6.5S"),
        ("-26:00:00", "interval", "-26:00:00"),
        ("1 day, 2 hours 00:00:05", "interval", "1 day, 2 hours 00:00:05"),
        (f"{{{HEX.upper()}}}", "uuid", UUID),
        (f"urn:uuid:{UUID}", "uuid", UUID),
        ('{"a": [1, 10.50, null]}', "json", '{"a": [1, 10.50, null]}'),
        ("null", "json", "null"),
        ("9" * 5000, "json", "9" * 5000),
        ("'not JSON'", "json", "not JSON"),
        ("{1,2}", "array", "{1,2}"),
        ("gold", "enum", "gold"),
        ("192.0.2.1/24", "network", "192.0.2.1/24"),
        ("[1,5)", "range", "[1,5)"),
        ("0101", "bit", "0101"),
        ("POINT(1 2)", "geometry", "POINT(1 2)"),
    ],
)
def test_a_value_is_typed_by_its_column(text: str, kind: str, value: Scalar) -> None:
    """Each kind has its own, NULL is no value, and quotes make a text of anything."""
    got = typed(text, Column("c", Kind(kind)))
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("abc", "integer"), ("1.5", "integer"), ("", "integer"), ("٣", "integer"),
        ("9223372036854775808", "integer"), ("9" * 5000, "integer"), ("nan", "float"),
        ("1e999", "float"), ("1_000", "float"), ("x", "bytes"), ("'x'", "bytes"),
        ("", "decimal"), ("much", "decimal"), ("nan", "decimal"), ("1,5", "decimal"),
        ("٣", "decimal"), (".", "decimal"), ("2", "boolean"), ("", "boolean"),
        ("yes please", "boolean"), ("2026-02-29", "moment"), ("2026-06-30T25:00", "moment"),
        ("2026-06-30T", "moment"), ("2026-06-30  12:00", "moment"), ("now", "moment"),
        ("0000-00-00", "date"), ("2026-6-3", "date"), ("2026-06-30T00:00", "date"),
        ("24:00", "time"), ("noon", "time"), ("P", "interval"), ("a day", "interval"),
        (UUID[:-1], "uuid"), ("x" * 32, "uuid"), ("{a: 1}", "json"), ("NaN", "json"),
        ("", "json"), ("[" * 100_000, "json"),
    ],
)  # fmt: skip
def test_what_a_column_does_not_take_is_refused_by_its_name(text: str, kind: str) -> None:
    """The message names the column and what it takes, in one line."""
    with pytest.raises(ChangeRefused, match="column 'c'") as refused:
        typed(text, Column("c", Kind(kind)))
    assert len(str(refused.value)) < 250
    assert "for example" in str(refused.value) or kind == "bytes"


@pytest.mark.parametrize(
    ("text", "kind", "seen", "value"),
    [
        ("true", "boolean", [0], 1),
        ("0", "boolean", [True], False),
        ("true", "boolean", ["f"], "t"),
        ("1", "boolean", ["N"], "Y"),
        ("false", "boolean", ["True"], "False"),
        ("true", "boolean", ["0"], "1"),
        ("7", "boolean", [1, 3], 7),
        ("maybe", "boolean", ["perhaps"], "maybe"),
        ("1700000001", "moment", [1700000000], 1700000001),
        ("2026-06-30", "moment", [None, "2026-06-29 10:00:00"], "2026-06-30"),
        ("30/06/2026", "moment", ["29/06/2026"], "30/06/2026"),
        ("2026-06-30 00:00:00", "date", ["2026-06-29 00:00:00"], "2026-06-30 00:00:00"),
        (UUID, "uuid", [HEX], HEX),
        (HEX, "uuid", [UUID.upper()], UUID.upper()),
        (HEX, "uuid", [f"{{{UUID}}}"], f"{{{UUID}}}"),
        ("token", "uuid", ["another"], "token"),
        ("0712", "unknown", ["0711"], "0712"),
        ("712", "unknown", ["0711"], "712"),
        ("712", "unknown", [StandIn("<BLOB, 1 bytes>", b"x"), "0711"], 712),
    ],
)
def test_what_a_column_holds_decides_how_a_value_is_kept(
    text: str, kind: str, seen: list[Scalar], value: Scalar
) -> None:
    """As its other values are: numbers, letters, a uuid's spelling, or what fits no kind."""
    got = typed(text, Column("c", Kind(kind)), seen)
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "kind", "seen", "example"),
    [
        ("2026-06-30", "moment", [1700000000], "1700000000"),
        ("1700000000", "moment", ["2026-06-29 10:00:00"], "2026-06-29 10:00:00"),
        ("5", "boolean", [1, 0], "true"),
        ("token", "uuid", [HEX, "another"], "3f2b8c1e"),
        (HEX, "uuid", [StandIn("<BLOB, 16 bytes>", b"x")], "bytes"),
        ("POINT(1 2)", "geometry", [StandIn("<BLOB, 16 bytes>", b"x")], "bytes"),
    ],
)
def test_what_would_be_kept_in_another_way_is_refused(
    text: str, kind: str, seen: list[Scalar], example: str
) -> None:
    """A column of numbers takes no text and one of texts no number, each with an example."""
    with pytest.raises(ChangeRefused, match=example):
        typed(text, Column("c", Kind(kind)), seen)


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        ("10.50", True), ("123456789012.345", True), ("9223372036854775807", True),
        ("1.500000000000000000000", True), ("1e300", True), ("0.00", True),
        ("1234567890123.456", False), ("9223372036854775808", False), ("1" * 21, False),
        ("1e999", False), ("1e-999", False), ("9007199254740993.0", False),
        ("5.80525254964904e+17", False),
    ],
)  # fmt: skip
def test_a_decimal_is_never_rounded_in_silence(text: str, *, is_kept: bool) -> None:
    """Where the database keeps fifteen digits, more are refused."""
    column = Column("c", Kind.DECIMAL, number_digits=15)
    if is_kept:
        assert typed(text, column) == text
    else:
        with pytest.raises(ChangeRefused, match="15 digits, and would round it"):
            typed(text, column)


@pytest.mark.parametrize(
    ("text", "kind", "made"),
    [
        ("007", "text", "7"), ("'007'", "text", "7"), (" 7", "text", "7"),
        ("1e3", "text", "1000"), ("10.0", "enum", "10"), ("9" * 20, "text", "1e+20"),
        ("1e999", "text", "inf"), ("0e9999999", "text", "0"), ("1e9999999", "text", "inf"),
        ("0101", "bit", "101"), ("1.50", "json", "1.5"), ("9" * 5000, "text", "inf"),
        ("12345678901234567890123456789012", "uuid", "1.2345678901234567e+31"),
        ("7", "text", None), ("1.5", "text", None), ("x7", "text", None), ("'5'", "text", None),
        ("", "text", None), ("0x10", "text", None), ("1_000", "text", None),
        ("٣", "text", None), ("inf", "text", None), ("'007'", "integer", None),
    ],
)  # fmt: skip
def test_no_text_becomes_another_number_in_silence(
    text: str, kind: str, made: str | None
) -> None:
    """Where the database makes a number of it, a text that would look otherwise is refused."""
    column = Column("c", Kind(kind), length=32, number_digits=15)
    if made is None:
        assert typed(text, column) == text.strip("'")
        return
    with pytest.raises(ChangeRefused, match=re.escape(f"makes the number {made} of it")):
        typed(text, column)
    assert typed("'007'", Column("c", Kind(kind))) == "007"


@pytest.mark.parametrize(("length", "value"), [(32, HEX), (36, UUID), (None, UUID)])
def test_a_uuid_has_dashes_unless_the_column_has_no_room(
    length: int | None, value: str
) -> None:
    """CHAR(32) is what programs declare that leave them out."""
    assert typed(UUID.upper(), Column("c", Kind.UUID, length=length)) == value


@pytest.mark.parametrize("value", [None, "", "NULL", "'", "'x'", 7, 1.5, True, False])
def test_a_form_shows_what_is_read_back_as_the_same(value: Scalar) -> None:
    """Whatever a column of any kind holds, its text alone changes nothing."""
    kind = Kind.BOOLEAN if isinstance(value, bool) else Kind.UNKNOWN
    assert typed(spelled(value), Column("c", kind)) == value


def test_assignments_are_columns_and_values() -> None:
    """An `=` in the value is part of it."""
    assigned = parse_assignments(("name=a=b", "credit=1.5", "born=7"), SCHEMA)
    assert assigned == {"name": "a=b", "credit": "1.5", "born": "7"}
    assert typed_all(assigned, SCHEMA, {"born": [6]}) == {
        "name": "a=b", "credit": 1.5, "born": 7,
    }  # fmt: skip


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
    taken = typed(text, Column("loose"))
    assert (taken, type(taken)) == (value, type(value))


def test_of_an_enumeration_one_of_its_values_is_taken() -> None:
    """Where the database lists them; an error names them."""
    column = Column("plan", Kind.ENUM, choices=("free", "pro"))
    assert typed("pro", column) == "pro"
    with pytest.raises(ChangeRefused, match=r"one of free, pro.*write for example free"):
        typed("gold", column)
    assert typed("gold", Column("plan", Kind.ENUM)) == "gold"


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (Column("plan", Kind.ENUM, choices=("free", "pro")), "free, pro"),
        (Column("name", Kind.TEXT, nullable=False), "text, not NULL"),
    ],
)
def test_the_hint_names_values_and_what_is_required(column: Column, said: str) -> None:
    """So that a person knows before the database refuses it."""
    assert hint(column, None) == said
