"""What the driver says, in one line that says what to do, and never with a password."""

import errno

import pytest
from bson.errors import InvalidBSON
from pymongo.errors import (
    AutoReconnect,
    DocumentTooLarge,
    DuplicateKeyError,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteError,
    WTimeoutError,
)

from tui.database.mongodb import failures
from tui.database.mongodb.failures import OperationStopped, OperationTooSlow, ServerLost
from tui.database.mongodb.url import taken_apart

WHOLE = "mongodb://app:hunter22@h:1/shop"
URL = taken_apart(WHOLE)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ServerSelectionTimeoutError("h:1: [Errno 111] Connection refused, Timeout: 1.8s, ..."),
         "h:1 cannot be reached: [Errno 111] Connection refused: is the server running there?"),
        (ServerSelectionTimeoutError("h:1: [Errno -2] Name or service not known"),
         "name right"),
        (ServerSelectionTimeoutError("No replica set members match selector \"Primary()\""),
         "no primary"),
        (ServerSelectionTimeoutError("h:1: timed out (configured timeouts: ...)"), "firewall"),
        (ServerSelectionTimeoutError("h:1: [SSL: CERTIFICATE_VERIFY_FAILED]"), "tlsCAFile"),
        (ServerSelectionTimeoutError("h:1: SSL handshake failed: WRONG_VERSION"), "tls=true"),
        (ServerSelectionTimeoutError("h:1: connection closed"), "does it want TLS?"),
        (OperationFailure("Authentication failed.", 18), "authSource=admin"),
        (OperationFailure("not authorized on shop", 13), "role read on 'shop'"),
        (OperationFailure("Command find requires authentication", 13), "wants a login"),
        (OperationFailure("nonsense hunter22", 99999), "*** (code 99999)"),
        (NetworkTimeout("h:1: timed out"), "did not answer in time"),
        (OperationFailure("operation exceeded time limit", 50), "stopped by itself"),
        (AutoReconnect("h:1: connection closed"), "ended the connection"),
        (InvalidBSON("odd"), "a document cannot be read"),
        (RecursionError("deep"), "a document cannot be read"),
        (OverflowError("BSON can only handle up to 8-byte ints"), "64 bits"),
        (PyMongoError("two\nlines \x1b[31m"), "two lines \\x1b[31m"),
    ],
)  # fmt: skip
def test_an_error_is_one_line_that_helps(error: Exception, words: str) -> None:
    """Without a secret, and without what a terminal obeys."""
    found = str(failures.translate(error, taken_apart(WHOLE)))
    assert words in found
    assert found.isprintable()
    assert "hunter22" not in found


def test_pythons_own_words_for_a_refusal_are_the_usual_ones() -> None:
    """Which name no tuple of address and port."""
    said = f"h:1: [Errno {errno.ECONNREFUSED}] Connect call failed ('h', 1)"
    found = str(failures.unreachable(ServerSelectionTimeoutError(said), URL))
    assert "Connection refused: is the server running there?" in found


def test_kinds_of_failures_are_told_apart() -> None:
    """A read is sent again after a lost connection; a write may have been made or not."""
    assert failures.is_lost(AutoReconnect("x"))
    assert failures.is_lost(NotPrimaryError("x"))
    assert not failures.is_lost(NetworkTimeout("x"))
    assert not failures.is_lost(ServerSelectionTimeoutError("x"))
    assert failures.was_sent(AutoReconnect("x"))
    assert failures.was_sent(WTimeoutError("x", 64))
    assert not failures.was_sent(ServerSelectionTimeoutError("x"))
    assert not failures.was_sent(OperationFailure("x", 11000))
    assert isinstance(failures.translate(NetworkTimeout("x"), URL), OperationTooSlow)
    assert isinstance(failures.translate(OperationFailure("x", 50), URL), OperationStopped)
    assert isinstance(failures.translate(AutoReconnect("x"), URL), ServerLost)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DuplicateKeyError("E11000", 11000, {"keyPattern": {"email": 1}}),
         "column 'email': another record has that value"),
        (DuplicateKeyError("E11000 index: email_1 dup key", 11000, {}), "'email_1'"),
        (WriteError("Document failed validation", 121, {"errInfo": {"details": {
            "schemaRulesNotSatisfied": [
                {"propertiesNotSatisfied": [{"propertyName": "plan"}]},
                {"operatorName": "required", "missingProperties": ["name"]}, 5]}}}),
         "column 'name', 'plan': the collection's validator refuses it"),
        (WriteError("Document failed validation", 121, {"errInfo": 5}), "refuses the document"),
        (OperationFailure("not authorized", 13), "needs the role readWrite"),
        (OperationFailure("Performing an update on the path '_id'", 66), "'_id'"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_column(error: OperationFailure, words: str) -> None:
    """And not the value."""
    found = failures.refusal(error)
    assert found is not None
    assert words in str(found)


def test_other_errors_are_no_refusals() -> None:
    """They are an outage; what is too long for a message is refused."""
    assert failures.refusal(OperationFailure("interrupted", 11601)) is None
    assert failures.too_long(DocumentTooLarge("x")) is not None
    assert failures.too_long(AutoReconnect("x")) is None
