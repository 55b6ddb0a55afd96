"""The address of a service that sentinels watch."""

import pytest

from tui.cache.redis.address import (
    cache_address,
    cache_name,
    driver_url,
    passed_over,
    redis_cli,
)
from tui.cache.redis.address_sentinel import sentinel_address
from tui.cache.registry import store_of
from tui.runtime.errors import SettingsError
from tui.runtime.redaction import SECRETS

PASSWORD = "tops3cret"


@pytest.mark.parametrize(
    ("url", "sentinels", "service", "driver", "name"),
    [
        ("redis+sentinel://h/s", [("h", 26379)], "s", "redis://localhost",
         "redis+sentinel://h:26379/s"),
        ("redis+sentinel://u:p@a:1,b,[::1]:3/my-s.1/2", [("a", 1), ("b", 26379), ("::1", 3)],
         "my-s.1", "redis://u:p@localhost?db=2", "redis+sentinel://a:1,.../my-s.1/2"),
        ("valkey+sentinel://[::1],[::2]:4/s/0", [("::1", 26379), ("::2", 4)], "s",
         "redis://localhost", "redis+sentinel://[::1]:26379,.../s"),
        ("rediss+sentinel://:p%2F@a,b/s?ssl_ca_certs=/x", [("a", 26379), ("b", 26379)], "s",
         "rediss://:p%2F@localhost?ssl_ca_certs=%2Fx", "rediss+sentinel://a:26379,.../s"),
        ("redis-sentinel://a,a:26379,b/3?sentinelMasterId=s", [("a", 26379), ("b", 26379)], "s",
         "redis://localhost?db=3", "redis+sentinel://a:26379,.../s/3"),
        ("redis+sentinel://a?service_name=s&db=4", [("a", 26379)], "s", "redis://localhost?db=4",
         "redis+sentinel://a:26379/s"),
    ],
)  # fmt: skip
def test_what_an_address_says(
    url: str, sentinels: list[tuple[str, int]], service: str, driver: str, name: str
) -> None:
    """Sentinels, service and database, in the spellings of several drivers."""
    found = sentinel_address(cache_address(url))
    assert (list(found.sentinels), found.service) == (sentinels, service)
    assert driver_url(url) == driver
    assert cache_name(url) == store_of(url).name(url) == name
    assert redis_cli(url) == (), "no client has an address for it"


def test_the_login_at_the_sentinels_is_one_of_its_own() -> None:
    """It stands behind the '?', and TLS is as to the primary unless it is said."""
    url = "redis+sentinel://u:p@h/s?sentinel_username=w&sentinel_password=%40q&sentinel_ssl=yes"
    found = sentinel_address(cache_address(url))
    assert (found.username, found.password, found.has_tls) == ("w", "@q", True)
    plain = sentinel_address("redis+sentinel://u:p@h/s")
    assert (plain.username, plain.password, plain.has_tls) == ("", "", False)
    assert sentinel_address("rediss+sentinel://h/s").has_tls
    assert not sentinel_address("rediss+sentinel://h/s?sentinelSsl=false").has_tls


def test_options_of_tls_are_for_sentinels_too() -> None:
    """They count where the sentinels alone have it, and are checked."""
    url = "redis+sentinel://h/s?sentinel_ssl=1&ssl_ca_certs=/x"
    assert passed_over(cache_address(url)) == ()
    assert passed_over("redis+sentinel://h/s?ssl_ca_certs=/x") == ("ssl_ca_certs",)
    assert sentinel_address(url).over_tls == "rediss://localhost?ssl_ca_certs=%2Fx"
    with pytest.raises(SettingsError, match="ssl_cert_reqs is none"):
        cache_address("redis+sentinel://h/s?sentinel_ssl=1&ssl_cert_reqs=some")


def test_options_of_other_drivers_are_passed_over_by_name() -> None:
    """Also those that say of sentinels what hitmiss says itself."""
    url = (
        "redis+sentinel://h/s?sentinel_socket_timeout=1&min_other_sentinels=2&timeout=3"
        "&sentinel_password=p&role=master&updateSentinels=true&sentinelRetryStrategy=x"
    )
    assert passed_over(cache_address(url)) == (
        "timeout", "sentinel_socket_timeout", "min_other_sentinels", "role",
        "updateSentinels", "sentinelRetryStrategy",
    )  # fmt: skip
    assert sentinel_address("redis+sentinel://h/s?enableTLSForSentinelMode=true").has_tls


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"redis+sentinel://:{PASSWORD}@h", "names no service"),
        (f"redis+sentinel://:{PASSWORD}@h/", "names no service"),
        (f"redis+sentinel://:{PASSWORD}@h/s/x", "must be a number"),
        (f"redis+sentinel://:{PASSWORD}@h/s/1?db=2", "more than one database"),
        (f"redis+sentinel://:{PASSWORD}@/s", "between commas"),
        (f"redis+sentinel://:{PASSWORD}@a,,b/s", "between commas"),
        (f"redis+sentinel://:{PASSWORD}@a,b,/s", "between commas"),
        (f"redis+sentinel://:{PASSWORD}@a:0/s", "between commas"),
        (f"redis+sentinel://:{PASSWORD}@a:x/s", "no number"),
        (f"redis+sentinel://:{PASSWORD}@a:99999/s", "no number"),
        (f"redis+sentinel://:{PASSWORD}@a..b/s", "no host can be called"),
        (f"redis+sentinel://:{PASSWORD}@<host>/s", "placeholder"),
        (f"redis+sentinel://:{PASSWORD}@[::1/s", "no number"),
        (f"redis+sentinel://:1/{PASSWORD}@h/s", "%2F"),
        (f"redis+sentinel://:1?{PASSWORD}@h/s", "%3F"),
        (f"redis+sentinel://:1#{PASSWORD}@h/s", "%23"),
        (f"redis+sentinel://:{PASSWORD}@h/a%20b", "one word"),
        (f"redis+sentinel://:{PASSWORD}@h/s?master_name=t", "must be a number"),
        (f"redis+sentinel://h/s?{PASSWORD}=1", "unknown option"),
        (f"redis+sentinel://h/s?password={PASSWORD}", "USER:PASSWORD@HOST"),
        (f"redis+sentinel://h/s?sentinel_ssl={PASSWORD}", "true or false"),
        (f"redis+sentinel://h/s?sentinel_password={PASSWORD}&sentinel_password=2", "twice"),
        ("redis+sentinel://h/s?role=slave", "name a replica itself"),
        (f"redis+sentinel://h/s?key_prefix={PASSWORD}", "--key PREFIX{id}"),
        (f"redis+sentinel://{','.join(f'h{n}' for n in range(40))}/s", "more than 32"),
    ],
)
def test_a_wrong_address_is_one_sentence_without_the_password(url: str, words: str) -> None:
    """It says what is wrong, and how such an address looks."""
    with pytest.raises(
        SettingsError, match=r"^--cache: [^\n]*use redis\+sentinel://"
    ) as caught:
        cache_address(url)
    assert words in str(caught.value)
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("hosts", ["h", "a:1,b", "a,[::1]:3"])
def test_both_passwords_are_kept_out_of_texts(hosts: str) -> None:
    """That of the sentinels stands in an option."""
    SECRETS.learn_url(f"redis+sentinel://u:{PASSWORD}@{hosts}/s?sentinel_password=an%40other1")
    assert SECRETS.redacted(f"no {PASSWORD}, no an@other1") == "no ***, no ***"
