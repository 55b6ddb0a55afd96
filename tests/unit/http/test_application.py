"""Which request gets which answer, on a service over fakes."""

import asyncio
import json

import pytest
from asking import Asker, site_of, words
from fakes import SCHEMA, Bench, settle
from msgspec.structs import replace

from tui.http.hosts import Hosts
from tui.models.keys import KeyTemplate
from tui.service.lifetimes import Lifetimes

SERVED_TO_ALL = [
    "/users/1",
    "/",
    "/page.js",
    "/page.css",
    "/healthz",
    "/metrics",
    "/lookups.json",
]


@pytest.fixture
def asker(bench: Bench) -> Asker:
    """Somebody who asks for users."""
    return Asker(site_of(bench), bench)


def texts(bench: Bench, *keys: str, path: str = "users") -> Asker:
    """Return somebody who asks for records whose keys are texts."""
    bench.table.schema = replace(SCHEMA, name=path, id_is_integer=False)
    bench.table.rows = {key: {"id": key, "name": "Amara"} for key in keys}
    return Asker(site_of(bench, path=path), bench)


async def test_a_record_is_the_body(asker: Asker) -> None:
    """As `hitmiss get --json` has it under `record`, with where it came from in the headers."""
    first, second = [await asker.get("/users/1") for _ in range(2)]
    assert (first.status, second.status) == (200, 200)
    assert first.json == {"id": 1, "name": "Amara"}
    assert first.body == second.body
    assert words([first, second]) == ["hitmiss; fwd=miss", "hitmiss; hit"]
    assert first.cache_status.endswith("; stored")
    assert first.headers["content-type"] == "application/json"
    assert first.headers["content-length"] == str(len(first.body))
    assert "database;dur=" in first.headers["server-timing"]
    assert "database" not in second.headers["server-timing"]


async def test_no_record_is_a_problem(asker: Asker) -> None:
    """RFC 9457's members, and where that is known from."""
    first, second = [await asker.get("/users/7?x=y".partition("?")[0]) for _ in range(2)]
    assert (first.status, second.status) == (404, 404)
    assert words([first, second]) == ["hitmiss; fwd=miss", "hitmiss; hit"]
    assert first.headers["content-type"] == "application/problem+json"
    assert first.json == {
        "type": "about:blank", "title": "Not Found", "status": 404,
        "detail": "users has no record 7", "instance": "/users/7",
    }  # fmt: skip


async def test_a_database_that_is_down_is_503(asker: Asker, bench: Bench) -> None:
    """With the reason, and when to come again; nothing is said of the record."""
    bench.table.fails = "the disk is gone"
    got = await asker.get("/users/1")
    assert (got.status, got.headers["retry-after"]) == (503, "2")
    assert got.json["detail"] == "the disk is gone"
    assert got.cache_status == "hitmiss; fwd=miss; detail=database-error"


async def test_within_grace_the_record_is_stale(bench: Bench) -> None:
    """A 200 that says so."""
    bench.service = bench.another_service(lifetimes=Lifetimes(ttl=10, jitter=0))
    asker = Asker(site_of(bench), bench)
    await asker.get("/users/1")
    await bench.clock.advance(15)
    bench.table.fails = "the disk is gone"
    got = await asker.get("/users/1")
    assert (got.status, got.json["name"]) == (200, "Amara")
    assert got.cache_status == "hitmiss; fwd=stale; detail=stale-on-error"


async def test_a_cache_that_is_down_is_bypassed(asker: Asker, bench: Bench) -> None:
    """The record comes from the database, and the header has the reason."""
    bench.cache.down = "Connection refused"
    got = await asker.get("/users/1")
    assert got.status == 200
    assert got.cache_status == 'hitmiss; fwd=bypass; detail="Connection refused"'


async def test_a_crowd_is_one_read(asker: Asker, bench: Bench) -> None:
    """All but one of them are collapsed."""
    bench.table.gate.close()
    crowd = [asyncio.create_task(asker.get("/users/1")) for _ in range(10)]
    await settle()
    bench.table.gate.open()
    answers = await asyncio.gather(*crowd)
    assert bench.table.reads == [1]
    assert {one.status for one in answers} == {200}
    assert sum("collapsed" in one.cache_status for one in answers) == 9


async def test_read_only_fills_nothing(bench: Bench) -> None:
    """Whoever asks, and how often."""
    bench.service = bench.another_service(read_only=True)
    asker = Asker(site_of(bench), bench)
    answers = [await asker.get("/users/1") for _ in range(2)]
    assert [one.cache_status for one in answers] == ["hitmiss; fwd=miss"] * 2
    assert {one.split()[0] for one in bench.cache.commands} == {"read"}


@pytest.mark.parametrize("path", ["/users/1", "/users/7", "/", "/metrics", "/nothing"])
async def test_head_is_get_without_a_body(asker: Asker, bench: Bench, path: str) -> None:
    """Status and headers are the same, the length of what would be there included."""
    for _ in range(2):  # from the cache, both of them, the second time
        got, head = await asker.get(path), await asker.get(path, method="HEAD")
    varying = {"server-timing", "content-length"} if path == "/metrics" else {"server-timing"}
    assert (head.status, head.body) == (got.status, b"")
    for name in got.headers.keys() - varying:
        assert head.headers[name] == got.headers[name]
    assert head.headers.keys() == got.headers.keys()


