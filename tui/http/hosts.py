"""Which names a request may call this server by: else any web page could read records.

A page of `attacker.example` whose name is made to resolve to 127.0.0.1 is of the same origin as
what answers there (DNS rebinding), and may read it. What it cannot do is send another Host than
the name it came from.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

HOST: Final = re.compile(
    r"(?:\[(?P<literal>[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)(?:%[\w.~%-]+)?\]"
    r"|(?P<name>[\w.~!$&'()*+;=%-]+))(?::[0-9]*)?",
    re.ASCII,
)
"""A Host field. Source: RFC 9110, section 7.2; RFC 3986, section 3.2.2; RFC 6874 for a zone."""
REMEMBERED: Final = 256
"""How many values of Host are not looked at twice."""


class BadHost(ValueError):
    """A Host field that names no host."""


class Hosts:
    """The names that requests may call this server by, with any port."""

    def __init__(self, names: Iterable[str] = (), *, any_address: bool = False) -> None:
        """Accept loopback, and the names and addresses in `names`.

        With `any_address`, every address that is written as numbers is accepted too. A name can
        be made to resolve to somebody else's address, numbers cannot.
        """
        told = {name: _address(name) for name in map(_plain_name, map(_without_zone, names))}
        self._addresses = {address for address in told.values() if address is not None}
        self._names = {name for name, address in told.items() if address is None}
        self._names.add("localhost")
        self._any_address = any_address
        self.accepts = lru_cache(REMEMBERED)(self._accepts)
        """Tells whether a Host field names this server; raises BadHost, which is not kept."""

    def _accepts(self, host: bytes) -> bool:
        match = HOST.fullmatch(host.decode("latin-1").strip())
        if match is None:
            raise BadHost(host)
        name = _plain_name(match["literal"] or match["name"])
        address = _address(name)
        if address is None:
            return name in self._names
        return self._any_address or address.is_loopback or address in self._addresses


def _plain_name(name: str) -> str:
    """Return a name in the one spelling that is compared: without case and last dot."""
    return name.lower().removesuffix(".")


def _without_zone(name: str) -> str:
    """Return an IPv6 address without its zone; in a name, `%` is no end."""
    return name.partition("%")[0] if ":" in name else name


def _address(text: str) -> Address | None:
    """Return the address that a text spells; None where it is a name."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
