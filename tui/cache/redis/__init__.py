"""The cache over the Redis protocol: a server, a cluster, or fakeredis in this process."""

from tui.cache.adapter import RedisCache
from tui.cache.opening import CONNECTIONS, open_embedded, open_url

__all__ = ["CONNECTIONS", "RedisCache", "open_embedded", "open_url"]
