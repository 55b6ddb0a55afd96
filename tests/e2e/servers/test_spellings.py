"""A key in another spelling than the row's: it is read, and nothing is written under it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tui.bootstrap import Services, known, open_services, prepare
from tui.config.settings import resolve
from tui.models import Label
from tui.runtime.errors import ChangeRefused

UUID = "c4ca4238-a0b9-2382-0dcc-509a6f75849b"
OBJECT_ID = "65a00000000000000000000b"


def made(kind: str, server: Any) -> tuple[str, str]:
    """Make a record; return the database's URL and the key as the record has it."""
    url = server.new_database("spellings")
    if kind == "mongodb":
        from bson.objectid import ObjectId

        with server.client(url) as client:
            database = client.get_default_database()
            database["users"].insert_one({"_id": ObjectId(OBJECT_ID), "name": "first"})
        return url, OBJECT_ID
    server.run(
        "CREATE TABLE users (id uuid PRIMARY KEY, name varchar(40));"
        f" INSERT INTO users VALUES ('{UUID}', 'first')",
        url=url,
    )
    return url, UUID


@asynccontextmanager
async def writable(url: str) -> AsyncIterator[Services]:
    """Open services that may write."""
    settings = known(resolve({"db": url, "read-only": False}, {}, {}, "no file"))
    async with open_services(prepare(settings)) as services:
        yield services


@pytest.mark.parametrize("kind", ["postgresql", "mariadb", "mongodb"])
async def test_no_write_leaves_the_copy_of_the_own_spelling(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """A write under another spelling is refused with the one to use, and changes nothing."""
    url, own = made(kind, request.getfixturevalue(kind))
    async with writable(url) as services:
        service = services.service
        assert (await service.look_up(own)).label is Label.DB
        other = await service.look_up(own.upper())
        assert (other.label, (other.record or {}).get("name")) == (Label.DB, "first")
        with pytest.raises(ChangeRefused, match=own):
            await service.writer.update(own.upper(), {"name": "second"})
        with pytest.raises(ChangeRefused, match=own):
            await service.writer.delete(own.upper())
        assert (await services.table.find(own) or {})["name"] == "first"
        assert (await service.writer.update(own, {"name": "second"})).found
        again = await service.look_up(own)
        assert (again.label, (again.record or {})["name"]) == (Label.DB, "second")
