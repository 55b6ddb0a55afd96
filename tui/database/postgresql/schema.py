"""Reading a table's columns and key from PostgreSQL's catalogue."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from tui.database.postgresql import kinds
from tui.database.postgresql.asking import Asking, asking
from tui.database.postgresql.dialect import FORMS, PostgresqlDialect
from tui.database.postgresql.names import parts_of, quoted, source
from tui.database.postgresql.table_schema import PostgresqlSchema
from tui.database.searched import searched
from tui.models.columns import Column, Kind
from tui.runtime.errors import DatabaseUnavailable
from tui.runtime.plain_text import plain

MOST_NAMED = 12
"""How many tables an error names."""
# A name has a collation in which only ASCII has a case.
RELNAME = 'lower(c.relname::text COLLATE "default")'
NSPNAME = 'lower(n.nspname::text COLLATE "default")'
FIND = f"""
SELECT c.oid, n.nspname, c.relname, c.relkind, pg_catalog.pg_table_is_visible(c.oid),
       pg_catalog.has_schema_privilege(n.oid, 'USAGE'), c.relhassubclass
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND (c.relname = $1 OR {RELNAME} = lower($1)
       OR ({RELNAME} = lower($3) AND {NSPNAME} = lower($2)))
  AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'
ORDER BY 5 DESC, 2, 3
"""
COLUMNS = """
WITH RECURSIVE base (num, oid, modifier) AS (
  SELECT attnum, atttypid, atttypmod FROM pg_catalog.pg_attribute
  WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT b.num, t.typbasetype, t.typtypmod
  FROM base AS b JOIN pg_catalog.pg_type AS t ON t.oid = b.oid AND t.typtype = 'd'
)
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
       CASE t.typtype WHEN 'b' THEN t.typname ELSE '' END, t.typcategory,
       b.modifier, a.attnotnull, a.attgenerated, a.attidentity,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid),
       pg_catalog.has_column_privilege($1::oid, a.attnum, 'SELECT'),
       pg_catalog.has_column_privilege($1::oid, a.attnum, 'UPDATE'),
       l.collisdeterministic, t.typlen, pg_catalog.format_type(t.oid, -1),
       (SELECT array_to_json(array_agg(e.enumlabel ORDER BY e.enumsortorder))
        FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid)
FROM base AS b
JOIN pg_catalog.pg_type AS t ON t.oid = b.oid AND t.typtype <> 'd'
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = $1 AND a.attnum = b.num
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = a.attcollation
ORDER BY a.attnum
"""
OLD_COLUMNS = COLUMNS.replace("a.attgenerated", "''").replace("l.collisdeterministic", "true")
"""For servers before 12, which have neither."""
KEYS = """
SELECT i.indisprimary, array_to_json(array(
         SELECT a.attname FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (num, place)
         JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.num
         WHERE k.place <= i.indnkeyatts ORDER BY k.place)),
       i.indnkeyatts, i.indisunique AND i.indpred IS NULL AND i.indisvalid
FROM pg_catalog.pg_index AS i WHERE i.indrelid = $1
"""
TABLES = """
SELECT n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid)
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY 3 DESC, 1, 2 LIMIT 1000
"""
NO_KEYS = frozenset({Kind.FLOAT, Kind.BOOLEAN, Kind.JSON})
"""The kinds of which no text in a cache's key says which value is meant."""
OLD, NORMALIZES, CHECKS_TEXTS = 12_00_00, 13_00_00, 16_00_00
"""Versions of the server from which on it has what is asked for."""


class Relation(Struct, frozen=True):
    """Something that can be selected from, as it was found by its name."""

    oid: int
    namespace: str
    name: str
    kind: str
    has_children: bool


class CatalogColumn(Struct, frozen=True):
    """A column, with what only PostgreSQL says of one."""

    column: Column
    base_type: str
    base_name: str
    """The base type as a cast has it, with its schema where that has to be said."""
    readable: bool
    writable: bool
    deterministic: bool
    """Whether its collation, if it has one, tells all texts apart."""
    limited: bool

    @property
    def folds(self) -> bool:
        """Whether it takes other texts for the same."""
        return self.base_type == "citext" or not self.deterministic


def read_schema(url: str, table: str, id_column: str | None) -> PostgresqlSchema:
    """Return the table's columns and key, without changing anything.

    Raises:
        DatabaseUnavailable: the database cannot be reached; it has no such table, or the table
            no single key column; or this user may not read it.
    """
    with asking(url) as connection:
        return schema_from(connection, table, id_column)


def read_tables(url: str) -> list[str]:
    """Return the names of tables and views, with their schema where it has to be said.

    Raises:
        DatabaseUnavailable: the database cannot be reached.
    """
    with asking(url) as connection:
        return _tables(connection)


def read_columns(url: str, table: str) -> list[str]:
    """Return the names of a table's columns.

    Raises:
        DatabaseUnavailable: the database cannot be reached, or has no such table.
    """
    with asking(url) as connection:
        relation = find(connection, table)
        return [its.column.name for its in described(connection, relation)]


