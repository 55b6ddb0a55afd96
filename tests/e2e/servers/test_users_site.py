"""The seed's example on Redis and on Memcached, and hitmiss beside it, changing nothing."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import redis
from memcached_server import MemcachedServer
from pymemcache import PooledClient
from servers import ValkeyServer
from users_site import TTL_SECONDS, create_app, served
from web_shop import everything

from tui.audit import engine as audit
from tui.cli.main import run

ABSENT = 99_999
SECONDS = 10.0


@dataclass
class Place:
    """The site, and what hitmiss is told of it."""

    path: Path
    address: str
    flags: list[str]
    cached: Callable[[], list[tuple[Any, ...]]]
    """Gives all that is in the cache, with the moment at which each copy ends."""

    def asks(self, id: int) -> dict[str, Any]:
        """Ask the site for a user, as a browser does."""
        with urlopen(f"{self.address}/users/{id}", timeout=SECONDS) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def moves(self, id: int, city: str) -> None:
        """Change a row behind the cache's back."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as database:
            database.execute("UPDATE users SET city = ? WHERE id = ?", (city, id))

    def state(self) -> tuple[Any, ...]:
        """Return all that is in the table and in the cache."""
        with closing(sqlite3.connect(self.path)) as database:
            return list(database.iterdump()), self.cached()


def items(server: MemcachedServer) -> list[tuple[bytes, ...]]:
    """Return of each item the key, when it ends, its number, and its value with its flags."""
    lines = b"\n".join(server.listed())
    found = re.findall(rb"key=(\S+) exp=(\S+) la=\S+ cas=(\S+)", lines)
    return sorted(
        (key, exp, cas, server.say(b"gets %b\r\n" % key.replace(b"%3A", b":"), b"END\r\n"))
        for key, exp, cas in found
    )


@pytest.fixture
def on_valkey(users_db: Path, server: ValkeyServer) -> Iterator[Place]:
    """The site with a client of Redis."""
    cache = redis.Redis(port=server.port)
    with closing(cache), served(create_app(str(users_db), cache)) as address:
        flags = ["--db", str(users_db), "--cache", server.tcp_url, "--key", "user:{id}"]
        yield Place(users_db, address, flags, lambda: list(everything(cache)))


@pytest.fixture
def on_memcached(users_db: Path, memcached: MemcachedServer) -> Iterator[Place]:
    """The site with a client of Memcached: one line is another, that of the client."""
    cache = PooledClient(("127.0.0.1", memcached.port), default_noreply=False)
    with closing(cache), served(create_app(str(users_db), cache)) as address:
        flags = ["--db", str(users_db), "--cache", memcached.url, "--key", "user:{id}"]
        yield Place(users_db, address, flags, lambda: items(memcached))


@pytest.fixture(params=["valkey", "memcached"])
def place(request: pytest.FixtureRequest) -> Place:
    """The site on either of them."""
    on_valkey = request.param == "valkey"
    found: Place = (
        request.getfixturevalue("on_valkey")
        if on_valkey
        else request.getfixturevalue("on_memcached")
    )
    return found


@pytest.fixture(autouse=True)
def settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait two seconds for what will not change."""
    monkeypatch.setattr(audit, "SETTLE_SECONDS", 0.02)


def ran(
    capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, list[dict[str, Any]]]:
    """Run a command; return its exit code and the objects that it prints."""
    code = run([*arguments, "--json"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_site_answers_from_its_cache_until_the_copy_ends(place: Place) -> None:
    """The second answer is the first, though the row is another; what is not there is 404."""
    first = place.asks(1)
    assert (first["name"], first["city"]) == ("Amara Okafor", "Lagos")
    place.moves(1, "Abuja")
    assert place.asks(1) == first
    with pytest.raises(HTTPError, match="404") as refused:
        place.asks(ABSENT)
    refused.value.close()
    assert len(place.cached()) == 1


def test_hitmiss_sees_what_the_site_would_get(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hit where a copy is, the row where there is none; and neither store is changed."""
    users = {id: place.asks(id) for id in (1, 2, 3)}
    before = place.state()
    code, answers = ran(capsys, "get", "1", "2", "4", *place.flags)
    assert (code, [one["outcome"] for one in answers]) == (0, ["HIT", "HIT", "DB"])
    assert [one["record"] for one in answers[:2]] == [users[1], users[2]]
    assert 0 < answers[0]["ttl_left"] <= TTL_SECONDS
    code, answers = ran(capsys, "get", str(ABSENT), *place.flags)
    assert (code, answers[0]["outcome"]) == (1, "NOT_FOUND")
    code, keys = ran(capsys, "keys", *place.flags)
    assert (code, sorted(one["id"] for one in keys)) == (0, [1, 2, 3])
    assert all(0 < one["ttl_left"] <= TTL_SECONDS and one["fresh"] for one in keys)
    code, (*_, summary) = ran(capsys, "audit", *place.flags)
    assert (code, summary["summary"]["same"]) == (0, 3)
    assert place.state() == before


def test_the_audit_finds_the_row_that_was_changed(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """One finding, by its column, and exit code 1; the site goes on with its old copy."""
    for id in (1, 2, 3):
        place.asks(id)
    place.moves(2, "Kyoto")
    before = place.state()
    code, (finding, summary) = ran(capsys, "audit", "--drift-only", *place.flags)
    assert (code, finding["id"], finding["finding"]) == (1, 2, "differs")
    assert finding["differs"] == ["city"]
    assert (finding["cached"]["city"], finding["database"]["city"]) == ("東京", "Kyoto")
    assert (summary["summary"]["confirmed"], summary["summary"]["same"]) == (1, 2)
    assert place.state() == before
    assert place.asks(2)["city"] == "東京"


def test_a_change_by_hitmiss_reaches_the_site(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --writable the copy is forgotten, and the site's next answer is the new row."""
    assert place.asks(1)["city"] == "Lagos"
    code, _ = ran(capsys, "set", "1", "city=Abuja", "--writable", *place.flags)
    assert code == 0
    assert place.asks(1)["city"] == "Abuja"


def test_on_memcached_the_site_keeps_what_it_has_won(
    on_memcached: Place, memcached: MemcachedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of an item that it has marked as stale, its next reader is still told to refresh it."""
    on_memcached.asks(1)
    assert memcached.say(b"md user:1 I T60\r\n") == b"HD\r\n"
    before = on_memcached.state()
    for arguments in (["get", "1"], ["keys"], ["audit"], ["get", "1", "--writable"]):
        code, (first, *_) = ran(capsys, *arguments, *on_memcached.flags)
        assert (code, first["id"]) == (0, 1)
    assert on_memcached.state() == before
    assert b" W" in memcached.say(b"mg user:1 s\r\n")
    assert b" Z" in memcached.say(b"mg user:1 s\r\n"), "and nobody after that"


def test_on_memcached_nothing_is_stored_in_the_site_s_place(
    on_memcached: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even with --writable: the site could read the empty item of a claim. It says so."""
    code, (answer,) = ran(capsys, "get", "4", "--writable", *on_memcached.flags)
    assert (code, answer["outcome"], answer["flags"]["filled"]) == (0, "DB", "failed")
    assert "an empty value to the application" in answer["reason"]
    assert on_memcached.cached() == []
