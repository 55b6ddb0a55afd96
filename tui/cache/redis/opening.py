"""Opening a cache: every time-out and retry is passed explicitly.

The driver's own defaults retry ten times: a paused server would hold a lookup up for a
minute.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import (
    AbstractConnection,
    SSLConnection,
    UnixDomainSocketConnection,
    parse_url,
)
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from tui.cache.limits import CALL_SECONDS, COMMAND_SECONDS, CONNECT_SECONDS
from tui.cache.redis.adapter import RedisCache
from tui.cache.redis.address import driver_url, is_cluster
from tui.cache.redis.address_sentinel import is_sentinel
from tui.cache.redis.connections import own
from tui.cache.redis.server import Server
from tui.cache.redis.tls import PlainConnection, TlsConnection
from tui.models import MAX_VALUE
from tui.runtime.clock import Clock
from tui.runtime.faults import Faults
from tui.runtime.redaction import SECRETS

if TYPE_CHECKING:
    from tui.cache.redis.exchange import Exchange
    from tui.cache.redis.server import Guide
    from tui.cache.redis.walker import CacheWalker

CONNECTIONS = 16
"""More callers than this wait for a connection, which takes less time than opening one."""
CLUSTER_CONNECTIONS = 1024
"""A cluster's client does not let callers wait: beyond this many to one node they fail."""
CLUSTER_TRIP_KEYS = 100
"""How many keys a walk asks a cluster about at once: the driver takes long for each command."""
UNDECODED = (
    "PING", "INFO", "DBSIZE", "SCAN", "GET", "PTTL", "STRLEN", "GETRANGE", "HLEN", "HKEYS",
    "HSTRLEN", "HGETALL", "SET", "DEL", "PEXPIRE", "EVAL", "EVALSHA",
)  # fmt: skip
"""Our commands: the driver would take replies to some apart, and stumble over an odd one."""


@asynccontextmanager
async def open_url(
    url: str,
    clock: Clock,
    *,
    read_only: bool = False,
    hashes: bool | None = None,
    max_value: int = MAX_VALUE,
    faults: Faults | None = None,
) -> AsyncIterator[RedisCache]:
    """Open the cache at a URL of one of the SCHEMES of `cache_url`.

    Nothing is sent yet: a server that is down is found out by the first call. Connections
    obey `faults` where there are some. `hashes` and `max_value`, in bytes, are as for
    RedisCache; and no reply that is much longer is taken.
    """
    async with AsyncExitStack() as stack:
        walk: partial[CacheWalker]
        if is_cluster(url):
            from tui.cache.redis.cluster import ClusterExchange

            client: Any = await stack.enter_async_context(open_client(url, faults, max_value))
            exchange: Exchange = ClusterExchange(client)  # its connections obey the faults
            walk = partial(_walk_cluster, client, clock, max_value)
        else:
            following = None
            if is_sentinel(url):
                from tui.cache.redis.opening_sentinel import open_following

                following = await stack.enter_async_context(open_following(url, clock))
            guide = None if following is None else following.primary
            server, walked = (
                _server(url, max_value, faults, seconds, guide)
                for seconds in (COMMAND_SECONDS, CALL_SECONDS)
            )
            stack.push_async_callback(walked.aclose)
            exchange = server if following is None else following.exchange(server, walked)
            walk = partial(_walk_server, walked, clock, max_value)
            if faults is not None:
                from tui.cache.redis.faulty_exchange import RefusingExchange

                exchange = RefusingExchange(exchange, faults)
        # Through a cluster's pipelines a trip takes so long that a script makes no difference,
        # and one lookup's trip may overtake another's.
        cache = RedisCache(
            exchange, walk, clock, read_only=read_only,
            trips_cost=not is_cluster(url), hashes=hashes, max_value=max_value,
        )  # fmt: skip
        stack.push_async_callback(cache.aclose)
        yield cache


def _server(
    url: str, max_value: int, faults: Faults | None, seconds: float, guide: "Guide | None"
) -> Server:
    SECRETS.learn_url(url)
    if faults is None:
        return Server(options_of(url), max_value, seconds, guide)
    from tui.cache.redis.faulty_exchange import FaultyServer

    return FaultyServer(options_of(url), max_value, faults, seconds, guide)


