"""What the database says of tables, whatever they are called and whoever asks."""

import pytest
from mariadb_server import MariadbServer
from unit.database.mysql.places import made, table

from tui.database.mysql.store import STORE
from tui.database.port import TableOptions
from tui.models import TableSchema
from tui.models.columns import Kind
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable


def schema(url: str, name: str, id_column: str | None = None) -> TableSchema:
    """Return what the store says of a table."""
    return STORE.read_schema(url, name, id_column, read_only=True)


def test_names_of_tables_and_views(mariadb: MariadbServer) -> None:
    """In the alphabet's order; a sequence is none."""
    url = made(mariadb, "CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE `A c` (id int);"
               " CREATE VIEW v AS SELECT id FROM b; CREATE SEQUENCE s")  # fmt: skip
    assert STORE.tables(url) == ["A c", "b", "v"]
    assert STORE.columns(url, "b") == ["id"]
    with pytest.raises(DatabaseUnavailable, match=r"no table 'x'.*its tables: A c, b, v"):
        STORE.columns(url, "x")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Users", "Users"), ("USERS", "Users"), ("users", "users"), ("`my table`", "my table"),
        ("MY TABLE", "my table"), ("a.b", "a.b"), ("select", "select"), ("q`t", "q`t"),
    ],
)  # fmt: skip
async def test_names_exactly_then_in_any_case(
    asked: str, found: str, mariadb: MariadbServer
) -> None:
    """Quoted or not, with blanks and dots and words of SQL in them."""
    names = ("Users", "users", "my table", "a.b", "select", "q`t")
    script = ";".join(
        f"CREATE TABLE `{name.replace('`', '``')}` (id int PRIMARY KEY, `where` int);"
        f" INSERT INTO `{name.replace('`', '``')}` VALUES (1, 2)"
        for name in names
    )
    if asked == "USERS":
        script = script.replace("CREATE TABLE `users`", "CREATE TABLE `user`").replace(
            "INTO `users`", "INTO `user`"
        )
    async with table(made(mariadb, script), asked) as one:
        assert one.schema.name == found
        assert await one.find(1) == {"id": 1, "where": 2}
        assert await one.update(1, {"where": 3}) == {"id": 1, "where": 3}
        assert await one.insert({"id": 2, "where": 4}) == (2, {"id": 2, "where": 4})
        assert (await one.search("x", 5)).matches == ()


async def test_a_table_of_another_database(mariadb: MariadbServer) -> None:
    """Named with the database before it."""
    url, other = made(mariadb), made(mariadb)
    name = other.rpartition("/")[2]
    for asked in (f"{name}.people", f"{name.upper()}.PEOPLE", f"`{name}`.`people`"):
        async with table(url, asked) as one:
            assert one.schema.name == f"{name}.people"
            assert await one.update(1, {"city": asked}) is not None
    assert mariadb.run("SELECT city FROM people WHERE id = 1", url=url) == [("Lagos",)]
    with pytest.raises(DatabaseUnavailable, match="no table"):
        schema(url, "nowhere.people")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ("a int, b int, PRIMARY KEY (a, b)", r"a key of 2 columns \(a, b\).*--id-column"),
        ("a int, b int", "no primary key; name its unique column with --id-column"),
        ("a int UNIQUE, b int UNIQUE", "no primary key"),
        ("id json, PRIMARY KEY (id(20))", "longtext, which is no key"),
        ("id double PRIMARY KEY", "double, which is no key"),
    ],
)
def test_tables_without_one_key_are_refused(
    columns: str, words: str, mariadb: MariadbServer
) -> None:
    """In a sentence that says what to do."""
    with pytest.raises(DatabaseUnavailable, match=words):
        schema(made(mariadb, f"CREATE TABLE t ({columns})"), "t")


def test_the_key_may_be_named(mariadb: MariadbServer) -> None:
    """Exactly or in any case; whether it is unique is the table's to say."""
    url = made(
        mariadb, "CREATE TABLE t (a int, Code varchar(9) UNIQUE, n int, PRIMARY KEY (a, n))"
    )
    its = schema(url, "t", "CODE")
    assert (its.id_column, its.unique, its.id_is_integer) == ("Code", True, False)
    assert not schema(url, "t", "a").unique
    with pytest.raises(DatabaseUnavailable, match=r"no column 'zz'.*it has a, Code, n"):
        schema(url, "t", "zz")


def test_a_column_that_alone_is_unique_is_the_key(mariadb: MariadbServer) -> None:
    """Where there is no primary key."""
    url = made(mariadb, "CREATE TABLE t (v int, code varchar(9) NOT NULL UNIQUE)")
    assert schema(url, "t").id_column == "code"


