"""The address of a cache: as other programs write it, checked, and named without secrets."""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from tui.cache.address_host import bracketed, wrong_with_host
from tui.cache.redis.address_options import (
    DATABASE_OPTIONS,
    TLS_OPTIONS,
    cert_reqs,
    wrong_with_option,
)
from tui.cache.redis.address_sentinel import (
    FORM,
    WrongAddress,
    is_sentinel,
    sentinel_address,
    sentinel_name,
)
from tui.runtime.errors import SettingsError
from tui.runtime.option_names import plain_name
from tui.runtime.patterns import lazily

SCHEMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("redis", "valkey", "tcp"), "redis"),
    **dict.fromkeys(
        ("rediss", "valkeys", "redis+tls", "redis+ssl", "valkey+tls", "valkey+ssl", "tls",
         "ssl"),
        "rediss",
    ),
    **dict.fromkeys(
        ("unix", "redis+socket", "redis-socket", "redis+unix", "valkey+socket", "valkey-socket",
         "valkey+unix"),
        "unix",
    ),
    **dict.fromkeys(("redis+cluster", "redis-cluster", "valkey+cluster"), "redis+cluster"),
    **dict.fromkeys(("rediss+cluster", "rediss-cluster", "valkeys+cluster"), "rediss+cluster"),
}  # fmt: skip
"""The schemes that other programs write too, and what we call each."""
SOCKET_PATH: Final = "the socket's path begins after the third '/'"
LONGEST_NUMBER: Final = 11
"""Digits and slashes that name a database: Python reads no number of 5,000 digits."""
_NUMBERED: Final = lazily(r"/?[0-9]*/?", re.ASCII)
"""The path where a host is named: the database's number, or nothing."""


def cache_address(text: str) -> str:
    """Return `text` when it is a cache URL of a form that can be used.

    White space around it, which a file or a shell has left there, is not part of it.

    Raises:
        SettingsError: it is none. The message never holds the password.
    """
    text = text.strip()
    wrong = "it holds a NUL" if "\0" in unquote(text) else _wrong_with_url(text)
    if wrong is not None:
        forms = (
            "embedded, redis://HOST:PORT/DB, rediss://HOST:PORT/DB, unix:///PATH,"
            f" {FORM} or memcached://HOST:PORT"
        )
        raise SettingsError(f"--cache: {wrong}; use {FORM if is_sentinel(text) else forms}")
    return text


def cache_name(text: str) -> str:
    """Return the cache as it may be shown: without user, password and options."""
    if is_sentinel(text):
        service = sentinel_address(text)
        return sentinel_name(service, _read(service.primary).scheme)
    url = _read(text)
    if url.scheme == "unix":
        return f"unix://{unquote(url.path)}"
    database = _database(url)
    return f"{url.scheme}://{_host_and_port(url)}" + (f"/{database}" if database else "")


def passed_over(text: str) -> tuple[str, ...]:
    """Return the names of the URL's options that mean nothing to hitmiss, without values."""
    if is_sentinel(text):
        service = sentinel_address(text)
        primary = service.over_tls if service.has_tls else service.primary
        return (*passed_over(primary), *service.passed_over)
    url = _read(text)
    known = {plain_name(name) for name in TLS_OPTIONS} if _has_tls(url) else set()
    names = (
        name for name, _ in _options(url) if plain_name(name) not in DATABASE_OPTIONS | known
    )
    return tuple(dict.fromkeys(names))


def is_cluster(text: str) -> bool:
    """Tell whether the URL says that its host is a node of a cluster."""
    return not is_sentinel(text) and _read(text).scheme.endswith("+cluster")


def redis_cli(text: str) -> tuple[str, ...]:
    """Return the words that call redis-cli for a cache, without user and password.

    None call it for a primary that sentinels are to be asked for.
    """
    if is_sentinel(text):
        return ()
    url = _read(text)
    if url.scheme == "unix":
        return ("redis-cli", "-s", unquote(url.path))
    cli = ["redis-cli", "-h", url.hostname or "localhost", "-p", str(url.port or 6379)]
    if database := _database(url):
        cli += ["-n", str(database)]
    if _has_tls(url):
        cli.append("--tls")
    if url.scheme.endswith("+cluster"):
        cli.append("-c")
    return tuple(cli)


def driver_url(text: str) -> str:
    """Return the URL with the driver's own scheme, and with those options only that count.

    Of a primary that is still to be found, host and port are none that count.
    """
    if is_sentinel(text):
        return driver_url(sentinel_address(text).primary)
    url = _read(text)
    kept = []
    if database := _database(url):
        kept.append(f"db={database}")
    if _has_tls(url):
        names = {plain_name(name): name for name in TLS_OPTIONS}
        for name, value in _options(url):
            if (ours := names.get(plain_name(name))) is not None:
                said = cert_reqs(value) if ours == "ssl_cert_reqs" else value
                kept.append(f"{ours}={quote(said, safe='')}")
    path = url.path if url.scheme == "unix" else ""
    return f"{url.scheme}://{url.netloc}{path}" + (f"?{'&'.join(kept)}" if kept else "")


