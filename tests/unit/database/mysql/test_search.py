"""Records are found by a text, however it is written, and in bounded time."""

import time
from typing import Any

import pytest
from mariadb_server import MariadbServer
from unit.database.mysql.places import made, table

from tui.database.folding import fold, rank
from tui.database.mysql.dialect import MysqlDialect
from tui.database.mysql.literals import filled_in
from tui.database.mysql.patterns import pattern_of
from tui.database.port import TableOptions

NAMES = (
    "José", "Jose\u0301phine", "JOSEFA", "Straße", "Strasse", "Андрей", "Сергей", "山田 太郎",
    "한결", "Nguyễn", "O'Brien", "Ærø", "ﬁnal", "50% off", "a_b", "back\\slash", "[x](y)",
    "Ⅷ", "ΣΊΣΥΦΟΣ", "İstanbul", "עִבְרִית", "ガギ", "", "Ñandú", "a!b",
)  # fmt: skip
ASKED = (
    "jose", "José", "josephine", "strasse", "STRASSE", "straße", "андрей", "Андреи", "сергей",
    "山田", "한", "nguyen", "Nguyễn", "o'b", "æ", "fi", "50%", "a_b", "k\\s", "[x]", "viii",
    "σίσυφος", "istanbul", "עברית", "ガ", "カ", "nandu", "%", "_", "\\", "(", "x](", "!",
)  # fmt: skip


def names(server: MariadbServer, collation: str, indexed: str = "") -> str:
    """Make a table with those names."""
    values = ", ".join(
        f"({number}, CONVERT(x'{name.encode().hex()}' USING utf8mb4))"
        for number, name in enumerate(NAMES, 1)
    )
    return made(
        server,
        "CREATE TABLE people (id int PRIMARY KEY,"
        f" name varchar(60) COLLATE {collation} {indexed})"
        f" CHARACTER SET utf8mb4; INSERT INTO people VALUES {values}",
    )


@pytest.mark.parametrize("indexed", ["", ", KEY (name)", ", KEY (name(3))"])
@pytest.mark.parametrize(
    "collation", ["utf8mb4_general_ci", "utf8mb4_bin", "utf8mb4_unicode_520_ci"]
)
async def test_the_same_are_found_whatever_the_collation(
    collation: str, indexed: str, mariadb: MariadbServer
) -> None:
    """Those that hold the text as we fold it, and no others."""
    async with table(names(mariadb, collation, indexed)) as one:
        for text in ASKED:
            needle = fold(text)
            wanted = {n for n, name in enumerate(NAMES, 1) if rank(needle, name) is not None}
            found = await one.search(text, 50, seconds=2.0)
            assert {match.id for match in found.matches} == wanted, text
            assert found.complete


def test_a_pattern_matches_what_folds_to_it() -> None:
    """It is an expression for whatever text."""
    for text in ASKED:
        assert pattern_of(fold(text))


async def test_a_server_agrees_with_our_folding(mariadb: MariadbServer) -> None:
    """Of each pair it finds what we find."""
    pairs = [(fold(text), name) for text in ASKED for name in NAMES]
    selected = ", ".join(
        filled_in("? COLLATE utf8mb4_bin REGEXP ?", (name, pattern_of(needle)))
        for needle, name in pairs
    )
    (row,) = mariadb.run(f"SELECT {selected}")
    for (needle, name), found in zip(pairs, row, strict=True):
        assert bool(found) == (rank(needle, name) is not None), (needle, name)


MANY = """
    CREATE TABLE people (id int PRIMARY KEY, name varchar(60), city varchar(60) {more})
      CHARACTER SET utf8mb4;
    INSERT INTO people SELECT seq, CONCAT(ELT(1 + seq % 4, 'Zoë', 'Anna', 'Müller', 'Ōta'), ' ',
      seq), 'Lagos' FROM seq_1_to_200000;
"""


async def test_a_scan_stops_in_time_and_keeps_what_it_found(mariadb: MariadbServer) -> None:
    """It says that it was stopped, and which index would help; look-ups go on meanwhile."""
    url = made(mariadb, MANY.format(more=""))
    async with table(url, options=TableOptions(read_only=True)) as one:
        began = time.monotonic()
        found = await one.search("a 9", 50, seconds=0.05)
        assert time.monotonic() - began < 0.6
        assert not found.complete
        assert found.matches
        assert found.index == "ALTER TABLE people ADD INDEX (name)"
        assert await one.find(7) is not None
        whole = await one.search("a 199999", 50, seconds=10.0)
        assert whole.complete
        assert [match.id for match in whole.matches] == [199999]


