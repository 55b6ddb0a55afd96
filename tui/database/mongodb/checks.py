"""What `doctor` says of a MongoDB, and what to do about it."""

from collections.abc import Iterator

from tui.database.mongodb.facts import CollectionFacts
from tui.database.mongodb.indexes import index_statement, unique_statement
from tui.database.mongodb.table_schema import MongodbSchema
from tui.database.mongodb.url import EXAMPLE
from tui.models.check import Check, State
from tui.models.columns import Column

GROUP = "database"
ADVICE = {
    "server": f"see the URL of --db: {EXAMPLE}",
    "collection": "name the collection with --table and its unique field with --id-column",
    "documents": "try again, or ask somebody who may read the collection",
}
"""What to do when looking at one of these failed."""


def database_checks(facts: CollectionFacts, *, read_only: bool) -> list[Check]:
    """Return the checks of the server and the collection."""
    checks: list[Check] = []
    if facts.version is not None:
        checks += [_server(facts), _tls(facts), _user(facts, read_only=read_only)]
        checks += _caveats(facts, read_only=read_only)
    if facts.schema is not None:
        checks += _collection(facts, facts.schema)
    for stage, words in facts.troubles.items():
        checks.append(
            Check(GROUP, stage, detail=words, state=State.FAILED, advice=ADVICE[stage])
        )
    return checks


def _server(facts: CollectionFacts) -> Check:
    named = f" ({facts.product})" if facts.product else ""
    detail = f"MongoDB {facts.version}{named}, {facts.topology}, at {facts.place}"
    return Check(GROUP, "server", facts.version, detail)


def _tls(facts: CollectionFacts) -> Check:
    if facts.tls and not facts.tls_unchecked:
        return Check(GROUP, "TLS", True, "on, certificates are checked")
    if facts.tls:
        return Check(
            GROUP, "TLS", True, "on, but any certificate is taken", State.WARNING,
            "give the authority's file as tlsCAFile=FILE in the URL, and leave that option out",
        )  # fmt: skip
    if facts.is_local:
        return Check(GROUP, "TLS", False, "off, on this machine")
    return Check(
        GROUP, "TLS", False, "off: password and records travel as they are", State.WARNING,
        "say tls=true in the URL if the server has it",
    )  # fmt: skip


def _user(facts: CollectionFacts, *, read_only: bool) -> Check:
    user = facts.user or "nobody: the server asks for no login"
    detail = f"{user}; {', '.join(facts.roles)}" if facts.roles else user
    if read_only and facts.may_write:
        return Check(
            GROUP, "user", facts.user or None,
            f"{detail}; read-only, hitmiss sends nothing that writes, but this user may",
            advice="MongoDB has no switch for it: a user with the role read is safer",
        )  # fmt: skip
    if not read_only and facts.may_write is False:
        return Check(
            GROUP, "user", facts.user or None, f"{detail}: may not write", State.FAILED,
            "name a user with the role readWrite, or start with --read-only",
        )  # fmt: skip
    return Check(GROUP, "user", facts.user or None, detail)


def _caveats(facts: CollectionFacts, *, read_only: bool) -> Iterator[Check]:
    for caveat in facts.caveats:
        state = State.WARNING if read_only else State.FAILED
        advice = "name the primary, or read and compare knowing that"
        yield Check(GROUP, caveat.name, True, caveat.words, state, advice)


def _collection(facts: CollectionFacts, schema: MongodbSchema) -> Iterator[Check]:
    kind = "view" if schema.is_view else "time series" if schema.is_series else "collection"
    columns = ", ".join(schema.columns)
    yield Check(GROUP, "table", schema.name, f"{kind} {schema.name}: {columns}")
    yield _columns(schema)
    yield _key(facts, schema)
    yield _rows(facts)
    yield _search(schema)


def _columns(schema: MongodbSchema) -> Check:
    columns = tuple(map(schema.column, schema.columns))
    shown = ", ".join(f"{column.name} {_told(column)}" for column in columns)
    told = "as the first and last documents have them"
    if schema.has_validator:
        told += " and the validator says"
    return Check(GROUP, "columns", len(columns), f"{shown}; {told}", columns=columns)


def _told(column: Column) -> str:
    """Return the kind, and MongoDB's types where they are called otherwise."""
    is_other = column.declared.casefold() != column.kind
    return f"{column.kind} ({column.declared or 'none seen'})" if is_other else str(column.kind)


def _key(facts: CollectionFacts, schema: MongodbSchema) -> Check:
    column = schema.id_column
    detail = f"{column} {' or '.join(schema.key_types)}"
    if schema.odd_keys:
        listed = ", ".join(schema.odd_keys)
        return Check(
            GROUP, "key", column, f"{detail}; some are {listed}, which cannot be looked up",
            State.WARNING, "name a unique field with --id-column that all documents have",
        )  # fmt: skip
    wrong = [
        *([] if schema.unique else ["nothing promises that it is unique"]),
        *([] if facts.key_is_indexed else ["no index, so a lookup reads every document"]),
    ]
    if not wrong:
        return Check(GROUP, "key", column, f"{detail}: unique, indexed")
    advice = f"run: {unique_statement(schema)}"
    if schema.is_view:
        advice = "of a view nothing can be promised; name its collection with --table"
    return Check(GROUP, "key", column, f"{detail}: {'; '.join(wrong)}", State.WARNING, advice)


def _rows(facts: CollectionFacts) -> Check:
    if facts.rows is None:
        return Check(GROUP, "rows", None, "not counted: that would take too long")
    return Check(GROUP, "rows", facts.rows, f"about {facts.rows:,}")


def _search(schema: MongodbSchema) -> Check:
    searched = ", ".join(schema.search_columns)
    if not searched:
        return Check(GROUP, "search", None, "no field holds text: there is nothing to search")
    if not schema.unindexed_columns and not schema.is_view:
        return Check(GROUP, "search", searched, f"{searched}: indexed")
    if schema.is_view:
        return Check(
            GROUP, "search", searched, f"{searched}: of a view each document is made first",
            State.WARNING, "make indexes of the view's collection, with a collation",
        )  # fmt: skip
    listed = ", ".join(schema.unindexed_columns)
    return Check(
        GROUP, "search", searched, f"no index finds the beginning in any case of: {listed}",
        State.WARNING, f"run: {index_statement(schema, schema.unindexed_columns)}",
    )  # fmt: skip
