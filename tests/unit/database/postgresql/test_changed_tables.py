"""A table that is altered while it is open: seen soon, and never read wrongly."""

from contextlib import suppress

import psycopg
import pytest
from unit.database.postgresql.places import PEOPLE, Database

from tui.database.port import Table, TableOptions
from tui.database.postgresql.store import STORE
from tui.database.sql import table as sql_table
from tui.models import Record
from tui.models.columns import Kind
from tui.runtime.clock import SystemClock
from tui.runtime.errors import ChangedMeanwhile, ChangeRefused, DatabaseUnavailable

ADA: Record = {"id": 1, "name": "Amara Okafor", "city": "Lagos"}


@pytest.fixture
def looked_at_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """See at each look-up whether the table is still as it was."""
    monkeypatch.setattr(sql_table, "SHAPE_SECONDS", 0.0)


async def used(table: Table) -> None:
    """Let the statements be prepared, as they are after the first look-up."""
    assert await table.find(1) == ADA
    assert await table.find(1) == ADA
    assert await table.find_many([1]) == {1: [ADA]}


@pytest.mark.usefixtures("looked_at_each_time")
async def test_a_column_that_comes(people: Database) -> None:
    """It is in the records from then on, and can be written and compared."""
    async with people.opened() as table:
        await used(table)
        people.run("ALTER TABLE people ADD COLUMN age int DEFAULT 7")
        found = await table.find(1)
        assert found == {**ADA, "age": 7}
        assert table.schema.columns == ("id", "name", "city", "age")
        assert await table.find_many([1]) == {1: [found]}
        assert await table.update(1, {"age": 8}, expected=found) == {**ADA, "age": 8}


@pytest.mark.usefixtures("looked_at_each_time")
async def test_a_column_that_comes_is_compared_too(people: Database) -> None:
    """Who reads many sees it as soon as who reads one."""
    async with people.opened() as table:
        await used(table)
        people.run("ALTER TABLE people ADD COLUMN age int DEFAULT 7")
        assert await table.find_many([1]) == {1: [{**ADA, "age": 7}]}


@pytest.mark.usefixtures("looked_at_each_time")
async def test_a_column_that_comes_before_the_first_look_up(people: Database) -> None:
    """Whatever the table was when its columns were read."""
    schema = people.schema()
    people.run("ALTER TABLE people ADD COLUMN age int DEFAULT 7")
    async with STORE.open(people.url, schema, SystemClock(), TableOptions()) as table:
        assert await table.find(1) == {**ADA, "age": 7}


@pytest.mark.parametrize("first", ["find", "find_many", "update", "insert", "search", "delete"])
async def test_a_column_that_goes(people: Database, first: str) -> None:
    """Whatever is asked first, it is answered with what is left."""
    left = {"id": 1, "name": "Amara Okafor"}
    async with people.opened() as table:
        await used(table)
        people.run("ALTER TABLE people DROP COLUMN city")
        match first:
            case "find":
                assert await table.find(1) == left
            case "find_many":
                assert await table.find_many([1]) == {1: [left]}
            case "update":
                assert await table.update(1, {"name": "x"}) == {"id": 1, "name": "x"}
            case "insert":
                row: Record = {"id": 9, "name": "x"}
                assert await table.insert(row) == (9, row)
            case "search":
                assert [m.id for m in (await table.search("amara", 5)).matches] == [1]
                return
            case _:
                assert await table.delete(1)
                assert await table.find(2) == {"id": 2, "name": "Bo Larsson"}
        assert table.schema.columns == ("id", "name")


@pytest.mark.usefixtures("looked_at_each_time")
async def test_a_column_that_is_renamed(people: Database) -> None:
    """It has its new name, and a change of the old one is refused."""
    async with people.opened() as table:
        await used(table)
        people.run("ALTER TABLE people RENAME COLUMN city TO place")
        with pytest.raises(ChangeRefused, match=r"no column 'city'|is no longer"):
            await table.update(1, {"city": "x"})
        assert await table.find(1) == {"id": 1, "name": "Amara Okafor", "place": "Lagos"}
        with pytest.raises(ChangeRefused, match="no column 'city'"):
            await table.update(1, {"city": "x"})


