"""What a URL of MongoDB may be, what is shown of it, and what never is."""

import pytest

from tui.database.mongodb.store import STORE
from tui.database.mongodb.url import taken_apart
from tui.runtime.errors import SettingsError
from tui.runtime.redaction import SECRETS

WHOLE = "mongodb://app:s3cr3t%2Fpass@a:27017,b:27018/shop?authSource=admin&tls=true"


def test_a_url_is_taken_apart() -> None:
    """Its parts are as they were meant, and its whole is as it was written."""
    url = taken_apart(f" {WHOLE} ")
    assert (url.user, url.password, url.hosts, url.database) == (
        "app", "s3cr3t/pass", "a:27017,b:27018", "shop"
    )  # fmt: skip
    assert url.option("AUTHSOURCE") == "admin"
    assert url.option("w") is None
    assert url.whole() == WHOLE


def test_what_is_shown_has_no_secret() -> None:
    """Neither the password nor options that hold one, in whatever case they are written."""
    url = (
        "mongodb://app:hunter22@h/shop?authMechanismProperties=AWS_SESSION_TOKEN:toktoktok"
        "&TLSCertificateKeyFilePassword=keykeykey&tls=true"
    )
    shown = STORE.place(STORE.check(url))
    assert shown == "mongodb://app@h/shop?tls=true"
    assert "hunter22" not in repr(taken_apart(url))
    told = SECRETS.redacted("hunter22 toktoktok keykeykey")
    assert not any(secret in told for secret in ("hunter22", "toktoktok", "keykeykey"))
    more = f"{url}&uuidRepresentation=javaLegacy"
    assert STORE.client(more) == ("mongosh", shown, "--quiet", "--eval")


def test_the_whole_goes_to_another_process() -> None:
    """With its password; the short name is the database."""
    assert STORE.address(WHOLE) == WHOLE
    assert STORE.name(WHOLE) == "shop"
    assert STORE.shared(WHOLE)


@pytest.mark.parametrize(
    "url",
    [
        "mongodb://h/shop", "mongodb+srv://h.example.com/shop", "MONGODB://h:1/shop",
        "mongodb://[::1]/shop", "mongodb://[::1]:27017/shop", "mongodb://%2Ftmp%2Fm.sock/shop",
        "mongodb://CN%3Dapp@h/shop?authMechanism=MONGODB-X509",
    ],
)  # fmt: skip
def test_these_are_urls(url: str) -> None:
    """Each is taken, and is the same when it is taken again."""
    checked = STORE.check(url)
    assert STORE.check(checked) == checked


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mongodb://h", "names no database"),
        ("mongodb://h/", "names no database"),
        ("mongodb://h?tls=true", "names no database"),
        ("mongodb:///shop", "names no host"),
        ("mongodb://a,,b/shop", "names no host"),
        ("mongodb://h:0/shop", "port"),
        ("mongodb://h:99999/shop", "port"),
        ("mongodb://h:x/shop", "port"),
        ("mongodb://h/shop.users", "--table"),
        ("mongodb://h/a%20b", "names a database"),
        ("mongodb+srv://h:1/shop", "DNS"),
        ("mongodb+srv://a,b/shop", "DNS"),
        ("mongodb://app@h/shop", "no password"),
        ("mongodb://app:@h/shop", "no password"),
        ("mongodb://app:hun/ter22@h/shop", "%2F"),
        ("mongodb://app:hun?ter22@h/shop", "%2F"),
    ],
)
def test_these_are_none(url: str, words: str) -> None:
    """It says what to write, and nothing of the password."""
    with pytest.raises(SettingsError, match="mongodb://HOST/DATABASE") as caught:
        STORE.check(url)
    assert words in str(caught.value)
    assert "hun" not in str(caught.value)


def test_an_at_that_is_not_escaped_belongs_to_the_password() -> None:
    """The last one stands before the host."""
    assert taken_apart("mongodb://app:p@ss@h/shop").password == "p@ss"


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install."""
    monkeypatch.setattr("tui.database.drivers.find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"hitmiss\[mongodb\]"):
        STORE.check("mongodb://h/shop")


def test_a_limit_of_the_drivers_own_is_not_passed_on() -> None:
    """Each statement is bounded by hitmiss."""
    url = taken_apart("mongodb://h/shop?timeoutMS=1&tls=true")
    assert url.for_driver() == "mongodb://h/shop?tls=true"
    assert url.query == "tls=true"


@pytest.mark.parametrize("query", ["tls=perhaps", "nonsense=1", "readPreference=any", "x"])
def test_an_option_that_the_driver_does_not_take_is_an_error(query: str) -> None:
    """Before anything is sent: it would only warn, in the middle of the screen."""
    from tui.database.mongodb.schema import read_tables

    with pytest.raises(SettingsError, match="--db: "):
        read_tables(f"mongodb://127.0.0.1:1/shop?{query}")


def test_no_demo_is_made_on_a_server() -> None:
    """It is a file."""
    with pytest.raises(SettingsError):
        STORE.make_demo("mongodb://h/shop")
    with pytest.raises(SettingsError):
        STORE.to_be_made("mongodb://h/shop")
