"""The customers of somebody else's shop: rows of a table as real ones have it, and odd ones.

Nothing here knows hitmiss. Each row is the same wherever it is made.
"""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

Customer: TypeAlias = dict[str, Any]

FIRST = (
    "Zoë",
    "José",
    "Jose\u0301",
    "Søren",
    "Łukasz",
    "千尋",
    "Ngọc",
    "سلمى",
    "O'Neill",
    "Ann",
)
LAST = (
    "Müller",
    "D’Angelo",
    "Nuñez",
    "Ó Briain",
    "Čapek",
    "佐藤",
    "van der Berg",
    "Smith",
    "Ağa",
)
TIERS = ("BASIC", "SILVER", "GOLD")
TAGS = ("vip", "it's", "a, b", 'say "hi"', "a\\ b", "é", "{x}", "NULL", "two words")
PLAIN_TAGS = ("vip", "beta", "mail", "trade")
"""What a SET may hold."""
NOTES = (None, "", "007", "null", "true", "1e5", "line\nbreak", "<b>&amp;</b>", "ends in ' '")
BORN = date(1931, 1, 1)
BEGAN = datetime(2014, 3, 1, tzinfo=UTC)


def customers(count: int) -> Iterator[Customer]:
    """Give `count` customers, with keys from 1 on."""
    chance = random.Random(16)
    for number in range(1, count + 1):
        first, last = chance.choice(FIRST), chance.choice(LAST)
        created = BEGAN + timedelta(microseconds=chance.randrange(10**6 * 86_400 * 4_000))
        seen = created + timedelta(seconds=chance.randrange(10**7))
        yield {
            "id": number,
            "full_name": f"{first} {last}",
            "email": f"{first}.{last}{number}@example.com".replace(" ", ""),
            "balance": Decimal(chance.randrange(-10_000, 10**7)).scaleb(-2),
            "points": chance.choice((0, -1, chance.randrange(10**6), 2**53 + 1, 2**63 - 1)),
            "rating": chance.choice((0.1, 4.0, 1e-7, chance.random() * 5)),
            "is_active": chance.random() < 0.8,
            "created_at": created,
            "last_seen_at": chance.choice((None, seen.replace(microsecond=0), seen)),
            "birth_date": BORN + timedelta(days=chance.randrange(28_000)),
            "preferences": {
                "theme": chance.choice(("dark", "light", None)),
                "daily": chance.choice((10.5, 1.0, 3)),
                "mail": chance.random() < 0.5,
                "shown": [chance.randrange(9), "é", {"at": None}],
            },
            "external_id": uuid.UUID(int=chance.getrandbits(128), version=4),
            "tier": chance.choice(TIERS),
            "tags": chance.sample(TAGS, chance.randrange(4)),
            "notes": chance.choice(NOTES),
        }


COLUMNS = tuple(next(customers(1)))
POSTGRESQL = """
CREATE TYPE tier AS ENUM ('BASIC', 'SILVER', 'GOLD');
CREATE TABLE customers (
  id integer PRIMARY KEY, full_name text NOT NULL, email varchar(200) UNIQUE,
  balance numeric(12, 2) NOT NULL, points bigint NOT NULL, rating double precision,
  is_active boolean NOT NULL, created_at timestamptz NOT NULL, last_seen_at timestamptz,
  birth_date date, preferences jsonb NOT NULL, external_id uuid NOT NULL, tier tier NOT NULL,
  tags text[] NOT NULL, notes text
);
"""
MARIADB = """
CREATE TABLE customers (
  id int PRIMARY KEY, full_name varchar(200) NOT NULL, email varchar(200) UNIQUE,
  balance decimal(12, 2) NOT NULL, points bigint NOT NULL, rating double,
  is_active tinyint(1) NOT NULL, created_at datetime(6) NOT NULL, last_seen_at datetime(6),
  birth_date date, preferences json NOT NULL, external_id uuid NOT NULL,
  tier enum('BASIC', 'SILVER', 'GOLD') NOT NULL,
  tags set('vip', 'beta', 'mail', 'trade') NOT NULL, notes text
) DEFAULT CHARACTER SET utf8mb4;
"""
