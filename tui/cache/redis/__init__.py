"""The cache over the Redis protocol: a server, a cluster, or fakeredis in this process."""

from tui.cache.redis.adapter import RedisCache
from tui.cache.redis.opening import CONNECTIONS, open_embedded, open_url

__all__ = ["CONNECTIONS", "RedisCache", "open_embedded", "open_url"]
