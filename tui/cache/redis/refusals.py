"""What a server's error replies say: of itself, of a command, of a key, of scripts."""

import re
from collections.abc import Mapping
from typing import Any

from redis import exceptions
from redis.asyncio.connection import DefaultParser

from tui.runtime.errors import CacheError, CacheRefused, CacheUnavailable
from tui.runtime.redaction import redacted

STUMBLES = (
    TypeError, ValueError, LookupError, AttributeError, ArithmeticError, AssertionError,
    RecursionError,
)  # fmt: skip
"""What the driver raises where it takes a reply apart that is none it knows."""


STATES: Mapping[str, tuple[type[CacheError], str]] = {
    "LOADING": (CacheUnavailable, "the cache is still loading its data"),
    "BUSY": (CacheUnavailable, "the cache is busy with a script; SCRIPT KILL ends that"),
    "MASTERDOWN": (
        CacheUnavailable,
        "the cache is a replica without its primary, and serves nothing",
    ),
    "CLUSTERDOWN": (
        CacheUnavailable,
        "the cluster is down: nobody serves some of its slots",
    ),
    "TRYAGAIN": (CacheUnavailable, "the cluster is moving these keys just now"),
    "DENIED": (
        CacheUnavailable,
        "the cache is in protected mode: without a password it serves its own machine alone",
    ),
    "NOAUTH": (CacheUnavailable, "wrong user or password for the cache"),
    "WRONGPASS": (CacheUnavailable, "wrong user or password for the cache"),
    "OOM": (CacheRefused, "the cache is out of memory"),
    "READONLY": (CacheRefused, "the cache is a read-only replica"),
    "NOREPLICAS": (CacheRefused, "the cache has too few replicas, and takes no writes"),
    "MISCONF": (CacheRefused, "the cache cannot save to its disk, and takes no writes"),
    "MOVED": (
        CacheRefused,
        "the key is on another node of a cluster: use redis+cluster:// in place of redis://",
    ),
    "ASK": (
        CacheRefused,
        "the key is moving to another node of a cluster: use redis+cluster://",
    ),
    "CROSSSLOT": (CacheRefused, "a cluster keeps these keys on different nodes"),
}
"""What a server's errors say about itself, by the word they begin with."""
_OURS = (
    "AUTH CLIENT SELECT PING INFO DBSIZE SCAN GET PTTL STRLEN GETRANGE HLEN HKEYS HSTRLEN"
    " HGETALL SET DEL PEXPIRE EVAL EVALSHA CLUSTER ROLE"
)
OURS = frozenset(_OURS.split())
"""The commands that hitmiss sends."""
_CODES: Mapping[type[BaseException], str] = {
    exceptions.BusyLoadingError: "LOADING",
    exceptions.MasterDownError: "MASTERDOWN",
    exceptions.ClusterDownError: "CLUSTERDOWN",
    exceptions.TryAgainError: "TRYAGAIN",
    exceptions.OutOfMemoryError: "OOM",
    exceptions.ReadOnlyError: "READONLY",
    exceptions.MovedError: "MOVED",
    exceptions.AskError: "ASK",
    exceptions.ClusterCrossSlotError: "CROSSSLOT",
}
_UNKNOWN = re.compile(
    r"(?:unknown|unsupported) command(?:\W{1,2}[`'\"]?([A-Z.|_-]{1,20})[`'\"])?", re.IGNORECASE
)
_FORBIDDEN = re.compile("run the '([a-z]{1,20})[^']{0,20}' command", re.IGNORECASE)
_IN_SCRIPT = re.compile("user_script|error running script|acl failure in script", re.IGNORECASE)


def is_wrong_type(reply: object) -> bool:
    """Tell whether the server said that the key holds another type of value."""
    return isinstance(reply, exceptions.ResponseError) and str(reply).startswith("WRONGTYPE")


def is_about_key(error: BaseException) -> bool:
    """Tell whether a server refused a key, not the command that it came with."""
    words = set(re.split(r"\W+", str(error)))
    return isinstance(error, exceptions.NoPermissionError) and bool(words & {"key", "keys"})


def is_about_command(error: BaseException) -> bool:
    """Tell whether a server refused a command, whatever the key that it came with."""
    if isinstance(error, exceptions.NoPermissionError):
        return not is_about_key(error)
    return isinstance(error, exceptions.ResponseError) and bool(_UNKNOWN.match(str(error)))


def is_about_scripts(error: BaseException) -> bool:
    """Tell whether a server refused to run a script, not what the script does."""
    if isinstance(error, exceptions.NoPermissionError):
        return not is_about_key(error)
    if type(error) is not exceptions.ResponseError or _IN_SCRIPT.search(str(error)):
        return False  # others say what is wrong: with the memory, the size of the copy...
    return code_of(error) not in STATES


def code_of(error: BaseException) -> str:
    """Return the word in capitals that a server's error began with; '' where there was none."""
    if (code := _CODES.get(type(error))) is not None:  # the driver has cut it off
        return code
    word = str(error).partition(" ")[0]
    return word if word.isupper() else ""


def error_reply(text: str, parse: Any = DefaultParser.parse_error) -> Exception:
    """Return what the driver makes of an error by `parse`, whatever its words are.

    The driver itself raises over a MOVED that names no node.
    """
    try:
        error: Exception = parse(text)
    except STUMBLES:
        return exceptions.ResponseError(text)
    return error


def refusal(error: BaseException) -> str:
    """Return what a server would not do, in words for the screen.

    A command of ours is named in words of our own, which hold nobody's name or password.
    """
    said = str(error)
    unknown, forbidden = _UNKNOWN.match(said), _FORBIDDEN.search(said)
    if isinstance(error, exceptions.NoPermissionError):
        if is_about_key(error):
            return "the cache refuses: no permissions to access such a key"
        if forbidden is not None and forbidden[1].upper() in OURS:
            return (
                f"the cache refuses: no permissions to run the {forbidden[1].lower()!r} command"
            )
    if unknown is not None and (unknown[1] or "").upper() in OURS:
        return (
            f"the cache does not know {unknown[1].upper()}: perhaps a Sentinel or a proxy;"
            " name the server behind it, or for a Sentinel redis+sentinel://"
        )
    return f"the cache refuses: {redacted(said) or 'it does not say why'}"
