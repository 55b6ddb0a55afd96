"""What a table does not allow is refused by column; what it does is kept as it was written."""

import asyncio

import pytest
from mariadb_server import MariadbServer
from msgspec.structs import replace
from unit.database.mysql.places import made, table

from tui.database.mysql.store import STORE
from tui.database.mysql.table_schema import as_mysql
from tui.database.port import TableOptions
from tui.models import Scalar
from tui.models.recorder import Recorder
from tui.runtime.clock import SystemClock
from tui.runtime.errors import ChangedMeanwhile, ChangeRefused

SHOP = """
    CREATE TABLE plans (id int PRIMARY KEY); INSERT INTO plans VALUES (1);
    CREATE TABLE users (
      id int AUTO_INCREMENT PRIMARY KEY, email varchar(30), name varchar(10) NOT NULL,
      age tinyint unsigned CHECK (age > 3), plan int, size enum('s', 'm'), born date,
      credit decimal(6, 2), seen datetime, data json, place point, bits bit(4),
      twice int AS (age * 2), low int, high int, CONSTRAINT orderly CHECK (low < high),
      UNIQUE KEY by_mail (email), FOREIGN KEY (plan) REFERENCES plans (id)
    ) CHARACTER SET utf8mb4;
    CREATE TABLE orders (id int PRIMARY KEY, user int,
      FOREIGN KEY (user) REFERENCES users (id));
    INSERT INTO users (id, email, name, low, high)
      VALUES (1, 'a@x', 'Ada', 1, 2), (2, 'b@x', 'Bo', 1, 2);
    INSERT INTO orders VALUES (1, 1);
"""
TRIGGERED = """
    CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1);
    CREATE TRIGGER no BEFORE UPDATE ON t FOR EACH ROW
      IF NEW.v = 13 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no 13, please';
      ELSE SET NEW.v = NEW.v + 1; END IF
"""


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("email", "b@x", "column 'email': Duplicate entry"),
        ("name", None, "column 'name': .*cannot be null"),
        ("name", "x" * 11, "column 'name': Data too long"),
        ("age", 256, "column 'age': Out of range"),
        ("age", -1, "column 'age': Out of range"),
        ("age", 2, "column 'age': CONSTRAINT"),
        ("low", 9, "column 'low, high': CONSTRAINT"),
        ("plan", 7, "column 'plan': .*foreign key"),
        ("size", "xl", "column 'size': Data truncated"),
        ("born", "2026-02-30", "column 'born': Incorrect date"),
        ("born", "2026-01-01 10:00", "'born' takes a date"),
        ("credit", "10.505", "keeps 2 digits behind the point, and would round 10.505"),
        ("credit", "99999.00", "column 'credit': Out of range"),
        ("credit", "much", "column 'credit': Incorrect decimal"),
        ("seen", "2026-01-01 10:00:00.5", "keeps 0 digits"),
        ("seen", "2026-01-01T10:00:00Z", "column 'seen': Incorrect datetime"),
        ("data", "{not json", "column 'data': CONSTRAINT"),
        ("place", "nowhere", "geometry object"),
        ("bits", "2", "takes bits"),
        ("bits", "11111", "column 'bits': Data too long"),
        ("twice", 4, "is computed"),
        ("name", "\udc80", "not Unicode"),
    ],
)
async def test_what_is_not_allowed_is_said_by_column(
    column: str, value: Scalar, words: str, mariadb: MariadbServer
) -> None:
    """And nothing is changed."""
    async with table(made(mariadb, SHOP), "users") as one:
        before = await one.find(1)
        with pytest.raises(ChangeRefused, match=words):
            await one.update(1, {column: value})
        assert await one.find(1) == before
        assert await one.update(1, {"name": "Eve"}) == {**(before or {}), "name": "Eve"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("email", "it's; \\ -- %s ? {}"), ("name", "山田 \U0001f600"), ("credit", "10.50"),
        ("credit", "10.500"), ("seen", "2026-01-01 10:00:00"), ("data", '{"a": [1, null]}'),
        ("place", "POINT(1 2)"), ("bits", "0101"), ("size", "m"), ("age", 200), ("born", None),
        ("name", "a\x00b"),
    ],
)  # fmt: skip
async def test_what_is_allowed_is_kept(
    column: str, value: Scalar, mariadb: MariadbServer
) -> None:
    """To the last character."""
    async with table(made(mariadb, SHOP), "users") as one:
        changed = (await one.update(1, {column: value}) or {})[column]
        assert changed == ("10.50" if value == "10.500" else value)


