"""The URL of a MongoDB: what connects, and what of it may be shown."""

import re
from collections.abc import Sequence
from typing import Final, NoReturn
from urllib.parse import parse_qsl, quote, unquote

from msgspec import Struct

from tui.runtime.errors import SettingsError
from tui.runtime.redaction import SECRETS

EXAMPLE: Final = "mongodb://HOST/DATABASE, with USER:PASSWORD@ before the host for a login"
"""In such words that no mask for logins takes it for one."""
SCHEMES: Final = ("mongodb", "mongodb+srv")
PARTS: Final = re.compile(
    r"(?P<scheme>[a-z+]+)://(?:(?P<login>[^/?]*)@)?(?P<hosts>[^/?@]*)"
    r"(?:/(?P<database>[^?]*))?(?:\?(?P<query>.*))?",
    re.IGNORECASE | re.DOTALL,
)
SECRET: Final = frozenset({"tlscertificatekeyfilepassword", "authmechanismproperties"})
"""Options that hold a password or a token, in lower case."""
OVERRULED: Final = frozenset({"timeoutms"})
"""Options that are not passed on: hitmiss bounds each statement itself."""
UNKNOWN: Final = frozenset({"uuidrepresentation", "timeoutms"})
"""Options at which mongosh would stumble."""
WITHOUT_PASSWORD: Final = frozenset({
    "MONGODB-X509", "MONGODB-AWS", "MONGODB-OIDC", "GSSAPI",
})  # fmt: skip
"""The mechanisms by which a user logs in without a password in the URL."""
FORBIDDEN: Final = frozenset('/\\. "$*<>:|?\0')
"""What no database's name holds. Source: MongoDB manual, 'Naming Restrictions'."""
LONGEST_NAME: Final = 63
"""Bytes of a database's name."""
TOKEN: Final = re.compile(r"AWS_SESSION_TOKEN:([^,]*)", re.IGNORECASE)
MOST_PORTS: Final = 1 << 16


class MongodbUrl(Struct, frozen=True):
    """A URL of a database on one server or on several."""

    scheme: str
    hosts: str
    """One or several with their ports, as they were written."""
    database: str
    user: str = ""
    password: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    """What stands behind the `?`; some names may stand there several times."""

    def __repr__(self) -> str:
        """Return it as it may be shown."""
        return f"MongodbUrl({self.place()!r})"

    def option(self, name: str) -> str | None:
        """Return the value of an option, whatever the case of its name; None where it lacks."""
        found = [value for one, value in self.options if one.lower() == name.lower()]
        return found[-1] if found else None

    def place(self) -> str:
        """Return what may be shown: without password, and without secret options."""
        shown = [pair for pair in self.options if pair[0].lower() not in SECRET]
        return self._written(None, shown)

    def for_shell(self) -> str:
        """Return what mongosh is told: without password, and what only other drivers know."""
        known = [pair for pair in self.options if pair[0].lower() not in SECRET | UNKNOWN]
        return self._written(None, known)

    def whole(self) -> str:
        """Return all of it, with its password."""
        return self._written(self.password, self.options)

    def for_driver(self) -> str:
        """Return what the driver is told."""
        passed = [pair for pair in self.options if pair[0].lower() not in OVERRULED]
        return self._written(self.password, passed)

    @property
    def query(self) -> str:
        """The options that the driver is told, as they stand in a URL; '' for none."""
        return self.for_driver().partition("?")[2]

    def _written(self, password: str | None, options: Sequence[tuple[str, str]]) -> str:
        user = quote(self.user, safe="")
        if password is not None:
            user = f"{user}:{quote(password, safe='')}"
        login = f"{user}@" if user else ""
        query = "&".join(f"{quote(n, safe='')}={quote(v, safe='/,:')}" for n, v in options)
        more = f"?{query}" if query else ""
        return f"{self.scheme}://{login}{self.hosts}/{quote(self.database, safe='')}{more}"


def taken_apart(url: str) -> MongodbUrl:
    """Return what a URL says; its secrets are kept out of all texts from now on.

    Raises:
        SettingsError: it cannot be used; the message has nothing of a password.
    """
    match = PARTS.fullmatch(url.strip())
    behind_hosts = "" if match is None else f"{match['database']}?{match['query']}"
    cut = match is not None and match["login"] is None and "@" in behind_hosts
    if match is None or cut or match["scheme"].lower() not in SCHEMES:
        _refuse(
            "is no URL of MongoDB; in a user or a password write @ as %40, : as %3A, / as %2F"
        )
    user, colon, password = (match["login"] or "").partition(":")
    pairs = parse_qsl((match["query"] or "").replace(";", "&"), keep_blank_values=True)
    found = MongodbUrl(
        match["scheme"].lower(),
        match["hosts"],
        unquote(match["database"] or ""),
        unquote(user),
        unquote(password) if colon else None,
        tuple(pairs),
    )
    _learn(found)
    _check_hosts(found)
    _check_database(found.database)
    mechanism = (found.option("authMechanism") or "").upper()
    if found.user and not found.password and mechanism not in WITHOUT_PASSWORD:
        _refuse(
            f"names the user {found.user!r} and no password, and MongoDB knows no other place"
            " for it"
        )
    return found


def _learn(url: MongodbUrl) -> None:
    if url.password:
        SECRETS.learn(url.password, quote(url.password, safe=""))
    for name, value in url.options:
        if name.lower() == "tlscertificatekeyfilepassword":
            SECRETS.learn(value)
        elif name.lower() == "authmechanismproperties" and (token := TOKEN.search(value)):
            SECRETS.learn(token[1])


def _check_hosts(url: MongodbUrl) -> None:
    hosts = url.hosts.split(",")
    if not all(hosts):
        _refuse("names no host")
    if url.scheme == "mongodb+srv":
        if len(hosts) > 1 or ":" in url.hosts:
            _refuse("takes one host and no port behind mongodb+srv://: both come by DNS")
        return
    for host in hosts:
        name, colon, port = host.rpartition(":")
        if host.startswith("[") and not name.endswith("]"):
            name, colon = host, ""
        if not colon:
            continue
        if not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < MOST_PORTS):
            _refuse("has a port that is no number from 1 to 65535")


def _check_database(name: str) -> None:
    if not name:
        _refuse("names no database")
    if not FORBIDDEN.isdisjoint(name) or len(name.encode()) > LONGEST_NAME:
        _refuse("names a database as none can be called; the collection goes to --table")


def _refuse(why: str) -> NoReturn:
    raise SettingsError(f"--db {why}; write for example {EXAMPLE}")
