"""A walk over all copies in a process of its own: as a plain script has it, or ours alone.

Called with what to do, the address of the cache and the database of the users. It ends with an
error if there is a copy that is not what its row is.
"""

import asyncio
import json
import socket
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PATTERN = "hitmiss:user:*"
COUNT = 1000


def pages(url: str) -> "Iterator[tuple[Any, list[Any]]]":
    """Give redis-py's client and the keys, page by page."""
    import redis

    client, cursor = redis.Redis.from_url(url), 0
    while True:
        cursor, keys = client.scan(cursor, match=PATTERN, count=COUNT)
        yield client, keys
        if not cursor:
            return


def plain_keys(url: str, _: str) -> None:
    """Print each key with its life and its length: SCAN, and a pipeline a page."""
    for client, keys in pages(url):
        pipeline = client.pipeline(transaction=False)
        for key in keys:
            pipeline.pttl(key)
            pipeline.strlen(key)
        replies = pipeline.execute()
        for key, left, length in zip(keys, replies[::2], replies[1::2], strict=True):
            print(key.decode(), left, length)


def plain_audit(url: str, path: str) -> None:
    """Compare each copy with its row: SCAN, MGET, one SELECT, and two dicts a key."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        for client, keys in pages(url):
            if not keys:
                continue
            copies = client.mget(keys)
            ids = [int(key.rpartition(b":")[2]) for key in keys]
            marks = ",".join("?" * len(ids))
            found = connection.execute(f"SELECT * FROM users WHERE id IN ({marks})", ids)
            rows = {row["id"]: dict(row) for row in found}
            for id, copy in zip(ids, copies, strict=True):
                if json.loads(copy) != rows[id]:
                    sys.exit(f"{id} differs")


def metadump(url: str) -> "Iterator[bytes]":
    """Give the list of a Memcached's keys as it comes, piece by piece."""
    from urllib.parse import urlsplit

    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.sendall(b"lru_crawler metadump hash\r\n")
        end = b""
        while end != b"\nEND\r\n":
            if not (data := connection.recv(1 << 16)):
                sys.exit("the list has no end")
            end = (end + data)[-6:]
            yield data


def plain_audit_of_memcached(url: str, path: str) -> None:
    """Compare each copy with its row: a list of keys, get_many, one SELECT, and two dicts."""
    from itertools import islice
    from urllib.parse import unquote, urlsplit

    from pymemcache.client.base import Client

    place = urlsplit(url)
    lines = b"".join(metadump(url)).decode().splitlines()
    listed = (unquote(line[4 : line.index(" ")]) for line in lines[:-1])
    with (
        closing(Client((place.hostname, place.port))) as client,
        closing(sqlite3.connect(path)) as connection,
    ):
        connection.row_factory = sqlite3.Row
        while keys := list(islice(listed, COUNT)):
            copies = client.get_many(keys)
            ids = [int(key.rpartition(":")[2]) for key in keys]
            marks = ",".join("?" * len(ids))
            found = connection.execute(f"SELECT * FROM users WHERE id IN ({marks})", ids)
            rows = {row["id"]: dict(row) for row in found}
            for id, key in zip(ids, keys, strict=True):
                if json.loads(copies[key]) != rows[id]:
                    sys.exit(f"{id} differs")


def spelled(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as an application caches it: as text what JSON has no word for."""
    return {
        name: value if value is None or isinstance(value, int | float | str) else str(value)
        for name, value in row.items()
    }


def compare(keys: "list[Any]", copies: "list[Any]", found: "Iterable[dict[str, Any]]") -> None:
    """Compare each copy with its row: two dicts a key."""
    rows = {row["id"]: spelled(row) for row in found}
    for key, copy in zip(keys, copies, strict=True):
        id = int(key.rpartition(b":")[2])
        if json.loads(copy) != rows[id]:
            sys.exit(f"{id} differs")


def plain_audit_of_postgresql(url: str, database: str) -> None:
    """Do the same by psycopg."""
    import psycopg
    from psycopg.rows import dict_row

    with psycopg.connect(
        database, autocommit=True, row_factory=dict_row, options="-c timezone=UTC"
    ) as connection:
        for client, keys in pages(url):
            if keys:
                ids = [int(key.rpartition(b":")[2]) for key in keys]
                copies = client.mget(keys)
                sql = "SELECT * FROM users WHERE id = ANY (%s)"
                compare(keys, copies, connection.execute(sql, (ids,)).fetchall())


def plain_audit_of_mariadb(url: str, database: str) -> None:
    """Do the same by asyncmy."""
    from urllib.parse import urlsplit

    import asyncmy
    from asyncmy.cursors import DictCursor

    parts = urlsplit(database)

    async def walk() -> None:
        async with asyncmy.connect(
            host=parts.hostname, port=parts.port, user=parts.username,
            password=parts.password, db=parts.path[1:], autocommit=True,
        ) as connection, connection.cursor(DictCursor) as cursor:  # fmt: skip
            for client, keys in pages(url):
                if keys:
                    ids = [int(key.rpartition(b":")[2]) for key in keys]
                    copies = client.mget(keys)
                    marks = ",".join(["%s"] * len(ids))
                    await cursor.execute(f"SELECT * FROM users WHERE id IN ({marks})", ids)
                    compare(keys, copies, await cursor.fetchall())

    asyncio.run(walk())


def read(url: str, _: str) -> None:
    """Read all copies as the audit does, and do nothing with them."""
    from tui.cache.redis.opening import open_url
    from tui.models.keys import KeyTemplate
    from tui.runtime.clock import SystemClock

    async def walk() -> None:
        async with open_url(url, SystemClock(), read_only=True) as cache:
            walker = cache.walker.patient()
            async for keys in walker.scan(KeyTemplate(PATTERN.replace("*", "{id}"))):
                rest = keys
                while rest:
                    rest = rest[len(await walker.read(rest)) :]

    asyncio.run(walk())


WALKS = {
    "keys": plain_keys, "audit": plain_audit, "read": read,
    "postgresql": plain_audit_of_postgresql, "mariadb": plain_audit_of_mariadb,
    "memcached": plain_audit_of_memcached,
}  # fmt: skip

if __name__ == "__main__":
    WALKS[sys.argv[1]](*sys.argv[2:])
