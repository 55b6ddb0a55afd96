"""The audit over fakes: what it finds, and what it takes care not to call drift."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

import pytest
from fakes import TEMPLATE, Bench, settle

from tui.audit import engine as module
from tui.audit.comparison import Finding
from tui.audit.engine import SETTLE_SECONDS, Audit
from tui.audit.results import Certainty, Judgement
from tui.models import Caveat, Key, Record, TableSchema
from tui.models.keys import KeyTemplate
from tui.models.scalars import Unread
from tui.runtime.errors import CacheUnavailable, DatabaseUnavailable

LONG = 500.0


def put(bench: Bench, id: int, value: object, seconds: float | None = LONG) -> None:
    """Cache a value, as any program might."""
    payload = value if isinstance(value, bytes) else json.dumps(value).encode()
    bench.cache.put(f"hitmiss:user:{id}", payload, seconds)


def store(bench: Bench, id: int, name: str) -> dict[str, Any]:
    """Put a row into the table; give it."""
    row: dict[str, Any] = {"id": id, "name": name}
    bench.table.rows[id] = row
    return row


class Run:
    """An audit under way, and what it has said."""

    def __init__(self, bench: Bench) -> None:
        """Audit the bench, when it is begun."""
        self.bench = bench
        self.audit = Audit(bench.cache.walker, bench.table, TEMPLATE, bench.clock)
        self.said: list[Judgement] = []
        self.task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Look at everything for the first time."""
        self.task = asyncio.create_task(self._run())
        await settle(200)

    async def end(self, seconds: float = SETTLE_SECONDS) -> None:
        """Let that time pass, and the audit come to its end."""
        assert self.task is not None
        await self.bench.clock.advance(seconds)
        await settle(200)
        if self.task.done():
            self.task.result()

    async def _run(self) -> None:
        async for judgements in self.audit.run():
            self.said += judgements

    def of(self, id: int) -> list[tuple[Finding | None, Certainty | None]]:
        """Give what was said of one copy, in order."""
        return [
            (judgement.comparison.finding, judgement.certainty)
            for judgement in self.said
            if judgement.comparison.id == id
        ]


@pytest.fixture
async def run(bench: Bench) -> AsyncIterator[Run]:
    """An audit of the bench, not begun yet."""
    run = Run(bench)
    yield run
    if run.task is not None:
        run.task.cancel()


async def test_each_finding_is_suspect_first_and_confirmed_when_it_stays(
    bench: Bench, run: Run
) -> None:
    """All kinds of findings, each called by its name, twice; what is right is said once."""
    put(bench, 1, {"id": 1, "name": "Amara"})
    store(bench, 2, "Bo")
    put(bench, 2, {"id": 2, "name": "Bob"})
    put(bench, 3, {"id": 3, "name": "Ghost"})
    store(bench, 4, "Dee")
    put(bench, 4, None)
    put(bench, 5, None)
    put(bench, 6, b"garbage")
    put(bench, 7, store(bench, 7, "Gil"), None)
    put(bench, 8, {"unknown": 1})
    store(bench, 8, "Hal")
    await run.begin()
    expected = {
        2: Finding.DIFFERS, 3: Finding.ORPHAN, 4: Finding.WRONGLY_ABSENT,
        6: Finding.UNREADABLE, 7: Finding.NO_EXPIRY, 8: Finding.UNREADABLE,
    }  # fmt: skip
    for id in (1, 5):
        assert run.of(id) == [(Finding.SAME, None)]
    for id, finding in expected.items():
        assert run.of(id) == [(finding, Certainty.SUSPECT)]
    await run.end()
    for id, finding in expected.items():
        assert run.of(id)[1:] == [(finding, Certainty.CONFIRMED)]
    progress = run.audit.progress
    assert (progress.compared, progress.confirmed, progress.suspects) == (8, 6, 0)
    assert progress.to_json()["summary"] == {
        "checked": 8, "same": 2, "differs": 1, "orphan": 1, "wrongly-absent": 1,
        "unreadable": 2, "no-expiry": 1, "confirmed": 6, "resolved": 0, "unsettled": 0,
        "suspects": 0, "skipped": 0, "doubled": 0, "not_compared_columns": {},
        "fields_without_column": {"unknown": 1}, "population": None, "caveats": {},
        "complete": True, "reason": None,
        "not-compared": 0, "refused": 0, "not_compared_keys": {},
    }  # fmt: skip


