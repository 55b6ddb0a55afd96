"""What the compare screen can do: one record on both sides, and the audit of all of them."""

from collections.abc import AsyncGenerator

from tui.audit.comparison import Comparison
from tui.audit.engine import Audit
from tui.audit.results import Judgement, Progress
from tui.controllers.session import Session
from tui.models import CopyChange, Key
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError, DatabaseUnavailable


class CompareController:
    """The compare screen's way to cache and database."""

    def __init__(self, session: Session, clock: Clock) -> None:
        """Compare what the session has open; times are of `clock`."""
        self.session = session
        self._clock = clock
        self.progress = Progress()
        """How far the latest audit has come."""

    def now(self) -> float:
        """Give the time, in seconds, by which comparisons grow old."""
        return self._clock.monotonic()

    async def compare(self, id: Key) -> Comparison:
        """Give one record as the cache and as the database have it right now.

        Raises:
            CacheError, DatabaseUnavailable: no answer.
        """
        try:
            comparison = await (await self._audit()).compare_one(id)
        except (CacheError, DatabaseUnavailable) as error:
            self.session.note_failure(error)
            raise
        self.session.note_answers(database=True)
        return comparison

    async def audit(self) -> AsyncGenerator[list[Judgement], None]:
        """Compare all cached copies; give what is found, batch by batch.

        Raises:
            CacheError, DatabaseUnavailable: no answer, after several attempts.
        """
        try:
            audit = await self._audit()
            self.progress = audit.progress
            async for judgements in audit.run():
                self.session.note_answers(database=True)
                yield judgements
        except (CacheError, DatabaseUnavailable) as error:
            self.session.note_failure(error)
            raise

    async def heal(self, id: Key) -> CopyChange:
        """Forget the copy, so that the next lookup asks the database."""
        try:
            service = await self.session.service()
        except DatabaseUnavailable as error:
            return CopyChange(id, found=False, reason=str(error))
        return await service.writer.invalidate(id)

    async def _audit(self) -> Audit:
        services = await self.session.services()
        return Audit(
            services.cache.walker, services.table, self.session.template, self._clock,
            reader=services.reader,
        )  # fmt: skip
