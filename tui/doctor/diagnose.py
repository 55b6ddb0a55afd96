"""All checks, in the order in which they are told."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from tui.config.cache_url import EMBEDDED
from tui.config.settings import Settings, demo_path
from tui.doctor.check import Check
from tui.doctor.database_checks import database_checks
from tui.doctor.server_checks import embedded_checks, server_checks
from tui.doctor.settings_checks import settings_checks, wrong_setting
from tui.doctor.surroundings import folders, terminal, versions
from tui.models.keys import KeyTemplate
from tui.runtime.clock import SystemClock
from tui.runtime.errors import SettingsError
from tui.runtime.redaction import SECRETS

if TYPE_CHECKING:
    from tui.database.sqlite.facts import DatabaseFacts


async def diagnose(
    settings: Settings | SettingsError,
    config: Path,
    wrong: Mapping[str, SettingsError] = MappingProxyType({}),
) -> list[Check]:
    """Look at everything that the settings name, and at what is around hitmiss.

    With an error in place of settings, only at what is around. `config` is where the
    configuration file is looked for; `wrong` says which settings the explorer cannot use, and
    why. It changes nothing and takes some seconds at most.
    """
    return [_without_secrets(check) for check in await _checks(settings, config, wrong)]


def _without_secrets(check: Check) -> Check:
    """Return a check as it may be shown: a URL may have been given in the place of any value.

    What is said of a cache's keys is not torn apart by a password that they hold too.
    """
    shown = SECRETS.without_logins if check.group == "cache" else SECRETS.masked
    return replace(
        check,
        value=shown(check.value) if isinstance(check.value, str) else check.value,
        detail=check.detail and shown(check.detail),
        advice=check.advice and shown(check.advice),
        source=check.source and shown(check.source),
    )


async def _checks(
    settings: Settings | SettingsError, config: Path, wrong: Mapping[str, SettingsError]
) -> list[Check]:
    if isinstance(settings, SettingsError):
        return [wrong_setting(settings), *versions(), *terminal(), *folders(config)]
    around = [*terminal(), *folders(config, settings.log)]
    path, file = _file(settings)
    template, told = _template(settings, wrong, file)
    database = database_checks(settings, path, file)
    cache = await _cache(settings, template, has_rows=file is not None and bool(file.rows))
    return [*told, *versions(), *cache, *database, *around]


def _file(settings: Settings) -> "tuple[Path, DatabaseFacts | None]":
    """Return where the database lies and what it is; None where it is still to be made."""
    # The drivers take time to import, and are not needed when the settings are wrong.
    from tui.database.sqlite.facts import examine

    path = settings.db or demo_path()
    if settings.db is None and not os.access(path, os.F_OK):
        return path, None
    return path, examine(path, settings.table, settings.id_column)


def _template(
    settings: Settings, wrong: Mapping[str, SettingsError], file: "DatabaseFacts | None"
) -> tuple[KeyTemplate | None, list[Check]]:
    schema = None if file is None else file.schema
    try:
        integer = schema is None or schema.id_is_integer
        template = KeyTemplate(settings.key, integer=integer)
    except SettingsError as error:
        return None, settings_checks(settings, {**wrong, "key": error})
    return template, settings_checks(settings, wrong)


async def _cache(
    settings: Settings, template: KeyTemplate | None, *, has_rows: bool
) -> list[Check]:
    from tui.cache.redis.examination import examine

    if settings.cache == EMBEDDED:
        return embedded_checks()
    server = await examine(
        settings.cache, template, SystemClock(), read_only=settings.read_only
    )
    return server_checks(settings, template, server, has_rows=has_rows)
