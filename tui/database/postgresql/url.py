"""The URL of a PostgreSQL database: what libpq is told, and what may be shown."""

import os
import ssl
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from tui.database.sql.urls import ServerUrl, taken_apart
from tui.runtime.errors import SettingsError
from tui.runtime.plain_text import plain
from tui.runtime.redaction import SECRETS

EXAMPLE: Final = "postgresql://user@host:5432/database"
SCHEME: Final = "postgresql"
PASSED: Final = frozenset({
    "application_name", "channel_binding", "connect_timeout", "gssdelegation", "gssencmode",
    "gsslib", "host", "hostaddr", "keepalives", "keepalives_count", "keepalives_idle",
    "keepalives_interval", "krbsrvname", "load_balance_hosts", "options", "passfile",
    "password", "port", "require_auth", "requirepeer", "service", "ssl_max_protocol_version",
    "ssl_min_protocol_version", "sslcert", "sslcertmode", "sslcompression", "sslcrl",
    "sslcrldir", "sslkey", "sslmode", "sslnegotiation", "sslpassword", "sslrootcert", "sslsni",
    "target_session_attrs", "tcp_user_timeout", "user", "dbname",
})  # fmt: skip
"""The options that libpq knows. Source: PostgreSQL documentation, section 32.1.2."""
SECRET: Final = ("password", "sslpassword")
UNSHOWN: Final = (*SECRET, "passfile", "options")
"""The options of a URL that nobody is to see."""
MODES: Final = (
    "disable", "allow", "prefer", "require", "verify-ca", "verify-full", "no-verify",
)  # fmt: skip
"""What `sslmode` may be; the last is node-postgres' word for TLS without a check."""
SSL: Final = {
    "true": "require", "1": "require", "on": "require", "false": "disable", "0": "disable",
    "off": "disable",
}  # fmt: skip
"""What `ssl` may be beside that, as JDBC, node-postgres and asyncpg have it."""
OURS: Final = frozenset({"schema", "ssl"})
"""The options of other programs that hitmiss understands."""
OWN: Final = Path("~/.postgresql/root.crt")
"""Where libpq looks for the authorities that a user trusts."""
PASSFILE: Final = "~/.pgpass"
NO_FILE: Final = f"{os.devnull}/none"
"""A file that is not there: libpq checks a certificate by any that is."""
AUTHORITIES: Final = (
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem", "/opt/homebrew/etc/openssl@3/cert.pem",
)  # fmt: skip
"""Where systems keep the authorities that they trust."""


def parsed(url: str) -> ServerUrl:
    """Return what a URL says, with the options alone that libpq knows.

    Raises:
        SettingsError: it cannot be used.
    """
    whole = taken_apart(url, SCHEME, EXAMPLE)
    options = {name: value for name, value in whole.options.items() if name in PASSED}
    ssl_option = whole.options.get("ssl")
    if ssl_option is not None:
        options.setdefault("sslmode", SSL.get(ssl_option.lower(), ssl_option))
    for name in SECRET:
        if options.get(name):
            SECRETS.learn(options[name])
    mode = options.get("sslmode")
    if mode is not None and mode not in MODES:
        raise SettingsError(
            f"--db: sslmode={plain(mode, 40)!r} is none; use one of {', '.join(MODES)}"
        )
    schema = whole.options.get("schema")
    if schema and "options" not in options:  # as Prisma says in which schema the tables are
        options["options"] = f"-csearch_path={_escaped(schema)}"
    return ServerUrl(SCHEME, whole.user, whole.password, whole.hosts, whole.database, options)


def shown(url: ServerUrl) -> str:
    """Return what of it may be shown."""
    return url.place(UNSHOWN)


def for_psql(url: ServerUrl) -> ServerUrl:
    """Return the URL as psql takes it, which has no word for TLS without a check."""
    if url.options.get("sslmode") != "no-verify":
        return url
    return replace(url, options={**url.options, "sslmode": "require"})


def passed_over(url: str) -> tuple[str, ...]:
    """Return the names of the options that mean nothing to libpq."""
    options = taken_apart(url, SCHEME, EXAMPLE).options
    return tuple(name for name in options if name not in PASSED and name not in OURS)


def conninfo(url: ServerUrl, *, read_only: bool) -> str:
    """Return what libpq is told.

    Where TLS is asked for, certificates are checked: libpq's own `require` does not.
    """
    options = dict(url.options)
    mode = options.get("sslmode") or os.environ.get("PGSSLMODE")
    if mode == "no-verify":
        options |= {"sslmode": "require", "sslrootcert": NO_FILE}
    elif mode in {"require", "verify-full", "verify-ca"}:
        options["sslmode"] = "verify-full" if mode == "require" else mode
        if "PGSSLROOTCERT" not in os.environ and not OWN.expanduser().exists():
            options.setdefault("sslrootcert", _authorities())
    if passfile_that_others_may_read(url):  # of which libpq writes all over the screen
        options["passfile"] = NO_FILE
    if not read_only and "," in url.hosts:
        options.setdefault("target_session_attrs", "primary")
    return ServerUrl(SCHEME, url.user, url.password, url.hosts, url.database, options).whole()


def passfile_that_others_may_read(url: ServerUrl) -> str | None:
    """Return the file of passwords, if libpq does not use it for that reason."""
    named = url.options.get("passfile") or os.environ.get("PGPASSFILE") or PASSFILE
    path = Path(named).expanduser()
    try:
        mode = path.stat().st_mode
    except OSError:
        return None
    return str(path) if os.name == "posix" and mode & 0o077 and path.is_file() else None


def learn_passwords() -> None:
    """Keep out of all texts what libpq may take for a password from the environment."""
    SECRETS.learn(os.environ.get("PGPASSWORD", ""))


def _authorities() -> str:
    """Return the file of the authorities that are trusted here."""
    own = ssl.get_default_verify_paths().cafile
    found = next((path for path in (own, *AUTHORITIES) if path and Path(path).exists()), None)
    return found or "system"


def _escaped(schema: str) -> str:
    """Return a value as libpq's `options` takes it: blanks and backslashes are escaped."""
    quoted = '"' + schema.replace('"', '""') + '"'
    return quoted.replace("\\", "\\\\").replace(" ", "\\ ")
