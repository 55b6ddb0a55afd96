"""The address of a server, taken apart: what connects, and what of it may be shown."""

from collections.abc import Collection, Mapping
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from msgspec import Struct, field

from tui.runtime.errors import SettingsError
from tui.runtime.redaction import SECRETS


class ServerUrl(Struct, frozen=True):
    """A URL of a database on a server."""

    scheme: str
    """In the one way in which hitmiss writes it."""
    user: str = ""
    password: str | None = None
    hosts: str = ""
    """One or several with their ports, as they were written; '' for the driver's default."""
    database: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    """What stands behind the `?`."""

    def __repr__(self) -> str:
        """Return it as it may be shown."""
        return f"ServerUrl({self.place()!r})"

    def place(self, secret: Collection[str] = ()) -> str:
        """Return what may be shown: without password, and without the `secret` options."""
        shown = {name: text for name, text in self.options.items() if name not in secret}
        return self._written(None, shown)

    def whole(self) -> str:
        """Return all of it, with its password."""
        return self._written(self.password, self.options)

    def _written(self, password: str | None, options: Mapping[str, str]) -> str:
        user = quote(self.user, safe="")
        if password is not None:
            user = f"{user}:{quote(password, safe='')}"
        login = f"{user}@" if user else ""
        query = f"?{urlencode(options, quote_via=quote, safe='/,:')}" if options else ""
        return f"{self.scheme}://{login}{self.hosts}/{quote(self.database, safe='')}{query}"


def taken_apart(url: str, scheme: str, example: str) -> ServerUrl:
    """Return what a URL says; its password is kept out of all texts from now on.

    Raises:
        SettingsError: it is none; the message has the `example`.
    """
    SECRETS.learn_database(url.strip())
    try:
        parts = urlsplit(url.strip())
        if parts.fragment or "@" in parts.path:
            raise SettingsError(
                "--db has a '#', or an '@' behind a '/': in a user, a password or a name write"
                " '#' as %23, '/' as %2F, '@' as %40"
            )
        options = parse_qsl(parts.query, keep_blank_values=True)
        _check_hosts(parts)
    except ValueError as error:
        raise SettingsError(f"--db is no URL ({error}); write for example {example}") from error
    login, _, hosts = parts.netloc.rpartition("@")
    user, colon, password = login.partition(":")
    return ServerUrl(
        scheme,
        unquote(user),
        unquote(password) if colon else None,
        hosts,
        unquote(parts.path.removeprefix("/")),
        dict(options),
    )


def _check_hosts(parts: SplitResult) -> None:
    """Raise ValueError for a host or a port that is none; there may be several hosts."""
    _, _, hosts = parts.netloc.rpartition("@")
    if " " in hosts:
        raise ValueError("its host has a blank in it")
    for host in hosts.split(","):
        _, colon, port = host.rpartition("]" if host.startswith("[") else ":")
        port = port.removeprefix(":") if host.startswith("[") else port
        if colon and port and not (port.isdecimal() and port.isascii() and int(port) < 1 << 16):
            raise ValueError("its port is no number from 1 to 65535")
