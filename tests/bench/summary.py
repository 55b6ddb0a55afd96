"""The comparisons with others on one page: a row for each, the medians of the ratios."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.report import Cell, Table

COLUMNS = {
    "A hit, one after the other": "a hit",
    "Hits, 16 callers at once": "16 at once",
    "Hits, 128 callers at once": "128 at once",
    "A miss": "a miss",
    "A miss, all on one core": "a miss, one core",
}
"""Titles of tables, and what their column is called; and a crowd, whatever its size."""
CROWD = "a crowd, cold"
ON_SERVERS = {
    "a miss": "A miss on {name}",
    "a miss, one core": "A miss on {name}, all on one core",
    "misses, 64 at once": "Misses on {name}, 64 callers at once",
    "an audit": "Auditing",
}
"""What columns are called, and how the titles of their tables begin."""
ON_MEMCACHED = {
    "a hit": "A hit on Memcached, one after the other",
    "128 at once": "Hits on Memcached, 128 callers at once",
    "a miss": "A miss on Memcached",
    "a miss, one core": "A miss on Memcached, all on one core",
    "a list of keys": "Listing",
    "an audit": "Auditing",
}
"""The same of what is measured on Memcached."""


def summary(tables: Sequence[Mapping[str, Any]]) -> Table:
    """Give the ratios of these tables (as JSON has them) side by side, time and CPU."""
    ratios: dict[str, dict[str, Cell]] = {}
    for table in tables:
        crowd = CROWD if "cold record" in table["title"] else None
        column = COLUMNS.get(table["title"], crowd)
        if column is not None:
            for row in table["rows"]:
                both = f"{row['ratio']:.2f} ({row['CPU']:.2f})"
                ratios.setdefault(row["who"], {})[column] = both
    columns = (*COLUMNS.values(), CROWD)
    return Table(
        "In short",
        "A hit: time, beside that of redis-py's pooled GET and a decode. At once: lookups a"
        " second, beside those of the same; more is better. A miss: time, beside that of a"
        " SELECT that holds up the loop and one SET. A crowd: time of many lookups of one cold"
        " record, beside that of cashews' decorator. In brackets the same for this process' own"
        " time on a core.",
        ("who", *columns),
        tuple((who, *map(mine.get, columns)) for who, mine in ratios.items()),
    )


def on_servers(tables: Sequence[Mapping[str, Any]], names: Iterable[str]) -> Table:
    """Give the ratios of hitmiss on the databases of these names, as far as there are any."""
    rows = []
    for name in names:
        mine = [table for table in tables if name in table["title"]]
        if mine:
            rows.append((name, *(_ratio(mine, title, name) for title in ON_SERVERS.values())))
    return Table(
        "In short, on servers",
        "A miss: time, beside that of a SELECT by the driver on an open connection and one SET."
        " At once: lookups a second, beside those of the driver's pool that only reads; more is"
        " better. An audit: time, beside that of a script with the same driver.",
        ("database", *ON_SERVERS),
        tuple(rows),
    )


def on_memcached(tables: Sequence[Mapping[str, Any]]) -> Table:
    """Give the ratios of hitmiss on Memcached, as far as there are any."""
    mine = [table for table in tables if "Memcached" in table["title"]]
    ratios = [_ratio(mine, title, "Memcached") for title in ON_MEMCACHED.values()]
    return Table(
        "In short, on Memcached",
        "A hit: time, beside that of `mg` on the wire that hitmiss has and a decode. At once:"
        " lookups a second, beside those of aiomcache; more is better. A miss: time, beside"
        " that of a SELECT that holds up the loop and one `ms`. A list: time, beside that of a"
        " socket that reads `metadump`. An audit: time, beside that of a script with"
        " pymemcache.",
        ("who", *ON_MEMCACHED),
        (("**hitmiss**", *ratios),) if mine else (),
    )


def _ratio(tables: Sequence[Mapping[str, Any]], title: str, name: str) -> Cell:
    """Give the ratio of hitmiss in the table whose title is that, or begins with its word."""
    for table in tables:
        wanted = title.format(name=name)
        begins = " " not in wanted and table["title"].startswith(wanted)
        if table["title"] == wanted or begins:
            for row in table["rows"]:
                if "**" in next(iter(row.values())):
                    ratio: float = row["ratio"]
                    return ratio
    return None


if __name__ == "__main__":
    print(
        summary(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["tables"]).markdown()
    )
