"""The explorer in a window, sent anything at all; and whether it works afterwards."""

import os
import random
import re
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Self

from terminal import busy
from terminal.fuzz import packets
from terminal.window import Window, cpu_ticks

OUT_OF_REACH = [
    "app.interrupt", "app.quit_now", "app.suspend", "app.palette", "screen.palette",
    "screen.quit", "screen.output", "screen.faults", "screen.pause", "lab.run", "lab.stampede",
    "lab.open",
]  # fmt: skip
"""What a key should do, and a test could not go on after: end, suspend, write files, hold the
screen still, break the cache. They get keys that hardly anybody draws."""
KEYS = "\n".join(f'"{name}" = "alt+ctrl+shift+f{n}"' for n, name in enumerate(OUT_OF_REACH, 1))
QUIT = "\x1b[1;8Q"
"""The second of them, f2: the key that ends it all the same."""
SIZE = (120, 40)
IN_PIECES = 40_000
"""So many bytes come in small packets and with pauses, all further ones as fast as they go."""
PACKET, LARGE_PACKET = 256, 16384
PAUSES = (0.0,) * 200 + (0.02, 0.12, 0.6, 1.1)
"""How long nothing is sent: long enough, at times, for all that waits to be given up."""
BUSY_SHARE = 0.01
"""Before how many of the packets the app gets busy."""
PROGRAM = (sys.executable, "-P", str(Path(busy.__file__)))
MOST_GROWTH_MB = 100
ROW = re.compile(r"^\W*(\d+) .*\b(DB|HIT)\b", re.MULTILINE)
CALM_LOOKS = 5
REST_SECONDS = 60.0
"""Within which it has to have taken all that it was sent."""


@dataclass
class Report:
    """What was sent, and what came of it."""

    seed: int
    count: int = 0
    """How many bytes were sent."""
    seconds: float = 0.0
    left: int = 0
    """How often it was left, in order, and begun anew."""
    growth_mb: float = 0.0
    """How much more memory it takes than after its first answer; the most of all runs."""
    findings: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The figures, in a line."""
        return (
            f"{self.count / 1e6:.2f} MB in {self.seconds:.0f} s, left {self.left} times, memory"
            f" {self.growth_mb:+.0f} MB, {len(self.findings)} findings (seed {self.seed})"
        )


class Fuzzed(Window):
    """A window whose program is sent much, and whose screen is only looked at afterwards."""

    def __init__(self, folder: Path, users_db: Path) -> None:
        """Begin with one answer on the screen; `folder` has its configuration."""
        config = folder / "fuzzed.toml"
        config.write_text(f"[keys]\n{KEYS}\n")
        self.is_watched = False
        """Whether somebody looks at the screen, which takes long."""
        self._unanswered: bytes | None = None
        """What may hold questions that are answered later; None where they are at once."""
        super().__init__(
            "--db", users_db, "--config", config, "--no-session",
            program=PROGRAM, size=SIZE,
        )  # fmt: skip
        os.set_blocking(self.ours, False)  # it may be stopped in the midst of what it is sent
        self.shows("look up", "Quit")
        self.types("1\r")
        self.waits_for(lambda: ROW.search(self.emulator.text))
        self.memory_mb = resident_mb(self.pid)

    def __enter__(self) -> Self:
        """Sit down in front of it."""
        return self

    @property
    def is_alive(self) -> bool:
        """Whether the program still runs; its end is left for `ends`."""
        return self._state not in "ZX"

    @property
    def _state(self) -> str:
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2][0]

    def gets_busy(self) -> None:
        """Let its loop stand still for a moment, which begins at once."""
        os.kill(self.pid, signal.SIGURG)  # `send_signal` would take its exit code

    def leaves(self) -> None:
        """Press the key that ends it."""
        self.types(QUIT)

    def is_sent(self, data: bytes) -> bool:
        """Send that, and take what comes meanwhile without looking at it."""
        rest = memoryview(data)
        deadline = time.monotonic() + 30
        while rest:
            assert time.monotonic() < deadline, "it reads no more"
            self._goes_on()
            reads, writes, _ = select.select([self.ours], [self.ours], [], 1)
            try:
                if reads and not self._drain():
                    return False
                if writes:
                    rest = rest[os.write(self.ours, rest) :]
            except BlockingIOError:
                continue
            except OSError:  # nobody on the other side
                return False
        return True

    def _goes_on(self) -> None:
        """Do as a shell with `fg`: ctrl+z counts while it has given the terminal back."""
        if self._state == "T":
            os.kill(self.pid, signal.SIGCONT)

    def _drain(self) -> int:
        data = os.read(self.ours, 65536)
        self.raw += data
        self._answer(data)
        return len(data)

    @contextmanager
    def says_one_thing(self) -> Iterator[None]:
        """Answer nothing meanwhile: a terminal puts no answer into another sequence."""
        self._unanswered = b""
        try:
            yield
        finally:
            asked, self._unanswered = self._unanswered, None
            if self.is_alive:
                self._answer(asked)

    def _answer(self, data: bytes) -> None:
        if self._unanswered is None:
            super()._answer(data)
        else:
            self._unanswered += data

    def pauses(self, seconds: float) -> None:
        """Send nothing for that long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self.is_alive:
            if self.is_watched:
                self.read(left)
            elif select.select([self.ours], [], [], left)[0]:
                self._drain()

    def comes_to_rest(self) -> None:
        """Give what has begun up, close what is open, and show all anew."""
        self._is_calm()
        self.types("\x1b[201~\x1b\\\x07")
        for _ in range(8):
            self.types("\x1b")
            self.pauses(0.15)
        self._shows_all_anew()

    def comes_back(self) -> None:
        """Wait until it has taken what it was sent, and show all anew; press no key else."""
        self._is_calm()
        self._shows_all_anew()

    def _shows_all_anew(self) -> None:
        width, height = SIZE
        self.types(f"\x1b[48;{height};{width};0;0t")
        self.resizes(width, height - 1)
        self.resizes(width, height)
        self.is_watched = True
        self.types("\x0c")

    def _is_calm(self) -> None:
        """Take what comes until the program has done nothing for a while."""
        calm, spent = 0, -1
        deadline = time.monotonic() + REST_SECONDS
        self._goes_on()
        self.pauses(1.2)
        while calm < CALM_LOOKS:
            self._goes_on()  # what it was sent last it may take now, ctrl+z among it
            assert time.monotonic() < deadline, "it does not come to rest"
            self.pauses(0.1)
            before, spent = spent, cpu_ticks(self.pid)
            calm = calm + 1 if spent == before else 0

    def answers_a_person(self) -> None:
        """See that it looks a record up, and then record 1."""
        for key in ("77", "1"):
            self.types("1")
            self.pauses(0.1)
            self.types("/")
            self.pauses(0.1)
            self.types(f"\x15{key}\r")
            self.waits_for(lambda: self._newest == key)  # noqa: B023 - called at once

    @property
    def _newest(self) -> str | None:
        row = ROW.search(self.emulator.text)
        return None if row is None else row[1]


