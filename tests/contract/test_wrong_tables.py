"""The promises are worth something: each wrong database breaks those that it has to."""

from collections.abc import Collection, Mapping, Sequence

import pytest
from contract.tables import NOTHING, ONE_OF_EACH, PEOPLE, PROMISES, ROWS, THINGS, Place, Promise
from fakes import FakeTable
from msgspec.structs import replace

from tui.models import Key, Record, Scalar
from tui.models.columns import Column, Kind
from tui.runtime.errors import ChangedMeanwhile


class People(FakeTable):
    """The fake, with the rows of the promises."""

    def __init__(self) -> None:
        """Begin with these rows."""
        super().__init__(ROWS)
        self.schema = PEOPLE


class ReadsASnapshot(People):
    """A read shows what was there when the connection was opened, as in an open transaction."""

    async def find(self, id: Key) -> Record | None:
        """Give what was there at first."""
        await super().find(id)
        return ROWS.get(id)


class LosesWrites(People):
    """A write returns before it is committed, and never is."""

    async def update(
        self, id: Key, changes: Mapping[str, Scalar], *, expected: Record | None = None
    ) -> Record | None:
        """Give what it would be."""
        before = self.rows.get(id)
        after = await super().update(id, changes, expected=expected)
        if before is not None:
            self.rows[id] = before
        return after


class OverwritesOthers(People):
    """A change is made whatever the record is by now."""

    async def update(
        self, id: Key, changes: Mapping[str, Scalar], *, expected: Record | None = None
    ) -> Record | None:
        """Change it."""
        return await super().update(id, changes)


class ExpectsWholeRecords(People):
    """What is expected of some columns is missed in the others."""

    async def update(
        self, id: Key, changes: Mapping[str, Scalar], *, expected: Record | None = None
    ) -> Record | None:
        """Change what is whole as expected."""
        if expected is not None and id in self.rows and self.rows[id] != expected:
            raise ChangedMeanwhile("the record was changed by somebody else")
        return await super().update(id, changes)


class MakesRecords(People):
    """An update of what is not there adds it."""

    async def update(
        self, id: Key, changes: Mapping[str, Scalar], *, expected: Record | None = None
    ) -> Record | None:
        """Add it first."""
        self.rows.setdefault(id, {"id": id, "name": "", "city": None})
        return await super().update(id, changes, expected=expected)


class LeavesKeysOut(People):
    """Of many, those without a row are not there: who asks on goes on for ever."""

    async def find_part(
        self, ids: Sequence[Key], columns: Collection[str] | None = None
    ) -> dict[Key, list[Record]]:
        """Give those that are there."""
        found = await super().find_part(ids, columns)
        return {id: rows for id, rows in found.items() if rows}


class KnowsNoKinds(People):
    """It names its columns, and says nothing of them."""

    def __init__(self) -> None:
        """Forget what they are."""
        super().__init__()
        self.schema = replace(PEOPLE, described={})


class Things(FakeTable):
    """The fake, with a column of each kind."""

    def __init__(self) -> None:
        """Begin with one record that holds nothing."""
        super().__init__({1: NOTHING})
        self.schema = ONE_OF_EACH

    async def update(
        self, id: Key, changes: Mapping[str, Scalar], *, expected: Record | None = None
    ) -> Record | None:
        """Keep of each value what this table keeps of one."""
        kept = {name: self.kept(name, value) for name, value in changes.items()}
        return await super().update(id, kept, expected=expected)

    def kept(self, column: str, value: Scalar) -> Scalar:
        """Return what a column keeps of a value."""
        return value


class CallsItAllText(Things):
    """It takes every column for a text."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__()
        texts = {name: Column(name, Kind.TEXT) for name in self.schema.columns}
        self.schema = replace(self.schema, described=texts)


class RoundsDecimals(Things):
    """It keeps decimals as doubles of a few digits."""

    def kept(self, column: str, value: Scalar) -> Scalar:
        """Return fewer digits."""
        return round(float(str(value)), 2) if column == "decimal" and value else value


class CutsTexts(Things):
    """It cuts off what is behind the seconds."""

    def kept(self, column: str, value: Scalar) -> Scalar:
        """Return the text up to there."""
        return value.split(".")[0] if column == "moment" and isinstance(value, str) else value


class KeepsTruthAsText(Things):
    """It keeps true and false as these words, and calls that no boolean."""

    def kept(self, column: str, value: Scalar) -> Scalar:
        """Return the word."""
        return str(value) if column == "boolean" and value is not None else value


class KeepsTextsAnew(Things):
    """Each text that is written over another is kept with a mark of its own."""

    def kept(self, column: str, value: Scalar) -> Scalar:
        """Return the text, marked where there is one already."""
        there = self.rows[1][column]
        return f"{value} again" if column == "text" and value and there else value


class KeepsNull(Things):
    """It cannot be emptied: no value is an empty text."""

    def kept(self, column: str, value: Scalar) -> Scalar:
        """Return a text in any case."""
        return "" if value is None else value


READS_BACK = "what_is_typed_reads_back_as_written"
BROKEN: dict[type[FakeTable], set[str]] = {
    ReadsASnapshot: {"a_read_sees_what_others_have_committed"},
    LosesWrites: {
        "a_write_is_committed_when_it_returns", "a_read_sees_what_others_have_committed"
    },
    OverwritesOthers: {"a_change_of_what_is_no_longer_so_is_not_made"},
    ExpectsWholeRecords: {"some_of_the_columns_can_be_expected_alone"},
    MakesRecords: {"nothing_is_changed_where_there_is_no_record"},
    LeavesKeysOut: {"many_are_read_at_once"},
    KnowsNoKinds: {"the_schema_says_what_each_column_holds"},
    CallsItAllText: {"a_column_is_of_the_kind_that_it_is_declared_as"},
    RoundsDecimals: {READS_BACK},
    KeepsTextsAnew: {"a_change_is_taken_back"},
    CutsTexts: {READS_BACK},
    KeepsTruthAsText: {READS_BACK},
    KeepsNull: {"a_column_of_any_kind_can_be_emptied"},
}  # fmt: skip
"""What each of them has to be found out by, perhaps beside others."""


def promises_of(kind: type[FakeTable]) -> list[Promise]:
    """Return those of a table of people, or of one of things."""
    return THINGS if issubclass(kind, Things) else PROMISES


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
async def test_a_wrong_database_is_found_out(kind: type[FakeTable]) -> None:
    """By each of the promises that it breaks."""
    broken = set()
    for promise in promises_of(kind):
        table = kind()
        try:
            await promise(Place(table, table))
        except (AssertionError, ChangedMeanwhile, pytest.fail.Exception):
            broken.add(promise.__name__)
    assert broken >= BROKEN[kind]


async def test_the_promises_fail_for_no_other_reason() -> None:
    """The tables that they are derived from keep all of them."""
    for kind in (People, Things):
        for promise in promises_of(kind):
            table = kind()
            await promise(Place(table, table))
