"""What the compare screen can do: one record on both sides, and the audit of all of them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from tui.audit.comparison import Comparison
from tui.audit.engine import Audit
from tui.audit.results import Judgement, Progress
from tui.controllers.session import Session
from tui.models import CopyChange, Key
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError, DatabaseUnavailable
from tui.service.healing import HealedSoFar, WrongCopies


class CompareController:
    """The compare screen's way to cache and database."""

    def __init__(self, session: Session, clock: Clock) -> None:
        """Compare what the session has open; times are of `clock`."""
        self.session = session
        self._clock = clock
        self.progress = Progress()
        """How far the latest audit has come."""
        self.wrong = WrongCopies()
        """What it has found to be wrong for sure."""

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
            self.progress, self.wrong = audit.progress, WrongCopies()
            async for judgements in audit.run():
                self.wrong.note(judgements)
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

    async def heal_all(self) -> AsyncGenerator[HealedSoFar, None]:
        """Forget the copies that are wrong for sure; yield, part by part, what became of them.

        Raises:
            CacheError, DatabaseUnavailable: no answer; those so far are forgotten.
        """
        try:
            services = await self.session.services()
            walker = services.cache.walker.patient()
            async with aclosing(self.wrong.forget(services.service.writer, walker)) as parts:
                async for healed in parts:
                    yield healed
        except (CacheError, DatabaseUnavailable) as error:
            self.session.note_failure(error)
            raise

    async def _audit(self) -> Audit:
        services = await self.session.services()
        return Audit(
            services.cache.walker, services.table, self.session.template, self._clock,
            reader=services.reader,
        )  # fmt: skip
