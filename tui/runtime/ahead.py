"""Reading ahead: the next of what comes is under way while the last is worked on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import TypeVar

Item = TypeVar("Item")


async def ahead(source: AsyncGenerator[Item, None]) -> AsyncGenerator[Item, None]:
    """Give what `source` gives, one of it ahead; what it raises comes in its turn.

    It is closed with this generator.
    """
    async with aclosing(source):
        coming = asyncio.ensure_future(anext(source))
        try:
            while True:
                try:
                    item = await coming
                except StopAsyncIteration:
                    return
                coming = asyncio.ensure_future(anext(source))
                yield item
        finally:
            coming.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration, Exception):
                await coming
