"""The others on Memcached: the wire alone, aiomcache, and the pattern by hand with it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiomcache import Client

from bench.contender import (
    TTL,
    Contender,
    Counted,
    MemcachedPlace,
    User,
    users,
    users_on_the_loop,
)
from bench.peers import CONNECTIONS
from tui.cache.memcached.address import place_of
from tui.cache.memcached.server import MemcachedLine
from tui.models import MAX_VALUE


@asynccontextmanager
async def _wire(place: MemcachedPlace) -> AsyncIterator[MemcachedLine]:
    """Open the wire that hitmiss has, for nothing but commands."""
    server = MemcachedLine(place_of(place.url), MAX_VALUE)
    try:
        yield server
    finally:
        await server.aclose()


def _ms(id: int, user: dict[str, object]) -> bytes:
    data = json.dumps(user).encode()
    return b"ms user:%d %d T%d\r\n%b\r\n" % (id, len(data), TTL, data)


@asynccontextmanager
async def wire_alone(place: MemcachedPlace) -> AsyncIterator[Contender]:
    """Open `mg` on the wire and a decode; what is not there is stored first."""
    counted = Counted()
    async with _wire(place) as wire, users_on_the_loop(place.database, counted) as load:

        async def get(id: int) -> User | None:
            (item,) = await wire.ask((b"mg user:%d v\r\n" % id,))
            if item == b"EN":
                await wire.ask((_ms(id, load(id)),))
                return None
            user: User = json.loads(item.value)
            return user

        yield Contender("hitmiss' wire, `mg` + decode", place, get, counted)


@asynccontextmanager
async def select_and_ms(place: MemcachedPlace) -> AsyncIterator[Contender]:
    """Open the least that a miss can cost: a SELECT on the loop, and one `ms`."""
    counted = Counted()
    async with _wire(place) as wire, users_on_the_loop(place.database, counted) as load:

        async def get(id: int) -> User | None:
            user = load(id)
            await wire.ask((_ms(id, user),))
            return user

        yield Contender("`SELECT` on the loop + one `ms`", place, get, counted)


@asynccontextmanager
async def by_hand_on_the_wire(place: MemcachedPlace) -> AsyncIterator[Contender]:
    """Open what most write, on the wire: `mg`, else SELECT in a thread and `ms`."""
    counted = Counted()
    async with _wire(place) as wire, users(place.database, counted) as load:

        async def get(id: int) -> User | None:
            (item,) = await wire.ask((b"mg user:%d v\r\n" % id,))
            if item != b"EN":
                cached: User = json.loads(item.value)
                return cached
            user = await load(id)
            await wire.ask((_ms(id, user),))
            return user

        yield Contender("the usual pattern by hand, hitmiss' wire", place, get, counted)


@asynccontextmanager
async def _client(place: MemcachedPlace) -> AsyncIterator[Client]:
    client = Client("127.0.0.1", place.server.port, pool_size=CONNECTIONS)
    yield client
    await client.close()


@asynccontextmanager
async def client_alone(place: MemcachedPlace) -> AsyncIterator[Contender]:
    """Open aiomcache's `get` and a decode; what is not there is stored first."""
    counted = Counted()
    async with _client(place) as client, users_on_the_loop(place.database, counted) as load:

        async def get(id: int) -> User | None:
            value: Any = await client.get(b"user:%d" % id)
            if value is None:
                value = json.dumps(load(id)).encode()
                await client.set(b"user:%d" % id, value, exptime=TTL)
            user: User = json.loads(value)
            return user

        yield Contender("aiomcache, pooled `get` + decode", place, get, counted)


@asynccontextmanager
async def by_hand(place: MemcachedPlace) -> AsyncIterator[Contender]:
    """Open what most write: get, else SELECT and set."""
    counted = Counted()
    async with _client(place) as client, users(place.database, counted) as load:

        async def get(id: int) -> User | None:
            value = await client.get(b"user:%d" % id)
            if value is not None:
                cached: User = json.loads(value)
                return cached
            user = await load(id)
            await client.set(b"user:%d" % id, json.dumps(user).encode(), exptime=TTL)
            return user

        yield Contender("the usual pattern by hand, aiomcache", place, get, counted)
