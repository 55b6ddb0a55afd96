"""What programs cache, read as records of a table, in whatever form they have it."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import tzinfo
from typing import Any

from msgspec import Struct, field

from tui.audit.envelopes import record_in
from tui.audit.extent import UnreadablePayload
from tui.audit.fields import FieldPlan, Naming
from tui.audit.formats import (
    HASH,
    JSON,
    check_is_copy,
    decoded,
    format_of,
    quick_record,
    record_of,
)
from tui.models import MAX_VALUE, Cached, Key, Record, TableSchema

INDEX = re.compile("0|[1-9][0-9]{0,8}")
"""A place in a list, as a JSON Pointer has it."""


class Reading(Struct, frozen=True):
    """How copies are to be read, as far as somebody has said."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Which column a field stands for, whatever it is called."""
    at: tuple[str, ...] = ()
    """Where in a value the record is: the names and numbers of a JSON Pointer."""
    id_pattern: re.Pattern[str] | None = None
    """What the whole id of a record looks like; what has another is none."""
    zone: tzinfo | None = None
    """Where moments without a zone are meant; None is UTC."""


class Copy(Struct, frozen=True, gc=False):
    """What is cached under a key, taken apart."""

    record: Record | None = None
    """Its columns, called as the table does; None for 'known to be absent', and if `wrong`."""
    format: str | None = None
    """What it is written in: `json`, `hash`, `gzip+pickle`; None for nothing."""
    texts: bool = False
    """Whether it holds texts alone, as a hash does."""
    doubtful: Mapping[str, str] = field(default_factory=dict)
    """Of columns that two fields could stand for, these fields."""
    wrong: UnreadablePayload | None = None
    """Why it is no record."""


NOTHING = Copy()


class CopyReader:
    """Takes copies apart that are of one table."""

    def __init__(self, reading: Reading | None = None, most: int = MAX_VALUE) -> None:
        """Read as `reading` says; nothing is unpacked to more than `most` bytes."""
        self.reading = reading or Reading()
        self._most = most
        self._naming = Naming(self.reading.names)

    def read(self, cached: Cached, schema: TableSchema) -> Copy:
        """Return what is cached, or in it why it is no record."""
        if cached.payload is None and cached.fields is None:
            return _WRONG_TYPE if cached.wrong_type else NOTHING
        if cached.payload is not None and not self.reading.at:
            quick = quick_record(cached.payload)
            if quick is not None:
                plan = self._naming.plan(quick, schema)
                if schema.id_column in plan.fields:
                    return _as_planned(quick, plan, JSON)
        try:
            return self._taken_apart(cached, schema)
        except UnreadablePayload as error:
            return Copy(format=format_of(cached), wrong=error)

    def record(self, cached: Cached, id: Key, schema: TableSchema) -> Copy:
        """Return what is cached, which is a record with that key, or 'known to be absent'.

        Raises:
            UnreadablePayload: it is neither.
        """
        copy = self.read(cached, schema)
        if copy.wrong is not None:
            raise copy.wrong
        if copy.record is not None:
            check_is_copy(copy.record, id, schema)
        return copy

    def _taken_apart(self, cached: Cached, schema: TableSchema) -> Copy:
        """Return what is cached.

        Raises:
            UnreadablePayload: it is no record.
        """
        texts = cached.fields is not None
        if cached.fields is not None:
            value, format = cached.fields, HASH
        else:
            value, format = decoded(cached.payload or b"", self._most)
        whole = value
        if self.reading.at:
            value = _at(value, self.reading.at, self._most)
        value = record_in(value, self._naming, schema)
        texts = texts and value is whole
        record = value if texts else record_of(value, format)
        if record is None:
            return Copy(format=format)
        plan = self._naming.plan(record, schema)
        return _as_planned(record, plan, format, texts=texts)


_WRONG_TYPE = Copy(
    wrong=UnreadablePayload("it is neither a string nor a hash of a record's size")
)


def _as_planned(record: Record, plan: FieldPlan, format: str, *, texts: bool = False) -> Copy:
    """Return a record with its columns called as the table does."""
    if plan.is_plain:
        return Copy(record, format, texts)
    return Copy(plan.renamed(record), format, texts, plan.doubtful)


def _at(value: Any, parts: tuple[str, ...], most: int) -> Any:
    """Return what lies there in a value; a text on the way is the JSON that it spells.

    Raises:
        UnreadablePayload: nothing does.
    """
    if value is None:  # the whole is known to be absent
        return None
    for part in parts:
        value = _inside(value, most)
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and INDEX.fullmatch(part) and int(part) < len(value):
            value = value[int(part)]
        else:
            raise UnreadablePayload(f"it has nothing at /{'/'.join(parts)}")
    return _inside(value, most)


def _inside(value: Any, most: int) -> Any:
    """Return what a text spells, where that is JSON or another format; else the text."""
    if isinstance(value, str):
        with suppress(UnreadablePayload):
            return decoded(value.encode("utf-8", "replace"), most)[0]
    return value