async def test_an_etag_is_that_of_the_body(asker: Asker, bench: Bench) -> None:
    """Who has it gets 304 and no body, wherever the record came from; else the new record."""
    etag = (await asker.get("/users/1")).headers["etag"]
    assert not etag.startswith("W/")
    for told in (etag, f'"x", W/{etag}', "*"):
        got = await asker.get("/users/1", if_none_match=told)
        assert (got.status, got.body, got.headers["etag"]) == (304, b"", etag)
        assert got.headers["cache-control"] == "no-cache"
        assert got.cache_status.startswith("hitmiss; hit")
        assert "content-length" not in got.headers
    await bench.service.writer.update(1, {"name": "Ada"})
    got = await asker.get("/users/1", if_none_match=etag)
    assert (got.status, got.json["name"]) == (200, "Ada")
    assert got.headers["etag"] != etag
    assert (await asker.get("/users/7", if_none_match="*")).status == 404


@pytest.mark.parametrize("path", SERVED_TO_ALL)
async def test_another_host_gets_nothing(asker: Asker, bench: Bench, path: str) -> None:
    """A page of attacker.example whose name was made to resolve to loopback reads no record."""
    got = await asker.get(path, host="attacker.example:8080")
    assert (got.status, got.json["status"]) == (421, 421)
    assert "attacker.example" in got.json["detail"]
    assert b"Amara" not in got.body
    assert bench.cache.commands == []
    assert asker.told[-1].status == 421


async def test_a_host_is_needed() -> None:
    """One, and one that can be read."""
    bench = Bench()
    asker = Asker(site_of(bench), bench, Hosts(any_address=True))
    assert (await asker.get("/users/1", host=None)).status == 400
    assert (await asker.get("/users/1", host="a b")).status == 400
    assert (await asker.get("/users/1", host="localhost", Host="localhost")).status == 200


