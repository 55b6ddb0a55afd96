"""Walking through fakeredis, a real server and a cluster."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
from servers import ValkeyServer

from tui.cache.redis import endless, hashes, values
from tui.cache.redis import walker as module
from tui.cache.redis.adapter import RedisCache
from tui.cache.redis.embedded import open_embedded
from tui.cache.redis.exchange import Command
from tui.cache.redis.key_commands import KeyCommands
from tui.cache.redis.leases import lease_key
from tui.cache.redis.opening import open_url
from tui.cache.redis.trips import Trips
from tui.cache.redis.walker import CacheWalker
from tui.cache.redis.ways import Node, Way
from tui.models import Cached, KeyFacts
from tui.models.keys import KeyTemplate
from tui.runtime.clock import SystemClock
from tui.runtime.errors import CacheNotUnderstood, CacheRefused, CacheUnavailable

SPECIAL = ("*", "?", "[", "]", "[a-c]", "\\", "\\*", "^", "-", "{x}", "é", "a b")
"""What a pattern could take for something else."""
KINDS = ("redis", "valkey", "dragonfly", "server")


@pytest.fixture(params=KINDS)
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[RedisCache]:
    """An empty cache of each kind."""
    async with AsyncExitStack() as stack:
        if request.param == "server":
            url = request.getfixturevalue("server").url
            yield await stack.enter_async_context(open_url(url, SystemClock()))
        else:
            yield await stack.enter_async_context(
                open_embedded(SystemClock(), server_type=request.param)
            )


async def found(walker: CacheWalker, template: str, part: str = "") -> list[str]:
    """Give all keys that a walk gives, without those that came twice."""
    batches = walker.scan(KeyTemplate(template), part)
    return sorted({key async for batch in batches for key in batch})


async def put(cache: RedisCache, *keys: str, value: bytes = b"{}") -> None:
    """Store something under those keys."""
    await cache.store([(key, value, 100) for key in keys])


async def run(cache: RedisCache, *command: str | bytes) -> None:
    """Run a command that the cache has no method for."""
    await cache._exchange.ask([command])


async def put_hash(cache: RedisCache, key: str, **fields: str | bytes) -> None:
    """Store a hash."""
    await run(cache, "HSET", key, *(word for field in fields.items() for word in field))


@pytest.mark.parametrize("special", SPECIAL)
async def test_a_template_finds_its_own_keys_alone(cache: RedisCache, special: str) -> None:
    """Whatever stands in it means itself, before the id and behind it."""
    template = KeyTemplate(f"app{special}:{{id}}:x{special}")
    others = ["appX:1:xX", f"app{special}:1:x", "appa:1:xa", "appabc:1:xabc", "app:1:x"]
    ours = [template.value_key(id) for id in (1, 20, -3)]
    await put(cache, *ours, *others)
    keys = [
        key
        for key in await found(cache.walker, template.template)
        if template.id_of(key, integer=True) is not None
    ]
    assert keys == sorted(ours)
    assert await found(cache.walker, template.template, "0") == [template.value_key(20)]


async def test_a_key_is_described_without_its_value(cache: RedisCache) -> None:
    """Time, size, known absent, no expiry, no string, beginning; what is gone is left out."""
    await put(cache, "record", value=b"x" * 200)
    await put(cache, "absent", value=b"null")
    await put(cache, "nullable", value=b"nullable")
    await run(cache, "SET", "endless", b"1")
    await run(cache, "RPUSH", "list", b"1")
    names = ["record", "gone", "absent", "nullable", "endless", "list"]
    facts = {fact.key: fact for fact in await cache.walker.describe(names)}
    assert list(facts) == ["record", "absent", "nullable", "endless", "list"]
    left = facts["record"].seconds_left
    assert left is not None
    assert 90 < left <= 100
    assert (facts["record"].size, facts["record"].known_absent) == (200, False)
    assert facts["absent"].known_absent
    assert not facts["nullable"].known_absent
    assert facts["endless"] == KeyFacts("endless", None, 1, beginning=b"1")
    assert facts["record"].beginning == b"x" * 16
    assert facts["list"].size is None


async def test_values_are_read_strings_and_hashes(cache: RedisCache) -> None:
    """In the order of the keys; what is neither says so, what is gone is nothing."""
    await put(cache, "string", value=b"\xff{}")
    await put(cache, "empty", value=b"")
    await put_hash(cache, "hash", id="1", name=b"\xff")
    await run(cache, "RPUSH", "list", b"1")
    names = ["list", "string", "gone", "hash", "empty"]
    copies = dict(zip(names, await cache.walker.read(names), strict=True))
    assert copies["string"].payload == b"\xff{}"
    assert copies["empty"].payload == b""
    assert copies["gone"] == Cached(None, None)
    assert copies["hash"].fields == {"id": "1", "name": "\ufffd"}
    assert copies["list"].wrong_type
    assert not copies["hash"].wrong_type


async def test_what_is_too_long_is_not_read(
    cache: RedisCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a string or a hash of more bytes comes its size; a huge hash is no record."""
    monkeypatch.setattr(hashes, "MOST_FIELDS", 10)
    walker = CacheWalker(cache.walker._way, SystemClock(), 0.5, max_value=1000)
    await put(cache, "long", value=b"x" * 5000)
    await put(cache, "as long as may be", value=b"x" * 1000)
    await put_hash(cache, "huge", **{str(n): "x" for n in range(11)})
    await put_hash(cache, "wide", id="1", body="x" * 995)
    await put_hash(cache, "fits", id="1", body="x" * 993)
    names = ["long", "as long as may be", "huge", "wide", "fits"]
    long, full, huge, wide, fits = [c async for part in read_all(walker, names) for c in part]
    assert (long.payload, long.size, long.wrong_type) == (None, 5000, False)
    assert long.seconds_left is not None
    assert long.unread == "too long to compare: 5,000 bytes"
    assert (full.payload, full.unread) == (b"x" * 1000, None)
    assert (huge.fields, huge.wrong_type, huge.unread) == (None, True, None)
    assert (wide.fields, wide.size) == (None, 1002)
    assert fits.fields == {"id": "1", "body": "x" * 993}


