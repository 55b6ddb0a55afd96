"""Tables, views and columns of any name: found by it, exactly and else in whatever case."""

from typing import TYPE_CHECKING, Final

import pytest
from unit.database.postgresql.places import PEOPLE, Database, opened

from tui.database.postgresql.store import STORE
from tui.models.recorder import Recorder
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

if TYPE_CHECKING:
    from tui.models import Record

SCHEMAS: Final = """
    CREATE SCHEMA shop; CREATE SCHEMA "My.Shop"; CREATE SCHEMA a;
    CREATE TABLE users (id int PRIMARY KEY, place text DEFAULT 'public.users');
    CREATE TABLE shop.users (id int PRIMARY KEY, place text DEFAULT 'shop.users');
    CREATE TABLE shop.orders (id int PRIMARY KEY, place text DEFAULT 'shop.orders');
    CREATE TABLE a.orders (id int PRIMARY KEY, place text DEFAULT 'a.orders');
    CREATE TABLE shop."Items" (id int PRIMARY KEY, place text DEFAULT 'shop.Items');
    CREATE TABLE "Users" (id int PRIMARY KEY, place text DEFAULT 'public.Users');
    CREATE TABLE "shop.users" (id int PRIMARY KEY, place text DEFAULT 'public.shop.users');
    CREATE TABLE "My.Shop"."o'br""ien.x" (id int PRIMARY KEY, place text DEFAULT 'My.Shop');
    CREATE TABLE "Été" (id int PRIMARY KEY, place text DEFAULT 'Été');
    CREATE TABLE "a%b\\c" (id int PRIMARY KEY, place text DEFAULT 'percent');
"""
FOUND: Final = {
    "users": "public.users",
    "Users": "public.Users",
    "public.users": "public.users",
    "shop.users": "public.shop.users",
    '"shop.users"': "public.shop.users",
    'shop."users"': "shop.users",
    '"shop"."users"': "shop.users",
    "SHOP.orders": "shop.orders",
    "Shop.ITEMS": "shop.Items",
    "shop.items": "shop.Items",
    'shop."Items"': "shop.Items",
    '"My.Shop"."o\'br""ien.x"': "My.Shop",
    '"my.shop"."O\'BR""IEN.X"': "My.Shop",
    "Été": "Été",
    "été": "Été",
    "A%B\\C": "percent",
}
"""By what somebody writes: which table is found."""


@pytest.fixture
def schemas(database: Database) -> Database:
    """A database with tables of all kinds of names, of which each knows its own."""
    database.run(SCHEMAS)
    for schema, name in database.run(
        "SELECT schemaname, tablename FROM pg_tables WHERE tableowner = 'app'"
    ):
        database.run(f"""INSERT INTO "{schema}"."{name.replace('"', '""')}" VALUES (1)""")
    return database


@pytest.mark.parametrize("name", FOUND, ids=ascii)
async def test_a_table_is_found_by_its_name(schemas: Database, name: str) -> None:
    """With its schema or without, quoted or not, exactly or else in any case."""
    async with schemas.opened(name) as table:
        assert await table.find(1) == {"id": 1, "place": FOUND[name]}


def test_a_name_that_several_tables_have(schemas: Database) -> None:
    """They are named, and how to say which."""
    with pytest.raises(DatabaseUnavailable, match=r"called 'orders': a\.orders, shop\.orders"):
        schemas.schema("orders")
    with pytest.raises(
        DatabaseUnavailable, match=r"called 'USERS': public.Users, public.users"
    ):
        schemas.schema("USERS")


@pytest.mark.parametrize(
    "name", ["orderz", "shop.", ".users", "", '"', "a.b.c", "x\x1b[31m", "%"]
)
def test_a_name_that_no_table_has(schemas: Database, name: str) -> None:
    """Those that there are are listed, first those that need no schema; nothing is obeyed."""
    with pytest.raises(DatabaseUnavailable, match="its tables: Users, a%b") as caught:
        schemas.schema(name)
    assert str(caught.value).isprintable()


def test_the_tables_are_listed(schemas: Database) -> None:
    """Each as it may be written, and none of the system's."""
    listed = STORE.tables(schemas.url)
    assert set(listed) >= {"users", "Users", "shop.orders", "a.orders", "Été"}
    for name in listed:
        assert schemas.schema(name).name


