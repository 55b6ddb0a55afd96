"""The only place that puts the pieces together."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tui import signals
from tui.clock import SystemClock
from tui.faults import Faults
from tui.keys import KeyTemplate
from tui.models import TableSchema
from tui.service.cache_aside import CacheAside
from tui.service.loader import Lifetimes
from tui.session import OpenServices, Place, Session
from tui.settings import DEFAULTS, EMBEDDED, Settings, demo_path, resolve

if TYPE_CHECKING:
    from textual.driver import Driver

    from tui.app import Explorer
    from tui.cache import RedisCache
    from tui.database import SqliteTable
    from tui.demos.script import Script
    from tui.terminal.recording import Recording


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
async def open_services(
    plan: Plan,
    faults: Faults | None = None,
    *,
    uniform: Callable[[float, float], float] = random.uniform,
) -> AsyncIterator[Services]:
    """Open cache, table and service; close them again in the opposite order.

    Cache and table obey `faults` where there are some. They are switched off before anything
    is closed, so that deletes which are still pending reach the cache. Chance (jitter, early
    refresh) is drawn from `uniform`.

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
            uniform=uniform,
        )
        stack.push_async_callback(service.aclose)
        if faults is not None:
            stack.callback(faults.clear)
        yield Services(cache, table, service)


def run_explorer(plan: Plan) -> int:
    """Run the explorer until it is left; give its exit code."""
    signals.leave_at_once()  # there is nothing to restore before the app is there
    return asyncio.run(_explore(plan, _make_explorer, random.uniform))


def run_demo(
    settings: Settings, script: "Script", speed: float, recording: "Recording | None"
) -> int:
    """Play a demonstration on an explorer of its own; give its exit code.

    It has the embedded cache, and a demo database that is made for it and goes with it. What
    is drawn by chance is drawn from the script's seed.

    Raises:
        DatabaseUnavailable: no temporary file can be made.
    """
    from tui.terminal.recording import recorded

    def make(session: Session, driver: "type[Driver] | None") -> "Explorer":
        from tui.demos.explorer import DemoExplorer

        if recording is not None:
            driver = recorded(driver, recording)
        return DemoExplorer(session, SystemClock(), driver, script=script, speed=speed)

    with demo_plan(settings, script) as plan:
        signals.leave_at_once()
        return asyncio.run(_explore(plan, make, demo_uniform(script)))


def demo_uniform(script: "Script") -> Callable[[float, float], float]:
    """Give what a demonstration draws its chances from: the same ones each time."""
    return random.Random(script.settings.get("seed", 0)).uniform


@contextmanager
def demo_plan(settings: Settings, script: "Script") -> Iterator[Plan]:
    """Give what a demonstration plays with, as it sets it; nothing of the user's is used.

    Raises:
        DatabaseUnavailable: no temporary file can be made.
    """
    from tui.database import make_demo

    with TemporaryDirectory(prefix="hitmiss-demo-") as folder:
        path = Path(folder) / "demo"
        make_demo(path)
        own = {name: value for name, value in script.settings.items() if name in DEFAULTS}
        shown = {
            "full-output": settings.full_output,
            "ascii": settings.ascii,
            "debug": settings.debug,
        }
        yield prepare(resolve({**shown, **own, "db": str(path)}, {}, {}, ""))


def _make_explorer(session: Session, driver: "type[Driver] | None") -> "Explorer":
    from tui.app import Explorer

    return Explorer(session, SystemClock(), driver)


async def _explore(
    plan: Plan,
    make: "Callable[[Session, type[Driver] | None], Explorer]",
    uniform: Callable[[float, float], float],
) -> int:
    from tui.terminal import driver_for

    async with AsyncExitStack() as stack:
        opening: asyncio.Task[Services] | None = None
        faults = Faults()

        async def open_once() -> Services:
            nonlocal opening
            if opening is None:
                opening = asyncio.create_task(
                    stack.enter_async_context(open_services(plan, faults, uniform=uniform))
                )
            return await asyncio.shield(opening)  # nobody who leaves may half-open them

        driver = driver_for(full_output=plan.settings.full_output)
        app = make(session_of(plan, open_once, faults), driver)
        signals.end_by(app.end)
        try:
            await app.run_async()
        finally:
            if opening is not None:
                await asyncio.wait([opening])
        return app.return_code or 0
