"""A cached copy, understood: whose it is, whether it is fresh, whether it is any use."""

from contextlib import suppress

from msgspec import Struct

from tui.audit.extent import UnreadablePayload
from tui.audit.formats import JSON, format_of
from tui.audit.reading import Copy, CopyReader
from tui.database.port import Records
from tui.models import Cached, Key, Label, Record, TableSchema
from tui.service.payload import decode


class CachedCopy(Struct, frozen=True, gc=False):
    """What a lookup can do with what it found in the cache."""

    record: Record | None = None
    """The record; None when nothing usable is there, or 'known to be absent'."""
    fresh: bool = False
    """It may be given as the answer."""
    fresh_for: float | None = None
    """Seconds until it is no longer fresh; negative after that."""
    in_grace: bool = False
    """It may stand in for a database that fails."""
    broken: bool = False
    """Something is there that cannot be used, and is to be overwritten."""
    reason: str | None = None
    """Why it cannot be used."""
    kept: bool = False
    """Another program stored it in a form of its own: it is never overwritten."""
    cached: Cached | None = None
    """What was found, where it is a record or nothing."""
    format: str | None = None
    """What it is written in; None where nothing was found."""

    @property
    def label(self) -> Label:
        """What an answer from this copy is called."""
        return Label.NEGATIVE if self.record is None else Label.HIT


class Understanding:
    """Tells what is cached of one table, and what it is worth as the copy of a record."""

    def __init__(self, table: Records, reader: CopyReader, *, ours: bool) -> None:
        """Read what other programs cache by `reader`; where keys are `ours`, they do not."""
        self._table = table
        self._reader = reader
        self._ours = ours

    def of(self, cached: Cached, id: Key, *, grace: float, read_only: bool) -> CachedCopy:
        """Return what `cached` is worth as the copy of record `id`.

        A record is fresh while more than `grace` seconds of its life are left; 'known to be
        absent' has no grace. A copy without an expiry would be believed for ever, so it is
        broken. Who may not write takes what other programs cache as they do: with other
        columns, as a hash, without an expiry. Where the key is not ours, so does who may write;
        and only a record in the form that hitmiss gives it has a grace there, and may be
        overwritten.
        """
        if cached.payload is None and cached.fields is None and not cached.wrong_type:
            return CachedCopy(cached=cached)
        ours, schema = self._ours, self._table.schema
        kept = False
        format: str | None = JSON
        try:
            if ours and not read_only:
                if cached.payload is None:
                    return CachedCopy(broken=True, reason="it is no string")
                record = _own(cached.payload, id, schema)
            else:
                copy, kept = self._others(cached, id, schema, own=not read_only)
                record, format = copy.record, copy.format
        except UnreadablePayload as error:
            return CachedCopy(
                broken=True, reason=str(error), kept=not ours, format=format_of(cached)
            )
        left = cached.seconds_left
        if left is None:
            lasting = read_only or not ours
            reason = None if lasting else "it would never expire"
            return CachedCopy(
                record, lasting, None, False, not lasting, reason, kept, cached, format
            )
        if record is None:
            return CachedCopy(None, fresh=left > 0, fresh_for=left, kept=kept, format=format)
        if kept:
            grace = 0.0
        return CachedCopy(
            record, left > grace, left - grace, left > 0, False, None, kept, cached, format
        )

    def _others(
        self, cached: Cached, id: Key, schema: TableSchema, *, own: bool
    ) -> tuple[Copy, bool]:
        """Return what another program may have stored, and whether to keep its form.

        It may be of our `own` form, which need not be kept.

        Raises:
            UnreadablePayload: it is no record of that key.
        """
        if own and cached.payload is not None:
            with suppress(UnreadablePayload):
                record = _own(cached.payload, id, schema)
                return Copy(record, JSON), record is None
        return self._reader.record(cached, id, schema), own


def _own(payload: bytes, id: Key, schema: TableSchema) -> Record | None:
    """Return a record in the form that hitmiss gives it.

    Raises:
        UnreadablePayload: it is none.
    """
    return decode(
        payload, id=id, id_column=schema.id_column, columns=schema.column_set,
        nested=schema.nested_columns, is_open=schema.is_open,
    )  # fmt: skip
