"""Thousands of copies that programs of three languages cached, on each database."""

import itertools
import json
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import customer_writers as writers
import pytest
import redis
from bson import json_util
from bson.binary import STANDARD
from customer_shops import CustomerShop, MariadbShop, MongodbShop, PostgresqlShop
from customer_writers import Writer
from servers import ValkeyServer
from web_shop import everything

from tui.audit import engine as audit
from tui.cli.main import run

COUNT = 3_000
CACHED = COUNT - 10
"""How many of them; the last are not."""
TEMPLATE = "shop:customer:{id}"
DJANGO = (writers.django_json, writers.django_pickle)
SPRING = (writers.spring_typed, writers.spring_milliseconds, writers.spring_boot)
WRITERS: dict[str, Sequence[Writer]] = {
    "postgresql": (*DJANGO, writers.node, writers.node_in_camel_case, *SPRING),
    "mariadb": (*DJANGO, writers.node_mysql, *SPRING),
    "mongodb": (*DJANGO, writers.node_mongodb, *SPRING),
}
SHOPS: dict[str, Callable[..., CustomerShop]] = {
    "postgresql": PostgresqlShop, "mariadb": MariadbShop, "mongodb": MongodbShop,
}  # fmt: skip
NUMBERS = itertools.count(1)
"""Of the databases, whose names are their own."""
CANONICAL = json_util.CANONICAL_JSON_OPTIONS.with_options(uuid_representation=STANDARD)
READ_ONLY_USER = "customers_reader"
READS = ("+@read", "+@connection", "+info", "+dbsize", "+scan", "-keys")


@dataclass
class Place:
    """A shop with what hitmiss is told of it, and which copies are no longer true."""

    shop: CustomerShop
    cache: redis.Redis
    flags: list[str]
    planted: dict[int, str]
    """What differs, by the customer: a column as the database calls it."""

    def state(self) -> tuple[Any, ...]:
        """Return each row, and each key with its value and its expiry."""
        return self.shop.everything(), list(everything(self.cache))


@pytest.fixture(scope="module")
def cache() -> Iterator[ValkeyServer]:
    """A server whose user for hitmiss cannot write."""
    with ValkeyServer() as server:
        with server.client() as client:
            client.acl_setuser(
                READ_ONLY_USER, enabled=True, passwords=["+secret"], keys=["*"], commands=READS
            )
        yield server


def opened(
    request: pytest.FixtureRequest, cache: ValkeyServer, name: str, chosen: Sequence[Writer]
) -> Place:
    """Open a shop in a new database, with the copies of those who write there."""
    server, client = request.getfixturevalue(name), cache.client()
    client.flushall()
    url = server.new_database(f"customers_{next(NUMBERS)}")
    flags = [
        "--db", url, "--cache", f"redis://{READ_ONLY_USER}:secret@127.0.0.1:{cache.port}",
        "--table", "customers", "--key", TEMPLATE,
    ]  # fmt: skip
    return Place(SHOPS[name](url, client, chosen), client, flags, {})


@pytest.fixture(scope="module", params=WRITERS)
def place(request: pytest.FixtureRequest, cache: ValkeyServer) -> Iterator[Place]:
    """A shop whose copies all are as their rows, but for one of each language."""
    chosen = WRITERS[request.param]
    place = opened(request, cache, request.param, chosen)
    with closing(place.shop) as shop, closing(place.cache):
        shop.open(COUNT)
        shop.warm(range(1, CACHED + 1))
        for number, column, value in _changes(shop, chosen):
            shop.change(number, column, value)
            place.planted[number] = shop.field(column)
        yield place


def _changes(shop: CustomerShop, chosen: Sequence[Writer]) -> Iterator[tuple[int, str, Any]]:
    """Give the smallest changes of three customers whose copies are of three languages."""
    django, node, spring = (
        shop.number_of(writer, above)
        for above, writer in ((150, chosen[1]), (1_500, chosen[2]), (2_700, chosen[-2]))
    )
    rows = {row["id"]: row for row in shop.rows([django, node, spring])}
    yield django, "balance", rows[django]["balance"] + Decimal("0.01")
    yield node, "full_name", f"{rows[node]['full_name']}\u0301"
    yield spring, "created_at", rows[spring]["created_at"] + timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait two seconds for what will not change."""
    monkeypatch.setattr(audit, "SETTLE_SECONDS", 0.02)


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the JSON lines that a command has printed."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_audit_finds_three_planted_differences_and_nothing_else(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Among the copies of three languages those that are no longer true, by their column."""
    before = place.state()
    code = run(["audit", "--json", "--drift-only", *place.flags])
    *findings, summary = printed(capsys)
    shown = [(f["id"], f["differs"], f["cached"], f["database"]) for f in findings[:3]]
    assert {f["id"]: f["finding"] for f in findings} == dict.fromkeys(
        place.planted, "differs"
    ), shown
    assert {f["id"]: f["differs"] for f in findings} == {
        number: [column] for number, column in place.planted.items()
    }
    assert [f["not_compared"] for f in findings] == [[], [], []]
    counts = summary["summary"]
    assert (code, counts["checked"], counts["same"]) == (1, CACHED, CACHED - 3)
    assert place.state() == before


