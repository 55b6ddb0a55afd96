"""The indexes of a collection: which make a key unique, and which find beginnings of texts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pymongo.errors import OperationFailure

from tui.database.mongodb.client import Document
from tui.database.mongodb.failures import UNAUTHORIZED
from tui.database.mongodb.shell import collection_text, literal
from tui.database.mongodb.table_schema import ID, MongodbSchema, PrefixIndex, is_odd

if TYPE_CHECKING:
    from pymongo.collection import Collection

FOLDING_STRENGTHS: Final = (1, 2)
"""Collations of these strengths take `A` for `a`."""
HIGHEST: Final = "\uffff"
"""What stands behind all texts in a collation. Source: Unicode TR35, part 5, 'U+FFFF'."""
ADVISED: Final = {"locale": "en", "strength": 2}
"""The collation of the index that a search would use: without case."""
TYPES_OF_ORDER: Final = (1, -1)
ASKED_MS: Final = 1_000


def indexes_of(collection: "Collection[Document]") -> list[Mapping[str, Any]]:
    """Return the indexes, as the server describes them; none where nobody may know.

    Raises:
        PyMongoError: they cannot be read.
    """
    try:
        return [dict(one) for one in collection.list_indexes()]
    except OperationFailure as error:
        if error.code != UNAUTHORIZED:
            raise
        return []


def is_unique(indexes: Iterable[Mapping[str, Any]], field: str) -> bool:
    """Tell whether no two documents have one value in that field alone."""
    return any(
        list(_key(one)) == [field]
        and _key(one)[field] in TYPES_OF_ORDER
        and bool(one.get("unique"))
        and not one.get("partialFilterExpression")
        for one in indexes
    )


def is_indexed(indexes: Iterable[Mapping[str, Any]], field: str) -> bool:
    """Tell whether a document is found by that field without reading them all."""
    return field == ID or any(
        next(iter(_key(one)), None) == field and _is_whole(one) for one in indexes
    )


def folds(collation: Mapping[str, Any] | None) -> bool:
    """Tell whether a collation takes `A` for `a`."""
    return bool(
        collation
        and collation.get("locale", "simple") != "simple"
        and collation.get("strength", 3) in FOLDING_STRENGTHS
        and not collation.get("caseLevel")
    )


def prefix_index(
    indexes: Sequence[Mapping[str, Any]], field: str
) -> tuple[PrefixIndex, bool] | None:
    """Return an index that finds beginnings in a field, and whether it does in any case.

    One that does is preferred; None where there is neither.
    """
    found = [
        one for one in indexes
        if next(iter(_key(one)), None) == field and _key(one)[field] in TYPES_OF_ORDER
        and _is_whole(one)
    ]  # fmt: skip
    for one in found:
        if folds(one.get("collation")) and not one["collation"].get("numericOrdering"):
            return PrefixIndex(str(one.get("name")), _collation(one)), True
    ordinary = (one for one in found if not one.get("collation"))
    return next(((PrefixIndex(str(one.get("name"))), False) for one in ordinary), None)


def beginning(field: str, text: str, index: PrefixIndex) -> Document:
    """Return what finds the documents whose field begins with a text, for that index."""
    last = "\U0010ffff" if index.collation is None else HIGHEST
    return {field: {"$gte": text, "$lt": text + last}}


def is_used(collection: "Collection[Document]", field: str, index: PrefixIndex) -> bool:
    """Tell whether the server would answer by an index, and not read all documents.

    Raises:
        PyMongoError: it does not answer.
    """
    asked: Document = {
        "find": collection.name, "filter": beginning(field, "a", index), "limit": 1,
    }  # fmt: skip
    if index.collation is not None:
        asked["collation"] = dict(index.collation)
    try:
        told = collection.database.command(
            "explain", asked, verbosity="queryPlanner", maxTimeMS=ASKED_MS
        )
    except OperationFailure:
        return True  # who may not ask goes by what the index promises
    return "IXSCAN" in _stages(told.get("queryPlanner", {}).get("winningPlan")) or not told


def index_statement(schema: MongodbSchema, fields: Sequence[str]) -> str:
    """Return what makes the indexes that a search would use; '' where none can be made."""
    statements = (
        f"{collection_text(schema.name)}.createIndex({literal({field: 1})},"
        f" {{collation: {literal(ADVISED)}}})"
        for field in fields
        if not is_odd(field)
    )
    return "; ".join(statements)


def unique_statement(schema: MongodbSchema) -> str:
    """Return what makes the key unique, and finds it fast."""
    return (
        f"{collection_text(schema.name)}.createIndex({literal({schema.id_column: 1})},"
        " {unique: true})"
    )


def _key(index: Mapping[str, Any]) -> Mapping[str, Any]:
    key = index.get("key")
    return key if isinstance(key, Mapping) else {}


def _is_whole(index: Mapping[str, Any]) -> bool:
    """Tell whether an index knows all documents, and may be used."""
    return not index.get("partialFilterExpression") and not index.get("hidden")


def _collation(index: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the collation of an index as a query names it: without ICU's version."""
    return {name: value for name, value in index["collation"].items() if name != "version"}


def _stages(plan: Any, depth: int = 0) -> set[str]:
    """Return the stages of a plan, also of one that several servers or engines make."""
    if depth > 20:
        return set()
    if isinstance(plan, list):
        return {stage for one in plan for stage in _stages(one, depth + 1)}
    if not isinstance(plan, Mapping):
        return set()
    found = {str(plan["stage"])} if "stage" in plan else set()
    for name, inner in plan.items():
        if name in {
            "inputStage",
            "inputStages",
            "queryPlan",
            "shards",
            "winningPlan",
            "stages",
        }:
            found |= _stages(inner, depth + 1)
    return found
