"""Runs the explorer in lines: `hitmiss --plain`."""

import asyncio
import gc
import os
import sys
from contextlib import AsyncExitStack

from tui.bootstrap import Plan, Services, import_drivers, open_services, session_of
from tui.cli.opened_once import OpenedOnce
from tui.config.state import KeptState
from tui.plain.conversation import Conversation
from tui.plain.inputs import ThreadedLines
from tui.runtime import crash, signals
from tui.runtime.clock import SystemClock
from tui.runtime.faults import Faults


def run_plain(plan: Plan) -> int:
    """Talk to whoever is at stdin until that ends; return the exit code."""
    gc.enable()
    return asyncio.run(_talk(plan))


async def _talk(plan: Plan) -> int:
    faults = Faults()
    async with AsyncExitStack() as stack:

        async def open_now() -> Services:
            await asyncio.to_thread(import_drivers, plan)
            services = open_services(plan, conversation.desk.changes.note, faults=faults)
            return await stack.enter_async_context(services)

        open_once = OpenedOnce(open_now)
        session = session_of(plan, open_once, KeptState(), faults)
        stack.push_async_callback(session.aclose)
        lines = ThreadedLines(_read)
        stack.callback(lines.close)
        conversation = Conversation(
            session, SystemClock(), lines, _write, prompts=_somebody_is_there()
        )
        signals.end_by(conversation.signal)
        loop = asyncio.get_running_loop()

        def fail(error: BaseException) -> None:
            loop.call_soon_threadsafe(conversation.fail, error)

        crash.listen(fail)
        try:
            return await conversation.run()
        finally:
            crash.listen(None)
            await open_once.settle()


def _somebody_is_there() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _read(count: int) -> bytes:
    # Not through sys.stdin: its lock, held by a thread that waits, hangs the end of Python.
    return b"" if sys.stdin is None else os.read(sys.stdin.fileno(), count)


def _write(text: str) -> None:
    if sys.stdout is not None:
        sys.stdout.write(text)
        sys.stdout.flush()
