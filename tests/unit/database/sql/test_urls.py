"""A server's address: taken apart, put together again, and shown without its secrets."""

import pytest

from tui.database.sql.urls import ServerUrl, taken_apart
from tui.runtime.errors import SettingsError
from tui.runtime.redaction import MASK, SECRETS

EXAMPLE = "duck://user@host/database"


def parsed(url: str) -> ServerUrl:
    """Return what a URL says."""
    return taken_apart(url, "duck", EXAMPLE)


def test_all_parts() -> None:
    """Each is what was meant by its percent signs."""
    url = parsed("duck+x://u%40:p%2F%3Aw0rd@[::1]:1,h:2/my%20db?a=b%26c&password=s3cr3t")
    assert (url.scheme, url.user, url.password) == ("duck", "u@", "p/:w0rd")
    assert (url.hosts, url.database) == ("[::1]:1,h:2", "my db")
    assert url.options == {"a": "b&c", "password": "s3cr3t"}
    assert taken_apart(url.whole(), "duck", EXAMPLE) == url


def test_what_is_left_out() -> None:
    """Nothing is made up."""
    url = parsed("duck:///")
    assert (url.user, url.password, url.hosts, url.database) == ("", None, "", "")
    assert url.whole() == "duck:///"
    assert parsed("duck://u:@h").password == ""


def test_what_is_shown() -> None:
    """The password is not, nor is any option that is a secret; in a traceback neither."""
    url = parsed("duck://u:passw0rd@h/x?a=1&key=s3cr3t")
    assert url.place() == "duck://u@h/x?a=1&key=s3cr3t"
    assert url.place(("key",)) == "duck://u@h/x?a=1"
    assert "passw0rd" not in repr(url)
    assert SECRETS.masked("the passw0rd is out") == f"the {MASK} is out"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("duck://u:p#w@h/x", "write '#' as %23"), ("duck://u:p/w@h/x", "'@' as %40"),
        ("duck://h:port/x", "port is no number"), ("duck://h:65536/x", "port is no number"),
        ("duck://h:1,i:x/x", "port is no number"), ("duck://[::1]:x/", "port is no number"),
        ("duck://h:１/x", "port is no number"), ("duck://a b/x", "blank"),
        ("duck://[h/x", "no URL"),
    ],
)  # fmt: skip
def test_what_is_no_url(url: str, message: str) -> None:
    """It says what is wrong, or gives an example."""
    with pytest.raises(SettingsError, match=message):
        parsed(url)


@pytest.mark.parametrize("hosts", ["h", "h:1", "[::1]", "[::1]:1", "a,b:2", "", "a:,b"])
def test_hosts(hosts: str) -> None:
    """With or without ports, one or several."""
    assert parsed(f"duck://{hosts}/x").hosts == hosts
