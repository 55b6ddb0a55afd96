"""What the form can do: read a record as it is, and write what was typed."""

import asyncio
from collections.abc import Mapping

from tui.controllers.session import Session
from tui.database.samples import others_in
from tui.models import Key, Record, Scalar, TableSchema, WriteResult
from tui.models.columns import Kind
from tui.models.kinds import hint
from tui.models.scalars import StandIn
from tui.models.undoable import UndoableChange
from tui.models.values import needs_others, spelled, typed_all
from tui.runtime.errors import (
    READ_ONLY_DATABASE,
    CacheError,
    ChangeIgnored,
    ChangeRefused,
    DatabaseUnavailable,
)


class EditController:
    """The form's way to one record."""

    def __init__(self, session: Session, id: Key) -> None:
        """Edit the record with key `id`."""
        self.session = session
        self.id = id

    @property
    def schema(self) -> TableSchema:
        """The table's columns."""
        return self.session.schema

    @property
    def may_forget(self) -> bool:
        """Whether the invalidation may be left out: nobody else uses an embedded cache."""
        return self.session.place.embedded and not self.session.read_only

    def fixed(self, column: str, record: Record) -> str | None:
        """Give why a column of the record cannot be edited here; None when it can."""
        if column == self.schema.id_column:
            return "the key stays as it is"
        value = record[column]
        if isinstance(value, StandIn):
            return "a value that cannot be typed"
        described = self.schema.column(column)
        if described.computed:
            return "computed by the database"
        if described.kind is Kind.BYTES:
            return "bytes cannot be typed here"
        if isinstance(value, str) and not value.isprintable():
            return "not to be typed here: use hitmiss set"
        return None

    def hint(self, column: str, record: Record) -> str:
        """Return in a few words what a column of the record takes."""
        return hint(self.schema.column(column), record[column])

    async def record(self) -> Record | None:
        """Give the record as the database has it now.

        Raises:
            DatabaseUnavailable: no answer.
        """
        return await (await self.session.services()).table.find(self.id)

    async def changes(self, record: Record, texts: Mapping[str, str]) -> dict[str, Scalar]:
        """Return the columns whose text is not what `record` has, typed.

        Raises:
            ChangeRefused: a column does not take what was typed; the error names it.
            DatabaseUnavailable: other records decide how a value is kept, and it is silent.
        """
        changed = {n: text for n, text in texts.items() if text != spelled(record.get(n))}
        alone = {n for n in changed if needs_others(self.schema.column(n), record.get(n))}
        table = (await self.session.services()).table
        others = await others_in(table, alone)
        seen = {name: [record.get(name)] for name in changed} | dict(others)
        return typed_all(changed, self.schema, seen)

    async def is_cached(self) -> bool:
        """Tell whether there is a copy of the record; False too when the cache is silent."""
        key = self.session.template.value_key(self.id)
        try:
            facts = await (await self.session.services()).cache.walker.describe([key])
            return any(fact.unread is None for fact in facts)
        except CacheError as error:
            self.session.note_failure(error)
            return False

    async def save(
        self, changes: Mapping[str, Scalar], before: Record, *, forget: bool
    ) -> WriteResult:
        """Write the changes, if the record is still as it was `before`, and invalidate.

        From then on they can be taken back (`tui.controllers.undo`). With `forget` nobody
        tells the cache: so that drift can be seen, and found.

        Raises:
            ChangedMeanwhile: somebody else changed it; nothing was written.
            ChangeRefused: read-only, or a constraint.
            DatabaseUnavailable: no answer.
        """
        if self.session.read_only:
            raise ChangeRefused(READ_ONLY_DATABASE)
        try:
            result = await self._write(changes, before, forget=forget)
        except (ChangeIgnored, DatabaseUnavailable, asyncio.CancelledError):
            self.session.undoable = None  # what is there now nobody knows
            raise
        if result.record is not None:
            self.session.undoable = UndoableChange(
                self.id,
                {name: before[name] for name in changes if name in before},
                {name: result.record.get(name) for name in changes},
            )
        return result

    async def _write(
        self, changes: Mapping[str, Scalar], before: Record, *, forget: bool
    ) -> WriteResult:
        services = await self.session.services()
        if not forget:
            return await services.service.writer.update(self.id, changes, expected=before)
        record = await services.table.update(self.id, changes, expected=before)
        return WriteResult(self.id, found=record is not None, record=record)
