"""Waiting for the driver without losing a cancellation."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Reply = TypeVar("Reply")


async def cancellable(call: Awaitable[Reply]) -> Reply:
    """Give what the driver gives, unless this task is being cancelled.

    The driver waits with asyncio.wait_for, which before Python 3.12 swallows a cancellation
    that comes together with the answer (bpo-37658).
    """
    reply = await call
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    return reply
