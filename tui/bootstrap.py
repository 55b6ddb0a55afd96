"""The only place that puts the pieces together."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from tui import __version__
from tui.config.cache_url import EMBEDDED
from tui.config.settings import Settings, demo_path
from tui.config.state import State, keep_state, start_of, state_path
from tui.controllers.session import OpenServices, Place, Session
from tui.models import TableSchema
from tui.models.keys import KeyTemplate
from tui.runtime import crash, signals
from tui.runtime.clock import Clock, SystemClock
from tui.runtime.errors import SettingsError
from tui.runtime.faults import Faults
from tui.runtime.isolation import python_command
from tui.runtime.notices import say
from tui.service.lifetimes import Lifetimes

if TYPE_CHECKING:
    from textual.binding import Keymap
    from textual.driver import Driver

    from tui.cache.redis import RedisCache
    from tui.database.sqlite import SqliteTable
    from tui.lab.ground import Ground
    from tui.service.cache_aside import CacheAside
    from tui.service.journal import Journal
    from tui.views.app import Explorer

LABORATORY = python_command("tui.cli.commands.bench.process")
"""What runs the loads and scenarios of the explorer."""
TOLD = ("cache", "table", "id-column", "key", "ttl", "grace", "negative-ttl", "read-only",
        "max-value")  # fmt: skip
"""The options that it is told, with the database."""


OFTEN = (200, 5, 5)
"""When the explorer looks for garbage: what a lookup leaves is small, but memory counts."""

STDOUT = 1
"""The descriptor of the terminal on which the explorer is shown."""

Uniform: TypeAlias = Callable[[float, float], float]
"""Draws a number between two, as random.uniform does."""
MakeApp: TypeAlias = "Callable[[Session, Clock, type[Driver] | None, Beginning], Explorer]"


class Plan(Struct, frozen=True):
    """What was found out before anything is opened: settings that can work."""

    settings: Settings
    path: Path
    """The database file, which exists."""
    schema: TableSchema
    template: KeyTemplate


class Services(Struct, frozen=True):
    """Everything that is open."""

    cache: "RedisCache"
    table: "SqliteTable"
    service: "CacheAside"


def prepare(settings: Settings) -> Plan:
    """Check what can be checked cheaply: the file, its table, the key template, the log.

    Makes the demo database where no other is named and it is not there yet.

    Raises:
        SettingsError: the key template or the log cannot be used.
        DatabaseUnavailable: the file or its table cannot be used.
    """
    from tui.database.sqlite import make_demo, read_schema

    KeyTemplate(settings.key, integer=True)  # what no table could have is said at once
    path = settings.db
    if path is None:
        path = demo_path()
        make_demo(path)
    schema = read_schema(path, settings.table, settings.id_column, read_only=settings.read_only)
    template = KeyTemplate(settings.key, integer=schema.id_is_integer)
    if settings.log is not None:
        from tui.runtime import log_file

        log_file.check(settings.log)
    return Plan(settings, path, schema, template)


def lifetimes_of(settings: Settings) -> Lifetimes:
    """Give how long things stay cached at first."""
    return Lifetimes(settings.ttl, settings.grace, settings.negative_ttl)


def session_of(
    plan: Plan, open_once: Callable[[], Awaitable[OpenServices]], start: State, faults: Faults
) -> Session:
    """Give the session on what `open_once` gives, with `faults` and the ttl of `start`."""
    from tui.lab.remote import OwnProcess

    settings = plan.settings
    database = "demo" if settings.db is None else plan.path.name
    lifetimes = lifetimes_of(settings)
    return Session(
        open_once,
        plan.schema,
        plan.template,
        replace(lifetimes, ttl=start.ttl or lifetimes.ttl),
        Place(
            database,
            settings.cache_name,
            str(plan.path.absolute()),
            embedded=settings.cache == EMBEDDED,
        ),
        read_only=settings.read_only,
        log_rows=settings.log_rows,
        faults=faults,
        laboratory=OwnProcess(LABORATORY, options_of(plan)),
    )


def options_of(plan: Plan) -> dict[str, Any]:
    """Give the options by which another process comes to the same plan, as JSON has them."""
    options = {name: getattr(plan.settings, name.replace("-", "_")) for name in TOLD}
    return {**options, "db": str(plan.path.absolute())}


def import_drivers() -> None:
    """Import what opening the services needs, which takes a while."""
    import tui.cache.redis
    import tui.database.sqlite
    import tui.service.cache_aside  # noqa: F401


@contextmanager
def _journal(plan: Plan, path: Path, complain: Callable[[str], None]) -> Iterator["Journal"]:
    """Keep a journal in the file at `path`."""
    from tui.runtime import log_file
    from tui.service.journal import Journal

    with closing(log_file.LogFile(path, complain)) as file:
        journal = Journal(file)
        journal.began(
            version=__version__,
            database=str(plan.path),
            cache=plan.settings.cache_name,
            read_only=plan.settings.read_only,
        )
        try:
            yield journal
        finally:
            journal.ended()


@asynccontextmanager
async def open_services(
    plan: Plan,
    complain: Callable[[str], None] = say,
    *,
    faults: Faults | None = None,
    uniform: Uniform | None = None,
) -> AsyncIterator[Services]:
    """Open cache, table, service and log; close them again in the opposite order.

    `complain` is told what a person should know although everything goes on. Cache and table
    obey `faults`, which are switched off before anything is closed, so that deletes which are
    still pending reach the cache. What is drawn by chance is drawn from `uniform`.

    Raises:
        DatabaseUnavailable: the file can no longer be opened.
    """
    # What takes time to import is imported here: after the first paint.
    import random

    from tui.cache.redis import open_embedded, open_url
    from tui.database.sqlite import open_table
    from tui.service.cache_aside import CacheAside

    settings = plan.settings
    clock = SystemClock()
    options: dict[str, Any] = {
        "read_only": settings.read_only,
        "hashes": settings.read_only or not plan.template.ours,
        "max_value": settings.max_value,
        "faults": faults,
    }
    async with AsyncExitStack() as stack:
        table = await stack.enter_async_context(
            open_table(
                plan.path,
                plan.schema,
                clock,
                read_only=settings.read_only,
                faults=faults,
                max_value=settings.max_value,
                complain=complain,
            )
        )
        cache = await stack.enter_async_context(
            open_embedded(clock, **options)
            if settings.cache == EMBEDDED
            else open_url(settings.cache, clock, **options)
        )
        service = CacheAside(
            cache,
            table,
            plan.template,
            clock,
            lifetimes=lifetimes_of(settings),
            read_only=settings.read_only,
            uniform=uniform or random.uniform,
        )
        if settings.log is not None:
            journal = stack.enter_context(_journal(plan, settings.log, complain))
            service.listeners.add(journal.hear)
        stack.push_async_callback(service.aclose)
        if faults is not None:
            stack.callback(faults.clear)
        yield Services(cache, table, service)


@asynccontextmanager
async def open_lab(
    plan: Plan, *, seed: int | None = None, faults: Faults | None = None
) -> AsyncIterator["Ground"]:
    """Open cache and table for one load or scenario, which leaves no key behind.

    They obey `faults`, which are to be off at first, and are off again at the end.

    Raises:
        DatabaseUnavailable: the file can no longer be opened.
        CacheError: the cache does not answer.
    """
    from tui.lab.ground import open_ground

    faults = faults or Faults()
    async with open_services(plan, faults=faults) as services:
        await services.cache.ping()
        async with open_ground(
            services.cache, services.table, SystemClock(), seed=seed
        ) as ground:
            await ground.prepare()
            try:
                yield ground
            finally:
                faults.clear()  # or the keys could not be deleted


class Beginning(Struct, frozen=True):
    """How an explorer begins."""

    keymap: "Keymap"
    """Other keys for some of the bindings, by their ids."""
    state: State
    """What was kept of the last run."""
    problem: str | None
    """What is to be told at the beginning."""


def _make_explorer(
    session: Session, clock: Clock, driver: "type[Driver] | None", beginning: Beginning
) -> "Explorer":
    from tui.views.app import Explorer

    return Explorer(
        session, clock, driver,
        keymap=beginning.keymap, start=beginning.state, problem=beginning.problem,
    )  # fmt: skip


def run_explorer(
    plan: Plan, make: MakeApp = _make_explorer, uniform: Uniform | None = None
) -> int:
    """Run the explorer that `make` gives until it is left; give its exit code.

    What its service draws by chance is drawn from `uniform`.

    Raises:
        SettingsError: there is no such theme, the file's keys cannot be used, or the log would
            be written over the screen.
    """
    _check_log(plan.settings)
    gc.disable()  # until the first screen is painted
    signals.leave_at_once()  # there is nothing to restore before the app is there
    return asyncio.run(_explore(plan, make, uniform))


def _check_log(settings: Settings) -> None:
    if settings.log is None:
        return
    from tui.runtime.log_target import is_same_terminal

    if is_same_terminal(settings.log, STDOUT):
        raise SettingsError(
            f"--log {settings.log} is the terminal that the explorer paints; name a file,"
            " or send it elsewhere: 2>FILE"
        )


def _checked_keys(settings: Settings) -> dict[str, str]:
    if not settings.keys:
        return {}
    from tui.views.keymap import checked  # this imports every screen

    return checked(settings.keys, settings.sources["keys"])


def _keep(state: State, *, silent: bool) -> None:
    """Keep what the next run begins with; unless `silent`, say so where that fails."""
    path = state_path()
    if not keep_state(path, state) and not silent:
        say(f"the session cannot be kept in {path}")


async def _explore(plan: Plan, make: MakeApp, uniform: Uniform | None) -> int:
    from tui.terminal import driver_for
    from tui.views.themes import check_theme

    settings = plan.settings
    keymap = _checked_keys(settings)
    if settings.theme is not None:
        check_theme(settings.theme)
    start, wrong = start_of(settings)
    async with AsyncExitStack() as stack:
        opening: asyncio.Task[Services] | None = None
        faults = Faults()

        def complain(message: str) -> None:
            (app.warn if app.is_running else say)(message)

        async def open_now() -> Services:
            await asyncio.to_thread(import_drivers)  # keys are echoed meanwhile
            gc.collect()
            gc.freeze()
            gc.set_threshold(*OFTEN)
            gc.enable()
            services = open_services(plan, complain, faults=faults, uniform=uniform)
            return await stack.enter_async_context(services)

        async def open_once() -> Services:
            nonlocal opening
            if opening is None:
                opening = asyncio.create_task(open_now())
            return await asyncio.shield(opening)  # nobody who leaves may half-open them

        driver = driver_for(full_output=settings.full_output)
        session = session_of(plan, open_once, start, faults)
        stack.push_async_callback(session.aclose)
        app = make(session, SystemClock(), driver, Beginning(keymap, start, wrong))
        signals.end_by(app.end)
        crash.listen(partial(app.fail_soon, asyncio.get_running_loop()))
        try:
            await app.run_async()
        finally:
            crash.listen(None)
            if opening is not None:
                await asyncio.wait([opening])
        if settings.session and app.left is not None:
            _keep(app.left, silent=wrong is not None)
    if app.crash is not None:
        return crash.report(app.crash, debug=settings.debug)
    return app.return_code or 0
