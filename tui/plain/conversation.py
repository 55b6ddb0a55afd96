"""The conversation: a line is read, what it asks for is done, and the answer is said."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final

from tui.controllers.session import Session
from tui.plain.asking import get
from tui.plain.desk import Desk
from tui.plain.inputs import LineNotTaken, Lines
from tui.plain.looking import greeting
from tui.plain.words import nearest, parsed
from tui.runtime.clock import Clock
from tui.runtime.errors import HitmissError, InvalidKey
from tui.runtime.glyphs import in_ascii
from tui.runtime.plain_text import SPELLING, plain

PROMPT: Final = "hitmiss> "
LEAVE_WITHIN_SECONDS: Final = 2.0
"""How soon after the first ctrl+c a second one leaves."""
DONE, INTERRUPTED = 0, 130
YES: Final = frozenset({"y", "yes"})


class Conversation:
    """Somebody at a prompt, or a pipe: one line after the other, to the end of input.

    What changes by itself is said when a line has been entered, before its answer, and after
    it: never while somebody types or listens. So a screen reader is not cut off.
    """

    def __init__(
        self,
        session: Session,
        clock: Clock,
        lines: Lines,
        write: Callable[[str], None],
        *,
        prompts: bool,
    ) -> None:
        """Take `lines`, and give `write` what is said. With `prompts` somebody is there."""
        self.desk = Desk(session, clock, self.say, self._ask)
        self._clock = clock
        self._lines = lines
        self._write = write
        self._prompts = prompts
        self._running: asyncio.Task[None] | None = None
        self._interrupted_at = float("-inf")
        self._ending: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def run(self) -> int:
        """Talk to the end; return the exit code."""
        if self._prompts:
            self.say(greeting(self.desk))
        async with self.desk.changes.probing(connects=self._prompts):
            while not self._ending.done():
                try:
                    line = await self._next()
                except LineNotTaken as error:
                    self.say(f"error: {error}")
                    continue
                if line is None:
                    break
                await self._take(line)
                if self.desk.over:
                    return DONE
        if self._ending.done():
            return self._ending.result()
        if self._prompts:
            self._write("\n")  # the shell's own prompt begins a line
        return DONE

    def say(self, line: str) -> None:
        """Write one line, in which no terminal obeys anything."""
        shown = in_ascii(line) if SPELLING.ascii else line
        self._write(f"{plain(shown)}\n")

    def signal(self, number: int) -> None:
        """Cancel what runs for ctrl+c, leave for the second; leave for any other signal."""
        if number != signal.SIGINT:
            self._end(128 + number)
        elif not self._prompts:
            self._end(INTERRUPTED)
        else:
            self._interrupt()

    def fail(self, error: BaseException) -> None:
        """End with an error that came up where nobody waits for it."""
        if not self._ending.done():
            self._ending.set_exception(error)

    def _interrupt(self) -> None:
        now = self._clock.monotonic()
        again = now - self._interrupted_at <= LEAVE_WITHIN_SECONDS
        self._interrupted_at = now
        self._write("\n")  # behind the ^C that the terminal shows
        if again:
            self._end(DONE)
        elif self._running is not None:
            self._running.cancel()
        else:
            self.say("ctrl+c again leaves, and so does quit")
            self._write(PROMPT)

    def _end(self, code: int) -> None:
        if not self._ending.done():
            self._ending.set_result(code)

    async def _next(self) -> str | None:
        """Return the next line; None at the end, also where a signal has come."""
        if self._prompts:
            self._write(PROMPT)
        reading = asyncio.create_task(self._lines.next())
        return reading.result() if await self._is_done(reading) else None

    async def _take(self, line: str) -> None:
        """Do what a line asks for, between what has changed before it and meanwhile."""
        self._interrupted_at = float("-inf")
        if not line.strip():
            await self._run(self._tell_changes(or_else="nothing has changed"))
            return
        await self._run(self._tell_changes())
        await self._run(self._obey(line))
        await self._run(self._tell_changes())

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do some work, which ctrl+c cancels and a signal ends."""
        self._running = task = asyncio.create_task(work)
        try:
            await self._is_done(task)
        finally:
            self._running = None
        if task.cancelled():
            if not self._ending.done():
                self.say("stopped")
            return
        error = task.exception()
        if isinstance(error, HitmissError):
            self.say(f"error: {error}")
        elif error is not None:
            raise error

    async def _is_done(self, work: asyncio.Future[Any]) -> bool:
        """Tell whether some work comes to its end; it is cancelled when all ends before."""
        ending: asyncio.Future[Any] = self._ending
        await asyncio.wait({work, ending}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return True
        work.cancel()
        await asyncio.wait({work})
        return False

    async def _tell_changes(self, *, or_else: str = "") -> None:
        told = await self.desk.changes.told()
        for line in told or filter(None, [or_else]):
            self.say(line)

    async def _obey(self, line: str) -> None:
        if self.desk.lookups.is_key(line):
            await get(self.desk, line)
            return
        command, rest = parsed(line)
        if command is not None:
            await command.does(self.desk, rest)
            return
        try:
            await get(self.desk, rest)
        except InvalidKey as error:
            raise InvalidKey(f"{error}{nearest(rest)}") from error
        outcome = self.desk.outcome
        if outcome is not None and outcome.record is None and (near := nearest(rest)):
            self.say(near.removeprefix("; "))

    async def _ask(self, question: str) -> bool:
        """Return whether the next line says yes."""
        self.say(f"{question} (yes or no)")
        if self._prompts:
            self._write("yes or no> ")
        try:
            line = await self._lines.next()
        except LineNotTaken:
            return False
        return line is not None and line.strip().lower() in YES
