"""What the registry is given for the cache inside of this process."""

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.cache.port import Asked, Cache, CacheOptions, Capabilities
from tui.cache.redis.capabilities import ON_A_SERVER
from tui.cache.registry import EMBEDDED as NAME
from tui.runtime.clock import Clock

if TYPE_CHECKING:
    from tui.models.check import Check

INSIDE = replace(ON_A_SERVER, shared=False)


class EmbeddedStore:
    """The cache inside of this process: fakeredis."""

    def check(self, url: str) -> str:
        """Return its name."""
        return NAME

    def name(self, url: str) -> str:
        """Return its name."""
        return NAME

    def capabilities(self, url: str) -> Capabilities:
        """Return what it can do."""
        return INSIDE

    def passed_over(self, url: str) -> tuple[str, ...]:
        """Return nothing: it has no options."""
        return ()

    def client(self, url: str) -> tuple[str, ...]:
        """Return nothing: no client reaches it."""
        return ()

    def load(self) -> None:
        """Import the driver."""
        import tui.cache.redis.embedded  # noqa: F401

    def open(
        self, url: str, clock: Clock, options: CacheOptions
    ) -> AbstractAsyncContextManager[Cache]:
        """Open an empty cache, which is gone when it is closed."""
        from tui.cache.redis.embedded import open_embedded

        return open_embedded(
            clock,
            read_only=options.read_only, hashes=options.others, max_value=options.max_value,
            faults=options.faults,
        )  # fmt: skip

    async def checks(self, asked: Asked) -> "list[Check]":
        """Return what there is to say of it."""
        from tui.cache.redis.server_checks import embedded_checks

        return embedded_checks()


EMBEDDED = EmbeddedStore()
