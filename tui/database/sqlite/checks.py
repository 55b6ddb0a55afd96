"""What the facts about a database mean for hitmiss, and what to do."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tui.models.check import Check, State
from tui.runtime.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from tui.database.sqlite.facts import DatabaseFacts
    from tui.models import TableSchema
    from tui.models.columns import Column

GROUP = "database"
ADVICE = {
    "file": "name a SQLite file that you may read with --db, or leave --db out for the demo",
    "table": "name the table with --table and its unique column with --id-column",
    "rows": "wait for the other program, or check the file: sqlite3 FILE 'PRAGMA quick_check'",
}
"""What to do when looking at one of these failed."""
KNOWN = {
    "is no file of SQLite": "move it away, or name another database with --db",
    "definition is longer": "name another database with --db",
    "locked": ADVICE["rows"],
    "journal must be rolled back": "open it once with the program that writes it",
    "write-ahead log": "get the right to write its folder, or copy file and log elsewhere",
    "newer SQLite": "use a Python with a newer SQLite: https://sqlite.org/changes.html",
    "encrypted": "name a SQLite file that is not encrypted with --db",
    "did not answer": "see whether its disk is there; name a table in place of a slow view",
}
"""What to do where it is known better what went wrong, by a part of what was said."""


def database_checks(path: Path, facts: "DatabaseFacts", *, read_only: bool) -> list[Check]:
    """Give the checks of the database."""
    checks = [*_file(path, facts)]
    if facts.may_read:
        checks += _permissions(facts, read_only=read_only)
    if facts.schema is not None:
        checks += _table(facts, facts.schema)
    for stage, words in facts.troubles.items():
        known = (advice for sign, advice in KNOWN.items() if sign in words)
        advice = next(known, ADVICE[stage])
        checks.append(Check(GROUP, stage, detail=words, state=State.FAILED, advice=advice))
    return checks


def to_be_made(path: Path) -> Check:
    """Give the check of the demo database that is not there yet."""
    from tui.database.sqlite.beside import check_free

    try:
        check_free(path)
    except (OSError, DatabaseUnavailable) as error:
        return Check(
            GROUP, "file", str(path), str(error), State.FAILED,
            "move that away, or name a SQLite file with --db",
        )  # fmt: skip
    detail = f"the demo database would be made at {path} on first use"
    folder = next(parent for parent in path.absolute().parents if os.access(parent, os.F_OK))
    if os.access(folder, os.W_OK):
        return Check(GROUP, "file", str(path), detail)
    return Check(
        GROUP, "file", str(path), f"{detail}, but {folder} may not be written", State.FAILED,
        "name a SQLite file with --db, or make that folder writable",
    )  # fmt: skip


def _file(path: Path, facts: "DatabaseFacts") -> Iterator[Check]:
    if "file" not in facts.troubles:
        yield Check(GROUP, "file", str(path), f"{path}, {facts.size or 0:,} bytes")
        journal = "a write-ahead log: who writes holds up no reader"
        if not facts.wal:
            journal = "a rollback journal: who writes holds up readers for that time"
        yield Check(GROUP, "journal", "wal" if facts.wal else "rollback", journal)


def _permissions(facts: "DatabaseFacts", *, read_only: bool) -> Iterator[Check]:
    yield Check(GROUP, "may read", True)
    if facts.may_write and facts.may_write_folder:
        yield Check(GROUP, "may write", True)
        return
    what = "its folder" if facts.may_write else "the file"
    if not facts.may_write and not facts.may_write_folder:
        what = "the file and its folder"
    detail = f"{what} may not be written"
    if read_only and not (facts.wal and not facts.may_write_folder):
        yield Check(GROUP, "may write", False, f"{detail}; read-only, hitmiss need not")
    elif read_only:
        yield Check(
            GROUP, "may write", False, f"{detail}, where SQLite wants to put its log",
            State.WARNING, "let a program that may write keep the database open, or copy it",
        )  # fmt: skip
    else:
        yield Check(
            GROUP, "may write", False, detail, State.FAILED,
            "give yourself the permission, or start with --read-only",
        )  # fmt: skip


def _table(facts: "DatabaseFacts", schema: "TableSchema") -> Iterator[Check]:
    kind = "view" if facts.is_view else "table"
    columns = ", ".join(schema.columns)
    yield Check(GROUP, "table", schema.name, f"{kind} {schema.name}: {columns}")
    yield _columns(schema)
    yield _key(facts, schema)
    yield _rows(facts)
    yield _search(facts, schema)


def _columns(schema: "TableSchema") -> Check:
    columns = tuple(map(schema.column, schema.columns))
    shown = ", ".join(f"{column.name} {_told(column)}" for column in columns)
    return Check(GROUP, "columns", len(columns), shown, columns=columns)


def _told(column: "Column") -> str:
    """Return the kind, the declared type where that is another word, and what else there is."""
    is_other = column.declared.casefold() != column.kind
    more = [column.declared or "no type"] * is_other + ["computed"] * column.computed
    return f"{column.kind} ({'; '.join(more)})" if more else str(column.kind)


def _key(facts: "DatabaseFacts", schema: "TableSchema") -> Check:
    from tui.database.sqlite.facts import unique_sql

    column = schema.id_column
    detail = f"{column} {facts.key_type}".strip()
    if facts.key_is_bytes:
        detail += ", keys are bytes: found as hex or uuid, not changed here"
    if facts.key_is_unique and facts.key_is_indexed:
        return Check(GROUP, "key", column, f"{detail}: unique, indexed")
    wrong = [
        *([] if facts.key_is_unique else ["nothing promises that it is unique"]),
        *([] if facts.key_is_indexed else ["no index, so a lookup reads every row"]),
    ]
    advice = "of a view nothing can be promised; name its table with --table"
    if not facts.is_view:
        advice = f"run: {unique_sql(schema)}"
    elif facts.key_is_indexed:
        return Check(GROUP, "key", column, f"{detail}: indexed; {wrong[0]}, as of any view")
    return Check(GROUP, "key", column, f"{detail}: {'; '.join(wrong)}", State.WARNING, advice)


def _rows(facts: "DatabaseFacts") -> Check:
    if facts.rows is None:
        return Check(GROUP, "rows", None, "not counted: that would take too long")
    more = "more than " if facts.more_rows else ""
    return Check(GROUP, "rows", facts.rows, f"{more}{facts.rows:,}")


def _search(facts: "DatabaseFacts", schema: "TableSchema") -> Check:
    from tui.database.sqlite.facts import index_sql

    searched = ", ".join(schema.search_columns)
    if not searched:
        return Check(GROUP, "search", None, "no column holds text: there is nothing to search")
    if not facts.unindexed:
        return Check(GROUP, "search", searched, f"{searched}: indexed")
    detail = f"no index finds the beginning of: {', '.join(facts.unindexed)}"
    if facts.is_view:
        return Check(
            GROUP, "search", searched, f"{detail}; it is a view", State.WARNING,
            "make indexes of the view's tables, COLLATE NOCASE",
        )  # fmt: skip
    statements = "; ".join(index_sql(schema, column) for column in facts.unindexed)
    return Check(GROUP, "search", searched, detail, State.WARNING, f"run: {statements}")
