"""TLS: certificates are checked, and what is wrong with one is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import self_signed
from database_server import Certificate, had
from mongodb_server import MongodbServer
from unit.database.mongodb.places import table_at

from tui.database.mongodb.store import STORE
from tui.runtime.errors import DatabaseUnavailable, SettingsError


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for this machine."""
    return self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def secure(certificate: Certificate) -> Iterator[MongodbServer]:
    """A server that speaks TLS alone."""
    with had(MongodbServer(tls=certificate)) as server:
        yield server


async def test_a_trusted_certificate_is_taken(
    secure: MongodbServer, certificate: Certificate
) -> None:
    """Named by its authority's file; doctor says that it is checked."""
    more = f"&tls=true&tlsCAFile={certificate.chain}"
    with secure.client(f"{secure.url}{more}") as client:
        client.get_default_database()["things"].insert_one({"_id": 1})
    async with table_at(f"{secure.url}{more}") as table:
        assert await table.find(1) == {"_id": 1}
    checks = STORE.examine(f"{secure.url}{more}", "things", None, read_only=True).checks
    assert (
        next(one for one in checks if one.name == "TLS").detail
        == "on, certificates are checked"
    )


def test_what_is_wrong_with_it_is_said(secure: MongodbServer, mongodb: MongodbServer) -> None:
    """No TLS here, none there, a certificate that nobody trusts."""
    for url, words in {
        f"{secure.url}&tls=true": "tlsCAFile=FILE",
        secure.url: "tls=true",
        f"{mongodb.url}&tls=true": "TLS",
    }.items():
        with pytest.raises(DatabaseUnavailable, match=words) as caught:
            STORE.tables(url)
        assert secure.password not in str(caught.value)


def test_files_that_are_wrong_are_wrong_settings(tmp_path: Path) -> None:
    """One that is not there, and a key whose passphrase OpenSSL would ask for."""
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    for option, words in {
        "tlsCAFile=/nowhere": "not readable",
        f"tlsCertificateKeyFile={key}": "has a passphrase",
        "tlsCertificateKeyFile=/nowhere": "not readable",
    }.items():  # fmt: skip
        with pytest.raises(SettingsError, match=words):
            STORE.tables(f"mongodb://127.0.0.1:1/shop?tls=true&{option}")


async def test_it_may_be_told_to_trust_anybody(secure: MongodbServer) -> None:
    """In the driver's own words, and doctor warns of it."""
    url = f"{secure.url}&tls=true&tlsAllowInvalidCertificates=true"
    assert STORE.tables(url) == ["things"]
    checks = STORE.examine(url, "things", None, read_only=True).checks
    assert "any certificate" in str(next(one for one in checks if one.name == "TLS").detail)
