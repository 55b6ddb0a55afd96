"""The URL of a database of MySQL or MariaDB: who connects where, and what may be shown."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from msgspec import Struct

from tui.database.sql.urls import ServerUrl, taken_apart
from tui.runtime.errors import SettingsError

EXAMPLE: Final = "mysql://user@host:3306/database"
SCHEMES: Final = ("mysql", "mariadb")
PORT: Final = 3306
LOOPBACK: Final = re.compile(r"localhost|127\.[0-9.]+|::1", re.IGNORECASE)
SOCKETS: Final = frozenset({"unixsocket", "socket", "socketpath"})
SECRET: Final = frozenset({"password", "passwd", "pwd"})
YES: Final = frozenset({"true", "1", "yes", "on", ""})
NO: Final = frozenset({"false", "0", "no", "off"})
MODES: Final = {
    "disabled": "disabled", "disable": "disabled",
    "preferred": "preferred", "prefer": "preferred",
    "required": "identity", "require": "identity", "verifyidentity": "identity",
    "verifyfull": "identity", "strict": "identity",
    "verifyca": "authority",
    "trust": "unchecked", "noverify": "unchecked", "skipverify": "unchecked",
    "acceptinvalidcerts": "unchecked",
}  # fmt: skip
"""What programs call the ways to use TLS, without dashes; where it is asked for, the server's
certificate is checked, unless that is what is asked not to be done."""
MODE_NAMES: Final = frozenset({"sslmode", "ssl", "tls", "usessl", "sslaccept", "requiressl"})
CHECKS: Final = frozenset({
    "sslverifycert", "sslverifyservercert", "sslverifyidentity", "sslcheckhostname",
    "verifyservercertificate",
})  # fmt: skip
FILES: Final = {
    "sslca": "authorities", "sslrootcert": "authorities", "sslcert": "certificate",
    "sslkey": "key",
}  # fmt: skip
KNOWN: Final = (
    "ssl-mode=DISABLED, PREFERRED, VERIFY_CA, VERIFY_IDENTITY or NO_VERIFY, and ssl_ca,"
    " ssl_cert, ssl_key with a file each"
)


class Tls(Struct, frozen=True):
    """How a connection is kept from others."""

    mode: str = "preferred"
    """`disabled`; `preferred`, where the server has it; `unchecked`; `authority`, if its
    certificate is of an authority that is trusted; `identity`, and is for that host."""
    authorities: str = ""
    """A file of the authorities that are trusted; '' for the system's."""
    certificate: str = ""
    """A file of our own certificate; '' for none."""
    key: str = ""
    """The file of its key; '' where it is in the same."""

    @property
    def checks(self) -> bool:
        """Whether it is made sure that it is that server."""
        return self.mode in {"authority", "identity"}


class ServerPlace(Struct, frozen=True):
    """Where a server listens."""

    host: str
    port: int
    socket: str
    """The path of a unix socket; '' for a connection over the network."""

    @property
    def is_near(self) -> bool:
        """Whether nobody else can listen on the way."""
        return bool(self.socket) or LOOPBACK.fullmatch(self.host) is not None


def parsed(url: str) -> ServerUrl:
    """Return what a URL says; what is no business of a connection's is passed over.

    Raises:
        SettingsError: it cannot be used.
    """
    scheme = url.strip().partition(":")[0].partition("+")[0].lower()
    parts = taken_apart(url, scheme if scheme in SCHEMES else SCHEMES[0], EXAMPLE)
    if any(_plain(name) in SECRET for name in parts.options):
        raise SettingsError(
            "--db: a password is no option; write USER:PASSWORD and '@' before the host"
        )
    if not parts.database:
        raise SettingsError(f"--db names no database; write for example {EXAMPLE}")
    if "," in parts.hosts:
        raise SettingsError("--db names several hosts; name the one that is the primary")
    tls_of(parts)
    return parts


def place_of(url: ServerUrl) -> ServerPlace:
    """Return where the server listens that a URL names."""
    host, colon, port = url.hosts.rpartition(":")
    if not colon or url.hosts.endswith("]"):
        host, port = url.hosts, ""
    socket = next((text for name, text in url.options.items() if _plain(name) in SOCKETS), "")
    return ServerPlace(host.strip("[]") or "localhost", int(port or PORT), socket)


def tls_of(url: ServerUrl) -> Tls:
    """Return how the URL asks for TLS.

    Raises:
        SettingsError: it asks for something that is not known here.
    """
    mode, files = "", dict[str, str]()
    for name, text in url.options.items():
        word = _plain(name)
        if word in FILES:
            files[FILES[word]] = text
        elif word in MODE_NAMES:
            mode = _mode(name, text)
        elif word in CHECKS:
            mode = mode or ("identity" if _is_yes(name, text) else "unchecked")
        elif "ssl" in word or word.startswith("tls"):
            raise SettingsError(
                f"--db: {name} is no option that hitmiss knows; there are {KNOWN}"
            )
    if not mode:
        mode = "identity" if files else "disabled" if place_of(url).is_near else "preferred"
    return Tls(mode, **files)


def passed_over(url: ServerUrl) -> tuple[str, ...]:
    """Return the names of the options that mean nothing here."""
    known = MODE_NAMES | CHECKS | FILES.keys() | SOCKETS
    return tuple(name for name in url.options if _plain(name) not in known)


def client_words(url: ServerUrl) -> tuple[str, ...]:
    """Return the words that call the server's own client, which may change nothing."""
    place, tls = place_of(url), tls_of(url)
    where = (f"--socket={place.socket}",) if place.socket else (
        f"--host={place.host}", f"--port={place.port}", "--protocol=TCP",
    )  # fmt: skip
    user = (f"--user={url.user}",) if url.user else ()
    password = ("--password",) if url.password else ()  # it asks for that
    return (
        url.scheme, *where, *user, *password, *_tls_words(url.scheme, tls),
        "--init-command=SET SESSION TRANSACTION READ ONLY", url.database, "-e",
    )  # fmt: skip


def _tls_words(client: str, tls: Tls) -> tuple[str, ...]:
    """Return how a client is told of TLS: MariaDB's has other words than MySQL's."""
    if tls.mode in {"disabled", "preferred"}:
        return ()
    files = {"ca": tls.authorities, "cert": tls.certificate, "key": tls.key}
    words = tuple(f"--ssl-{name}={path}" for name, path in files.items() if path)
    if client == "mariadb":
        return ("--ssl", *words, *(("--ssl-verify-server-cert",) if tls.checks else ()))
    modes = {"unchecked": "REQUIRED", "authority": "VERIFY_CA", "identity": "VERIFY_IDENTITY"}
    return (f"--ssl-mode={modes[tls.mode]}", *words)


def _mode(name: str, text: str) -> str:
    word = _plain(text)
    if text.lstrip().startswith("{"):  # as node's drivers have it
        return _mode_of_object(name, text)
    if word in MODES:
        return MODES[word]
    return "identity" if _is_yes(name, text) else "disabled"


def _mode_of_object(name: str, text: str) -> str:
    with suppress(ValueError):
        options = json.loads(text)
        if isinstance(options, Mapping) and set(options) <= {"rejectUnauthorized"}:
            return "identity" if options.get("rejectUnauthorized", True) else "unchecked"
    raise SettingsError(f"--db: {name} is not understood; write {KNOWN}")


def _is_yes(name: str, text: str) -> bool:
    if text.lower() in YES | NO:
        return text.lower() in YES
    raise SettingsError(f"--db: {name}={text!r} is not understood; write {KNOWN}")


def _plain(name: str) -> str:
    return re.sub("[-_]", "", name.lower())
