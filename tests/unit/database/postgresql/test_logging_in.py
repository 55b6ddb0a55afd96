"""Users and passwords from wherever people keep them; none of them is ever shown."""

import asyncio
from pathlib import Path

import pytest
from postgresql_server import PostgresqlServer
from unit.database.postgresql.places import PEOPLE, Database, opened

from tui.database.postgresql.asking import asking
from tui.database.postgresql.store import STORE
from tui.database.registry import store_of
from tui.runtime.errors import DatabaseUnavailable, SettingsError
from tui.runtime.redaction import MASK, SECRETS

PASSWORD = "it's a s3cret: /?#[]@ pass%word"


@pytest.fixture
def person(people: Database) -> str:
    """The address, without a password, of a user with an odd one."""
    people.as_admin(
        "DROP ROLE IF EXISTS person;"
        f" CREATE ROLE person LOGIN PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}'"
    )
    people.as_admin("GRANT SELECT ON people TO person")
    return people.url_of("person").replace(f":{people.server.password}@", "@")


async def read(url: str) -> None:
    """See that a record can be read, with one driver's connections and the other's."""
    async with opened(url, read_only=True) as table:
        assert (await table.find(2) or {})["name"] == "Bo Larsson"


def failure(url: str) -> str:
    """Return why nobody gets in; neither the password nor a line's end is in it."""
    with pytest.raises(DatabaseUnavailable) as caught:
        STORE.read_schema(url, "people", None, read_only=True)
    message = str(caught.value)
    for line in (message, SECRETS.redacted(message)):
        assert "\n" not in line
        assert not any(part in line for part in (PASSWORD, "s3cret", "wr0ngpass"))
    return message


async def test_a_password_in_the_url(person: str) -> None:
    """In front of the host, or among the options, as it has to be written there."""
    from urllib.parse import quote

    written = quote(PASSWORD, safe="")
    await read(person.replace("person@", f"person:{written}@"))
    await read(f"{person}?password={written}")
    for url in (
        person.replace("person@", f"person:{written}@"),
        f"{person}?password={written}",
    ):
        assert STORE.check(url) == STORE.address(url)
        await read(STORE.address(url))
        for shown in (STORE.place(url), STORE.name(url), *STORE.client(url)):
            assert "s3cret" not in shown
        assert MASK in SECRETS.masked(f"it said {PASSWORD}")


