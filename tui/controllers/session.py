"""What all screens share: the services that are open, the ttl, the totals, how targets do."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from msgspec.structs import replace

from tui.cache.port import Cache
from tui.database.port import Table
from tui.models import (
    Caveat,
    Health,
    Key,
    Outcome,
    TableSchema,
    Tally,
    Target,
)
from tui.models.history import History
from tui.models.keys import KeyTemplate
from tui.models.recorder import Recorder
from tui.runtime.errors import CacheError, CacheRefused, DatabaseUnavailable
from tui.runtime.faults import Faults
from tui.service.lifetimes import Lifetimes

if TYPE_CHECKING:
    from tui.audit.reading import CopyReader
    from tui.lab.remote import Laboratory
    from tui.models.undoable import UndoableChange
    from tui.service.cache_aside import CacheAside
    from tui.service.events import Event

TTL_STEPS = (5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
"""The ttls that `+` and `-` go through, in seconds."""


SLOW_SECONDS = 0.1
"""An answer that takes longer than this is called slow."""


class OpenServices(Protocol):
    """Everything that is open once the explorer has started."""

    @property
    def service(self) -> "CacheAside":
        """The cache-aside service."""
        ...

    @property
    def reader(self) -> "CopyReader":
        """Reads what other programs cache."""
        ...

    @property
    def table(self) -> Table:
        """The table behind it."""
        ...

    @property
    def cache(self) -> Cache:
        """The cache in front of it."""
        ...


class Place(Struct, frozen=True):
    """What is explored, in names that may be shown."""

    database: str
    """The database's name."""
    cache: str
    """The cache, without a password."""
    path: str = ""
    """The database's file."""
    embedded: bool = False
    """The cache is inside this process: nobody else uses it."""
    cache_client: tuple[str, ...] = ()
    """The words that call the cache's own client in a shell; none where it reaches nothing."""
    database_client: tuple[str, ...] = ()
    """The words that call the database's own client, to read."""

    @property
    def the_cache(self) -> str:
        """The cache, as a sentence names it."""
        return "the embedded cache" if self.embedded else self.cache


