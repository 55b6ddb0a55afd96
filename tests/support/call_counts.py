"""How many calls of our own a look-up makes, and through how many files they lead.

Run it by `make calls`.
"""

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import FrameType
from typing import Any

from servers import ValkeyServer

import tui
from tui.bootstrap import open_services, prepare
from tui.config.settings import resolve
from tui.database.sqlite.demo import make_demo

OURS = str(Path(tui.__file__).parent)
WARM = 50
"""How many look-ups come first, so that what happens once is not counted."""


class Calls:
    """Counts the calls of functions under `tui/`; a coroutine that goes on counts again."""

    def __init__(self) -> None:
        """Begin at none."""
        self.functions: Counter[tuple[str, str]] = Counter()

    @property
    def count(self) -> int:
        """All calls."""
        return self.functions.total()

    @property
    def files(self) -> int:
        """How many files they lead through."""
        return len({file for file, _ in self.functions})

    def hear(self, frame: FrameType, event: str, argument: Any) -> None:
        """Take note of what the interpreter does."""
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS):
            self.functions[code.co_filename, code.co_qualname] += 1


async def counted(work: Callable[[], Awaitable[object]]) -> Calls:
    """Return the calls that `work` makes, and what goes on behind it for a moment."""
    calls = Calls()
    sys.setprofile(calls.hear)
    try:
        await work()
        await asyncio.sleep(0.01)
    finally:
        sys.setprofile(None)
    return calls


async def look_ups(cache: str, folder: str) -> dict[str, Calls]:
    """Return the calls of a hit, and of a miss after a hit and after another miss."""
    path = Path(folder) / "users.db"
    if not path.exists():
        make_demo(path)
    flags = {"db": str(path), "cache": cache, "read-only": False}
    plan = prepare(resolve(flags, {}, {}, ""))
    async with open_services(plan) as services:
        service = services.service
        for id in range(1, 1 + WARM):
            await service.look_up(id)
            await service.look_up(id)
        found = {"hit": await counted(lambda: service.look_up(1))}
        found["miss after a hit"] = await counted(lambda: service.look_up(100))
        found["miss after a miss"] = await counted(lambda: service.look_up(101))
        return found


def main(*, whole: bool) -> None:
    """Print the figures; with `whole`, each function too."""
    with tempfile.TemporaryDirectory() as folder, ValkeyServer() as server:
        for name, cache in (("valkey", server.url), ("embedded", "embedded")):
            for kind, calls in asyncio.run(look_ups(cache, folder)).items():
                print(f"{name:9} {kind:18} {calls.count:4} calls, {calls.files:3} files")
                for (file, function), count in calls.functions.items() if whole else ():
                    print(f"    {count:3}  {Path(file).relative_to(OURS)}  {function}")


if __name__ == "__main__":
    main(whole="--all" in sys.argv)
