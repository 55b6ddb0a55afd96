"""What MongoDB and its driver say, made into our errors, in words that say what to do.

Errors of commands are told apart by their code. Source: MongoDB's `error_codes.yml`.
"""

import errno
import os
import re
from collections.abc import Mapping
from typing import Any, Final

from bson.errors import BSONError
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    ConnectionFailure,
    DocumentTooLarge,
    InvalidOperation,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
)

from tui.database.mongodb.url import MongodbUrl
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable
from tui.runtime.plain_text import plain
from tui.runtime.redaction import SECRETS

ERRORS: Final = (PyMongoError, BSONError, OverflowError, RecursionError)
"""What the driver raises; the last two where it makes BSON of a value, or a value of BSON."""
LONGEST_WORDS: Final = 300
"""Characters of what a server says that are repeated."""
PERHAPS: Final = "perhaps written"
WRONG_LOGIN, UNAUTHORIZED, TOO_LATE = 18, 13, 50
DUPLICATE, INVALID, EXISTS = 11000, 121, 48
NO_LINEARIZABLE: Final = frozenset({
    72, 115, 123, 9, 148,
})  # fmt: skip
"""A server that has no such read concern: InvalidOptions, CommandNotSupported, NotAReplicaSet,
FailedToParse, ReadConcernMajorityNotEnabled."""
REFUSED: Final = frozenset({
    2, 9, 14, 20, 40, 52, 56, 57, 61, 66, 72, 115, 121, 166, 197, 284, 11000, 11001, 10334,
    17280, 17419, 31034, 31320, 15998, 16410, 50853, 5786800,
})  # fmt: skip
"""Changes that the collection, its validator or its indexes do not allow."""
CONNECTING: Final = (
    (r"Authentication failed|auth failed",
     "user or password is wrong, or the user is of another database: see authSource=admin in"
     " the URL"),
    (r"Connection refused|No such file or directory",
     "is the server running there? give its host and port in the URL"),
    (r"getaddrinfo|Name or service not known|nodename nor servname|name resolution|DNS",
     "is the host's name right?"),
    (r"CERTIFICATE_VERIFY_FAILED|certificate verify failed",
     "its certificate is not trusted here: give the authority's file as tlsCAFile=FILE"),
    (r"hostname .* doesn't match|not valid for", "its certificate is for another name"),
    (r"SSL handshake failed|WRONG_VERSION_NUMBER|record layer failure|EOF occurred",
     "has it TLS? then say tls=true in the URL, else leave it out"),
    (r"No replica set members match selector|No primary|NoPrimary",
     "it has no primary at the moment; try again when one is elected"),
    (r"timed out|Network is unreachable|No route to host",
     "is the host right, and does a firewall let the port through?"),
    (r"connection closed|reset by peer|Broken pipe", "does it want TLS? then say tls=true"),
)  # fmt: skip
"""What to do, by what is said where no server can be reached."""


ASYNCIO: Final = re.compile(rf"(\[Errno {errno.ECONNREFUSED}\]) Connect call failed \(.*?\)")
"""How Python's loop says that nobody listens, which others say in plain words."""


class ServerLost(DatabaseUnavailable):
    """The connection ended before an answer came."""


class OperationTooSlow(DatabaseUnavailable):
    """There was no answer in time."""


class OperationStopped(OperationTooSlow):
    """The server itself stopped it, at the time that it was given."""


class TooMuch(DatabaseUnavailable):
    """What was asked for at once is more than is taken into memory."""


def is_lost(error: PyMongoError) -> bool:
    """Tell whether a read is to be sent again: to another connection, or another primary."""
    return isinstance(error, AutoReconnect) and not isinstance(
        error, ServerSelectionTimeoutError | NetworkTimeout
    )


def was_sent(error: BaseException) -> bool:
    """Tell whether what was to be written may have reached the server."""
    if isinstance(error, WriteConcernError):
        return True
    if isinstance(error, ServerSelectionTimeoutError | WaitQueueTimeoutError):
        return False
    return isinstance(error, ConnectionFailure)


def wrong_url(error: Exception) -> str:
    """Return what is wrong with a URL that the driver does not take."""
    return f"--db: {words_of(error)}"


def translate(error: BaseException, url: MongodbUrl) -> DatabaseUnavailable:
    """Return our error for one of reading."""
    match error:
        case OperationFailure():
            return _of_command(error, url)
        case WaitQueueTimeoutError():
            return DatabaseUnavailable("all connections to the database are in use; try again")
        case NetworkTimeout():
            return OperationTooSlow("the database did not answer in time")
        case ServerSelectionTimeoutError():
            return unreachable(error, url)
        case ConnectionFailure() | InvalidOperation():
            return ServerLost(f"the database ended the connection: {words_of(error)}")
        case ConfigurationError():
            return unreachable(error, url)
        case BSONError() | RecursionError():
            return DatabaseUnavailable(f"a document cannot be read: {words_of(error)}")
        case OverflowError():
            return DatabaseUnavailable("a number has more than 64 bits, which BSON cannot hold")
    return DatabaseUnavailable(f"the database failed: {words_of(error)}")