def schema_from(connection: Asking, table: str, id_column: str | None) -> PostgresqlSchema:
    """Return the table's columns and key, as `connection` says.

    Raises:
        DatabaseUnavailable: as for read_schema.
    """
    relation = find(connection, table)
    all_columns = described(connection, relation)
    columns = [its for its in all_columns if its.readable]
    if not all_columns:
        raise DatabaseUnavailable(f"{_named(relation)} has no columns; name another")
    if not columns:
        raise DatabaseUnavailable(
            f"this user may not read {_named(relation)}; log in as another, or GRANT SELECT"
        )
    indexes = _indexes(connection, relation)
    key = _key(relation, all_columns, indexes, id_column)
    schema = _schema(relation, columns, key, connection)
    # The children of a table, which is no partition, may have the same key.
    unique = (
        ([key.column.name],) if not (relation.kind == "r" and relation.has_children) else ()
    )
    schema = replace(
        schema,
        unique=any(names in unique for _, names, is_unique in indexes if is_unique),
        shape=_shape(connection, schema),
    )
    return _with_forms(connection, schema)


def _shape(connection: Asking, schema: PostgresqlSchema) -> str:
    query = PostgresqlDialect().shape(schema)
    ((shape, *_),) = connection.ask(query.sql, *query.parameters)
    return str(shape)


def find(connection: Asking, table: str) -> Relation:
    """Return the table, view or whatever is called so: exactly, else in whatever case.

    Raises:
        DatabaseUnavailable: there is no such table, or several, or it may not be used.
    """
    parts = parts_of(table)
    namespace, name = parts if len(parts) == 2 else (None, parts[0])
    whole = table if namespace else name
    rows = connection.ask(FIND, whole, namespace, name)

    def rank(row: Sequence[str | None]) -> tuple[bool, bool, bool]:
        exact = row[2] == whole or (row[2] == name and namespace in {None, row[1]})
        return (not exact, row[4] != "t" and namespace is None, row[2] != whole)

    if not rows:
        raise DatabaseUnavailable(_no_such(connection, table))
    rows.sort(key=rank)
    best = [row for row in rows if rank(row) == rank(rows[0])]
    oid, its_namespace, its_name, kind, _, usable, has_children = best[0]
    if len(best) > 1:
        listed = ", ".join(f"{row[1]}.{row[2]}" for row in best)
        raise DatabaseUnavailable(f"several tables are called {table!r}: {listed}; name one")
    if usable != "t":
        raise DatabaseUnavailable(
            f"this user may not use the schema {its_namespace!r}; log in as another, or GRANT"
            " USAGE ON SCHEMA"
        )
    return Relation(
        int(oid or 0), str(its_namespace), str(its_name), str(kind), has_children == "t"
    )


def described(connection: Asking, relation: Relation) -> list[CatalogColumn]:
    """Return the columns of a table, in its order."""
    sql = COLUMNS if connection.version >= OLD else OLD_COLUMNS
    return [_described(relation, row) for row in connection.ask(sql, relation.oid)]


def _described(relation: Relation, row: Sequence[str | None]) -> CatalogColumn:
    import json

    (
        name, declared, base_type, category, modifier, not_null, generated, identity, default,
        readable, writable, deterministic, length, base_name, labels,
    ) = row  # fmt: skip
    base = str(base_type)
    kind = kinds.kind_of(base, str(category))
    digits = kinds.digits_before_point(int(modifier or -1)) if base == "numeric" else None
    value_range = kinds.RANGES.get(base)
    if base == "numeric" and digits is not None and digits[1] <= 0:
        value_range = (1 - 10 ** digits[0], 10 ** digits[0] - 1)
    most = int(modifier or -1) - 4 if base in {"varchar", "bpchar"} else -1
    is_long = int(length or 0) < 0 and base not in kinds.FIXED
    computed = generated not in {"", None} or identity == "a" or relation.kind == "m"
    column = Column(
        str(name), kind, str(declared), computed,
        length=most if most > 0 else None,
        float_bytes=4 if base == "float4" else 8,
        range=value_range, places=None if digits is None else max(0, digits[1]),
        nested=kind is Kind.JSON,
        choices=tuple(json.loads(labels)) if labels else (),
        nullable=not_null != "t",
        default="" if default is None or computed else default,
    )  # fmt: skip
    return CatalogColumn(
        column, base, str(base_name), readable == "t", writable == "t" and not computed,
        deterministic=deterministic != "f",
        limited=is_long and not 0 < most <= kinds.SHORT,
    )  # fmt: skip


def _indexes(connection: Asking, relation: Relation) -> list[tuple[bool, list[str], bool]]:
    """Return of each index whether it is the primary key, its columns, whether it is unique."""
    import json

    return [
        (primary == "t", names, unique == "t")
        for primary, listed, count, unique in connection.ask(KEYS, relation.oid)
        if len(names := json.loads(listed or "[]")) == int(count or 0)  # else an expression
    ]


