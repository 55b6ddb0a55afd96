"""What hitmiss was told: flags over environment over configuration file over defaults."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import platformdirs
from msgspec import Struct

from tui.models.keys import OURS
from tui.runtime.bounded_file import NotToBeRead, read_bounded
from tui.runtime.errors import SettingsError
from tui.runtime.glyphs import locale_has_unicode

DEFAULTS: Final[Mapping[str, Any]] = {
    "db": None,
    "cache": "embedded",
    "table": "users",
    "id-column": None,
    "key": "hitmiss:user:{id}",
    "ttl": 30.0,
    "grace": 30.0,
    "negative-ttl": 10.0,
    "read-only": None,
    "full-output": False,
    "ascii": None,
    "log": None,
    "json": False,
    "debug": False,
    "log-rows": 200,
    "max-value": 16 << 20,
    "theme": None,
    "session": True,
    "keys": {},
}
"""Every option and what it is when nobody says anything."""

DURATION = re.compile(
    r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(ms|s|m|h|d)?", re.ASCII | re.IGNORECASE
)
SIZE = re.compile(
    r"([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*(?:(k|m|g)(i?)b?|b)?", re.ASCII | re.IGNORECASE
)
SMALLEST_SIZE, LARGEST_SIZE = 1 << 10, 512 << 20
"""Bytes that `--max-value` may be: no record fits into less, no server holds more."""
UNIT_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LARGEST_FILE: Final = 1_000_000
"""Bytes; what is larger is some other file."""
DEEPEST_ID: Final = 4
MOST_LOG_ROWS: Final = 100_000
LONGEST_SECONDS: Final = 365 * 86400.0


class Settings(Struct, frozen=True):
    """Everything that can be set, checked for its form."""

    db: str | None
    """The database: a URL, or the path of a file; None is the demo, made on first use."""
    cache: str
    """`embedded`, or the URL of a server, with its password."""
    table: str
    """The table that is explored."""
    id_column: str | None
    """Its key column; None is the primary key."""
    key: str
    """The value key's template."""
    ttl: float
    """Seconds for which a filled record is fresh."""
    grace: float
    """Seconds after that in which it may be served when the database fails."""
    negative_ttl: float
    """Seconds for which 'no such record' is believed."""
    read_only: bool
    """Change nothing in cache and database."""
    full_output: bool
    """Let the explorer send whole widgets, as Textual does, not only changed cells."""
    ascii: bool
    """Show nothing but ASCII."""
    log: Path | None
    """Where to write down what the service does; None is nowhere."""
    json: bool
    """Print JSON lines."""
    debug: bool
    """Show tracebacks."""
    log_rows: int
    """How many lookups the explorer's log holds."""
    max_value: int
    """Bytes: what is longer, in the cache or in a row, is not read whole."""
    theme: str | None
    """The explorer's theme; None is the one that was chosen last."""
    session: bool
    """Keep the explorer's screen, ttl, theme and what was asked for the next run."""
    keys: Mapping[str, str]
    """Other keys for the explorer's actions, by their ids; set in the file only."""
    sources: Mapping[str, str]
    """Where each option's value came from: flag, environment, the file's path, default."""

    def __repr__(self) -> str:
        """Return what tells these settings from others, without the cache, which is secret."""
        return f"Settings(db={self.db!r}, table={self.table!r}, key={self.key!r}, ...)"


def resolve(
    flags: Mapping[str, Any],
    environment: Mapping[str, Any],
    file: Mapping[str, Any],
    file_name: str,
) -> Settings:
    """Give the settings, each from the first place that names it.

    Args:
        flags: options given on the command line, by their long name without dashes.
        environment: the same from environment variables.
        file: the same from the configuration file.
        file_name: what to call that file in errors.

    Raises:
        SettingsError: a value has not the form that its option needs, or the file names
            an option that does not exist.
    """
    file = {name.replace("_", "-"): value for name, value in file.items()}
    for name in file:
        if name not in DEFAULTS:
            known = ", ".join(DEFAULTS)
            raise SettingsError(f"{file_name}: unknown option {name!r}; it may hold {known}")
    places = {"flag": flags, "environment": environment, file_name: file, "default": DEFAULTS}
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name in DEFAULTS:
        place = next(place for place, options in places.items() if name in options)
        values[name], sources[name] = places[place][name], place
    foreign = sources["table"] != "default" or sources["key"] != "default"
    read_only = values["read-only"]
    read_only = foreign if read_only is None else _flag("read-only", read_only)
    anothers = not str(values["key"]).startswith(OURS)
    if (read_only or anothers) and sources["grace"] == "default":
        # Only under keys of its own hitmiss tells a grace from a ttl: an application would take
        # what lives on in its grace for fresh.
        values["grace"] = 0.0
    ttl = duration("ttl", values["ttl"])
    if ttl <= 0:
        raise SettingsError("--ttl must be more than 0: for example 30, 90s, 5m or 1h")
    negative_ttl = duration("negative-ttl", values["negative-ttl"])
    if negative_ttl <= 0:
        raise SettingsError("--negative-ttl must be more than 0: for example 10 or 30s")
    return Settings(
        db=None if values["db"] is None else _text("db", values["db"]),
        cache=_text("cache", values["cache"]),
        table=_text("table", values["table"]),
        id_column=None
        if values["id-column"] is None
        else _text("id-column", values["id-column"]),
        key=_text("key", values["key"]),
        ttl=ttl,
        grace=duration("grace", values["grace"]),
        negative_ttl=negative_ttl,
        read_only=read_only,
        full_output=_flag("full-output", values["full-output"]),
        ascii=not locale_has_unicode(os.environ)
        if values["ascii"] is None
        else _flag("ascii", values["ascii"]),
        log=None if values["log"] is None else file_path("log", values["log"]),
        json=_flag("json", values["json"]),
        debug=_flag("debug", values["debug"]),
        log_rows=_count("log-rows", values["log-rows"], MOST_LOG_ROWS),
        max_value=size("max-value", values["max-value"]),
        theme=None if values["theme"] is None else _text("theme", values["theme"]),
        session=_flag("session", values["session"]),
        keys=_keys(values["keys"]),
        sources=sources,
    )


