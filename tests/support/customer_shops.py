"""The shop of the customers on each kind of database: its driver, a Redis client, cache-aside.

It caches as a program of another language does, in turns: several services share one cache.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pymongo
import pymysql
import redis
from bson import CodecOptions
from bson.decimal128 import Decimal128
from bson.raw_bson import RawBSONDocument
from customer_writers import EXACT, Writer, camel
from customers import COLUMNS, MARIADB, PLAIN_TAGS, POSTGRESQL, Customer, customers
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

TTL_SECONDS = 3600
MARKS = ", ".join(["%s"] * len(COLUMNS))
INSERT = f"INSERT INTO customers VALUES ({MARKS})"


class CustomerShop(ABC):
    """Reads customers through a cache, and forgets to forget them when they change."""

    def __init__(self, cache: redis.Redis, writers: Sequence[Writer]) -> None:
        """Cache customers in `cache`, each as one of the writers does, in turns."""
        self._cache = cache
        self._writers = writers

    @staticmethod
    def key(number: int) -> str:
        """Return where a customer is cached."""
        return f"shop:customer:{number}"

    def customer(self, number: int) -> bytes | None:
        """Return a customer as it is served: from the cache, else from the table."""
        found: Any = self._cache.get(self.key(number))
        if found is not None:
            return bytes(found)
        for row in self.rows([number]):
            self._cache.set(self.key(number), self.written(row), ex=TTL_SECONDS)
            return self.written(row)
        return None

    def warm(self, numbers: Sequence[int]) -> None:
        """Cache all of these customers."""
        pipeline = self._cache.pipeline(transaction=False)
        for row in self.rows(numbers):
            pipeline.set(self.key(row["id"]), self.written(row), ex=TTL_SECONDS)
        pipeline.execute()

    def written(self, row: Customer) -> bytes:
        """Return what is cached of a customer."""
        turn: int = row["id"] % len(self._writers)
        return self._writers[turn](row)

    def field(self, column: str) -> str:
        """Return what the database calls a column."""
        return column

    def number_of(self, writer: Writer, above: int) -> int:
        """Return the first number above that one whose customer a writer caches."""
        place = self._writers.index(writer)
        return above + 1 + (place - above - 1) % len(self._writers)

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""

    @abstractmethod
    def open(self, count: int) -> None:
        """Make the table, with that many customers."""

    @abstractmethod
    def rows(self, numbers: Sequence[int]) -> Iterable[Customer]:
        """Return these customers as an application has them in hand."""

    @abstractmethod
    def change(self, number: int, column: str, value: Any) -> None:
        """Change a customer, and forget to forget the copy."""

    @abstractmethod
    def everything(self) -> list[tuple[Any, ...]]:
        """Return all that is in the table."""


class PostgresqlShop(CustomerShop):
    """On PostgreSQL, by psycopg."""

    def __init__(self, url: str, cache: redis.Redis, writers: Sequence[Writer]) -> None:
        """Keep the customers there; see CustomerShop."""
        super().__init__(cache, writers)
        self._connection = psycopg.connect(url, autocommit=True, options="-c timezone=UTC")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def open(self, count: int) -> None:
        """Make the table; see CustomerShop."""
        self._connection.execute(POSTGRESQL)
        rows = ({**row, "preferences": Jsonb(row["preferences"])} for row in customers(count))
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.executemany(INSERT, [tuple(row.values()) for row in rows])

    def rows(self, numbers: Sequence[int]) -> Iterable[Customer]:
        """Return these customers; see CustomerShop."""
        with self._connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute("SELECT * FROM customers WHERE id = ANY (%s)", (list(numbers),))
            return cursor.fetchall()

    def change(self, number: int, column: str, value: Any) -> None:
        """Change a customer; see CustomerShop."""
        statement = f"UPDATE customers SET {column} = %s WHERE id = %s"
        self._connection.execute(statement, (value, number))

    def everything(self) -> list[tuple[Any, ...]]:
        """Return all that is in the table, with the transaction that wrote each row."""
        statement = "SELECT xmin, ctid, customers::text FROM customers ORDER BY id"
        return self._connection.execute(statement).fetchall()


class MariadbShop(CustomerShop):
    """On MariaDB, by PyMySQL."""

    def __init__(self, url: str, cache: redis.Redis, writers: Sequence[Writer]) -> None:
        """Keep the customers there; see CustomerShop."""
        super().__init__(cache, writers)
        parts = urlsplit(url)
        self._connection = pymysql.connect(
            host=parts.hostname, port=parts.port or 0, user=parts.username,
            password=parts.password or "", database=parts.path[1:], autocommit=True,
            charset="utf8mb4",
        )  # fmt: skip

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def open(self, count: int) -> None:
        """Make the table; see CustomerShop."""
        with self._connection.cursor() as cursor:
            cursor.execute(MARIADB)
            cursor.executemany(INSERT, [tuple(self._stored(row)) for row in customers(count)])

    def rows(self, numbers: Sequence[int]) -> Iterable[Customer]:
        """Return these customers; see CustomerShop."""
        marks = ", ".join(["%s"] * len(numbers))
        with self._connection.cursor(pymysql.cursors.DictCursor) as cursor:
            cursor.execute(f"SELECT * FROM customers WHERE id IN ({marks})", list(numbers))
            return [self._in_hand(row) for row in cursor.fetchall()]

    def change(self, number: int, column: str, value: Any) -> None:
        """Change a customer; see CustomerShop."""
        with self._connection.cursor() as cursor:
            statement = f"UPDATE customers SET {column} = %s WHERE id = %s"
            cursor.execute(statement, (value, number))

    def everything(self) -> list[tuple[Any, ...]]:
        """Return all that is in the table."""
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT * FROM customers ORDER BY id")
            return list(cursor.fetchall())

    @staticmethod
    def _stored(row: Customer) -> Iterator[Any]:
        for value in row.values():
            match value:
                case datetime():
                    yield value.replace(tzinfo=None)
                case UUID():
                    yield str(value)
                case list():
                    yield ",".join(PLAIN_TAGS[: len(value)])
                case dict():
                    yield json.dumps(value)
                case _:
                    yield value

    @staticmethod
    def _in_hand(row: Customer) -> Customer:
        """Return a row as an ORM gives it: moments in UTC, truth values, a uuid, an object."""
        moments = {
            name: value.replace(tzinfo=UTC)
            for name, value in row.items()
            if isinstance(value, datetime)
        }
        return (
            row
            | moments
            | {
                "is_active": bool(row["is_active"]),
                "preferences": json.loads(row["preferences"]),
                "external_id": UUID(str(row["external_id"])),
            }
        )


NAMES = {"_id" if name == "id" else camel(name): name for name in COLUMNS}
"""What a document calls the columns that a table has."""


class MongodbShop(CustomerShop):
    """On MongoDB, by PyMongo, in documents with names as JavaScript has them."""

    def __init__(self, url: str, cache: redis.Redis, writers: Sequence[Writer]) -> None:
        """Keep the customers there; see CustomerShop."""
        super().__init__(cache, writers)
        self._client = pymongo.MongoClient[dict[str, Any]](
            url, tz_aware=True, uuidRepresentation="standard"
        )
        self._customers = self._client.get_default_database().customers

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def open(self, count: int) -> None:
        """Make the collection; see CustomerShop."""
        self._customers.insert_many(
            {name: self._stored(row[column]) for name, column in NAMES.items()}
            | {"points": row["points"] % EXACT}
            for row in customers(count)
        )

    def field(self, column: str) -> str:
        """Return what the database calls a column; see CustomerShop."""
        return camel(column)

    def documents(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """Return these customers as the driver gives them."""
        # SecantusDB takes seconds for `$in` with thousands of keys.
        found = self._customers.find({"_id": {"$gte": min(numbers), "$lte": max(numbers)}})
        wanted = set(numbers)
        return [document for document in found if document["_id"] in wanted]

    def rows(self, numbers: Sequence[int]) -> Iterable[Customer]:
        """Return these customers; see CustomerShop."""
        for document in self.documents(numbers):
            row = {NAMES[name]: value for name, value in document.items()}
            yield row | {
                "balance": row["balance"].to_decimal(),
                "points": int(row["points"]),
                "birth_date": row["birth_date"].date(),
            }

    def change(self, number: int, column: str, value: Any) -> None:
        """Change a customer; see CustomerShop."""
        self._customers.update_one(
            {"_id": number}, {"$set": {camel(column): self._stored(value)}}
        )

    def everything(self) -> list[tuple[Any, ...]]:
        """Return all that is in the collection."""
        raw = self._customers.with_options(CodecOptions(RawBSONDocument))
        return [(document.raw,) for document in raw.find().sort("_id")]

    @staticmethod
    def _stored(value: Any) -> Any:
        match value:
            case Decimal():
                return Decimal128(value)
            case datetime():
                return value
            case date():
                return datetime.combine(value, time(), UTC)
        return value
