"""The address of a service that sentinels watch: theirs, its name, and how to reach it."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from msgspec import Struct

from tui.cache.address_host import bracketed, wrong_with_host
from tui.cache.redis.address_options import PASSED_OVER
from tui.runtime.option_names import SENTINEL_LOGINS, plain_name
from tui.runtime.patterns import lazily

SCHEMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("redis+sentinel", "redis-sentinel", "valkey+sentinel", "valkey-sentinel"), "redis"
    ),
    **dict.fromkeys(("rediss+sentinel", "rediss-sentinel", "valkeys+sentinel"), "rediss"),
}
"""The schemes that other programs write too, and that of the server which is found."""
PORT: Final = 26379
"""Of a sentinel. Source: Valkey documentation, 'High availability with Valkey Sentinel'."""
FORM: Final = "redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/DB"
SERVICES: Final = frozenset(
    {"sentinelmasterid", "sentinelmaster", "mastername", "servicename", "sentinelservice",
     "redissentinel"}
)  # fmt: skip
"""Options that name the service: lettuce, Celery, Redis-Sentinel-Url, Symfony."""
SSL: Final = "sentinelssl"
"""Whether the sentinels are reached with TLS: as the primary, unless it is said."""
SSL_NAMES: Final = frozenset({SSL, "sentineltls", "enabletlsforsentinelmode"})
ROLES: Final = frozenset({"role", "clienttype"})
"""Which of the servers is asked: ioredis, Redis-Sentinel-Url. Here it is the primary."""
PRIMARIES: Final = frozenset({"master", "primary"})
MEANINGLESS: Final = ROLES | {
    "minothersentinels", "updatesentinels", "failoverdetector", "sentinelkwargs",
    "sentinelretrystrategy", "sentinelreconnectstrategy",
}  # fmt: skip
"""What others say of sentinels, and changes nothing here."""
YES: Final = frozenset({"1", "true", "yes", "on"})
NO: Final = frozenset({"0", "false", "no", "off"})
MOST_SENTINELS: Final = 32
_OURS: Final[Mapping[str, str]] = {
    **dict.fromkeys(SERVICES, "service"),
    **dict.fromkeys(SSL_NAMES, SSL),
    **{name: name for name in SENTINEL_LOGINS},
}
"""The options that count here, each by the name under which it is kept."""
_PARTS: Final = lazily(
    r"(?P<scheme>[^:]+)://(?:(?P<login>[^/?#]*)@)?(?P<hosts>[^/?#@]*)"
    r"(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?"
)
_SERVICE: Final = lazily(r"[A-Za-z0-9._-]{1,100}", re.ASCII)
"""Source: the remarks in sentinel.conf on the names of what is monitored."""


class SentinelAddress(Struct, frozen=True):
    """What a URL says of a service and its sentinels."""

    sentinels: tuple[tuple[str, int], ...]
    """Host and port of each."""
    service: str
    """What they call the servers that they watch together."""
    primary: str
    """The URL of the primary, on a host and port that are still to be found."""
    database: str
    """The database's number as it was written; '' where none was."""
    username: str
    password: str
    """The login at the sentinels, which need not be that at the primary; '' for none."""
    has_tls: bool
    """Whether the sentinels are reached with TLS."""
    passed_over: tuple[str, ...]
    """The names of the options about sentinels that mean nothing here."""

    @property
    def over_tls(self) -> str:
        """The URL of the primary with TLS, which has what certificates are checked by.

        Sentinels with TLS are reached by that, whatever the primary has.
        """
        return re.sub("^rediss?", "rediss", self.primary)


class WrongAddress(ValueError):
    """What is wrong with a URL; it echoes nothing that may be a piece of a password."""


def is_sentinel(text: str) -> bool:
    """Tell whether a URL names sentinels."""
    return text.strip().partition("://")[0].lower() in SCHEMES


