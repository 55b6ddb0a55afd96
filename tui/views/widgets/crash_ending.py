"""What becomes of an exception that nobody has foreseen while the explorer is shown."""

from asyncio import AbstractEventLoop
from contextlib import suppress
from functools import partial

from rich.console import RenderableType
from textual.app import App
from textual.worker import WorkerFailed

from tui.runtime.crash import CRASHED


class DriverFailed(Exception):
    """What reads the terminal has failed, in a thread of its own; its notes say where."""


class EndsByCrash(App[None]):
    """Ends with the terminal as it was, keeps the exception, and shows nothing of it.

    Textual would print a traceback with the values of all variables, whatever is in them.
    """

    crash: BaseException | None = None
    """The first exception that nobody has foreseen."""

    def fail(self, error: BaseException) -> None:
        """End because of `error`."""
        if self.crash is None:
            self.crash = error.error if isinstance(error, WorkerFailed) else error
        self._return_code = CRASHED
        if self._exception is None and isinstance(error, Exception):
            self._exception = error  # which Textual raises in tests
            self._exception_event.set()
        self._close_messages_no_wait()

    def fail_soon(self, loop: AbstractEventLoop, error: BaseException) -> None:
        """End because of `error`, which was raised in whatever thread; unless all is over."""
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(partial(self.fail, error))

    def _handle_exception(self, error: Exception) -> None:
        """End where Textual has come upon an exception."""
        self.fail(error)

    def panic(self, *renderables: RenderableType) -> None:
        """End where Textual has only a picture of an exception: in the thread that reads."""
        options = self.console.options
        pieces = (
            piece.text for one in renderables for piece in self.console.render(one, options)
        )
        text = "".join(pieces).strip()
        error = DriverFailed(text.rpartition("\n")[2])
        error.add_note(text)
        self.fail(error)
