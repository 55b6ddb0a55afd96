"""A whole service on a real cache and a real database, as the commands have it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fakes import ManualClock

from tui.bootstrap import Services, open_services, prepare
from tui.config.settings import resolve


@asynccontextmanager
async def serving(url: str, path: Path, **options: object) -> AsyncIterator[Services]:
    """Open the services on that cache and that file, with further options by name."""
    told = {name.replace("_", "-"): value for name, value in options.items()}
    settings = resolve({"cache": url, "db": str(path), **told}, {}, {}, "no file")
    async with open_services(prepare(settings)) as services:
        yield services


def let_breaker_try(services: Services) -> None:
    """Let the time pass for which an open breaker leaves the cache alone."""
    breaker = services.service._cache._breaker
    clock = ManualClock()
    clock.now = breaker._clock.monotonic() + 10
    breaker._clock = clock
