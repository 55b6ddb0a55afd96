"""What libraries wrap around a record before they cache it, seen through to the record."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tui.audit.extent import check_extent
from tui.audit.fields import Naming, squashed
from tui.models import TableSchema

CLASS = re.compile(r"[A-Za-z_$][\w$]*(?:[.\\/][\w$]+)+(?:\[\])?;?", re.ASCII)
"""The name of a class with that of its package, as Java's and PHP's encoders put it first."""
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
    """
    for _ in range(DEEPEST):
        if isinstance(value, list) and len(value) == 2 and _is_typed(value):
            value = value[1]
            continue
        inner = _content(value, naming, schema) if isinstance(value, Mapping) else _NOTHING
        if inner is _NOTHING:
            break
        value = inner
    return value


_NOTHING = object()


def _is_typed(value: list[Any]) -> bool:
    return (
        isinstance(value[0], str)
        and CLASS.fullmatch(value[0]) is not None
        and isinstance(value[1], Mapping)
    )


def _content(value: Mapping[str, Any], naming: Naming, schema: TableSchema) -> Any:
    own = naming.plan(value, schema).fields
    if schema.id_column in own:
        return _NOTHING
    is_shell = all(_bare(name) in AROUND or _bare(name) in CONTENT for name in value)
    for inner in _contents(value):
        if inner is None:
            if is_shell and len(value) > 1:
                return None
            continue
        deeper = record_in(inner, naming, schema)
        if not isinstance(deeper, Mapping):
            continue
        found = naming.plan(deeper, schema).fields
        if schema.id_column in found or (found and (is_shell or not own)):
            return inner
    return _NOTHING


def _contents(value: Mapping[str, Any]) -> Iterator[Any]:
    """Give the objects that the fields of an envelope hold, as such or as their JSON."""
    named = {_bare(name): inner for name, inner in value.items()}
    for name in CONTENT:
        inner = named.get(name, _NOTHING)
        if isinstance(inner, str):
            inner = _object(inner)
        if inner is None or isinstance(inner, Mapping | list):
            yield inner


def _object(text: str) -> Any:
    import json

    if text.lstrip()[:1] not in {"{", "["}:
        return _NOTHING
    check_extent(text.encode("utf-8", "replace"))
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NOTHING


def _bare(name: str) -> str:
    return squashed(name).lstrip("@$")