async def test_new_records(mariadb: MariadbServer) -> None:
    """With the number that the table gives them, with none, with a key of 0, with defaults."""
    async with table(made(mariadb, SHOP), "users") as one:
        id, record = await one.insert({"name": "Cy", "low": 1, "high": 2, "age": 5})
        assert (id, record["name"], record["twice"]) == (3, "Cy", 10)
        assert (await one.insert({"id": 0, "name": "Zero"}))[0] == 0
        with pytest.raises(ChangeRefused, match="column 'name': Field 'name' doesn't have"):
            await one.insert({"email": "c@x"})
        with pytest.raises(ChangeRefused, match="column 'id': Duplicate entry"):
            await one.insert({"id": 1, "name": "x"})


async def test_a_record_that_others_need_stays(mariadb: MariadbServer) -> None:
    """The message has the other table's name."""
    async with table(made(mariadb, SHOP), "users") as one:
        with pytest.raises(ChangeRefused, match=r"does not allow it: Cannot delete.*orders"):
            await one.delete(1)
        assert await one.delete(2)


async def test_a_trigger_has_the_last_word(mariadb: MariadbServer) -> None:
    """What it says is said; what it makes of a change is shown."""
    async with table(made(mariadb, TRIGGERED), "t") as one:
        assert await one.update(1, {"v": 4}) == {"id": 1, "v": 5}
        with pytest.raises(ChangeRefused, match="no 13, please"):
            await one.update(1, {"v": 13})


async def test_a_change_to_what_is_there_already_counts(mariadb: MariadbServer) -> None:
    """The server says of it that no row was changed; it was found."""
    async with table(made(mariadb)) as one:
        for _ in range(2):
            assert await one.update(1, {"city": "Oslo"}) is not None


async def test_of_many_at_once_each_sees_the_others(mariadb: MariadbServer) -> None:
    """With what they expect of the record, no change is lost."""
    url = made(
        mariadb, "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0)"
    )

    async def add() -> int:
        lost = 0
        async with table(url, "t") as one:
            for _ in range(10):
                while True:
                    record = await one.find(1) or {}
                    try:
                        await one.update(1, {"n": int(str(record["n"])) + 1}, expected=record)
                        break
                    except ChangedMeanwhile:
                        lost += 1
        return lost

    await asyncio.gather(*(add() for _ in range(4)))
    assert mariadb.run("SELECT n FROM t", url=url) == [(40,)]


async def test_the_steps_of_a_change(mariadb: MariadbServer) -> None:
    """As a person would type them, one a change."""
    async with table(made(mariadb)) as one:
        record = await one.find(1)
        with Recorder() as steps:
            await one.update(1, {"city": "it's"}, expected=record)
            await one.insert({"id": 4, "name": "Dara"})
            await one.delete(4)
            await one.touch(1)
        assert [step.command for step in steps] == [
            "UPDATE people SET city = 'it''s' WHERE id = 1 AND it is as it was shown",
            "INSERT INTO people (id, name) VALUES (4, 'Dara')",
            "DELETE FROM people WHERE id = 4",
            "UPDATE people SET name = name WHERE id = 1",
        ]
        assert [step.result for step in steps] == ["1 row"] * 4


async def test_a_change_that_is_longer_than_the_server_takes(mariadb: MariadbServer) -> None:
    """It is refused before anything is sent, and the connection stays."""
    url = made(
        mariadb, "CREATE TABLE t (id int PRIMARY KEY, v longtext); INSERT INTO t VALUES (1, '')"
    )
    async with table(url, "t") as one:
        with pytest.raises(ChangeRefused, match="max_allowed_packet"):
            await one.update(1, {"v": "x" * (1 << 24)})
        assert await one.find(1) == {"id": 1, "v": ""}


async def test_new_records_where_none_are_returned(mariadb: MariadbServer) -> None:
    """As MySQL has it: they are read in the transaction that adds them."""
    url = made(mariadb, f"{SHOP} CREATE TABLE named (code varchar(9) PRIMARY KEY, v int)")
    users = as_mysql(STORE.read_schema(url, "users", None, read_only=False))
    named = as_mysql(STORE.read_schema(url, "named", None, read_only=False))
    async with STORE.open(
        url, replace(users, is_mariadb=False, columns=("id", "name", "age")), SystemClock(),
        TableOptions(),
    ) as one:  # fmt: skip
        assert await one.insert({"name": "Cy"}) == (3, {"id": 3, "name": "Cy", "age": None})
        assert (await one.insert({"id": 9, "name": "Di"}))[0] == 9
        with pytest.raises(ChangeRefused, match="Duplicate"):
            await one.insert({"id": 9, "name": "Di"})
    async with STORE.open(
        url, replace(named, is_mariadb=False), SystemClock(), TableOptions()
    ) as one:
        assert await one.insert({"code": "a"}) == ("a", {"code": "a", "v": None})
        with pytest.raises(ChangeRefused, match="give the new record its key, 'code'"):
            await one.insert({"v": 1})
