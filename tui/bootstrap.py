"""The only place that puts the pieces together."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from tui import __version__
from tui.cache import registry as caches
from tui.cache.port import Cache, CacheOptions
from tui.config.settings import Settings, check_map, demo_path, for_shared_database
from tui.database import registry as databases
from tui.database.port import Table, TableOptions
from tui.models import TableSchema
from tui.models.keys import KeyTemplate
from tui.runtime.clock import SystemClock
from tui.runtime.faults import Faults
from tui.runtime.isolation import python_command
from tui.runtime.notices import say
from tui.service.lifetimes import Lifetimes

if TYPE_CHECKING:
    from tui.audit.reading import CopyReader, Reading
    from tui.config.state import KeptState
    from tui.controllers.session import OpenServices, Place, Session
    from tui.lab.environment import LabEnvironment
    from tui.service.cache_aside import CacheAside
    from tui.service.journal import Journal

LABORATORY = python_command("tui.cli.commands.bench.process")
"""What runs the loads and scenarios of the explorer."""
FORWARDED_OPTIONS = (
    "cache", "table", "id-column", "key", "ttl", "grace", "negative-ttl", "read-only",
    "max-value",
)  # fmt: skip
"""The options that it is told, with the database."""


Uniform: TypeAlias = Callable[[float, float], float]
"""Draws a number between two, as random.uniform does."""


class Plan(Struct, frozen=True):
    """What was found out before anything is opened: settings that can work."""

    settings: Settings
    database: str
    """The database, which is there: a URL or a path, as its store has checked it."""
    schema: TableSchema
    template: KeyTemplate

    @property
    def database_name(self) -> str:
        """The database's name, short, as it may be shown."""
        if self.settings.db is None:
            return "demo"
        return databases.store_of(self.database).name(self.database)

    @property
    def cache_is_shared(self) -> bool:
        """Whether other processes see what is in the cache."""
        cache = caches.store_of(self.settings.cache)
        return cache.capabilities(self.settings.cache).shared

    @property
    def cache_name(self) -> str:
        """The cache as it may be shown: without user, password and options."""
        return caches.store_of(self.settings.cache).name(self.settings.cache)


class Services(Struct, frozen=True):
    """Everything that is open."""

    cache: Cache
    table: Table
    service: "CacheAside"
    reader: "CopyReader"
    """Reads what other programs cache."""


def known(settings: Settings) -> Settings:
    """Return settings whose stores are of kinds that are known.

    Raises:
        SettingsError: one of them is not.
    """
    settings = replace(settings, cache=caches.store_of(settings.cache).check(settings.cache))
    if settings.db is None:
        return settings
    store = databases.store_of(settings.db)
    settings = replace(settings, db=store.check(settings.db))
    return for_shared_database(settings) if store.shared(settings.db or "") else settings


def prepare(settings: Settings) -> Plan:
    """Check what can be checked cheaply: the table, the key template, the log.

    Makes the demo database where no other is named and it is not there yet.

    Raises:
        SettingsError: the key template or the log cannot be used.
        DatabaseUnavailable: the database or its table cannot be used.
    """
    KeyTemplate(settings.key, integer=True)  # what no table could have is said at once
    database = settings.db
    if database is None:
        path = demo_path()
        if path.is_symlink() or not path.exists():
            databases.store_of(str(path)).make_demo(str(path))
        database = str(path)
    schema = databases.store_of(database).read_schema(
        database, settings.table, settings.id_column, read_only=settings.read_only
    )
    template = KeyTemplate(
        settings.key, integer=schema.id_is_integer, largest=schema.largest_key
    )
    check_map(settings.map, schema)
    if settings.log is not None:
        from tui.runtime import log_file

        log_file.check(settings.log)
    return Plan(settings, database, schema, template)


def lifetimes_of(settings: Settings) -> Lifetimes:
    """Give how long things stay cached at first."""
    return Lifetimes(settings.ttl, settings.grace, settings.negative_ttl)


def reading_of(settings: Settings) -> "Reading":
    """Give how copies of other programs are to be read."""
    from tui.audit.reading import Reading

    return Reading(
        settings.map, settings.record_at or (), settings.id_pattern, settings.database_zone
    )


def place_of(plan: Plan) -> "Place":
    """Return what is explored, in names that may be shown."""
    from tui.controllers.session import Place

    cache, database = caches.store_of(plan.settings.cache), databases.store_of(plan.database)
    return Place(
        plan.database_name,
        plan.cache_name,
        database.place(plan.database),
        embedded=not plan.cache_is_shared,
        cache_client=cache.client(plan.settings.cache),
        database_client=database.client(plan.database),
    )


