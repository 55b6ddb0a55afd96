"""What every database promises of its table, each promise as a check that runs on any adapter.

A new adapter has passed when all of them do: `tests/contract/test_tables.py` names it. Each
begins with three people in the table: ROWS, with COLUMNS. Those in THINGS begin with another
table, `things`: beside `id` it has a column of each kind which the database can declare, called
as the kind is, and its one record, 1, holds nothing in them.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Final, TypeAlias

import pytest
from contract.promises import Promises
from msgspec import Struct

from tui.audit.equivalence import same
from tui.database.port import Table
from tui.models import Key, Record, Scalar, TableSchema
from tui.models.columns import Column, Kind
from tui.models.recorder import Recorder
from tui.models.values import spelled, typed
from tui.runtime.errors import ChangedMeanwhile, ChangeRefused, DatabaseUnavailable

ROWS: Final[dict[Key, Record]] = {
    1: {"id": 1, "name": "Amara Okafor", "city": "Lagos"},
    2: {"id": 2, "name": "Bo Larsson", "city": None},
    3: {"id": 3, "name": "Chidi Ō", "city": "Abuja"},
}
COLUMNS: Final = ("id", "name", "city")


def schema_of(name: str, kinds: Mapping[str, Kind]) -> TableSchema:
    """Return a table with columns of those kinds, the first of which is the key."""
    described = {column: Column(column, kind, kind.value) for column, kind in kinds.items()}
    return TableSchema(
        name, "id", True, tuple(kinds), search_columns=("name",), described=described
    )


PEOPLE: Final = schema_of(
    "people", dict(zip(COLUMNS, (Kind.INTEGER, Kind.TEXT, Kind.TEXT), strict=True))
)
"""The table of the promises, as a fake describes it."""


class Place(Struct):
    """A table, and another connection to the same one, as another program has it."""

    table: Table
    other: Table
    typed: "Mapping[Kind, tuple[str, ...]]" = {}
    """By kind, what somebody types there in place of what others take."""

    def texts(self, column: Column) -> tuple[str, ...]:
        """Return what somebody types for that column."""
        return self.typed.get(column.kind) or TYPED[column.kind]


Promise: TypeAlias = Callable[[Place], Awaitable[None]]
PROMISES: Final[Promises[Place]] = Promises()
"""All of them."""


@PROMISES
async def the_schema_names_columns_and_key(place: Place) -> None:
    """In the table's order; the key is a whole number, and each is there once."""
    schema = place.table.schema
    assert (schema.columns, schema.id_column) == (COLUMNS, "id")
    assert schema.id_is_integer
    assert schema.unique


@PROMISES
async def the_schema_says_what_each_column_holds(place: Place) -> None:
    """Its kind, and in the database's own words its type."""
    columns = [place.table.schema.column(name) for name in COLUMNS]
    assert [column.name for column in columns] == list(COLUMNS)
    assert [column.kind for column in columns] == [Kind.INTEGER, Kind.TEXT, Kind.TEXT]
    assert all(column.declared for column in columns)
    assert not any(column.computed for column in columns)


@PROMISES
async def a_record_is_found_by_its_key(place: Place) -> None:
    """With all its columns, in their order; and none where there is none."""
    for id, row in ROWS.items():
        found = await place.table.find(id)
        assert found == row
        assert tuple(found or ()) == COLUMNS
    assert await place.table.find(999) is None


@PROMISES
async def a_read_sees_what_others_have_committed(place: Place) -> None:
    """Whatever was acknowledged before the read began, on any connection."""
    for name in ("first", "second", "third"):
        assert await place.other.update(1, {"name": name}) is not None
        assert (await place.table.find(1) or {})["name"] == name
        assert (await place.table.find_many([1]))[1][0]["name"] == name
    assert await place.other.delete(1)
    assert await place.table.find(1) is None
    await place.other.insert(ROWS[1])
    assert await place.table.find(1) == ROWS[1]


