"""One collection of a MongoDB: its records, and the search in them."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

from tui.database.mongodb import keys
from tui.database.mongodb.changes import (
    TOUCH,
    DocumentWriter,
    document_of,
    update_of,
    where_document,
)
from tui.database.mongodb.client import Document
from tui.database.mongodb.documents import Documents, is_as
from tui.database.mongodb.reads import DocumentReader, FoundDocument
from tui.database.mongodb.search import DocumentSearch
from tui.database.mongodb.shell import LONGEST_SHOWN, call, find_text
from tui.database.mongodb.table_schema import ID, MongodbSchema
from tui.database.mongodb.topology import Watch
from tui.database.mongodb.values import LongValue
from tui.database.mongodb.written import Writing
from tui.database.port import KEYSTROKE_SECONDS
from tui.models import Caveat, Key, Record, Scalar, SearchResult, Step, Target
from tui.models.recorder import note_steps
from tui.runtime.clock import Clock
from tui.runtime.errors import ChangedMeanwhile, ChangeRefused, DatabaseUnavailable
from tui.runtime.plain_text import plain

T = TypeVar("T")
READ_ONLY: Final = "the database was opened read-only: start with --writable"
CHANGED: Final = "somebody else changed the record since it was shown; nothing was changed"
ATTEMPTS: Final = 3
"""How often a document is read anew that changed in what is not asked about."""


class MongodbTable:
    """The records of one collection; the search in it has a client of its own."""

    def __init__(
        self,
        reader: DocumentReader,
        writer: DocumentWriter | None,
        search: DocumentSearch,
        watch: Watch,
        schema: MongodbSchema,
        clock: Clock,
    ) -> None:
        """Read `schema`'s collection through `reader`; without a `writer`, change nothing."""
        self._reader = reader
        self._writer = writer
        self._search = search
        self._watch = watch
        self._documents = Documents(schema)
        self._writing = Writing(schema.uuids)
        self._clock = clock

    @property
    def schema(self) -> MongodbSchema:
        """The collection as the latest read found it."""
        return self._documents.schema

    @property
    def caveats(self) -> Sequence[Caveat]:
        """Why what it answers may be old, as the driver sees the servers now."""
        return self._watch.caveats

    async def find(self, id: Key) -> Record | None:
        """Return the record with that key, in bounded time; see Records.

        What cannot be a key there is not asked for: no document has it.
        """
        found = await self._of_key(id, confirmed=True)
        return self._record(found[0]) if found else None

    async def find_many(
        self, ids: Sequence[Key], columns: Collection[str] | None = None
    ) -> dict[Key, list[Record]]:
        """Return the rows with each of those keys; see Rows."""
        left = list(dict.fromkeys(ids))
        found: dict[Key, list[Record]] = {}
        while left:
            part = await self.find_part(left, columns)
            found.update((id, rows) for id, rows in part.items() if rows)
            left = left[len(part) :]
        return found

    async def find_part(
        self, ids: Sequence[Key], columns: Collection[str] | None = None
    ) -> dict[Key, list[Record]]:
        """Return the rows of the first of those keys; see Rows."""
        schema = self.schema
        names = None
        if columns is not None:
            wanted = {*columns, schema.id_column}
            names = tuple(name for name in schema.columns if name in wanted)
        count, documents = await self._reader.of_part(schema, ids, names)
        asked = list(ids[:count])
        rows: dict[Key, list[Record]] = {id: [] for id in asked}
        spelled = self._spelled(asked)
        for one in documents:
            key = keys.shown(schema, one.document.get(schema.id_column))
            for id in spelled.get(key, ()) if key is not None else ():
                rows[id].append(self._record(one, names))
        return rows

    async def first_keys(self, limit: int) -> list[Key]:
        """Return the keys of up to `limit` records; see Rows."""
        schema = self.schema
        held = await self._reader.first_keys(
            schema, limit, ordered=schema.unique and not schema.is_view
        )
        shown = (keys.shown(schema, value) for value in held)
        return [key for key in shown if key is not None]

    async def touch(self, id: Key) -> bool:
        """Write a record as it is, by a command that makes it what it is; see Table."""
        writer = self._check_writable()
        document = await self._to_change(id)
        if document is None:
            return False
        where = where_document(self.schema, document)
        shown = call(self.schema.name, "updateOne", {ID: document[ID]}, TOUCH)
        return await self._noted(shown, lambda: writer.touch(where), _counted)

    async def update(
        self, id: Key, changes: Mapping[str, Scalar], *, expected: Record | None = None
    ) -> Record | None:
        """Change these columns of a record, in one command; see Records.

        The document is read first: so its fields keep their types, and with `expected` the
        command holds only for what was read.
        """
        writer = self._check_writable()
        self._check_columns(changes)
        if self.schema.id_column in changes or ID in changes:
            raise ChangeRefused(f"{self.schema.id_column!r} is the key, which stays as it is")
        for _ in range(ATTEMPTS):
            document = await self._to_change(id)
            if document is None:
                return None
            if expected is not None:
                self._check_still(document, expected)
            after = await self._updated(writer, document, changes, expected)
            if after is not None:
                return after
        raise ChangedMeanwhile(CHANGED)

    async def insert(self, record: Mapping[str, Scalar]) -> tuple[Key, Record]:
        """Add a record; see Records."""
        writer = self._check_writable()
        self._check_changeable()
        self._check_columns(record)
        document = document_of(self.schema, record, self._writing)
        shown = call(self.schema.name, "insertOne", document)
        await self._noted(shown, lambda: writer.insert(document), lambda _: "1 document")
        added = self._record(FoundDocument(document))
        key = keys.shown(self.schema, document[self.schema.id_column])
        if key is None:
            raise AssertionError(document)
        return key, added

    async def delete(self, id: Key) -> bool:
        """Remove a record; see Records."""
        writer = self._check_writable()
        document = await self._to_change(id)
        if document is None:
            return False
        where = where_document(self.schema, document)
        shown = call(self.schema.name, "deleteOne", {ID: document[ID]})
        return await self._noted(shown, lambda: writer.delete(where), _counted)

    async def search(
        self, text: str, limit: int, *, seconds: float = KEYSTROKE_SECONDS
    ) -> SearchResult:
        """Return up to `limit` records that hold `text` in a searched column; see Rows."""
        try:
            return await self._search.run(self.schema, text, limit, seconds)
        except DatabaseUnavailable as error:
            return SearchResult(text, complete=False, reason=str(error))

    async def _of_key(self, id: Key, *, confirmed: bool) -> list[FoundDocument]:
        """Return the document with that key, noted as a step.

        Raises:
            DatabaseUnavailable: no answer, or there are several.
        """
        schema = self.schema
        values = keys.stored(schema, id)
        if not values:
            why = f"no document, and not asked: {keys.impossible(schema)}"
            shown = call(schema.name, "findOne", {schema.id_column: id})
            note_steps(Step(Target.DATABASE, shown, 0.0, why))
            return []
        where = {schema.id_column: {"$in": values} if len(values) > 1 else values[0]}
        typed = find_text(schema.name, where)
        shown = typed
        if len(typed) > LONGEST_SHOWN:
            shown = find_text(schema.name, where, LONGEST_SHOWN)
        found = await self._noted(
            shown,
            lambda: self._reader.of_key(schema, values, confirmed=confirmed),
            lambda found: _counted(len(found)),
            typed=(typed,),
        )
        meant = {keys.shown(schema, value) for value in values}
        found = [
            one for one in found
            if keys.shown(schema, one.document.get(schema.id_column)) in meant
        ]  # fmt: skip
        if len(found) > 1:
            raise NotUnique(self._not_unique(id))
        return found

    async def _to_change(self, id: Key) -> Document | None:
        """Return the document that is to be changed; None where there is none.

        Raises:
            ChangeRefused: it is part of a view, or several have that key.
        """
        self._check_changeable()
        try:
            found = await self._of_key(id, confirmed=False)
        except NotUnique as error:
            raise ChangeRefused(f"{error}; nothing was changed") from error
        if not found:
            return None
        document = found[0].document
        own = keys.shown(self.schema, document.get(self.schema.id_column))
        if own != id:  # its copy lies under its own spelling
            raise ChangeRefused(
                f"the key of that record is spelled {plain(str(own), 60)!r}; use that"
            )
        return document

    async def _updated(
        self,
        writer: DocumentWriter,
        document: Document,
        changes: Mapping[str, Scalar],
        expected: Record | None,
    ) -> Record | None:
        """Return the record as it is behind the change; None if it was not as it was read."""
        if not changes:
            return self._record(FoundDocument(document, lenient=True))
        whole = LongValue not in map(type, document.values())
        names = None if expected is None else list(expected)
        change = update_of(self.schema, document, changes, names, self._writing)
        after = await self._noted(
            change.shown,
            lambda: writer.update(change, whole=whole),
            lambda found: _counted(found is not None),
        )
        if after is None or whole:
            return None if after is None else self._record(FoundDocument(after, lenient=True))
        found = await self._of_key_again(document)
        return self._record(found[0]) if found else None

    async def _of_key_again(self, document: Document) -> Sequence[FoundDocument]:
        values = [document[self.schema.id_column]]
        return await self._reader.of_key(self.schema, values, confirmed=False)

    def _check_still(self, document: Document, expected: Record) -> None:
        if LongValue in map(type, document.values()):
            raise ChangeRefused(
                "a record that is too long to be read whole is not changed: give a larger"
                " --max-value"
            )
        if not is_as(self._record(FoundDocument(document, lenient=True)), expected):
            raise ChangedMeanwhile(CHANGED)

    async def _noted(
        self,
        shown: str,
        run: Callable[[], Awaitable[T]],
        told: Callable[[T], str],
        typed: tuple[str, ...] = (),
    ) -> T:
        """Return what comes back; it is a step, in failure too."""
        started = self._clock.monotonic()
        try:
            found = await run()
        except (DatabaseUnavailable, ChangeRefused) as error:
            failed = isinstance(error, DatabaseUnavailable)
            seconds = self._clock.monotonic() - started
            note_steps(Step(Target.DATABASE, shown, seconds, str(error), failed, typed))
            raise
        seconds = self._clock.monotonic() - started
        note_steps(Step(Target.DATABASE, shown, seconds, told(found), typed=typed))
        return found

    def _record(self, found: FoundDocument, names: Sequence[str] | None = None) -> Record:
        if names is None:
            return self._documents.record(found.document, lenient=found.lenient)
        return self._documents.part(found.document, names, lenient=found.lenient)

    def _spelled(self, ids: Sequence[Key]) -> dict[Key, list[Key]]:
        """Return under which keys documents show themselves that are asked for by `ids`."""
        found: dict[Key, list[Key]] = {}
        for id in ids:
            for value in keys.stored(self.schema, id):
                key = keys.shown(self.schema, value)
                if key is not None and id not in found.setdefault(key, []):
                    found[key].append(id)
        return found

    def _check_writable(self) -> DocumentWriter:
        if self._writer is None:
            raise ChangeRefused(READ_ONLY)
        return self._writer

    def _check_changeable(self) -> None:
        if self.schema.is_view:
            raise ChangeRefused(f"{self.schema.name!r} is a view, which MongoDB never changes")
        if self.schema.is_series:
            raise ChangeRefused(
                f"{self.schema.name!r} is a time series, whose documents are not changed one by"
                " one"
            )

    def _check_columns(self, changes: Mapping[str, Any]) -> None:
        for name in changes:
            if name not in self.schema.columns:
                listed = ", ".join(self.schema.columns)
                raise ChangeRefused(f"there is no column {name!r}; there are {listed}")

    def _not_unique(self, id: Key) -> str:
        return (
            f"field {self.schema.id_column!r} of {self.schema.name!r} is not unique: more than"
            f" one document has {plain(repr(id), 60)}; name a unique field with --id-column"
        )


class NotUnique(DatabaseUnavailable):
    """More than one document has a key, and nobody can tell which of them is meant."""


def _counted(count: float) -> str:
    return "no document" if not count else "1 document" if count == 1 else f"{count} documents"
