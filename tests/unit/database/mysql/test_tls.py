"""Connections under TLS: whose certificate is shown is checked, where TLS is asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import self_signed
from database_server import had
from mariadb_server import MariadbServer
from unit.database.mysql.places import made, table

from tui.database.mysql.session import Opener
from tui.database.mysql.store import STORE
from tui.database.mysql.url import parsed
from tui.database.port import TableOptions
from tui.runtime.errors import DatabaseUnavailable, SettingsError


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[MariadbServer, Path]]:
    """A server that demands TLS, and the certificate of its authority."""
    certificate = self_signed(tmp_path_factory.mktemp("certificate"))
    with had(MariadbServer(tls=certificate)) as server:
        yield server, certificate.chain


@pytest.mark.parametrize(
    "options", ["ssl_ca={chain}", "ssl_ca={chain}&ssl-mode=VERIFY_CA", "ssl-mode=NO_VERIFY",
                "ssl-mode=PREFERRED"],
)  # fmt: skip
async def test_a_table_is_read_and_written(
    options: str, secured: tuple[MariadbServer, Path]
) -> None:
    """With a certificate that is trusted, or with any."""
    server, chain = secured
    url = f"{made(server)}?{options.format(chain=chain)}"
    async with table(url) as one:
        assert await one.find(1) is not None
        assert await one.update(1, {"city": "x" * 60_000}) is not None
        assert (await one.find(1) or {})["city"] == "x" * 60_000


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("ssl-mode=VERIFY_IDENTITY", "not trusted here: give its authority's file as ssl_ca"),
        ("ssl=true", "not trusted here"),
        ("ssl-mode=REQUIRED", "not trusted here"),
        ("ssl-mode=DISABLED", "wants TLS"),
    ],
)
def test_a_stranger_is_not_believed(
    options: str, words: str, secured: tuple[MariadbServer, Path]
) -> None:
    """It is said what to do."""
    server, _ = secured
    with pytest.raises(DatabaseUnavailable, match=words):
        STORE.tables(f"{server.url}?{options}")


def test_a_certificate_of_another_name(secured: tuple[MariadbServer, Path]) -> None:
    """It is trusted, but not that server's."""
    server, chain = secured
    url = server.url.replace("127.0.0.1", "localhost")
    with pytest.raises(DatabaseUnavailable, match="for another name"):
        STORE.tables(f"{url}?ssl_ca={chain}")
    assert STORE.tables(f"{url}?ssl_ca={chain}&ssl-mode=VERIFY_CA") is not None


async def test_a_server_without_tls(mariadb: MariadbServer) -> None:
    """Where TLS is only preferred there is none; where it is asked for it is said."""
    url = made(mariadb)
    with pytest.raises(DatabaseUnavailable, match="it has no TLS"):
        STORE.tables(f"{url}?ssl-mode=VERIFY_IDENTITY")
    opener = Opener(parsed(f"{url}?ssl-mode=PREFERRED"))
    for _ in range(2):
        channel = await opener.open()
        assert channel.server.said.get("ssl_cipher") == ""
        await channel.aclose()
    async with table(f"{url}?ssl-mode=PREFERRED", options=TableOptions(read_only=True)) as one:
        assert await one.find(1) is not None


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    """A sentence that names them."""
    (tmp_path / "no.pem").write_text("nothing")
    for file in (tmp_path / "missing.pem", tmp_path / "no.pem"):
        with pytest.raises(SettingsError, match=r"pem"):
            STORE.tables(f"mysql://app@127.0.0.1/shop?ssl_ca={file}")