async def test_a_write_under_way_is_no_drift(bench: Bench, run: Run) -> None:
    """The row is written and the copy not deleted yet: suspect, and resolved later."""
    put(bench, 1, {"id": 1, "name": "Amara"})
    store(bench, 1, "Amara Okafor")
    await run.begin()
    assert run.of(1) == [(Finding.DIFFERS, Certainty.SUSPECT)]
    del bench.cache.entries["hitmiss:user:1"]
    await run.end()
    assert run.of(1)[1:] == [(None, Certainty.RESOLVED)]
    assert (run.audit.progress.confirmed, run.audit.progress.resolved) == (0, 1)


async def test_a_copy_that_was_mended_meanwhile_is_the_same(bench: Bench, run: Run) -> None:
    """Deleted and filled again within the two seconds: it counts as the same."""
    put(bench, 1, {"id": 1, "name": "old"})
    await run.begin()
    put(bench, 1, {"id": 1, "name": "Amara"})
    await run.end()
    assert run.of(1)[1:] == [(Finding.SAME, Certainty.RESOLVED)]
    assert run.audit.progress.counts[Finding.SAME] == 1


async def test_a_record_that_is_written_all_along_is_never_confirmed(
    bench: Bench, run: Run
) -> None:
    """Each look meets another write under way: another copy each time is no proof."""
    for number in range(module.MOST_CHECKS + 1):
        put(bench, 1, {"id": 1, "name": f"before {number}"}, LONG + 7 * number)
        store(bench, 1, f"after {number}")
        if not number:
            await run.begin()
        else:
            await run.end()
    certainties = [certainty for _, certainty in run.of(1)]
    assert set(certainties[:-1]) == {Certainty.SUSPECT}
    assert certainties[-1] is Certainty.UNSETTLED
    assert (run.audit.progress.confirmed, run.audit.progress.unsettled) == (0, 1)


async def test_the_same_bytes_stored_again_are_another_copy(bench: Bench, run: Run) -> None:
    """A refill of an equal value moves the expiry: then the next look decides."""
    put(bench, 1, {"id": 1, "name": "flip"}, LONG)
    await run.begin()
    await bench.clock.advance(1)
    put(bench, 1, {"id": 1, "name": "flip"}, LONG)
    await run.end(1)
    assert run.of(1)[1:] == [(Finding.DIFFERS, Certainty.SUSPECT)]
    await run.end()
    assert run.of(1)[2:] == [(Finding.DIFFERS, Certainty.CONFIRMED)]


async def test_without_an_expiry_the_row_has_to_stay_the_same_too(
    bench: Bench, run: Run
) -> None:
    """Only the two together tell that nothing was written in between."""
    put(bench, 1, {"id": 1, "name": "flip"}, None)
    await run.begin()
    store(bench, 1, "flop")
    await run.end()
    assert run.of(1)[1:] == [(Finding.DIFFERS, Certainty.SUSPECT)]
    await run.end()
    assert run.of(1)[2:] == [(Finding.DIFFERS, Certainty.CONFIRMED)]


async def test_a_batch_without_an_answer_is_tried_again(bench: Bench, run: Run) -> None:
    """A database that is locked for a moment does not end an audit."""
    put(bench, 1, {"id": 1, "name": "Amara"})
    bench.table.fails = "locked"
    await run.begin()
    bench.table.fails = None
    await run.end(module.PAUSE_SECONDS)
    assert run.of(1) == [(Finding.SAME, None)]


