"""What a collection's own validator says of its documents: `$jsonSchema`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from tui.database.mongodb.described import KINDS, of_types
from tui.models.columns import Column, Kind

MOST_CHOICES: Final = 200
JSON_TYPES: Final = {
    "string": "string", "number": "number", "boolean": "bool", "object": "object",
    "array": "array", "null": "null",
}  # fmt: skip
"""The names that JSON Schema's own `type` has, in those of MongoDB's `bsonType`."""


class Rules(Struct, frozen=True):
    """What a collection demands of its documents."""

    properties: Mapping[str, Mapping[str, Any]]
    """What it says of each field, in its own order."""
    required: frozenset[str] = frozenset()
    """The fields that each document has."""
    are_enforced: bool = False
    """Whether it refuses what breaks them; else it only writes that into its log."""

    def column(self, name: str, seen: Column | None) -> Column:
        """Return what is known of a field, from what it may hold and from what it does hold."""
        found = Column(name) if seen is None else seen
        rule = self.properties.get(name)
        if rule is None:
            needed = self.are_enforced and name in self.required
            return replace(found, nullable=not needed) if needed and seen else found
        types = _types(rule)
        listed = [one for one in types if one != "null"]
        declared = of_types(name, dict.fromkeys(listed, 1))
        # Of bytes the documents know better: they may be uuids.
        if declared.kind is not Kind.UNKNOWN and not (
            declared.kind is Kind.BYTES and seen is not None and seen.kind is Kind.UUID
        ):
            nested = declared.nested or found.nested
            kind = Kind.JSON if nested else declared.kind
            found = replace(found, kind=kind, declared=declared.declared, nested=nested)
        if not self.are_enforced:
            return found
        return self._bounded(found, rule, types)

    def _bounded(self, found: Column, rule: Mapping[str, Any], types: list[str]) -> Column:
        """Return a column with what it is bound to."""
        longest, choices = rule.get("maxLength"), rule.get("enum")
        if isinstance(longest, int) and not isinstance(longest, bool) and longest > 0:
            found = replace(found, length=longest)
        may_be_null = (not types or "null" in types) and (
            not isinstance(choices, Sequence) or None in choices
        )
        if isinstance(choices, list) and len(choices) <= MOST_CHOICES and not found.nested:
            texts = tuple(one for one in choices if isinstance(one, str))
            if len(texts) == sum(one is not None for one in choices):
                declared = found.declared or "string"
                found = replace(found, kind=Kind.ENUM, choices=texts, declared=declared)
        needed = found.name in self.required and not may_be_null
        return replace(found, nullable=not needed)


NONE: Final = Rules({})


def rules_of(options: Mapping[str, Any]) -> Rules:
    """Return what the options of a collection say, as `listCollections` gives them."""
    schemas = [one for one in _schemas(options.get("validator")) if isinstance(one, Mapping)]
    if not schemas:
        return NONE
    properties: dict[str, Mapping[str, Any]] = {}
    required: set[str] = set()
    for schema in schemas:
        for name, rule in _mapping(schema.get("properties")).items():
            if isinstance(rule, Mapping):
                properties.setdefault(str(name), rule)
        listed = schema.get("required")
        required |= {str(one) for one in listed} if isinstance(listed, list) else set()
    enforced = (
        options.get("validationAction", "error") != "warn"
        and options.get("validationLevel", "strict") != "off"
    )
    return Rules(properties, frozenset(required), enforced)


def _schemas(validator: Any) -> Iterator[Any]:
    """Give the schemas that all have to hold."""
    found = _mapping(validator)
    both = found.get("$and")
    for one in (found, *(both if isinstance(both, list) else ())):
        if "$jsonSchema" in _mapping(one):
            yield one["$jsonSchema"]


def _types(rule: Mapping[str, Any]) -> list[str]:
    """Return the types that a field may have, in MongoDB's names."""
    named = rule.get("bsonType")
    if named is None:
        own = rule.get("type")
        own = own if isinstance(own, list) else [own]
        named = [JSON_TYPES.get(one) for one in own if isinstance(one, str)]
    named = named if isinstance(named, list) else [named]
    return [one for one in named if isinstance(one, str) and (one in KINDS or one == "null")]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
