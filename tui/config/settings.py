"""What hitmiss was told: flags over environment over configuration file over defaults."""

import os
import re
from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any

import platformdirs
from msgspec import Struct
from msgspec.structs import replace

from tui.config.options import DATABASE_URL, SETTABLE
from tui.models import TableSchema
from tui.models.keys import OURS
from tui.runtime.errors import SettingsError
from tui.runtime.glyphs import locale_has_unicode


class Settings(Struct, frozen=True):
    """Everything that can be set, checked for its form: the value of each option."""

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
    id_pattern: re.Pattern[str] | None
    """What the whole id of a record looks like; None is any."""
    map: Mapping[str, str]
    """Which column a cached field stands for, whatever it is called."""
    record_at: tuple[str, ...] | None
    """Where in a cached value the record is: the parts of a JSON Pointer."""
    database_zone: tzinfo | None
    """Where moments without a zone are meant; None is UTC."""
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
    plain: bool
    """Let the explorer talk in lines, without a screen."""
    ascii: bool
    """Show nothing but ASCII."""
    charts: str
    """Draw lines in charts with `braille` or with `blocks`."""
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
    *,
    database_url: str | None = None,
) -> Settings:
    """Return the settings, each from the first place that names it.

    Args:
        flags: options given on the command line, by their long name without dashes.
        environment: the same from environment variables.
        file: the same from the configuration file.
        file_name: what to call that file in errors.
        database_url: the database that all programs here are told.

    Raises:
        SettingsError: a value has not the form that its option needs, or the file names
            an option that does not exist.
    """
    file = {name.replace("_", "-"): value for name, value in file.items()}
    for name in file:
        if name not in SETTABLE:
            known = ", ".join(SETTABLE)
            raise SettingsError(f"{file_name}: unknown option {name!r}; it may hold {known}")
    places: dict[str, Mapping[str, Any]] = {"flag": flags, "environment": environment}
    if database_url is not None:
        places[DATABASE_URL] = {"db": database_url}
    places[file_name] = file
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, option in SETTABLE.items():
        place = next((one for one, options in places.items() if name in options), "default")
        given = option.default if place == "default" else places[place][name]
        values[option.field], sources[name] = option.read(given), place
    return Settings(**values | _filled_in(values, sources), sources=sources)


def _filled_in(values: Mapping[str, Any], sources: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that depend on others, or on where we are, as nobody gave them."""
    filled: dict[str, Any] = {}
    read_only = values["read_only"]
    if read_only is None:
        read_only = any(sources[name] != "default" for name in ("table", "key"))
        read_only = read_only or sources["db"] == DATABASE_URL
        filled["read_only"] = read_only
    if values["ascii"] is None:
        filled["ascii"] = not locale_has_unicode(os.environ)
    if values["charts"] is None:
        filled["charts"] = "blocks" if os.environ.get("TERM") == "linux" else "braille"
    anothers = not values["key"].startswith(OURS)
    if (read_only or anothers) and sources["grace"] == "default":
        # Only under keys of its own hitmiss tells a grace from a ttl: an application would take
        # what lives on in its grace for fresh.
        filled["grace"] = 0.0
    return filled


def for_shared_database(settings: Settings) -> Settings:
    """Return settings for a database that others use: read-only, unless somebody said."""
    if settings.read_only or settings.sources["read-only"] != "default":
        return settings
    grace = 0.0 if settings.sources["grace"] == "default" else settings.grace
    return replace(settings, read_only=True, grace=grace)


def check_map(names: Mapping[str, str], schema: TableSchema) -> None:
    """Return if each field that is mapped stands for a column of the table.

    Raises:
        SettingsError: one does not.
    """
    for field, column in names.items():
        if column not in schema.column_set:
            listed = ", ".join(schema.columns)
            raise SettingsError(
                f"--map {field}={column}: the table has no column {column!r}; it has {listed}"
            )


def demo_path() -> Path:
    """Give the place of the demo database."""
    return platformdirs.user_data_path("hitmiss") / "demo.db"