def checks_certificates(text: str) -> bool:
    """Tell whether a server with TLS has to show a certificate that is trusted."""
    return "ssl_cert_reqs=none" not in driver_url(text)


def _read(text: str) -> SplitResult:
    """Return the URL's parts under our own scheme, with the host that is meant where none is.

    A path where no host stands names a socket, unless it is a number: then the host is this
    one. What has an `@` in it may be the rest of a password.

    Raises:
        ValueError: its parts cannot be told.
    """
    url = urlsplit(text)
    url = url._replace(scheme=SCHEMES.get(url.scheme, url.scheme))
    if url.scheme == "unix" or url.hostname or url.scheme not in SCHEMES:
        return url
    login, at, place = url.netloc.rpartition("@")
    is_path = not _NUMBERED.fullmatch(url.path) and "@" not in url.path
    if url.scheme == "redis" and not place and is_path:
        return url._replace(scheme="unix")
    return url._replace(netloc=f"{login}{at}localhost{place}")


def _wrong_with_url(text: str) -> str | None:
    if re.search(r"[\t\r\n]", text):
        return "a line break or tab stands in it; in a password write it as %0A or %09"
    if is_sentinel(text):
        try:
            service = sentinel_address(text)
            wrong = _wrong_with_url(service.primary)
            return wrong or (_wrong_with_url(service.over_tls) if service.has_tls else None)
        except WrongAddress as error:
            return str(error)
    try:
        url = _read(text)
        port = url.port
    except ValueError:
        return "the URL cannot be read (is the port a number?)"
    if "#" in text:
        # Cutting it off there could leave half a password standing where the port goes.
        return "a '#' cannot stand in the URL; in a password or a path write it as %23"
    if "@" in url.query:
        return "an '@' stands behind a '?'; in a password write that as %3F, elsewhere %40"
    return _wrong_with_scheme(text) or _wrong_with_place(url, port) or _wrong_with_options(url)


def _wrong_with_scheme(text: str) -> str | None:
    scheme = urlsplit(text).scheme
    if scheme not in SCHEMES:
        meant = "; did you mean redis+sentinel://?" if scheme == "sentinel" else ""
        return f"{_scheme(text)} is no cache that hitmiss knows{meant}"
    rest = text.partition(":")[2]
    if SCHEMES[scheme] == "unix":
        return None if rest.startswith("/") else SOCKET_PATH
    return None if rest.startswith("//") else "two slashes and a host follow the scheme's ':'"


def _wrong_with_place(url: SplitResult, port: int | None) -> str | None:
    if url.scheme == "unix":
        # Without this check a password with a '/' in it is half taken for the path.
        if url.hostname or (url.netloc and "@" not in url.netloc):
            return SOCKET_PATH
        if not url.path.strip("/"):
            return "the URL names no socket"
    elif port == 0:
        return "the URL names no port"
    elif (wrong := wrong_with_host(unquote(url.hostname or ""))) is not None:
        return wrong
    elif not _NUMBERED.fullmatch(url.path) or len(url.path) > LONGEST_NUMBER:
        return "the database in the URL must be a number"
    return None


def _wrong_with_options(url: SplitResult) -> str | None:
    options = _options(url)
    has_tls = _has_tls(url)
    wrongs = (wrong_with_option(name, value, has_tls=has_tls) for name, value in options)
    wrong = next((wrong for wrong in wrongs if wrong is not None), None)
    if wrong is not None:
        return wrong
    databases = _databases(url)
    if len(set(databases)) > 1:
        return "it names more than one database"
    if url.scheme.endswith("+cluster") and any(databases):
        return "a cluster has one database: leave its number out"
    return None


def _options(url: SplitResult) -> Sequence[tuple[str, str]]:
    return parse_qsl(url.query, keep_blank_values=True)


def _has_tls(url: SplitResult) -> bool:
    return url.scheme.startswith("rediss")


def _databases(url: SplitResult) -> list[int]:
    path = "" if url.scheme == "unix" else url.path.strip("/")
    named = [value for name, value in _options(url) if plain_name(name) in DATABASE_OPTIONS]
    return [int(text) for text in (path, *named) if text]


def _database(url: SplitResult) -> int:
    return next(iter(_databases(url)), 0)


def _host_and_port(url: SplitResult) -> str:
    return f"{bracketed(url.hostname or 'localhost')}:{url.port or 6379}"


def _scheme(text: str) -> str:
    scheme, separator, _ = text.partition("://")
    # What does not look like one may be a piece of a password that stands in the wrong place.
    named = separator and re.fullmatch("[a-z][a-z0-9+.-]{0,19}", scheme, re.IGNORECASE)
    return f"{scheme}://" if named else "that"
