"""All checks, in the order in which they are told."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

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
    if isinstance(settings, SettingsError):
        return [wrong_setting(settings), *versions(), *terminal(), *folders(config)]
    around = [*terminal(), *folders(config, settings.log)]
    template, told = _template(settings, wrong)
    cache, database = await _cache_and_database(settings, template)
    return [*told, *versions(), *cache, *database, *around]


async def _cache_and_database(
    settings: Settings, template: KeyTemplate | None
) -> tuple[list[Check], list[Check]]:
    # The drivers take time to import, and are not needed when the settings are wrong.
    from tui.cache.redis.examination import examine as examine_server
    from tui.database.sqlite.facts import examine as examine_file

    path = settings.db or demo_path()
    is_to_be_made = settings.db is None and not os.access(path, os.F_OK)
    file = None if is_to_be_made else examine_file(path, settings.table, settings.id_column)
    database = database_checks(settings, path, file)
    if settings.cache == EMBEDDED:
        return embedded_checks(), database
    server = await examine_server(
        settings.cache, template, SystemClock(), read_only=settings.read_only
    )
    has_rows = file is not None and bool(file.rows)
    return server_checks(settings, template, server, has_rows=has_rows), database


def _template(
    settings: Settings, wrong: Mapping[str, SettingsError]
) -> tuple[KeyTemplate | None, list[Check]]:
    try:
        template = KeyTemplate(settings.key)
    except SettingsError as error:
        return None, settings_checks(settings, {**wrong, "key": error})
    return template, settings_checks(settings, wrong)