class Session:
    """One run of the explorer, as far as its screens have something in common."""

    def __init__(
        self,
        open_services: Callable[[], Awaitable[OpenServices]],
        schema: TableSchema,
        template: KeyTemplate,
        lifetimes: Lifetimes,
        place: Place,
        *,
        read_only: bool,
        log_rows: int = 1000,
        faults: Faults | None = None,
        laboratory: "Laboratory | None" = None,
    ) -> None:
        """Work on what `open_services` gives; it is called for every use, and opens once.

        It should obey `faults`, which screens switch. Loads and scenarios are run in the
        `laboratory`.
        """
        self._open = open_services
        self.schema = schema
        self.template = template
        self.place = place
        self.read_only = read_only
        self.log_rows = log_rows
        """How many lookups the log holds."""
        self.laboratory = laboratory
        self.lifetimes = lifetimes
        """How long the next fills live."""
        self.faults = faults or Faults()
        """What goes wrong on purpose."""
        self.over = False
        """Whether the explorer is being left."""
        self.listeners: list[Callable[[Event], None]] = []
        """Called with each event of the service, on the loop; they must not raise."""
        self.undoable: UndoableChange | None = None
        """The latest change that a person made here, as long as it can be taken back."""
        self.histories: dict[str, History] = {}
        """What was asked, by screen."""
        self._table: Table | None = None
        self.example: Key | None = None
        """The key of some record, once one is known."""
        self.tally = Tally()
        self.cache_health = Health()
        self.database_health = Health()

    def history(self, screen: str) -> History:
        """Give what was asked on a screen, here and in former runs."""
        return self.histories.setdefault(screen, History())

    @property
    def caveats(self) -> Sequence[Caveat]:
        """Why what the database answers may be old, or not all of it."""
        return () if self._table is None else self._table.caveats

    @property
    def ttl(self) -> float:
        """Seconds for which the next fills are fresh."""
        return self.lifetimes.ttl

    def step_ttl(self, direction: int) -> float:
        """Choose the next longer (+1) or shorter (-1) ttl; give the one in force."""
        ttl = next_step(self.ttl, direction)
        self.lifetimes = replace(self.lifetimes, ttl=self.ttl if ttl is None else ttl)
        return self.ttl

    async def services(self) -> OpenServices:
        """Give everything that is open, and hear from now on what the service does.

        Raises:
            DatabaseUnavailable: the database cannot be opened.
        """
        services = await self._open()
        self._table = services.table
        services.service.lifetimes = self.lifetimes
        services.service.listeners.add(self._hear)
        return services

    async def service(self) -> "CacheAside":
        """Give the cache-aside service.

        Raises:
            DatabaseUnavailable: the database cannot be opened.
        """
        return (await self.services()).service

    async def connect(self) -> None:
        """Open the services and see whether the cache is there, before a lookup asks it."""
        try:
            services = await self.services()
            self.database_health = Health(up=True)
            with Recorder() as steps:
                await services.cache.ping()
        except (DatabaseUnavailable, CacheError) as error:
            self.note_failure(error)
        else:
            self.cache_health = Health(up=True, seconds=steps[-1].seconds)
        await self._find_example()

    async def _find_example(self) -> None:
        """Find the key of some record, so that hints can name one that is there."""
        if self._table is not None:
            with suppress(DatabaseUnavailable):
                self.example = next(iter(await self._table.first_keys(1)), None)

    async def aclose(self) -> None:
        """Return when nothing that was started in the laboratory is left."""
        if self.laboratory is not None:
            await self.laboratory.aclose()

    def note_answers(self, *, database: bool = False) -> None:
        """Remember that the cache has answered, and perhaps the database too."""
        if not self.cache_health.up:
            self.cache_health = Health(up=True)
        if database and not self.database_health.up:
            self.database_health = Health(up=True)

    @property
    def is_down(self) -> bool:
        """Whether one of the stores gives no answer."""
        return any(one.up is False for one in (self.cache_health, self.database_health))

    @property
    def is_worth_a_probe(self) -> bool:
        """Whether a store is down, or was slow at last though nothing slows it on purpose."""
        both = (self.cache_health, self.database_health)
        return self.is_down or (any(map(_is_unwell, both)) and not self.faults.on)

    async def probe(self, *, both: bool = False) -> None:
        """Ask what is down, or was slow, how it is by now; or `both`, however they were."""
        if not (both or self.is_worth_a_probe):
            return
        cache = both or _is_unwell(self.cache_health)
        database = both or _is_unwell(self.database_health)
        try:
            services = await self.services()
            if cache:
                await services.cache.ping()
                self.cache_health = Health(up=True)
            if database:
                await services.table.first_keys(1)
                self.database_health = Health(up=True)
        except (CacheError, DatabaseUnavailable) as error:
            self.note_failure(error)

    def note_failure(self, error: DatabaseUnavailable | CacheError) -> None:
        """Remember that the cache or the database gave no answer, and why.

        A cache that refuses something answers.
        """
        if isinstance(error, CacheRefused):
            return
        health = Health(up=False, reason=str(error))
        if isinstance(error, DatabaseUnavailable):
            self.database_health = health
        else:
            self.cache_health = health

    def _hear(self, event: "Event") -> None:
        """Count what the service says that it does."""
        from tui.service.events import Loaded, LookedUp  # not needed before the first paint

        if isinstance(event, LookedUp):
            self.tally = self.tally.with_outcome(event.outcome)
            self._learn_from(event.outcome)
        elif isinstance(event, Loaded):
            self.tally = self.tally.with_read()
        for listener in self.listeners:
            listener(event)

    def _learn_from(self, outcome: Outcome) -> None:
        for step in outcome.steps:
            health = Health(
                up=not step.failed,
                seconds=None if step.failed else step.seconds,
                reason=step.result if step.failed else None,
            )
            if step.target is Target.DATABASE:
                self.database_health = health
            elif step.target is Target.CACHE and step.seconds > 0:
                self.cache_health = health


def _is_unwell(health: Health) -> bool:
    """Tell whether a store gives no answer, or gave the last one slowly."""
    return health.up is False or (health.seconds or 0) > SLOW_SECONDS


def next_step(seconds: float, direction: int, *, spent: float = 0.0) -> float | None:
    """Give the next longer (+1) or shorter (-1) of TTL_STEPS; None where there is none.

    Of what was given as 30 s some may be `spent` by now: a share, up to which it still counts
    as 30 s on the way up, so that the step after it is a longer one.
    """
    if direction > 0:
        return next((step for step in TTL_STEPS if step * (1 - spent) > seconds), None)
    return next((step for step in reversed(TTL_STEPS) if step < seconds), None)