@pytest.mark.parametrize("way", ["role", "options", "Prisma's", "PGOPTIONS"])
async def test_the_search_path_decides(
    schemas: Database, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sets it: the role, the URL, as libpq or as Prisma says it, the environment."""
    url = schemas.url
    match way:
        case "role":
            schemas.as_admin(
                f"ALTER ROLE app IN DATABASE {schemas.name} SET search_path = shop"
            )
        case "options":
            url += "?options=-csearch_path%3Dshop"
        case "Prisma's":
            url += "?schema=shop"
        case _:
            monkeypatch.setenv("PGOPTIONS", "-c search_path=shop")
    async with opened(url, "users") as table:
        assert await table.find(1) == {"id": 1, "place": "shop.users"}
        assert await table.update(1, {"place": "x"}) == {"id": 1, "place": "x"}
    assert schemas.run("SELECT place FROM shop.users") == [("x",)]
    assert STORE.columns(url, "orders") == ["id", "place"]
    assert STORE.tables(url)[:3] == ["Items", "orders", "users"]


async def test_statements_are_shown_as_they_may_be_typed(schemas: Database) -> None:
    """With schema and quotes where they have to be."""
    shown = {"users": "users", 'shop."users"': "shop.users", "Shop.ITEMS": 'shop."Items"'}
    for name, written in shown.items():
        async with schemas.opened(name) as table:
            with Recorder() as (steps):
                await table.find(1)
                await table.update(1, {"place": "it's"})
        assert steps[0].command == f"SELECT * FROM {written} WHERE id = 1"
        assert steps[0].typed == (steps[0].command,)
        assert steps[1].command == f"UPDATE {written} SET place = 'it''s' WHERE id = 1"
        assert schemas.run(str(steps[0].typed[0])) == [(1, "it's")]


HOSTILE: Final = (
    'a "quoted" name', "100%", "%s", "%(x)s", "line\nend", "\x1b[31mred", "$1", "{}", "a.b",
    "\\",
    "'; DROP TABLE t; --", "Id", "order", "x" * 63, "é", "\u202eabc", "\U0001f98a", "too_long",
)  # fmt: skip


async def test_columns_of_any_name(database: Database) -> None:
    """They are read, searched, changed and added like any other; as keys too."""
    columns = ['"' + name.replace('"', '""') + '"' for name in HOSTILE]
    database.run(
        f"CREATE TABLE t (id int PRIMARY KEY, {' text, '.join(columns)} text);"
        f" INSERT INTO t (id, {columns[0]}) VALUES (1, 'one'), (2, 'two')"
    )
    async with database.opened("t") as table:
        assert table.schema.columns == ("id", *HOSTILE)
        assert STORE.columns(database.url, "t") == ["id", *HOSTILE]
        record: Record = {"id": 3, **{name: f"<{name}>" for name in HOSTILE}}
        assert await table.insert(record) == (3, record)
        assert await table.find_many([3]) == {3: [record]}
        assert await table.find_many([3], HOSTILE[2:4]) == {
            3: [{"id": 3, HOSTILE[2]: "<%s>", HOSTILE[3]: "<%(x)s>"}]
        }
        for name in HOSTILE:
            changed = await table.update(3, {name: "new"}, expected=record)
            record = {**record, name: "new"}
            assert changed == record
        found = await table.search("two", 5, seconds=5)
        assert [match.id for match in found.matches] == [2]
    for name in HOSTILE:
        async with database.opened("t", name) as table:
            assert (await table.find("new") or {})["id"] == 3
            assert (await table.search("new", 5, seconds=5)).reason is None


async def test_columns_that_were_dropped(database: Database) -> None:
    """What is left is all that there is."""
    database.run(
        "CREATE TABLE t (a int, id int PRIMARY KEY, b text, c text);"
        "INSERT INTO t VALUES (1, 1, 'b', 'c'); ALTER TABLE t DROP COLUMN a, DROP COLUMN b"
    )
    async with database.opened("t") as table:
        assert await table.find(1) == {"id": 1, "c": "c"}
        assert await table.update(1, {"c": "d"}, expected={"id": 1, "c": "c"})
        assert await table.insert({"id": 2, "c": None}) == (2, {"id": 2, "c": None})


@pytest.mark.parametrize("type", ["text", "int", "jsonb"])
async def test_as_many_columns_as_there_can_be(database: Database, type: str) -> None:
    """1,600 are read, searched, compared and changed."""
    names = [f"c{number}" for number in range(1, 1600)]
    columns = ", ".join(f"{name} {type}" for name in names)
    database.run(
        f"CREATE TABLE t (id int PRIMARY KEY, {columns}); INSERT INTO t (id) VALUES (1)"
    )
    async with database.opened("t") as table:
        record = await table.find(1)
        assert record == {"id": 1, **dict.fromkeys(names)}
        changed = await table.update(1, {"c7": "7", "c1599": "8"}, expected=record)
        assert changed is not None
        assert [str(changed[name]) for name in ("c6", "c7", "c1599")] == ["None", "7", "8"]
        assert await table.find_many([1, 2]) == {1: [changed]}
        assert (await table.search("7", 5, seconds=5)).reason is None


RELATIONS: Final = {
    "partitioned table": (
        "CREATE TABLE t (id int PRIMARY KEY, name text) PARTITION BY HASH (id);"
        "CREATE TABLE t0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
        "CREATE TABLE t1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1)"
    ),
    "partition": (
        "CREATE TABLE u (id int PRIMARY KEY, name text) PARTITION BY LIST (id);"
        "CREATE TABLE t PARTITION OF u DEFAULT"
    ),
    "unlogged table": "CREATE UNLOGGED TABLE t (id int PRIMARY KEY, name text)",
    "view": "CREATE TABLE u (id int, name text); CREATE VIEW t AS SELECT * FROM u",
    "view with triggers": (
        "CREATE TABLE u (id int, name text); CREATE VIEW t AS SELECT DISTINCT * FROM u;"
        "CREATE FUNCTION put() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF TG_OP <> 'INSERT' THEN DELETE FROM u WHERE id = OLD.id; END IF;"
        " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;"
        " INSERT INTO u VALUES (NEW.*); RETURN NEW; END $$;"
        "CREATE TRIGGER put INSTEAD OF INSERT OR UPDATE OR DELETE ON t"
        " FOR EACH ROW EXECUTE FUNCTION put()"
    ),
    "foreign table": "",
}


@pytest.mark.parametrize("relation", RELATIONS)
async def test_whatever_can_be_written_is(database: Database, relation: str) -> None:
    """Records of it are added, found, changed with an eye on others, and removed."""
    if relation == "foreign table":
        made_foreign(database)
    else:
        database.run(RELATIONS[relation])
    async with database.opened("t", "id") as table:
        for id in (1, 2, 3):
            assert await table.insert({"id": id, "name": f"n{id}"}) == (
                id, {"id": id, "name": f"n{id}"}
            )  # fmt: skip
        assert table.schema.unique is ("partition" in relation or "unlogged" in relation)
        assert table.schema.is_view is relation.startswith("view")
        record = await table.find(2)
        assert record == {"id": 2, "name": "n2"}
        assert await table.find_many([1, 9]) == {1: [{"id": 1, "name": "n1"}]}
        assert sorted(map(int, await table.first_keys(9))) == [1, 2, 3]
        assert [m.id for m in (await table.search("n3", 5, seconds=5)).matches] == [3]
        changed = await table.update(2, {"name": "x"}, expected=record)
        assert changed == {"id": 2, "name": "x"}
        assert await table.delete(2)
        assert await table.find(2) is None
        assert await table.update(2, {"name": "x"}) is None


def made_foreign(database: Database) -> None:
    """Make `t` a table of this very database as another server has it."""
    server = database.server
    database.run("CREATE TABLE u (id int, name text)")
    database.as_admin(
        "CREATE EXTENSION postgres_fdw; CREATE SERVER itself FOREIGN DATA WRAPPER postgres_fdw"
        f" OPTIONS (host '127.0.0.1', port '{server.port}', dbname '{database.name}');"
        "CREATE USER MAPPING FOR app SERVER itself"
        f" OPTIONS (user 'app', password '{server.password}');"
        "CREATE FOREIGN TABLE t (id int, name text) SERVER itself OPTIONS (table_name 'u');"
        "GRANT ALL ON t TO app"
    )


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("CREATE MATERIALIZED VIEW t AS SELECT 1 AS id, 'n' AS name", "materialized view"),
        ("CREATE VIEW t AS SELECT DISTINCT 1 AS id, 'n'::text AS name", "cannot .* view"),
        ("CREATE VIEW t AS SELECT 1 AS id, 'n'::text AS name UNION SELECT 2, 'm'", "view"),
    ],
)
async def test_what_cannot_be_written_is_refused(
    database: Database, script: str, message: str
) -> None:
    """It is read and searched; a change of it is refused in the database's words."""
    database.run(script)
    async with database.opened("t", "id") as table:
        assert await table.find(1) == {"id": 1, "name": "n"}
        assert await table.find_many([1, 5]) == {1: [{"id": 1, "name": "n"}]}
        assert [m.id for m in (await table.search("n", 5, seconds=5)).matches] == [1]
        for change in (
            table.update(1, {"name": "x"}), table.delete(1), table.touch(1),
            table.insert({"id": 7, "name": "x"}),
        ):  # fmt: skip
            with pytest.raises(ChangeRefused, match=f"{message}|computed by|is a view"):
                await change


async def test_a_view_of_what_each_session_sees(database: Database) -> None:
    """Temporary tables of other sessions are nobody's."""
    database.run(f"{PEOPLE} CREATE VIEW v AS SELECT * FROM people WHERE city IS NOT NULL")
    async with database.opened("v", "id") as table:
        assert await table.find(2) is None
        assert await table.first_keys(9) == [1, 3]
        changed = await table.update(1, {"city": None})
        assert changed == {"id": 1, "name": "Amara Okafor", "city": None}
        assert await table.find(1) is None
