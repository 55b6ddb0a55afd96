"""Reading ahead: the next of what comes is under way while the last is worked on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

Item = TypeVar("Item")


async def ahead(source: AsyncGenerator[Item, None]) -> AsyncGenerator[Item, None]:
    """Give what `source` gives, one of it ahead; what it raises comes in its turn.

    It is closed with this generator, and nothing of it goes on then.
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
            await _end(coming)


async def _end(coming: "asyncio.Future[Item]") -> None:
    """Cancel what is under way, and wait until it has ended, even if nobody wants to wait.

    Raises:
        CancelledError: nobody wants to.
    """
    is_cancelled = False
    while not coming.done():
        coming.cancel()
        try:
            await asyncio.wait([coming])
        except asyncio.CancelledError:
            is_cancelled = True
    if not coming.cancelled():
        coming.exception()  # nobody has asked for it yet, nor will
    if is_cancelled:
        raise asyncio.CancelledError