async def test_a_value_that_grows_meanwhile_is_read_again(
    server: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is never taken for what it was cut to."""
    async with open_url(server.url, SystemClock()) as cache:
        await put(cache, *"abc", value=b"x" * 1000)
        about = Trips.about

        async def grow(self: Trips, *arguments: Any) -> Any:
            found = await about(self, *arguments)
            if found == [1000, 1000, 1000]:
                await put(cache, "b", value=b"y" * 2000)
            return found

        monkeypatch.setattr(Trips, "about", grow)
        trips = [[c.payload for c in part] async for part in read_all(cache.walker, [*"abc"])]
    assert trips == [[b"x" * 1000], [b"y" * 2000, b"x" * 1000]]


async def test_nobody_needs_the_right_to_measure_hashes(server: ValkeyServer) -> None:
    """Where HKEYS and HSTRLEN are not allowed, a hash is read, and measured then."""
    with server.client() as client:
        client.hset("hash", mapping={"id": "1", "body": "x" * 500})
        client.acl_setuser(
            "narrow", enabled=True, passwords=["+x"], keys=["*"],
            commands=["+strlen", "+getrange", "+pttl", "+hlen", "+hgetall"],
        )  # fmt: skip
    try:
        url = f"redis://narrow:x@127.0.0.1:{server.port}"
        for most, size in ((1000, None), (100, 507)):
            async with open_url(url, SystemClock(), max_value=most) as cache:
                (copy,) = await cache.walker.read(["hash"])
            assert copy.size == size
            assert (copy.fields is None) == (size is not None)
    finally:
        with server.client() as client:
            client.acl_deluser("narrow")


async def read_all(walker: CacheWalker, keys: Sequence[str]) -> AsyncIterator[list[Cached]]:
    """Give all values, trip by trip."""
    while keys:
        copies = await walker.read(keys)
        yield copies
        keys = keys[len(copies) :]


async def test_many_large_values_come_in_several_trips(
    cache: RedisCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No trip brings more than TRIP_BYTES, but for a single value that is larger."""
    monkeypatch.setattr(values, "TRIP_BYTES", 1000)
    monkeypatch.setattr(values, "HASH_BYTES", 500)
    keys = [f"key:{n}" for n in range(10)]
    await put(cache, *keys, value=b"x" * 400)
    await put(cache, "key:5", value=b"y" * 3000)
    await cache.invalidate(["key:8", "key:9"])
    await put_hash(cache, "key:8", id="8")
    await put_hash(cache, "key:9", id="9")
    trips = [
        [len(copy.payload or b"") for copy in copies]
        async for copies in read_all(cache.walker, keys)
    ]
    assert trips == [[400, 400], [400, 400], [400], [3000], [400, 400], [0, 0]]
    assert await cache.walker.read([]) == []


class CountingWay:
    """Counts the trips of a walk, and what they ask about."""

    def __init__(self, way: Way) -> None:
        """Go over `way`."""
        self._way = way
        self.asked: list[int] = []

    async def nodes(self) -> Sequence[Node]:
        """Return whoever holds keys."""
        return await self._way.nodes()

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands."""
        self.asked.append(len(commands))
        return await self._way.send(commands)

    async def send_for(self, keys: Sequence[str], commands: KeyCommands) -> list[Any]:
        """Send commands about keys."""
        self.asked.append(len(keys) * len(commands.commands))
        return await self._way.send_for(keys, commands)


@pytest.mark.parametrize(
    ("size", "trips"), [(50, 4), (500, 4), (1000, 12), (3000, 24), (20_000, 60)]
)
async def test_values_of_any_length_take_few_trips(
    server: ValkeyServer, size: int, trips: int
) -> None:
    """Short ones one trip for hundreds; of longer ones the length is asked as well."""
    keys = [f"key:{number}" for number in range(1000)]
    async with open_url(server.url, SystemClock()) as cache:
        await put(cache, *keys, value=b"x" * size)
        way = CountingWay(cache.walker._way)
        walker = CacheWalker(way, SystemClock(), 5.0, max_value=1 << 20)
        parts = [part async for part in read_all(walker, keys)]
    assert [copy.payload for part in parts for copy in part] == [b"x" * size] * 1000
    assert len(way.asked) <= trips
    assert max(sum(len(copy.payload or b"") for copy in part) for part in parts) <= 1 << 20


async def test_hashes_are_not_asked_about_in_vain(server: ValkeyServer) -> None:
    """Few of them come in a trip, so few are asked about."""
    keys = [f"key:{number}" for number in range(300)]
    async with open_url(server.url, SystemClock()) as cache:
        for key in keys:
            await put_hash(cache, key, id="1")
        way = CountingWay(cache.walker._way)
        walker = CacheWalker(way, SystemClock(), 5.0, max_value=1 << 20)
        copies = [copy async for part in read_all(walker, keys) for copy in part]
    assert [copy.fields for copy in copies] == [{"id": "1"}] * 300
    assert sum(way.asked) < 10 * len(keys)


async def test_many_may_read_at_once(cache: RedisCache) -> None:
    """Through one walker, and each gets what it has asked for."""
    keys = [f"key:{number}" for number in range(60)]
    for number, key in enumerate(keys):
        await put(cache, key, value=b"%d" % number * 400)
    reads = [cache.walker.read(keys[start : start + 3]) for start in range(57)]
    descriptions = [cache.walker.describe(keys[start : start + 3]) for start in range(57)]
    found = await asyncio.gather(*reads)
    described = await asyncio.gather(*descriptions)
    for start in range(57):
        expected = [b"%d" % number * 400 for number in range(start, start + 3)]
        assert [copy.payload for copy in found[start]] == expected[: len(found[start])]
        assert [fact.size for fact in described[start]] == list(map(len, expected))


async def test_the_next_page_is_on_its_way_while_one_is_worked_on(
    server: ValkeyServer,
) -> None:
    """One page and no more; who leaves the walk leaves nothing under way."""
    with server.client() as client:
        client.mset({f"many:{n}": b"x" for n in range(5_000)})
        client.config_resetstat()

        def scans() -> int:
            return int(client.info("commandstats")["cmdstat_scan"]["calls"])

        async with open_url(server.url, SystemClock()) as cache:
            walk = cache.walker.scan(KeyTemplate("many:{id}"))
            await anext(walk)
            async with asyncio.timeout(10):
                while scans() < 2:
                    await asyncio.sleep(0)
            for _ in range(100):
                await asyncio.sleep(0)
            assert scans() == 2
            del walk
            for _ in range(10):  # to be closed by the loop, and to cancel what is under way
                await asyncio.sleep(0)
            others = asyncio.all_tasks() - {asyncio.current_task()}
            assert not [task for task in others if "Pages" in repr(task)]


async def test_keys_that_are_no_utf8_are_passed_over(cache: RedisCache) -> None:
    """They cannot be keys of ours; how many there are is counted."""
    await put(cache, "user:1")
    await run(cache, "SET", b"user:\xff", b"1")
    walker = cache.walker
    assert await found(walker, "user:{id}") == ["user:1"]
    assert walker.illegible == 1


@pytest.mark.slow
async def test_a_walk_over_many_keys_holds_few_of_them(server: ValkeyServer) -> None:
    """However many keys there are, a batch is what one step of SCAN has found."""
    with server.client() as client:
        client.mset({f"many:{n}": b"x" * 100 for n in range(20_000)})
    async with open_url(server.url, SystemClock()) as cache:
        walker = cache.walker.patient()  # a busy machine, being traced, is slow
        tracemalloc.start()
        largest = count = 0
        async for batch in walker.scan(KeyTemplate("many:{id}")):
            async for _ in read_all(walker, batch):
                pass
            largest, count = max(largest, len(batch)), count + len(batch)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert count >= 20_000
    assert largest < 2000
    assert peak < 4_000_000, "20,000 values of 100 bytes, held all at once, take more"


async def walked(held: int | None, steps: int, keys: int = 0) -> None:
    """Take so many steps over a server that says it holds so much, each with so many keys."""

    async def count() -> int | None:
        return held

    end = endless.WalkEnd(count)
    for cursor in range(1, steps + 1):
        await end.came_to(cursor, keys)


@pytest.mark.parametrize(
    ("held", "steps", "keys"),
    [
        (0, 50_000, 0),  # emptied a moment ago
        (1_000_000, 8_000, 500),  # everything four times, in a table that changes its size
        (10_000_000, 120_000, 0),  # nothing of it is ours
        (None, 200_000, 0),  # DBSIZE may not be asked
    ],
)
async def test_a_long_walk_is_taken_for_what_it_is(
    held: int | None, steps: int, keys: int
) -> None:
    """As long as a server can be that holds so much, a walk is left alone."""
    await walked(held, steps, keys)


@pytest.mark.parametrize(("held", "steps", "keys"), [(0, 50_001, 0), (100, 1_000, 500)])
async def test_a_walk_that_gives_more_than_there_is_ends(
    held: int, steps: int, keys: int
) -> None:
    """No server has an emptied table of that size, or gives each key so often."""
    with pytest.raises(CacheNotUnderstood, match=f"no end .* DBSIZE says {held}"):
        await walked(held, steps, keys)


async def test_two_walks_at_once_find_every_key_that_stays(cache: RedisCache) -> None:
    """Also when other keys go between the steps of the one and the beginning of the other."""
    stay = [f"many:b{n:05}" for n in range(3_000)]
    go = [f"many:a{n:05}" for n in range(1_000)]
    await put(cache, *stay, *go)
    first, second = (
        cache.walker.scan(KeyTemplate("many:{id}")),
        cache.walker.scan(KeyTemplate("many:{id}")),
    )
    seen = (set(await anext(first)), set[str]())
    await cache.invalidate(go)
    walks = {1: second, 0: first}
    while walks:
        for number, walk in list(walks.items()):
            batch = await anext(walk, None)
            if batch is None:
                del walks[number]
            else:
                seen[number].update(batch)
    assert not set(stay) - seen[0]
    assert not set(stay) - seen[1]


async def test_a_server_that_goes_away_ends_the_walk(own_server: ValkeyServer) -> None:
    """In bounded time, with our error: paused in the midst of it, or killed."""
    with own_server.client() as client:
        client.mset({f"many:{n}": b"x" for n in range(5_000)})
    async with open_url(own_server.url, SystemClock()) as cache:
        walk = cache.walker.scan(KeyTemplate("many:{id}"))
        await anext(walk)
        own_server.pause()
        with pytest.raises(CacheUnavailable, match="did not answer"):
            _ = [keys async for keys in walk]  # one may have been on its way
        own_server.resume()
        own_server.kill()
        with pytest.raises(CacheUnavailable):
            await cache.walker.describe(["many:1"])
        with pytest.raises(CacheUnavailable):
            await cache.walker.read(["many:1"])


class WakingClock(SystemClock):
    """A clock by which nobody waits: the server goes on when somebody wants to."""

    def __init__(self, server: ValkeyServer) -> None:
        """Note how often that was."""
        self.waits = 0
        self._server = server

    async def sleep(self, seconds: float) -> None:
        """Let the server go on."""
        self.waits += 1
        self._server.resume()


async def test_a_patient_walk_goes_on_where_the_server_was_away(
    own_server: ValkeyServer,
) -> None:
    """Whatever was asked is asked again, and the walk misses nothing."""
    keys = {f"many:{n}" for n in range(2_000)}
    with own_server.client() as client:
        client.mset(dict.fromkeys(keys, b"x"))
    clock = WakingClock(own_server)
    async with open_url(own_server.url, clock) as cache:
        walker = cache.walker.patient()
        own_server.pause()
        assert await walker.count() == 2_000
        seen: set[str] = set()
        async for batch in walker.scan(KeyTemplate("many:{id}")):
            seen.update(batch)
            own_server.pause()
        own_server.pause()
        assert len(await walker.describe(["many:1"])) == 1
        own_server.pause()
        assert [copy.payload for copy in await walker.read(["many:1"])] == [b"x"]
    assert seen == keys
    assert clock.waits >= 6


async def test_patience_has_an_end(own_server: ValkeyServer) -> None:
    """A server that is gone for good ends the walk, after as many attempts as there are."""
    clock = WakingClock(own_server)
    async with open_url(own_server.url, clock) as cache:
        own_server.kill()
        with pytest.raises(CacheUnavailable):
            await found(cache.walker.patient(), "{id}")
    assert clock.waits == len(module.PATIENCE)


async def test_what_the_server_does_not_allow_is_said(server: ValkeyServer) -> None:
    """A user without SCAN, or without STRLEN, gets the server's refusal as ours."""
    with server.client() as client:
        client.set("user:1", b"{}")
        client.acl_setuser(
            "narrow", enabled=True, passwords=["+x"], keys=["*"], commands=["+get", "+pttl"]
        )
    try:
        url = f"redis://narrow:x@127.0.0.1:{server.port}"
        async with open_url(url, SystemClock()) as cache:
            with pytest.raises(CacheRefused, match="scan"):
                await found(cache.walker, "{id}")
            with pytest.raises(CacheRefused, match="strlen"):
                await cache.walker.describe(["user:1"])
    finally:
        with server.client() as client:
            client.acl_deluser("narrow")


@pytest.mark.parametrize("template", ["user:{id}", "{id}:profile", "{id}", "{app}:{id}"])
def test_a_lease_is_never_taken_for_a_copy(template: str) -> None:
    """Neither with integer keys nor with texts, wherever the braces stand."""
    keys = KeyTemplate(template)
    assert keys.id_of(keys.value_key(1), integer=True) == 1
    assert keys.id_of(keys.value_key("a b"), integer=False) == "a b"
    for id in (1, "a b"):
        lease = lease_key(keys.value_key(id))
        assert keys.id_of(lease, integer=isinstance(id, int)) is None


@pytest.mark.parametrize("key", ["user:01", "user:+1", "user: 1", "user:1 ", "user:", "user:x"])
def test_only_what_the_template_itself_would_give_is_a_copy(key: str) -> None:
    """Another spelling of a number is another key."""
    assert KeyTemplate("user:{id}").id_of(key, integer=True) is None


async def test_walks_and_lookups_can_go_on_at_once(server: ValkeyServer) -> None:
    """A walk takes no connection for longer than a trip."""
    with server.client() as client:
        client.mset({f"many:{n}": b"x" for n in range(3_000)})
    async with open_url(server.url, SystemClock()) as cache:
        walks = [found(cache.walker, "many:{id}") for _ in range(20)]
        gets = [cache.read("many:1") for _ in range(200)]
        walked, _ = await asyncio.gather(asyncio.gather(*walks), asyncio.gather(*gets))
        assert {len(keys) for keys in walked} == {3_000}
