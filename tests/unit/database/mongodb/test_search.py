"""The search: by an index where there is one, else document by document, for a while."""

import re
import uuid
from typing import Any

import pytest
from bson import Binary, ObjectId
from mongodb_server import MongodbServer
from unit.database.mongodb.places import filled, table_at

from tui.database.mongodb.search import escaped

OID = ObjectId("507f1f77bcf86cd799439011")
UUID = uuid.UUID("3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35")
PEOPLE: list[dict[str, Any]] = [
    {"_id": at, "name": name, "email": f"u{at}@example.com"}
    for at, name in enumerate(
        ["José Ruiz", "Joseph Hill", "Ana José", "Majose", "STRASSE", "Straße", "山田", None]
    )
]


async def matches(url: str, text: str, limit: int = 10, **more: Any) -> list[Any]:
    """Return the keys that a search finds, in its order."""
    async with table_at(url, **more) as table:
        return [match.id for match in (await table.search(text, limit, seconds=5)).matches]


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jose", [0, 1, 2, 3]), ("JOSÉ", [0, 1, 2, 3]), ("strasse", [4, 5]), ("straße", [4, 5]),
        ("山", [6]), ("u3@", [3]), ("nobody", []), (" ", []), ("\u0301", []), ("\ud800", []),
        ("x" * 1_000, []),
    ],
)  # fmt: skip
async def test_it_finds_whatever_case_and_accents(
    mongodb: MongodbServer, text: str, found: list[int], indexed: bool
) -> None:
    """What begins with the text first, then where a word does, then the others."""
    url = filled(mongodb, PEOPLE)
    if indexed:
        with mongodb.client(url) as client:
            things = client.get_default_database()["things"]
            for name in ("name", "email"):
                things.create_index(name, collation={"locale": "en", "strength": 2})
    assert await matches(url, text) == found


async def test_it_says_what_it_found_and_which_index_would_help(mongodb: MongodbServer) -> None:
    """As many as were asked for, and whether there are more."""
    async with table_at(filled(mongodb, PEOPLE)) as table:
        result = await table.search("jo", 1, seconds=5)
        assert result.matches[0].texts == ("José Ruiz", "u0@example.com")
        assert result.more
        assert result.complete
        assert result.index == (
            'db.things.createIndex({name: 1}, {collation: {locale: "en", strength: 2}});'
            ' db.things.createIndex({email: 1}, {collation: {locale: "en", strength: 2}})'
        )


@pytest.mark.parametrize(
    "text",
    [".*", "a|b", "(", "[a", "\\", "$", "^u", "{2}", "*", "?", "a\x00b", "-", "'\"", "\n"],
)
async def test_hostile_texts_are_only_texts(mongodb: MongodbServer, text: str) -> None:
    """None of them is a pattern."""
    url = filled(mongodb, [{"_id": 1, "name": f"x {text} y"}, {"_id": 2, "name": "aaa bbb"}])
    assert await matches(url, text) == ([1] if text.strip() else [])


def test_an_escaped_text_matches_itself_alone() -> None:
    """Whatever ASCII is in it; PCRE and Python agree on these escapes."""
    whole = "".join(map(chr, range(0x20, 0x7F)))
    assert re.fullmatch(escaped(whole), whole)
    assert escaped("\x00\n") == "\\x00\\x0a"


async def test_it_stops_when_the_time_is_over(mongodb: MongodbServer) -> None:
    """And keeps what it has."""
    url = filled(mongodb, [{"_id": at, "name": f"name {at}"} for at in range(3_000)])
    async with table_at(url) as table:
        result = await table.search("e 2999", 5, seconds=0.001)
        assert not result.complete
        assert result.reason is None
        assert "an index would help" in result.advice


async def test_keys_are_found_by_their_first_digits(mongodb: MongodbServer) -> None:
    """By their own index."""
    url = filled(mongodb, [{"_id": OID}, {"_id": Binary.from_uuid(UUID)}, {"_id": "507 texts"}])
    for text in ("507f1f", str(OID), "507F"):
        assert str(OID) in await matches(url, text)
    for text in ("3f2b8c1e-5d", UUID.hex, "3f2"):
        assert await matches(url, text) == [str(UUID)]
    assert set(await matches(url, "507")) == {str(OID), "507 texts"}


async def test_an_ordinary_index_finds_its_own_case(mongodb: MongodbServer) -> None:
    """The others are found document by document."""
    url = filled(mongodb, PEOPLE)
    with mongodb.client(url) as client:
        client.get_default_database()["things"].create_index("name")
    assert await matches(url, "Joseph") == [1]
    assert await matches(url, "joseph") == [1]


async def test_long_values_are_passed_over(mongodb: MongodbServer) -> None:
    """And counted."""
    url = filled(
        mongodb, [{"_id": 1, "name": "needle " * 20_000}, {"_id": 2, "name": "needle"}]
    )
    async with table_at(url) as table:
        result = await table.search("needle", 5, seconds=5)
        assert [match.id for match in result.matches] == [2]
        assert result.passed_over == 1
