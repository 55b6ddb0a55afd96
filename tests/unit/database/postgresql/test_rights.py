"""What a user may not see or do: said, and never taken for what is not there."""

import pytest
from unit.database.postgresql.places import PEOPLE, Database, opened

from tui.database.postgresql.store import STORE
from tui.database.sql.failures import IGNORED
from tui.models.recorder import Recorder
from tui.runtime.errors import ChangeIgnored, ChangeRefused, DatabaseUnavailable


@pytest.fixture
def reader(people: Database) -> str:
    """The address of a user who may do nothing yet in the database of three people."""
    people.as_admin("REVOKE ALL ON SCHEMA public FROM public")
    return people.add_user("reader")


async def test_no_right_to_the_schema(people: Database, reader: str) -> None:
    """It says which right is missing, as for a table and for a database."""
    people.as_admin("GRANT SELECT ON people TO reader")
    with pytest.raises(
        DatabaseUnavailable, match=r"may not use the schema 'public'.*GRANT USAGE"
    ):
        STORE.read_schema(reader, "people", None, read_only=True)
    people.as_admin(
        "GRANT USAGE ON SCHEMA public TO reader; REVOKE SELECT ON people FROM reader"
    )
    with pytest.raises(DatabaseUnavailable, match=r"may not read table 'people'.*GRANT SELECT"):
        STORE.read_schema(reader, "people", None, read_only=True)
    people.as_admin(f"REVOKE CONNECT ON DATABASE {people.name} FROM public")
    with pytest.raises(DatabaseUnavailable, match="may not connect to that database"):
        STORE.read_schema(reader, "people", None, read_only=True)


async def test_some_columns_alone(people: Database, reader: str) -> None:
    """The table has those that may be read; of the others nobody hears."""
    people.as_admin(
        "GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT (id, name) ON people TO reader"
    )
    async with opened(reader, read_only=True) as table:
        assert table.schema.columns == ("id", "name")
        assert await table.find(1) == {"id": 1, "name": "Amara Okafor"}
        assert await table.find_many([2, 9]) == {2: [{"id": 2, "name": "Bo Larsson"}]}
        assert [m.id for m in (await table.search("chidi", 5)).matches] == [3]
        assert await table.first_keys(2) == [1, 2]
        assert not table.caveats
    people.as_admin("GRANT UPDATE (name) ON people TO reader")
    async with opened(reader) as table:
        record = await table.find(1)
        changed = await table.update(1, {"name": "x"}, expected=record)
        assert changed == {"id": 1, "name": "x"}
        assert await table.touch(1)
        for change in (table.delete(1), table.insert({"id": 9, "name": "x"})):
            with pytest.raises(ChangeRefused, match="permission denied for table people"):
                await change


async def test_no_right_to_the_key(people: Database, reader: str) -> None:
    """Without the key there is no record; another column can be named."""
    people.as_admin(
        "GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT (name) ON people TO reader"
    )
    with pytest.raises(DatabaseUnavailable, match="may not read the key column 'id'"):
        STORE.read_schema(reader, "people", None, read_only=True)
    async with opened(reader, "people", "name", read_only=True) as table:
        assert await table.find("Bo Larsson") == {"name": "Bo Larsson"}


async def test_no_right_to_write(people: Database, reader: str) -> None:
    """It is refused in the database's words, which is no outage, and noted."""
    people.as_admin("GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT ON people TO reader")
    async with opened(reader) as table:
        for change in (
            table.update(1, {"name": "x"}), table.touch(1), table.delete(1),
            table.insert({"id": 9, "name": "x"}),
        ):  # fmt: skip
            with Recorder() as steps, pytest.raises(ChangeRefused, match="permission denied"):
                await change
            assert not steps[0].failed


async def test_a_right_that_is_taken_away_meanwhile(people: Database, reader: str) -> None:
    """Reads have no answer then, and have one again once it is given back."""
    grant = "GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT ON people TO reader"
    people.as_admin(grant)
    async with opened(reader) as table:
        record = await table.find(1)
        people.as_admin("REVOKE SELECT ON people FROM reader")
        for ask in (table.find(1), table.find_many([1]), table.first_keys(1)):
            with pytest.raises(DatabaseUnavailable, match="permission denied for table people"):
                await ask
        assert "permission denied" in ((await table.search("bo", 5)).reason or "")
        people.as_admin(grant)
        assert await table.find(1) == record


