"""The settings in force, and where each came from."""

import os
from typing import TYPE_CHECKING

from tui.diagnosis.check import Check, State
from tui.errors import SettingsError
from tui.settings import DEFAULTS, Settings

if TYPE_CHECKING:
    from tui.models import Scalar

GROUP = "settings"
VARIABLES = {"cache": ("HITMISS_CACHE", "REDIS_URL")}
"""Options that more than one environment variable sets, the stronger one first."""


def settings_checks(settings: Settings, wrong_key: SettingsError | None = None) -> list[Check]:
    """Give the value of each setting, and what is wrong with the key template."""
    values: dict[str, Scalar] = {
        "db": None if settings.db is None else str(settings.db),
        "cache": settings.cache_name,
        "table": settings.table,
        "id-column": settings.id_column,
        "key": settings.key,
        "ttl": settings.ttl,
        "grace": settings.grace,
        "negative-ttl": settings.negative_ttl,
        "read-only": settings.read_only,
        "log": None if settings.log is None else str(settings.log),
        "json": settings.json,
        "debug": settings.debug,
    }
    checks = [
        Check(GROUP, name, value, _detail(settings, name), source=settings.sources[name])
        for name, value in values.items()
        if name != "key" or wrong_key is None
    ]
    if wrong_key is not None:
        checks.append(wrong_setting(wrong_key, settings.sources["key"]))
    return checks


def wrong_setting(error: SettingsError, source: str | None = None) -> Check:
    """Give the check of a setting that cannot be used, called by its name where it has one."""
    word = str(error).partition(" ")[0].strip("-:")
    return Check(
        GROUP,
        word if word in DEFAULTS else "config",
        detail=str(error),
        state=State.FAILED,
        advice="correct it on the command line, in the environment (HITMISS_...) or in the"
        " configuration file; hitmiss --help lists the options; cache and database were not"
        " looked at" if source is None else "correct the template; the cache's keys were not"
        " looked at",
        source=source,
    )  # fmt: skip


def _detail(settings: Settings, name: str) -> str | None:
    if settings.sources[name] == "environment":
        variables = VARIABLES.get(name, (f"HITMISS_{name.upper().replace('-', '_')}",))
        return f"from {next((v for v in variables if os.environ.get(v)), variables[0])}"
    if settings.sources[name] != "default":
        return None
    if name == "read-only" and settings.read_only:
        return "because --table or --key is given"
    if name == "grace" and settings.read_only:
        return "because it is read-only"
    return {"db": "the demo database", "id-column": "the primary key"}.get(name)
