"""Commands and controllers in front of a server that answers with anything at all."""

import asyncio
import contextlib
import gc
import io
import json
import os
import random
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from files import make_file
from odd_servers import (
    WRITES,
    Answer,
    Keys,
    OddServer,
    Reply,
    Usual,
    array,
    bulk,
    copies,
    number,
    rows,
)

from tui.bootstrap import Plan, lifetimes_of, open_services, prepare
from tui.cli.main import run as run_command
from tui.config.settings import resolve
from tui.controllers.cached_keys import CachedKeysController
from tui.controllers.compare import CompareController
from tui.controllers.lookup import LookupController
from tui.controllers.session import Place, Session
from tui.runtime.clock import SystemClock
from tui.runtime.errors import HitmissError

ROWS = 30
LATE_SECONDS = 0.3
"""Later than any command is waited for."""
LONGEST_SECONDS = 30.0
"""What one command may take, with all its patience, on a machine that has other work."""
READ_ONLY = (
    ("get", "1", "2", "30"), ("audit",), ("keys",), ("doctor",), ("audit", "--drift-only"),
    ("keys", "--limit", "3"),
)  # fmt: skip
WRITING = (
    ("get", "1", "1", "2"), ("set", "1", "n=a"), ("invalidate", "1", "2"), ("doctor",),
    ("bench", "load", "--seconds", "0.1", "--readers", "2", "--keys", "5", "--yes"),
)  # fmt: skip
KINDS = (
    "shape", "error", "mutated", "cut off", "trickled", "late", "echo", "twice", "none",
)  # fmt: skip
"""What may become of an answer."""
UNFORESEEN = ("Traceback", "never retrieved", "Fatal error", "never awaited")
ERRORS = (
    "ERR internal error", "NOPERM No permissions to access a key", "WRONGTYPE wrong kind",
    "NOPERM User app has no permissions to run the 'get' command", "LOADING", "BUSY script",
    "MASTERDOWN", "CLUSTERDOWN down", "MOVED 7 127.0.0.1:1", "MOVED", "ASK 1 h:x", "TRYAGAIN",
    "CROSSSLOT", "NOSCRIPT no", "OOM", "READONLY", "NOREPLICAS", "MISCONF", "EXECABORT",
    "DENIED", "NOAUTH", "WRONGPASS", "ERR max number of clients reached", "NOPROTO", "",
    "ERR unknown command 'x'", "\x1b]0;owned\x07", "ERR [red]markup[/red]",
)  # fmt: skip


