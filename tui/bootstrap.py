"""The only place that puts the pieces together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui import signals
from tui.clock import SystemClock
from tui.faults import Faults
from tui.keys import KeyTemplate
from tui.models import TableSchema
from tui.service.cache_aside import CacheAside
from tui.service.loader import Lifetimes
from tui.session import OpenServices, Place, Session
from tui.settings import EMBEDDED, Settings, demo_path

if TYPE_CHECKING:
    from tui.cache import RedisCache
    from tui.database import SqliteTable


@dataclass(frozen=True, slots=True)
class Plan:
    """What was found out before anything is opened: settings that can work."""

    settings: Settings
    path: Path
    """The database file, which exists."""
    schema: TableSchema
    template: KeyTemplate


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that is open."""

    cache: "RedisCache"
    table: "SqliteTable"
    service: CacheAside


def prepare(settings: Settings) -> Plan:
    """Check what can be checked cheaply: the file, its table, the key template.

    Makes the demo database where no other is named and it is not there yet.

    Raises:
        SettingsError: the key template cannot be used.
        DatabaseUnavailable: the file or its table cannot be used.
    """
    from tui.database import make_demo, read_schema

    template = KeyTemplate(settings.key)
    path = settings.db
    if path is None:
        path = demo_path()
        make_demo(path)
    schema = read_schema(path, settings.table, settings.id_column, read_only=settings.read_only)
    return Plan(settings, path, schema, template)


def lifetimes_of(settings: Settings) -> Lifetimes:
    """Give how long things stay cached at first."""
    return Lifetimes(settings.ttl, settings.grace, settings.negative_ttl)


def session_of(
    plan: Plan, open_once: Callable[[], Awaitable[OpenServices]], faults: Faults
) -> Session:
    """Give the explorer's session, which uses what `open_once` gives and switches `faults`."""
    settings = plan.settings
    database = "demo" if settings.db is None else plan.path.name
    return Session(
        open_once,
        plan.schema,
        plan.template,
        lifetimes_of(settings),
        Place(database, settings.cache_name, embedded=settings.cache == EMBEDDED),
        read_only=settings.read_only,
        faults=faults,
    )


@asynccontextmanager
async def open_services(plan: Plan, faults: Faults | None = None) -> AsyncIterator[Services]:
    """Open cache, table and service; close them again in the opposite order.

    Cache and table obey `faults` where there are some. They are switched off before anything
    is closed, so that deletes which are still pending reach the cache.

    Raises:
        DatabaseUnavailable: the file can no longer be opened.
    """
    # The drivers take time to import, so that happens here: after the first paint.
    from tui.cache import open_embedded, open_url
    from tui.database import open_table

    settings = plan.settings
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        table = await stack.enter_async_context(
            open_table(
                plan.path, plan.schema, clock, read_only=settings.read_only, faults=faults
            )
        )
        cache = await stack.enter_async_context(
            open_embedded(clock, read_only=settings.read_only, faults=faults)
            if settings.cache == EMBEDDED
            else open_url(settings.cache, clock, read_only=settings.read_only, faults=faults)
        )
        service = CacheAside(
            cache,
            table,
            plan.template,
            clock,
            lifetimes=lifetimes_of(settings),
            read_only=settings.read_only,
        )
        stack.push_async_callback(service.aclose)
        if faults is not None:
            stack.callback(faults.clear)
        yield Services(cache, table, service)


def run_explorer(plan: Plan) -> int:
    """Run the explorer until it is left; give its exit code."""
    signals.leave_at_once()  # there is nothing to restore before the app is there
    return asyncio.run(_explore(plan))


async def _explore(plan: Plan) -> int:
    from tui.app import Explorer
    from tui.terminal import driver_for

    async with AsyncExitStack() as stack:
        opening: asyncio.Task[Services] | None = None
        faults = Faults()

        async def open_once() -> Services:
            nonlocal opening
            if opening is None:
                opening = asyncio.create_task(
                    stack.enter_async_context(open_services(plan, faults))
                )
            return await asyncio.shield(opening)  # nobody who leaves may half-open them

        driver = driver_for(full_output=plan.settings.full_output)
        app = Explorer(session_of(plan, open_once, faults), SystemClock(), driver)
        signals.end_by(app.end)
        try:
            await app.run_async()
        finally:
            if opening is not None:
                await asyncio.wait([opening])
        return app.return_code or 0
