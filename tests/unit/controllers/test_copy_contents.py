"""What the copies in view hold, read over hand-written fakes."""

from fakes import SCHEMA, TEMPLATE, Bench

from tui.controllers.copy_contents import MOST_BYTES, MOST_KEPT, RETRY_SECONDS, CopyContents
from tui.controllers.session import Place, Session
from tui.models import KeyFacts
from tui.models.inventory import Entry, entry_of
from tui.service.lifetimes import Lifetimes


def contents_of(bench: Bench) -> CopyContents:
    """Give the contents of the bench's copies."""

    async def open_services() -> Bench:
        return bench

    place = Place("fake", "fake")
    session = Session(open_services, SCHEMA, TEMPLATE, Lifetimes(), place, read_only=True)
    return CopyContents(session, bench.clock)


def put(bench: Bench, id: int, payload: bytes = b'{"id":1,"name":"x"}') -> Entry:
    """Cache a copy, and give its entry."""
    bench.cache.put(f"hitmiss:user:{id}", payload, 50.0)
    facts = KeyFacts(f"hitmiss:user:{id}", 50.0, len(payload), payload == b"null")
    return entry_of(id, facts, grace=0.0, now=bench.clock.now)


async def test_a_copy_is_known_once_it_was_read(bench: Bench) -> None:
    """And only that very copy: another one under the same key is unknown again."""
    contents = contents_of(bench)
    entry = put(bench, 1)
    assert contents.of(entry) is None
    assert contents.unknown([entry]) == [entry]
    await contents.read([entry])
    copy = contents.of(entry)
    assert copy is not None
    assert copy.record == {"id": 1, "name": "x"}
    assert contents.unknown([entry]) == []
    assert contents.of(put(bench, 1)) is None
    assert contents.of(None) is None


async def test_what_is_not_worth_a_trip_is_not_read(bench: Bench) -> None:
    """Neither what says 'no such record', nor what is very long, nor what is gone."""
    contents = contents_of(bench)
    long = put(bench, 2, b"x" * (MOST_BYTES + 1))
    gone = put(bench, 3)
    gone.note = "invalidated"
    assert contents.unknown([put(bench, 1, b"null"), long, gone]) == []


async def test_what_is_no_record_is_told_as_that(bench: Bench) -> None:
    """It is read once, like any other."""
    contents = contents_of(bench)
    entry = put(bench, 1, b"\x1b[31mno record")
    await contents.read([entry])
    copy = contents.of(entry)
    assert copy is not None
    assert copy.wrong is not None
    assert contents.unknown([entry]) == []


async def test_a_cache_that_gave_no_answer_is_left_alone_for_a_while(bench: Bench) -> None:
    """Its health is noted; later the copies are to be read again."""
    contents = contents_of(bench)
    entry = put(bench, 1)
    bench.cache.down = "connection refused"
    await contents.read([entry])
    assert contents.of(entry) is None
    assert contents.unknown([entry]) == []
    bench.cache.down = None
    bench.clock.now += RETRY_SECONDS
    assert contents.unknown([entry]) == [entry]


async def test_few_contents_are_kept(bench: Bench) -> None:
    """The latest ones, however many were in view; all of them in trips of the cache's size."""
    contents = contents_of(bench)
    entries = [put(bench, id) for id in range(MOST_KEPT + 1)]
    bench.cache.walker.trip = 50
    await contents.read(entries)
    assert bench.cache.walker.reads == 5
    assert [contents.of(entry) is None for entry in entries] == [True, *[False] * MOST_KEPT]
