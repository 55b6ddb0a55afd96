"""The statements of PostgreSQL about one table."""

from collections.abc import Collection, Mapping, Sequence

from tui.database.folding import spellings
from tui.database.postgresql.conditions import TEXTS, any_key, is_key, still
from tui.database.postgresql.encoding import can_hold
from tui.database.postgresql.names import bare, literal, quoted, shown_source, source
from tui.database.postgresql.query import ChangeQuery
from tui.database.postgresql.selected import select, selected
from tui.database.postgresql.table_schema import PostgresqlSchema, as_postgresql
from tui.database.sql.query import Parameter, Query, SqlChange
from tui.models import Key, Record, Scalar, TableSchema

FORMS = {
    "lower": "lower({}::text) LIKE ${}",
    "trigram": "{} ILIKE ${}",
    "plain": "{} LIKE ${}",
}
"""In which ways the beginning of a text may be asked for; which of them an index serves is
found out when the schema is read."""
TRIGRAM = 3
MARKS = "[\\u0300-\\u036f]"
"""Accents, as a regular expression of PostgreSQL has them, once a text is decomposed."""
SHAPE = (
    "SELECT string_agg(a.attname || ' ' || a.atttypid || ' ' || a.atttypmod, ', '"
    " ORDER BY a.attnum) FROM pg_catalog.pg_attribute AS a"
    " JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped"
)


class PostgresqlDialect:
    """Makes the statements; see `tui.database.sql.dialect.Dialect`."""

    def find(self, schema: TableSchema, id: Key, longest: int) -> Query:
        """Return the query for the rows with exactly that key."""
        its = as_postgresql(schema)
        where, bound = is_key(its, id)
        few = "" if its.unique else " LIMIT 2"
        shown = f"SELECT * FROM {_shown(its)} WHERE {bare(its.id_column)} = {literal(id)}{few}"
        return Query(
            select(its, its.columns, longest, f"FROM {_from(its)} WHERE {where} LIMIT 2"),
            bound, shown, shown, often=True,
        )  # fmt: skip

    def spelled(
        self, schema: TableSchema, others: Sequence[str | bytes], longest: int
    ) -> Query:
        """Return the query for the rows with one of those keys."""
        its = as_postgresql(schema)
        where, bound = any_key(its, others)
        listed = ", ".join(map(literal, others))
        shown = f"SELECT * FROM {_shown(its)} WHERE {bare(its.id_column)} IN ({listed}) LIMIT 2"
        return Query(
            select(its, its.columns, longest, f"FROM {_from(its)} WHERE {where} LIMIT 2"),
            bound, shown, shown, often=True,
        )  # fmt: skip

    def part(
        self,
        schema: TableSchema,
        ids: Sequence[Key | bytes],
        columns: Sequence[str],
        longest: int,
    ) -> Query:
        """Return the query for these columns of the rows with one of those keys."""
        its = as_postgresql(schema)
        where, bound = any_key(its, ids)
        return Query(select(its, columns, longest, f"FROM {_from(its)} WHERE {where}"), bound)

    def first_keys(self, schema: TableSchema, limit: int) -> Query:
        """Return the query for `limit` keys."""
        its = as_postgresql(schema)
        key = quoted(its.id_column)
        order = f" ORDER BY {key}" if its.unique else ""
        return Query(
            f"SELECT {selected(its, (its.id_column,), 1 << 16)} FROM {_from(its)}"
            f" WHERE {key} IS NOT NULL{order} LIMIT $1",
            (limit,),
        )

    def touch(self, schema: TableSchema, id: Key) -> SqlChange:
        """Return the change that writes a column with the value that it has."""
        its = as_postgresql(schema)
        column = its.touched or its.id_column
        where, bound, shown = _alone(its, id)
        return SqlChange(
            ChangeQuery(
                f"UPDATE {_from(its)} SET {quoted(column)} = {quoted(column)} WHERE {where}",
                bound,
                f"UPDATE {_shown(its)} SET {bare(column)} = {bare(column)} {shown}",
            )
        )

    def update(
        self,
        schema: TableSchema,
        id: Key,
        changes: Mapping[str, Scalar],
        expected: Record | None,
        longest: int,
    ) -> SqlChange:
        """Return the change of the one row with that key, where it is still as `expected`."""
        its = as_postgresql(schema)
        where, bound, shown = _alone(its, id)
        news: list[Parameter] = list(changes.values())
        sets = [
            f"{quoted(name)} = ${len(bound) + place}"
            for place, name in enumerate(changes, start=1)
        ]
        condition, olds = still(its, expected or {}, len(bound) + len(news))
        typed = ", ".join(f"{bare(name)} = {literal(new)}" for name, new in changes.items())
        as_shown = " AND it is as it was shown" if condition else ""
        return SqlChange(
            ChangeQuery(
                f"UPDATE {_from(its)} SET {', '.join(sets)} WHERE {where}{condition}"
                f" RETURNING {selected(its, its.columns, longest)}",
                (*bound, *news, *olds),
                f"UPDATE {_shown(its)} SET {typed} {shown}{as_shown}",
                given=(*(None for _ in bound), *map(its.column, changes)),
            )
        )

    def insert(
        self, schema: TableSchema, record: Mapping[str, Scalar], longest: int
    ) -> SqlChange:
        """Return the change that adds a record."""
        its = as_postgresql(schema)
        names, values = ", ".join(map(quoted, record)), ", ".join(map(literal, record.values()))
        places = ", ".join(f"${place}" for place in range(1, len(record) + 1))
        given = f"({names}) VALUES ({places})" if record else "DEFAULT VALUES"
        shown = f"({', '.join(map(bare, record))}) VALUES ({values})" if record else given
        return SqlChange(
            ChangeQuery(
                f"INSERT INTO {_from(its)} {given}"
                f" RETURNING {selected(its, its.columns, longest)}",
                tuple(record.values()),
                f"INSERT INTO {_shown(its)} {shown}",
                given=tuple(map(its.column, record)),
            )
        )

    def delete(self, schema: TableSchema, id: Key) -> SqlChange:
        """Return the change that removes the one row with that key."""
        its = as_postgresql(schema)
        where, bound, shown = _alone(its, id)
        return SqlChange(
            ChangeQuery(
                f"DELETE FROM {_from(its)} WHERE {where}",
                bound,
                f"DELETE FROM {_shown(its)} {shown}",
            )
        )

    def shape(self, schema: TableSchema) -> Query:
        """Return the query for one text that is another when the table's columns are."""
        its = as_postgresql(schema)
        return Query(SHAPE, (its.namespace, its.name))

    def prefix(
        self, schema: TableSchema, column: str, typed: str, limit: int, longest: int
    ) -> Sequence[Query]:
        """Return the queries for rows whose column begins with `typed`, for an index."""
        its = as_postgresql(schema)
        form = its.forms.get(column, "lower")
        texts = {"lower": [typed.lower()], "trigram": [typed]}.get(form) or spellings(typed)
        if form == "plain" and typed.isascii():  # an index that tells A from a
            texts = list(dict.fromkeys([typed, typed.lower(), typed.title(), typed.upper()]))
        condition = FORMS[form].format(quoted(column), 1)
        sql = f"SELECT {_searched(its, longest)} FROM {_from(its)} WHERE {condition} LIMIT $2"
        patterns = [f"{_pattern(text)}%" for text in texts if can_hold(its.encoding, text)]
        if form == "trigram" and len(typed) >= TRIGRAM:  # which finds it anywhere
            patterns += [f"%{pattern}" for pattern in patterns]
        return [Query(sql, (pattern, limit)) for pattern in patterns]

    def scan(self, schema: TableSchema, needle: str, limit: int, longest: int) -> Query:
        """Return the query for rows in which the folded text stands anywhere."""
        its = as_postgresql(schema)
        places = " OR ".join(_holds(its, column) for column in its.search_columns)
        if not can_hold(its.encoding, needle):
            needle, places = "", "false AND '' LIKE $1"
        sql = f"SELECT {_searched(its, longest)} FROM {_from(its)} WHERE {places} LIMIT $2"
        return Query(sql, (f"%{_pattern(needle)}%", limit))

    def index(self, schema: TableSchema, columns: Collection[str]) -> str:
        """Return the statement that makes the index which such a search wants."""
        its = as_postgresql(schema)
        texts = [name for name in columns if its.types.get(name) in TEXTS]
        if not texts or its.kind not in "rpm":
            return ""
        return f"CREATE INDEX ON {_shown(its)} (lower({bare(texts[0])}::text) text_pattern_ops)"

    def literal(self, value: Scalar) -> str:
        """Return a value as a person would type it."""
        return literal(value)


