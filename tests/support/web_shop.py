"""A small application of somebody else's: cache-aside as most web applications have it.

It knows nothing of hitmiss: sqlite3, the driver, JSON under `user:{id}` with SETEX.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import redis

TTL_SECONDS = 3600
SCHEMA = """
CREATE TABLE customers (
  customer_no INTEGER PRIMARY KEY, "full name" TEXT NOT NULL, mail TEXT, vip BOOLEAN,
  balance DECIMAL(10, 2), notes TEXT
);
"""


class WebShop:
    """Reads customers through its cache, and forgets them when they change."""

    def __init__(self, path: Path, cache: redis.Redis) -> None:
        """Keep customers in the file at `path`, and copies of them in `cache`."""
        self._path = path
        self._cache = cache

    def open_shop(self, customers: int) -> None:
        """Make the table, with that many customers."""
        rows = [
            (
                number,
                f"Customer {number}",
                f"c{number}@example.com",
                number % 2,
                number * 1.5,
                None,
            )
            for number in range(1, customers + 1)
        ]
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.executescript(SCHEMA)
            connection.executemany("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?)", rows)

    def customer(self, number: int) -> dict[str, Any] | None:
        """Give a customer: from the cache, else from the table."""
        cached = self._cache.get(f"user:{number}")
        if cached is not None:
            found: dict[str, Any] | None = json.loads(str(cached, "utf-8"))  # type: ignore[arg-type]
            return found
        row = self._row(number)
        if row is None:
            return None
        customer = {
            "customer_no": row["customer_no"],
            "full name": row["full name"],
            "mail": row["mail"],
            "vip": bool(row["vip"]),
            "balance": f"{row['balance']:.2f}",
            "roles": ["buyer"],
        }
        command = ("SETEX", f"user:{number}", TTL_SECONDS, json.dumps(customer))
        self._cache.execute_command(*command)  # type: ignore[no-untyped-call]
        return customer

    def rename(self, number: int, name: str, *, forget: bool = True) -> None:
        """Change a name; a careful programmer also forgets the copy."""
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute(
                'UPDATE customers SET "full name" = ? WHERE customer_no = ?', (name, number)
            )
        if forget:
            self._cache.delete(f"user:{number}")

    def remove(self, number: int) -> None:
        """Remove a customer, and forget to forget."""
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute("DELETE FROM customers WHERE customer_no = ?", (number,))

    def keep_as_hash(self, number: int) -> None:
        """Cache a customer as a hash, as another team does."""
        row = self._row(number)
        assert row is not None
        fields: dict[Any, Any] = {
            name: "" if value is None else value for name, value in dict(row).items()
        }
        self._cache.delete(f"user:{number}")
        self._cache.hset(f"user:{number}", mapping=fields)
        self._cache.expire(f"user:{number}", TTL_SECONDS)

    def _row(self, number: int) -> sqlite3.Row | None:
        with closing(sqlite3.connect(self._path)) as connection:
            connection.row_factory = sqlite3.Row
            sql = "SELECT * FROM customers WHERE customer_no = ?"
            row: sqlite3.Row | None = connection.execute(sql, (number,)).fetchone()
            return row


def everything(cache: redis.Redis) -> Iterator[tuple[bytes, bytes, int]]:
    """Give each key with its value as the server dumps it, and the moment of its expiry."""
    for key in sorted(cache.scan_iter(count=1000)):
        expires: Any = cache.execute_command("PEXPIRETIME", key)  # type: ignore[no-untyped-call]
        yield key, bytes(cache.dump(key) or b""), expires
