"""The campaign finds nothing in the service, and catches the usual pattern red-handed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from database_server import DatabaseServer, available, had

from consistency.caches import CACHES, CampaignCache
from consistency.campaign import run
from consistency.databases import SERVERS, Database, SqliteFile, on
from consistency.history import (
    Drain,
    Entry,
    Read,
    Unknown,
    Write,
    differing,
    from_line,
    miscounted,
    to_line,
    violations,
)
from consistency.verdict import Verdict


@pytest.fixture(params=["valkey", "memcached"])
def cache(request: pytest.FixtureRequest) -> Iterator[CampaignCache]:
    """A cache of each kind, empty, which may be paused and killed."""
    with available(request.param, CACHES[request.param]()) as cache:
        yield cache


@pytest.fixture
def valkey() -> Iterator[CampaignCache]:
    """A cache of the usual kind."""
    with CACHES["valkey"]() as cache:
        yield cache


def test_no_read_is_older_than_an_acknowledged_write(
    tmp_path: Path, cache: CampaignCache
) -> None:
    """Two processes, lost and late commands, a server paused, killed and flushed."""
    database = SqliteFile(tmp_path / "campaign.db")
    verdict = run(database, cache, seed="short", seconds=5, processes=2, calm=0.5)
    assert not verdict.found, verdict.text()
    assert verdict.reads > 500
    assert verdict.writes > 50
    assert verdict.labels["HIT"] > 0


def test_nor_where_sentinels_replace_a_primary_that_has_lost_deletes(tmp_path: Path) -> None:
    """But for what replication loses: which is counted, and is over when the deletes come."""
    database = SqliteFile(tmp_path / "campaign.db")
    with CACHES["sentinel"]() as cache:
        verdict = run(database, cache, seed="short", seconds=4, processes=2, calm=0.2)
    assert not verdict.found, verdict.text()
    assert verdict.faults["failovers"] > 0, verdict.text()
    assert verdict.labels["BYPASS"] > 0
    assert verdict.labels["HIT"] > 500


@pytest.mark.slow
@pytest.mark.parametrize("kind", SERVERS.values(), ids=list(SERVERS))
def test_nor_where_a_database_is_killed_cut_off_and_paused(
    kind: type[DatabaseServer], valkey: CampaignCache
) -> None:
    """On each server: no read is too old, and no acknowledged write overwritten or lost."""
    with had(kind()) as server:
        database = on(server)
        verdict = run(database, valkey, seed="short", seconds=6, processes=2, calm=0.2)
        assert not verdict.found, verdict.text()
        assert verdict.reads > 200
        assert verdict.writes > 5
        assert set(database.faults) & set(verdict.faults), verdict.text()


def naive(database: Database, cache: CampaignCache) -> Verdict:
    """Run the usual pattern without faults; half of that gives a hundred old answers."""
    return run(database, cache, seed="short", seconds=2, processes=2, naive=True, calm=None)


def test_the_usual_pattern_is_caught(tmp_path: Path, cache: CampaignCache) -> None:
    """Storing without a lease under the same campaign gives old answers, and it says so."""
    database = SqliteFile(tmp_path / "campaign.db")
    verdict = naive(database, cache)
    assert verdict.violations, verdict.text()


@pytest.mark.parametrize("name", SERVERS)
def test_it_is_caught_on_each_server(
    name: str, request: pytest.FixtureRequest, valkey: CampaignCache
) -> None:
    """Whatever the database, two processes bring old answers into the cache."""
    server: DatabaseServer = request.getfixturevalue(name)
    database = on(server, server.new_database("naive"))
    verdict = naive(database, valkey)
    assert verdict.violations, verdict.text()


def read(process: int, began: float, version: int | None) -> Read:
    """Give a read of key 1 that took a moment."""
    return Read(process, 1, began, began + 0.1, version, "HIT")


def test_a_read_that_began_after_an_acknowledgement_must_see_it() -> None:
    """Older is a violation; a read that began before, or got no answer, is none."""
    write = Write(0, 1, 10.0, 11.0, 5, pending=False)
    entries: list[Entry] = [write, read(1, 10.9, 4), read(1, 11.1, 5), read(1, 12, None)]
    assert violations(entries) == []
    (violation,) = violations([*entries, read(1, 11.1, 4)])
    assert (violation.at_least, violation.read.version) == (5, 4)


def test_a_pending_delete_counts_for_its_own_process_at_once() -> None:
    """For the others it counts when the delete has been sent, and never if it was not."""
    write = Write(0, 1, 10.0, 11.0, 5, pending=True)
    drain = Drain(0, (1,), 13.0)
    assert violations([write, read(1, 12, 4), drain]) == []
    assert len(violations([write, read(0, 12, 4), drain])) == 1
    assert len(violations([write, read(1, 14, 4), drain])) == 1
    assert violations([write, read(1, 14, 4)]) == []


def test_a_later_write_that_is_acknowledged_first_does_not_hide_an_earlier_one() -> None:
    """What has to be seen is the newest version acknowledged so far."""
    writes = [
        Write(0, 1, 10.0, 11.0, 6, pending=False),
        Write(1, 1, 9.0, 12.0, 5, pending=False),
    ]
    assert len(violations([*writes, read(0, 13, 5)])) == 1


def test_a_write_of_unknown_outcome_may_be_seen_and_may_be_not() -> None:
    """Nobody has to see it; whoever sees it has seen nothing wrong."""
    entries: list[Entry] = [
        Write(0, 1, 10.0, 11.0, 5, pending=False),
        Unknown(0, 1, 11.5, 14.5, perhaps=True),
        read(1, 12, 6), read(1, 15, 5),
    ]  # fmt: skip
    assert violations(entries) == []


@pytest.mark.parametrize(
    ("version", "more", "found"),
    [
        (3, [], ""),
        (2, [], "3 was acknowledged, and 2 is there"),
        (4, [], "although 3 is the most"),
        (4, [Unknown(0, 1, 8, 9, perhaps=True)], ""),
        (3, [Unknown(0, 1, 8, 9, perhaps=True)], ""),
        (4, [Unknown(0, 1, 8, 9, perhaps=False)], "although 3 is the most"),
        (4, [Write(1, 1, 8, 9, 3, pending=False)], "overwritten"),
    ],
)
def test_versions_are_counted_against_the_writes(
    version: int, more: list[Entry], found: str
) -> None:
    """What was acknowledged is there, once each; and no more than what perhaps was written."""
    entries = [Write(0, 1, 1, 2, n, pending=False) for n in (2, 3)]
    said = miscounted([*entries, *more], {1: version})
    assert len(said) == bool(found)
    assert found in " ".join(said)


def test_a_copy_may_be_behind_only_a_write_that_landed_late() -> None:
    """One of unknown outcome that was given up a moment ago; never behind an acknowledged."""
    write, late = Write(0, 1, 1, 2, 5, pending=False), Unknown(0, 1, 8, 9, perhaps=True)
    assert differing([write], {1: 5}, {1: 5}, 8.5) == []
    assert differing([write], {1: 5}, {1: 6}, 8.5) == [1]
    assert differing([write, late], {1: 5}, {1: 6}, 8.5) == []
    assert differing([write, late], {1: 5}, {1: 6}, 9.5) == [1]
    assert differing([write, late], {1: 4}, {1: 6}, 8.5) == [1]


def test_a_log_line_gives_the_entry_back() -> None:
    """What a process wrote down is what the verdict reads."""
    for entry in (
        read(0, 1.5, None), Write(0, 1, 1, 2, 3, pending=True), Drain(1, (1, 2), 3),
        Unknown(0, 1, 1, 2, perhaps=True),
    ):  # fmt: skip
        assert from_line(to_line(entry)) == entry
