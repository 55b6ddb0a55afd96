"""Addresses: what can be used, what cannot and why, and what may be shown."""

import pytest

from tui.cache.memcached.address import MemcachedPlace, client, place_of
from tui.cache.memcached.store import STORE
from tui.cache.registry import store_of
from tui.runtime.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "place", "name"),
    [
        ("memcached://host", MemcachedPlace("host"), "memcached://host:11211"),
        (" memcache://h:1/ ", MemcachedPlace("h", 1), "memcached://h:1"),
        ("memcached://[::1]:2", MemcachedPlace("::1", 2), "memcached://[::1]:2"),
        ("memcached:///", MemcachedPlace("localhost"), "memcached://localhost:11211"),
        ("MEMCACHED://h", MemcachedPlace("h"), "memcached://h:11211"),
        (
            "memcached+unix:///run/m%20c",
            MemcachedPlace(path="/run/m c"), "memcached+unix:///run/m c",
        ),
        (
            "memcached://ada:p%40ss@h:3?timeout=1",
            MemcachedPlace("h", 3, "", "ada", "p@ss"), "memcached://h:3",
        ),
    ],
)  # fmt: skip
def test_what_is_meant(text: str, place: MemcachedPlace, name: str) -> None:
    """A name never holds user, password or options."""
    assert store_of(text) is STORE
    checked = STORE.check(text)
    assert place_of(checked) == place
    assert STORE.name(checked) == name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("memcached://a:1,b:2", "several servers"),
        ("memcached://a,b", "several servers"),
        ("memcached://a:1/,b:2", "several servers"),
        ("memcached://a:0", "no port"),
        ("memcached://a:99999", "port"),
        ("memcached://a:x", "port"),
        ("memcached://a/3", "no databases"),
        ("memcached:a", "two slashes"),
        ("memcached+unix://run/s", "third '/'"),
        ("memcached+unix://", "no socket"),
        ("memcached://u:p ss@a", "white space"),
        ("memcached://u:secret#word@a", "'#'"),
        ("memcached://${HOST}", "placeholder"),
        ("memcached://h?key_prefix=app", "--key"),
        ("memcached://h?bananas=1", "bananas"),
    ],
)
def test_what_cannot_be_used(text: str, said: str) -> None:
    """One line says why, and what to write; no password is in it."""
    with pytest.raises(SettingsError) as caught:
        STORE.check(text)
    assert said in str(caught.value)
    assert "memcached://HOST:PORT" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_options_mean_nothing_and_are_named() -> None:
    """Without their values."""
    url = "memcached://h?connect_timeout=1&no_delay=true&no_delay=false"
    assert STORE.passed_over(url) == ("connect_timeout", "no_delay")


def test_a_command_is_sent_by_a_shell() -> None:
    """There is no client of Memcached's own."""
    assert client("memcached://h:3")[:2] == ("sh", "-c")
    assert "nc 'h' 3" in client("memcached://h:3")[2]
    assert "nc -U '/run/it'\\''s'" in client("memcached+unix:///run/it's")[2]
