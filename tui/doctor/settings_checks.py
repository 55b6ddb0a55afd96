"""The settings in force, and where each came from."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.cache.registry import store_of
from tui.config.options import SETTABLE
from tui.config.settings import Settings
from tui.database.registry import store_of as database_of
from tui.models.check import Check, State
from tui.runtime.errors import SettingsError

if TYPE_CHECKING:
    from tui.models import Scalar

GROUP = "settings"
ADVICE = {
    "key": "correct the template; the cache's keys were not looked at",
    "map": "name a column that the table has",
    "keys": "correct it in that file, or leave it out; hitmiss --list-keys lists all",
    "theme": "choose another, or leave it out; the explorer does not start with it",
}
"""What to do about a setting that has the right form, and cannot be used all the same."""


def settings_checks(settings: Settings, wrong: Mapping[str, SettingsError]) -> list[Check]:
    """Give the value of each setting, or what is `wrong` with it, by its name."""
    store = store_of(settings.cache)
    shown: dict[str, Scalar] = {
        "db": _database(settings.db),
        "log": None if settings.log is None else str(settings.log),
        "cache": store.name(settings.cache),
        "keys": len(settings.keys),
        "map": ", ".join(f"{field}={column}" for field, column in settings.map.items()),
        "record-at": _pointer(settings.record_at),
        "id-pattern": None if settings.id_pattern is None else settings.id_pattern.pattern,
        "database-zone": None if (zone := settings.database_zone) is None else str(zone),
    }
    checks = []
    for name, option in SETTABLE.items():
        source = settings.sources[name]
        if name in wrong:
            said, advice = str(wrong[name]), ADVICE[name]
            checks.append(Check(GROUP, name, None, said, State.FAILED, advice, source=source))
        else:
            value = shown[name] if name in shown else getattr(settings, option.field)
            checks.append(Check(GROUP, name, value, _detail(settings, name), source=source))
        if name == "cache" and (options := store.passed_over(settings.cache)):
            # Names only: what stands behind a stray `?` may be a piece of the password.
            said = f"passed over, since they change nothing here: {', '.join(options)}"
            checks.append(Check(GROUP, "cache options", len(options), said))
    return checks


def wrong_setting(error: SettingsError) -> Check:
    """Give the check of a setting that cannot be used, called by its name where it has one."""
    word = str(error).partition(" ")[0].strip("-:")
    return Check(
        GROUP,
        word if word in SETTABLE else "config",
        detail=str(error),
        state=State.FAILED,
        advice="correct it on the command line, in the environment (HITMISS_...) or in the"
        " configuration file; hitmiss --help lists the options; cache and database were not"
        " looked at",
    )


def _database(url: str | None) -> str | None:
    """Return the database as it may be shown."""
    if url is None:
        return None
    store = database_of(url)
    return store.place(url) if store.shared(url) else url


def _pointer(parts: tuple[str, ...] | None) -> str | None:
    """Return a JSON Pointer as one writes it."""
    if parts is None:
        return None
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in parts)


def _detail(settings: Settings, name: str) -> str | None:
    if settings.sources[name] == "environment":
        variables = SETTABLE[name].variables
        return f"from {next((v for v in variables if os.environ.get(v)), variables[0])}"
    if settings.sources[name] != "default":
        return None
    if name == "read-only" and settings.read_only:
        return "because --table, --key or a server's database is given"
    if name == "grace" and settings.grace == 0:
        why = "it is read-only" if settings.read_only else "the keys are an application's"
        return f"because {why}"
    if name == "ascii" and settings.ascii:
        return "because the locale is not UTF-8"
    return {
        "db": "the demo database",
        "id-column": "the primary key",
        "keys": "no key is another than usual",
    }.get(name)
