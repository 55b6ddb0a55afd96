"""The table `users` is made whole, or not at all."""

import pytest
from mariadb_server import MariadbServer
from unit.database.mysql.places import made, table

from tui.database.mysql.store import STORE
from tui.database.port import TableOptions
from tui.runtime.errors import DatabaseUnavailable, SettingsError


def seeded(url: str, count: int, **more: object) -> bool:
    """Make users."""
    told: list[int] = []
    arguments = {"seed": 1, "progress": told.append, "stopped": lambda: False, **more}
    done = STORE.make_users(url, count, **arguments)  # type: ignore[arg-type]
    if done:
        assert told[-1] == count
        assert told == sorted(told)
    return done


async def test_the_users_of_the_demo_and_more(mariadb: MariadbServer) -> None:
    """With good types, an index for the search, and the next number for the next user."""
    url = made(mariadb, "SELECT 1")
    assert seeded(url, 12_000)
    async with table(url, "users") as one:
        its = one.schema
        assert (its.id_column, its.unique, its.indexed_columns) == (
            "id",
            True,
            ("name", "email"),
        )
        assert its.column("plan").choices == ("free", "pro", "team", "enterprise")
        first = await one.find(1) or {}
        assert list(first) == ["id", "name", "email", "city", "country", "plan", "credit",
                               "created_at", "last_seen_at"]  # fmt: skip
        assert str(first["created_at"]).startswith("20")
        assert (await one.find(12_000) or {})["id"] == 12_000
        assert await one.find(12_001) is None
        id, _ = await one.insert({"name": "x", "plan": "free", "created_at": "2026-01-01"})
        assert id == 12_001
    assert STORE.tables(url) == ["users"]


@pytest.mark.parametrize(
    "script", ["CREATE TABLE users (id int)", "CREATE VIEW users AS SELECT 1"]
)
def test_what_is_there_stays(script: str, mariadb: MariadbServer) -> None:
    """Also where it is empty."""
    url = made(mariadb, script)
    with pytest.raises(SettingsError, match="has a table 'users'"):
        seeded(url, 10)
    assert STORE.tables(url) == ["users"]


def test_stopped_half_way_nothing_is_left(mariadb: MariadbServer) -> None:
    """Neither the table nor the draft."""
    url = made(mariadb, "SELECT 1")
    done: list[int] = []
    assert not seeded(url, 500_000, progress=done.append, stopped=lambda: bool(done))
    assert STORE.tables(url) == []


def test_failed_half_way_nothing_is_left(mariadb: MariadbServer) -> None:
    """And it is said why."""
    url = made(mariadb, "SELECT 1")

    def cut(_: int) -> None:
        for (number,) in mariadb.run(
            "SELECT id FROM information_schema.processlist WHERE user = 'app'"
            " AND host LIKE '%:%'", url=mariadb.admin_url,
        ):  # fmt: skip
            mariadb.run(f"KILL {number}", url=mariadb.admin_url)

    with pytest.raises(DatabaseUnavailable, match=r"ended|broke"):
        seeded(url, 100_000, progress=cut)
    assert STORE.tables(url) == []


def test_who_may_not_make_a_table_is_told(mariadb: MariadbServer) -> None:
    """Which right is missing."""
    url = made(mariadb, "SELECT 1")
    name = url.rpartition("/")[2]
    mariadb.run(
        f"CREATE USER s_{name} IDENTIFIED BY '{mariadb.password}';"
        f" GRANT SELECT ON `{name}`.* TO s_{name}",
        url=mariadb.admin_url,
    )
    with pytest.raises(DatabaseUnavailable, match=r"cannot be made: .*CREATE command denied"):
        seeded(url.replace("//app:", f"//s_{name}:"), 10)


def test_users_can_be_read_by_whoever_only_reads(mariadb: MariadbServer) -> None:
    """As any table."""
    url = made(mariadb, "SELECT 1")
    seeded(url, 5)
    assert STORE.read_schema(url, "users", None, read_only=True).id_column == "id"
    assert TableOptions().read_only is False
