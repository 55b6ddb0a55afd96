"""Writes: to the database first, then the copy is forgotten, to the end and in that order."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from tui.models import CopyChange, Key, Record, Scalar, Trace, WriteResult
from tui.models.keys import KeyTemplate, lease_key
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError, ChangeIgnored, ChangeRefused, DatabaseUnavailable
from tui.service.cached_copy import understand
from tui.service.events import Event, Invalidated, Written
from tui.service.guarded_cache import GuardedCache
from tui.service.loader import LEASE_SECONDS, Loader, Reader

READ_ONLY = "read-only: start with --writable to change the cache or the database"

Result = TypeVar("Result")
Statement: TypeAlias = Callable[[Trace], Awaitable[tuple[Key, bool, Record | None]]]
"""Runs one write; gives the record's key, whether it was there, and how it is then."""


class Table(Reader, Protocol):
    """What the service needs of a table: reading as in Reader, and writing.

    Each write is one statement that commits by itself, in bounded time, and raises
    DatabaseUnavailable (no answer) or ChangeRefused (a constraint, an unknown column).
    """

    async def update(
        self,
        id: Key,
        changes: Mapping[str, Scalar],
        trace: Trace,
        *,
        expected: Record | None = None,
    ) -> Record | None:
        """Change these columns of a record; give it as it is then, None if it is not there.

        Raises:
            ChangedMeanwhile: the record is there, but not as `expected`.
        """
        ...

    async def insert(self, record: Mapping[str, Scalar], trace: Trace) -> tuple[Key, Record]:
        """Add a record; give its key, and the record as it is then."""
        ...

    async def delete(self, id: Key, trace: Trace) -> bool:
        """Remove a record; tell whether it was there."""
        ...


