"""What real encoders wrote for a row of PostgreSQL, of MariaDB and of MongoDB, beside that row.

The files say of each column what the adapter is to give (`stored`), and a value that really
differs from it (`changed`); under `encoders` stands what each wrote into a cache.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tui.audit.equivalence import same
from tui.audit.equivalence.verdict import NotCompared
from tui.models import Scalar
from tui.models.columns import Column, Kind
from tui.models.scalars import Nested, StandIn, mark_of

FOLDER = Path(__file__).with_name("encoders")
KINDS = {
    Kind.INTEGER: "int8 bigint mediumint int year", Kind.DECIMAL: "numeric decimal money",
    Kind.FLOAT: "float8 float4 double float", Kind.BOOLEAN: "bool tinyint",
    Kind.TEXT: "text bpchar tsvector citext longtext char", Kind.DATE: "date",
    Kind.TIME: "time timetz", Kind.MOMENT: "timestamp timestamptz datetime",
    Kind.INTERVAL: "interval", Kind.UUID: "uuid", Kind.BYTES: "bytea blob binary varbinary",
    Kind.ARRAY: "int4[] text[]", Kind.JSON: "json jsonb", Kind.ENUM: "mood enum set",
    Kind.NETWORK: "inet cidr macaddr", Kind.RANGE: "int4range tstzrange", Kind.BIT: "bit",
    Kind.GEOMETRY: "point",
}  # fmt: skip
BY_TYPE = {word: kind for kind, words in KINDS.items() for word in words.split()}
ROUNDED = "a number of JavaScript has not so many digits"
DRIFT = {
    ("mysql", "node mysql2 UTC", "id"): "a JSON double has not so many digits",
    ("mysql", "node mysql2 UTC", "big"): "a JSON double has not so many digits",
    ("mysql", "node mysql2 UTC", "zd"): "the zero date became a day of 1899",
    ("mysql", "node mysql2 UTC", "zdt"): "the zero date became null",
    ("mysql", "jackson/Spring Boot (docs)", "ti"): "26 hours became a time of day",
    ("mongodb", "EJSON relaxed", "long"): ROUNDED,
    ("mongodb", "EJSON relaxed", "doc_long"): ROUNDED,
    ("mongodb", "EJSON legacy", "long"): ROUNDED,
    ("mongodb", "EJSON legacy", "doc_long"): ROUNDED,
    ("mongodb", "mongoose JSON.stringify", "long"): ROUNDED,
    ("mongodb", "mongoose toObject", "long"): ROUNDED,
    ("mongodb", "mongoose virtual id", "long"): ROUNDED,
}
"""What is drift, and why."""


def column_of(place: tuple[str, str, str], about: dict[str, Any]) -> Column:
    """Give a column as an adapter describes it."""
    database, _, name = place
    declared = about["type"]
    if database == "mongodb":
        kind = Kind(about["kind"])
        is_json = kind is Kind.JSON
        return Column(name, kind, declared, nested=is_json, documents=is_json)
    word = declared.partition("(")[0].split()[0]
    size = 4 if word in {"float4", "float"} else 8
    return Column(name, BY_TYPE[word], declared, float_bytes=size)


def stored_of(value: Any) -> Scalar:
    """Give a value as an adapter gives it: bytes as what stands in for them."""
    if isinstance(value, dict):
        content = base64.b64decode(value["base64"])
        return StandIn(f"<{len(content)} bytes>", mark_of("blob", content))
    scalar: Scalar = value
    return scalar


def cases() -> Iterator[Any]:
    """Give each value that an encoder wrote, with its column."""
    for path in sorted(FOLDER.glob("*.json")):
        corpus = json.loads(path.read_text(encoding="utf-8"))
        for encoder, record in corpus["encoders"].items():
            for name, written in record.items():
                cached = Nested(json.dumps(written)) if isinstance(written, dict | list) else (
                    written
                )  # fmt: skip
                yield pytest.param(
                    (path.stem, encoder, name), cached, corpus["columns"][name],
                    id=f"{path.stem}-{encoder}-{name}",
                )  # fmt: skip


def verdict(cached: Scalar, stored: Any, column: Column) -> bool | None:
    """Compare; None where it cannot be told."""
    try:
        return same(cached, stored_of(stored), column)
    except NotCompared:
        return None


@pytest.mark.parametrize(("place", "cached", "about"), cases())
def test_what_an_encoder_wrote_is_the_row(
    place: tuple[str, str, str], cached: Scalar, about: dict[str, Any]
) -> None:
    """No false drift; and had the row another value, each of them would be told apart."""
    column = column_of(place, about)
    assert verdict(cached, about["stored"], column) is (place not in DRIFT), DRIFT.get(place)
    if about["changed"] is not None and place not in DRIFT:
        assert verdict(cached, about["changed"], column) is False


def test_the_corpus_is_whole() -> None:
    """All three databases, and each kind of column that the table of kinds names."""
    places = [case.values[0] for case in cases()]
    assert len(places) == 722
    assert set(DRIFT) <= set(places)
