"""A collection keeps the promises that every table keeps."""

import pytest
from contract.tables import PROMISES, READ_ONLY, THINGS, Promise
from mongodb_server import MongodbServer
from unit.database.mongodb.places import opened


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
async def test_it_keeps_the_promises(mongodb: MongodbServer, promise: Promise) -> None:
    """Each of them."""
    async with opened(mongodb) as place:
        await promise(place)


@pytest.mark.parametrize("promise", THINGS, ids=lambda promise: promise.__name__)
async def test_it_keeps_the_promises_of_kinds(mongodb: MongodbServer, promise: Promise) -> None:
    """For a field of each kind that comes back as it is typed."""
    async with opened(mongodb, "things") as place:
        await promise(place)


@pytest.mark.parametrize("promise", READ_ONLY, ids=lambda promise: promise.__name__)
async def test_it_keeps_the_promises_read_only(
    mongodb: MongodbServer, promise: Promise
) -> None:
    """Nothing is written."""
    async with opened(mongodb, read_only=True) as place:
        await promise(place)
