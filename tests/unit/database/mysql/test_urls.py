"""The URLs of MySQL and MariaDB: what connects, what is shown, what is refused."""

import pytest

from tui.database.mysql.store import STORE
from tui.database.mysql.url import ServerPlace, parsed, passed_over, place_of, tls_of
from tui.runtime.errors import SettingsError

URL = "mysql://app:s%40cret1@db.example/shop"


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        (URL, URL),
        ("MySQL+pymysql://app@db.example:3307/shop", "mysql://app@db.example:3307/shop"),
        ("mariadb+asyncmy://app@db.example/shop", "mariadb://app@db.example/shop"),
        ("mysql://db.example/my%20shop", "mysql://db.example/my%20shop"),
        ("mysql://app@[::1]:3306/shop", "mysql://app@[::1]:3306/shop"),
    ],
)
def test_a_url_is_written_in_one_way(url: str, whole: str) -> None:
    """The driver that other programs name in it is passed over."""
    assert STORE.check(url) == whole
    assert STORE.address(whole) == whole


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (URL, ServerPlace("db.example", 3306, "")),
        ("mysql://db.example:3307/shop", ServerPlace("db.example", 3307, "")),
        ("mysql:///shop", ServerPlace("localhost", 3306, "")),
        ("mysql://[2001:db8::1]/shop", ServerPlace("2001:db8::1", 3306, "")),
        ("mysql://[2001:db8::1]:33/shop", ServerPlace("2001:db8::1", 33, "")),
        (
            "mysql:///shop?unix_socket=/run/m.sock",
            ServerPlace("localhost", 3306, "/run/m.sock"),
        ),
        ("mysql://u@h/shop?socket=%2Frun%2Fm", ServerPlace("h", 3306, "/run/m")),
    ],
)
def test_where_the_server_listens(url: str, place: ServerPlace) -> None:
    """On a host and a port, or on a unix socket."""
    assert place_of(parsed(url)) == place


@pytest.mark.parametrize(
    ("options", "mode"),
    [
        ("", "preferred"),
        ("?ssl-mode=DISABLED", "disabled"),
        ("?sslmode=preferred", "preferred"),
        ("?ssl_mode=REQUIRED", "identity"),
        ("?ssl-mode=VERIFY_CA", "authority"),
        ("?ssl-mode=verify_identity", "identity"),
        ("?sslMode=verify-full", "identity"),
        ("?sslMode=trust", "unchecked"),
        ("?ssl=true", "identity"),
        ("?ssl=false", "disabled"),
        ("?tls=skip-verify", "unchecked"),
        ("?useSSL=true", "identity"),
        ('?ssl={"rejectUnauthorized":false}', "unchecked"),
        ("?ssl={}", "identity"),
        ("?sslaccept=strict", "identity"),
        ("?sslaccept=accept_invalid_certs", "unchecked"),
        ("?ssl_verify_cert=false", "unchecked"),
        ("?ssl_ca=/etc/ca.pem", "identity"),
        ("?ssl_ca=/etc/ca.pem&ssl-mode=VERIFY_CA", "authority"),
    ],
)
def test_how_it_asks_for_tls(options: str, mode: str) -> None:
    """In the words of all drivers; where it is asked for, the certificate is checked."""
    assert tls_of(parsed(f"mysql://app@db.example/shop{options}")).mode == mode


def test_on_this_machine_there_is_no_need_for_tls() -> None:
    """Unless it is asked for."""
    for host in ("localhost", "127.0.0.1", "127.1.2.3", "[::1]"):
        assert tls_of(parsed(f"mysql://app@{host}/shop")).mode == "disabled"
        assert tls_of(parsed(f"mysql://app@{host}/shop?ssl=1")).mode == "identity"
    assert tls_of(parsed("mysql:///shop?socket=/run/m")).mode == "disabled"


def test_the_files_for_tls() -> None:
    """The authorities', our own certificate, its key."""
    tls = tls_of(parsed("mysql://h/shop?ssl-ca=a.pem&ssl_cert=c.pem&sslkey=k.pem"))
    assert (tls.authorities, tls.certificate, tls.key) == ("a.pem", "c.pem", "k.pem")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://app:secret77@db.example", "names no database"),
        ("mysql://app:secret77@db.example/", "names no database"),
        ("mysql://app:secret77@a,b/shop", "several hosts"),
        ("mysql://app:secret77@db.example:99999/shop", "port"),
        ("mysql://app:secret77@db.example/shop#x", "'#'"),
        ("mysql://app@db.example/shop?password=secret77", "USER:PASSWORD"),
        ("mysql://app:secret77@db.example/shop?ssl-mode=MAYBE", "ssl-mode"),
        ("mysql://app:secret77@db.example/shop?ssl={x", "not understood"),
        ("mysql://app:secret77@db.example/shop?ssl_cipher=ALL", "ssl_cipher"),
        ("mysql://app:secret77@db.example/shop?tlsVersion=1", "tlsVersion"),
    ],
)
def test_what_cannot_be_used_is_refused(url: str, words: str) -> None:
    """In a sentence that holds no password."""
    with pytest.raises(SettingsError) as error:
        STORE.check(url)
    assert words in str(error.value)
    assert "secret77" not in str(error.value)


def test_what_may_be_shown() -> None:
    """The name is short, the place has no password."""
    assert STORE.name(URL) == "shop"
    assert STORE.place(URL) == "mysql://app@db.example/shop"
    assert STORE.shared(URL)
    assert "cret1" not in repr(parsed(URL))


def test_options_of_other_drivers_are_passed_over_and_named() -> None:
    """Those that are no business of a connection's here."""
    url = parsed("mysql://h/shop?charset=utf8&connection_limit=5&ssl-mode=DISABLED&socket=/s")
    assert passed_over(url) == ("charset", "connection_limit")


def test_the_words_that_call_the_client() -> None:
    """It may change nothing, and is told no password."""
    assert STORE.client(URL) == (
        "mysql", "--host=db.example", "--port=3306", "--protocol=TCP", "--user=app",
        "--password", "--init-command=SET SESSION TRANSACTION READ ONLY", "shop", "-e",
    )  # fmt: skip
    assert STORE.client("mariadb:///shop?socket=/s&ssl-mode=VERIFY_CA&ssl_ca=a.pem") == (
        "mariadb", "--socket=/s", "--ssl", "--ssl-ca=a.pem", "--ssl-verify-server-cert",
        "--init-command=SET SESSION TRANSACTION READ ONLY", "shop", "-e",
    )  # fmt: skip
    assert "--ssl-mode=VERIFY_IDENTITY" in STORE.client("mysql://h/shop?ssl=true")
    assert "--ssl-mode=REQUIRED" in STORE.client("mysql://h/shop?ssl-mode=no_verify")


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, when the URL is checked."""
    monkeypatch.setattr("tui.database.drivers.find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"hitmiss\[mysql\]"):
        STORE.check(URL)


def test_there_is_no_demo_on_a_server() -> None:
    """It is a file."""
    for call in (STORE.make_demo, STORE.to_be_made):
        with pytest.raises(SettingsError):
            call(URL)