def unreachable(error: BaseException | None, url: MongodbUrl) -> DatabaseUnavailable:
    """Return our error where no server takes what is sent, with what the driver said of it."""
    said = "" if error is None else _of_selection(words_of(error, None))
    advice = next(
        (what for sign, what in CONNECTING if re.search(sign, said, re.IGNORECASE)),
        "see the server's log",
    )
    hosts = plain(url.hosts, 80)
    said = said.removeprefix(f"{url.hosts}: ")
    said = f": {plain(said, LONGEST_WORDS)}" if said else ""
    return DatabaseUnavailable(f"{hosts} cannot be reached{said}: {advice}")


def refusal(error: OperationFailure) -> ChangeRefused | None:
    """Return why a change is not made, with the fields where they are named; None: no reason.

    What stands in an index is not repeated, since it may be anything.
    """
    code, details = error.code, error.details or {}
    if code in {DUPLICATE, 11001}:
        return ChangeRefused(f"the table does not allow it: {_duplicate(error, details)}")
    if code == INVALID:
        return ChangeRefused(f"the table does not allow it: {_invalid(details)}")
    if code == UNAUTHORIZED:
        return ChangeRefused(
            f"the user may not write there: it needs the role readWrite ({words_of(error)})"
        )
    if code in REFUSED:
        return ChangeRefused(f"the table does not allow it: {words_of(error)}")
    return None


def too_long(error: BaseException) -> ChangeRefused | None:
    """Return the refusal of a change that no message can hold; None for all else."""
    if isinstance(error, DocumentTooLarge):
        return ChangeRefused("the document is too long to be compared and changed at once")
    if isinstance(error, OverflowError):
        return ChangeRefused("a number has more than 64 bits, which BSON cannot hold")
    return None


def too_slow(seconds: float) -> str:
    """Return what is said of an answer that did not come in time."""
    return f"the database did not answer within {seconds:g} s"


def words_of(error: BaseException, limit: int | None = LONGEST_WORDS) -> str:
    """Return what was said in one line, without a secret and without what terminals obey."""
    text = str(error)
    if isinstance(error, OperationFailure):
        text = str((error.details or {}).get("errmsg") or text)
        text = text.partition(", full error:")[0]
    said = " ".join(SECRETS.redacted(text).split())
    return plain(said, limit) or "no reason given"


def _of_command(error: OperationFailure, url: MongodbUrl) -> DatabaseUnavailable:
    code = error.code
    if code == TOO_LATE:
        return OperationStopped("the database did not answer in time, and stopped by itself")
    if code == WRONG_LOGIN:
        return DatabaseUnavailable(
            f"{plain(url.hosts, 80)} does not let the user in: {CONNECTING[0][1]}"
        )
    if code == UNAUTHORIZED:
        if "authentication" in str(error):
            return DatabaseUnavailable(
                f"{plain(url.hosts, 80)} wants a login: write USER:PASSWORD@ before the host"
            )
        return DatabaseUnavailable(
            f"the user may not read there: it needs the role read on {url.database!r}"
            f" ({words_of(error)})"
        )
    return DatabaseUnavailable(f"the database failed: {words_of(error)} (code {code})")


def _of_selection(said: str) -> str:
    """Return what was said of servers, without what the driver adds for its own authors."""
    said = said.partition(", Timeout:")[0].partition(" (configured timeouts:")[0]
    said = said.partition(", full error:")[0].strip()
    return ASYNCIO.sub(rf"\1 {os.strerror(errno.ECONNREFUSED)}", said)


def _duplicate(error: OperationFailure, details: Mapping[str, Any]) -> str:
    pattern = details.get("keyPattern")
    if isinstance(pattern, Mapping) and pattern:
        fields = ", ".join(repr(plain(str(name), 60)) for name in pattern)
        return f"column {fields}: another record has that value already"
    match = re.search(r"index: (\S{1,100})", str(error))
    index = f" by the index {plain(match[1])!r}" if match else ""
    return f"another record has that value already{index}"


def _invalid(details: Mapping[str, Any]) -> str:
    """Return which fields a validator refused. Source: MongoDB manual, 'errInfo'."""
    told = details.get("errInfo")
    rules = told.get("details") if isinstance(told, Mapping) else None
    names = sorted(set(_refused_fields(rules)))
    if not names:
        return "the collection's validator refuses the document"
    listed = ", ".join(repr(plain(name, 60)) for name in names[:5])
    return f"column {listed}: the collection's validator refuses it"


def _refused_fields(rules: Any) -> list[str]:
    if not isinstance(rules, Mapping):
        return []
    found: list[str] = []
    for rule in rules.get("schemaRulesNotSatisfied") or ():
        if not isinstance(rule, Mapping):
            continue
        found += [str(name) for name in rule.get("missingProperties") or ()]
        for one in rule.get("propertiesNotSatisfied") or ():
            if isinstance(one, Mapping) and "propertyName" in one:
                found.append(str(one["propertyName"]))
    return found
