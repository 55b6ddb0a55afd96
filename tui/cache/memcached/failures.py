"""What goes wrong with a Memcached server, as our errors, in words for the screen."""

from typing import Final

from tui.cache.limits import COMMAND_SECONDS, CONNECT_SECONDS
from tui.cache.line import NotConnected, system_words
from tui.cache.memcached.protocol import ErrorReply
from tui.cache.wire import NotUnderstood, TooLarge, WireLost
from tui.runtime.errors import (
    CacheError,
    CacheNotUnderstood,
    CacheRefused,
    CacheUnavailable,
    CopyTooLarge,
)
from tui.runtime.redaction import redacted

OLDEST: Final = (1, 6)
NO_CAS: Final = (
    "the server keeps no CAS numbers (it was started with -C), without which nothing can be"
    " stored safely"
)
NOT_OURS: Final = (
    "on Memcached a claim would be an empty value to the application, under its own key"
)
WANTS_LOGIN: Final = "the cache wants a user and a password: USER:PASSWORD@ before its host"
_SAID: Final = (
    ("out of memory", CacheRefused, "the cache is out of memory"),
    ("too large", CacheRefused, "the value is larger than the cache takes (its option -I)"),
    ("unauthenticated", CacheUnavailable, WANTS_LOGIN),
    ("authentication failure", CacheUnavailable, "wrong user or password for the cache"),
    ("Too many open connections", CacheUnavailable, "the cache takes no more clients"),
    ("crawler disabled", CacheRefused, "the server lets nobody list its keys: its LRU crawler"
     " is switched off"),
    ("metadump not allowed", CacheRefused, "the server lets nobody list its keys: it was"
     " started with -X"),
)  # fmt: skip
"""What a server says, by a part of it, and what that means."""


class TooOld(Exception):
    """The server does not know the meta commands; its text names its version."""


ERRORS: Final = (
    ErrorReply, NotUnderstood, TooLarge, TooOld, TimeoutError, OSError, UnicodeError
)  # fmt: skip
"""What goes wrong with a server."""


def translate(error: BaseException, seconds: float = COMMAND_SECONDS) -> CacheError:
    """Return our error for what went wrong while `seconds` were waited for."""
    match error:
        case TooOld():
            return CacheRefused(
                f"Memcached {redacted(str(error))} is too old: hitmiss needs 1.6, which has the"
                " meta commands"
            )
        case NotConnected():
            return CacheUnavailable(f"no connection to the cache within {CONNECT_SECONDS:g} s")
        case TimeoutError():
            return CacheUnavailable(f"the cache did not answer within {seconds:g} s")
        case TooLarge():
            return CopyTooLarge(
                "what is cached is longer than --max-value; give a larger one to read it"
            )
        case NotUnderstood():
            return CacheNotUnderstood("what answers there does not speak Memcached's protocol")
        case WireLost():
            return CacheUnavailable(
                "the cache closed the connection: it ended, or has too many clients"
            )
        case ErrorReply():
            return _of_reply(str(error))
        case UnicodeError():  # of the codec by which names are looked up
            return CacheUnavailable(
                "cannot reach the cache: no host can be called as the one that is named"
            )
    return CacheUnavailable(f"cannot reach the cache: {_reason(error)}")


def _of_reply(said: str) -> CacheError:
    for part, kind, words in _SAID:
        if part in said:
            return kind(words)
    if said == "ERROR":
        return CacheRefused("the server does not know a command of hitmiss's")
    return CacheRefused(f"the cache refused: {redacted(said)}")


def _reason(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno:
            return system_words(cause)
        cause = cause.__cause__ or cause.__context__
    return redacted(str(error))
