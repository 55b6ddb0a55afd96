"""What the tests of PostgreSQL share."""

from collections.abc import Iterator

import pytest
from postgresql_server import PostgresqlServer
from unit.database.postgresql.places import PEOPLE, Database, made


@pytest.fixture
def database(postgresql: PostgresqlServer) -> Iterator[Database]:
    """An empty database of this test's own."""
    with made(postgresql) as found:
        yield found


@pytest.fixture
def people(postgresql: PostgresqlServer) -> Iterator[Database]:
    """A database with three people."""
    with made(postgresql, PEOPLE) as found:
        yield found
