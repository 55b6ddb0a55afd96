"""MariaDB keeps every promise of the port."""

import pytest
from contract.tables import PROMISES, READ_ONLY, THINGS, Promise
from mariadb_server import MariadbServer
from unit.database.mysql.places import made, opened


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
async def test_it_keeps_its_promises(promise: Promise, mariadb: MariadbServer) -> None:
    """Of any table."""
    async with opened(made(mariadb)) as place:
        await promise(place)


@pytest.mark.parametrize("promise", THINGS, ids=lambda promise: promise.__name__)
async def test_it_keeps_its_promises_of_kinds(promise: Promise, mariadb: MariadbServer) -> None:
    """For a column of each kind that it can declare."""
    async with opened(made(mariadb), "things") as place:
        await promise(place)


@pytest.mark.parametrize("promise", READ_ONLY, ids=lambda promise: promise.__name__)
async def test_it_keeps_its_promises_read_only(
    promise: Promise, mariadb: MariadbServer
) -> None:
    """Nothing is written."""
    async with opened(made(mariadb), read_only=True) as place:
        await promise(place)
