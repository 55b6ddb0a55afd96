"""Every cache keeps every promise."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager

import pytest
from contract.caches import APART, PROMISES, READ_ONLY, TOGETHER, Promise
from database_server import had
from fakeredis._typing import ServerType
from fakes import FakeCache, ManualClock
from memcached_server import MemcachedServer
from sentinels import SentinelTrio
from servers import ValkeyServer, make_cluster

from tui.cache.port import Cache, CacheOptions
from tui.cache.redis.embedded import open_embedded
from tui.cache.registry import store_of
from tui.runtime.clock import SystemClock

EMBEDDED: tuple[ServerType, ...] = ("redis", "valkey", "dragonfly")
KINDS = [
    "fake", "fake, two trips", "server", "server, TCP", "cluster", "sentinel", *EMBEDDED,
    "memcached", "memcached, socket",
]  # fmt: skip


def promises_of(kind: str) -> list[Promise]:
    """Give what caches of that kind promise, read-only aside."""
    return [*PROMISES, *(TOGETHER if "memcached" in kind else APART)]


@pytest.fixture(scope="module")
def memcached_on_a_socket() -> Iterator[MemcachedServer]:
    """A Memcached that listens to a unix socket."""
    with had(MemcachedServer(on_socket=True)) as server:
        yield server


@pytest.fixture(scope="module")
def cluster() -> Iterator[list[ValkeyServer]]:
    """Three nodes on loopback, with the slots spread over them."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(ValkeyServer("--cluster-enabled", "yes")) for _ in range(3)
        ]
        make_cluster(servers)
        yield servers


@pytest.fixture(scope="module")
def trio() -> Iterator[SentinelTrio]:
    """A primary and its replica, watched by three sentinels."""
    with SentinelTrio() as trio:
        yield trio


@asynccontextmanager
async def a_fake(*, one_trip: bool) -> AsyncIterator[FakeCache]:
    """Give the cache of the unit tests, which is to promise no more than real ones do."""
    cache = FakeCache(ManualClock())
    cache.one_trip = one_trip
    yield cache


def empty(nodes: list[ValkeyServer]) -> None:
    """Let no key of another promise be left on the servers."""
    for node in nodes:
        with node.client() as client:
            client.flushall()


def opened(
    kind: str, request: pytest.FixtureRequest, options: CacheOptions
) -> AbstractAsyncContextManager[Cache]:
    """Open an empty cache of that kind."""
    match kind:
        case "fake" | "fake, two trips":
            return a_fake(one_trip=kind == "fake")
        case "server" | "server, TCP":
            server: ValkeyServer = request.getfixturevalue("server")
            url = server.url if kind == "server" else server.tcp_url
        case "cluster":
            nodes: list[ValkeyServer] = request.getfixturevalue("cluster")
            empty(nodes)
            url = f"redis+cluster://127.0.0.1:{nodes[0].port}"
        case "memcached":
            memcached: MemcachedServer = request.getfixturevalue("memcached")
            url = memcached.url
        case "memcached, socket":
            memcached = request.getfixturevalue("memcached_on_a_socket")
            memcached.say(b"flush_all\r\n")
            url = memcached.url
        case "sentinel":
            trio: SentinelTrio = request.getfixturevalue("trio")
            empty([trio.first])
            url = trio.url
        case "redis" | "valkey" | "dragonfly":
            return open_embedded(SystemClock(), read_only=options.read_only, server_type=kind)
    return store_of(url).open(store_of(url).check(url), SystemClock(), options)


@pytest.mark.parametrize(
    ("kind", "promise"),
    [(kind, promise) for kind in KINDS for promise in promises_of(kind)],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
async def test_a_cache_keeps_its_promises(
    kind: str, promise: Promise, request: pytest.FixtureRequest
) -> None:
    """Each adapter, and the fake of the unit tests too."""
    async with opened(kind, request, CacheOptions()) as cache:
        await promise(cache)


def test_each_kind_of_claim_is_promised_by_those_who_have_it() -> None:
    """What a store says of itself decides which promises it is held to."""
    for url, kind in (("redis://a", "server"), ("memcached://a", "memcached")):
        apart = store_of(url).capabilities(url).claims_apart
        assert (APART[0] in promises_of(kind)) is apart


@pytest.mark.parametrize("promise", READ_ONLY, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if "fake" not in kind])
async def test_a_read_only_cache_keeps_its_promises(
    kind: str, promise: Promise, request: pytest.FixtureRequest
) -> None:
    """Nothing that writes reaches the store."""
    async with opened(kind, request, CacheOptions(read_only=True)) as cache:
        await promise(cache)
