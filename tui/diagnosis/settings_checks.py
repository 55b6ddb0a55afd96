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


def settings_checks(
    settings: Settings,
    wrong_key: SettingsError | None = None,
    wrong_keys: SettingsError | None = None,
) -> list[Check]:
    """Give the value of each setting, and what is wrong with the key template and the keys."""
    shown: dict[str, Scalar] = {
        "db": None if settings.db is None else str(settings.db),
        "cache": settings.cache_name,
        "log": None if settings.log is None else str(settings.log),
        "keys": len(settings.keys),
    }
    checks = [
        Check(
            GROUP,
            name,
            shown[name] if name in shown else getattr(settings, name.replace("-", "_")),
            _detail(settings, name),
            source=settings.sources[name],
        )
        for name in DEFAULTS
        if not (name == "key" and wrong_key) and not (name == "keys" and wrong_keys)
    ]
    if wrong_key is not None:
        checks.append(wrong_setting(wrong_key, settings.sources["key"]))
    if wrong_keys is not None:
        advice = "correct it in that file, or leave it out; hitmiss --list-keys lists all"
        source = settings.sources["keys"]
        checks.append(
            Check(GROUP, "keys", None, str(wrong_keys), State.FAILED, advice, source=source)
        )
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
    if name == "ascii" and settings.ascii:
        return "because the locale is not UTF-8"
    return {
        "db": "the demo database",
        "id-column": "the primary key",
        "keys": "no key is another than usual",
    }.get(name)
