"""Hits over HTTP, beside the barest route that reads the same copies."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from servers import ValkeyServer

from bench.report import Cell, Table
from bench.rounds import spread
from bench.scale import Scale

CONNECTIONS = 64
NAME, BARE = "**hitmiss serve**", "a bare starlette route"
END_SECONDS = 10.0
LOAD_SECONDS = 120.0


@dataclass(slots=True)
class Served:
    """A server in a process of its own, and what it did in all its turns."""

    name: str
    port: int
    process: psutil.Process
    rates: list[float] = field(default_factory=list)
    """Requests a second, turn by turn."""
    cpu: list[float] = field(default_factory=list)
    """Seconds that the process was on a core, a request."""
    wrong: int = 0

    def warm(self, records: int) -> None:
        """Be asked once for each of them."""
        _load(self.port, records, records)

    def turn(self, records: int, requests: int) -> None:
        """Be asked for records that are cached."""
        before = sum(self.process.cpu_times()[:2])
        found = _load(self.port, records, requests)
        self.cpu.append((sum(self.process.cpu_times()[:2]) - before) / requests)
        self.rates.append(requests / found["seconds"])
        self.wrong += int(found["wrong"])


def http(server: ValkeyServer, path: Path, scale: Scale) -> list[Table]:
    """Measure hits over CONNECTIONS connections that are kept."""
    records, requests = scale.hot, scale.requests
    serve = ["tui", "serve", "--listen", "127.0.0.1:0", "--json", "--db", str(path)]
    ours = [*serve, "--cache", server.url, "--ttl", "1h"]
    with ExitStack() as stack:
        bare = stack.enter_context(_serving(BARE, ["bench.bare_route", str(server.socket)]))
        mine = stack.enter_context(_serving(NAME, ours))
        for one in (mine, bare):  # the first stores what both read
            one.warm(records)
        for number in range(scale.rounds):
            for one in (bare, mine)[:: -1 if number % 2 else 1]:
                one.turn(records, requests)
    return [
        Table(
            f"Over HTTP, {CONNECTIONS} connections",
            "Requests a second for what is cached, beside those of a route of starlette that"
            " does redis-py's `GET` and `json`, and nothing else: more is better. Both"
            " on one uvicorn, set up alike.",
            ("who", "ratio", "middle half", "CPU", "requests a second", "errors"),
            tuple(_row(one, bare) for one in (bare, mine)),
        )
    ]


def _row(one: Served, bare: Served) -> tuple[Cell, ...]:
    low, middle, high = spread([a / b for a, b in zip(one.rates, bare.rates, strict=True)])
    _, cpu, _ = spread([b / a if a else 1.0 for a, b in zip(one.cpu, bare.cpu, strict=True)])
    rate = round(statistics.median(one.rates))
    return (one.name, middle, f"{low:.2f} to {high:.2f}", cpu, rate, one.wrong)


def _load(port: int, records: int, requests: int) -> dict[str, Any]:
    command = ["bench.http_load", *map(str, (port, records, CONNECTIONS, requests))]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        check=True, capture_output=True, text=True, timeout=LOAD_SECONDS,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def _serving(name: str, command: Sequence[str]) -> Iterator[Served]:
    """Run a server; its first line has its port."""
    with subprocess.Popen(
        [sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            told = json.loads(line)
            port = told if isinstance(told, int) else int(told["listening"].rpartition(":")[2])
            yield Served(name, port, psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait(END_SECONDS)