def test_get_answers_from_each_copy_and_writes_none(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever wrote it, it is a hit; what nobody has cached is read, and stays uncached."""
    before = place.state()
    copies, absent = list(range(1, 9)), COUNT + 1
    assert run(["get", *map(str, copies), str(COUNT), "--json", *place.flags]) == 0
    assert run(["get", str(absent), "--json", *place.flags]) == 1
    *found, read, missing = printed(capsys)
    assert [line["outcome"] for line in found] == ["HIT"] * len(copies), found
    rows = {row["id"]: row for row in place.shop.rows([*copies, COUNT])}
    for line in found:
        assert line["record"]["email"] == rows[line["id"]]["email"]
    assert (read["outcome"], missing["outcome"]) == ("DB", "NOT_FOUND")
    assert read["record"][place.shop.field("full_name")] == rows[COUNT]["full_name"]
    assert place.state() == before


def test_keys_lists_each_copy_once(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with what is left of its life, and nothing is changed."""
    before = place.state()
    assert run(["keys", "--json", *place.flags]) == 0
    keys = printed(capsys)
    assert sorted(line["id"] for line in keys) == list(range(1, CACHED + 1))
    assert all(0 < line["ttl_left"] <= 3600 for line in keys)
    assert place.state() == before


@pytest.mark.parametrize("name", WRITERS)
def test_a_record_somewhere_in_the_value_is_found_there(
    name: str,
    request: pytest.FixtureRequest,
    cache: ValkeyServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What Django's serializer writes is compared, once it is said where the record is."""
    place = opened(request, cache, name, [writers.django_serialized])
    with closing(place.shop) as shop, closing(place.cache):
        shop.open(50)
        shop.warm(range(1, 51))
        flags = [*place.flags, "--record-at", "/0/fields", "--json", "--drift-only"]
        assert run(["audit", *flags]) == 0
        (summary,) = printed(capsys)
        assert summary["summary"]["same"] == 50
        shop.change(7, "notes", "changed")
        assert run(["audit", *flags]) == 1
        assert printed(capsys)[0]["differs"] == ["notes"]


def test_types_inside_of_json_are_no_difference(
    request: pytest.FixtureRequest, cache: ValkeyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """An entity whose JSON is a Map has `@class` and typed lists in it, at each level."""
    place = opened(request, cache, "postgresql", [writers.spring_typed_map])
    with closing(place.shop) as shop, closing(place.cache):
        shop.open(50)
        shop.warm(range(1, 51))
        run(["audit", "--json", "--drift-only", *place.flags])
        assert printed(capsys)[-1]["summary"]["same"] == 50


@pytest.mark.parametrize("tag", ["back\\slash", "example.com"])
def test_a_list_of_texts_is_no_typed_value(
    tag: str,
    request: pytest.FixtureRequest,
    cache: ValkeyServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Jackson's list of two whose first text looks like the name of a class is that list."""
    place = opened(request, cache, "postgresql", [writers.spring_typed])
    with closing(place.shop) as shop, closing(place.cache):
        shop.open(1)
        shop.change(1, "tags", [tag, "vip"])
        shop.warm([1])
        run(["audit", "--json", "--drift-only", *place.flags])
        assert printed(capsys)[-1]["summary"]["same"] == 1


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(
            lambda shop: writers.node_mongodb(next(iter(shop.rows([1])))), id="Long of Node"
        ),
        pytest.param(
            lambda shop: pickle.dumps(shop.documents([1])[0]), id="pickled by PyMongo",
        ),
        pytest.param(
            lambda shop: json_util.dumps(shop.documents([1])[0], json_options=CANONICAL),
            id="Extended JSON",
        ),
    ],
)  # fmt: skip
def test_types_of_mongodb_are_no_difference(
    write: Callable[[MongodbShop], bytes | str],
    request: pytest.FixtureRequest,
    cache: ValkeyServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A document as its drivers write it, with a number beyond those that are exact."""
    place = opened(request, cache, "mongodb", [])
    assert isinstance(place.shop, MongodbShop)
    with closing(place.shop) as shop, closing(place.cache):
        shop.open(1)
        shop.change(1, "points", 2**53 + 1)
        place.cache.set(shop.key(1), write(shop), ex=3600)
        run(["audit", "--json", "--drift-only", *place.flags])
        *findings, summary = printed(capsys)
        assert summary["summary"]["checked"] == 1
        assert [finding["differs"] for finding in findings] == []
