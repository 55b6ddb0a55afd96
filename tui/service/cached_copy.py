"""A cached copy, understood: whose it is, whether it is fresh, whether it is any use."""

from contextlib import suppress

from msgspec import Struct

from tui.audit.extent import UnreadablePayload
from tui.audit.formats import check_is_copy, copied_record
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

    @property
    def label(self) -> Label:
        """What an answer from this copy is called."""
        return Label.NEGATIVE if self.record is None else Label.HIT


def understand(
    cached: Cached,
    id: Key,
    schema: TableSchema,
    *,
    grace: float,
    read_only: bool,
    ours: bool = True,
) -> CachedCopy:
    """Return what `cached` is worth as the copy of record `id`.

    A record is fresh while more than `grace` seconds of its life are left; 'known to be
    absent' has no grace. A copy without an expiry would be believed for ever, so it is
    broken. Who may not write takes what other programs cache as they do: with other columns,
    as a hash, without an expiry. Where the key is not `ours`, so does who may write; and only
    a record in the form that hitmiss gives it has a grace there, and may be overwritten.
    """
    if cached.payload is None and cached.fields is None and not cached.wrong_type:
        return CachedCopy(cached=cached)
    kept = False
    try:
        if read_only:
            record = _others_record(cached, id, schema)
        elif not ours:
            record, kept = _record_and_form(cached, id, schema)
        elif cached.payload is None:
            return CachedCopy(broken=True, reason="it is no string")
        else:
            record = decode(
                cached.payload, id=id, id_column=schema.id_column, columns=schema.column_set
            )
    except UnreadablePayload as error:
        return CachedCopy(broken=True, reason=str(error), kept=not ours)
    left = cached.seconds_left
    if left is None:
        lasting = read_only or not ours
        reason = None if lasting else "it would never expire"
        return CachedCopy(record, lasting, None, False, not lasting, reason, kept, cached)
    if record is None:
        return CachedCopy(None, fresh=left > 0, fresh_for=left, kept=kept)
    if kept:
        grace = 0.0
    return CachedCopy(record, left > grace, left - grace, left > 0, False, None, kept, cached)


def _record_and_form(
    cached: Cached, id: Key, schema: TableSchema
) -> tuple[Record | None, bool]:
    """Return the record that another program may have stored, and whether to keep its form.

    Raises:
        UnreadablePayload: it is no record of that key.
    """
    if cached.payload is not None:
        with suppress(UnreadablePayload):
            record = decode(
                cached.payload, id=id, id_column=schema.id_column, columns=schema.column_set
            )
            return record, record is None
    return _others_record(cached, id, schema), True


def _others_record(cached: Cached, id: Key, schema: TableSchema) -> Record | None:
    record = copied_record(cached)
    if record is not None:
        check_is_copy(record, id, schema)
    return record
