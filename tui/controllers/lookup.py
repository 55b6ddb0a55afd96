"""What the lookup screen can do: look up, search, invalidate, expire, choose the ttl."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from tui.errors import CacheError, DatabaseUnavailable, InvalidKey
from tui.keys import looks_like_integer, parse_key
from tui.models import (
    CopyChange,
    Health,
    Key,
    Label,
    Outcome,
    SearchResult,
    TableSchema,
    Tally,
    Target,
    Trace,
)
from tui.service.cache_aside import CacheAside
from tui.service.events import Event, Loaded, LookedUp
from tui.service.loader import Lifetimes

TTL_STEPS = (5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
"""The ttls that `+` and `-` go through, in seconds."""
SEARCH_LIMIT = 20


class Pingable(Protocol):
    """What can be asked whether it is there."""

    async def ping(self, trace: Trace) -> None:
        """Return when it answers.

        Raises:
            CacheError: it does not.
        """
        ...


class Searchable(Protocol):
    """A table that can be searched."""

    @property
    def schema(self) -> TableSchema:
        """The table's columns and key."""
        ...

    async def search(self, text: str, limit: int) -> SearchResult:
        """Give the records that hold `text`."""
        ...


class OpenServices(Protocol):
    """Everything that is open once the explorer has started."""

    @property
    def service(self) -> CacheAside:
        """The cache-aside service."""
        ...

    @property
    def table(self) -> Searchable:
        """The table behind it."""
        ...

    @property
    def cache(self) -> Pingable:
        """The cache in front of it."""
        ...


class LookupController:
    """The lookup screen's way to the services, which are opened behind it."""

    def __init__(
        self,
        open_services: Callable[[], Awaitable[OpenServices]],
        schema: TableSchema,
        lifetimes: Lifetimes,
        *,
        read_only: bool,
    ) -> None:
        """Work on what `open_services` gives; it is called for every use, and opens once."""
        self._open = open_services
        self.schema = schema
        self.read_only = read_only
        self._lifetimes = lifetimes
        self.tally = Tally()
        self.cache_health = Health()
        self.database_health = Health()

    @property
    def ttl(self) -> float:
        """Seconds for which the next fills are fresh."""
        return self._lifetimes.ttl

    def is_key(self, text: str) -> bool:
        """Tell whether `text` names a record rather than something to search for."""
        return self.schema.id_is_integer and looks_like_integer(text)

    def parse_key(self, text: str) -> Key:
        """Give the key that `text` spells.

        Raises:
            InvalidKey: it spells none.
        """
        return parse_key(text, integer=self.schema.id_is_integer)

    async def connect(self) -> None:
        """Open the services and see whether the cache is there, before a lookup asks it."""
        trace: Trace = []
        try:
            services = await self._open()
            self.database_health = Health(up=True)
            await services.cache.ping(trace)
        except DatabaseUnavailable as error:
            self.database_health = Health(up=False, reason=str(error))
        except CacheError as error:
            self.cache_health = Health(up=False, reason=str(error))
        else:
            self.cache_health = Health(up=True, seconds=trace[-1].seconds)

    async def look_up(self, id: Key, *, bypass: bool = False) -> Outcome:
        """Look `id` up through the service."""
        try:
            service = await self._service()
        except DatabaseUnavailable as error:
            return Outcome(id, Label.ERROR, reason=str(error))
        return await service.look_up(id, bypass=bypass)

    async def search(self, text: str) -> SearchResult:
        """Search the table; a database that fails is a reason in the result."""
        if not text.strip():
            return SearchResult(text)
        try:
            services = await self._open()
            return await services.table.search(text, SEARCH_LIMIT)
        except DatabaseUnavailable as error:
            self.database_health = Health(up=False, reason=str(error))
            return SearchResult(text, complete=False, reason=str(error))

    async def key_for(self, text: str) -> Key:
        """Give the key that `text` means: the one it spells, else of the best match.

        Raises:
            InvalidKey: it is no key, and the search finds nothing.
            DatabaseUnavailable: the search got no answer.
        """
        if self.is_key(text) or not text.strip():
            return self.parse_key(text)
        result = await self.search(text)
        if result.matches:
            return result.matches[0].id
        if result.reason is not None:
            raise DatabaseUnavailable(result.reason)
        if not self.schema.id_is_integer:
            return self.parse_key(text)
        raise InvalidKey(self.nothing_found(text, result.advice))

    def nothing_found(self, text: str, advice: str = "") -> str:
        """Give the sentence that says that a search found nothing, or was stopped before."""
        shown = text if len(text) <= 30 else f"{text[:30]}…"
        where = " or ".join(self.schema.search_columns) or "searchable column"
        if advice:
            return f"nothing found yet that holds {shown!r}; {advice}"
        return f"no {where} holds {shown!r}; digits look a key up"

    async def invalidate(self, id: Key) -> CopyChange:
        """Forget the cached copy; a failure is a reason in the result."""
        try:
            service = await self._service()
        except DatabaseUnavailable as error:
            return CopyChange(id, found=False, reason=str(error))
        return await service.invalidate(id)

    async def expire(self, id: Key) -> CopyChange:
        """Make the cached copy expire now; a failure is a reason in the result."""
        try:
            service = await self._service()
        except DatabaseUnavailable as error:
            return CopyChange(id, found=False, reason=str(error))
        return await service.expire(id)

    def step_ttl(self, direction: int) -> float:
        """Choose the next longer (+1) or shorter (-1) ttl; give the one in force."""
        now = self.ttl
        if direction > 0:
            ttl = next((step for step in TTL_STEPS if step > now), now)
        else:
            ttl = next((step for step in reversed(TTL_STEPS) if step < now), now)
        self._lifetimes = replace(self._lifetimes, ttl=ttl)
        return ttl

    async def _service(self) -> CacheAside:
        service = (await self._open()).service
        service.lifetimes = self._lifetimes
        service.listener = self._hear
        return service

    def _hear(self, event: Event) -> None:
        """Count what the service says that it does."""
        if isinstance(event, LookedUp):
            self.tally = self.tally.with_outcome(event.outcome)
            self._learn_from(event.outcome)
        elif isinstance(event, Loaded):
            self.tally = self.tally.with_read()

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
