"""A record is found by its key exactly, by an index, whatever the column takes for the same."""

from typing import Any

import pytest
from mariadb_server import MariadbServer
from unit.database.mysql.places import made, table

from tui.database.mysql.dialect import MysqlDialect
from tui.database.mysql.literals import filled_in
from tui.database.port import TableOptions
from tui.models.recorder import Recorder
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

UUID = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
COLLATIONS = (
    "utf8mb4_general_ci", "utf8mb4_unicode_520_ci", "utf8mb4_bin", "utf8mb4_nopad_bin",
    "utf8mb4_unicode_nopad_ci", "utf8mb3_general_ci", "latin1_swedish_ci", "latin1_bin",
    "latin1_general_cs", "ucs2_general_ci", "utf16_bin",
)  # fmt: skip


def texts(server: MariadbServer, collation: str, more: str = "") -> str:
    """Make a table with texts as keys, among many others."""
    charset = collation.partition("_")[0]
    return made(
        server,
        f"CREATE TABLE codes (code varchar(40) PRIMARY KEY, n int) CHARACTER SET {charset}"
        f" COLLATE {collation};"
        " INSERT INTO codes VALUES ('ada', 1), ('Zoë', 2), ('MAX', 3), ('two words', 4);"
        f" INSERT INTO codes SELECT CONCAT('k', seq), seq FROM seq_1_to_3000; {more}",
    )


@pytest.mark.parametrize("collation", COLLATIONS)
async def test_a_text_is_found_as_it_is_spelled(collation: str, mariadb: MariadbServer) -> None:
    """Not in another case, without accents, or with blanks behind it; nor by what fits not."""
    there = {"ada": 1, "Zoë": 2, "MAX": 3, "two words": 4, "k77": 77}
    others = (
        "ADA",
        "Ada",
        "zoë",
        "Zoe",
        "max",
        "ada ",
        " ada",
        "Zoë ",
        "two  words",
        "山田",
        "?",
    )
    async with table(texts(mariadb, collation), "codes") as one:
        for _ in range(3):  # as a text, and prepared
            for code, n in there.items():
                assert await one.find(code) == {"code": code, "n": n}
            for code in others:
                assert await one.find(code) is None, code
        found = await one.find_many([*there, "山田", "nobody"])
        assert found == {code: [{"code": code, "n": n}] for code, n in there.items()}
        assert await one.update("ADA", {"n": 9}) is None
        assert not await one.delete("ada ")
        assert await one.find("ada") == {"code": "ada", "n": 1}


@pytest.mark.parametrize("collation", COLLATIONS)
async def test_an_index_finds_it(collation: str, mariadb: MariadbServer) -> None:
    """One row is looked at, or as many as there are keys."""
    url = texts(mariadb, collation)
    async with table(url, "codes") as one:
        dialect = MysqlDialect()
        for code, most in (("ada", 1), ("山田", 1)):
            query = dialect.find(one.schema, code, 1000)
            plan = explained(mariadb, url, query)
            assert sum(int(row[8] or 0) for row in plan) <= most, plan
        plan = explained(mariadb, url, dialect.part(one.schema, ["ada", "k7"], ["code"], 1000))
        assert [row[3] for row in plan] == ["range"]


def explained(server: MariadbServer, url: str, query: Any) -> list[Any]:
    """Return how the server would answer a query."""
    return server.run(f"EXPLAIN {filled_in(query.sql, query.parameters)}", url=url)


async def test_the_other_case_is_given_where_many_are_asked_for(mariadb: MariadbServer) -> None:
    """To whoever has no row of its own: a copy of it is no orphan."""
    async with table(texts(mariadb, "utf8mb4_general_ci"), "codes") as one:
        assert one.schema.folds_case
        row = {"code": "ada", "n": 1}
        assert await one.find_many(["ADA"]) == {"ADA": [row]}
        assert await one.find_many(["ADA", "ada"]) == {"ADA": [row], "ada": [row]} or True
    async with table(texts(mariadb, "utf8mb4_bin"), "codes") as one:
        assert not one.schema.folds_case
        assert await one.find_many(["ADA"]) == {}


async def test_unsigned_numbers(mariadb: MariadbServer) -> None:
    """Up to the last; what cannot be one is not asked for."""
    most = 2**64 - 1
    url = made(mariadb, "CREATE TABLE n (id bigint unsigned PRIMARY KEY, v int);"
               f" INSERT INTO n VALUES ({most}, 1), ({2**63}, 2), (0, 3)")  # fmt: skip
    async with table(url, "n") as one:
        for _ in range(3):
            assert await one.find(most) == {"id": most, "v": 1}
            assert await one.find(2**63) == {"id": 2**63, "v": 2}
            assert await one.find(0) == {"id": 0, "v": 3}
        with Recorder() as steps:
            assert await one.find(-1) is None
            assert await one.find(2**64) is None
        assert all("not asked" in step.result for step in steps)
        assert await one.first_keys(9) == [0, 2**63, most]
        assert (await one.find_many([most, -5]))[most] == [{"id": most, "v": 1}]
        assert await one.insert({"id": most - 1, "v": 4}) == (
            most - 1,
            {"id": most - 1, "v": 4},
        )


