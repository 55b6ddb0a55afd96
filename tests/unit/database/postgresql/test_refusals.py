"""What a table does not allow: said in one line that names the column."""

from collections.abc import Iterator

import pytest
from postgresql_server import PostgresqlServer
from unit.database.postgresql.places import Database, made

from tui.models import Scalar
from tui.runtime.errors import ChangeRefused

SCRIPT = """
    CREATE TYPE color AS ENUM ('red', 'green');
    CREATE DOMAIN positive AS int CHECK (value > 0);
    CREATE TABLE places (code text PRIMARY KEY); INSERT INTO places VALUES ('NG');
    CREATE TABLE t (
      id int PRIMARY KEY, name text NOT NULL, email text UNIQUE, age int CHECK (age < 150),
      place text REFERENCES places, color color, small smallint, short varchar(3), day date,
      price numeric(4, 2), data jsonb, mail uuid, up positive, "Odd ""name" text NOT NULL,
      twice int GENERATED ALWAYS AS (age * 2) STORED, at inet, bits bit(3), a int, b int,
      UNIQUE (a, b), EXCLUDE USING btree (day WITH =), loud text, low int, high int,
      CONSTRAINT "low before high" CHECK (low < high)
    );
    INSERT INTO t (id, name, email, "Odd ""name", a, b) VALUES (1, 'a', 'a@x', 'o', 1, 1),
      (2, 'b', 'b@x', 'o', 1, 2);
    CREATE TABLE parts (id int REFERENCES t); INSERT INTO parts VALUES (2);
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION E'not \\x1b[31mso\\nloud'; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE OF loud ON t FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@pytest.fixture(scope="module")
def strict(postgresql: PostgresqlServer) -> Iterator[Database]:
    """A table with all that can be demanded."""
    with made(postgresql, SCRIPT) as database:
        yield database


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("name", None, "column 'name': null value"),
        ('Odd "name', None, "column 'Odd \"name'"),
        ("email", "b@x", "column 'email': duplicate key"),
        ("age", 200, 'violates check constraint "t_age_check"'),
        ("place", "XX", "column 'place'"),
        ("color", "blue", "column 'color': invalid input value for enum color: \"blue\""),
        ("small", 40_000, "column 'small'"),
        ("age", 2**40, "column 'age'"),
        ("short", "long", "column 'short': value too long"),
        ("day", "2026-02-31", "column 'day'"),
        ("price", "1000", "column 'price'"),
        ("data", "{", "column 'data': invalid input syntax for type json"),
        ("mail", "x", "column 'mail': invalid input syntax for type uuid"),
        ("up", -1, 'violates check constraint "positive_check"'),
        ("at", "x", "column 'at'"),
        ("bits", "1", "column 'bits'"),
        ("b", 2, "column 'a, b': duplicate key"),
        ("twice", 4, "column 'twice' is computed by the database"),
        ("loud", "x", "not "),
        ("nothing", 1, "there is no column 'nothing'; there are id, name"),
        ("id", 7, "'id' is the key, which stays as it is"),
        ("name", "a\0b", "PostgreSQL keeps no text with a NUL in it"),
        ("name", "\ud800", "PostgreSQL keeps no text that is not Unicode"),
    ],
)
async def test_a_value_that_is_not_allowed(
    strict: Database, column: str, value: Scalar, message: str
) -> None:
    """Which column it is, and why; the record is as it was, and others can be changed."""
    async with strict.opened("t") as table:
        before = await table.find(1)
        with pytest.raises(ChangeRefused) as caught:
            await table.update(1, {column: value}, expected=before)
        assert message in str(caught.value)
        assert str(caught.value).isprintable()
        assert await table.find(1) == before
        assert await table.touch(1)


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"name": "x", "short": "long", "day": None}, "short"),
        ({"name": "x", "price": "1000", "small": 1}, "price"),
        ({"name": "x", "color": "blue", "short": "x"}, "color"),
        ({"small": 7, "mail": "x", "age": 3}, "mail"),
        ({"name": "x", "bits": "1"}, "bits"),
    ],
)
async def test_several_values_of_which_one_is_not_allowed(
    strict: Database, changes: dict[str, Scalar], column: str
) -> None:
    """It is told which, by its place or by its type, of a new record too."""
    async with strict.opened("t") as table:
        with pytest.raises(ChangeRefused, match=f"column '{column}'"):
            await table.update(1, changes)
        with pytest.raises(ChangeRefused, match=f"column '{column}'"):
            await table.insert({"id": 9, 'Odd "name': "o", "name": "n", **changes})


async def test_a_check_of_several_columns(strict: Database) -> None:
    """It is named as the table names it."""
    async with strict.opened("t") as table:
        with pytest.raises(ChangeRefused, match='check constraint "low before high"'):
            await table.update(1, {"low": 2, "high": 1})


async def test_a_record_that_cannot_be_added(strict: Database) -> None:
    """A key that is taken, and a column that has to have a value."""
    async with strict.opened("t") as table:
        with pytest.raises(ChangeRefused, match="column 'id': duplicate key"):
            await table.insert({"id": 1, "name": "x", 'Odd "name': "o"})
        with pytest.raises(ChangeRefused, match="column 'name': null value"):
            await table.insert({"id": 9})


async def test_a_record_that_others_need(strict: Database) -> None:
    """It is said which table has it."""
    async with strict.opened("t") as table:
        with pytest.raises(ChangeRefused, match=r'foreign key constraint.* on table "parts"'):
            await table.delete(2)
        assert await table.find(2) is not None


async def test_a_constraint_that_is_checked_at_the_end(database: Database) -> None:
    """A statement is a transaction, so it is checked before anything counts."""
    database.run(
        "CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t DEFERRABLE INITIALLY DEFERRED)"
    )
    async with database.opened("t") as table:
        with pytest.raises(ChangeRefused, match="column 'up'"):
            await table.insert({"id": 1, "up": 7})
        assert await table.find(1) is None
