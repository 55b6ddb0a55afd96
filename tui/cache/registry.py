"""Finds the kind of cache that a URL names, and imports that kind alone."""

from typing import Final

from tui.cache.port import CacheStore
from tui.runtime.adapters import adapter_of

EMBEDDED: Final = "embedded"
"""What stands in place of a URL for the cache inside of this process."""
GROUP: Final = "hitmiss.caches"
"""The entry points by which other distributions bring kinds of caches.

Each is called as the scheme is, and names a module and an object: `mem = package.store:STORE`.
"""
_REDIS: Final = "tui.cache.redis.store:STORE"
BUILT_IN: Final = {
    **dict.fromkeys(
        ("redis", "rediss", "valkey", "valkeys", "tcp", "tls", "ssl", "unix"), _REDIS
    ),
    **dict.fromkeys(
        (f"{name}{sign}{way}" for name in ("redis", "valkey") for sign in "+-"
         for way in ("tls", "ssl", "socket", "unix", "cluster")), _REDIS
    ),
    **dict.fromkeys(("rediss+cluster", "rediss-cluster", "valkeys+cluster"), _REDIS),
    **dict.fromkeys(
        ("memcached", "memcache", "memcached+unix"), "tui.cache.memcached.store:STORE"
    ),
    **dict.fromkeys(
        (f"{name}{sign}sentinel" for name in ("redis", "valkey") for sign in "+-"), _REDIS
    ),
    **dict.fromkeys(("rediss+sentinel", "rediss-sentinel", "valkeys+sentinel"), _REDIS),
    EMBEDDED: "tui.cache.redis.embedded_store:EMBEDDED",
}  # fmt: skip
"""Where the kinds are that come with hitmiss, by scheme."""


def store_of(url: str) -> CacheStore:
    """Return the kind of cache that `url` names; one that refuses it where none knows it."""
    scheme = url.strip().partition("://")[0].lower()
    store: CacheStore = adapter_of(scheme, BUILT_IN, GROUP, _REDIS)
    return store
