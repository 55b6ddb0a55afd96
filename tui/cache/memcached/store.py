"""What the registry is given: a Memcached server."""

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final

from tui.cache.memcached import address
from tui.cache.memcached.expiry import LEAST_SECONDS
from tui.cache.memcached.key_bytes import LONGEST_KEY
from tui.cache.port import Asked, Cache, CacheOptions, Capabilities
from tui.runtime.clock import Clock

if TYPE_CHECKING:
    from tui.models.check import Check

LARGEST_VALUE: Final = 1 << 20
"""Bytes of an item, unless the server was started with another (-I)."""
CAPABILITIES: Final = Capabilities(
    ttl_step=1.0, least_ttl=LEAST_SECONDS, largest_value=LARGEST_VALUE,
    longest_key=LONGEST_KEY, walks=True, claims=True, claims_apart=False, shared=True,
)  # fmt: skip


class MemcachedStore:
    """A Memcached server."""

    def check(self, url: str) -> str:
        """Return the URL if it can be used; see CacheStore."""
        return address.cache_address(url)

    def name(self, url: str) -> str:
        """Return the cache as it may be shown."""
        return address.cache_name(url)

    def capabilities(self, url: str) -> Capabilities:
        """Return what every such server can do; that keys are not listed is found out later."""
        return CAPABILITIES

    def passed_over(self, url: str) -> tuple[str, ...]:
        """Return the names of the options, none of which means anything here."""
        return address.passed_over(url)

    def client(self, url: str) -> tuple[str, ...]:
        """Return the words that send a command by a shell."""
        return address.client(url)

    def load(self) -> None:
        """Import what opening needs; there is no driver."""
        import tui.cache.memcached.opening  # noqa: F401

    def open(
        self, url: str, clock: Clock, options: CacheOptions
    ) -> AbstractAsyncContextManager[Cache]:
        """Open the cache."""
        from tui.cache.memcached.opening import open_url

        return open_url(url, clock, options)

    async def checks(self, asked: Asked) -> "list[Check]":
        """Return what `doctor` is to say of the server."""
        from tui.cache.memcached.server_checks import server_checks

        return await server_checks(asked)


STORE = MemcachedStore()
