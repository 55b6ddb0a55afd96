"""What the registry is given for servers, in all ways to reach them."""

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from tui.cache.port import Asked, Cache, CacheOptions, Capabilities
from tui.cache.redis import address
from tui.cache.redis.capabilities import ON_A_SERVER
from tui.runtime.clock import Clock, SystemClock

if TYPE_CHECKING:
    from tui.models.check import Check


class RedisStore:
    """A server of the Redis protocol, one that sentinels watch, or a cluster of them."""

    def check(self, url: str) -> str:
        """Return the URL if it can be used; see CacheStore."""
        return address.cache_address(url)

    def name(self, url: str) -> str:
        """Return the cache as it may be shown."""
        return address.cache_name(url)

    def capabilities(self, url: str) -> Capabilities:
        """Return what every such server can do; that a user may not is found out later."""
        return ON_A_SERVER

    def passed_over(self, url: str) -> tuple[str, ...]:
        """Return the names of the options that mean nothing here."""
        return address.passed_over(url)

    def client(self, url: str) -> tuple[str, ...]:
        """Return the words that call redis-cli."""
        return address.redis_cli(url)

    def load(self) -> None:
        """Import the driver."""
        import tui.cache.redis.opening  # noqa: F401

    def open(
        self, url: str, clock: Clock, options: CacheOptions
    ) -> AbstractAsyncContextManager[Cache]:
        """Open the cache; its driver is imported here."""
        from tui.cache.redis.opening import open_url

        return open_url(
            url, clock,
            read_only=options.read_only, hashes=options.others, max_value=options.max_value,
            faults=options.faults,
        )  # fmt: skip

    async def checks(self, asked: Asked) -> "list[Check]":
        """Return what `doctor` is to say of the server."""
        from tui.cache.redis.examination import examine
        from tui.cache.redis.server_checks import server_checks

        facts = await examine(
            asked.url, asked.template, SystemClock(), read_only=asked.read_only
        )
        return server_checks(asked, facts)


STORE = RedisStore()