def sentinel_address(text: str) -> SentinelAddress:
    """Return what a URL says, of which the part about the primary is not checked yet.

    Raises:
        WrongAddress: it says nothing that can be used.
    """
    parts = _PARTS.fullmatch(text.strip())
    if parts is None or "@" in (parts["path"] or "") + (parts["query"] or ""):
        raise WrongAddress(
            "the URL cannot be read; in a password '/' is written as %2F, '?' as %3F,"
            " '#' as %23, '@' as %40"
        )
    scheme = SCHEMES[parts["scheme"].lower()]
    own, others = _options(parts["query"] or "")
    service, database = _service_and_database(parts["path"] or "", own)
    login = f"{parts['login']}@" if parts["login"] else ""
    path = f"/{database}" if database else ""
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in others)
    return SentinelAddress(
        _sentinels(parts["hosts"]),
        service,
        f"{scheme}://{login}localhost{path}{'?' if query else ''}{query}",
        database,
        own.get("sentinelusername", ""),
        own.get("sentinelpassword", ""),
        _has_tls(own, default=scheme == "rediss"),
        tuple(own[name] for name in own if name.startswith("passed over ")),
    )


def sentinel_name(address: SentinelAddress, scheme: str) -> str:
    """Return the service as it may be shown: without logins and options.

    Of several sentinels the first is named, so that a status line has room for the service.
    """
    host, port = address.sentinels[0]
    others = ",..." if len(address.sentinels) > 1 else ""
    database = f"/{address.database}" if address.database.strip("0") else ""
    return f"{scheme}+sentinel://{bracketed(host)}:{port}{others}/{address.service}{database}"


def _options(query: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return the options about sentinels by their plain names, and all others as they are.

    Among the former, those that mean nothing stand under a name that no option has.
    """
    own: dict[str, str] = {}
    others = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        plain = plain_name(name)
        if plain in ROLES and value.lower() not in PRIMARIES:
            raise WrongAddress(
                "the primary is asked here: leave the role out, or name a replica itself,"
                " redis://HOST:PORT"
            )
        if (ours := _OURS.get(plain)) is not None:
            if own.setdefault(ours, value) != value:
                raise WrongAddress("an option about the sentinels is there twice")
        elif plain in MEANINGLESS or (
            plain.startswith("sentinel") and plain.removeprefix("sentinel") in PASSED_OVER
        ):
            own[f"passed over {name}"] = name
        else:
            others.append((name, value))
    return own, others


def _service_and_database(path: str, own: Mapping[str, str]) -> tuple[str, str]:
    """Return both: the path names them, or the database alone where an option has the rest."""
    service, *more = [unquote(part) for part in path.strip("/").split("/")]
    named = own.get("service")
    if named is not None and service != named and not more:
        service, more = named, [service]
    if not service:
        raise WrongAddress("the URL names no service: it stands behind the hosts, /SERVICE")
    if not _SERVICE.fullmatch(service) or named not in {None, service}:
        raise WrongAddress("the service's name is one word of letters, digits and . - _")
    database = "/".join(more)
    if not re.fullmatch("[0-9]{0,9}", database, re.ASCII):
        raise WrongAddress("the database in the URL must be a number")
    return service, database


def _sentinels(hosts: str) -> tuple[tuple[str, int], ...]:
    pieces = hosts.split(",")
    if len(pieces) > MOST_SENTINELS:
        raise WrongAddress(f"it names more than {MOST_SENTINELS} sentinels")
    return tuple(dict.fromkeys(map(_sentinel, pieces)))


def _sentinel(piece: str) -> tuple[str, int]:
    try:
        place = urlsplit(f"redis://{piece}")
        port = PORT if place.port is None else place.port
    except ValueError:
        raise WrongAddress("the port of a sentinel is no number") from None
    host = unquote(place.hostname or "")
    if not host or not port:
        raise WrongAddress("host and port of each sentinel stand between commas")
    if (wrong := wrong_with_host(host)) is not None:
        raise WrongAddress(wrong)
    return host, port


def _has_tls(own: Mapping[str, str], *, default: bool) -> bool:
    said = own.get(SSL, "").lower()
    if said in YES | NO:
        return said in YES
    if SSL in own:
        raise WrongAddress("sentinel_ssl is true or false")
    return default
