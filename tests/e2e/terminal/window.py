"""A terminal's window: a program in a pty, with a terminal in memory on our side."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from terminal.emulator import Emulator

PATIENCE_SECONDS = 30.0
"""How long anything may take before the test fails."""
CALM_LOOKS = 6
"""How often in a row a program must be found to have done nothing."""
MODES = re.compile(r"\x1b\[\?([0-9;]+)([hl])")
ON_AT_FIRST = {"7", "25"}
"""Line wrap and the cursor, which every terminal starts with."""
PARTIAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]P_^X][^\x07\x1b]*\x1b?|[ -/]*)?$")
USUAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
EXPLORER = (sys.executable, "-m", "tui")


@dataclass(frozen=True)
class End:
    """How a program ended, and what it left behind."""

    code: int
    """Its exit code; negative if a signal killed it."""
    modes: list[str]
    """The terminal's modes that are not as they were."""
    keyboards: int
    """How many keyboard protocols are still pushed."""
    is_cooked: bool
    """Whether the line discipline is as it was."""
    text: str
    """Everything that came after the explorer's screen was left."""
    cpu_seconds: float
    is_alone: bool
    """Whether no process of its own is left."""

    @property
    def is_clean(self) -> bool:
        """Whether the terminal is as it was, and nobody stays."""
        return not self.modes and self.keyboards <= 0 and self.is_cooked and self.is_alone


class Window:
    """A program in a terminal of its own, which is read only when a test asks for something."""

    def __init__(
        self,
        *arguments: str | Path,
        program: tuple[str, ...] = EXPLORER,
        size: tuple[int, int] = (120, 40),
        answers: bool = True,
        **environment: str,
    ) -> None:
        """Start it; the terminal `answers` questions, or is mute."""
        self.emulator = Emulator(*size)
        self.raw = b""
        """All bytes that the terminal got."""
        self._rest = ""
        # Who passes over some of the bytes may cut a character: frames are full of long ones.
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._answers = answers
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size[::-1], 0, 0))
        self._before = termios.tcgetattr(self.theirs)
        self.process = subprocess.Popen(
            [*program, *map(str, arguments)],
            stdin=self.theirs, stdout=self.theirs, stderr=self.theirs, start_new_session=True,
            preexec_fn=own_terminal,  # noqa: PLW1509 - between fork and exec it makes one call
            env={**os.environ, **USUAL, **environment},
        )  # fmt: skip

    def __enter__(self) -> Self:
        """Sit down in front of it."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the window, whatever runs in it."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
        for file in {self.ours, self.theirs} - {-1}:
            os.close(file)

    @property
    def pid(self) -> int:
        """The program's process."""
        return self.process.pid

    def types(self, keys: str) -> None:
        """Send keys, as their bytes."""
        os.write(self.ours, keys.encode())

    def resizes(self, width: int, height: int) -> None:
        """Make the window another size."""
        self.emulator = Emulator(width, height)
        size = struct.pack("HHHH", height, width, 0, 0)
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, size)

    def read(self, seconds: float = 0.05, most: int = 65536) -> int:
        """Take what is there, `most` bytes at once, waiting up to that long; tell how many."""
        if not select.select([self.ours], [], [], seconds)[0]:
            return 0
        try:
            data = os.read(self.ours, most)
        except OSError:  # nobody on the other side
            return 0
        self.raw += data
        self._answer(data)
        whole, self._rest = split_whole(self._rest + self._decode(data))
        self.emulator.feed(whole)
        return len(data)

    def waits_for(self, what: Callable[[], Any]) -> None:
        """Read until it is so."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not what():
            assert time.monotonic() < end, f"it does not come to that:\n{self.emulator.text}"
            self.read()

    def shows(self, *texts: str) -> None:
        """Read until all of that stands on the screen."""
        self.waits_for(lambda: all(text in self.emulator.text for text in texts))

    def is_stopped(self) -> None:
        """Read until the program has been stopped by a signal."""
        self.waits_for(lambda: _state(self.pid) == "T")

    def hangs_up(self) -> None:
        """Close the line, as sshd does when the connection is lost."""
        os.close(self.theirs)
        os.close(self.ours)
        self.ours = self.theirs = -1

    def is_idle(self, looks: int = CALM_LOOKS) -> None:
        """Wait, without reading, until the program has done all that it can do."""
        spent, calm = -1, 0
        while calm < looks:
            before, spent = spent, cpu_ticks(self.pid)
            calm = calm + 1 if spent == before else 0
            select.select([], [], [], 0.05)

    def ends(self, *, reading: bool = True) -> End:
        """Wait for the end, and look at what is left; without `reading` nobody takes bytes."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        pid = 0
        while not pid:
            assert time.monotonic() < deadline, f"it does not end:\n{self.emulator.text}"
            if self.ours < 0 or not reading:
                select.select([], [], [], 0.02)
            else:
                self.read(0.02)
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        while self.ours >= 0 and self.read(0.02):  # the kernel hands it on a moment later
            pass
        text = self.raw.decode(errors="replace")
        return End(
            self.process.returncode,
            self.modes,
            len(re.findall(r"\x1b\[>[0-9]+u", text)) - text.count("\x1b[<u"),
            self.is_cooked(),
            text.rpartition("\x1b[?1049l")[2],
            usage.ru_utime + usage.ru_stime,
            _is_gone(self.pid),
        )

    @property
    def modes(self) -> list[str]:
        """The terminal's modes that are not as they were."""
        return changed_modes(self.raw)

    def is_cooked(self) -> bool:
        """Tell whether the line discipline is as it was."""
        return self.theirs < 0 or termios.tcgetattr(self.theirs) == self._before

    def _answer(self, data: bytes) -> None:
        if self._answers:
            for question, answer in (
                (b"\x1b[6n", b"\x1b[1;1R"),
                (b"\x1b[?2026$p", b"\x1b[?2026;2$y"),
            ):
                os.write(self.ours, answer * data.count(question))


def split_whole(text: str) -> tuple[str, str]:
    """Give what ends before a sequence that has only begun, and that."""
    cut = PARTIAL.search(text)
    return (text, "") if cut is None else (text[: cut.start()], text[cut.start() :])


def changed_modes(raw: bytes) -> list[str]:
    """Give the modes that are not as they were, after a terminal has got these bytes."""
    text = raw.decode(errors="replace")
    modes = {mode: on for group, on in MODES.findall(text) for mode in group.split(";")}
    return [mode for mode, on in modes.items() if (on == "h") != (mode in ON_AT_FIRST)]


def own_terminal() -> None:
    """Let the standard input be the new process's terminal, so that a hang-up is told."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


def cpu_ticks(pid: int) -> int:
    """Give how much a process has computed: fields 14 and 15 of its stat."""
    return sum(
        map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[11:13])
    )


def _is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False
