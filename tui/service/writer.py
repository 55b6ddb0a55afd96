"""Writes: to the database first, then the copy is forgotten, to the end and in that order."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias, TypeVar

from msgspec.structs import replace

from tui.cache.port import CLAIM_SECONDS
from tui.database.port import Records
from tui.models import CopyChange, Key, Record, Scalar, WriteResult
from tui.models.keys import KeyTemplate
from tui.models.recorder import Recorder
from tui.runtime.clock import Clock
from tui.runtime.errors import (
    READ_ONLY,
    CacheError,
    ChangeIgnored,
    ChangeRefused,
    DatabaseUnavailable,
)
from tui.service.cached_copy import Understanding
from tui.service.events import Event, Invalidated, Written
from tui.service.guarded_cache import GuardedCache
from tui.service.loader import Loader

Result = TypeVar("Result")
Statement: TypeAlias = Callable[[], Awaitable[tuple[Key, bool, Record | None]]]
"""Runs one write; gives the record's key, whether it was there, and how it is then."""


class Writer:
    """What one service changes: records, and the copies of them.

    Each change runs in a task of its own to its end, so that a caller who is cancelled
    never leaves half of it: a row that is written and a copy that nobody forgot.
    """

    def __init__(
        self,
        cache: GuardedCache,
        table: Records,
        template: KeyTemplate,
        clock: Clock,
        loader: Loader,
        understanding: Understanding,
        *,
        emit: Callable[[Event], None],
        read_only: bool,
    ) -> None:
        """Write to `table`, and keep `loader`'s flights and `cache` true to it."""
        self._cache = cache
        self._table = table
        self._template = template
        self._clock = clock
        self._loader = loader
        self._understanding = understanding
        self._emit = emit
        self._read_only = read_only
        self._tasks: set[asyncio.Task[Any]] = set()

    async def update(
        self, id: Key, changes: Mapping[str, Scalar], *, expected: Record | None = None
    ) -> WriteResult:
        """Change columns of a record in the database, and invalidate its copy.

        With `expected`, only if the record still is as that.

        Raises:
            ChangeRefused: read-only, an unknown column, or a constraint of the table.
            ChangedMeanwhile: the record is no longer as `expected`; nothing was changed.
            ChangeIgnored: the table passed over it; the copy is invalidated, since triggers
                may have changed the record instead.
            DatabaseUnavailable: the database gave no answer; the copy is invalidated all
                the same, since nobody knows whether the change was made.
        """

        async def write() -> tuple[Key, bool, Record | None]:
            record = await self._table.update(id, changes, expected=expected)
            return id, record is not None, record

        return await self._write(id, write)

    async def insert(self, record: Mapping[str, Scalar]) -> WriteResult:
        """Add a record to the database, and forget that it was known to be absent.

        Raises:
            ChangeRefused: as for update.
            DatabaseUnavailable: as for update.
        """

        async def write() -> tuple[Key, bool, Record | None]:
            key, inserted = await self._table.insert(record)
            return key, True, inserted

        named = record.get(self._table.schema.id_column)
        return await self._write(named if isinstance(named, int | str) else None, write)

    async def delete(self, id: Key) -> WriteResult:
        """Remove a record from the database, and its copy from the cache.

        Raises:
            ChangeRefused: as for update.
            DatabaseUnavailable: as for update.
        """

        async def write() -> tuple[Key, bool, Record | None]:
            return id, await self._table.delete(id), None

        return await self._write(id, write)

    async def invalidate(self, id: Key) -> CopyChange:
        """Forget the cached copy of `id`, and keep out what is being loaded right now."""
        return await self._to_its_end(self._change(id, self._forgotten))

    async def expire(self, id: Key) -> CopyChange:
        """End the freshness of the cached copy of `id` now.

        A record stays for its grace, in case the database fails; 'known to be absent' has
        no grace and goes, as do what cannot be read and what another program stored in a form
        of its own.
        """
        return await self._change(id, self._expired)

    async def extend(self, id: Key, ttl: float) -> CopyChange:
        """Let the cached copy of `id` be fresh for `ttl` seconds from now.

        'Known to be absent' is extended too. What cannot be read is left as it is.
        """
        return await self._change(id, partial(self._extended, ttl=ttl))

    async def _change(
        self, id: Key, change: Callable[[Key], Awaitable[CopyChange]]
    ) -> CopyChange:
        """Change a copy, and give the steps of that too."""
        if self._read_only:
            return CopyChange(id, found=False, reason=READ_ONLY)
        with Recorder() as steps:
            try:
                changed = await change(id)
            except CacheError as error:
                changed = CopyChange(id, found=False, reason=str(error))
        return replace(changed, steps=tuple(steps))

    async def _expired(self, id: Key) -> CopyChange:
        value_key, grace = self._template.value_key(id), self._loader.lifetimes.grace
        cached = await self._cache.read(value_key)
        copy = self._understanding.of(cached, id, grace=grace, read_only=False)
        if copy.record is not None and not copy.fresh and not copy.broken:
            return CopyChange(id, found=False)  # never prolonged
        if copy.record is None or copy.kept or grace <= 0:
            return CopyChange(id, found=await self._cache.drop(value_key))
        return CopyChange(id, found=await self._cache.expire_after(value_key, grace))

    async def _extended(self, id: Key, *, ttl: float) -> CopyChange:
        value_key, grace = self._template.value_key(id), self._loader.lifetimes.grace
        cached = await self._cache.read(value_key)
        copy = self._understanding.of(cached, id, grace=grace, read_only=True)
        if copy.broken or cached.fields is not None:
            reason = f"left as it is: {copy.reason or 'it is no string'}"
            return CopyChange(id, found=False, reason=reason)
        if cached.payload is None:
            return CopyChange(id, found=False)
        life = ttl if copy.record is None else ttl + grace
        self._loader.longest_copy = max(self._loader.longest_copy, life)
        return CopyChange(id, found=await self._cache.expire_after(value_key, life))

    async def invalidate_many(self, ids: Sequence[Key]) -> int:
        """Forget the cached copies of these records in one trip; give how many keys went.

        Raises:
            ChangeRefused: read-only.
            CacheError: the cache did not do it; the deletes are pending.
        """
        if self._read_only:
            raise ChangeRefused(READ_ONLY)
        return await self._to_its_end(self._forget_many(ids))

    async def _forget_many(self, ids: Sequence[Key]) -> int:
        value_keys = {id: self._template.value_key(id) for id in ids}
        for value_key in value_keys.values():
            self._loader.flights.forget(value_key)  # rule C
        pending = True
        try:
            count = await self._cache.invalidate(list(value_keys.values()))
            pending = False
        finally:
            for id, value_key in value_keys.items():
                if pending:
                    self._cache.remember_delete(value_key, self._longest_copy())
                self._emit(Invalidated(id, pending=pending))
        return count

    def _longest_copy(self) -> float:
        # A load under way may still fill with its claim, and that copy lives on.
        return self._loader.longest_copy + CLAIM_SECONDS

    async def aclose(self) -> None:
        """Wait until the changes under way are made."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _write(self, id: Key | None, statement: Statement) -> WriteResult:
        if self._read_only:
            raise ChangeRefused(READ_ONLY)
        return await self._to_its_end(self._write_and_forget(id, statement))

    async def _write_and_forget(self, id: Key | None, statement: Statement) -> WriteResult:
        started = self._clock.monotonic()
        with Recorder() as steps:
            try:
                key, found, record = await statement()
            except (DatabaseUnavailable, ChangeIgnored):
                if id is not None:  # it may have been written all the same
                    await self._forgotten(id)
                raise
            change = await self._forgotten(key)
        self._emit(Written(key))
        return WriteResult(
            id=key,
            found=found,
            record=record,
            pending=change.pending,
            seconds=self._clock.monotonic() - started,
            reason=change.reason,
            was_cached=change.found,
            steps=tuple(steps),
        )

    async def _forgotten(self, id: Key) -> CopyChange:
        """Delete the copy and void all claims, so that no load under way can store it again."""
        value_key = self._template.value_key(id)
        # Rule C: a load under way may have read the record as it was before the write; and
        # where the invalidation fails, its fill will still be taken.
        self._loader.flights.forget(value_key)
        try:
            found = await self._cache.invalidate([value_key]) > 0
        except CacheError as error:
            self._cache.remember_delete(value_key, self._longest_copy())
            self._emit(Invalidated(id, pending=True))
            return CopyChange(id, found=False, pending=True, reason=str(error))
        self._emit(Invalidated(id, pending=False))
        return CopyChange(id, found=found)

    async def _to_its_end(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Await `work` in a task that a cancelled caller leaves running."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(task)
