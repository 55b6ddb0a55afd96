"""What hitmiss was told: flags over environment over configuration file over defaults."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import platformdirs
from msgspec import Struct

from tui.config.kinds import count, duration, file_path, flag, keys, size, text
from tui.models.keys import OURS
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

MOST_LOG_ROWS: Final = 100_000


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
    read_only = foreign if read_only is None else flag("read-only", read_only)
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
        db=None if values["db"] is None else text("db", values["db"]),
        cache=text("cache", values["cache"]),
        table=text("table", values["table"]),
        id_column=None
        if values["id-column"] is None
        else text("id-column", values["id-column"]),
        key=text("key", values["key"]),
        ttl=ttl,
        grace=duration("grace", values["grace"]),
        negative_ttl=negative_ttl,
        read_only=read_only,
        full_output=flag("full-output", values["full-output"]),
        ascii=not locale_has_unicode(os.environ)
        if values["ascii"] is None
        else flag("ascii", values["ascii"]),
        log=None if values["log"] is None else file_path("log", values["log"]),
        json=flag("json", values["json"]),
        debug=flag("debug", values["debug"]),
        log_rows=count("log-rows", values["log-rows"], most=MOST_LOG_ROWS),
        max_value=size("max-value", values["max-value"]),
        theme=None if values["theme"] is None else text("theme", values["theme"]),
        session=flag("session", values["session"]),
        keys=keys("keys", values["keys"]),
        sources=sources,
    )


def demo_path() -> Path:
    """Give the place of the demo database."""
    return platformdirs.user_data_path("hitmiss") / "demo.db"