class Hostile:
    """Answers a command as it should be, or in any of the ways in which it should not."""

    def __init__(self, chance: random.Random, usual: Answer) -> None:
        """Draw from `chance` what is done to the answers of `usual`."""
        self._chance = chance
        self._usual = usual
        self._share = chance.choice([0.02, 0.2, 0.6])
        self._spared = {name for name in WRITES if chance.random() < 0.5}

    def __call__(self, command: list[bytes]) -> Reply:
        """Answer a command."""
        chance, right = self._chance, self._usual(command)
        assert isinstance(right, bytes)
        if command[0] in self._spared or chance.random() > self._share:
            return right
        kind = chance.choice(
            [
                "shape",
                "error",
                "mutated",
                "cut off",
                "trickled",
                "late",
                "echo",
                "twice",
                "none",
            ]
        )
        if kind == "error":
            return b"-%s\r\n" % chance.choice(ERRORS).encode()
        if kind == "echo":
            return b"-ERR %s\r\n" % b" ".join(command).replace(b"\r\n", b" ")
        if kind == "mutated":
            return _mutated(chance, right)
        if kind in {"cut off", "trickled", "late"}:
            return self._in_pieces(kind, right)
        return {"twice": right * 2, "none": None}.get(kind) or _shape(chance, 3)

    def _in_pieces(self, kind: str, right: bytes) -> Iterator[bytes]:
        if kind == "late":
            time.sleep(LATE_SECONDS)
            yield right
        elif kind == "trickled":
            step = max(1, len(right) // 4)
            for start in range(0, len(right), step):
                yield right[start : start + step]
                time.sleep(0.001)
        else:
            yield right[: self._chance.randrange(len(right))]
            raise ConnectionError("cut off")


def _mutated(chance: random.Random, right: bytes) -> bytes:
    data = bytearray(right)
    for _ in range(chance.randint(1, 3)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def _shape(chance: random.Random, depth: int) -> bytes:
    """Give a reply of any shape, of the protocol's second and third version."""
    kinds = ["number", "text", "nothing", "status", "null", "truth", "decimal", "big", "length"]
    kind = chance.choice(kinds + (["list", "map", "set", "push"] if depth else []))
    parts = [_shape(chance, depth - 1) for _ in range(chance.randrange(5))] if depth else []
    body = b"".join(parts)
    return {
        "number": number(chance.choice([0, 1, -1, -2, -3, 7, 2**63 - 1, -(2**63)])),
        "text": bulk(chance.choice(["", "0", "7", "null", "{}", "OK", "\x1b[2J", "u:1"])),
        "nothing": chance.choice([b"$-1\r\n", b"*-1\r\n"]),
        "status": b"+%s\r\n" % chance.choice([b"OK", b"QUEUED", b"PONG", b""]),
        "null": b"_\r\n",
        "truth": chance.choice([b"#t\r\n", b"#f\r\n"]),
        "decimal": b",%s\r\n" % chance.choice([b"1.5", b"nan", b"inf"]),
        "big": b"(%d\r\n" % 10**30,
        "length": chance.choice([b"$-7\r\n", b"*-7\r\n", b"$99999999999999999999\r\n"]),
        "list": array(*parts),
        "map": b"%%%d\r\n%s" % (len(parts) // 2, b"".join(parts[: len(parts) // 2 * 2])),
        "set": b"~%d\r\n%s" % (len(parts), body),
        "push": b">%d\r\n%s" % (len(parts), body),
    }[kind]


def run(seconds: float, seed: int) -> list[str]:
    """Run commands and controllers against hostile servers; give what should not have been."""
    chance = random.Random(seed)
    findings: list[str] = []
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder, _impatient():
        path = make_file(Path(folder) / "u.db", rows(ROWS))
        _once(chance, path, [], Counter())  # what is opened once, and kept
        before = _held()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            _once(chance, path, findings, counts)
        gc.collect()
        if (after := _held()) > before:
            findings.append(f"files or threads are left open: {before} before, {after} after")
    print(
        f"  {counts.total():,} runs: {', '.join(f'{n} {c}' for n, c in counts.most_common())}"
    )
    return findings


@contextlib.contextmanager
def _impatient() -> Iterator[None]:
    """Let nobody wait for seconds: what is waited for comes or does not."""
    with (
        patch("tui.cache.redis.walker.PATIENCE", (0.0, 0.01)),
        patch("tui.audit.engine.SETTLE_SECONDS", 0.01),
        patch("tui.audit.engine.PAUSE_SECONDS", 0.01),
        patch.dict(os.environ, {"XDG_CONFIG_HOME": "/nowhere", "NO_COLOR": "1"}),
    ):
        yield


def _held() -> tuple[int, int]:
    """Give how many files and threads this process has."""
    return len(os.listdir("/proc/self/fd")), threading.active_count()  # noqa: PTH208


def _once(chance: random.Random, path: Path, findings: list[str], counts: Counter[str]) -> None:
    """Run one command, or the controllers, against one server."""
    seed = chance.randrange(1 << 32)
    own = random.Random(seed)
    kept: Keys = copies(ROWS) if own.random() < 0.7 else {"u:1": {"id": "1", "n": "a"}}
    with OddServer(Hostile(own, Usual(kept)), tcp=own.random() < 0.3) as server:
        writing = own.random() < 0.4
        options = {"db": str(path), "table": "u", "key": "u:{id}", "cache": server.url}
        begun = time.monotonic()
        if own.random() < 0.2:
            what, wrong = "controllers", _controllers(options)
        else:
            command = own.choice(WRITING if writing else READ_ONLY)
            what = command[0]
            wrong = _command(command, options, writing=writing and what != "doctor")
        if time.monotonic() - begun > LONGEST_SECONDS:
            wrong.append(f"it took {time.monotonic() - begun:.0f} s")
        if server.names & WRITES and (what in {"controllers", "doctor"} or not writing):
            wrong.append(f"it wrote, read-only: {sorted(server.names & WRITES)}")
    counts[what] += 1
    findings += [f"{what} (server of seed {seed}): {text}" for text in wrong]


def _command(command: tuple[str, ...], options: dict[str, str], *, writing: bool) -> list[str]:
    """Run a command in this process; give what is wrong with how it ended."""
    flags = [f"--{name}={value}" for name, value in options.items()]
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        try:
            arguments = [*command, *flags, "--json", *(["--writable"] if writing else [])]
            code = run_command(arguments)
        except Exception:  # noqa: BLE001  # whatever it is, it is what is looked for
            traceback.print_exc()
            code = 70
        gc.collect()  # what nobody has fetched is told when it goes
    said = out.getvalue() + err.getvalue()
    wrong = [f"{word}: {said[-2000:]}" for word in UNFORESEEN if word in said]
    if code not in _codes(command[0], out.getvalue()):
        wrong.append(f"it ended with {code}: {said[-1000:]}")
    if "\x1b" in said or "\x07" in said:
        wrong.append("control characters came through")
    return wrong


def _codes(name: str, out: str) -> set[int]:
    """Give the codes with which that command may end."""
    if name == "get":
        return {0}
    if name in {"doctor", "bench"}:
        return {0, 1, 4}
    last = out.splitlines()[-1] if out.strip() else "{}"
    if name == "audit" and json.loads(last).get("summary", {}).get("confirmed"):
        return {1}
    return {0, 4}


def _controllers(options: dict[str, str]) -> list[str]:
    """Walk, compare, audit and look up as the explorer's screens do."""
    wrong: list[str] = []
    plan = prepare(resolve(options, {}, {}, "no file"))

    async def play() -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: wrong.append(str(context))
        )
        async with open_services(plan) as services:

            async def opened() -> object:
                return services

            await _screens(plan, opened)

    try:
        asyncio.run(play())
    except Exception:  # noqa: BLE001  # as above
        wrong.append(traceback.format_exc()[-2000:])
    gc.collect()
    return wrong


async def _screens(plan: Plan, opened: object) -> None:
    """Do what a person may do, one after the other; what is refused is said by an error."""
    session = Session(
        opened, plan.schema, plan.template, lifetimes_of(plan.settings), Place("u", "odd"),  # type: ignore[arg-type]
        read_only=True,
    )  # fmt: skip
    clock = SystemClock()
    keys, compare = CachedKeysController(session, clock), CompareController(session, clock)
    for walk in (keys.walk, compare.audit):
        with contextlib.suppress(HitmissError):
            async for _ in walk():
                pass
    with contextlib.suppress(HitmissError):
        await compare.compare(1)
    await keys.look_at(1)
    await LookupController(session).look_up(1)
