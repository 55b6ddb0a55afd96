"""Users are made in a collection of their own, whole or not at all."""

import secrets

import pytest
from mongodb_server import MongodbServer
from unit.database.mongodb.places import filled, table_at

from tui.database.mongodb import seed
from tui.database.mongodb.store import STORE
from tui.models.columns import Kind
from tui.runtime.errors import DatabaseUnavailable, SettingsError


def make(url: str, count: int, *, after: int | None = None) -> tuple[bool, list[int]]:
    """Make users; stop when that many were made. Return whether it was, and the progress."""
    told: list[int] = []
    made = STORE.make_users(
        url, count, seed=1, progress=told.append,
        stopped=lambda: after is not None and sum(told) >= after,
    )  # fmt: skip
    return made, told


def collections(server: MongodbServer, url: str) -> list[str]:
    """Return what is there."""
    with server.client(url) as client:
        return sorted(client.get_default_database().list_collection_names())


async def test_users_are_made(mongodb: MongodbServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's own first, with types of MongoDB's; a search finds them by an index."""
    monkeypatch.setattr(seed, "BATCH", 100)
    url = mongodb.new_database(f"seed_{secrets.token_hex(4)}")
    assert make(url, 120) == (True, [100, 120])
    async with table_at(url, "users") as table:
        assert (await table.find(1) or {})["name"] == "Amara Okafor"
        assert await table.find(120) is not None
        assert await table.find(121) is None
        kinds = {name: table.schema.column(name).kind for name in table.schema.columns}
        assert kinds == {
            "_id": Kind.INTEGER, "name": Kind.TEXT, "email": Kind.TEXT, "city": Kind.TEXT,
            "country": Kind.TEXT, "plan": Kind.ENUM, "credit": Kind.DECIMAL,
            "created_at": Kind.MOMENT, "last_seen_at": Kind.MOMENT,
        }  # fmt: skip
        assert table.schema.column("plan").choices == ("free", "pro", "team", "enterprise")
        assert table.schema.unindexed_columns == ()
        result = await table.search("amara", 3)
        assert result.matches[0].texts[0].startswith("Amara")
        assert (result.complete, result.index) == (True, "")


def test_what_is_there_stays(mongodb: MongodbServer) -> None:
    """Also where it is empty."""
    url = filled(mongodb, [])
    with mongodb.client(url) as client:
        client.get_default_database().create_collection("users")
    with pytest.raises(SettingsError, match="has a collection 'users'"):
        make(url, 10)
    assert collections(mongodb, url) == ["things", "users"]


@pytest.mark.parametrize("after", [0, 1_000])
def test_who_stops_it_leaves_nothing_behind(mongodb: MongodbServer, after: int) -> None:
    """At whatever point."""
    url = mongodb.new_database(f"seed_{secrets.token_hex(4)}")
    made, told = make(url, 3_000, after=after)
    assert not made
    assert len(told) == after / 1_000
    assert collections(mongodb, url) == []


def test_a_server_that_is_not_there_is_told() -> None:
    """In one line."""
    with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        make("mongodb://127.0.0.1:1/shop", 10)
