"""What kind of values a column holds, by the type that programs declare for it."""

from pathlib import Path

import pytest
from files import make_file

from tui.database.sqlite.kinds import described
from tui.database.sqlite.schema import read_schema
from tui.models.columns import Column, Kind

DECLARED = {
    "Django": {
        "integer": "integer; bigint; smallint; integer unsigned; smallint unsigned",
        "text": "text; varchar(100); char(39); char(15)",
        "boolean": "bool", "moment": "datetime", "date": "date", "time": "time",
        "decimal": "decimal", "float": "real", "uuid": "char(32)", "bytes": "BLOB",
    },
    "Rails": {
        "integer": "integer; bigint; integer(8)", "text": "varchar; text; varchar(255)",
        "boolean": "boolean", "moment": "datetime(6); datetime; timestamp", "date": "date",
        "time": "time; time(6)", "decimal": "decimal(10,2); decimal(10, 2)", "float": "float",
        "json": "json", "bytes": "blob", "uuid": "uuid; char(36)",
    },
    "Laravel": {
        "integer": "integer", "text": "varchar; text", "boolean": "tinyint(1); TINYINT( 1 )",
        "moment": "datetime", "date": "date", "time": "time", "decimal": "numeric",
        "float": "float; double", "bytes": "blob",
    },
    "SQLAlchemy": {
        "integer": "INTEGER; BIGINT; SMALLINT", "text": "VARCHAR(50); TEXT; VARCHAR; CLOB",
        "boolean": "BOOLEAN", "moment": "DATETIME; TIMESTAMP", "date": "DATE", "time": "TIME",
        "decimal": "NUMERIC(10, 2); DECIMAL(10, 2)", "float": "FLOAT; REAL; DOUBLE",
        "json": "JSON", "uuid": "CHAR(32); UUID", "bytes": "BLOB; BINARY; VARBINARY(16)",
    },
    "Prisma": {
        "integer": "INTEGER; BIGINT", "text": "TEXT", "boolean": "BOOLEAN",
        "moment": "DATETIME", "decimal": "DECIMAL", "float": "REAL", "json": "JSONB",
        "bytes": "BLOB",
    },
    "TypeORM": {
        "integer": "integer; int; tinyint; mediumint; unsigned big int; int2; int8",
        "text": "varchar; character(20); native character(70); nvarchar(100)",
        "boolean": "boolean", "moment": "datetime", "date": "date", "time": "time",
        "decimal": "decimal; numeric", "float": "double precision", "bytes": "blob",
    },
    "GORM": {
        "integer": "integer", "text": "text", "decimal": "numeric", "float": "real",
        "moment": "datetime", "bytes": "blob", "json": "JSON",
    },
    "Room": {
        "integer": "INTEGER", "text": "TEXT", "float": "REAL", "bytes": "BLOB", "unknown": "",
    },
    "others": {
        "uuid": "GUID; uniqueidentifier; NCHAR(36)", "decimal": "MONEY; NUMBER(12,2)",
        "text": "STRING; CHARACTER VARYING(36); VARCHAR(32); LONG VARCHAR; citext; json_text",
        "moment": "TIMESTAMP WITH TIME ZONE; timestamptz; DATETIMEOFFSET(7)",
        "interval": "INTERVAL; interval day to second", "time": "TIME WITHOUT TIME ZONE",
        "enum": "ENUM", "network": "INET; cidr; macaddr", "range": "int4range",
        "bit": "BIT(8); bit varying(4); BIT VARYING", "boolean": "BIT; bit(1)",
        "geometry": "POINT; geometry(Point, 4326)", "array": "TEXT[]; integer[]",
        "integer": "SERIAL; YEAR; TINYINT(4)", "bytes": "bytea",
        "unknown": "ANY; foo; (; LONG; \x1b[2J",
    },
}  # fmt: skip
"""By the program that makes the table, each kind with the types that it declares for it."""


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        pytest.param(declared, kind, id=f"{program} {declared!r}")
        for program, kinds in DECLARED.items()
        for kind, types in kinds.items()
        for declared in types.split("; ")
    ],
)
def test_the_declared_type_tells_the_kind(declared: str, kind: str) -> None:
    """As programs mean it, not as SQLite would keep it."""
    column = described("c", declared, computed=False)
    assert (column.kind, column.declared) == (Kind(kind), declared)


def test_a_file_says_of_each_column_what_it_is(tmp_path: Path) -> None:
    """Its type as it stands there, what it computes, how long texts are."""
    path = make_file(
        tmp_path / "a.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, code CHAR(36) NOT NULL,"
        " price DECIMAL(10, 2), twice INT AS (id * 2), loose)",
    )
    schema = read_schema(path, "t")
    assert schema.columns == ("id", "code", "price", "twice", "loose")
    assert schema.described == {
        "id": Column("id", Kind.INTEGER, "INTEGER", number_digits=15),
        "code": Column("code", Kind.UUID, "CHAR(36)", length=36),
        "price": Column(
            "price", Kind.DECIMAL, "DECIMAL(10, 2)", length=10, number_digits=15
        ),
        "twice": Column("twice", Kind.INTEGER, "INT", computed=True, number_digits=15),
        "loose": Column("loose"),
    }  # fmt: skip


def test_strict_tables_and_views_say_it_too(tmp_path: Path) -> None:
    """ANY tells nothing, in a strict table as elsewhere; nor does what a view computes."""
    path = make_file(
        tmp_path / "a.db",
        "CREATE TABLE firm (id INT PRIMARY KEY, a ANY, b TEXT, c REAL, d BLOB, e INTEGER)"
        " STRICT; CREATE TABLE loose (id INTEGER PRIMARY KEY, a ANY, at DATETIME);"
        " CREATE VIEW seen AS SELECT id, at, at || '' AS shown FROM loose",
    )
    kinds = {
        table: [
            column.kind.value for column in read_schema(path, table, "id").described.values()
        ]
        for table in ("firm", "loose", "seen")
    }
    assert kinds == {
        "firm": ["integer", "unknown", "text", "float", "bytes", "integer"],
        "loose": ["integer", "unknown", "moment"],
        "seen": ["integer", "moment", "unknown"],
    }


def test_a_column_that_came_later_is_known_by_its_name(tmp_path: Path) -> None:
    """Somebody may alter the table while it is open."""
    path = make_file(tmp_path / "a.db", "CREATE TABLE t (id INTEGER PRIMARY KEY)")
    assert read_schema(path, "t").column("new") == Column("new", Kind.UNKNOWN)
