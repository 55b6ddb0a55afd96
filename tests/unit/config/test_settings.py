"""Settings: where each comes from, and what is said when one is wrong."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tui.bootstrap import known
from tui.cache.redis.address import cache_address, driver_url, passed_over
from tui.cache.registry import store_of
from tui.config.options import SETTABLE
from tui.config.settings import Settings, demo_path, resolve
from tui.runtime.errors import SettingsError

PASSWORD = "s3cr3t"


def settings(
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, Any] | None = None,
    file: Mapping[str, Any] | None = None,
) -> Settings:
    """Resolve options; the file is called config.toml."""
    return known(resolve(flags or {}, environment or {}, file or {}, "config.toml"))


def name_of(settings: Settings) -> str:
    """Return the cache as it is shown."""
    return store_of(settings.cache).name(settings.cache)


def test_nothing_said_gives_the_defaults() -> None:
    """Without any option the demo is explored with the embedded cache, and may be changed."""
    found = settings()
    assert (found.db, found.cache, found.table, found.id_column) == (
        None,
        "embedded",
        "users",
        None,
    )
    assert (found.key, found.ttl, found.grace, found.negative_ttl) == (
        "hitmiss:user:{id}",
        30.0,
        30.0,
        10.0,
    )
    assert (found.read_only, found.json, found.debug) == (False, False, False)
    assert found.sources == dict.fromkeys(SETTABLE, "default")


def test_flags_beat_environment_beats_file_beats_defaults() -> None:
    """Each option comes from the first place that names it, and the place is told."""
    found = settings(
        flags={"ttl": "1"},
        environment={"ttl": "2", "negative-ttl": "2"},
        file={"ttl": 3, "negative-ttl": 3, "grace": 3},
    )
    assert (found.ttl, found.negative_ttl, found.grace) == (1.0, 2.0, 3.0)
    assert (found.table, found.sources["table"]) == ("users", "default")
    assert found.sources["ttl"] == "flag"
    assert found.sources["negative-ttl"] == "environment"
    assert found.sources["grace"] == "config.toml"


@pytest.mark.parametrize(
    ("options", "read_only"),
    [
        ({}, False),
        ({"table": "people"}, True),
        ({"key": "app:{id}"}, True),
        ({"table": "users"}, True),
        ({"table": "people", "read-only": False}, False),
        ({"read-only": True}, True),
        ({"db": "a.db", "cache": "redis://h"}, False),
    ],
)
@pytest.mark.parametrize("place", ["flags", "environment", "file"])
def test_what_belongs_to_others_is_read_only(
    options: dict[str, Any], read_only: bool, place: str
) -> None:
    """With --table or --key from anywhere nothing is written, unless it is said to be."""
    assert settings(**{place: options}).read_only is read_only


def test_read_only_has_no_grace_of_its_own() -> None:
    """Other programs' copies are fresh as long as they live; a grace that is given counts."""
    assert settings({"read-only": True}).grace == 0.0
    assert settings({"table": "people"}).grace == 0.0
    assert settings({"table": "people", "grace": "5"}).grace == 5.0
    assert settings({"table": "people", "read-only": False}).grace == 30.0


