"""A server of one process for the tests: started, paused, killed, and gone when it is left."""

import os
import signal
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import subprocess

START_SECONDS = 10.0


class OneProcess(ABC):
    """A server with a folder of its own, stopped when it is left."""

    NAME = ""

    def __init__(self) -> None:
        """Prepare a folder."""
        # A unix socket's path may have no more than about 100 characters.
        self._folder = tempfile.TemporaryDirectory(prefix="hitmiss-")
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            NotAvailableError: this machine has no such server, and cannot get one.
        """

    def wait_until(self, answers: Callable[[], object]) -> None:
        """Return when something is true that raises OSError while nobody listens."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                if answers():
                    return
            except OSError:
                time.sleep(0.01)
        raise RuntimeError(f"{self.NAME} did not start; see {self._folder.name}")

    def cpu_seconds(self) -> float:
        """Give how long it has been on a core so far; 0 where the system does not tell."""
        if self._process is None:
            return 0.0
        try:
            spent = Path(f"/proc/{self._process.pid}/schedstat").read_text()
        except OSError:
            return 0.0
        return int(spent.split()[0]) / 1e9

    def pause(self) -> None:
        """Stop it in its tracks: connections stay open, nothing answers."""
        self._signal(signal.SIGSTOP)
        time.sleep(0.05)  # its threads stop one after another

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it without a farewell."""
        if self._process is not None:
            self._signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, number)

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it and remove what it left."""
        self.kill()
        self._folder.cleanup()