async def test_a_column_that_is_renamed_under_a_change(people: Database) -> None:
    """What the change was made for is no longer there, so nothing is changed."""
    async with people.opened() as table:
        await used(table)
        people.run("ALTER TABLE people RENAME COLUMN city TO place")
        with pytest.raises((ChangeRefused, DatabaseUnavailable)):
            await table.update(1, {"city": "x"}, expected=ADA)
        with pytest.raises(ChangedMeanwhile):
            await table.update(1, {"name": "x"}, expected=ADA)
        assert people.run("SELECT * FROM people WHERE id = 1") == [tuple(ADA.values())]


@pytest.mark.parametrize("type", ["varchar(99)", "bytea", "int", "jsonb"])
async def test_a_column_of_another_type(people: Database, type: str) -> None:
    """Its values are read as what they are by then."""
    async with people.opened() as table:
        await used(table)
        others = {"bytea": "convert_to(city, 'UTF8')", "int": "length(city)"}
        using = others.get(type) or f"to_json(city)::{type}"
        people.run(f"ALTER TABLE people ALTER COLUMN city TYPE {type} USING {using}")
        found = await table.find(1)
        assert found is not None
        assert str(found["city"]) == {
            "varchar(99)": '"Lagos"', "bytea": "<BYTEA, 5 bytes>", "int": "5",
            "jsonb": '"Lagos"',
        }[type]  # fmt: skip
        assert await table.find_many([1]) == {1: [found]}


@pytest.mark.usefixtures("looked_at_each_time")
async def test_a_kind_that_changes(people: Database) -> None:
    """The form asks for the new one."""
    async with people.opened() as table:
        await used(table)
        people.run("ALTER TABLE people ALTER COLUMN city TYPE int USING 7")
        assert await table.find(1) == {**ADA, "city": 7}
        assert table.schema.column("city").kind is Kind.INTEGER


@pytest.mark.parametrize("first", ["find", "find_many", "update", "search"])
async def test_a_key_of_another_type(people: Database, first: str) -> None:
    """Keys are texts from then on; what was asked for as a number is not taken for one."""
    async with people.opened() as table:
        await used(table)
        people.run("ALTER TABLE people ALTER COLUMN id TYPE text")
        asked = {
            "find": table.find(1), "find_many": table.find_many([1]),
            "update": table.update(1, {"name": "x"}), "search": table.search("amara", 5),
        }  # fmt: skip
        for name, other in asked.items():
            if name != first:
                other.close()
        with suppress(DatabaseUnavailable, ChangeRefused):
            await asked[first]
        assert (await table.find("2") or {})["name"] == "Bo Larsson"
        assert not table.schema.id_is_integer


async def test_a_table_that_goes_and_comes_again(people: Database) -> None:
    """Meanwhile it says so; a new one of that name is read as what it is."""
    async with people.opened() as table:
        await used(table)
        people.run("DROP TABLE people")
        for ask in (table.find(1), table.find_many([1]), table.update(1, {"name": "x"})):
            with pytest.raises(DatabaseUnavailable, match="no table"):
                await ask
        assert "no table" in ((await table.search("a", 5)).reason or "")
        people.run("CREATE TABLE people (key text, id bigint PRIMARY KEY, name text)")
        people.run("INSERT INTO people VALUES ('k', 1, 'new')")
        assert await table.find(1) == {"key": "k", "id": 1, "name": "new"}
        assert table.schema.columns == ("key", "id", "name")