@pytest.mark.parametrize("option", ["ttl", "negative-ttl"])
def test_nothing_is_cached_for_no_time(option: str) -> None:
    """A ttl of 0 is an error, a grace of 0 is none."""
    with pytest.raises(SettingsError, match=f"--{option} must be more than 0"):
        settings({option: "0"})
    assert settings({"grace": "0"}).grace == 0.0


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("embedded", "embedded"),
        ("redis://localhost", "redis://localhost:6379"),
        ("redis://localhost:7000/3", "redis://localhost:7000/3"),
        ("redis://localhost?db=3", "redis://localhost:6379/3"),
        (f"redis://:{PASSWORD}@h", "redis://h:6379"),
        (f"redis://user:{PASSWORD}@h/1", "redis://h:6379/1"),
        (f"redis://user:{PASSWORD}%23%2F%40@h/1", "redis://h:6379/1"),
        (f"rediss://user:{PASSWORD}@h:6380?ssl_cert_reqs=none", "rediss://h:6380"),
        ("redis://[::1]:7000", "redis://[::1]:7000"),
        ("redis://[::1]", "redis://[::1]:6379"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
        ("unix:/run/redis.sock", "unix:///run/redis.sock"),
        ("unix:///run/a%20b.sock?db=1", "unix:///run/a b.sock"),
        (f"unix://user:{PASSWORD}@/run/redis.sock", "unix:///run/redis.sock"),
        ("valkey://h:7000/3", "redis://h:7000/3"),
        ("valkeys+cluster://h", "rediss+cluster://h:6379"),
        ("redis+socket:///run/s?virtual_host=2", "unix:///run/s"),
        ("redis://h/?database=4", "redis://h:6379/4"),
        ("redis://", "redis://localhost:6379"),
        ("redis://my_cache.internal.", "redis://my_cache.internal.:6379"),
        ("redis://[fe80::1%eth0]:1", "redis://[fe80::1%eth0]:1"),
        ("redis://bücher.example", "redis://bücher.example:6379"),
        ("redis:///2", "redis://localhost:6379/2"),
        ("redis://:6380/0", "redis://localhost:6380"),
        (f"redis://:{PASSWORD}@", "redis://localhost:6379"),
        (f"rediss://:{PASSWORD}@:6379/1", "rediss://localhost:6379/1"),
        ("redis+cluster://", "redis+cluster://localhost:6379"),
        ("redis:///run/redis.sock", "unix:///run/redis.sock"),
        (f"redis://:{PASSWORD}@/run/redis.sock?db=3", "unix:///run/redis.sock"),
        ("redis-socket:///run/s", "unix:///run/s"),
        ("redis+tls://h", "rediss://h:6379"),
        ("redis+ssl://h:6380/1", "rediss://h:6380/1"),
        ("tcp://h:6380?database=2", "redis://h:6380/2"),
    ],
)
def test_a_cache_is_shown_without_its_password(url: str, shown: str) -> None:
    """A URL that can be used is kept whole, and its name for the screen is only the place."""
    found = settings({"cache": url})
    assert found.cache == url
    assert name_of(found) == shown


