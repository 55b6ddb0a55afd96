"""Under keys that an application has too: nothing of its own is overwritten, or made absent."""

import asyncio

import pytest
from fakes import Bench, FakeClaim, settle

from tui.models import Filled, Label, Record
from tui.models.keys import KeyTemplate
from tui.models.scalars import StandIn, Unread
from tui.service.lifetimes import Lifetimes

KEY = "app:user:1"
AMARA = {"id": 1, "name": "Amara"}
PAYLOAD = b'{"id":1,"name":"Amara"}'
PICKLE = b"\x80\x05}."


@pytest.fixture
def bench() -> Bench:
    """A service that may write, under the keys of an application."""
    return Bench(template=KeyTemplate("app:user:{id}"))


async def test_a_record_is_stored_where_nothing_is(bench: Bench) -> None:
    """A miss is filled with plain JSON of the record, and is a HIT from then on."""
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.YES)
    assert bench.cache.holds(KEY) == PAYLOAD
    assert (await bench.service.look_up(1)).label is Label.HIT


@pytest.mark.parametrize("one_trip", [True, False])
async def test_known_absent_is_never_stored(bench: Bench, one_trip: bool) -> None:
    """A missing row is NOT_FOUND each time; no `null` and no lease stay behind."""
    bench.cache.one_trip = one_trip
    for _ in range(2):
        outcome = await bench.service.look_up(7)
        assert (outcome.label, outcome.flags.filled) == (Label.NOT_FOUND, None)
    assert bench.cache.entries == {}
    assert not any(command.startswith("fill") for command in bench.cache.commands)


@pytest.mark.parametrize("payload", [PICKLE, b"", b"[1]", b'"x"', b'{"id":2,"name":"Bo"}'])
@pytest.mark.parametrize("seconds", [3600.0, 20.0, None])
async def test_what_cannot_be_read_stays_as_it_is(
    bench: Bench, payload: bytes, seconds: float | None
) -> None:
    """The row answers, with the reason; the application's bytes and their expiry stay."""
    bench.cache.put(KEY, payload, seconds)
    before = bench.cache.entries[KEY]
    for _ in range(3):
        outcome = await bench.service.look_up(1)
        assert (outcome.label, outcome.record) == (Label.DB, AMARA)
        assert not outcome.flags.repaired
        assert outcome.reason is not None
        assert outcome.reason.startswith("the cached copy was not used")
    assert bench.cache.entries == {KEY: before}


async def test_another_type_stays_as_it_is(bench: Bench) -> None:
    """A list under the key is neither deleted nor replaced."""
    bench.cache.wrong_type.add(KEY)
    outcome = await bench.service.look_up(1)
    assert outcome.label is Label.DB
    assert bench.cache.wrong_type == {KEY}
    assert bench.cache.entries == {}


@pytest.mark.parametrize("seconds", [3600.0, 20.0, None])
async def test_a_record_of_other_columns_is_a_hit(bench: Bench, seconds: float | None) -> None:
    """What the application would get is the answer, for as long as it would; it stays."""
    bench.cache.put(KEY, b'{"name":"Amara"}', seconds)
    before = bench.cache.entries[KEY]
    for _ in range(2):
        outcome = await bench.service.look_up(1)
        assert (outcome.label, outcome.record) == (Label.HIT, {"name": "Amara"})
        assert outcome.ttl_left == seconds
        await settle()  # a lease that was taken along is given back
    assert bench.cache.entries == {KEY: before}


async def test_it_is_not_refreshed_early(bench: Bench) -> None:
    """Near its end an application's own copy is left to the application."""
    bench.service.lifetimes = Lifetimes(beta=1e9)
    await bench.service.look_up(1)  # the database's times are known from here on
    bench.cache.put(KEY, b'{"name":"Amara"}', 3600)
    outcome = await bench.service.look_up(1)
    await settle()
    assert not outcome.flags.refreshing
    assert bench.cache.holds(KEY) == b'{"name":"Amara"}'


async def test_absent_for_the_application_is_absent(bench: Bench) -> None:
    """Its `null` is NEGATIVE, one for ever too, as the application would have it."""
    for seconds in (60, None):
        bench.cache.put(KEY, b"null", seconds)
        assert (await bench.service.look_up(1)).label is Label.NEGATIVE
    assert bench.cache.entries == {KEY: (b"null", None)}