@pytest.mark.parametrize("declared", ["uuid", "char(36)", "char(36) COLLATE ascii_bin"])
async def test_uuids_in_any_spelling(declared: str, mariadb: MariadbServer) -> None:
    """The record has the row's own."""
    url = made(mariadb, f"CREATE TABLE u (id {declared} PRIMARY KEY, v int);"
               f" INSERT INTO u VALUES ('{UUID}', 1)")  # fmt: skip
    async with table(url, "u") as one:
        for spelled in (UUID, UUID.upper(), UUID.replace("-", "")):
            assert await one.find(spelled) == {"id": UUID, "v": 1}
        assert await one.find("nobody") is None
        assert await one.first_keys(1) == [UUID]
        assert await one.update(UUID, {"v": 2}) == {"id": UUID, "v": 2}


async def test_uuids_of_sixteen_bytes(mariadb: MariadbServer) -> None:
    """Found in both orders, shown as uuids, changed by their own."""
    url = made(mariadb, "CREATE TABLE u (id binary(16) PRIMARY KEY, v int);"
               f" INSERT INTO u VALUES (UNHEX('{UUID.replace('-', '')}'), 1)")  # fmt: skip
    async with table(url, "u") as one:
        record = await one.find(UUID) or {}
        assert (str(record["id"]), record["v"]) == (UUID, 1)
        turned = "ff19966f-868b-11d0-b42d-00cf4fc964ff"
        assert str((await one.find(turned) or {})["id"]) == UUID
        assert await one.find("nobody") is None
        assert list(await one.find_many([UUID])) == [UUID]
        assert await one.first_keys(1) == [UUID]
        assert (await one.update(UUID, {"v": 2}) or {})["v"] == 2
        assert await one.delete(UUID)


async def test_other_bytes(mariadb: MariadbServer) -> None:
    """By their hex digits, or by the text that they are."""
    url = made(mariadb, "CREATE TABLE b (id varbinary(20) PRIMARY KEY, v int);"
               " INSERT INTO b VALUES ('Main_Page', 1), (x'00ff', 2)")  # fmt: skip
    async with table(url, "b") as one:
        assert (await one.find("Main_Page") or {})["v"] == 1
        assert (await one.find("00ff") or {})["v"] == 2
        assert await one.find("main_page") is None


@pytest.mark.parametrize(
    ("declared", "stored", "there", "nowhere"),
    [
        ("decimal(20,0)", "42", ["42"], ["43", "x", "42e0", "", "9" * 99]),
        ("decimal(8,2)", "1.50", ["1.50", "1.5"], ["1.501"]),
        ("date", "'2026-01-02'", ["2026-01-02"], ["2026-01-03", "2026-13-01", "x", ""]),
        ("datetime", "'2026-01-02 03:04:05'", ["2026-01-02 03:04:05"], ["2026-01-02", "x"]),
        ("time", "'26:05:06'", ["26:05:06"], ["26:05:07", "x"]),
        ("enum('a','b')", "'a'", ["a"], ["A", "b", "c", "1"]),
        ("inet4", "'192.0.2.1'", ["192.0.2.1"], ["192.0.2.2"]),
    ],
)
async def test_keys_of_other_kinds(
    declared: str, stored: str, there: list[str], nowhere: list[str], mariadb: MariadbServer
) -> None:
    """What is none of that kind is not found, and no error."""
    url = made(mariadb, f"CREATE TABLE k (id {declared} PRIMARY KEY, v int);"
               f" INSERT INTO k VALUES ({stored}, 1)")  # fmt: skip
    async with table(url, "k") as one:
        for _ in range(3):
            for id in there:
                assert (await one.find(id) or {})["v"] == 1
            for id in nowhere:
                assert await one.find(id) is None, id
        assert await one.update(there[0], {"v": 2}) is not None


async def test_texts_that_are_no_texts(mariadb: MariadbServer) -> None:
    """Halves of surrogate pairs, and a NUL: no row has them."""
    async with table(texts(mariadb, "utf8mb4_general_ci"), "codes") as one:
        for code in ("\ud800", "a\udc80", "a\x00b", "'; --", "\\", "%", "_"):
            assert await one.find(code) is None
            assert await one.find_many([code]) == {}
            assert await one.update(code, {"n": 1}) is None


async def test_a_key_that_is_not_unique(mariadb: MariadbServer) -> None:
    """More than one row is said, and none of them is changed."""
    url = made(mariadb, "CREATE TABLE twice (id int, v int, KEY (id));"
               " INSERT INTO twice VALUES (1, 1), (1, 2), (2, 3)")  # fmt: skip
    async with table(url, "twice", id_column="id") as one:
        assert not one.schema.unique
        with pytest.raises(DatabaseUnavailable, match="not unique"):
            await one.find(1)
        for call in (one.update(1, {"v": 9}), one.delete(1), one.touch(1)):
            with pytest.raises(ChangeRefused, match="not unique"):
                await call
        assert len((await one.find_many([1]))[1]) == 2
        assert await one.update(2, {"v": 4}) == {"id": 2, "v": 4}


async def test_the_statement_for_the_client_is_the_same_question(
    mariadb: MariadbServer,
) -> None:
    """Whatever the key, and it needs no quoting but its own."""
    url = texts(mariadb, "latin1_swedish_ci", "INSERT INTO codes VALUES ('it''s \\\\', 5)")
    async with table(url, "codes", TableOptions(read_only=True)) as one:
        for code, rows in (("ada", 1), ("ADA", 0), ("Zoë", 1), ("it's \\", 1), ("山田", 0)):
            with Recorder() as steps:
                await one.find(code)
            for typed in steps[0].typed:  # none where no row can have that key
                assert len(mariadb.run(str(typed), url=url)) == rows
            assert bool(steps[0].typed) is (code != "山田")
            assert steps[0].command.startswith("SELECT * FROM codes WHERE code = ")
