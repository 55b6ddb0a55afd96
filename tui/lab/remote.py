"""A load or a scenario in a process of its own, so that the screen has this one for itself."""

import asyncio
import json
import os
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Protocol, cast

from tui.runtime.errors import ExperimentFailed
from tui.runtime.isolation import child_environment

END_SECONDS = 10.0
"""How long a process may take to delete its keys, before it is killed."""
LONGEST_MESSAGE = 1 << 20


class Experiment(Protocol):
    """One load or scenario under way."""

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send it something: `{"controls": ...}`."""
        ...

    def stop(self) -> None:
        """Let it come to its end, which is told as ever."""
        ...

    def messages(self) -> AsyncGenerator[Mapping[str, Any], None]:
        """Give what it tells, until it has ended.

        Raises:
            ExperimentFailed: it could not be run to its end.
        """
        ...


class Laboratory(Protocol):
    """Where experiments are run."""

    def experiment(self, what: Mapping[str, Any]) -> AbstractAsyncContextManager[Experiment]:
        """Start `what`: `{"load": ...}`, or `{"scenario": ..., "parameters": ...}`."""
        ...

    async def aclose(self) -> None:
        """Return when nothing that was started is left."""
        ...


class OwnProcess:
    """Starts experiments, each in a process that is given the options in force.

    They are told on its standard input: on the command line everybody could read the password.
    """

    def __init__(self, command: Sequence[str], options: Mapping[str, Any]) -> None:
        """Start them by `command`, with `options` by their names."""
        self._command = command
        self._options = options
        self._endings: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def experiment(self, what: Mapping[str, Any]) -> AsyncIterator[Experiment]:
        """Start `what`; when it is left, the process deletes its keys and ends.

        Raises:
            ExperimentFailed: no process can be started.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE, stdout=PIPE, stderr=DEVNULL,
                limit=LONGEST_MESSAGE,
                env=child_environment(os.environ),
                start_new_session=True,  # ctrl+z stops the explorer, and its own children
            )  # fmt: skip
        except OSError as error:
            raise ExperimentFailed(f"no process can be started: {error.strerror}") from error
        experiment = _Remote(process)
        try:
            experiment.tell({"options": self._options, **what})
            yield experiment
        finally:
            experiment.stop()
            ending = asyncio.create_task(_end(process))
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)
            await asyncio.shield(ending)

    async def aclose(self) -> None:
        """Return when every process has ended, also those that nobody waits for any more."""
        if self._endings:
            await asyncio.wait(self._endings)


class _Remote:
    """An experiment at the other end of two pipes: JSON objects, one a line."""

    def __init__(self, process: Process) -> None:
        self._stdin = cast("asyncio.StreamWriter", process.stdin)
        self._stdout = cast("asyncio.StreamReader", process.stdout)

    def tell(self, message: Mapping[str, Any]) -> None:
        if not self._stdin.is_closing():
            self._stdin.write(json.dumps(message).encode() + b"\n")

    def stop(self) -> None:
        self._stdin.close()

    async def messages(self) -> AsyncGenerator[Mapping[str, Any], None]:
        ended = False
        async for line in self._stdout:
            message = json.loads(line)
            if "failed" in message:
                raise ExperimentFailed(message["failed"])
            ended = "end" in message
            yield message
        if not ended:
            raise ExperimentFailed("its process has ended before its time")


async def _end(process: Process) -> None:
    """Wait until it is over; what it still tells is read, or it would wait for that."""
    with suppress(TimeoutError):
        async with asyncio.timeout(END_SECONDS):
            await process.communicate()
            return
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