@PROMISES
async def a_write_is_committed_when_it_returns(place: Place) -> None:
    """Everybody else sees it from then on, without another word."""
    assert await place.table.update(2, {"city": "Oslo"}) == {**ROWS[2], "city": "Oslo"}
    assert await place.other.find(2) == {**ROWS[2], "city": "Oslo"}


@PROMISES
async def only_the_named_columns_are_changed(place: Place) -> None:
    """The record is given as it is then; others stay as they were, and so do other records."""
    changed = await place.table.update(1, {"city": "Ibadan"})
    assert changed == {**ROWS[1], "city": "Ibadan"}
    assert await place.table.update(1, {"city": None}) == {**ROWS[1], "city": None}
    assert await place.table.find(3) == ROWS[3]


@PROMISES
async def nothing_is_changed_where_there_is_no_record(place: Place) -> None:
    """It is no error, and makes none."""
    assert await place.table.update(999, {"city": "Oslo"}) is None
    assert not await place.table.delete(999)
    assert not await place.table.touch(999)
    assert await place.table.find(999) is None


@PROMISES
async def an_unknown_column_is_refused(place: Place) -> None:
    """And so is a new key; nothing is changed."""
    for changes in ({"nickname": "x"}, {"id": 7}, {"city": "Oslo", "nickname": "x"}):
        with pytest.raises(ChangeRefused):
            await place.table.update(1, changes)
    with pytest.raises(ChangeRefused):
        await place.table.insert({"id": 7, "nickname": "x"})
    assert await place.table.find(1) == ROWS[1]
    assert await place.table.find(7) is None


@PROMISES
async def a_change_of_what_is_no_longer_so_is_not_made(place: Place) -> None:
    """Compared and changed in one: between the two nobody comes."""
    await place.other.update(1, {"city": "Ibadan"})
    with pytest.raises(ChangedMeanwhile):
        await place.table.update(1, {"name": "x"}, expected=ROWS[1])
    assert (await place.table.find(1) or {})["name"] == ROWS[1]["name"]
    now = {**ROWS[1], "city": "Ibadan"}
    assert await place.table.update(1, {"name": "x"}, expected=now) == {**now, "name": "x"}
    assert await place.table.update(2, {"name": "y"}, expected=ROWS[2]) is not None


@PROMISES
async def some_of_the_columns_can_be_expected_alone(place: Place) -> None:
    """What others write into other columns is then no reason to refuse."""
    await place.other.update(1, {"name": "x"})
    now = {**ROWS[1], "name": "x", "city": "Ibadan"}
    assert await place.table.update(1, {"city": "Ibadan"}, expected={"city": "Lagos"}) == now
    with pytest.raises(ChangedMeanwhile):
        await place.table.update(1, {"city": "Kano"}, expected={"city": "Lagos"})
    assert await place.table.find(1) == now


@PROMISES
async def a_record_is_added_and_removed(place: Place) -> None:
    """Its key is given; a key that is taken is refused."""
    row: Record = {"id": 4, "name": "Dara", "city": "Kano"}
    assert await place.table.insert(row) == (4, row)
    assert await place.other.find(4) == row
    with pytest.raises(ChangeRefused):
        await place.table.insert(row)
    assert await place.table.delete(4)
    assert not await place.table.delete(4)
    assert await place.other.find(4) is None


@PROMISES
async def a_touch_changes_nothing(place: Place) -> None:
    """It tells whether the record is there."""
    assert await place.table.touch(1)
    assert await place.table.find(1) == ROWS[1]