@pytest.mark.parametrize(
    "url",
    [
        "localhost",
        "localhost:6379",
        "Embedded",
        f"http://:{PASSWORD}@h",
        f"{PASSWORD}@h",
        f"redis:{PASSWORD}@h",
        f"redis://:{PASSWORD}@h:port",
        f"redis://:{PASSWORD}@h:99999",
        f"redis://:{PASSWORD}@h:0",
        f"redis://:{PASSWORD}@[::1",
        f"redis://:{PASSWORD}@h/name",
        f"redis://:{PASSWORD}/x@h",
        f"redis://:{PASSWORD}?x@h",
        f"redis://u:12?{PASSWORD}@h",
        f"redis://u:12#{PASSWORD}@h",
        f"redis://u:{PASSWORD}#x@h",
        f"redis://:{PASSWORD}@h?db=x",
        f"redis://:{PASSWORD}@h?db=",
        f"redis://:{PASSWORD}@h?password={PASSWORD}",
        f"unix://{PASSWORD}/run/s",
        f"unix://user:pa/{PASSWORD}@/run/s",
        f"unix://:{PASSWORD}@h/run/s",
        f"redis://:{PASSWORD}@h/1?db=2",
        f"redis://:{PASSWORD}@h?db=1&db=2",
        f"redis://u:12?family={PASSWORD}@h",
        f"redis://:{PASSWORD}@h?{PASSWORD}=1",
        f"redis://:{PASSWORD}@h?tls=true",
        f"rediss://:{PASSWORD}@h?ssl_cert_reqs=CERT_SOME",
        f"rediss://:{PASSWORD}@h?ssl_cert_reqs={PASSWORD}",
        f"rediss://:{PASSWORD}@h?ssl_min_version=3",
        f"redis+cluster://:{PASSWORD}@h/1",
        f"redis:///{PASSWORD}@h/1",
        f"redis://:/{PASSWORD}@h/1",
        f"redis://u:12@/{PASSWORD}@h/1",
        f"rediss://:{PASSWORD}@/run/s",
        f"redis://:{PASSWORD}\n@h",
        f"redis-socket://:{PASSWORD}@run/s",
        f"valkey+cluster://:{PASSWORD}@h?db=1",
        "unix://",
        "unix:///",
        f"unix:user:{PASSWORD}@/x",
        f"unix:{PASSWORD}/x",
        "redis:localhost",
        "redis:localhost/1",
        "redis:/run/redis.sock",
        "redis:",
        f"redis://:{PASSWORD}@h/{'9' * 5000}",
        f"redis://:{PASSWORD}@h:{'9' * 5000}",
        f"redis://:{PASSWORD}@h?db={'9' * 5000}",
        f"redis://:{PASSWORD}@h1,h2",
        f"redis://:{PASSWORD}@${{REDIS_HOST}}:6379",
        f"redis://:{PASSWORD}@<host>",
        f"redis://:{PASSWORD}@cache..internal:6379",
        f"redis://:{PASSWORD}@..",
        f"redis://:{PASSWORD}@.h",
        f"redis://:{PASSWORD}@{'a' * 70}.x",
        f"redis://:{PASSWORD}@{'a.' * 130}",
        f"redis://:{PASSWORD}@xn--ü.x",
        f"redis://:{PASSWORD}@\u200b",
        f"redis://:{PASSWORD}@{'ü' * 60}",
        f"redis://:{PASSWORD}@a%2520b",
        f"redis://:{PASSWORD}@%75%3A{PASSWORD}%40h",
        f"redis://:{PASSWORD}@[fe80::1%\u200b]",
        f"rediss+cluster://:{PASSWORD}@a..b",
    ],
)
def test_a_wrong_cache_url_is_an_error_without_the_password(url: str) -> None:
    """What cannot be used is refused before anything is opened, and never echoed."""
    with pytest.raises(SettingsError, match=r"--cache: .*use embedded, redis://") as caught:
        cache_address(url)
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "driver", "names"),
    [
        ("redis://h?family=6&db=2", "redis://h?db=2", ("family",)),
        ("redis://u:%40@h:1/3?socket_timeout=x", "redis://u:%40@h:1?db=3", ("socket_timeout",)),
        ("redis://h?ssl_cert_reqs=CERT_NONE", "redis://h", ("ssl_cert_reqs",)),
        ("redis://h?blockingTimeout=1&identity_suffix=x&polling_interval=1", "redis://h",
         ("blockingTimeout", "identity_suffix", "polling_interval")),
        ("redis://h?skip_verify=true&tls=0", "redis://h", ("skip_verify", "tls")),
        ("redis://h?Connect-Timeout=1&connect_timeout=2", "redis://h",
         ("Connect-Timeout", "connect_timeout")),
        ("valkeys://h?ssl_cert_reqs=CERT_REQUIRED&protocol=3",
         "rediss://h?ssl_cert_reqs=required", ("protocol",)),
        ("rediss://h?sslCaCerts=/a%20b&ssl=true", "rediss://h?ssl_ca_certs=%2Fa%20b", ("ssl",)),
        ("redis+cluster://h?db=0&max_connections=9", "redis+cluster://h", ("max_connections",)),
        ("tcp://:6380?retry=3&pool=x&ssl=false", "redis://localhost:6380",
         ("retry", "pool", "ssl")),
        ("redis://u:p@?serializer=app.Json&prefix=&compressor=none", "redis://u:p@localhost",
         ("serializer", "prefix", "compressor")),
        ("unix:///a%20b?decode_responses=1&virtual_host=4", "unix:///a%20b?db=4",
         ("decode_responses",)),
    ],
)  # fmt: skip
def test_options_of_other_drivers(url: str, driver: str, names: tuple[str, ...]) -> None:
    """What changes what is read counts, in each spelling; the rest is left out, and named."""
    assert driver_url(cache_address(url)) == driver
    assert passed_over(url) == names


@pytest.mark.parametrize("spelling", ["none", "CERT_NONE", "None", "ssl.CERT_NONE"])
def test_how_strictly_a_certificate_is_checked(spelling: str) -> None:
    """Celery, Django and redis-py spell it each in their own way; the driver knows one."""
    for url in ("rediss://h", "valkeys://h", "rediss+sentinel://h/s"):
        given = cache_address(f"{url}?ssl_cert_reqs={spelling}")
        assert driver_url(given).endswith("?ssl_cert_reqs=none")
        assert passed_over(given) == ()


@pytest.mark.parametrize(
    ("option", "words"),
    [
        *((name, "give --key PREFIX{id}") for name in (
            "keyPrefix", "key_prefix", "KEY-PREFIX", "prefix", "namespace", "globalkeyprefix",
            "global_keyprefix",
        )),
        *((name, "read as JSON or hashes") for name in (
            "serializer", "SERIALIZER", "compressor", "compression",
        )),
        ("ssl", "write rediss:// in place of redis://"),
        ("auth", "redis://USER:PASSWORD@HOST"),
    ],
)  # fmt: skip
def test_an_option_that_changes_what_is_read_is_refused(option: str, words: str) -> None:
    """In one sentence that says what to do in its place, without its value."""
    with pytest.raises(SettingsError, match="--cache: ") as refused:
        cache_address(f"redis://h?socket_timeout=1&{option}=s3cr3t")
    assert words in str(refused.value)
    assert "s3cr3t" not in str(refused.value)


