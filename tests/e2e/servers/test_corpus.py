"""What real encoders wrote for a row, beside the same row as the server gives it now."""

import base64
import json
from pathlib import Path
from typing import Any

from tui.audit.equivalence import same
from tui.audit.equivalence.verdict import NotCompared
from tui.database.port import TableOptions
from tui.database.registry import store_of
from tui.models import Scalar
from tui.models.scalars import Nested
from tui.runtime.clock import SystemClock

FOLDER = Path(__file__).parents[2] / "unit" / "audit" / "equivalence" / "encoders"
DRIFT = {
    ("mysql", "node mysql2 UTC", "id"), ("mysql", "node mysql2 UTC", "big"),
    ("mysql", "node mysql2 UTC", "zd"), ("mysql", "node mysql2 UTC", "zdt"),
    ("mysql", "jackson/Spring Boot (docs)", "ti"),
}  # fmt: skip
"""What is drift; tests/unit/audit/equivalence/test_corpus.py says why."""


def corpus(name: str) -> dict[str, Any]:
    """Return what was written, and for which row."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def bytes_of(value: Any) -> Any:
    """Return a value as a driver binds it."""
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value


def cached_of(written: Any) -> Any:
    """Return what an encoder wrote as it is read out of the cache."""
    return Nested(json.dumps(written)) if isinstance(written, dict | list) else written


async def differing(url: str, name: str) -> set[tuple[str, str, str]]:
    """Return of which encoders which columns are not what the row has."""
    store, found = store_of(url), set()
    schema = store.read_schema(url, "corpus", "key_of_it", read_only=True)
    async with store.open(url, schema, SystemClock(), TableOptions(read_only=True)) as table:
        row = await table.find(1)
        assert row is not None
        for encoder, record in corpus(name)["encoders"].items():
            for column, written in record.items():
                if not verdict(cached_of(written), row[column], schema.column(column)):
                    found.add((name, encoder, column))
    return found


def verdict(cached: Any, stored: Scalar, column: Any) -> bool:
    """Tell whether both are the same; what cannot be told is no drift either."""
    try:
        return same(cached, stored, column)
    except NotCompared:
        return True


TYPES = {"mood (enum)": "mood", "bit": "bit(4)", "bpchar": "bpchar(5)", "citext": "text"}
"""How columns are declared whose type in the corpus is not the whole of it."""


async def test_the_row_of_postgresql(postgresql: Any) -> None:
    """No value that an encoder wrote is drift."""
    url = postgresql.new_database("corpus")
    columns = corpus("postgresql")["columns"]
    types = {name: TYPES.get(one["type"], one["type"]) for name, one in columns.items()}
    declared = ", ".join(f'"{name}" {word}' for name, word in types.items())
    postgresql.run("CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')", url=url)
    postgresql.run(f"CREATE TABLE corpus (key_of_it int PRIMARY KEY, {declared})", url=url)
    places = ", ".join(f"%s::{word}" for word in types.values())
    values = [text(bytes_of(one["stored"])) for one in columns.values()]
    postgresql.run(f"INSERT INTO corpus VALUES (1, {places})", *values, url=url)
    assert await differing(url, "postgresql") == set()


async def test_the_row_of_mariadb(mariadb: Any) -> None:
    """No value that an encoder wrote is drift, but for what really is."""
    url = mariadb.new_database("corpus")
    columns = corpus("mysql")["columns"]
    declared = ", ".join(f"`{name}` {one['type']} NULL" for name, one in columns.items())
    mariadb.run(
        f"CREATE TABLE corpus (key_of_it int PRIMARY KEY, {declared}) CHARSET utf8mb4", url=url
    )
    names = list(columns)
    places = ", ".join(
        "ST_GeomFromWKB(SUBSTR(%s, 5))" if one["type"] == "point" else "%s"
        for one in columns.values()
    )
    mariadb.run(
        f"SET sql_mode = '', time_zone = '+00:00'; INSERT INTO corpus VALUES (1, {places})",
        *(bytes_of(columns[name]["stored"]) for name in names),
        url=url,
    )
    assert await differing(url, "mysql") == DRIFT


def text(value: Any) -> Any:
    """Return a value as the text that PostgreSQL reads it from; bytes and NULL as they are."""
    if isinstance(value, str) and value[:1] == "[" and value[-1:] == "]":
        value = json.loads(value)
    if isinstance(value, list):
        return "{" + ",".join("NULL" if one is None else json.dumps(one) for one in value) + "}"
    return str(value) if isinstance(value, bool | int | float) else value