@pytest.mark.parametrize("path", ["/users/1", "/", "/metrics", "/nothing/here"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
async def test_nothing_else_may_be_done(
    asker: Asker, bench: Bench, method: str, path: str
) -> None:
    """What may be is said; a preflight gets no leave either."""
    got = await asker.get(path, method=method, origin="https://attacker.example")
    assert (got.status, got.headers["allow"]) == (405, "GET, HEAD")
    assert got.headers["content-type"] == "application/problem+json"
    assert bench.cache.commands == []


@pytest.mark.parametrize("path", [*SERVED_TO_ALL, "/users/7", "/nothing"])
async def test_nobody_else_may_read_or_keep_it(asker: Asker, path: str) -> None:
    """No CORS, no guessing of types, no answer without asking; nobody knows an age."""
    got = await asker.get(path, origin="https://attacker.example")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cross-origin-resource-policy"] == "same-origin"
    assert got.headers["cache-control"] in {"no-cache", "no-store"}
    assert not [name for name in got.headers if name.startswith("access-control")]
    assert "age" not in got.headers


@pytest.mark.parametrize(
    "path",
    ["/users", "/users/", "/users/x", "/users/1/2", "/users/1.0", "//users/1", "/Users/1",
     "/users/%201%20%00", "/favicon.ico", "/users/" + "9" * 5000, "/healthz/", "/../users/1"],
)  # fmt: skip
async def test_what_is_no_record_is_404(asker: Asker, bench: Bench, path: str) -> None:
    """Nothing is asked for it, and what is said is short."""
    got = await asker.get(path)
    assert (got.status, got.json["title"]) == (404, "Not Found")
    assert len(got.json["detail"]) < 400
    assert bench.cache.commands == []


HOSTILE = [
    "a/b", "a//b/", "é", "日本", "a b", "%2F", "a?b#c", "..", "../..", "\x1b[31m", "\u202eabc",
    "<script>alert(1)</script>", '"><img src=x>', "a\r\nSet-Cookie: b=c", "x" * 1024, "+1",
]  # fmt: skip


@pytest.mark.parametrize("key", HOSTILE)
async def test_a_key_is_what_is_behind_the_table(bench: Bench, key: str) -> None:
    """Percent signs are taken off once; slashes may be spelled either way."""
    from urllib.parse import quote

    asker = texts(bench, key)
    for path in {f"/users/{quote(key, safe='')}", f"/users/{quote(key, safe='/')}"}:
        got = await asker.get(path)
        assert (got.status, got.json["id"]) == (200, key)
        assert all(value.isprintable() for value in got.headers.values())


@pytest.mark.parametrize("key", ["x" * 1025, "%C3%A9" * 513, "x/" * 30_000])
async def test_a_long_key_is_not_looked_up(bench: Bench, key: str) -> None:
    """Or the cache would keep that it has no record, under whatever anybody asks for."""
    got = await texts(bench).get(f"/users/{key}")
    assert (got.status, bench.cache.commands) == (414, [])
    assert "1,024 bytes" in got.json["detail"]


async def test_what_is_repeated_of_a_key_is_harmless(bench: Bench) -> None:
    """In problems, in what the page is told, and in what is told to whoever listens."""
    asker = texts(bench)
    got = await asker.get("/users/%1B%5B31m%E2%80%AE%0A")
    assert got.body.isascii()
    assert "\\x1b[31m\\u202e\\n" in got.json["detail"]
    told = (await asker.get("/lookups.json")).json["lookups"][0]
    assert told["key"] == "\\x1b[31m\\u202e\\n"
    assert told["path"] == "/users/%1B%5B31m%E2%80%AE%0A"
    assert all(one.path.isprintable() for one in asker.told)


async def test_what_is_not_utf_8_is_no_path(bench: Bench) -> None:
    """It is not taken for the key with U+FFFD in it."""
    asker = texts(bench, "\ufffd")
    got = await asker.get("/users/%FF")
    assert (got.status, got.json["title"]) == (400, "Bad Request")
    assert (await asker.get("/users/%EF%BF%BD")).status == 200


async def test_a_table_may_be_called_anything(bench: Bench) -> None:
    """Its name is one part of the path, with percent signs where it needs them."""
    asker = texts(bench, "k", path='we/ird "t"')
    assert asker.application.path_of("k") == "/we%2Fird%20%22t%22/k"
    assert (await asker.get(asker.application.path_of("k"))).status == 200
    assert (await asker.get('/we/ird "t"/k')).status == 404


async def test_a_reserved_key_is_no_record(bench: Bench) -> None:
    """What ends as the leases of hitmiss do cannot be asked for."""
    got = await texts(bench, "a").get("/users/a:hitmiss-lease")
    assert (got.status, bench.cache.commands) == (404, [])


async def test_a_copy_that_is_no_usual_json_is_answered() -> None:
    """What another program has cached may hold what UTF-8 cannot carry."""
    bench = Bench(template=KeyTemplate("app:{id}"), read_only=True)
    bench.cache.put("app:1", b'{"id": 1, "name": "half \\ud800"}', None)
    got = await Asker(site_of(bench), bench).get("/users/1")
    assert (got.status, json.loads(got.body)["id"]) == (200, 1)
    assert got.body.isascii()


async def test_health_is_that_of_the_process(asker: Asker, bench: Bench) -> None:
    """It is 200 while it serves; that cache and database are down is said."""
    assert (await asker.get("/healthz")).json["cache"]["reachable"] is True
    bench.cache.down, bench.table.fails = "Connection refused", "the disk is gone"
    for _ in range(3):
        await asker.get("/users/1")
    await bench.clock.advance(1.5)
    got = await asker.get("/healthz")
    assert got.status == 200
    assert got.json["status"] == "serving"
    assert got.json["breaker"] == "open"
    assert got.json["cache"] == {
        "name": "a fake", "reachable": False, "ms": None, "reason": "Connection refused",
    }  # fmt: skip
    await asker.application.aclose()


async def test_health_asks_once_for_many(asker: Asker, bench: Bench) -> None:
    """However many watch, the cache is asked once in a second."""
    await asyncio.gather(*(asker.get("/healthz") for _ in range(20)))
    await asker.get("/healthz")
    assert bench.cache.commands == ["ping "]
    await bench.clock.advance(1.1)
    await asker.get("/healthz")
    assert bench.cache.commands == ["ping "] * 2


async def test_the_page_is_told_of_the_last_look_ups(asker: Asker, bench: Bench) -> None:
    """The latest first, without records, and how long copies are still fresh."""
    await asker.get("/users/1")
    await bench.clock.advance(5)
    for path in ("/users/1", "/users/7"):
        await asker.get(path)
    told = (await asker.get("/lookups.json")).json
    assert [one["outcome"] for one in told["lookups"]] == ["NOT_FOUND", "HIT", "DB"]
    assert [one["number"] for one in told["lookups"]] == [3, 2, 1]
    assert told["lookups"][2]["seconds_ago"] == 5.0
    assert told["lookups"][1]["fresh_for"] == told["lookups"][2]["fresh_for"]
    assert told["totals"]["HIT"] == 1
    assert b"Amara" not in (await asker.get("/lookups.json")).body


async def test_the_page_is_told_of_so_many(asker: Asker) -> None:
    """A hundred, however many there were; of a long key its beginning."""
    for _ in range(120):
        await asker.get("/users/1")
    told = (await asker.get("/lookups.json")).json["lookups"]
    assert (len(told), told[0]["number"], told[-1]["number"]) == (100, 120, 21)


async def test_a_long_key_has_no_link(bench: Bench) -> None:
    """It is cut where it is shown."""
    asker = texts(bench)
    await asker.get("/users/" + "x" * 1000)
    (told,) = (await asker.get("/lookups.json")).json["lookups"]
    assert told["path"] is None
    assert len(told["key"]) < 100