@pytest.mark.parametrize("found", [None, PAYLOAD])
@pytest.mark.parametrize("one_trip", [True, False])
async def test_what_is_stored_during_the_load_stays(
    bench: Bench, found: bytes | None, one_trip: bool
) -> None:
    """What the application stores, or deletes, while the row is read is not overwritten."""
    bench.cache.one_trip = one_trip
    if found is not None:
        bench.cache.put(KEY, found, 10)  # past its ttl
    bench.table.gate.close()
    lookup = asyncio.create_task(bench.service.look_up(1))
    await settle()
    bench.cache.put(KEY, PICKLE, 99)
    bench.table.gate.open()
    outcome = await lookup
    assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.REFUSED)
    assert bench.cache.holds(KEY) == PICKLE
    assert bench.cache.holds(FakeClaim(KEY).place) is None


async def test_past_its_ttl_a_record_is_stored_anew(bench: Bench) -> None:
    """Plain JSON of the record, as hitmiss stores it, may be replaced when it is old."""
    bench.cache.put(KEY, PAYLOAD, 10)
    bench.table.rows[1] = {"id": 1, "name": "Ada"}
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.YES)
    assert bench.cache.holds(KEY) == b'{"id":1,"name":"Ada"}'


async def test_expiring_it_deletes_it(bench: Bench) -> None:
    """A copy in a form of its own has no grace: `expire` takes it away."""
    bench.cache.put(KEY, b'{"name":"Amara"}', 3600)
    assert (await bench.service.writer.expire(1)).found
    assert bench.cache.holds(KEY) is None


async def test_a_lease_is_no_value_key() -> None:
    """A record whose key would make its value key a lease is answered past the cache."""
    bench = Bench(template=KeyTemplate("{t}:{id}"))
    id = "1:hitmiss-lease"
    bench.table.rows[id] = {"id": id, "name": "Eve"}
    bench.cache.put("{t}:1:hitmiss-lease", b"token", 3)
    before = dict(bench.cache.entries)
    outcome = await bench.service.look_up(id)
    assert (outcome.label, outcome.flags.filled) == (Label.BYPASS, None)
    assert bench.cache.commands == []
    assert bench.cache.entries == before


async def test_what_ends_in_lease_is_not_deleted() -> None:
    """The key of another record, `1:lease`, outlives that `1` is invalidated and changed."""
    bench = Bench(template=KeyTemplate("{t}:flat:{id}"))
    bench.cache.put("{t}:flat:1:lease", b"theirs", None)
    await bench.service.look_up(1)
    await bench.service.writer.update(1, {"name": "Ada"})
    await bench.service.writer.invalidate(1)
    await bench.service.writer.invalidate_many([1])
    assert bench.cache.holds("{t}:flat:1:lease") == b"theirs"


@pytest.mark.parametrize("template", ["hitmiss:user:{id}", "app:user:{id}"])
async def test_what_was_not_read_whole_is_not_stored(template: str) -> None:
    """A row with a value that is too long answers, and no stand-in for it is cached."""
    bench = Bench(template=KeyTemplate(template))
    bench.table.rows[1] = {"id": 1, "name": Unread("<TEXT, 99 bytes: not read>", b"")}
    for _ in range(2):
        outcome = await bench.service.look_up(1)
        assert (outcome.label, outcome.flags.filled) == (Label.DB, None)
    assert bench.cache.entries == {}


async def test_under_another_spelling_of_its_key_nothing_is_stored() -> None:
    """Who changes the record forgets the copy under the key as the row has it, and no other."""
    bench = Bench()
    id = "7D1F0C6A-52B9-4E0F-8A3C-F00D5CA1AB1E"
    bench.table.rows[id] = {"id": id.lower(), "name": "Amara"}
    outcome = await bench.service.look_up(id)
    assert (outcome.label, outcome.flags.filled) == (Label.DB, None)
    assert bench.cache.entries == {}


async def test_what_json_cannot_hold_is_not_stored_for_an_application() -> None:
    """Under its keys no text stands in for bytes; under keys of our own one does."""
    row: Record = {"id": 1, "name": StandIn("<BLOB, 2 bytes>", b"mark")}
    for template, filled in (("hitmiss:user:{id}", Filled.YES), ("app:user:{id}", None)):
        bench = Bench(template=KeyTemplate(template))
        bench.table.rows[1] = row
        outcome = await bench.service.look_up(1)
        assert (outcome.label, outcome.flags.filled) == (Label.DB, filled)
        assert bool(bench.cache.entries) is (filled is Filled.YES)
        said = "not stored: it has a value that JSON cannot hold"
        assert outcome.reason == (None if filled else said)
