"""The promises are worth something: each wrong database breaks those that it has to."""

from collections.abc import Collection, Mapping, Sequence

import pytest
from contract.tables import COLUMNS, PROMISES, ROWS, Place
from fakes import FakeTable

from tui.models import Key, Record, Scalar, TableSchema


class People(FakeTable):
    """The fake, with the rows of the promises."""

    def __init__(self) -> None:
        """Begin with these rows."""
        super().__init__(ROWS)
        self.schema = TableSchema("people", "id", True, COLUMNS, search_columns=("name",))


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


BROKEN = {
    ReadsASnapshot: {"a_read_sees_what_others_have_committed"},
    LosesWrites: {
        "a_write_is_committed_when_it_returns", "a_read_sees_what_others_have_committed"
    },
    OverwritesOthers: {"a_change_of_what_is_no_longer_so_is_not_made"},
    MakesRecords: {"nothing_is_changed_where_there_is_no_record"},
    LeavesKeysOut: {"many_are_read_at_once"},
}  # fmt: skip
"""What each of them has to be found out by, perhaps beside others."""


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
async def test_a_wrong_database_is_found_out(kind: type[People]) -> None:
    """By each of the promises that it breaks."""
    broken = set()
    for promise in PROMISES:
        table = kind()
        try:
            await promise(Place(table, table))
        except (AssertionError, pytest.fail.Exception):
            broken.add(promise.__name__)
    assert broken >= BROKEN[kind]


async def test_the_promises_fail_for_no_other_reason() -> None:
    """The table that they are derived from keeps all of them."""
    for promise in PROMISES:
        table = People()
        await promise(Place(table, table))