async def test_an_index_finds_beginnings(mariadb: MariadbServer) -> None:
    """At once, and in any case; the statement is one that the index serves."""
    url = made(mariadb, MANY.format(more=", KEY (name)"))
    async with table(url, options=TableOptions(read_only=True)) as one:
        assert one.schema.indexed_columns == ("name",)
        began = time.monotonic()
        found = await one.search("zoe 19", 20)
        assert time.monotonic() - began < 0.5
        assert len(found.matches) == 20
        assert found.more
        for query in MysqlDialect().prefix(one.schema, "name", "Zoë 19", 21, 100):
            bound: Any = query.parameters
            plan = mariadb.run(f"EXPLAIN {filled_in(query.sql, bound)}", url=url)
            assert [row[3] for row in plan] == ["range"]
        assert found.index == ""


@pytest.mark.parametrize(
    ("key", "keys"),
    [
        ("id varchar(20) PRIMARY KEY", "CONCAT('k', seq)"),
        ("id varchar(20) CHARACTER SET latin1 COLLATE latin1_general_cs PRIMARY KEY", "seq"),
        ("id binary(4) PRIMARY KEY", "UNHEX(LPAD(HEX(seq), 8, '0'))"),
        ("id bigint unsigned PRIMARY KEY", "18446744073709551615 - seq"),
        ("id int UNIQUE", "seq"),
        ("id date PRIMARY KEY", "'1900-01-01' + INTERVAL seq DAY"),
        ("id int, KEY (id)", "seq"),
    ],
)
async def test_a_whole_table_is_read_by_any_key(
    key: str, keys: str, mariadb: MariadbServer
) -> None:
    """Each row once, stretch by stretch."""
    url = made(
        mariadb,
        f"CREATE TABLE t ({key}, name varchar(20)) CHARACTER SET utf8mb4;"
        f" INSERT INTO t SELECT {keys}, IF(seq % 500 = 0, 'needle', 'hay') FROM seq_1_to_9000",
    )
    async with table(url, "t", TableOptions(read_only=True), id_column="id") as one:
        found = await one.search("eedl", 50, seconds=5.0)
        assert found.complete, found.reason
        assert len({match.id for match in found.matches}) == 18


async def test_a_search_that_fails_says_so(own_mariadb: MariadbServer) -> None:
    """It never raises."""
    async with table(made(own_mariadb), options=TableOptions(read_only=True)) as one:
        assert (await one.search("amara", 5)).matches
        own_mariadb.kill()
        found = await one.search("amara", 5)
        assert found.matches == ()
        assert "refused" in (found.reason or "")


async def test_columns_of_any_kind_are_searched(mariadb: MariadbServer) -> None:
    """Enumerations, uuids, addresses, texts in old character sets."""
    url = made(
        mariadb,
        "CREATE TABLE t (id int PRIMARY KEY, e enum('gold', 'silver'), u uuid, n inet6);"
        " INSERT INTO t VALUES"
        " (1, 'gold', '6f9619ff-8b86-d011-b42d-00cf4fc964ff', '2001:db8::1');"
        " CREATE TABLE old (id int PRIMARY KEY, l varchar(9) CHARACTER SET latin1,"
        " u text CHARACTER SET ucs2); INSERT INTO old VALUES (1, 'Zoë', 'Ōta');"
        " CREATE TABLE hard (`a``b` int PRIMARY KEY, `n{?}` varchar(9), KEY (`n{?}`));"
        " INSERT INTO hard VALUES (1, 'needle')",
    )
    for name, texts in (
        ("t", ("gol", "8B86", "db8")),
        ("old", ("zoe", "ota")),
        ("hard", ("eed", "nee")),
    ):
        async with table(url, name, TableOptions(read_only=True)) as one:
            for text in texts:
                found = await one.search(text, 5, seconds=2.0)
                assert [match.id for match in found.matches] == [1], (text, found.reason)
