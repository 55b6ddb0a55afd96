"""A worker of the campaign as a process: started, told to go on, and what it has left."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from consistency.history import Entry, from_line

HERE = Path(__file__).parents[1]


class WorkerProcess:
    """One worker, which waits for our word before it begins and before it ends."""

    def __init__(self, folder: Path, number: int, options: list[str]) -> None:
        """Start it; it leaves its log, and what it complains of, in the folder."""
        self._log = folder / f"{number}.log"
        self._complaints = folder / f"{number}.complaints"
        with self._complaints.open("w") as complaints:
            self._process = subprocess.Popen(
                [
                    sys.executable, "-m", "consistency.worker",
                    f"--process={number}", f"--log={self._log}", *options,
                ],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, text=True,
                cwd=HERE, env={**os.environ, "PYTHONPATH": str(HERE.parent / "support")},
            )  # fmt: skip

    def wait_for(self, word: str) -> None:
        """Wait until it says how far it is.

        Raises:
            RuntimeError: it has ended instead.
        """
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != word:
            raise RuntimeError(f"a worker ended before its time:\n{self.complaints}")

    def go_on(self) -> None:
        """Let it go on."""
        assert self._process.stdin is not None
        self._process.stdin.write("go on\n")
        self._process.stdin.flush()

    def finish(self) -> tuple[int, int]:
        """Let it end; return how many commands were lost, and how many writes made anew."""
        output, _ = self._process.communicate("finish\n", timeout=60)
        lost, retries = output.split()
        return int(lost), int(retries)

    def pause(self) -> None:
        """Stop it in its tracks."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on from there."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it, if it still runs."""
        self._process.kill()
        self._process.wait()

    @property
    def complaints(self) -> str:
        """What it has written on stderr: nothing, if all is well."""
        return self._complaints.read_text(encoding="utf-8")

    def entries(self) -> list[Entry]:
        """Return what happened in it, once it has ended."""
        lines = self._log.read_text(encoding="utf-8").splitlines()
        return [from_line(line) for line in lines if line]
