"""What runs, as one would type it into mongosh."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from bson.binary import UUID_SUBTYPE, Binary
from bson.code import Code
from bson.datetime_ms import DatetimeMS
from bson.dbref import DBRef
from bson.decimal128 import Decimal128
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp

from tui.database.mongodb.moments import iso_of
from tui.models.spelling import canonical
from tui.runtime.plain_text import is_unicode

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
FIELD: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*", re.ASCII)
OWN: Final = frozenset({
    "adminCommand", "aggregate", "auth", "changeUserPassword", "checkMetadataConsistency",
    "cloneDatabase", "commandHelp", "constructor", "copyDatabase", "createCollection",
    "createEncryptedCollection", "createRole", "createUser", "createView", "currentOp",
    "disableFreeMonitoring", "dropAllRoles", "dropAllUsers", "dropDatabase", "dropRole",
    "dropUser", "enableFreeMonitoring", "eval", "fsyncLock", "fsyncUnlock", "getCollection",
    "getCollectionInfos", "getCollectionNames", "getLastError", "getLastErrorObj",
    "getLogComponents", "getMongo", "getName", "getPrevError", "getProfilingStatus",
    "getReplicationInfo", "getRole", "getRoles", "getSiblingDB", "getUser", "getUsers",
    "grantPrivilegesToRole", "grantRolesToRole", "grantRolesToUser", "hasOwnProperty",
    "hello", "help", "hostInfo", "isMaster", "killOp", "listCommands", "logout",
    "printCollectionStats", "printReplicationInfo", "printSecondaryReplicationInfo",
    "printShardingStatus", "resetError", "revokePrivilegesFromRole", "revokeRolesFromRole",
    "revokeRolesFromUser", "rotateCertificates", "runCommand", "serverBits",
    "serverBuildInfo", "serverCmdLineOpts", "serverStatus", "setLogLevel",
    "setProfilingLevel", "setSecondaryOk", "shutdownServer", "sql", "stats", "toString",
    "updateRole", "updateUser", "valueOf", "version", "watch",
})  # fmt: skip
"""What `db` itself has under a name, so that a collection of that name is got otherwise."""
EXACT: Final = 2**53
LONGEST_SHOWN: Final = 200
"""Characters of one value that a step shows; nothing is cut of what can be run again."""
PROTO: Final = "__proto__"
UUID_LENGTH: Final = 16
WORDS: Final = {ObjectId: "ObjectId", Decimal128: "Decimal128", Code: "Code"}
"""What makes a value of its text."""


def collection_text(name: str) -> str:
    """Return a collection: `db.users`, or what has any name."""
    if NAME.fullmatch(name) and name not in OWN:
        return f"db.{name}"
    return f"db.getCollection({_text(name)})"


def literal(value: Any, most: int | None = None) -> str:
    """Return a value of BSON in JavaScript; a text of more than `most` characters cut."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(int(value)) if abs(value) < EXACT else f'Long("{int(value)}")'
        case float():
            return _number(value)
        case str() if type(value) is str:  # code is a text to Python, too
            return _text(value, most)
        case list() | tuple():
            return f"[{', '.join(literal(one, most) for one in value)}]"
        case Mapping():
            return _document(value, most)
    return _special(value, most)


def find_text(collection: str, where: Mapping[str, Any], most: int | None = None) -> str:
    """Return the look-up of one document."""
    return f"{collection_text(collection)}.findOne({literal(where, most)})"


def call(collection: str, method: str, *arguments: Any) -> str:
    """Return a method's call on a collection, with long values cut."""
    shown = ", ".join(literal(one, LONGEST_SHOWN) for one in arguments)
    return f"{collection_text(collection)}.{method}({shown})"


def _special(value: Any, most: int | None) -> str:
    match value:
        case bytes():
            return _bytes(value, most)
        case DatetimeMS():
            return f'ISODate("{iso_of(int(value))}")'
        case Timestamp():
            return f"Timestamp({value.time}, {value.inc})"
        case DBRef():
            return _document(value.as_doc(), most)
        case MinKey() | MaxKey():
            return f"{type(value).__name__}()"
        case Regex():
            return f"RegExp({_text(str(value.pattern), most)})"
    name = WORDS.get(type(value))
    return f"{name}({_text(str(value), most)})" if name else _text(str(value), most)


def _bytes(value: bytes, most: int | None) -> str:
    subtype = value.subtype if isinstance(value, Binary) else 0
    if subtype == UUID_SUBTYPE and len(value) == UUID_LENGTH:
        return f'UUID("{canonical(value.hex())}")'
    return f"BinData({subtype}, {_text(base64.b64encode(value).decode(), most)})"


def _number(value: float) -> str:
    if value != value:
        return "NaN"
    if value in {float("inf"), float("-inf")}:
        return "Infinity" if value > 0 else "-Infinity"
    return f"Double({value:.0f})" if value.is_integer() and abs(value) < EXACT else repr(value)


def _document(value: Mapping[str, Any], most: int | None) -> str:
    pairs = (f"{_field(name, most)}: {literal(inner, most)}" for name, inner in value.items())
    return f"{{{', '.join(pairs)}}}"


def _field(name: str, most: int | None) -> str:
    if name == PROTO:
        return f"[{_text(name)}]"
    return name if FIELD.fullmatch(name) else _text(name, most)


def _text(text: str, most: int | None = None) -> str:
    if most is not None and len(text) > most:
        text = f"{text[:most]}… ({len(text):,} characters)"
    if not is_unicode(text):
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    # Line ends of Unicode end a line of JavaScript, so all that is no ASCII is an escape there.
    shown = json.dumps(text, ensure_ascii=False)
    return shown if shown.isprintable() else json.dumps(text)
