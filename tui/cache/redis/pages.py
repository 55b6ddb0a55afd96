"""The pages of a walk over one server, as SCAN gives them, each asked for ahead of its time."""

import asyncio
from collections.abc import AsyncGenerator
from functools import partial

from tui.cache.redis import shapes
from tui.cache.redis.endless import ENDLESS, WalkEnd
from tui.cache.redis.trips import Trips
from tui.cache.redis.ways import Node
from tui.models import KEYS_PER_STEP
from tui.runtime.errors import CacheNotUnderstood, CacheRefused, CopyTooLarge

LARGEST_PAGE = 4 * KEYS_PER_STEP
"""Keys: what one step of SCAN gives beyond that is handed on in parts."""


class Pages:
    """One walk over one server. While a page is worked on, the next is under way."""

    def __init__(self, trips: Trips, node: Node, pattern: str, count: int) -> None:
        """Walk over keys of `node` that fit `pattern`, looking at `count` keys a step."""
        self.illegible = 0
        """How many keys were left out."""
        self._trips = trips
        self._node = node
        self._pattern = pattern
        self._count = count
        self._end = WalkEnd(partial(count_of, trips, node))

    async def run(self) -> AsyncGenerator[list[str], None]:
        """Give the keys, in parts of at most LARGEST_PAGE; what is no UTF-8 is left out."""
        ahead = asyncio.create_task(self._page(0))
        try:
            while True:
                cursor, page = await ahead
                if cursor:
                    ahead = asyncio.create_task(self._page(cursor, len(page)))
                # A server gives about as many as were asked for, sometimes a few more.
                size = len(page) if len(page) <= LARGEST_PAGE else KEYS_PER_STEP
                for start in range(0, max(1, len(page)), max(1, size)):
                    part = page[start : start + size]
                    legible = _decoded(part)
                    self.illegible += len(part) - len(legible)
                    yield legible
                if not cursor:
                    return
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)

    async def _page(self, cursor: int, before: int | None = None) -> tuple[int, list[bytes]]:
        """Return the next cursor and the keys at this one, behind so many on another page."""
        if before is not None:
            await self._end.came_to(cursor, before)
        command = ("SCAN", cursor, "MATCH", self._pattern, "COUNT", self._count)
        try:
            return await self._trips.ask(self._node, command, shapes.page)
        except CopyTooLarge as error:  # of keys, and not of what is under one
            raise CacheNotUnderstood(f"{ENDLESS} gives too much in one step") from error


async def key_count(trips: Trips, node: Node) -> int:
    """Return how many keys a node holds."""
    return await trips.ask(node, ("DBSIZE",), lambda reply: shapes.number(reply, "DBSIZE"))


async def count_of(trips: Trips, node: Node) -> int | None:
    """Return how many keys a node holds; None where that may not be asked."""
    try:
        return await key_count(trips, node)
    except CacheRefused:
        return None


def _decoded(keys: list[bytes]) -> list[str]:
    try:
        return [key.decode() for key in keys]
    except UnicodeDecodeError:
        return [key.decode() for key in keys if _is_utf8(key)]


def _is_utf8(key: bytes) -> bool:
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return True
