"""What can be a key, and whether a row's key is the one that is asked for."""

import pytest

from tui.database.sql.keys import cannot_be, is_that, key_of, others
from tui.database.sql.values import Blob
from tui.models import Key, Scalar, TableSchema
from tui.models.columns import Column, Kind

UUID = "3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35"
BARE = UUID.replace("-", "")


def schema(column: Column) -> TableSchema:
    """Return a table with such a key."""
    integer = column.kind is Kind.INTEGER
    return TableSchema("t", "id", integer, ("id",), described={"id": column})


NUMBER = schema(Column("id", Kind.INTEGER))
SMALL = schema(Column("id", Kind.INTEGER, range=(0, 255)))
TEXT = schema(Column("id", Kind.TEXT, "text"))
PADDED = schema(Column("id", Kind.TEXT, "character(5)", length=5))
NATIVE = schema(Column("id", Kind.UUID, "uuid"))
SIXTEEN = schema(Column("id", Kind.UUID, "binary(16)", length=16))
BYTES = schema(Column("id", Kind.BYTES, "bytea"))


@pytest.mark.parametrize(
    ("its", "key", "can_be"),
    [
        (NUMBER, 0, True), (NUMBER, 2**63 - 1, True), (NUMBER, 2**63, False),
        (NUMBER, -(2**63) - 1, False), (SMALL, 255, True), (SMALL, 256, False),
        (SMALL, -1, False), (TEXT, "", True), (TEXT, "a\0b", False), (TEXT, "\ud800", False),
        (NATIVE, UUID, True), (NATIVE, BARE.upper(), True), (NATIVE, "x", False),
        (BYTES, "a\0b", True), (BYTES, "\udfff", False),
    ],
)  # fmt: skip
def test_what_can_be_a_key(its: TableSchema, key: Key, can_be: bool) -> None:
    """Numbers have a range, texts are Unicode without a NUL, uuids are uuids."""
    assert (cannot_be(its, key) is None) is can_be


def test_other_spellings() -> None:
    """Of a uuid in a column of texts, or of bytes; a column of uuids knows them itself."""
    assert others(NUMBER, 1) == []
    assert others(TEXT, "Ada") == []
    assert others(TEXT, UUID) == [BARE, UUID.upper(), BARE.upper()]
    assert others(NATIVE, UUID) == []
    assert others(NATIVE, BARE.upper()) == [UUID]
    assert bytes.fromhex(BARE) in others(SIXTEEN, UUID)
    assert others(BYTES, "00ff") == [b"\x00\xff"]
    assert others(PADDED, "a") == ["a    "]
    assert others(PADDED, "a    ") == []


@pytest.mark.parametrize(
    ("its", "asked", "key", "same"),
    [
        (NUMBER, 1, 1, True), (NUMBER, 1, 2, False), (TEXT, "a", "a", True),
        (TEXT, "a", "A", False), (TEXT, "a", "a ", False), (TEXT, UUID, BARE, True),
        (TEXT, UUID.upper(), UUID, True), (PADDED, "a", "a    ", True),
        (PADDED, "a  ", "a    ", True), (PADDED, "a", "b    ", False),
        (PADDED, " a", "a    ", False), (NATIVE, f"{{{UUID}}}", UUID, True),
        (TEXT, "1", 1, False),
    ],
)  # fmt: skip
def test_whether_a_row_is_meant(its: TableSchema, asked: Key, key: Scalar, same: bool) -> None:
    """Exactly, but for the spelling of a uuid and the blanks of `char(n)`."""
    assert is_that(its, asked, key) is same


def test_a_rows_key() -> None:
    """Bytes are a uuid or hex digits, whole numbers are numbers however they came."""
    assert key_of(7, integer=True) == 7
    assert key_of("12345678901234567890", integer=True) == 12345678901234567890
    assert key_of("7", integer=False) == "7"
    assert key_of("NaN", integer=True) == "NaN"
    assert key_of(Blob.of(b"\x00\xff", "BYTEA"), integer=False) == "00ff"
    assert key_of(Blob.of(bytes.fromhex(BARE), "BYTEA"), integer=False) == UUID
    assert key_of(None, integer=False) is None
