"""What libraries wrap around a record before they cache it, seen through to the record."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tui.audit.extent import check_extent
from tui.audit.fields import Naming, squashed
from tui.models import MOST_FIELDS, TableSchema

CLASS = re.compile(r"[A-Za-z_$][\w$]*(?:[.\\/][\w$]+)+(?:\[\])?;?", re.ASCII)
"""The name of a class with that of its package, as Java's and PHP's encoders put it first."""
LONGEST_CLASS = 1000
"""Characters: no class has a longer name."""
DEEPEST = 4
"""How many envelopes lie in one another at most."""
CONTENT = (
    "value", "v", "val", "data", "d", "payload", "item", "content", "body", "record", "object",
    "obj", "result", "entity", "model", "attributes", "cached", "json", "response", "document",
    "doc", "source",
)  # fmt: skip
"""How the field of an envelope is called that holds the record, the likeliest first."""
AROUND = frozenset({
    "expires", "expiresat", "expiresin", "expiry", "expiration", "expire", "exp", "e", "ttl",
    "maxage", "created", "createdat", "cachedat", "storedat", "savedat", "updatedat",
    "timestamp", "ts", "t", "version", "ver", "etag", "type", "class", "key", "k", "absexp",
    "sldexp", "tags", "meta", "metadata", "stale", "staleat", "staleuntil", "grace", "hash",
    "size", "lastmodified", "negative", "ok", "success", "ns", "namespace", "s", "m",
})  # fmt: skip
"""What else an envelope holds."""


def record_in(value: Any, naming: Naming, schema: TableSchema) -> Any:
    """Return the record inside of what was cached, where the whole does not fit the table.

    The whole fits if it has the key's column, and an envelope has no other column than one that
    is called as a field of envelopes is.

    Raises:
        TooManyValues: nobody would wait for it.
    """
    return _seen_through(value, naming, schema, DEEPEST)


_NOTHING = object()


def _seen_through(value: Any, naming: Naming, schema: TableSchema, most: int) -> Any:
    """Return what lies in at most so many envelopes; the very value where none fits."""
    if not most:
        return value
    if isinstance(value, list):
        return _seen_through(value[1], naming, schema, most - 1) if _is_typed(value) else value
    if not isinstance(value, Mapping) or len(value) > MOST_FIELDS:
        return value
    inner = _content(value, naming, schema, most - 1)
    return value if inner is _NOTHING else inner


def _is_typed(value: list[Any]) -> bool:
    return (
        len(value) == 2
        and isinstance(value[0], str)
        and len(value[0]) <= LONGEST_CLASS
        and CLASS.fullmatch(value[0]) is not None
        and isinstance(value[1], Mapping)
    )


def _content(value: Mapping[str, Any], naming: Naming, schema: TableSchema, most: int) -> Any:
    own = naming.plan(value, schema).fields
    if schema.id_column in own:
        return _NOTHING
    is_shell = all(_bare(name) in AROUND or _bare(name) in CONTENT for name in value)
    columns = set(own.values())
    fits, absent = [], False
    for name, inner in _contents(value):
        deeper = _seen_through(inner, naming, schema, most)
        if isinstance(deeper, Mapping):
            found = naming.plan(deeper, schema).fields
            if schema.id_column in found:
                return deeper
            fits += [deeper] if found and (is_shell or not own) else []
        elif deeper is None and is_shell and name not in columns:
            absent = True
    if fits:
        return fits[0]
    return None if absent else _NOTHING


def _contents(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give the fields of an envelope that hold objects, as such or as their JSON, or null."""
    named = {_bare(name): name for name in value}
    for bare in CONTENT:
        if bare not in named:
            continue
        inner = value[named[bare]]
        if isinstance(inner, str):
            inner = _object(inner)
        if inner is None or isinstance(inner, Mapping | list):
            yield named[bare], inner


def _object(text: str) -> Any:
    import json

    if text.lstrip()[:1] not in {"{", "["}:
        return None if text == "null" else _NOTHING
    check_extent(text.encode("utf-8", "replace"))
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NOTHING


def _bare(name: str) -> str:
    return squashed(name).lstrip("@$")
