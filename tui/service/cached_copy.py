"""A cached copy, understood: whose it is, whether it is fresh, whether it is any use."""

from msgspec import Struct

from tui.models import Cached, Key, Label, Record, TableSchema
from tui.service.comparison import check_is_copy, copied_record
from tui.service.payload import UnreadablePayload, decode


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

    @property
    def label(self) -> Label:
        """What an answer from this copy is called."""
        return Label.NEGATIVE if self.record is None else Label.HIT


def understand(
    cached: Cached, id: Key, schema: TableSchema, *, grace: float, read_only: bool
) -> CachedCopy:
    """Give what `cached` is worth as the copy of record `id`.

    A record is fresh while more than `grace` seconds of its life are left; 'known to be
    absent' has no grace. A copy without an expiry would be believed for ever, so it is
    broken. Who may not write takes what other programs cache as they do: with other columns,
    as a hash, without an expiry.
    """
    if cached.payload is None and cached.fields is None and not cached.wrong_type:
        return CachedCopy()
    try:
        if read_only:
            record = _others_record(cached, id, schema)
        elif cached.payload is None:
            return CachedCopy(broken=True, reason="it is no string")
        else:
            record = decode(
                cached.payload, id=id, id_column=schema.id_column, columns=schema.column_set
            )
    except UnreadablePayload as error:
        return CachedCopy(broken=True, reason=str(error))
    left = cached.seconds_left
    if left is None:
        reason = None if read_only else "it would never expire"
        return CachedCopy(record, fresh=read_only, broken=not read_only, reason=reason)
    if record is None:
        return CachedCopy(None, fresh=left > 0, fresh_for=left)
    return CachedCopy(record, left > grace, left - grace, in_grace=left > 0)


def _others_record(cached: Cached, id: Key, schema: TableSchema) -> Record | None:
    record = copied_record(cached)
    if record is not None:
        check_is_copy(record, id, schema)
    return record
