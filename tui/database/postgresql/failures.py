"""What PostgreSQL and libpq say, made into our errors, in words that say what to do.

Errors of statements are told apart by SQLSTATE. Source: PostgreSQL documentation, appendix A.
"""

import re
from typing import Final

import psycopg
from psycopg import pq

from tui.database.sql.connections import TooSlow
from tui.database.sql.failures import SchemaChanged
from tui.database.sql.pool import ConnectionLost, TooManyConnections
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable
from tui.runtime.plain_text import plain
from tui.runtime.redaction import SECRETS

LONGEST_WORDS: Final = 300
"""Characters of what a server says that are repeated."""
ENDS: Final = frozenset({"57P01", "57P02", "57P05", "25P03", "25P04"})
"""The server ends the connection: shut down, crashed, idle for too long."""
REFUSED: Final = frozenset({
    "25006", "42501", "428C9", "42809", "42846", "42804", "44000", "55000", "P0001", "0A000",
    "42P10", "2200G",
})  # fmt: skip
"""What this user, table, column, view or trigger does not allow."""
FIELD: Final = pq.DiagnosticField
KEY: Final = re.compile(r"\(([^)=]+)\)=")
"""How the detail of a unique or foreign key names its columns."""
CONNECTING: Final = (
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
    (r"resolve host|translate host name", "is the host's name right?"),
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
    (r"session is not read-write|read-only", "it is a standby: name the primary"),
)  # fmt: skip
"""What to do, by what is said where a connection cannot be made: there is no SQLSTATE then."""


def of_result(result: pq.abc.PGresult) -> DatabaseUnavailable | ChangeRefused:
    """Return our error for what came back in place of rows."""
    state = (result.error_field(FIELD.SQLSTATE) or b"").decode("ascii", "replace")
    words = _words(_field(result, FIELD.MESSAGE_PRIMARY))
    if state in {"42703", "42P01", "42P02"} or (state == "0A000" and "cached plan" in words):
        return SchemaChanged(f"the table is no longer as it was: {words}")
    if state in ENDS or state[:2] == "08" or state == "26000":
        return ConnectionLost(f"the database ended the connection: {words}")
    if state == "57P03":
        return ConnectionLost(f"the database is not there yet: {words}")
    if state == "53300":
        return TooManyConnections(f"the database has no connection left: {words}")
    if state == "57014":
        return TooSlow("the database did not answer in time, and was told to stop")
    if state == "55P03":
        return DatabaseUnavailable(
            "the record is locked by another program; nothing was changed, try again"
        )
    if state[:2] == "40":
        return DatabaseUnavailable(f"{words}; nothing was changed, try again")
    if state[:2] in {"22", "23"} or state in REFUSED:
        return ChangeRefused(_refusal(result, state, words))
    return DatabaseUnavailable(f"the database failed: {words} ({plain(state)})")


def of_connecting(error: psycopg.Error, place: str) -> DatabaseUnavailable:
    """Return our error where no connection to `place` could be made."""
    words = words_of(error)
    said = re.sub(r"^connection failed: ", "", words)
    said = re.sub(r"^connection to server (at|on) .*? failed: ", "", said)
    said = re.sub(r" Is the server running .*\?$", "", said)
    advice = next(
        (what for sign, what in CONNECTING if re.search(sign, words, re.IGNORECASE)),
        "see the server's log",
    )
    kind = DatabaseUnavailable
    if re.search(r"too many|remaining connection slots", words):
        kind = TooManyConnections
    return kind(f"{place} cannot be reached: {said}: {advice}")


def words_of(error: BaseException) -> str:
    """Return what libpq said, in one line, without a secret and without what terminals obey."""
    return _words(str(error))


def _words(text: str) -> str:
    said = " ".join(SECRETS.redacted(text).replace("FATAL:", " ").split())
    return plain(said, LONGEST_WORDS) or "no reason given"


def _field(result: pq.abc.PGresult, field: pq.DiagnosticField) -> str:
    return (result.error_field(field) or b"").decode("utf-8", "replace")


def _refusal(result: pq.abc.PGresult, state: str, words: str) -> str:
    """Return why a change is not made, with the column where that is known."""
    if state == "42501":
        return f"the database does not allow it: {words}"
    if state == "25006":
        return f"the database takes no changes here: {words}"
    detail = _field(result, FIELD.MESSAGE_DETAIL)
    column = _field(result, FIELD.COLUMN_NAME)
    named = KEY.search(detail)
    if not column and named is not None:
        column = named[1]
    where = f"column {plain(column, 60)!r}: " if column else ""
    more = f" ({_words(detail)})" if detail and state[:2] == "23" else ""
    return f"the table does not allow it: {where}{words}{more}"