async def test_columns_that_are_not_seen_are_left_out(mariadb: MariadbServer) -> None:
    """And those that the database computes are known."""
    url = made(
        mariadb,
        "CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 5, hidden int INVISIBLE DEFAULT 3,"
        " twice int AS (a * 2), kept int AS (a * 3) STORED,"
        " at timestamp NOT NULL DEFAULT current_timestamp(),"
        " n varchar(9) NOT NULL DEFAULT 'x'); INSERT INTO t (id, a) VALUES (1, 2)",
    )
    async with table(url, "t") as one:
        its = one.schema
        assert its.columns == ("id", "a", "twice", "kept", "at", "n")
        assert [name for name in its.columns if its.column(name).computed] == ["twice", "kept"]
        assert [its.column(name).default for name in ("id", "a", "at", "n")] == [
            "", "5", "current_timestamp()", "'x'",
        ]  # fmt: skip
        assert [its.column(name).nullable for name in ("id", "a", "n")] == [False, True, False]
        assert (await one.update(1, {"a": 4}) or {})["twice"] == 8


async def test_a_user_who_may_read_some_columns(mariadb: MariadbServer) -> None:
    """Reads those, and is refused the others in a sentence."""
    url = made(mariadb)
    name = url.rpartition("/")[2]
    user = f"u_{name}"
    mariadb.run(
        f"CREATE USER {user} IDENTIFIED BY '{mariadb.password}';"
        f" GRANT SELECT (id, name), UPDATE (name) ON `{name}`.people TO {user}",
        url=mariadb.admin_url,
    )
    theirs = url.replace("//app:", f"//{user}:")
    async with table(theirs) as one:
        assert one.schema.columns == ("id", "name")
        assert await one.find(1) == {"id": 1, "name": "Amara Okafor"}
        assert await one.update(1, {"name": "x"}) == {"id": 1, "name": "x"}
        with pytest.raises(ChangeRefused, match="DELETE command denied"):
            await one.delete(1)
        with pytest.raises(ChangeRefused, match="INSERT command denied"):
            await one.insert({"id": 4, "name": "y"})
    with pytest.raises(DatabaseUnavailable, match="no table 'things'"):
        schema(theirs, "things")


async def test_views(mariadb: MariadbServer) -> None:
    """Read by a key that is named; changed where the view lets it through."""
    url = made(mariadb)
    mariadb.run(
        "CREATE VIEW v AS SELECT id, city, CONCAT(name, '!') AS loud FROM people", url=url
    )
    with pytest.raises(DatabaseUnavailable, match="--id-column"):
        schema(url, "v")
    async with table(url, "v", id_column="id") as one:
        assert one.schema.is_view
        assert not one.schema.unique
        assert await one.find(1) == {"id": 1, "city": "Lagos", "loud": "Amara Okafor!"}
        assert (await one.update(1, {"city": "Oslo"}) or {})["city"] == "Oslo"
        with pytest.raises(ChangeRefused, match="'loud'"):
            await one.update(1, {"loud": "x"})
        with pytest.raises(ChangeRefused, match="view"):
            await one.touch(1)
        assert [match.id for match in (await one.search("okafor", 5)).matches] == [1]


async def test_a_partitioned_table(mariadb: MariadbServer) -> None:
    """Like any other."""
    url = made(mariadb, "CREATE TABLE p (id int PRIMARY KEY, v int) PARTITION BY HASH (id)"
               " PARTITIONS 4; INSERT INTO p SELECT seq, seq FROM seq_1_to_20")  # fmt: skip
    async with table(url, "p", TableOptions(read_only=True)) as one:
        assert one.schema.unique
        assert await one.find(7) == {"id": 7, "v": 7}
        assert await one.first_keys(3) == [1, 2, 3]


def test_what_a_search_can_use(mariadb: MariadbServer) -> None:
    """Indexes whose collation takes letters of any case for one, and that are used."""
    url = made(mariadb, "CREATE TABLE t (id int PRIMARY KEY, a varchar(50), b varchar(50)"
               " COLLATE utf8mb4_bin, c text, d varchar(50), KEY (a), KEY (b), KEY (c(20)),"
               " KEY (d) IGNORED) CHARACTER SET utf8mb4")  # fmt: skip
    its = schema(url, "t")
    assert its.search_columns == ("a", "b", "c")
    assert its.indexed_columns == ("a", "c")
    assert its.column("c").kind is Kind.TEXT


def test_errors_name_host_and_database_and_no_password(mariadb: MariadbServer) -> None:
    """One line each."""
    url = made(mariadb)
    for wrong, words in (
        (url.replace(mariadb.password, "wrong-one"), "user or password is wrong"),
        (url.replace("//app:", "//nobody:"), "user or password is wrong"),
        (f"{url}_not", "may not use that database|name another database"),
        (
            f"mysql://app:{mariadb.password}@127.0.0.1:1/shop",
            "connection refused.*running there",
        ),
        (f"mysql://app:{mariadb.password}@nowhere.invalid/shop", "host's name right"),
        (f"mysql://app:{mariadb.password}@h/shop?unix_socket=/nowhere/s", "running there"),
    ):
        with pytest.raises(DatabaseUnavailable, match=words) as error:
            schema(wrong, "people")
        text = str(error.value)
        assert "\n" not in text
        assert mariadb.password not in text
        assert "wrong-one" not in text
