"""Where the server listens: HOST:PORT, and the sockets that are bound there."""

import errno
import re
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from ipaddress import ip_address
from typing import Final

from msgspec import Struct

from tui.http.hosts import Hosts
from tui.runtime.errors import SettingsError

DEFAULT: Final = "127.0.0.1:8080"
FORM: Final = re.compile(
    r"(?:\[(?P<literal>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|(?P<name>[\w.-]+)):(?P<port>[0-9]{1,5})",
    re.ASCII,
)
BACKLOG: Final = 512
"""How many connections may wait to be accepted."""
MISSING: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
"""What a system says that does not have one of the addresses of a name, as ::1."""


class Listen(Struct, frozen=True):
    """An address to listen at."""

    host: str
    """A name, or an address without brackets."""
    port: int
    """0 lets the system choose one."""

    @property
    def everywhere(self) -> bool:
        """Whether that is all addresses of the machine."""
        return _is(self.host, "is_unspecified")

    @property
    def loopback(self) -> bool:
        """Whether only programs of this machine reach it."""
        return self.host.lower() == "localhost" or _is(self.host, "is_loopback")

    @property
    def hosts(self) -> Hosts:
        """What requests may call the server."""
        if self.everywhere:
            return Hosts(any_address=True)
        return Hosts([self.host])

    def url(self, port: int) -> str:
        """Return where a client of this machine finds it, on the port that it came to."""
        host = self.host
        if self.everywhere:
            host = "::1" if ":" in host else "127.0.0.1"
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def listen_of(text: str) -> Listen:
    """Return the address that `text` means: 127.0.0.1:8080, [::1]:8080, localhost:0.

    Raises:
        SettingsError: it is none.
    """
    match = FORM.fullmatch(text.strip())
    if match is None or int(match["port"]) > 65535 or not _is_literal(match["literal"]):
        raise SettingsError(
            f"--listen {text[:60]!r} is not HOST:PORT: for example {DEFAULT} or [::1]:8080;"
            " port 0 chooses a free one"
        )
    return Listen(match["literal"] or match["name"], int(match["port"]))


def bind(listen: Listen) -> list[socket.socket]:
    """Return sockets that listen at all addresses of a host, on one port.

    Raises:
        SettingsError: there is no such host, or the port is taken, or not ours to use.
    """
    where = f"--listen {listen.url(listen.port).removeprefix('http://')}"
    if listen.everywhere:
        where = f"--listen {listen.host}:{listen.port}"
    try:
        found = socket.getaddrinfo(
            listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no such host"
        raise SettingsError(f"{where}: {reason}; name an address of this machine") from error
    try:
        return _bound([(family, place) for family, *_, place in dict.fromkeys(found)])
    except OSError as error:
        raise SettingsError(f"{where}: {_why(error)}") from error


def _bound(places: Sequence[tuple[int, tuple[object, ...]]]) -> list[socket.socket]:
    """Bind sockets at these places, on the port that the first of them gets."""
    bound: list[socket.socket] = []
    lacking: OSError | None = None
    with ExitStack() as stack:
        for family, place in places:
            port = bound[0].getsockname()[1] if bound else place[1]
            # With its protocol named, asyncio sends what is written at once (TCP_NODELAY): else
            # a body waits 40 ms for the client's acknowledgement of the headers before it.
            one = stack.enter_context(
                socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            )
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                one.bind((place[0], port, *place[2:]))
                one.listen(BACKLOG)
            except OSError as error:
                if error.errno not in MISSING:
                    raise
                lacking = error
                one.close()
            else:
                bound.append(one)
        if not bound and lacking is not None:
            raise lacking
        stack.pop_all()
    return bound


def _why(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            "the port is in use; stop what listens there, or name another port (0: a free one)"
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return "the port is not ours to use; name one above 1023"
    if error.errno in MISSING:
        return "this machine has no such address; name one of its own"
    return f"{error.strerror}; name another address"


def _is_literal(text: str | None) -> bool:
    return text is None or (":" in text and _address_or_none(text) is not None)


def _is(host: str, what: str) -> bool:
    return bool(getattr(_address_or_none(host), what, False))


def _address_or_none(text: str) -> object:
    try:
        return ip_address(text)
    except ValueError:
        return None