def kept_under(plan: Plan) -> str:
    """Return by what database and cache are known again in the next run, without password."""
    place = place_of(plan)
    database = place.database if plan.settings.db is None else place.path
    return f"{database} {place.cache}"


def session_of(
    plan: Plan,
    open_once: "Callable[[], Awaitable[OpenServices]]",
    start: "KeptState",
    faults: Faults,
) -> "Session":
    """Give the session on what `open_once` gives, with `faults` and the ttl of `start`."""
    from tui.controllers.session import Session
    from tui.lab.remote import OwnProcess

    settings = plan.settings
    lifetimes = lifetimes_of(settings)
    return Session(
        open_once,
        plan.schema,
        plan.template,
        replace(lifetimes, ttl=start.ttl or lifetimes.ttl),
        place_of(plan),
        read_only=settings.read_only,
        log_rows=settings.log_rows,
        faults=faults,
        laboratory=OwnProcess(LABORATORY, options_of(plan)),
    )


def options_of(plan: Plan) -> dict[str, Any]:
    """Give the options by which another process comes to the same plan, as JSON has them."""
    options = {
        name: getattr(plan.settings, name.replace("-", "_")) for name in FORWARDED_OPTIONS
    }
    return {**options, "db": databases.store_of(plan.database).address(plan.database)}


def import_drivers(plan: Plan) -> None:
    """Import what opening the services needs, which takes a while."""
    import tui.service.cache_aside  # noqa: F401

    caches.store_of(plan.settings.cache).load()
    databases.store_of(plan.database).load()


@contextmanager
def _journal(plan: Plan, path: Path, complain: Callable[[str], None]) -> Iterator["Journal"]:
    """Keep a journal in the file at `path`."""
    from tui.runtime import log_file
    from tui.service.journal import Journal

    with closing(log_file.LogFile(path, complain)) as file:
        journal = Journal(file)
        journal.began(
            version=__version__,
            database=databases.store_of(plan.database).place(plan.database),
            cache=plan.cache_name,
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

    from tui.audit.reading import CopyReader
    from tui.service.cache_aside import CacheAside

    reader = CopyReader(reading_of(plan.settings), plan.settings.max_value)
    settings, clock = plan.settings, SystemClock()
    async with AsyncExitStack() as stack:
        table = await stack.enter_async_context(
            databases.store_of(plan.database).open(
                plan.database,
                plan.schema,
                clock,
                TableOptions(settings.read_only, settings.max_value, faults, complain),
            )
        )
        others = settings.read_only or not plan.template.ours
        cache = await stack.enter_async_context(
            caches.store_of(settings.cache).open(
                settings.cache,
                clock,
                CacheOptions(settings.read_only, others, settings.max_value, faults),
            )
        )
        can = caches.store_of(settings.cache).capabilities(settings.cache)
        rounded = lifetimes_of(settings).not_kept(can.ttl_step, can.least_ttl)
        if rounded is not None and not settings.read_only:
            complain(rounded)
        service = CacheAside(
            cache,
            table,
            plan.template,
            clock,
            lifetimes=lifetimes_of(settings),
            reader=reader,
            read_only=settings.read_only,
            uniform=uniform or random.uniform,
        )
        if settings.log is not None:
            journal = stack.enter_context(_journal(plan, settings.log, complain))
            service.listeners.add(journal.hear)
        stack.push_async_callback(service.aclose)
        if faults is not None:
            stack.callback(faults.clear)
        yield Services(cache, table, service, reader)


@asynccontextmanager
async def open_lab(
    plan: Plan, *, seed: int | None = None, faults: Faults | None = None
) -> AsyncIterator["LabEnvironment"]:
    """Open cache and table for one load or scenario, which leaves no key behind.

    They obey `faults`, which are to be off at first, and are off again at the end.

    Raises:
        DatabaseUnavailable: the file can no longer be opened.
        CacheError: the cache does not answer.
    """
    from tui.lab.environment import open_environment

    faults = faults or Faults()
    async with open_services(plan, faults=faults) as services:
        await services.cache.ping()
        async with open_environment(
            services.cache, services.table, SystemClock(), seed=seed
        ) as lab:
            await lab.prepare()
            try:
                yield lab
            finally:
                faults.clear()  # or the keys could not be deleted