def _walk_server(server: Server, clock: Clock, max_value: int) -> "CacheWalker":
    from tui.cache.redis import walker, ways  # not for a lookup: it takes a while to import

    way = ways.ServerWay(server)
    return walker.CacheWalker(way, clock, CALL_SECONDS, max_value=max_value)


def _walk_cluster(client: RedisCluster, clock: Clock, max_value: int) -> "CacheWalker":
    from tui.cache.redis import walker, ways

    return walker.CacheWalker(
        ways.ClusterWay(client), clock, CALL_SECONDS,
        max_value=max_value, trip_keys=CLUSTER_TRIP_KEYS,
    )  # fmt: skip


@asynccontextmanager
async def open_client(
    url: str, faults: Faults | None = None, max_value: int = MAX_VALUE
) -> AsyncIterator[Redis | RedisCluster]:
    """Open the driver's client for a URL, with our limits in place of its own.

    Of a service that sentinels watch, each of its connections finds the primary by itself.
    """
    SECRETS.learn_url(url)
    async with AsyncExitStack() as stack:
        client: Redis | RedisCluster
        if is_cluster(url):
            client = _cluster(url, faults, max_value)
        else:
            options: dict[str, Any] = {**options_of(url), **limits()}
            made = connection_class(options.get("connection_class"), faults, max_value)
            if is_sentinel(url):
                from tui.cache.redis.opening_sentinel import led_to_primary, open_sentinels

                sentinels = await stack.enter_async_context(open_sentinels(url))
                made = led_to_primary(made, sentinels)
            options["connection_class"] = made
            pool = BlockingConnectionPool(
                max_connections=CONNECTIONS, timeout=CALL_SECONDS, **options
            )
            client = Redis(connection_pool=pool)
            # A client that was given its pool leaves it open.
            stack.push_async_callback(pool.aclose)
        stack.push_async_callback(client.aclose)
        leave_undecoded(client)
        yield client


def options_of(url: str) -> dict[str, Any]:
    """Return what the driver reads from a URL; of TLS, how certificates are checked too."""
    return {**parse_url(driver_url(url))}


def connection_class(
    theirs: object, faults: Faults | None, max_value: int
) -> type[AbstractConnection]:
    """Return our own class in the place of the driver's for a URL, which has none for TCP."""
    made: dict[object, type[AbstractConnection]] = {
        SSLConnection: TlsConnection,
        UnixDomainSocketConnection: UnixDomainSocketConnection,
    }
    base = own(made.get(theirs, PlainConnection), max_value)
    if faults is None:
        return base
    from tui.cache.redis.faulty import faulty

    return faulty(base, faults)


def leave_undecoded(client: Redis | RedisCluster) -> None:
    """Let the client give the replies to our commands as they come."""
    for command in UNDECODED:
        client.set_response_callback(command, _as_it_came)


def _as_it_came(response: Any, **_: Any) -> Any:
    return response


def limits() -> dict[str, Any]:
    """Return the options by which the driver's connections keep our limits."""
    return {
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": COMMAND_SECONDS,
        "retry": retry(),
        "health_check_interval": 0,
        "protocol": 2,
        "driver_info": None,
    }


def retry() -> Retry:
    """Return how often the driver tries: once more, when the connection was lost."""
    return Retry(NoBackoff(), 1, supported_errors=(exceptions.ConnectionError,))


def _cluster(url: str, faults: Faults | None, max_value: int) -> RedisCluster:
    """Give a client of the cluster that the node at `url` belongs to.

    Its errors are retried once, after which it has read the slots anew: that is how it
    follows a failover. The limit of the whole call bounds that too.
    """
    options: dict[str, Any] = {**parse_url(driver_url(url).replace("+cluster", "", 1))}
    theirs = options.pop("connection_class", None)
    options.pop("db", None)
    client = RedisCluster(
        **{"host": "localhost", **options},
        ssl=theirs is SSLConnection,
        max_connections=CLUSTER_CONNECTIONS,
        **limits(),
    )
    from tui.cache.redis.known_keys import KnownKeys

    parser: Any = KnownKeys()
    client.commands_parser = parser
    made: Any = connection_class(theirs, faults, max_value)
    client.connection_kwargs["connection_class"] = made  # of the nodes that it will find
    for node in client.startup_nodes:
        node.connection_class = made
    return client