@PROMISES
async def many_are_read_at_once(place: Place) -> None:
    """Each of the first keys is there, with its rows; some of the columns alone can be had."""
    keys: list[Key] = [3, 999, 1]
    found: dict[Key, object] = {}
    for _ in keys:
        left = [key for key in keys if key not in found]
        if left:
            part = await place.table.find_part(left)
            assert left[0] in part, "one key at least, from the first on"
            found |= {id: list(rows) for id, rows in part.items()}
    assert found == {3: [ROWS[3]], 999: [], 1: [ROWS[1]]}
    assert await place.table.find_many(keys) == {3: [ROWS[3]], 1: [ROWS[1]]}
    part = await place.table.find_many([1], {"city"})
    assert part == {1: [{"id": 1, "city": "Lagos"}]}


@PROMISES
async def the_first_keys_are_given(place: Place) -> None:
    """As many as there are, or as were asked for."""
    assert await place.table.first_keys(2) == [1, 2]
    assert await place.table.first_keys(10) == [1, 2, 3]


@PROMISES
async def records_are_found_by_a_text(place: Place) -> None:
    """In any case, by a beginning or a part; it says when there are more."""
    found = await place.table.search("amara", 10)
    assert [match.id for match in found.matches] == [1]
    assert not found.more
    found = await place.table.search("a", 1)
    assert len(found.matches) == 1
    assert found.more
    assert (await place.table.search("nobody", 10)).matches == ()


@PROMISES
async def steps_are_noted(place: Place) -> None:
    """Whoever records sees what ran, in failure too."""
    for call in (
        lambda: place.table.find(1), lambda: place.table.update(1, {"city": "Oslo"}),
        lambda: place.table.insert({"id": 4, "name": "Dara", "city": None}),
        lambda: place.table.delete(4), lambda: place.table.touch(1),
    ):  # fmt: skip
        with Recorder() as steps:
            await call()
        assert steps
        assert all(step.command and step.result and step.seconds >= 0 for step in steps)


@PROMISES
async def values_come_back_as_they_went_in(place: Place) -> None:
    """Texts of every kind, and none; what the database cannot keep it refuses."""
    texts = ("", "it's; --", "two\nlines", "Ō 山田 \U0001f600", "a\\b%_", "x" * 10_000, None)
    for text in texts:
        assert (await place.table.update(2, {"city": text}) or {})["city"] == text
        assert (await place.other.find(2) or {})["city"] == text
    try:
        assert (await place.table.update(2, {"city": "a\x00b"}) or {})["city"] == "a\x00b"
    except ChangeRefused:
        assert (await place.other.find(2) or {})["city"] is None


TYPED: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.INTEGER: ("0", "-9007199254740993", "9223372036854775807"),
    Kind.DECIMAL: ("10.50", "-0.01", "123456789012.345"),
    Kind.FLOAT: ("0.1", "-1.5e300"),
    Kind.BOOLEAN: ("true", "false"),
    Kind.MOMENT: ("2026-06-30 12:30:00", "1999-12-31 23:59:59.123456"),
    Kind.DATE: ("2026-06-30", "0001-01-01"),
    Kind.TIME: ("12:30:00", "23:59:59.5"),
    Kind.INTERVAL: ("26:00:00", "P1DT2H"),
    Kind.UUID: ("3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35", "00000000-0000-4000-8000-000000000000"),
    Kind.JSON: ('{"a": [1, true, null]}', "[]", '"a text"'),
    Kind.ARRAY: ("{a,b}",),
    Kind.TEXT: ("", "it's; --", "NULL and void", "Ō 山田 \U0001f600", "{a: 1}"),
    Kind.ENUM: ("gold",),
    Kind.NETWORK: ("192.0.2.1", "2001:db8::1"),
    Kind.RANGE: ("[1,5)",),
    Kind.GEOMETRY: ("POINT(1 2)",),
}
"""By the kind of a column, what somebody types for it. Bytes cannot be typed."""
ONE_OF_EACH: Final = schema_of(
    "things", {"id": Kind.INTEGER, **{kind.value: kind for kind in TYPED}}
)
"""A table with a column of each of them, as a fake describes it; NOTHING is its record."""
NOTHING: Final[Record] = {name: 1 if name == "id" else None for name in ONE_OF_EACH.columns}
THINGS: Final[Promises[Place]] = Promises()
"""The promises of a table with a column of each kind."""


