"""Applications of somebody else's, invented by hypothesis: their tables, and what they cache.

Nothing here knows hitmiss: the standard library, the driver, and the ways in which programs are
seen to name their columns and keys and to spell their values.
"""

import json
import sqlite3
from base64 import b64encode
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import redis
from hypothesis import strategies as st

TTL_SECONDS = 3600
Spelling: TypeAlias = tuple[Any, Any]
"""What a careful program caches of a value, and what it would cache of another."""

NAMES = (
    "id", "kunden nr", "Schlüssel", "select", 'a"b', "it's", "名前", "x.y", "%s", "[c]", "`d`",
    "column1", "wanted", "\\", "e\te", "ttl", "data",
)  # fmt: skip
BEFORE = ("", "user:", "app:v2:", "a*", "[a-c]", "?:", "\\", "é ", "{shop}:", "^-")
AFTER = ("", ":profile", "*", "]", "{x}", "\\*", ":é")
IDS: dict[str, st.SearchStrategy[Any]] = {
    "INTEGER": st.integers(-(2**63), 2**63 - 1),
    "TEXT": st.text(min_size=1, max_size=8).filter(lambda text: text.strip() != ""),
}
FINDINGS = (
    "same", "same", "differs", "differs", "orphan", "wrongly-absent", "unreadable", "no-expiry",
    "uncached",
)  # fmt: skip
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
).filter(lambda value: isinstance(value, dict | list))


def _moment(seconds: int) -> tuple[str, list[Spelling]]:
    iso, other = (
        datetime.fromtimestamp(second, UTC).replace(tzinfo=None).isoformat()
        for second in (seconds, seconds + 1)
    )
    stored = iso.replace("T", " ")
    return stored, [(stored, other), (iso, other), (f"{iso}.000Z", other)]


KINDS: dict[str, st.SearchStrategy[tuple[Any, list[Spelling]]]] = {
    "TEXT": st.text(max_size=12).map(lambda text: (text, [(text, f"{text}!")])),
    "INTEGER": st.integers(-(2**62), 2**62).map(
        lambda n: (n, [(n, n + 1), (str(n), str(n + 1))])
    ),
    "REAL": st.integers(-999, 999).map(
        lambda n: (n / 8, [(n / 8, n / 8 + 1), (json.dumps(n / 8), json.dumps(n / 8 + 1))])
    ),
    "DECIMAL(10, 2)": st.integers(0, 99_999).map(
        lambda n: (n / 100, [(f"{n / 100:.2f}", f"{n / 100 + 0.01:.2f}"), (n / 100, n + 1.0)])
    ),
    "BOOLEAN": st.booleans().map(
        lambda truth: (int(truth), [(truth, not truth), (str(truth), str(not truth))])
    ),
    "TIMESTAMP": st.integers(0, 2**31).map(_moment),
    "DATE": st.dates().map(lambda day: (day.isoformat(), [(day.isoformat(), "0001-01-0x")])),
    "JSON": NESTED.map(
        lambda value: (
            json.dumps(value, ensure_ascii=False),
            [(value, [value]), (json.dumps(value, indent=1), json.dumps([value]))],
        )
    ),
}
"""What a column is declared as, and what may stand in it."""


@dataclass
class Foreign:
    """One application: its database, and what it has cached of it."""

    table: str
    """The table or the view to be explored."""
    id_column: str
    template: str
    script: str
    """What makes the tables."""
    insert: str
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    strings: dict[str, bytes] = field(default_factory=dict)
    hashes: dict[str, dict[str, str]] = field(default_factory=dict)
    endless: set[str] = field(default_factory=set)
    """The keys that never expire."""
    findings: dict[Any, str] = field(default_factory=dict)
    """What an audit has to find, by the record's key."""
    uncached: list[Any] = field(default_factory=list)
    """The keys of rows of which nothing is cached."""

    def make(self, path: Path, cache: redis.Redis) -> None:
        """Write all of it."""
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(self.script)
            connection.executemany(self.insert, self.rows)
        for key, value in self.strings.items():
            cache.set(key, value, ex=None if key in self.endless else TTL_SECONDS)
        for key, fields in self.hashes.items():
            for name, text in fields.items():
                cache.hset(key, name, text)
            if key not in self.endless:
                cache.expire(key, TTL_SECONDS)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@st.composite
