"""The demo's users on a server: made once, whole, and over nothing of anybody's."""

import threading

import psycopg
import pytest
from postgresql_server import PostgresqlServer
from server_process import wait_until
from unit.database.postgresql.places import Database

from tui.database.people import COLUMNS
from tui.database.postgresql.store import STORE
from tui.database.seed_rows import seed_rows
from tui.runtime.errors import DatabaseUnavailable, SettingsError


def made(database: Database, count: int, *, seed: int = 1, stop_at: int | None = None) -> bool:
    """Make users; return whether they were."""
    heard: list[int] = []

    def stopped() -> bool:
        return stop_at is not None and bool(heard) and heard[-1] >= stop_at

    done = STORE.make_users(
        database.url, count, seed=seed, progress=heard.append, stopped=stopped
    )
    if done:
        assert heard[-1:] == [count] * bool(count)
        assert heard == sorted(set(heard))
    return done


def relations(database: Database) -> list[str]:
    """Return the names of all that is in the database."""
    rows = database.run(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    return [name for (name,) in rows]


async def test_users_are_made(database: Database) -> None:
    """The demo's own first, then invented ones; with a key, indexes and fitting types."""
    assert made(database, 12_000)
    rows = database.run("SELECT id, name, email, plan, credit::float8 FROM users ORDER BY id")
    wanted = [(row[0], row[1], row[2], row[5], row[6]) for row in seed_rows(12_000, 1)]
    assert rows == wanted
    async with database.opened("users") as table:
        schema = table.schema
        assert schema.columns == tuple(COLUMNS)
        assert (schema.id_column, schema.unique, schema.search_columns) == (
            "id", True, ("name", "email")
        )  # fmt: skip
        assert schema.indexed_columns == ("name", "email")
        record = await table.find(1)
        assert record is not None
        assert (record["name"], record["credit"]) == ("Amara Okafor", "42.50")
        assert record["created_at"] == "2019-01-14 08:42:17+00"
        id, _ = await table.insert(
            {"name": "New", "plan": "free", "created_at": "2026-01-01 00:00:00+00"}
        )
        assert id == 12_001


@pytest.mark.parametrize("count", [0, 1, 600, 601])
def test_so_many_as_are_wanted(database: Database, count: int) -> None:
    """None and few too."""
    assert made(database, count)
    assert database.run("SELECT count(*) FROM users") == [(count,)]


def test_the_same_seed_makes_the_same_users(database: Database) -> None:
    """Another one makes others."""
    assert made(database, 700, seed=7)
    first = database.run("SELECT * FROM users ORDER BY id")
    for seed, same in ((7, True), (8, False)):
        database.run("DROP TABLE users")
        assert made(database, 700, seed=seed)
        assert (database.run("SELECT * FROM users ORDER BY id") == first) is same


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE users (a int)",
        "CREATE VIEW users AS SELECT 1 AS a",
        "CREATE SEQUENCE users",
        "CREATE MATERIALIZED VIEW users AS SELECT 1 AS a",
    ],
)
def test_whatever_is_there_stays(database: Database, script: str) -> None:
    """An empty one too, and whatever has that name; it is a matter of settings."""
    database.run(script)
    before = relations(database)
    with pytest.raises(SettingsError, match="has a table 'users', and nothing is overwritten"):
        made(database, 10)
    assert relations(database) == before


@pytest.mark.parametrize("stop_at", [5_000, 10_000, 12_000])
def test_whoever_stops_it_leaves_nothing(database: Database, stop_at: int) -> None:
    """At any time."""
    assert not made(database, 12_000, stop_at=stop_at)
    assert relations(database) == []
    assert made(database, 10)


def test_a_server_that_is_killed_under_it(own_postgresql: PostgresqlServer) -> None:
    """Nothing is left of it."""
    database = Database(own_postgresql, own_postgresql.url)

    def kill(_: int) -> None:
        own_postgresql.kill()

    with pytest.raises(DatabaseUnavailable) as caught:
        STORE.make_users(database.url, 20_000, seed=1, progress=kill, stopped=lambda: False)
    assert "\n" not in str(caught.value)
    own_postgresql.start()
    assert relations(database) == []


def test_a_user_who_may_not(database: Database) -> None:
    """It says so."""
    url = database.add_user("reader")
    with pytest.raises(DatabaseUnavailable, match="permission denied for schema public"):
        STORE.make_users(url, 10, seed=1, progress=lambda _: None, stopped=lambda: False)


def test_two_at_once(database: Database) -> None:
    """One of both makes them, and the other hears of it."""
    with psycopg.connect(database.url) as other:
        other.execute("CREATE TABLE users (a int)")
        waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'transactionid'"

        def commit_when_the_other_waits() -> None:
            wait_until(lambda: bool(database.as_admin(waits)))
            other.commit()

        first = threading.Thread(target=commit_when_the_other_waits)
        first.start()
        try:
            with pytest.raises(SettingsError, match="has a table 'users' by now"):
                made(database, 10)
        finally:
            first.join()
    assert relations(database) == ["users"]


def test_demos_are_files(database: Database) -> None:
    """A server has none that comes by itself."""
    with pytest.raises(SettingsError, match="hitmiss seed"):
        STORE.make_demo(database.url)
    with pytest.raises(SettingsError, match="hitmiss seed"):
        STORE.to_be_made(database.url)