def columns_to_type(place: Place) -> list[Column]:
    """Return the columns that something can be typed for."""
    columns = [place.table.schema.column(name) for name in place.table.schema.columns]
    return [column for column in columns if column.kind in TYPED and column.name != "id"]


@THINGS
async def a_column_is_of_the_kind_that_it_is_declared_as(place: Place) -> None:
    """The database's own word for it is kept beside the kind."""
    schema = place.table.schema
    for name in schema.columns[1:]:
        assert (schema.column(name).name, schema.column(name).kind) == (name, Kind(name))
    assert columns_to_type(place)


@THINGS
async def what_is_typed_reads_back_as_written(place: Place) -> None:
    """To the last digit, on any connection; and so does what is typed as it is shown then."""
    for column in columns_to_type(place):
        for text in place.texts(column):
            value = typed(text, column)
            changed = await place.table.update(1, {column.name: value})
            found = (await place.other.find(1) or {})[column.name]
            assert (changed or {})[column.name] == found
            assert is_same(column.kind, found, value), f"{column.name}: {text!r} is {found!r}"
            again = typed(spelled(found), column, [found])
            await place.table.update(1, {column.name: again})
            assert (await place.table.find(1) or {})[column.name] == found


@THINGS
async def a_column_of_any_kind_can_be_emptied(place: Place) -> None:
    """NULL is no value, whatever the kind."""
    for column in columns_to_type(place):
        await place.table.update(1, {column.name: typed(place.texts(column)[0], column)})
        await place.table.update(1, {column.name: typed("NULL", column)})
        assert (await place.other.find(1) or {})[column.name] is None


@THINGS
async def a_record_is_still_as_it_was_read(place: Place) -> None:
    """What a column of any kind holds is known again when somebody else may have changed it."""
    for column in columns_to_type(place):
        for text in place.texts(column):
            before = await place.table.find(1)
            value = typed(text, column)
            changed = await place.table.update(1, {column.name: value}, expected=before)
            assert changed is not None


@THINGS
async def a_change_is_taken_back(place: Place) -> None:
    """A value that was read can be written again, while what was written is still there."""
    for column in columns_to_type(place):
        name = column.name
        for text in place.texts(column):
            before = await place.table.find(1) or {}
            changed = await place.table.update(1, {name: typed(text, column)}) or {}
            back = {name: before[name]}
            await place.table.update(1, back, expected={name: changed[name]})
            assert (await place.other.find(1) or {})[name] == before[name]
            await place.table.update(1, {name: typed(text, column)})


def is_same(kind: Kind, found: Scalar, value: Scalar) -> bool:
    """Tell whether what was read is what was written, in the way in which the kind is kept."""
    if kind is Kind.DECIMAL:
        return Decimal(str(found)) == Decimal(str(value))
    if kind is Kind.JSON:
        return bool(json.loads(str(found)) == json.loads(str(value)))
    if kind is Kind.INTERVAL:
        return same(value, found, Column("interval", kind))
    return (
        found == value if kind is Kind.BOOLEAN else (type(found), found) == (type(value), value)
    )


READ_ONLY: Final[Promises[Place]] = Promises()
"""The promises of a table that was opened read-only."""


@READ_ONLY
async def nothing_is_written(place: Place) -> None:
    """Each write is refused, and reading goes on."""
    for call in (
        lambda: place.table.update(1, {"city": "Oslo"}), lambda: place.table.delete(1),
        lambda: place.table.insert({"id": 4, "name": "Dara"}), lambda: place.table.touch(1),
    ):  # fmt: skip
        with pytest.raises((ChangeRefused, DatabaseUnavailable)):
            await call()
    assert await place.table.find(1) == ROWS[1]
    assert await place.table.first_keys(9) == [1, 2, 3]