def applications(draw: st.DrawFn) -> Foreign:
    """Give an application with a few rows, and copies that are right or wrong in every way."""
    table, *names = draw(st.permutations(NAMES))
    kind = draw(st.sampled_from(["INTEGER", "TEXT"]))
    kinds = draw(st.lists(st.sampled_from([*KINDS, "BLOB"]), min_size=1, max_size=5))
    id_column, columns = names[0], names[1 : len(kinds) + 1]
    declared = [f"{_quoted(id_column)} {kind} PRIMARY KEY NOT NULL"]
    declared += [f"{_quoted(c)} {k}" for c, k in zip(columns, kinds, strict=True)]
    without = draw(st.sampled_from(["", " WITHOUT ROWID"]))
    script = f"CREATE TABLE {_quoted(table)} ({', '.join(declared)}){without};"
    explored = table
    if draw(st.booleans()):
        explored = f"view of {table}"
        script += f"CREATE VIEW {_quoted(explored)} AS SELECT * FROM {_quoted(table)};"
    marks = ", ".join("?" * (len(columns) + 1))
    template = draw(st.sampled_from(BEFORE)) + "{id}" + draw(st.sampled_from(AFTER))
    insert = f"INSERT INTO {_quoted(table)} VALUES ({marks})"
    app = Foreign(explored, id_column, template, script, insert)
    for id in draw(st.lists(IDS[kind], min_size=1, max_size=8, unique=True)):
        _add_record(draw, app, id, columns, kinds)
    return app


def _add_record(
    draw: st.DrawFn, app: Foreign, id: Any, columns: list[str], kinds: list[str]
) -> None:
    """Add a row, or none, and a copy of it that is what its finding says."""
    values = [_value(draw, kind) for kind in kinds]
    right = {column: good for column, (_, good, _) in zip(columns, values, strict=True)}
    wrong = {column: bad for column, (*_, bad) in zip(columns, values, strict=True)}
    wrong = {column: bad for column, bad in wrong.items() if bad is not None}
    finding = draw(st.sampled_from(FINDINGS))
    if finding == "differs" and not wrong:
        finding = "same"
    if finding != "orphan":
        app.rows.append((id, *(stored for stored, *_ in values)))
    if finding == "uncached":
        app.uncached.append(id)
        return
    app.findings[id] = finding
    _add_copy(draw, app, id, right, wrong)


def _add_copy(
    draw: st.DrawFn, app: Foreign, id: Any, right: dict[str, Any], wrong: dict[str, Any]
) -> None:
    """Cache what the record's finding says: of some columns, or what is no record."""
    finding, key = app.findings[id], app.template.replace("{id}", str(id))
    if finding == "no-expiry":
        app.endless.add(key)
    if finding == "wrongly-absent":
        app.strings[key] = b"null"
        return
    if finding == "unreadable":
        app.strings[key] = draw(st.sampled_from([b"\x80", b"", b"[]", b"{}", b'"x"', b"{1"]))
        return
    copy = {column: right[column] for column in draw(st.sets(st.sampled_from([*right])))}
    if finding == "differs":
        column = draw(st.sampled_from([*wrong]))
        copy[column] = wrong[column]
    if not copy or draw(st.booleans()):
        copy[app.id_column] = id
    if draw(st.booleans()):
        copy["beside the table"] = ["x", {"y": None}]
    _store(draw, app, key, copy)


def _value(draw: st.DrawFn, kind: str) -> tuple[Any, Any, Any]:
    """Give what is stored, what is cached of it, and what would be drift; None for nothing."""
    if kind == "BLOB":
        stored = draw(st.binary(max_size=5))
        spelled = [b64encode(stored).decode(), f"\\x{stored.hex()}", list(stored), "<BLOB!>"]
        return stored, draw(st.sampled_from(spelled)), b64encode(stored + b"x").decode()
    if draw(st.integers(0, 5)) == 0:
        return None, None, "something"
    stored, spellings = draw(KINDS[kind])
    right, wrong = draw(st.sampled_from(spellings))
    return stored, right, wrong


def _store(draw: st.DrawFn, app: Foreign, key: str, copy: dict[str, Any]) -> None:
    """Keep a copy as JSON, in one of the ways of writing it, or as a hash of texts."""
    if draw(st.integers(0, 3)) == 0:
        app.hashes[key] = {name: _as_text(value) for name, value in copy.items()}
        return
    text = json.dumps(
        copy, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 2]))
    )
    app.strings[key] = text.encode()


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, dict | list) else str(value)