def test_a_folder_of_certificates_is_refused_with_what_to_give() -> None:
    """With TLS one file is read; without, the option means nothing."""
    with pytest.raises(SettingsError, match="ssl_ca_certs=FILE"):
        cache_address("rediss://h?ssl_ca_path=/etc/ssl")
    assert passed_over(cache_address("redis://h?ssl_ca_path=/etc/ssl")) == ("ssl_ca_path",)


@pytest.mark.parametrize("text", ["redis://h ", "\tredis://h\r\n", " embedded\n"])
def test_white_space_around_a_cache_is_not_part_of_it(text: str) -> None:
    """A line from a file or a variable names the same host."""
    assert settings({"cache": text}).cache == text.strip()


@given(st.text(), st.text(), st.sampled_from(["redis", "rediss", "unix", "redis+sentinel"]))
def test_no_password_however_strange_is_shown(before: str, after: str, scheme: str) -> None:
    """A password that should have been percent-encoded shows in neither name nor error."""
    assume(scheme != "unix" or "@" not in before)  # then the rest may well be a path
    url = f"{scheme}://user:{before}{PASSWORD}{after}@host/1"
    try:
        said = name_of(settings({"cache": url}))
    except SettingsError as error:
        said = str(error)
    assert PASSWORD not in said


@given(st.text(), st.sampled_from(["", "redis://", "rediss://", "unix://", "redis://h:"]))
def test_any_text_is_a_cache_or_an_error(text: str, scheme: str) -> None:
    """Whatever is typed as a URL, it can be named on the screen or is refused."""
    try:
        found = settings({"cache": scheme + text})
    except SettingsError:
        return
    assert name_of(found).startswith(("embedded", "redis://", "rediss://", "unix:///"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"db": ""}, "--db needs a text"),
        ({"db": 5}, "--db needs a text"),
        ({"db": "a\0b"}, "--db needs a text"),
        ({"db": "~nobody-of-that-name/a.db"}, "no such home folder"),
        ({"table": " "}, "--table needs a text"),
        ({"table": ["users"]}, "--table needs a text"),
        ({"id-column": ""}, "--id-column needs a text"),
        ({"key": ""}, "--key needs a text"),
        ({"cache": 6379}, "--cache needs a text"),
        ({"ttl": "soon"}, "--ttl 'soon' is not a duration"),
        ({"read-only": "yes"}, "read-only is true or false"),
        ({"json": 1}, "json is true or false"),
        ({"debug": "on"}, "debug is true or false"),
    ],
)
def test_a_value_of_the_wrong_form_is_an_error(options: dict[str, Any], message: str) -> None:
    """Each option says what it needs."""
    with pytest.raises(SettingsError, match=message):
        settings(file=options)


def test_an_unknown_option_in_the_file_is_an_error() -> None:
    """A misspelled name is not ignored: the message names the file, it, and the known ones."""
    with pytest.raises(SettingsError, match=r"config\.toml: unknown option 'tll'; .*ttl"):
        settings(file={"tll": 5})


def test_the_file_may_use_underscores() -> None:
    """TOML's bare keys may be written either way."""
    found = settings(file={"negative_ttl": 5, "id_column": "k", "read_only": True})
    assert (found.negative_ttl, found.id_column, found.read_only) == (5.0, "k", True)


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the environment and in the file no shell has expanded it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings(file={"db": "~/a.db"}).db == str(tmp_path / "a.db")


def test_keys_that_nest_are_an_error() -> None:
    """An id has two parts, and no table of tables is gone through to its end."""
    nested: dict[str, Any] = {"a": "b"}
    for _ in range(3_000):
        nested = {"a": nested}
    with pytest.raises(SettingsError, match="tables in tables"):
        settings(file={"keys": nested})


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms have other folders")
def test_the_demo_lives_in_the_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The demo database is kept where the platform keeps programs' data."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert demo_path() == tmp_path / "hitmiss" / "demo.db"