async def test_a_target_that_stays_away_ends_the_audit(bench: Bench, run: Run) -> None:
    """After some attempts it gives up, and says why."""
    put(bench, 1, {"id": 1, "name": "Amara"})
    bench.table.fails = "locked"
    await run.begin()
    with pytest.raises(DatabaseUnavailable, match="locked"):
        await run.end(10)
    bench.cache.down = "gone"
    again = Run(bench)
    await again.begin()
    with pytest.raises(CacheUnavailable, match="gone"):
        await again.end(10)


async def test_large_copies_come_a_few_at_a_time(bench: Bench, run: Run) -> None:
    """However few a trip brings, each is compared, and looked at again, just once."""
    bench.cache.walker.trip, bench.cache.walker.step = 3, 10
    for id in range(2, 20):
        put(bench, id, {"id": id, "name": "ghost"})
        store(bench, id, "ghost" if id % 2 else "other")
    await run.begin()
    await run.end()
    for id in range(2, 20):
        drift = [
            (Finding.DIFFERS, Certainty.SUSPECT), (Finding.DIFFERS, Certainty.CONFIRMED),
        ]  # fmt: skip
        assert run.of(id) == ([(Finding.SAME, None)] if id % 2 else drift)
    assert run.task is not None
    assert run.task.done()


async def test_a_key_of_two_rows_is_passed_over(bench: Bench, run: Run) -> None:
    """Nobody knows which of them was cached: such keys are counted, and the audit goes on."""
    put(bench, 1, {"id": 1, "name": "someone"})
    put(bench, 2, {"id": 2, "name": "ghost"})
    bench.table.copies = 2
    await run.begin()
    await run.end()
    assert (run.of(1), run.audit.progress.doubled) == ([], 1)
    assert run.audit.progress.counts[Finding.ORPHAN] == 1
    with pytest.raises(DatabaseUnavailable, match="more than one row has the key 1"):
        await run.audit.compare_one(1)


