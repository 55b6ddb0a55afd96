"""The line to the terminal: one frame on its way, the next one made when that has arrived."""

from collections.abc import Callable
from threading import Condition, Thread
from typing import Final

QUESTION: Final = b"\x1b[6n"
"""Asks where the cursor is, which all terminals answer (ECMA-48: DSR)."""
ASK_AFTER_BYTES: Final = 1024
"""How much is sent before the terminal is asked whether it has arrived."""
SLACK_BYTES: Final = 1024
"""How much may follow a question that is not answered yet: keys are echoed meanwhile."""
ANSWER_SECONDS: Final = 2.0
"""How long an answer may take before the newest frame is sent without it."""
PATIENCE: Final = 5
"""How many answers in a row may fail to come before nobody waits for them any more."""


class Line(Thread):
    """Sends what is to be sent, as soon as the terminal has taken what was sent before.

    Kernels, ssh and tmux keep tens of kilobytes on the way, more than a second of a slow line.
    So the terminal is asked, behind every kilobyte, to say that it has come that far; until it
    does, no more than another kilobyte and one frame are sent. Terminals that have never
    answered are not waited for.
    """

    def __init__(
        self,
        take: Callable[[], bytes],
        send: Callable[[bytes], None],
        closed: Callable[[], None],
        *,
        asks: bool = True,
    ) -> None:
        """Send what `take` gives when it is called, by `send`; call `closed` if that fails.

        All three are called in this thread. A line that never `asks` is sent to at once.
        """
        super().__init__(name="hitmiss-output", daemon=True)
        self._take, self._send, self._closed = take, send, closed
        self._changed = Condition()
        self._asks = asks
        self._woken = self._ending = self._asked = self._answers = False
        self._missed = 0
        """Answers in a row that have not come in time."""
        self._unasked = 0
        """Bytes that went out since the last question."""
        self.has_failed = False
        """Whether it ended by an exception, with something left to send."""

    def wake(self) -> None:
        """Say that there is something to send."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def answer(self) -> bool:
        """Note that the terminal has answered; tell whether it had been asked."""
        with self._changed:
            was_asked, self._asked = self._asked, False
            self._missed = 0
            self._answers = self._answers or was_asked
            self._changed.notify_all()
            return was_asked

    @property
    def is_held(self) -> bool:
        """Whether the next frame has to wait for an answer."""
        waits = self._asked and self._answers and self._unasked >= SLACK_BYTES
        return waits and not self._ending

    def ask_no_more(self, seconds: float) -> None:
        """Wait for the answer that is under way, if any: nobody else could make use of it."""
        with self._changed:
            self._asks = False
            if self._answers:
                self._changed.wait_for(lambda: not self._asked, seconds)

    def finish(self, seconds: float) -> None:
        """Send the rest, and end; give up after that time, since nobody may be reading."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self.join(seconds)

    def run(self) -> None:
        """Send until told to finish, or until the line is closed."""
        self.has_failed = True
        self._send_all()
        self.has_failed = False

    def _send_all(self) -> None:
        while True:
            ending = self._wait()
            data = self._take()
            if data:
                try:
                    self._send(self._with_question(data))
                except OSError:
                    self.answer()
                    self._closed()
                    return
            if ending:
                return

    def _wait(self) -> bool:
        """Wait until there is something that may be sent; tell whether it is the last."""
        with self._changed:
            self._changed.wait_for(lambda: self._woken or self._ending)
            if not self._changed.wait_for(lambda: not self.is_held, ANSWER_SECONDS):
                self._asked = False
                self._missed += 1
                self._answers = self._missed < PATIENCE
            self._woken = False
            return self._ending

    def _with_question(self, data: bytes) -> bytes:
        with self._changed:
            self._unasked += len(data)
            if not self._asks or self._asked or self._unasked < ASK_AFTER_BYTES:
                return data
            self._asked, self._unasked = True, 0
            return data + QUESTION