def _from(schema: PostgresqlSchema) -> str:
    return source(schema.namespace, schema.name)


def _shown(schema: PostgresqlSchema) -> str:
    return shown_source(schema, schema.namespace)


def _alone(schema: PostgresqlSchema, id: Key) -> tuple[str, tuple[Parameter, ...], str]:
    """Return the condition for one record, which holds for none where there are more.

    What made the key unique when the schema was read may be gone.
    """
    where, bound = is_key(schema, id)
    shown = f"WHERE {bare(schema.id_column)} = {literal(id)}"
    alike = f"SELECT 1 FROM {_from(schema)} WHERE {where} LIMIT 2"
    return f"{where} AND (SELECT count(*) FROM ({alike}) AS alike) = 1", bound, shown


def _searched(schema: PostgresqlSchema, longest: int) -> str:
    """Return the key and the beginnings of the searched columns."""
    texts = (f"left({quoted(name)}::text, {longest})" for name in schema.search_columns)
    return ", ".join((quoted(schema.id_column), *texts))


def _holds(schema: PostgresqlSchema, column: str) -> str:
    """Return the condition that a column holds the text $1, without regard to case and accents.

    Accents are taken off those values alone that are not plain ASCII: it takes a while.
    """
    place = f"{quoted(column)}::text"
    if column in schema.nondeterministic:
        place = f'({place} COLLATE "default")'
    if not schema.normalizes:
        return f"lower({place}) LIKE $1"
    letters = f"regexp_replace(normalize({place}, NFKD), '{MARKS}', '', 'g')"
    bare_text = f"replace(lower({letters}), 'ß', 'ss')"
    is_odd = f"octet_length({place}) <> char_length({place})"
    return f"(lower({place}) LIKE $1 OR ({is_odd} AND {bare_text} LIKE $1))"


def _pattern(text: str) -> str:
    """Return a text as LIKE takes it for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
