"""Finds the kind of cache that a URL names, and imports that kind alone."""

from functools import cache
from importlib import import_module
from typing import Final

from tui.cache.port import CacheStore

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
    EMBEDDED: "tui.cache.redis.store:EMBEDDED",
}  # fmt: skip
"""Where the kinds are that come with hitmiss, by scheme."""


def store_of(url: str) -> CacheStore:
    """Return the kind of cache that `url` names; one that refuses it where none knows it."""
    return _store(url.strip().partition("://")[0].lower())


@cache
def _store(scheme: str) -> CacheStore:
    place = BUILT_IN.get(scheme) or _installed(scheme) or _REDIS
    module, _, name = place.partition(":")
    store: CacheStore = getattr(import_module(module), name)
    return store


def _installed(scheme: str) -> str | None:
    from importlib.metadata import entry_points  # not for what comes with hitmiss

    return next((point.value for point in entry_points(group=GROUP, name=scheme)), None)