@pytest.mark.parametrize(
    "way", ["PGPASSWORD", "PGPASSFILE", "~/.pgpass", "passfile", "service"]
)
async def test_a_password_from_elsewhere(
    person: str, way: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From the environment and from libpq's own files; it is kept out of all texts too."""
    monkeypatch.setenv("HOME", str(tmp_path))
    escaped = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    passfile = tmp_path / ".pgpass"
    match way:
        case "PGPASSWORD":
            monkeypatch.setenv("PGPASSWORD", PASSWORD)
        case "service":
            services = tmp_path / "services"
            services.write_text(f"[shop]\nuser=person\npassword={PASSWORD}\n")
            monkeypatch.setenv("PGSERVICEFILE", str(services))
            person = person.replace("person@", "") + "?service=shop"
        case _:
            passfile.write_text(f"*:*:*:person:{escaped}\n")
            passfile.chmod(0o600)
            monkeypatch.setenv("PGPASSFILE", str(passfile))
            if way == "passfile":
                monkeypatch.delenv("PGPASSFILE")
                person += f"?passfile={passfile}"
    await read(person)
    assert MASK in SECRETS.masked(f"it said {PASSWORD}")
    assert "services" not in STORE.place(person)
    assert ".pgpass" not in STORE.place(person)


async def test_a_file_of_passwords_that_others_may_read(
    person: str,
    people: Database,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """It is not used, as with libpq, which is said once, and not all over the screen."""
    passfile = tmp_path / "pgpass"
    passfile.write_text(f"*:*:*:person:{PASSWORD}\n")
    passfile.chmod(0o644)
    monkeypatch.setenv("PGPASSFILE", str(passfile))
    assert "user or password is wrong" in failure(person)
    said: list[str] = []
    async with opened(people.url, complain=said.append) as table:
        assert await table.touch(1)
        assert (await table.search("bo", 5)).matches
    assert said == [f"{passfile} is not used, since others may read it: chmod 600 it"]
    assert capfd.readouterr() == ("", "")


async def test_all_of_it_from_a_service(
    person: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A URL that names nothing is what PGSERVICE, PGHOST and the like say."""
    from urllib.parse import urlsplit

    place = urlsplit(person)
    services = tmp_path / "services"
    services.write_text(
        f"[shop]\nhost={place.hostname}\nport={place.port}\ndbname={place.path[1:]}\n"
        f"user=person\npassword={PASSWORD}\n"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    await read("postgresql:///?service=shop")
    monkeypatch.setenv("PGSERVICE", "shop")
    await read("postgresql://")
    assert STORE.name("postgresql://") == "postgresql"
    monkeypatch.delenv("PGSERVICE")
    monkeypatch.setenv("PGHOST", str(place.hostname))
    monkeypatch.setenv("PGPORT", str(place.port))
    monkeypatch.setenv("PGDATABASE", place.path[1:])
    monkeypatch.setenv("PGUSER", "person")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    await read("postgres://")


def test_a_password_that_is_wrong(person: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says where it can be named; so it does where there is none, or no such user."""
    wrong = person.replace("person@", "person:wr0ngpass@")
    advice = "user or password is wrong; name them in the URL, in PGPASSWORD or in .pgpass"
    assert advice in failure(wrong)
    assert advice in failure(person)
    assert advice in failure(person.replace("person@", "nobody-here:wr0ngpass@"))
    monkeypatch.setenv("PGPASSWORD", "wr0ngpass")
    assert advice in failure(person)


def test_what_else_is_wrong(person: str, people: Database) -> None:
    """Each is one sentence that says what to do."""
    login = people.url.rpartition("@")[0]
    assert "name another database" in failure(f"{login}@127.0.0.1:{people.server.port}/none")
    assert "is the server running there?" in failure(f"{login}@127.0.0.1:1/shop")
    assert "is the host's name right?" in failure(f"{login}@host.invalid/shop")
    message = failure(f"{login}@127.0.0.1:1,127.0.0.1:2/shop")
    assert message.count("Connection refused") == 1
    assert "is the server running there?" in failure("postgresql:///shop?host=/nowhere")
    assert "is the host's name right?" in failure("postgresql://a..b/shop")
    assert "is the service's name right?" in failure("postgresql:///shop?service=none")
    assert "correct it in the URL" in failure("postgresql://h/shop?port=x")
    assert "correct it in the URL" in failure("postgresql://h/%00")


async def test_opening_says_the_same(person: str, people: Database) -> None:
    """A server that is lost after its schema was read."""
    schema = people.schema()
    from tui.database.port import TableOptions
    from tui.runtime.clock import SystemClock

    for url in (person, person.replace(str(people.server.port), "1")):
        with pytest.raises(DatabaseUnavailable) as caught:
            async with STORE.open(url, schema, SystemClock(), TableOptions()):
                pass
        assert str(caught.value) == failure(url)


async def test_a_unix_socket(people: Database) -> None:
    """Its folder is the host."""
    url = people.server.socket_url.replace("/shop", f"/{people.name}")
    await read(url)
    assert STORE.name(url) == people.name


async def test_the_first_of_several_hosts_that_answers(people: Database) -> None:
    """The others are passed over, with and without ports of their own."""
    login, port = people.url.rpartition("@")[0], people.server.port
    await read(f"{login}@127.0.0.1:1,127.0.0.1:{port}/{people.name}")
    await read(f"{login}@/{people.name}?host=127.0.0.1,127.0.0.1&port=1,{port}")


@pytest.mark.parametrize(
    "scheme",
    ["postgres", "postgresql+asyncpg", "postgresql+psycopg2", "POSTGRESQL", "postgres+x"],
)
async def test_urls_of_other_programs(people: Database, scheme: str) -> None:
    """The driver in a scheme, and options that mean nothing here, are passed over."""
    url = people.url.replace("postgresql://", f"{scheme}://")
    url += "?schema=public&connection_limit=5&pgbouncer=true&server_version=16&ssl=false"
    assert store_of(url) is STORE
    assert STORE.check(url).startswith("postgresql://")
    await read(url)
    examined = STORE.examine(url, "people", None, read_only=True)
    (check,) = [check for check in examined.checks if check.name == "options"]
    assert check.value == "connection_limit, pgbouncer, server_version"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://u:p#s3cret@h/x", "write '#' as %23"),
        ("postgresql://u:p/s3cret@h/x", "'/' as %2F"),
        ("postgresql://u@h:x/x", "port is no number"),
        ("postgresql://u@h:99999/x", "port is no number"),
        ("postgresql://u@[::1/x", "no URL"),
        ("postgresql://u@a b/x", "blank"),
        ("postgresql://u@h/x?sslmode=maybe", "sslmode='maybe' is none; use one of"),
        ("postgresql://u@h/x?ssl=perhaps", "sslmode='perhaps' is none"),
    ],
)
def test_a_url_that_is_none(url: str, message: str) -> None:
    """It is a matter of settings, and says what is wrong, without the password."""
    with pytest.raises(SettingsError) as caught:
        STORE.check(url)
    assert message in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_names_and_places() -> None:
    """What is shown of a URL is short, and holds nothing that nobody is to see."""
    url = (
        "postgresql://u%40x:p%2Fw0rd@[::1]:5433,other/my%20shop?options=-c%20a%3Db&password=p4ss"
        "&sslpassword=p5ss&passfile=/x&application_name=me&unknown=1"
    )
    assert STORE.name(url) == "my shop"
    assert STORE.place(url) == (
        "postgresql://u%40x@[::1]:5433,other/my%20shop?application_name=me"
    )
    assert STORE.client(url) == (
        "env", "PGOPTIONS=-c default_transaction_read_only=on", "psql", STORE.place(url), "-c",
    )  # fmt: skip
    assert "postgresql://h/x?sslmode=require" in STORE.client(
        "postgresql://h/x?sslmode=no-verify"
    )
    assert STORE.shared(url)
    assert "p%2Fw0rd" in STORE.address(url)
    assert STORE.check(STORE.check(url)) == STORE.check(url)


def test_a_missing_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named with what brings it."""
    from tui.database import drivers

    monkeypatch.setattr(drivers, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pip install '\.\[postgresql\]'"):
        STORE.check("postgresql://h/x")


async def test_asking_while_a_loop_runs(people: Database) -> None:
    """Schema, tables, columns and doctor answer there too, and leave no connection."""
    assert asyncio.get_running_loop().is_running()
    assert STORE.tables(people.url) == ["people"]
    with asking(people.url) as connection:
        assert connection.ask("SHOW default_transaction_read_only") == [("on",)]
        assert connection.ask("SHOW client_encoding") == [("UTF8",)]
        with pytest.raises(DatabaseUnavailable, match="read-only transaction"):
            connection.ask("DELETE FROM people")


def test_a_server_that_falls_silent_while_it_is_asked(
    own_postgresql: PostgresqlServer,
) -> None:
    """There is an end to it."""
    own_postgresql.run(PEOPLE)
    with asking(own_postgresql.url) as connection:
        own_postgresql.pause()
        with pytest.raises(DatabaseUnavailable, match="did not answer"):
            connection.ask("SELECT 1")
        own_postgresql.resume()
    in_time = pytest.raises(DatabaseUnavailable, match="did not answer in time")
    with asking(own_postgresql.url) as connection, in_time:
        connection.ask("SELECT pg_sleep(60)")
    own_postgresql.pause()
    with pytest.raises(DatabaseUnavailable, match="does a firewall let the port through"):
        STORE.tables(own_postgresql.url)
    own_postgresql.resume()