@pytest.mark.parametrize("value", ["1", 1, "5000", 100_000])
def test_the_log_is_as_long_as_it_is_told(value: object) -> None:
    """A number of rows, from 1 to 100,000; 1,000 by default."""
    assert settings({"log-rows": value}).log_rows == int(str(value))
    assert settings().log_rows == 200


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "100001", True, "9" * 5000])
def test_a_log_of_no_length_is_refused(value: object) -> None:
    """The message names the option and what it takes."""
    with pytest.raises(SettingsError, match=r"--log-rows .*use 1 to 100,000"):
        settings({"log-rows": value})


@pytest.mark.parametrize(
    ("value", "count"),
    [(65536, 65536), ("64KiB", 65536), ("500kB", 500_000), ("1.5 MiB", 3 << 19),
     ("16m", 16_000_000), ("2048b", 2048), ("512MiB", 512 << 20)],
)  # fmt: skip
def test_a_size_is_a_number_of_bytes_or_has_a_unit(value: object, count: int) -> None:
    """`--max-value` takes bytes, thousands of them, or the powers of 1,024."""
    assert settings({"max-value": value}).max_value == count
    assert settings().max_value == 16 << 20


@pytest.mark.parametrize(
    "value", ["", "much", "-1", "1023", "513MiB", "16 TiB", True, "9" * 500]
)
def test_what_is_no_size_is_refused(value: object) -> None:
    """What is no size, or one that nothing fits into, is named with what may stand there."""
    with pytest.raises(SettingsError, match=r"--max-value .*use "):
        settings({"max-value": value})


@pytest.mark.parametrize(
    ("options", "grace"),
    [
        ({}, 30.0), ({"table": "people", "read-only": False}, 30.0),
        ({"key": "app:{id}", "read-only": False}, 0.0), ({"key": "app:{id}"}, 0.0),
        ({"key": "hitmiss:x:{id}", "read-only": False}, 30.0),
        ({"key": "app:{id}", "read-only": False, "grace": 5}, 5.0),
    ],
)  # fmt: skip
def test_there_is_no_grace_under_the_keys_of_an_application(
    options: dict[str, object], grace: float
) -> None:
    """It would take for fresh what lives on in its grace, so that has to be asked for."""
    assert settings(options).grace == grace


@pytest.mark.parametrize(
    "text",
    [
        "-a s3cretpw1 -u redis://h", "app:s3cretpw1@redis://h", "s3cretpw1@redis://h",
        ":s3cretpw1@redis://h", "redis://:s3cretpw1@h:x", "redis://h%00", "redis://:s3cretpw1@h%00",
    ],
)  # fmt: skip
def test_a_password_in_the_wrong_place_is_not_repeated(text: str) -> None:
    """A URL that is none is refused without a piece of it that may be secret."""
    with pytest.raises(SettingsError) as refused:
        settings({"cache": text})
    assert "s3cret" not in str(refused.value)


SERVER = "postgresql://app@db/shop"


@pytest.mark.parametrize(
    ("flags", "database_url", "read_only", "grace"),
    [
        ({"db": SERVER}, None, True, 0.0),
        ({}, SERVER, True, 0.0),
        ({}, "sqlite:///a.db", True, 0.0),
        ({"db": "a.db"}, SERVER, False, 30.0),
        ({"db": SERVER, "read-only": False}, None, False, 30.0),
        ({"db": SERVER, "grace": "5"}, None, True, 5.0),
    ],
)
def test_a_database_that_others_use_is_read_only(
    flags: dict[str, Any], database_url: str | None, read_only: bool, grace: float
) -> None:
    """A server's, and whatever DATABASE_URL names; unless somebody says otherwise."""
    found = known(resolve(flags, {}, {}, "config.toml", database_url=database_url))
    assert (found.read_only, found.grace) == (read_only, grace)
    source = "flag" if "db" in flags else "DATABASE_URL"
    assert found.sources["db"] == source


@pytest.mark.parametrize(
    ("url", "driver"),
    [("postgresql://h/d", "psycopg"), ("mysql://h/d", "asyncmy"), ("mongodb://h/d", "pymongo")],
)
def test_a_missing_driver_is_named_with_its_extra(
    url: str, driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a sentence that says how to get it."""
    extra = url.partition(":")[0]
    monkeypatch.setattr("tui.database.drivers.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=rf"hitmiss\[{extra}\]"):
        settings({"db": url})
