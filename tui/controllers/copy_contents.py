"""What the copies hold that the cache screen shows: read when they come into view, and kept."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from tui.audit.reading import Copy
from tui.controllers.session import Session
from tui.models.inventory import CopyState, Entry
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError, DatabaseUnavailable

if TYPE_CHECKING:
    from tui.models import Key

MOST_BYTES: Final = 64 << 10
"""A longer copy is not read only to be looked at."""
MOST_KEPT: Final = 200
MOST_AT_ONCE: Final = 100
RETRY_SECONDS: Final = 5.0
"""For so long a cache that gave no answer is left alone."""


class CopyContents:
    """The contents of some copies, each for as long as the cache holds that very copy."""

    def __init__(self, session: Session, clock: Clock) -> None:
        """Read through the session's cache; times are of `clock`."""
        self._session = session
        self._clock = clock
        self._kept: dict[Key, tuple[Entry, Copy]] = {}
        self._due = 0.0

    def of(self, entry: Entry | None) -> Copy | None:
        """Return what the copy holds, as far as it was read."""
        if entry is None:
            return None
        kept = self._kept.get(entry.id)
        return None if kept is None or kept[0] is not entry else kept[1]

    def unknown(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return those of the copies that are to be read; none after a failure, for a while."""
        now = self._clock.monotonic()
        if now < self._due:
            return []
        wanted = (
            entry
            for entry in entries
            if self.of(entry) is None
            and not entry.known_absent
            and (entry.size or 0) <= MOST_BYTES
            and entry.state(now) is not CopyState.EXPIRED
        )
        return list(wanted)[:MOST_AT_ONCE]

    async def read(self, entries: list[Entry]) -> None:
        """Read those copies; of what cannot be read nothing is known, and it is tried later."""
        template = self._session.template
        try:
            services = await self._session.services()
            while entries:
                keys = [template.value_key(entry.id) for entry in entries]
                found = await services.cache.walker.read(keys)
                schema = services.table.schema
                for entry, cached in zip(entries, found, strict=False):
                    self._keep(entry, services.reader.read(cached, schema))
                entries = entries[len(found) :]
        except (CacheError, DatabaseUnavailable) as error:
            self._session.note_failure(error)
            self._due = self._clock.monotonic() + RETRY_SECONDS

    def _keep(self, entry: Entry, copy: Copy) -> None:
        self._kept.pop(entry.id, None)
        self._kept[entry.id] = entry, copy
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]