def duration(name: str, value: object) -> float:
    """Give the seconds that `value` means: 30, 1.5, `90s`, `5m`, `1h`.

    Raises:
        SettingsError: it is no duration, or longer than a year.
    """
    text = str(value).strip()
    match = None if isinstance(value, bool) else DURATION.fullmatch(text)
    if match is None:
        raise SettingsError(f"--{name} {text!r} is not a duration: use 30, 90s, 5m or 1h")
    seconds = float(match[1]) * UNIT_SECONDS[(match[2] or "s").lower()]
    if seconds > LONGEST_SECONDS:
        raise SettingsError(f"--{name} {text!r} is longer than a year: use a shorter time")
    return seconds


def size(name: str, value: object) -> int:
    """Return the bytes that `value` means: 65536, `500kB` (1,000 each), `16MiB` (1,024).

    Raises:
        SettingsError: it is no size, or not between SMALLEST_SIZE and LARGEST_SIZE.
    """
    text = str(value).strip()
    match = None if isinstance(value, bool) else SIZE.fullmatch(text)
    if match is None:
        raise SettingsError(f"--{name} {text[:40]!r} is not a size: use 65536, 500kB or 16MiB")
    power = " kmg".index((match[2] or " ").lower())
    count = float(match[1]) * (1024 if match[3] else 1000) ** power
    if not SMALLEST_SIZE <= count <= LARGEST_SIZE:
        raise SettingsError(f"--{name} {text[:40]!r}: use 1KiB to 512MiB")
    return int(count)


def read_file(path: Path | None, *, streams: bool = True) -> tuple[dict[str, Any], str]:
    """Give the options in the configuration file, and its name for messages.

    Without a `path` it is `config.toml` in the platform's folder, which may be missing. With
    one, a pipe is read too, as `<(command)` in a shell makes one, unless `streams` says no.

    Raises:
        SettingsError: the file cannot be read, or is not TOML.
    """
    file = path or config_path()
    try:
        content = read_bounded(file, LARGEST_FILE, streams=streams and path is not None)
        if not content:
            return {}, str(file)
        from tui.config.toml_text import parse_toml  # only where there is something to parse

        return parse_toml(content.decode("utf-8")), str(file)
    except FileNotFoundError as error:
        if path is None:
            return {}, str(file)
        raise SettingsError(f"--config {file}: no such file") from error
    except NotToBeRead as error:
        raise SettingsError(f"{file}: {error.strerror}; name a configuration file") from error
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{file}: not a TOML file: {error}") from error


def file_path(name: str, value: object) -> Path:
    """Give the path that `value` means, with `~` as the shell has it.

    Raises:
        SettingsError: it is no text, or the `~` of nobody known here.
    """
    text = _text(name, value)
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise SettingsError(f"--{name} {text!r}: there is no such home folder") from error


def config_path() -> Path:
    """Give the place of the configuration file that is read when none is named."""
    return platformdirs.user_config_path("hitmiss") / "config.toml"


def demo_path() -> Path:
    """Give the place of the demo database."""
    return platformdirs.user_data_path("hitmiss") / "demo.db"


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise SettingsError(f"--{name} needs a text that is not empty")
    return value


def _count(name: str, value: object, most: int) -> int:
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch("[0-9]{1,9}", text, re.ASCII):
        raise SettingsError(f"--{name} {text!r} is no number: use 1 to {most:,}")
    if not 1 <= int(text) <= most:
        raise SettingsError(f"--{name} {text}: use 1 to {most:,}")
    return int(text)


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise SettingsError(f"{name} is true or false, not {value!r}")
    return value


def _keys(value: object, deep: int = 0) -> dict[str, str]:
    """Give the keys by ids; TOML reads an id without quotes as a table in a table."""
    if deep > DEEPEST_ID:
        raise SettingsError("[keys] holds tables in tables: an id has two parts")
    if not isinstance(value, Mapping):
        raise SettingsError('keys is a table: [keys], and lines like "lookup.copy" = "c"')
    keys: dict[str, str] = {}
    for id, text in value.items():
        if isinstance(text, Mapping):
            keys |= {f"{id}.{name}": key for name, key in _keys(text, deep + 1).items()}
        elif isinstance(text, str):
            keys[id] = text
        else:
            raise SettingsError(f"[keys] {id} needs a text: the key, or some with commas")
    return keys
