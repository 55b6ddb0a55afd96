"""The address of a Memcached server: checked, and named without secrets."""

import re
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from msgspec import Struct

from tui.cache.address_host import bracketed, wrong_with_host
from tui.runtime.errors import SettingsError
from tui.runtime.option_names import plain_name

SCHEMES: Final = ("memcached", "memcache", "memcached+unix")
PORT: Final = 11211
SEVERAL: Final = (
    "it names several servers: an application's client spreads its keys over them by a rule"
    " of its own, which hitmiss does not know, so that what it stored or deleted could miss"
    " the copy that the application reads; name one of them"
)


PREFIXES: Final = frozenset({"keyprefix", "prefix", "namespace", "globalkeyprefix"})
"""What clients put before each key."""
_WORDS: Final = (
    "timeout connecttimeout connectiontimeout sockettimeout sendtimeout recvtimeout"
    " nodelay tcpnodelay keepalive tcpkeepalive socketkeepalive usepooling poolsize"
    " maxpoolsize minpoolsize poolidletimeout weight retries retryattempts retrytimeout"
    " deadtimeout deadretry removefailed ignoreexc allowunicodekeys encoding"
    " defaultnoreply serde serializer compressor compression binary noreply lazy"
    " persistent behaviors maxidle idletimeout reconnect failures failover readtimeout"
    " writetimeout name"
)
HARMLESS: Final = frozenset(_WORDS.split())
"""Options of clients that change nothing of what is read, without `_` and `-`."""


class MemcachedPlace(Struct, frozen=True):
    """Where a server is, and how to log in there."""

    host: str = ""
    port: int = PORT
    path: str = ""
    """Its unix socket, in place of host and port."""
    user: str = ""
    password: str = ""


def cache_address(text: str) -> str:
    """Return `text`, without white space around it, if it is an address that can be used.

    Raises:
        SettingsError: it is none. The message never holds the password.
    """
    text = text.strip()
    wrong = _wrong_with(text)
    if wrong is not None:
        raise SettingsError(
            f"--cache: {wrong}; use memcached://HOST:PORT or memcached+unix:///PATH"
        )
    return text


def place_of(text: str) -> MemcachedPlace:
    """Return where the server of an address is that `cache_address` has checked."""
    url = urlsplit(text)
    user, password = unquote(url.username or ""), unquote(url.password or "")
    if url.scheme == "memcached+unix":
        return MemcachedPlace(path=unquote(url.path), user=user, password=password)
    host = unquote(url.hostname or "") or "localhost"
    return MemcachedPlace(host, url.port or PORT, "", user, password)


def cache_name(text: str) -> str:
    """Return the cache as it may be shown: without user, password and options."""
    place = place_of(text)
    if place.path:
        return f"memcached+unix://{place.path}"
    return f"memcached://{bracketed(place.host)}:{place.port}"


def passed_over(text: str) -> tuple[str, ...]:
    """Return the names of the URL's options, none of which means anything to hitmiss."""
    names = (name for name, _ in parse_qsl(urlsplit(text).query, keep_blank_values=True))
    return tuple(dict.fromkeys(names))


def client(text: str) -> tuple[str, ...]:
    """Return the words that send a command to the server and print its reply.

    There is no client of Memcached's own: the command is what follows, each word an argument.
    """
    place = place_of(text)
    to = f"-U {_quoted(place.path)}" if place.path else f"{_quoted(place.host)} {place.port}"
    return ("sh", "-c", f"printf '%s\\r\\n' \"$*\" quit | nc {to}", "memcached")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _wrong_with(text: str) -> str | None:
    if re.search(r"[\x00-\x20\x7f]", text) or "\0" in unquote(text):
        return "white space or a control character stands in it; in a password write it as %20"
    if "#" in text:
        return "a '#' cannot stand in the URL; in a password or a path write it as %23"
    try:
        url = urlsplit(text)
        if "," in url.netloc.rpartition("@")[2]:
            return SEVERAL
        port = url.port
    except ValueError:
        return "the URL cannot be read (is the port a number?)"
    if "@" in url.query:
        return "an '@' stands behind a '?'; in a password write that as %3F, elsewhere %40"
    if not text.partition(":")[2].startswith("//"):
        return "two slashes and a host follow the scheme's ':'"
    return _wrong_with_place(url, port) or _wrong_with_options(url)


def _wrong_with_options(url: SplitResult) -> str | None:
    for name, _ in parse_qsl(url.query, keep_blank_values=True):
        plain = plain_name(name)
        if plain in PREFIXES:
            return "a prefix of keys belongs into --key: --key 'PREFIX:{id}'"
        if plain not in HARMLESS:
            return f"the option {ascii(name)[1:40]} is not known here: leave it out"
    return None


def _wrong_with_place(url: SplitResult, port: int | None) -> str | None:
    if url.scheme == "memcached+unix":
        if url.hostname or (url.netloc and "@" not in url.netloc):
            return "the socket's path begins after the third '/'"
        return None if url.path.strip("/") else "the URL names no socket"
    if "," in url.path:
        return SEVERAL
    if url.path.strip("/"):
        return "Memcached has no databases: leave out what follows the port"
    if port == 0:
        return "the URL names no port"
    return wrong_with_host(unquote(url.hostname or "")) if url.hostname else None
