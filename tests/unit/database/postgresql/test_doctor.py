"""What doctor says of a server and a table, well or not."""

from collections.abc import Iterator, Mapping

import pytest
from postgresql_server import PostgresqlServer
from unit.database.postgresql.places import PEOPLE, Database, made

from tui.database.postgresql.store import STORE
from tui.models.check import Check, State


def checked(
    url: str, table: str = "people", id_column: str | None = None, *, read_only: bool = False
) -> Mapping[str, Check]:
    """Return what doctor says, by name; every warning and failure has some advice."""
    examined = STORE.examine(url, table, id_column, read_only=read_only)
    for check in examined.checks:
        assert check.group == "database"
        assert check.state is State.OK or check.advice
    assert len({check.name for check in examined.checks}) == len(examined.checks)
    return {check.name: check for check in examined.checks}


def odd(checks: Mapping[str, Check]) -> dict[str, State]:
    """Return what is not in order."""
    return {name: check.state for name, check in checks.items() if check.state is not State.OK}


@pytest.mark.parametrize("read_only", [True, False])
def test_a_table_in_order(people: Database, read_only: bool) -> None:
    """Server, user, table, columns, key, search and rows are said; nothing is advised."""
    people.run("CREATE INDEX ON people (lower(name) text_pattern_ops)")
    checks = checked(people.url, read_only=read_only)
    assert odd(checks) == {}
    assert str(checks["server"].value).startswith("PostgreSQL 1")
    assert people.server.password not in str(checks["server"])
    assert checks["user"].value == "app"
    assert (checks["tls"].value, checks["tls"].detail) == (False, "without TLS")
    assert checks["primary"].value is True
    assert checks["may write"].value is True
    assert checks["table"].detail == "table public.people: id, name, city"
    assert checks["columns"].detail == "id integer (bigint), name text, city text"
    assert checks["key"].detail == "id bigint: unique, indexed"
    assert (checks["search"].value, checks["rows"].value) == ("name", 3)


def test_the_version_is_told() -> None:
    """That of the driver."""
    name, version = STORE.version()
    assert name == "psycopg"
    assert version[0].isdecimal()


def test_a_search_without_an_index(people: Database) -> None:
    """The statement that would help is given, and helps."""
    check = checked(people.url)["search"]
    assert check.state is State.WARNING
    assert str(check.advice).startswith("run: CREATE INDEX ON people (lower(name::text)")
    people.run(str(check.advice).removeprefix("run: "))
    assert checked(people.url)["search"].state is State.OK


def test_a_key_that_is_not_unique(database: Database) -> None:
    """So is the index that would make it so."""
    database.run('CREATE TABLE "Order" (id int, name text)')
    check = checked(database.url, "Order", "id")["key"]
    assert check.state is State.WARNING
    database.run(str(check.advice).removeprefix("run: "))
    assert checked(database.url, "Order", "id")["key"].state is State.OK


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("CREATE VIEW t AS SELECT 1 AS id, 'a'::text AS name", "view"),
        (
            "CREATE MATERIALIZED VIEW t AS SELECT 1 AS id, 'a'::text AS name",
            "materialized view",
        ),
        ("CREATE TABLE t (id int, name text) PARTITION BY LIST (id)", "partitioned table"),
    ],
)
def test_what_is_no_table(database: Database, script: str, kind: str) -> None:
    """It is called what it is."""
    database.run(script)
    checks = checked(database.url, "t", "id")
    assert str(checks["table"].detail).startswith(f"{kind} public.t")
    assert checks["key"].state is State.WARNING
    assert str(checks["columns"].detail).startswith("id integer")


def test_a_user_without_rights(people: Database) -> None:
    """What is missing is a failure for whoever writes, and none for whoever reads."""
    url = people.add_user("reader")
    people.as_admin("GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT ON people TO reader")
    assert "may write" not in odd(checked(url, read_only=True))
    assert odd(checked(url))["may write"] is State.FAILED
    people.as_admin("REVOKE SELECT ON people FROM reader")
    table = checked(url)["table"]
    assert table.state is State.FAILED
    assert "GRANT SELECT" in str(table.detail)


def test_rows_that_a_policy_hides(people: Database) -> None:
    """It is a warning: whatever is missing may be there."""
    url = people.add_user("reader")
    people.as_admin(
        "GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT ON people TO reader;"
        "ALTER TABLE people ENABLE ROW LEVEL SECURITY"
    )
    check = checked(url, read_only=True)["row security"]
    assert check.state is State.WARNING
    assert "BYPASSRLS" in str(check.advice)
    assert "row security" not in checked(people.url)


def test_what_cannot_be_reached(people: Database) -> None:
    """It says why, and nothing else can be said."""
    checks = checked("postgresql://u:s3cretword@127.0.0.1:1/x")
    assert odd(checks) == {"server": State.FAILED}
    assert "is the server running there?" in str(checks["server"].detail)
    assert "s3cretword" not in str(checks)
    checks = checked(people.url, "nobody")
    assert odd(checks) == {"table": State.FAILED}
    assert "its tables: people" in str(checks["table"].detail)


def test_rows_are_counted_up_to_a_number(database: Database) -> None:
    """Of more the server's own estimate is told."""
    database.run(
        "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 25000);"
        "ANALYZE t; CREATE VIEW v AS SELECT * FROM t"
    )
    assert (checked(database.url, "t")["rows"].value) == 25_000
    assert checked(database.url, "t")["rows"].detail == "about 25,000"
    assert str(checked(database.url, "v", "id")["rows"].detail) == "more than 10,000"


def test_rows_that_cannot_be_counted(database: Database) -> None:
    """It is said, and takes seconds at most."""
    database.run(
        "CREATE VIEW v AS SELECT 1 AS id, 'a'::text AS name WHERE pg_sleep(60) IS NULL"
    )
    rows = checked(database.url, "v", "id")["rows"]
    assert rows.state is State.FAILED
    assert "did not answer in time" in str(rows.detail)


@pytest.fixture
def latin(postgresql: PostgresqlServer) -> Iterator[Database]:
    """A database in another encoding."""
    settings = "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
    with made(postgresql, PEOPLE.replace("Ō", "O"), settings) as database:
        yield database


def test_another_encoding(latin: Database) -> None:
    """It is a warning: the search folds less."""
    assert odd(checked(latin.url))["encoding"] is State.WARNING


def test_options_that_mean_nothing(people: Database) -> None:
    """They are named, so that nobody relies on them."""
    check = checked(f"{people.url}?pool_timeout=3&schema=public")["options"]
    assert (check.state, check.value) == (State.OK, "pool_timeout")
