"""What it takes to begin: time and memory of processes that do little else."""

import statistics
import subprocess
import sys
from pathlib import Path

from bench.report import Table, micro
from bench.rounds import spread

NOTHING = "Python alone"
IMPORTS = {
    NOTHING: "pass",
    "redis-py's client": "import redis.asyncio",
    "**the service**": "import tui.service.cache_aside",
    "**with its drivers**": "import tui.service.cache_aside, tui.cache.redis"
    ", tui.database.sqlite",
    "cashews": "import cashews",
    "aiocache": "import aiocache",
    "dogpile.cache": "import dogpile.cache.backends.redis, redis",
}


def footprint(path: Path, rounds: int) -> Table:
    """Measure imports and whole commands, each in a process of its own."""
    commands: dict[str, tuple[str, ...]] = {
        name: ("-c", code) for name, code in IMPORTS.items()
    }
    commands["**`hitmiss --version`**"] = ("-m", "tui", "--version")
    commands["**`hitmiss get 1`**"] = ("-m", "tui", "get", "1", "--db", str(path))
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    memory = dict.fromkeys(commands, 0)
    for _ in range(rounds):
        for name, command in commands.items():
            taken, peak = run_alone(*command)
            seconds[name].append(taken)
            memory[name] = max(memory[name], peak)
    rows = []
    for name, mine in seconds.items():
        pairs = zip(mine, seconds[NOTHING], strict=True)
        low, middle, high = spread([own / bare for own, bare in pairs])
        typical = micro(statistics.median(mine))
        rows.append((name, middle, f"{low:.2f} to {high:.2f}", typical, memory[name] // 1024))
    return Table(
        "To begin",
        "Time of a process that imports this, or runs this, beside that of Python alone.",
        ("what", "ratio", "middle half", "typical", "peak memory, MiB"),
        tuple(rows),
    )


def run_alone(*arguments: str) -> tuple[float, int]:
    """Give the seconds of a Python process, and the most memory that it held, in KiB."""
    launch = str(Path(__file__).with_name("launch.py"))
    said = subprocess.run(
        [sys.executable, "-S", launch, sys.executable, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.split()
    return float(said[0]), int(said[1])
