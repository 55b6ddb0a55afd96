"""All checks, in the order in which they are told."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from msgspec import structs

from tui.cache import registry as caches
from tui.cache.port import Asked
from tui.config.settings import Settings, check_map, demo_path
from tui.database import registry as databases
from tui.database.port import Examined
from tui.doctor.environment import folders, terminal, versions
from tui.doctor.settings_checks import settings_checks, wrong_setting
from tui.models import TableSchema
from tui.models.check import Check
from tui.models.keys import KeyTemplate
from tui.runtime.errors import SettingsError
from tui.runtime.redaction import SECRETS


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
        columns=tuple(
            structs.replace(column, name=shown(column.name), declared=shown(column.declared))
            for column in check.columns
        ),
    )


async def _checks(
    settings: Settings | SettingsError, config: Path, wrong: Mapping[str, SettingsError]
) -> list[Check]:
    if isinstance(settings, SettingsError):
        store = databases.store_of(str(demo_path()))
        return [wrong_setting(settings), *versions(store), *terminal(), *folders(config)]
    store = databases.store_of(_url(settings))
    around = [*terminal(), *folders(config, settings.log)]
    database = _examined(settings)
    template, told = _template(settings, wrong, database.schema)
    asked = Asked(
        settings.cache, template,
        read_only=settings.read_only, rows=bool(database.rows),
        named=settings.sources["key"] != "default",
    )  # fmt: skip
    cache = await caches.store_of(settings.cache).checks(asked)
    return [*told, *versions(store), *cache, *database.checks, *around]


def _url(settings: Settings) -> str:
    return settings.db or str(demo_path())


def _examined(settings: Settings) -> Examined:
    """Return what the database is, or the demo that is still to be made."""
    url = _url(settings)
    store = databases.store_of(url)
    if settings.db is None and not os.access(url, os.F_OK):
        return store.to_be_made(url)
    return store.examine(url, settings.table, settings.id_column, read_only=settings.read_only)


def _template(
    settings: Settings, wrong: Mapping[str, SettingsError], schema: TableSchema | None
) -> tuple[KeyTemplate | None, list[Check]]:
    try:
        if schema is not None:
            check_map(settings.map, schema)
    except SettingsError as error:
        wrong = {**wrong, "map": error}
    try:
        integer = schema is None or schema.id_is_integer
        template = KeyTemplate(settings.key, integer=integer)
    except SettingsError as error:
        return None, settings_checks(settings, {**wrong, "key": error})
    return template, settings_checks(settings, wrong)