def resident_mb(pid: int) -> float:
    """Return the memory that a process holds, in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def fuzz(
    draw: Callable[[random.Random, int], Iterator[bytes]],
    count: int,
    seed: int,
    folder: Path,
    users_db: Path,
    seconds: float = float("inf"),
) -> Report:
    """Send the explorer `count` bytes that `draw` draws, for at most `seconds`; look at it.

    Where it is left, with its own keys, it begins anew and goes on with what is to come.
    """
    report = Report(seed)
    chance = random.Random(seed)
    rest = chain(
        packets(chance, draw(chance, min(count, IN_PIECES)), PACKET),
        packets(chance, draw(chance, max(count - IN_PIECES, 0)), LARGE_PACKET),
    )
    begun = time.monotonic()
    is_over = False
    while not is_over:
        with Fuzzed(folder, users_db) as window:
            is_over = _send(window, rest, chance, report, begun + seconds)
            if window.is_alive:
                _look(window, report)
            else:
                is_over = not is_left(window, report) or is_over
    report.seconds = time.monotonic() - begun
    return report


def _send(
    window: Fuzzed, rest: Iterator[bytes], chance: random.Random, report: Report, end: float
) -> bool:
    """Send what there is until it has ended or is all sent; tell whether it is."""
    for packet in rest:
        if chance.random() < BUSY_SHARE:
            window.gets_busy()
        try:
            if not window.is_sent(packet):
                return False
        except AssertionError as error:
            report.findings.append(str(error))
            return True
        report.count += len(packet)
        if report.count < IN_PIECES:
            window.pauses(chance.choice(PAUSES))
        if time.monotonic() >= end:
            break
    return True


def _look(window: Fuzzed, report: Report) -> None:
    try:
        window.comes_to_rest()
        if not window.is_alive:  # it took late a key that leaves it
            is_left(window, report)
            return
        window.answers_a_person()
    except (AssertionError, OSError) as error:
        report.findings.append(f"it does not answer: {error}")
        os.kill(window.pid, signal.SIGTERM)  # `send_signal` would take its exit code
        window.ends()
        return
    growth = resident_mb(window.pid) - window.memory_mb
    report.growth_mb = max(report.growth_mb, growth)
    if growth > MOST_GROWTH_MB:
        report.findings.append(f"it takes {growth:.0f} MB more than before")
    window.leaves()
    is_left(window, report)
    report.left -= 1


def is_left(window: Fuzzed, report: Report) -> bool:
    """Look at how it has ended; tell whether that is as if a person had left it."""
    report.left += 1
    end = window.ends()
    if end.code == 0 and end.is_clean and "Traceback" not in end.text:
        return True
    report.findings.append(
        f"it ended with {end.code}, modes {end.modes}, keyboards {end.keyboards},"
        f" cooked {end.is_cooked}, alone {end.is_alone}: {end.text[-3000:]}"
    )
    return False