POLICY = """
    ALTER TABLE people ENABLE ROW LEVEL SECURITY;
    CREATE POLICY part ON people TO public USING (city IS NOT NULL);
    GRANT ALL ON people TO reader; GRANT USAGE ON SCHEMA public TO reader;
    CREATE VIEW cities AS SELECT * FROM people; GRANT ALL ON cities TO reader;
"""


async def test_rows_that_a_policy_hides(people: Database, reader: str) -> None:
    """Nobody knows whether a row is not there, and it is said; the owner sees all of them."""
    people.as_admin(POLICY)
    async with opened(reader, read_only=True) as table:
        (caveat,) = table.caveats
        assert (caveat.name, caveat.incomplete, caveat.outdated) == ("rows hidden", True, False)
        assert "BYPASSRLS" in caveat.words
        assert await table.find(2) is None
        assert await table.find_many([1, 2]) == {1: [await table.find(1)]}
    async with people.opened() as table:
        assert not table.caveats
        assert (await table.find(2) or {})["name"] == "Bo Larsson"


async def test_a_view_may_hide_rows(people: Database, reader: str) -> None:
    """Nobody can tell whether a policy is behind it, so it is said that there may be one."""
    people.as_admin(POLICY)
    async with opened(reader, "cities", "id", read_only=True) as table:
        (caveat,) = table.caveats
        assert (caveat.name, caveat.incomplete, caveat.outdated) == (
            "may hide rows",
            True,
            False,
        )
    people.as_admin("ALTER TABLE people DISABLE ROW LEVEL SECURITY")
    async with opened(reader, "cities", "id", read_only=True) as table:
        assert not table.caveats


async def test_a_change_that_a_policy_passes_over(people: Database, reader: str) -> None:
    """A row that may be seen, and not be changed, stays as it is, and it is said."""
    people.as_admin(
        f"{POLICY} DROP POLICY part ON people;"
        " CREATE POLICY see ON people FOR SELECT USING (true);"
        " CREATE POLICY change ON people FOR UPDATE USING (id = 1) WITH CHECK (city <> 'Oslo')"
    )
    async with opened(reader) as table:
        record = await table.find(3)
        for expected in (None, record):
            with pytest.raises(ChangeIgnored, match=IGNORED):
                await table.update(3, {"city": "x"}, expected=expected)
        for change in (table.touch(3), table.delete(3)):
            with pytest.raises(ChangeIgnored, match=IGNORED):
                await change
        assert await table.find(3) == record
        with pytest.raises(ChangeRefused, match="violates row-level security policy"):
            await table.update(1, {"city": "Oslo"})
        with pytest.raises(ChangeRefused, match="violates row-level security policy"):
            await table.insert({"id": 9, "name": "x"})
        assert (await table.update(1, {"city": "Ife"}) or {})["city"] == "Ife"


async def test_a_change_that_a_trigger_passes_over(database: Database) -> None:
    """It is no success: the record is as it was."""
    database.run(
        f"{PEOPLE} CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NULL; END $$; CREATE TRIGGER skip BEFORE INSERT OR UPDATE OR DELETE"
        " ON people FOR EACH ROW EXECUTE FUNCTION skip()"
    )
    async with database.opened() as table:
        for change in (
            table.update(1, {"name": "x"}), table.delete(1), table.touch(1),
            table.insert({"id": 9, "name": "x"}),
        ):  # fmt: skip
            with pytest.raises(ChangeIgnored, match=IGNORED):
                await change
        assert (await table.find(1) or {})["name"] == "Amara Okafor"


async def test_what_a_trigger_makes_of_a_change(database: Database) -> None:
    """The record is given as it is then, not as it was asked for."""
    database.run(
        f"{PEOPLE} CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.name = upper(NEW.name); RETURN NEW; END $$; CREATE TRIGGER loud"
        " BEFORE INSERT OR UPDATE ON people FOR EACH ROW EXECUTE FUNCTION loud()"
    )
    async with database.opened() as table:
        changed = await table.update(1, {"name": "ada"})
        assert changed == {"id": 1, "name": "ADA", "city": "Lagos"} == await table.find(1)
        assert (await table.insert({"id": 9, "name": "bo"}))[1]["name"] == "BO"
