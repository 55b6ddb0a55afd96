"""What `doctor` says of a server and its table."""

import asyncio
from pathlib import Path

import pytest
from certificates import self_signed
from database_server import had
from mariadb_server import MariadbServer
from unit.database.mysql.places import made

from tui.database.mysql.store import STORE
from tui.models.check import Check, State


def checks(url: str, name: str = "people", *, read_only: bool = True) -> dict[str, Check]:
    """Return the checks by name."""
    return {one.name: one for one in STORE.examine(url, name, None, read_only=read_only).checks}


def test_all_that_there_is_to_say(mariadb: MariadbServer) -> None:
    """Of a table that is as it should be."""
    url = made(mariadb)
    found = STORE.examine(f"{url}?charset=latin1", "people", None, read_only=True)
    by_name = {one.name: one for one in found.checks}
    assert [one.name for one in found.checks] == [
        "options", "server", "user", "tls", "primary", "may write", "table", "columns", "key",
        "search", "rows",
    ]  # fmt: skip
    assert (found.rows, found.schema and found.schema.name) == (3, "people")
    assert by_name["server"].value is not None
    assert str(by_name["server"].value).startswith("MariaDB 1")
    assert mariadb.password not in str(by_name)
    assert str(by_name["user"].value).startswith("app@")
    assert by_name["key"].detail == "id bigint(20): unique, indexed"
    assert by_name["search"].state is State.WARNING
    assert by_name["search"].advice == "run: ALTER TABLE people ADD INDEX (name)"
    assert by_name["columns"].columns
    assert by_name["options"].value == "charset"
    assert {one.state for one in found.checks if one.name != "search"} == {State.OK}


def test_what_is_wrong_is_said_with_what_to_do(mariadb: MariadbServer) -> None:
    """Each warning and each failure."""
    url = made(
        mariadb,
        "CREATE TABLE twice (id int, v varchar(9), KEY (id)); CREATE TABLE bare (id int);"
        " CREATE TABLE folds (code varchar(9) PRIMARY KEY); CREATE VIEW v AS SELECT 1 AS id;"
        " CREATE TABLE big (id int PRIMARY KEY);"
        " INSERT INTO big SELECT seq FROM seq_1_to_20000",
    )
    assert "no primary key" in str(checks(url, "bare")["table"].detail)
    assert "no table 'nowhere'" in str(checks(url, "nowhere")["table"].detail)
    examined = STORE.examine(url, "twice", "id", read_only=True)
    key = next(one for one in examined.checks if one.name == "key")
    assert (key.state, key.advice) == (State.WARNING, "run: ALTER TABLE twice ADD UNIQUE (id)")
    assert "letters of any case" in str(checks(url, "folds")["key"].detail)
    assert str(checks(url, "big")["rows"].detail).startswith("about ")
    wrong = checks(url.replace(mariadb.password, "wrong-one"))
    assert wrong["server"].state is State.FAILED
    assert "password" in str(wrong["server"].detail)
    for one in (*checks(url, "bare").values(), *wrong.values(), key):
        assert one.state is State.OK or one.advice


def test_who_may_not_write(mariadb: MariadbServer) -> None:
    """Is told so where it matters."""
    url = made(mariadb)
    name = url.rpartition("/")[2]
    mariadb.run(
        f"CREATE USER r_{name} IDENTIFIED BY '{mariadb.password}';"
        f" GRANT SELECT ON `{name}`.* TO r_{name}",
        url=mariadb.admin_url,
    )
    theirs = url.replace("//app:", f"//r_{name}:")
    assert checks(theirs)["may write"].state is State.OK
    failed = checks(theirs, read_only=False)["may write"]
    assert (failed.state, failed.value) == (State.FAILED, False)
    assert checks(url, read_only=False)["may write"].value is True


async def test_it_can_be_asked_while_a_loop_runs(mariadb: MariadbServer) -> None:
    """From code that does not wait."""
    url = made(mariadb)
    assert checks(url)["rows"].value == 3
    assert STORE.tables(url) == ["people", "things"]
    await asyncio.sleep(0)


def test_under_tls_it_is_said_whether_the_certificate_is_checked(tmp_path: Path) -> None:
    """A warning where it is not."""
    certificate = self_signed(tmp_path)
    with had(MariadbServer(tls=certificate)) as server:
        url = made(server)
        checked = checks(f"{url}?ssl_ca={certificate.chain}")["tls"]
        assert (checked.state, checked.value) == (State.OK, True)
        assert "certificate is checked" in str(checked.detail)
        unchecked = checks(f"{url}?ssl-mode=NO_VERIFY")["tls"]
        assert unchecked.state is State.WARNING
        refused = checks(url)["server"]
        assert "wants TLS: ?ssl-mode=VERIFY_IDENTITY" in str(refused.detail)


@pytest.mark.slow
def test_a_server_that_does_not_answer(own_mariadb: MariadbServer) -> None:
    """It takes a few seconds at most."""
    url = made(own_mariadb)
    own_mariadb.pause()
    failed = checks(url)["server"]
    assert failed.state is State.FAILED
    assert "did not answer in time" in str(failed.detail)
    own_mariadb.resume()
