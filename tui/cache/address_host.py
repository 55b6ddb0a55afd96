"""The host in a cache's address: refused where no machine can be called so."""

import ipaddress  # which is loaded late
import re
from typing import Final

from tui.runtime.patterns import lazily

LONGEST_NAME: Final = 253
"""Characters of a host's name (RFC 1035, 2.3.4, without the dot at its end)."""
LONGEST_LABEL: Final = 63
"""Characters between two of its dots."""
OTHER_PARTS: Final = lazily("[@/?#%'\"\\\\]")
"""What stands in other parts of a URL, and in a password that got into this one."""
PLACEHOLDER: Final = lazily("[${}<>]")
"""What stands where a variable or an example was to be replaced."""


def wrong_with_host(host: str) -> str | None:
    """Return what is wrong with the name or number of a host; None where it may exist.

    It is not echoed: it may be a piece of a password.
    """
    if PLACEHOLDER.search(host):
        return "a placeholder stands for the host: put the host's name in its place"
    if "," in host:
        return "it names several hosts: name one of them"
    return None if _may_exist(host) else "no host can be called as the one that it names"


def bracketed(host: str) -> str:
    """Return the host as a URL has it before a port: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def _may_exist(host: str) -> bool:
    if ":" in host:
        return _is_number(host)
    name = host.removesuffix(".")
    if len(name) > LONGEST_NAME or not all(map(_is_label, name.split("."))):
        return False
    if OTHER_PARTS.search(name) or not name.isprintable():
        return False
    if name.isascii():  # what is left may be unheard of, which whoever looks it up finds out
        return True
    try:
        name.encode("idna")  # as whoever looks the name up will
    except UnicodeError:
        return False
    return True


def _is_label(label: str) -> bool:
    return 0 < len(label) <= LONGEST_LABEL


def _is_number(host: str) -> bool:
    """Tell whether it is an IPv6 address, perhaps with the name of an interface."""
    address, _, interface = host.partition("%")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return re.fullmatch("[A-Za-z0-9_.-]{0,60}", interface) is not None
