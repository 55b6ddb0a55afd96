"""A server's processes: started, paused, killed; and never left behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

SIGNAL_SECONDS = 10.0
END = """
read -r _
[ -d /proc/self ] || kill -9 "$1"
for place in $(find /proc/[0-9]*/cwd -maxdepth 0 -lname "$2/*"); do
  process=${place#/proc/}
  kill -9 "${process%/cwd}"
done
cd "$2" && sh -c "$3"
rm -rf "$2" || { sleep 1; rm -rf "$2"; }
"""
"""What ends a server ($1), and removes its folder ($2), once the tests' process is gone.

By then a server's children may have another parent, so all are known by where they work.
"""


def wait_until(what: Callable[[], bool], seconds: float = SIGNAL_SECONDS) -> bool:
    """Return whether something came true within that time."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


class ServerProcess:
    """A process in a session of its own, with its children, and whoever ends it after us."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        log: Path,
        environment: dict[str, str],
        farewell: str,
    ) -> None:
        """Start a command in `data` of a folder.

        Should this process be gone before it, then it ends, the farewell is said by sh in the
        folder, and the folder is removed.
        """
        with log.open("ab") as file:
            self._main = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                env=environment, cwd=folder / "data", start_new_session=True,
            )  # fmt: skip
        self._end = subprocess.Popen(
            ["sh", "-c", END, "sh", str(self._main.pid), str(folder), farewell],
            stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.pid = self._main.pid

    @property
    def runs(self) -> bool:
        """Whether it is still there, paused or not."""
        return self._main.poll() is None

    def pids(self) -> list[int]:
        """Return the numbers of all its processes, its own first."""
        return [one.pid for one in self._all()]

    def pause(self) -> None:
        """Stop all its processes in their tracks, the one that starts others first."""
        self._stop_main()
        children = self._all()[1:]
        for child in children:
            _send(child, signal.SIGSTOP)
        wait_until(lambda: all(_is_stopped(child) for child in children))

    def resume(self) -> None:
        """Let them go on."""
        for one in reversed(self._all()):
            _send(one, signal.SIGCONT)

    def kill(self) -> None:
        """End all its processes as a crash does, and wait until they are gone."""
        self._stop_main()
        processes = self._all()
        for one in reversed(processes):
            _send(one, signal.SIGKILL)
        self._main.wait()
        if not wait_until(lambda: not any(_is_alive(one) for one in processes)):
            raise RuntimeError(f"it does not end: {processes}")
        self._leave()

    def stop(self, number: signal.Signals, nudge: Callable[[], object]) -> None:
        """Ask it to end, and wait for that; kill it if it takes too long.

        It is asked once a second, since a server may miss a signal while it starts; and the
        nudge is for one that looks up only when somebody comes.
        """
        self.resume()
        begin = time.monotonic()
        asked = 0
        while self.runs and (passed := time.monotonic() - begin) < SIGNAL_SECONDS:
            if passed >= asked:
                os.kill(self.pid, number)
                asked += 1
            nudge()
            time.sleep(0.005)
        if self.runs:
            self.kill()
        else:
            self._leave()

    def _stop_main(self) -> None:
        main = self._all()[:1]
        for one in main:
            _send(one, signal.SIGSTOP)
        wait_until(lambda: all(_is_stopped(one) for one in main))

    def _all(self) -> list[psutil.Process]:
        try:
            main = psutil.Process(self.pid)
            return [main, *main.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _leave(self) -> None:
        self._end.kill()
        self._end.communicate()


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _is_alive(process: psutil.Process) -> bool:
    """A zombie is not: whoever has to bury it may take its time."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_stopped(process: psutil.Process) -> bool:
    try:
        return process.status() in {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE}
    except psutil.NoSuchProcess:
        return True