class Writer:
    """What one service changes: records, and the copies of them.

    Each change runs in a task of its own to its end, so that a caller who is cancelled
    never leaves half of it: a row that is written and a copy that nobody forgot.
    """

    def __init__(
        self,
        cache: GuardedCache,
        table: Table,
        template: KeyTemplate,
        clock: Clock,
        loader: Loader,
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

        async def write(trace: Trace) -> tuple[Key, bool, Record | None]:
            record = await self._table.update(id, changes, trace, expected=expected)
            return id, record is not None, record

        return await self._write(id, write)

    async def insert(self, record: Mapping[str, Scalar]) -> WriteResult:
        """Add a record to the database, and forget that it was known to be absent.

        Raises:
            ChangeRefused: as for update.
            DatabaseUnavailable: as for update.
        """

        async def write(trace: Trace) -> tuple[Key, bool, Record | None]:
            key, inserted = await self._table.insert(record, trace)
            return key, True, inserted

        named = record.get(self._table.schema.id_column)
        return await self._write(named if isinstance(named, int | str) else None, write)

    async def delete(self, id: Key) -> WriteResult:
        """Remove a record from the database, and its copy from the cache.

        Raises:
            ChangeRefused: as for update.
            DatabaseUnavailable: as for update.
        """

        async def write(trace: Trace) -> tuple[Key, bool, Record | None]:
            return id, await self._table.delete(id, trace), None

        return await self._write(id, write)

    async def invalidate(self, id: Key) -> CopyChange:
        """Forget the cached copy of `id`, and keep out what is being loaded right now."""
        if self._read_only:
            return CopyChange(id, found=False, reason=READ_ONLY)
        trace: Trace = []
        return await self._to_its_end(self._forget(id, trace))

    async def expire(self, id: Key) -> CopyChange:
        """End the freshness of the cached copy of `id` now.

        A record stays for its grace, in case the database fails; 'known to be absent' has
        no grace and goes, as do what cannot be read and what another program stored in a form
        of its own.
        """
        if self._read_only:
            return CopyChange(id, found=False, reason=READ_ONLY)
        value_key, grace = self._template.value_key(id), self._loader.lifetimes.grace
        trace: Trace = []
        try:
            cached = await self._cache.get(value_key, trace)
            copy = understand(
                cached, id, self._table.schema,
                grace=grace, read_only=False, ours=self._template.ours,
            )  # fmt: skip
            if copy.record is not None and not copy.fresh and not copy.broken:
                return CopyChange(id, found=False, steps=tuple(trace))  # never prolonged
            if copy.record is None or copy.kept or grace <= 0:
                found = await self._cache.delete(value_key, trace=trace) > 0
            else:
                found = await self._cache.expire_after(value_key, grace, trace)
        except CacheError as error:
            return CopyChange(id, found=False, steps=tuple(trace), reason=str(error))
        return CopyChange(id, found=found, steps=tuple(trace))

    async def extend(self, id: Key, ttl: float) -> CopyChange:
        """Let the cached copy of `id` be fresh for `ttl` seconds from now.

        'Known to be absent' is extended too. What cannot be read is left as it is.
        """
        if self._read_only:
            return CopyChange(id, found=False, reason=READ_ONLY)
        value_key, grace = self._template.value_key(id), self._loader.lifetimes.grace
        trace: Trace = []
        try:
            cached = await self._cache.get(value_key, trace)
            copy = understand(cached, id, self._table.schema, grace=grace, read_only=True)
            if copy.broken or cached.fields is not None:
                reason = f"left as it is: {copy.reason or 'it is no string'}"
                return CopyChange(id, found=False, steps=tuple(trace), reason=reason)
            if cached.payload is None:
                return CopyChange(id, found=False, steps=tuple(trace))
            life = ttl if copy.record is None else ttl + grace
            self._loader.longest_copy = max(self._loader.longest_copy, life)
            found = await self._cache.expire_after(value_key, life, trace)
        except CacheError as error:
            return CopyChange(id, found=False, steps=tuple(trace), reason=str(error))
        return CopyChange(id, found=found, steps=tuple(trace))

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
            pairs = [(value_key, lease_key(value_key)) for value_key in value_keys.values()]
            count = await self._cache.delete_pairs(pairs, [])
            pending = False
        finally:
            for id, value_key in value_keys.items():
                if pending:
                    self._cache.remember_delete(value_key, self._longest_copy())
                self._emit(Invalidated(id, pending=pending))
        return count

    def _longest_copy(self) -> float:
        # A load under way may still fill under its lease, and that copy lives on.
        return self._loader.longest_copy + LEASE_SECONDS

    async def aclose(self) -> None:
        """Wait until the changes under way are made."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _write(self, id: Key | None, statement: Statement) -> WriteResult:
        if self._read_only:
            raise ChangeRefused(READ_ONLY)
        return await self._to_its_end(self._write_and_forget(id, statement))

    async def _write_and_forget(self, id: Key | None, statement: Statement) -> WriteResult:
        started = self._clock.monotonic()
        trace: Trace = []
        try:
            key, found, record = await statement(trace)
        except (DatabaseUnavailable, ChangeIgnored):
            if id is not None:  # it may have been written all the same
                await self._forget(id, trace)
            raise
        change = await self._forget(key, trace)
        self._emit(Written(key))
        return WriteResult(
            id=key,
            found=found,
            record=record,
            pending=change.pending,
            seconds=self._clock.monotonic() - started,
            reason=change.reason,
            steps=tuple(trace),
        )

    async def _forget(self, id: Key, trace: Trace) -> CopyChange:
        """Delete the copy and the lease, so that no load under way can store an old record."""
        value_key = self._template.value_key(id)
        self._loader.flights.forget(value_key)  # rule C
        try:
            found = await self._cache.delete(value_key, lease_key(value_key), trace=trace) > 0
        except CacheError as error:
            self._cache.remember_delete(value_key, self._longest_copy())
            self._emit(Invalidated(id, pending=True))
            return CopyChange(
                id, found=False, pending=True, steps=tuple(trace), reason=str(error)
            )
        self._emit(Invalidated(id, pending=False))
        return CopyChange(id, found=found, steps=tuple(trace))

    async def _to_its_end(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Await `work` in a task that a cancelled caller leaves running."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(task)