async def test_too_many_suspects_hold_up_the_walk(
    bench: Bench, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded: the walk waits until some of them are settled."""
    monkeypatch.setattr(module, "MOST_SUSPECTS", 10)
    for id in range(2, 42):
        put(bench, id, {"id": id, "name": "ghost"})
    await run.begin()
    assert run.audit.progress.suspects <= 12
    assert run.audit.progress.compared <= 12
    for _ in range(10):
        await run.end()
    assert run.audit.progress.counts[Finding.ORPHAN] == 40
    assert run.task is not None
    assert run.task.done()


async def test_a_key_that_scan_gives_twice_counts_once(
    bench: Bench, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SCAN may give a key twice: it is compared once."""
    put(bench, 1, {"id": 1, "name": "Amara"})
    walker = bench.cache.walker
    scan = walker.scan

    async def stutter(template: KeyTemplate, part: str = "") -> AsyncIterator[list[str]]:
        for _ in range(2):
            async for batch in scan(template, part):
                yield [*batch, *batch]

    monkeypatch.setattr(walker, "scan", stutter)
    await run.begin()
    assert run.audit.progress.compared == 1


async def test_leases_and_other_keys_are_left_alone(bench: Bench, run: Run) -> None:
    """What the pattern matches, but is no copy of ours, is counted, and not even read."""
    for key in (
        "hitmiss:user:01",
        "hitmiss:user:x",
        "hitmiss:user:",
        "{hitmiss:user:1}:hitmiss-lease",
    ):
        bench.cache.put(key, b"whatever", LONG)
    await run.begin()
    assert (run.audit.progress.compared, run.audit.progress.skipped) == (0, 3)
    assert run.task is not None
    assert run.task.done()


async def test_the_share_is_known_where_the_server_counts_its_keys(
    bench: Bench, run: Run
) -> None:
    """At the end all of the keys have been looked at."""
    assert run.audit.progress.share is None
    put(bench, 1, {"id": 1, "name": "Amara"})
    await run.begin()
    assert run.audit.progress.share == 1.0


async def test_only_what_the_copies_have_is_read_of_the_rows(bench: Bench, run: Run) -> None:
    """A long column that nobody caches is never asked for, and none is said to differ by it."""
    asked: list[set[str] | None] = []
    find_part = bench.table.find_part

    async def part(
        ids: Sequence[Key], columns: Collection[str] | None = None
    ) -> dict[Key, list[Record]]:
        asked.append(None if columns is None else set(columns))
        return await find_part(ids, columns)

    bench.table.find_part = part  # type: ignore[method-assign]
    bench.table.schema = TableSchema("users", "id", True, ("id", "name", "photo"))
    for id in (1, 2):
        bench.table.rows[id] = {"id": id, "name": "Amara", "photo": "x" * 1_000}
    put(bench, 1, {"name": "Amara"})
    put(bench, 2, {"name": "Other", "more": 1})
    await run.begin()
    await run.end()
    assert asked == [{"name", "more"}, {"name", "more"}]
    found = {judgement.comparison.id: judgement.comparison for judgement in run.said}
    assert found[1].finding is Finding.SAME
    assert (found[2].differs, found[2].cache_only) == (("name",), ("more",))
    assert found[2].database == {"id": 2, "name": "Amara"}
    assert found[2].database_only == ("id", "photo")
    comparison = await run.audit.compare_one(2)
    assert (comparison.database or {})["photo"] == "x" * 1_000


async def test_rows_that_come_a_few_at_a_time(bench: Bench, run: Run) -> None:
    """Where the table gives the rows of only some keys, the others follow, each once."""
    find_part = bench.table.find_part

    async def part(
        ids: Sequence[Key], columns: Collection[str] | None = None
    ) -> dict[Key, list[Record]]:
        return await find_part(ids[:1], columns)

    bench.table.find_part = part  # type: ignore[method-assign]
    bench.cache.walker.step = 7
    for id in range(1, 20):
        put(bench, id, store(bench, id, f"n{id}"))
    await run.begin()
    assert sorted(judgement.comparison.id for judgement in run.said) == list(range(1, 20))
    assert run.audit.progress.compared == 19


async def test_what_was_not_read_of_a_row_is_not_compared(bench: Bench, run: Run) -> None:
    """A value that is too long is named as the reason, and the rest is compared."""
    store(bench, 1, "Amara")["bio"] = Unread("<TEXT, 99 bytes: not read>", b"")
    put(bench, 1, {"id": 1, "name": "Amara", "bio": "short"})
    await run.begin()
    ((judgement),) = run.said
    assert judgement.comparison.finding is Finding.SAME
    assert judgement.comparison.not_compared == ("bio",)
    assert judgement.comparison.reason == "longer than --max-value: bio"


async def test_where_rows_are_hidden_no_copy_is_an_orphan(bench: Bench, run: Run) -> None:
    """Its row may be there: it was not compared, and the summary says why."""
    caveat = Caveat("rows hidden", "row-level security hides rows", incomplete=True)
    bench.table.caveats = (caveat,)
    put(bench, 1, {"id": 1, "name": "Amara"})
    put(bench, 2, {"id": 2, "name": "Bo"})
    store(bench, 1, "Amara")
    await run.begin()
    await run.end()
    progress = run.audit.progress
    assert (progress.confirmed, progress.compared) == (0, 1)
    assert progress.counts[Finding.NOT_COMPARED] == 1
    assert "row-level security hides rows" in progress.not_compared["hitmiss:user:2"]
    assert progress.to_json()["summary"]["caveats"] == {caveat.name: caveat.words}


async def test_a_standby_is_named_in_the_summary(bench: Bench, run: Run) -> None:
    """What differs may be older on the database's side."""
    bench.table.caveats = (Caveat("standby", "2.0 s behind", outdated=True),)
    put(bench, 1, {"id": 1, "name": "Amara"})
    store(bench, 1, "Amara Okafor")
    await run.begin()
    await run.end()
    assert run.audit.progress.confirmed == 1
    assert run.audit.progress.to_json()["summary"]["caveats"] == {"standby": "2.0 s behind"}