def _key(
    relation: Relation,
    columns: Sequence[CatalogColumn],
    indexes: Sequence[tuple[bool, list[str], bool]],
    id_column: str | None,
) -> CatalogColumn:
    if id_column is None:
        primary = next((names for is_primary, names, _ in indexes if is_primary), [])
        if len(primary) != 1:
            what = f"a key of {len(primary)} columns" if primary else "no primary key"
            raise DatabaseUnavailable(
                f"{_named(relation)} has {what}; name its unique column with --id-column"
            )
        id_column = primary[0]
    alike = [its for its in columns if its.column.name.casefold() == id_column.casefold()]
    alike.sort(key=lambda its: its.column.name != id_column)
    found = next(iter(alike), None)
    if found is None:
        listed = ", ".join(its.column.name for its in columns)
        raise DatabaseUnavailable(
            f"{_named(relation)} has no column {id_column!r} (--id-column); it has {listed}"
        )
    if not found.readable:
        raise DatabaseUnavailable(
            f"this user may not read the key column {found.column.name!r}; log in as another,"
            " or GRANT SELECT"
        )
    if found.column.kind in NO_KEYS or found.base_type == "money":
        raise DatabaseUnavailable(
            f"the key column {found.column.name!r} is of type {found.column.declared}, whose"
            " values cannot be keys; name another unique column with --id-column"
        )
    return found


def _schema(
    relation: Relation, columns: Sequence[CatalogColumn], key: CatalogColumn, connection: Asking
) -> PostgresqlSchema:
    by_name = {its.column.name: its.column for its in columns}
    name = key.column.name
    integer = key.column.kind is Kind.INTEGER
    if key.base_type == "numeric" and key.column.range is not None:
        integer = True
    others = [column for column in by_name.values() if column.name != name]
    search = searched(others)
    is_searched = not integer and key.column.kind is Kind.TEXT
    touched = (its.column.name for its in columns if its.writable and its.column.name != name)
    return PostgresqlSchema(
        name=relation.name, id_column=name, id_is_integer=integer, columns=tuple(by_name),
        search_columns=(*search, name) if is_searched else search, described=by_name,
        is_view=relation.kind in "vm", folds_case=key.folds,
        namespace=relation.namespace,
        types={its.column.name: its.base_type for its in columns},
        key_type="text" if key.base_type in {"varchar", "name"} else key.base_name,
        key_folds=key.folds,
        nondeterministic=frozenset(i.column.name for i in columns if not i.deterministic),
        limited=frozenset(its.column.name for its in columns if its.limited),
        encoding=connection.encoding,
        normalizes=connection.version >= NORMALIZES and connection.encoding == "UTF8",
        checks_texts=connection.version >= CHECKS_TEXTS, kind=relation.kind,
        touched=next(touched, name if key.writable else ""),
    )  # fmt: skip


def _with_forms(connection: Asking, schema: PostgresqlSchema) -> PostgresqlSchema:
    """Return the schema with what an index serves of the search.

    The planner is asked, and told that reading all rows is dear: of a small table it would
    rather do that.
    """
    connection.ask("SET enable_seqscan = off")
    forms = {}
    for column in schema.search_columns:
        if schema.column(column).kind is not Kind.TEXT:
            continue
        for form in FORMS:
            if _has_index(connection, replace(schema, forms={column: form}), column):
                forms[column] = form
                break
    return replace(schema, forms=forms, indexed_columns=tuple(forms))


def _has_index(connection: Asking, schema: PostgresqlSchema, column: str) -> bool:
    query = PostgresqlDialect().prefix(schema, column, "abc", 10, 100)[0]
    try:
        rows = connection.ask(f"EXPLAIN {query.sql}", *query.parameters)
    except DatabaseUnavailable:  # a type that has no such operator
        return False
    plan = "\n".join(str(row[0]) for row in rows)
    return "Index Cond" in plan and "Seq Scan" not in plan


def _tables(connection: Asking) -> list[str]:
    rows = connection.ask(TABLES)
    seen = {str(name) for _, name, visible in rows if visible == "t"}
    listed = []
    for namespace, name, visible in rows:
        parts = [str(name)] if visible == "t" else [str(namespace), str(name)]
        written = ".".join(
            part if set('."').isdisjoint(part) else quoted(part) for part in parts
        )
        is_taken = len(parts) == 2 and written in seen
        listed.append(".".join(map(quoted, parts)) if is_taken else written)
    return listed


def _no_such(connection: Asking, table: str) -> str:
    tables = _tables(connection)
    listed = ", ".join(plain(name, 60) for name in tables[:MOST_NAMED]) or "none"
    more = ", ..." if len(tables) > MOST_NAMED else ""
    called = ".".join(parts_of(table))
    return (
        f"the database has no table {called!r}; its tables: {listed}{more}; name one with"
        " --table"
    )


def _named(relation: Relation) -> str:
    kind = {"v": "view", "m": "materialized view", "f": "foreign table"}.get(relation.kind)
    return f"{kind or 'table'} {relation.name!r}"


def exists(connection: Asking, namespace: str, name: str) -> bool:
    """Tell whether there is a table of that name, however much is in it."""
    (row,) = connection.ask("SELECT to_regclass($1) IS NOT NULL", source(namespace, name))
    return row[0] == "t"
