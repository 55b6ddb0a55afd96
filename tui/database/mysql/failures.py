"""What MySQL, MariaDB and asyncmy say, made into our errors, in words that say what to do.

Errors are told apart by their numbers. Sources: MySQL 8.4 Error Reference, MariaDB Error Code
Reference; those from 2000 on are the client's own.
"""

import re
import ssl
import struct
from collections.abc import Container, Mapping
from typing import Final, TypeAlias

from asyncmy import errors

from tui.database.mysql.saying import CONNECTING, NOT_ALLOWED, TLS
from tui.database.sql.connections import StatementTooSlow
from tui.database.sql.failures import SchemaChanged
from tui.database.sql.pool import ConnectionLost, TooManyConnections
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable
from tui.runtime.plain_text import plain
from tui.runtime.redaction import SECRETS

NOT_UNDERSTOOD: Final = (
    AssertionError, IndexError, KeyError, OverflowError, RuntimeError, struct.error, ValueError,
)  # fmt: skip
"""What asyncmy raises where the other side does not keep to the protocol."""
RAISED: Final = (errors.MySQLError, OSError, *NOT_UNDERSTOOD)
"""All that asyncmy raises."""
LONGEST_WORDS: Final = 300
"""Characters of what a server says that are repeated."""
CLIENT_ERRORS: Final = range(2000, 3000)
ENDS: Final = frozenset({0, 1053, 1079, 1080, 1152, *range(1156, 1162), 1184, 1927, 3169, 4031})
"""The server ends the connection: shut down, killed, idle for too long."""
CHANGED: Final = frozenset({1054, 1109, 1146, 1412, 1615})
"""A column or a table is not there, or is another by now."""
SLOW: Final = frozenset({1028, 1317, 1907, 1969, 3024})
"""The statement was ended: by its time limit, or by somebody."""
LOCKED: Final = frozenset({1099, 1205, 3572})
CONFLICTS: Final = frozenset({1020, 1213, 1637})
"""Two changes at once, of which this one was given up."""
FULL: Final = frozenset({1021, 1026, 1114})
CROWDED: Final = frozenset({1040, 1135, 1203, 1226})
READ_ONLY: Final = frozenset({1290, 1792, 1836, 1874})
DENIED: Final = frozenset({1044, 1045, 1142, 1143, 1227, 1370, 1410, 1419})
VALUES: Final = frozenset({
    1048, 1062, 1114, 1118, 1153, 1169, 1216, 1217, 1263, 1264, 1265, 1292, 1364, 1366, 1367,
    1406, 1411, 1416, 1441, 1451, 1452, 1525, 1557, 1586, 1690, 1761, 1762, 3037, 3140, 3156,
    3616, 3617, 3643, 3819, 4025,
}) - FULL  # fmt: skip
"""What a column, a key or a constraint does not take."""
REFUSED: Final = frozenset({
    1036, 1100, 1288, 1348, 1369, 1393, 1394, 1395, 1423, 1442, 1471, 1644, 1665, 1782, 1785,
    1906, 3105, 3730, 4127, 4128,
})  # fmt: skip
"""What this table, view or trigger does not allow."""
KEY: Final = re.compile(r"for key '(.*)'\s*\Z", re.DOTALL)
COLUMN: Final = re.compile(
    r"(?:column|Field) ['`](?:`?[^'`]*`?\.)*`?([^'`]+)['`]", re.IGNORECASE
)
CHECK: Final = re.compile(r"(?:CONSTRAINT|Check constraint) [`'](?:[^`']*\.)?([^`']+)[`']")
PARENT: Final = re.compile(r"Cannot delete or update a parent row")
FOREIGN: Final = re.compile(r"FOREIGN KEY \(`([^`]+)`\)")


class TableTaken(ChangeRefused):
    """There is a table of that name."""


Said: TypeAlias = tuple[Container[int], type[DatabaseUnavailable | ChangeRefused], str]
SAID: Final[tuple[Said, ...]] = (
    ({1050}, TableTaken, "{words}"),
    (CHANGED, SchemaChanged, "the table is no longer as it was: {words}"),
    (SLOW, StatementTooSlow,
     "the database did not answer in time, and the statement was ended"),
    (LOCKED, DatabaseUnavailable,
     "the record, or its table, is locked by another program; nothing was changed, try again"),
    (CONFLICTS, DatabaseUnavailable, "{words}; nothing was changed, try again"),
    (CROWDED, TooManyConnections, "the database gives no connection: {words}"),
    (FULL, DatabaseUnavailable, "the database has no space left: {words}"),
    (READ_ONLY, ChangeRefused, "the database takes no changes here: {words}"),
)  # fmt: skip
"""What is said of these errors."""


def breaks(error: BaseException) -> bool:
    """Tell whether a connection is of no use any more after that error."""
    if not isinstance(error, errors.MySQLError):
        return True
    number = number_of(error)
    return number in ENDS or number in CLIENT_ERRORS


def number_of(error: BaseException) -> int:
    """Return the error's number; 0 for one that has none."""
    number = error.args[0] if error.args else 0
    return number if isinstance(number, int) else 0


