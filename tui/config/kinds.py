"""The kinds of values that options have: each reads what was given, or says what it takes."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any, Final, TypeAlias

from tui.runtime.errors import SettingsError
from tui.runtime.patterns import lazily

SettingKind: TypeAlias = Callable[[str, object], Any]
"""Returns what a value means, told the name of its option; raises SettingsError."""

DURATION = lazily(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(ms|s|m|h|d)?", re.ASCII | re.IGNORECASE)
SIZE = lazily(
    r"([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*(?:(k|m|g)(i?)b?|b)?", re.ASCII | re.IGNORECASE
)
OFFSET = lazily(r"([+-])([0-9]{2}):?([0-9]{2})?", re.ASCII)
SMALLEST_SIZE, LARGEST_SIZE = 1 << 10, 512 << 20
"""Bytes that `--max-value` may be: no record fits into less, no server holds more."""
UNIT_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
DEEPEST_ID: Final = 4
LONGEST_SECONDS: Final = 365 * 86400.0


def duration(name: str, value: object) -> float:
    """Return the seconds that `value` means: 30, 1.5, `90s`, `5m`, `1h`.

    Raises:
        SettingsError: it is no duration, or longer than a year.
    """
    given = str(value).strip()
    match = None if isinstance(value, bool) else DURATION.fullmatch(given)
    if match is None:
        raise SettingsError(f"--{name} {given!r} is not a duration: use 30, 90s, 5m or 1h")
    seconds = float(match[1]) * UNIT_SECONDS[(match[2] or "s").lower()]
    if seconds > LONGEST_SECONDS:
        raise SettingsError(f"--{name} {given!r} is longer than a year: use a shorter time")
    return seconds


def lasting(name: str, value: object, *, examples: str) -> float:
    """Return the seconds that `value` means, which are more than none.

    Raises:
        SettingsError: it is no duration, or 0; then the message has the `examples`.
    """
    seconds = duration(name, value)
    if seconds <= 0:
        raise SettingsError(f"--{name} must be more than 0: for example {examples}")
    return seconds


def size(name: str, value: object) -> int:
    """Return the bytes that `value` means: 65536, `500kB` (1,000 each), `16MiB` (1,024).

    Raises:
        SettingsError: it is no size, or not between SMALLEST_SIZE and LARGEST_SIZE.
    """
    given = str(value).strip()
    match = None if isinstance(value, bool) else SIZE.fullmatch(given)
    if match is None:
        raise SettingsError(f"--{name} {given[:40]!r} is not a size: use 65536, 500kB or 16MiB")
    power = " kmg".index((match[2] or " ").lower())
    number = float(match[1]) * (1024 if match[3] else 1000) ** power
    if not SMALLEST_SIZE <= number <= LARGEST_SIZE:
        raise SettingsError(f"--{name} {given[:40]!r}: use 1KiB to 512MiB")
    return int(number)


def text(name: str, value: object) -> str:
    """Return `value`, which has to be a text with something in it.

    Raises:
        SettingsError: it is none.
    """
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise SettingsError(f"--{name} needs a text that is not empty")
    return value


def count(name: str, value: object, *, most: int) -> int:
    """Return the number from 1 to `most` that `value` means.

    Raises:
        SettingsError: it is none.
    """
    given = str(value)
    if isinstance(value, bool) or not (given.isascii() and given.isdigit() and len(given) <= 9):
        raise SettingsError(f"--{name} {given!r} is no number: use 1 to {most:,}")
    if not 1 <= int(given) <= most:
        raise SettingsError(f"--{name} {given}: use 1 to {most:,}")
    return int(given)


def one_of(name: str, value: object, *, choices: Sequence[str]) -> str:
    """Return `value`, which has to be one of these words.

    Raises:
        SettingsError: it is another one.
    """
    if value not in choices:
        raise SettingsError(f"--{name} {value!r} is unknown: use {' or '.join(choices)}")
    return str(value)


def flag(name: str, value: object) -> bool:
    """Return `value`, which has to be true or false.

    Raises:
        SettingsError: it is neither.
    """
    if not isinstance(value, bool):
        raise SettingsError(f"{name} is true or false, not {value!r}")
    return value


def file_path(name: str, value: object) -> Path:
    """Return the path that `value` means, with `~` as the shell has it.

    Raises:
        SettingsError: it is no text, or the `~` of nobody known here.
    """
    given = text(name, value)
    try:
        return Path(given).expanduser()
    except RuntimeError as error:
        raise SettingsError(f"--{name} {given!r}: there is no such home folder") from error


def names(name: str, value: object) -> dict[str, str]:
    """Return what `value` says in pairs: `["createdAt=created_at"]`, or a table of them.

    Raises:
        SettingsError: it is none, or one name stands twice.
    """
    if isinstance(value, Mapping):
        pairs = [(str(left), str(right)) for left, right in value.items()]
    else:
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list | tuple) or not all(isinstance(t, str) for t in texts):
            raise SettingsError(
                f"--{name} takes FIELD=COLUMN: for example createdAt=created_at"
            )
        pairs = [(left, right) for left, _, right in (text.partition("=") for text in texts)]
    found = dict(pairs)
    if not all(left and right for left, right in pairs) or len(found) != len(pairs):
        raise SettingsError(
            f"--{name} takes FIELD=COLUMN, each field once: for example createdAt=created_at"
        )
    return found


def pattern(name: str, value: object) -> re.Pattern[str]:
    """Return the regular expression that `value` is.

    Raises:
        SettingsError: it is none.
    """
    given = text(name, value)
    try:
        return re.compile(given)
    except (re.error, RecursionError, OverflowError) as error:
        raise SettingsError(
            f"--{name} {given[:40]!r} is no regular expression: {error}"
        ) from error


def json_pointer(name: str, value: object) -> tuple[str, ...]:
    """Return the parts of the JSON Pointer that `value` is, such as /data/user.

    Source: RFC 6901.

    Raises:
        SettingsError: it is none.
    """
    given = text(name, value)
    if not given.startswith("/") or re.search("~(?![01])", given):
        raise SettingsError(
            f"--{name} {given[:40]!r} is no JSON Pointer: write /data/user, with ~1 for a / and"
            " ~0 for a ~ in a name"
        )
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in given[1:].split("/"))


def zone(name: str, value: object) -> tzinfo:
    """Return the zone that `value` names: Europe/Berlin, UTC, +05:30.

    Raises:
        SettingsError: there is none.
    """
    given = text(name, value).strip()
    match = OFFSET.fullmatch(given)
    if match is not None and int(match[2]) < 24 and int(match[3] or 0) < 60:
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(given)
    except (ValueError, OSError, LookupError) as error:
        raise SettingsError(
            f"--{name} {given[:40]!r} is no time zone that is known here: write Europe/Berlin,"
            " UTC or +05:30"
        ) from error


def keys(_: str, value: object) -> dict[str, str]:
    """Return the keys of actions by their ids, such as `{"lookup.copy": "c"}`.

    Raises:
        SettingsError: it is no table, or holds something else than texts.
    """
    return _keys(value, 0)


def _keys(value: object, deep: int) -> dict[str, str]:
    # TOML reads an id without quotes as a table in a table.
    if deep > DEEPEST_ID:
        raise SettingsError("[keys] holds tables in tables: an id has two parts")
    if not isinstance(value, Mapping):
        raise SettingsError('keys is a table: [keys], and lines like "lookup.copy" = "c"')
    found: dict[str, str] = {}
    for id, key in value.items():
        if isinstance(key, Mapping):
            found |= {f"{id}.{name}": one for name, one in _keys(key, deep + 1).items()}
        elif isinstance(key, str):
            found[id] = key
        else:
            raise SettingsError(f"[keys] {id} needs a text: the key, or some with commas")
    return found
