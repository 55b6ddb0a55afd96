"""TLS: certificates are checked where it is asked for, and what is wrong is one sentence."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import self_signed
from database_server import Certificate, had
from postgresql_server import PostgresqlServer
from unit.database.postgresql.places import PEOPLE, opened

from tui.database.postgresql import url as urls
from tui.database.postgresql.store import STORE
from tui.runtime.errors import DatabaseUnavailable


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Certificate]:
    """Certificates: the server's, one of another host, a client's."""
    made = {}
    for name, address in {"own": "127.0.0.1", "other": "127.0.0.9", "client": "::1"}.items():
        folder = tmp_path_factory.mktemp(name)
        made[name] = self_signed(folder, address=address)
        made[name].key.chmod(0o600)
    return made


@pytest.fixture(scope="module")
def secured(certificates: dict[str, Certificate]) -> Iterator[PostgresqlServer]:
    """A server that takes TLS alone."""
    with had(PostgresqlServer(tls=certificates["own"])) as server:
        server.run(PEOPLE, url=f"{server.url}?sslmode=require")
        yield server


async def failure(url: str) -> str:
    """Return why a table cannot be read, or opened: both say the same."""
    with pytest.raises(DatabaseUnavailable) as caught:
        STORE.read_schema(url, "people", None, read_only=True)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("mode", ["require", "verify-full", "verify-ca"])
async def test_a_trusted_certificate(
    secured: PostgresqlServer, certificates: dict[str, Certificate], mode: str
) -> None:
    """Whoever names its authority reads and writes under TLS."""
    trust = f"sslmode={mode}&sslrootcert={certificates['own'].chain}"
    async with opened(f"{secured.url}?{trust}") as table:
        assert (await table.find(2) or {})["name"] == "Bo Larsson"
        assert await table.touch(2)
        assert await table.find_many([1, 2, 3]) == {
            id: [await table.find(id)] for id in (1, 2, 3)
        }
        assert [m.id for m in (await table.search("bo", 5)).matches] == [2]
    checks = STORE.examine(f"{secured.url}?{trust}", "people", None, read_only=True).checks
    (check,) = [check for check in checks if check.name == "tls"]
    assert check.value is True


@pytest.mark.parametrize("option", ["sslmode=require", "ssl=true", "sslmode=verify-full"])
async def test_a_certificate_that_nobody_trusts(secured: PostgresqlServer, option: str) -> None:
    """It is refused, and how to trust it is said: libpq alone would take it."""
    message = await failure(f"{secured.url}?{option}")
    assert "not trusted here" in message
    assert "sslrootcert=FILE" in message


async def test_a_certificate_that_is_not_to_be_checked(secured: PostgresqlServer) -> None:
    """Whoever says so gets TLS all the same, also with an authority's file at hand."""
    async with opened(f"{secured.url}?sslmode=no-verify") as table:
        assert (await table.find(2) or {})["name"] == "Bo Larsson"


async def test_a_certificate_that_the_environment_wants_checked(
    secured: PostgresqlServer,
    certificates: dict[str, Certificate],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PGSSLMODE is as good as the URL's, and so is PGSSLROOTCERT."""
    monkeypatch.setenv("PGSSLMODE", "require")
    assert "not trusted here" in await failure(secured.url)
    monkeypatch.setenv("PGSSLROOTCERT", str(certificates["other"].chain))
    assert "not trusted here" in await failure(secured.url)
    monkeypatch.setenv("PGSSLROOTCERT", str(certificates["own"].chain))
    async with opened(secured.url, read_only=True) as table:
        assert await table.find(1) is not None


async def test_the_authorities_that_a_user_trusts(
    secured: PostgresqlServer,
    certificates: dict[str, Certificate],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Libpq's own file is looked at, and not where nothing is to be checked."""
    own = tmp_path / "root.crt"
    monkeypatch.setattr(urls, "OWN", own)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".postgresql").mkdir()
    home = tmp_path / ".postgresql" / "root.crt"
    for trusted, works in (("own", True), ("other", False)):
        for path in (own, home):
            path.write_bytes(certificates[trusted].chain.read_bytes())
        if works:
            async with opened(f"{secured.url}?sslmode=verify-full", read_only=True) as table:
                assert await table.find(1) is not None
        else:
            assert "not trusted here" in await failure(f"{secured.url}?sslmode=verify-full")
        async with opened(f"{secured.url}?sslmode=no-verify", read_only=True) as table:
            assert await table.find(1) is not None


async def test_a_certificate_of_another_host(certificates: dict[str, Certificate]) -> None:
    """It is refused by its name, unless the name is not to be looked at."""
    trust = f"sslrootcert={certificates['other'].chain}"
    with had(PostgresqlServer(tls=certificates["other"])) as server:
        server.run(PEOPLE, url=f"{server.url}?sslmode=require")
        message = await failure(f"{server.url}?sslmode=verify-full&{trust}")
        assert "certificate is for another name" in message
        async with opened(f"{server.url}?sslmode=verify-ca&{trust}") as table:
            assert await table.find(1) is not None


async def test_a_client_that_has_to_show_a_certificate(
    certificates: dict[str, Certificate],
) -> None:
    """Without it, it is said which options there are; with it, all is as usual."""
    client = certificates["client"]
    server = PostgresqlServer("-c", "ssl_ca_file=../clients.pem", tls=certificates["own"])
    (server.folder / "clients.pem").write_bytes(client.chain.read_bytes())
    with had(server):
        server.run(PEOPLE, url=f"{server.url}?sslmode=require")
        (server.folder / "data" / "pg_hba.conf").write_text(
            "local all all scram-sha-256\n"
            "hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n"
        )
        server.run("SELECT pg_reload_conf()", url=server.as_admin(server.socket_url))
        trust = f"sslmode=verify-full&sslrootcert={certificates['own'].chain}"
        shown = f"sslcert={client.chain}&sslkey={client.key}"
        async with opened(f"{server.url}?{trust}&{shown}") as table:
            assert await table.touch(1)
        assert "see sslcert, sslkey" in await failure(f"{server.url}?{trust}")
        client.key.chmod(0o644)
        message = await failure(f"{server.url}?{trust}&{shown}")
        assert "private key file" in message
        assert "see sslcert, sslkey" in message


async def test_a_server_without_tls(postgresql: PostgresqlServer) -> None:
    """Who asks for TLS gets none without it, and hears what to leave out."""
    for mode in ("require", "verify-full", "no-verify"):
        message = await failure(f"{postgresql.url}?sslmode={mode}")
        assert "it has no TLS: leave sslmode out" in message


async def test_a_server_that_takes_tls_alone(secured: PostgresqlServer) -> None:
    """Who asks for none hears of it; who asks for nothing gets TLS."""
    assert "not without TLS (?sslmode=require)" in await failure(
        f"{secured.url}?sslmode=disable"
    )
    async with opened(secured.url, read_only=True) as table:
        assert await table.find(1) is not None