def of_statement(
    error: BaseException, keys: Mapping[str, str] | None = None
) -> DatabaseUnavailable | ChangeRefused:
    """Return our error for what came back in place of rows.

    `keys` are the columns of the table's unique keys, by the keys' names.
    """
    if isinstance(error, UnicodeDecodeError):
        return DatabaseUnavailable(
            "the database sent a text that is no UTF-8; convert that column: ALTER TABLE ..."
            " CONVERT TO CHARACTER SET utf8mb4"
        )
    if not isinstance(error, errors.MySQLError):
        return ConnectionLost(f"the connection to the database broke: {words_of(error)}")
    number, words = number_of(error), words_of(error)
    if breaks(error):
        return ConnectionLost(f"the connection to the database ended: {words}")
    for numbers, kind, said in SAID:
        if number in numbers:
            return kind(said.replace("{words}", words))
    return _refusal(number, words, keys or {})


def of_connecting(error: BaseException, place: str, *, tls: bool) -> DatabaseUnavailable:
    """Return our error where no connection to `place` could be made, under `tls` or without."""
    number, words = number_of(error), words_of(error)
    cause = error.__cause__ or error
    advice = CONNECTING.get(number)
    if number == 1045 and not tls:  # so MariaDB says it, too
        advice = f"{advice}; or it wants TLS: ?ssl-mode=VERIFY_IDENTITY"
    if isinstance(cause, ssl.SSLError) or number == 3159:
        advice = _of_tls(cause, words)
        words = words if number == 3159 else _of_handshake(cause)
    elif number == 2003:
        advice = _of_network(cause)
        words = _reason(cause)
    elif not isinstance(error, errors.MySQLError):
        words, advice = _of_protocol(error, words)
    kind = TooManyConnections if number in CROWDED else DatabaseUnavailable
    return kind(
        f"{place} cannot be reached: {words}: {advice or 'see the error log of the server'}"
    )


def has_no_tls(error: BaseException) -> bool:
    """Tell whether a server answered to TLS with something else."""
    cause = error.__cause__
    return isinstance(cause, ssl.SSLError) and cause.reason == "WRONG_VERSION_NUMBER"


def words_of(error: BaseException) -> str:
    """Return what was said, in one line, without a secret and without what terminals obey."""
    text = str(error.args[1] if len(error.args) > 1 else error) or type(error).__name__
    return plain(" ".join(SECRETS.redacted(text).split()), LONGEST_WORDS)


def _refusal(
    number: int, words: str, keys: Mapping[str, str]
) -> DatabaseUnavailable | ChangeRefused:
    """Return our error for what a user, a table or a column does not allow."""
    if number in DENIED and not words.startswith(("SELECT", "SHOW", "Access denied for user")):
        return ChangeRefused(f"the database does not allow it: {words}")
    if number in DENIED:
        return DatabaseUnavailable(f"the database does not allow it: {words}; GRANT that right")
    if number in VALUES or number in REFUSED:
        column = _column(words, keys)
        where = f"column {plain(column, 60)!r}: " if column else ""
        return ChangeRefused(f"the table does not allow it: {where}{words}")
    advice = NOT_ALLOWED.get(number, "")
    return DatabaseUnavailable(f"the database failed: {words} ({number}){advice}")


def _column(words: str, keys: Mapping[str, str]) -> str:
    """Return the column that an error is about; '' where it names none."""
    key = KEY.search(words)
    if key is not None:
        name = key[1].rpartition(".")[2]
        return keys.get(name, name)
    if PARENT.match(words):  # the column that it names is another table's
        return ""
    named = FOREIGN.search(words) or COLUMN.search(words)
    if named is not None:
        return named[1]
    check = CHECK.search(words)
    return keys.get(check[1], "") if check is not None else ""


def _of_tls(cause: BaseException, words: str) -> str:
    said = f"{cause} {words}"
    return next(
        (what for sign, what in TLS if re.search(sign, said, re.IGNORECASE)), TLS[-1][1]
    )


def _of_handshake(cause: BaseException) -> str:
    """Return what TLS says, without where in Python's sources it says it."""
    said = getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or "TLS failed"
    return plain(str(said).replace("_", " ").lower().rstrip("."), LONGEST_WORDS)


def _of_network(cause: BaseException) -> str:
    if isinstance(cause, TimeoutError):
        return "is the host right, and does a firewall let the port through?"
    if isinstance(cause, ConnectionRefusedError | FileNotFoundError):
        return "is the server running there? give its host and port in the URL"
    if isinstance(cause, PermissionError):
        return "this user may not use that socket"
    return "is the host's name right?"


def _reason(cause: BaseException) -> str:
    if isinstance(cause, TimeoutError):
        return "it did not answer in time"
    if isinstance(cause, ConnectionRefusedError):
        return "connection refused"
    strerror = getattr(cause, "strerror", None)
    return plain(SECRETS.redacted(str(strerror or cause)), LONGEST_WORDS)


def _of_protocol(error: BaseException, words: str) -> tuple[str, str]:
    """Return what is said where the driver itself gave up."""
    if "package is required" in words:
        return (
            words,
            "install it: pip install 'hitmiss[mysql]' brings cryptography; pynacl is extra",
        )
    if isinstance(error, TimeoutError):
        return "it did not answer in time", _of_network(error)
    return f"what answers is no MySQL ({words})", "is it the right port?"