async def test_a_table_that_is_replaced(people: Database) -> None:
    """As migrations do it: the new one with other columns has the old one's name."""
    async with people.opened() as table:
        await used(table)
        people.run(
            "BEGIN; CREATE TABLE fresh (id bigint PRIMARY KEY, city text, name text);"
            "INSERT INTO fresh SELECT id, city, upper(name) FROM people;"
            "ALTER TABLE people RENAME TO old; ALTER TABLE fresh RENAME TO people; COMMIT"
        )
        assert await table.find(1) == {**ADA, "name": "AMARA OKAFOR"}
        assert await table.find_many([1]) == {1: [{**ADA, "name": "AMARA OKAFOR"}]}
        assert await table.update(1, {"city": "x"}) is not None
        assert people.run("SELECT city FROM old WHERE id = 1") == [("Lagos",)]


async def test_a_key_column_that_goes(people: Database) -> None:
    """There is no record without one, and it says so."""
    async with people.opened() as table:
        await used(table)
        people.run("ALTER TABLE people DROP COLUMN id")
        with pytest.raises(DatabaseUnavailable, match="no column 'id'"):
            await table.find(1)


async def test_alterations_under_many_look_ups(people: Database) -> None:
    """A type that changes back and forth breaks no look-up, however statements are prepared."""
    async with people.opened() as table:
        for type in ("varchar", "text", "varchar(50)", "text", "varchar") * 4:
            people.run(f"ALTER TABLE people ALTER COLUMN city TYPE {type}")
            for _ in range(3):
                assert await table.find(1) == ADA


async def test_statements_that_the_session_forgot(people: Database) -> None:
    """As after DISCARD ALL: the look-up is prepared anew."""
    people.run(
        "CREATE FUNCTION forget() RETURNS text LANGUAGE plpgsql VOLATILE AS $$ BEGIN"
        " EXECUTE 'DEALLOCATE ALL'; RETURN 'x'; END $$;"
        "CREATE VIEW v AS SELECT id, name, CASE WHEN id = 2 THEN forget() END AS city"
        " FROM people"
    )
    async with people.opened("v", "id") as table:
        assert (await table.find(1) or {})["city"] is None
        for _ in range(3):
            with suppress(DatabaseUnavailable):
                await table.find(2)
            assert (await table.find(1) or {})["name"] == "Amara Okafor"


async def test_more_tables_than_statements_are_kept(people: Database) -> None:
    """Other columns make another statement; the oldest are forgotten, and made again."""
    async with people.opened() as table:
        for number in range(60):
            people.run(f"ALTER TABLE people RENAME COLUMN city TO c{number};")
            assert list(await table.find(1) or {}) == ["id", "name", f"c{number}"]
            people.run(f"ALTER TABLE people RENAME COLUMN c{number} TO city")
            assert await table.find(1) == ADA


@pytest.mark.usefixtures("looked_at_each_time")
async def test_the_search_path_of_the_role_changes(people: Database) -> None:
    """The table that was opened stays the one that is read."""
    people.run("CREATE SCHEMA other; CREATE TABLE other.people (id bigint PRIMARY KEY, a text)")
    async with people.opened() as table:
        people.as_admin(f"ALTER ROLE app IN DATABASE {people.name} SET search_path = other")
        await used(table)
        with psycopg.connect(people.url) as connection:
            connection.execute("SELECT a FROM people")
        people.run("ALTER TABLE public.people ADD COLUMN age int")
        assert await table.find(1) == {**ADA, "age": None}


async def test_a_child_that_comes(database: Database) -> None:
    """A table that others inherit from by now may have a key twice, and none is written."""
    database.run(PEOPLE)
    async with database.opened() as table:
        await used(table)
        database.run("CREATE TABLE more () INHERITS (people); INSERT INTO more VALUES (1, 'x')")
        with pytest.raises(DatabaseUnavailable, match="not unique"):
            await table.find(1)
        with pytest.raises(ChangeRefused, match="not unique"):
            await table.update(1, {"name": "y"})
        assert database.run("SELECT name FROM people WHERE id = 1 ORDER BY 1") == [
            ("Amara Okafor",), ("x",)
        ]  # fmt: skip
