"""What PostgreSQL and libpq say, made into our errors, in words that say what to do.

Errors of statements are told apart by SQLSTATE. Source: PostgreSQL documentation, appendix A.
"""

import re
from collections.abc import Sequence
from typing import Final

from psycopg import pq

from tui.database.postgresql.refusals import Told, refusal
from tui.database.sql.connections import StatementTooSlow
from tui.database.sql.failures import SchemaChanged
from tui.database.sql.pool import ConnectionLost, TooManyConnections
from tui.models.columns import Column
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable
from tui.runtime.plain_text import plain
from tui.runtime.redaction import SECRETS

STANDBY: Final = (
    "the database is a hot standby, whose rows may be older than what was acknowledged: name"
    " the primary, or start with --read-only"
)
LONGEST_WORDS: Final = 300
"""Characters of what a server says that are repeated."""
ENDS: Final = frozenset({"57P01", "57P02", "57P05", "25P03", "25P04", "26000"})
"""The server ends the connection: shut down, crashed, idle for too long. Or what was prepared
is gone, as behind a pooler."""
KNOWN: Final[dict[str, tuple[type[DatabaseUnavailable], str]]] = {
    "57P03": (ConnectionLost, "the database is not there yet: {}"),
    "53300": (TooManyConnections, "the database has no connection left: {}"),
    "57014": (StatementTooSlow, "the database did not answer in time, and was told to stop"),
    "55P03": (DatabaseUnavailable, "it is locked by another program; try again"),
    "40001": (DatabaseUnavailable, "{}; try again"),
    "40P01": (DatabaseUnavailable, "{}; try again"),
}
"""What else has words of its own here."""
OTHER_TABLE: Final = frozenset({"42703", "42P01", "42P02", "42883"})
"""No such column or table, or a column of another type."""
REFUSED: Final = frozenset({
    "25006", "42501", "428C9", "42809", "42846", "42804", "44000", "55000", "P0001", "0A000",
    "42P10", "2200G",
})  # fmt: skip
"""What this user, table, column, view or trigger does not allow."""
FIELD: Final = pq.DiagnosticField
ATTEMPT: Final = re.compile(
    r"^- host: '?(.*?)'?, port: '?(.*?)'?(?:, hostaddr: '.*?')?: (.*(?:\n(?!- host:).*)*)",
    re.MULTILINE,
)
"""How psycopg lists what it tried: host, port, and what became of it."""
CONNECTING: Final = (
    (r"session is not read-write|session is read-only|hot standby",
     "it is a standby: name the primary"),
    (r"password authentication failed|no password supplied|SCRAM|authentication failed",
     "user or password is wrong; name them in the URL, in PGPASSWORD or in .pgpass"),
    (r"no pg_hba\.conf entry",
     "the server's pg_hba.conf lets this user not in from here, or not without TLS"
     " (?sslmode=require)"),
    (r"role .* does not exist", "name another user in the URL"),
    (r"database .* does not exist", "name another database in the URL"),
    (r"too many (clients|connections)|remaining connection slots|too many client",
     "the server has no connection left; close some, or raise max_connections"),
    (r"starting up|shutting down|recovery mode|not yet accepting", "try again in a moment"),
    (r"forbidden value|Servname|invalid (integer|port|\S+ value|connection option)",
     "correct it in the URL"),
    (r"resolve host|translate host name|'idna'", "is the host's name right?"),
    (r"definition of service|service file",
     "is the service's name right? see PGSERVICEFILE and ~/.pg_service.conf"),
    (r"Connection refused|No such file or directory|Is the server running",
     "is the server running there? give its host and port in the URL"),
    (r"timeout|timed out|Network is unreachable|No route to host",
     "is the host right, and does a firewall let the port through?"),
    (r"server does not support SSL",
     "it has no TLS: leave sslmode out, or say sslmode=disable"),
    (r"certificate verify failed|root certificate|self.signed|unable to get local issuer",
     "its certificate is not trusted here: give the authority's file as sslrootcert=FILE, or"
     " sslmode=no-verify to trust any"),
    (r"server certificate for|does not match host",
     "its certificate is for another name; use that name, or sslmode=verify-ca"),
    (r"certificate|private key", "see sslcert, sslkey and sslrootcert in the URL"),
    (r"CONNECT privilege|permission denied for database",
     "this user may not connect to that database; name another, or GRANT CONNECT"),
)  # fmt: skip
"""What to do, by what is said where a connection cannot be made: there is no SQLSTATE then."""


def of_result(
    result: pq.abc.PGresult, given: Sequence[Column | None] | None = None
) -> DatabaseUnavailable | ChangeRefused:
    """Return our error for what came back in place of rows.

    Of a change, `given` are the columns that its parameters go into.
    """
    state = (result.error_field(FIELD.SQLSTATE) or b"").decode("ascii", "replace")
    words = _words(_field(result, FIELD.MESSAGE_PRIMARY))
    if state in OTHER_TABLE or (state == "0A000" and "cached plan" in words):
        return SchemaChanged(f"the table is no longer as it was: {words}")
    if state in ENDS or state[:2] == "08":
        return ConnectionLost(f"the database ended the connection: {words}")
    if "during recovery" in words:
        return DatabaseUnavailable(STANDBY)
    if state in KNOWN:
        kind, sentence = KNOWN[state]
        outcome = "" if given is None else "; nothing was changed"
        return kind(f"{sentence.format(words)}{outcome}")
    if state[:2] in {"22", "23"} or state in REFUSED:
        fields = (FIELD.COLUMN_NAME, FIELD.MESSAGE_DETAIL, FIELD.CONTEXT)
        told = Told(*(_words(_field(result, field), "") for field in fields))
        return ChangeRefused(refusal(state, words, told, given or ()))
    return DatabaseUnavailable(f"the database failed: {words} ({plain(state)})")


def of_connecting(error: BaseException, place: str) -> DatabaseUnavailable:
    """Return our error where no connection to `place` could be made."""
    whole = str(error)
    attempts = ATTEMPT.findall(whole)  # of several hosts, or of a name with several addresses
    reasons = list(dict.fromkeys(_reason(said) for *_, said in attempts)) or [_reason(whole)]
    if len(reasons) > 1:
        reasons = [f"{host}:{port}: {_reason(said)}" for host, port, said in attempts]
    advice = next(
        (what for sign, what in CONNECTING if re.search(sign, whole, re.IGNORECASE)),
        "see the server's log",
    )
    kind = DatabaseUnavailable
    if re.search(r"too many|remaining connection slots", whole):
        kind = TooManyConnections
    return kind(f"{place} cannot be reached: {'; '.join(reasons)}: {advice}")


def _reason(said: str) -> str:
    """Return why one attempt failed, without what stands around that in each of them."""
    words = _words(said)
    words = re.sub(r"^connection failed: ", "", words)
    words = re.sub(r"^connection to server (at|on) .*? failed: ", "", words)
    return re.sub(r" Is the server running .*?\?$", "", words)


def words_of(error: BaseException) -> str:
    """Return what libpq said, in one line, without a secret and without what terminals obey."""
    return _words(str(error))


def _words(text: str, default: str = "no reason given") -> str:
    said = " ".join(SECRETS.redacted(text).replace("FATAL:", " ").split())
    return plain(said, LONGEST_WORDS) or default


def _field(result: pq.abc.PGresult, field: pq.DiagnosticField) -> str:
    return (result.error_field(field) or b"").decode("utf-8", "replace")
