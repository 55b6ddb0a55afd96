"""The explorer in lines does what the screens do, and says it."""

import asyncio
import json
import signal
from collections.abc import Awaitable
from dataclasses import asdict
from dataclasses import replace as replaced

import pytest
from fakes import SCHEMA, Bench, settle
from laboratory import SAMPLE, FakeLaboratory
from msgspec.structs import replace
from talking import SHARED, Meanwhile, Talk, said_to

from tui.lab.scenario import Side
from tui.plain.changes import MOST_TOLD
from tui.plain.conversation import PROMPT
from tui.plain.inputs import LineNotTaken
from tui.runtime.plain_text import SPELLING

KEY = "hitmiss:user:1"
FRESH = "1: HIT, Amara, 0.00 ms, fresh for 30 s"


def later(bench: Bench, seconds: float) -> Meanwhile:
    """Return what lets time pass."""
    return lambda: bench.clock.advance(seconds)


async def test_keys_and_names_are_looked_up(bench: Bench) -> None:
    """One line an answer; again asks the same, bypass the database."""
    assert await said_to(bench, "1", "again", "get Ama", "bypass", "7") == [
        "1: DB, Amara, 0.00 ms, fresh for 30 s",
        FRESH,
        FRESH,
        "1: BYPASS, Amara, 0.00 ms; asked to bypass the cache",
        "7: NOT_FOUND, 0.00 ms, fresh for 10 s",
    ]


async def test_the_latest_answer_is_taken_apart(bench: Bench) -> None:
    """Its columns, what ran, as JSON, as lines for a shell."""
    said = await said_to(bench, "1", "1", "record", "steps", "json", "shell")
    assert said[2:5] == ["1: HIT, fresh in the cache", "id: 1", "name: Amara"]
    assert said[5:7] == ["1: HIT, 1 step", f"cache 1.00 ms: read {KEY} gave: done"]
    assert json.loads(said[7]) == {"id": 1, "name": "Amara"}
    assert said[-1] == f"# cache: read {KEY}"


async def test_a_wrong_word_gets_the_nearest(bench: Bench) -> None:
    """In one line; and so does what can be meant in several ways, or lacks something."""
    said = await said_to(bench, "invaldate", "c", "set", "ttl 5", "record")
    assert [line.startswith("error: ") for line in said] == [True] * 5
    assert "did you mean invalidate?" in said[0]
    assert "no record was asked for yet" in said[-1]


async def test_with_texts_for_keys_every_other_word_is_one(bench: Bench) -> None:
    """The word that is nearest is named where there is no such record."""
    schema = replace(SCHEMA, id_is_integer=False, search_columns=())
    talk = Talk(bench, "hlep", "get help", schema=schema)
    await talk.conversation.run()
    assert talk.said[0].startswith("hlep: ")
    assert talk.said[1] == "did you mean help?"
    assert talk.said[2].startswith("help: ")


async def test_of_several_matches_the_best_is_taken(bench: Bench) -> None:
    """And it is said that there are others, and how they are found."""
    bench.table.rows[2] = {"id": 2, "name": "Tamara"}
    assert await said_to(bench, "mara", "find mara", "find nobody") == [
        "1: DB, Amara, 0.00 ms, fresh for 30 s",
        "others match too: find mara lists them",
        "1: Amara",
        "2: Tamara",
        "no name holds 'nobody'; digits look a key up",
    ]


async def test_a_cache_that_is_down_is_not_called_empty(bench: Bench) -> None:
    """Neither listed nor cleared; the audit says that it has not come to its end."""
    bench.cache.down = "connection refused"
    talk = Talk(bench, "cache", "clear", "audit", "status")
    await bench.clock.play(talk.conversation.run(), step=1)
    assert talk.said[:3] == [
        "error: connection refused", "cache down: connection refused",
        "error: connection refused",
    ]  # fmt: skip
    assert "audit ended early: 0 compared, 0 confirmed" in talk.said
    assert "cache fake: down: connection refused" in talk.said


async def test_copies_are_ended_and_listed(bench: Bench) -> None:
    """By key, or of the latest record; what expires next is on top."""
    bench.table.rows[2] = {"id": 2, "name": "Bo"}
    said = await said_to(
        bench, "1", "2", "cache", "cache 2", "expire", "invalidate 1", "invalidate 1", "cache"
    )
    assert said[2:5] == [
        "2 copies, 2 fresh",
        "1: fresh for 30 s, 23 bytes, json",
        "2: fresh for 30 s, 20 bytes, json",
    ]
    assert said[5:7] == ["1 copy, 1 fresh", "2: fresh for 30 s, 20 bytes, json"]
    assert said[7:10] == ["2 expired", "1 invalidated", "1 was not cached"]
    assert said[-1] == "2: in grace, gone in 30 s, 20 bytes, json"


async def test_lives_are_chosen(bench: Bench) -> None:
    """Of the next fills, and of a copy that is there."""
    said = await said_to(bench, "1", "ttl", "ttl +", "life +", "again", "life x")
    assert said[1:] == [
        "the next fills stay fresh for 30 s",
        "the next fills stay fresh for 1 min",
        "the copy of 1 stays fresh for 1 min",
        "1: HIT, Amara, 0.00 ms, fresh for 1 min",
        "error: life takes + or -, not 'x': life +",
    ]


async def test_all_copies_go_after_a_yes(bench: Bench) -> None:
    """And after nothing else."""
    said = await said_to(bench, "1", "clear", "no", "cache", "clear", "yes", "clear")
    assert said[1] == "forget 1 copy under hitmiss:user:* in the embedded cache? (yes or no)"
    assert said[2:4] == ["nothing was forgotten", "1 copy, 1 fresh"]
    assert said[-2:] == ["1 forgotten", "nothing is cached"]


async def test_a_copy_is_held_against_its_row(bench: Bench) -> None:
    """Each column that differs has a line; drift is made, found and healed."""
    said = await said_to(
        bench, "1", "drift name=Bo", "compare", "invalidate", "compare", "compare 9"
    )
    assert said[1] == "1: name written; nobody told the cache; it was Amara, undo takes it back"
    assert said[2:4] == [
        "1: differs, the cached copy is not what the database has, fresh for 30 s",
        "name: cached Amara, database Bo",
    ]
    assert said[4:] == [
        "1 invalidated",
        "1: not cached",
        "9: not cached, and not in the database",
    ]


async def test_an_audit_says_what_it_has_found(bench: Bench) -> None:
    """What is wrong for sure, and the counts; how far it is every few seconds."""
    talk = Talk(bench, "1", "drift name=Bo", "audit")
    await bench.clock.play(talk.conversation.run(), step=0.5)
    assert talk.said[2:] == ["1: differs in name, confirmed", "audit: 1 compared, 1 confirmed"]


async def test_a_change_is_written_and_taken_back(bench: Bench) -> None:
    """Once; the copy is forgotten each time."""
    said = await said_to(bench, "1", "set name=Bo B", "again", "undo", "again", "undo")
    assert said[1] == (
        "1: name written, and the cached copy invalidated; it was Amara, undo takes it back"
    )
    assert "Bo B" in said[2]
    assert said[3] == "1: name put back, and the cached copy invalidated"
    assert "DB, Amara" in said[4]
    assert "nothing to take back" in said[5]


async def test_what_somebody_else_wrote_is_told_before_it_is_overwritten(bench: Bench) -> None:
    """The same command again means it."""

    async def somebody_else() -> None:
        bench.table.rows[1] = {"id": 1, "name": "Cy"}

    said = await said_to(bench, "1", somebody_else, "set name=Bo", "set name=Bo")
    assert said[1] == (
        "error: not written: somebody else changed name meanwhile, to Cy;"
        " the same again writes over it"
    )
    assert "it was Cy" in said[2]
    assert bench.table.rows[1]["name"] == "Bo"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("set name", "is not COLUMN=VALUE"),
        ("set id=2", "is the key"),
        ("set town=x", "there is no column 'town'"),
        ("set name=Amara", "is that already"),
    ],
)
async def test_what_cannot_be_written_is_said(bench: Bench, line: str, said: str) -> None:
    """In one line, and nothing is."""
    assert said in (await said_to(bench, "1", line))[1]
    assert bench.table.rows[1] == {"id": 1, "name": "Amara"}


async def test_read_only_nothing_is_changed(bench: Bench) -> None:
    """Each command that would says why it does nothing."""
    bench.service = bench.another_service(read_only=True)
    lines = ["set name=x", "drift name=x", "undo", "invalidate", "expire", "ttl +", "life +",
             "clear", "faults cache-down", "lab"]  # fmt: skip
    talk = Talk(bench, "1", *lines, read_only=True)
    await talk.conversation.run()
    assert all(line.startswith("error: ") for line in talk.said[1:])
    assert all("read-only" in line for line in talk.said[1:])
    assert len(talk.said) == 1 + len(lines)
    assert set(bench.cache.commands) == {f"read {KEY}"}


async def test_drift_is_made_in_no_cache_of_others(bench: Bench) -> None:
    """Nor is one broken without a yes."""
    talk = Talk(bench, "1", "drift name=x", "faults cache-down", "no", place=SHARED)
    await talk.conversation.run()
    assert talk.said[1].startswith("error: drift is for the embedded cache")
    assert "Switch on 'cache down' for shared?" in talk.said[2]
    assert talk.said[3] == "cache-down stays off"


async def test_faults_are_switched(bench: Bench) -> None:
    """One is said when it is switched, all when nothing is named."""
    said = await said_to(
        bench,
        "faults cache-slow=200ms",
        "faults cache-slow",
        "faults",
        "faults off",
        "faults x",
    )
    assert said[:2] == ["cache-slow +200 ms: on", "cache-slow +200 ms: off"]
    assert said[2] == "cache-down: off, connections end, new ones are refused"
    assert said[-2] == "all faults are off"
    assert said[-1].startswith("error: 'x' is no fault")


async def test_what_has_expired_is_said_after_the_next_line(bench: Bench) -> None:
    """Never while somebody types; enter alone asks for it, and once is enough."""
    said = await said_to(bench, "1", later(bench, 42), "", "", "1", later(bench, 1), "")
    assert said[1:] == [
        "the copy of 1 expired 12 s ago",
        "nothing has changed",
        "1: DB, Amara, 0.00 ms, fresh for 30 s",
        "nothing has changed",
    ]


async def test_a_copy_that_somebody_has_renewed_has_not_expired(bench: Bench) -> None:
    """The cache is asked before anything is said."""

    async def renew() -> None:
        bench.cache.put(KEY, b'{"id": 1, "name": "Amara"}', 90)
        await bench.clock.advance(35)

    said = await said_to(bench, "1", renew, "", later(bench, 30), "")
    assert said[1:] == ["nothing has changed", "the copy of 1 expired 5 s ago"]


async def test_of_many_that_expire_the_number_is_said(bench: Bench) -> None:
    """Nobody listens to a hundred lines."""
    keys = [str(id) for id in range(2, 3 + MOST_TOLD)]
    said = await said_to(bench, *keys, later(bench, 99), "")
    assert said[-1] == f"{MOST_TOLD + 1} copies expired"


async def test_what_a_person_ends_is_not_said_to_have_expired(bench: Bench) -> None:
    """The answer to the command was enough."""
    said = await said_to(bench, "1", "expire", later(bench, 99), "", "1", "invalidate", "")
    assert said.count("nothing has changed") == 2


async def test_an_outage_and_its_end_are_said(bench: Bench) -> None:
    """The breaker too; somebody asks now and then whether the cache is back."""

    async def down() -> None:
        bench.cache.down = "connection refused"

    async def up() -> None:
        bench.cache.down = None
        await bench.clock.advance(5)

    said = await said_to(bench, "1", down, "1", "1", "1", up, "", "1")
    assert "cache down: connection refused" in said
    assert "breaker open, the cache is left alone for now: connection refused" in said
    assert said[-3:] == [
        "cache up again",
        "1: HIT, Amara, 0.00 ms, fresh for 25 s",
        "breaker closed, the cache is asked again",
    ]


async def test_whoever_waits_hears_it_at_once(bench: Bench) -> None:
    """When the copy expires, and not before."""
    talk = Talk(bench, "1", "wait 40")
    await bench.clock.play(talk.conversation.run(), step=0.5)
    assert talk.said[1] == "the copy of 1 has just expired"


async def test_a_database_that_fails_is_an_answer(bench: Bench) -> None:
    """And an error where there is none; the conversation goes on."""
    bench.table.fails = "the database is locked"
    said = await said_to(bench, "1", "find a", "compare 1", "set name=x", "get Ama")
    assert said[0] == "1: ERROR, 0.00 ms; the database is locked"
    assert [line for line in said if line.startswith("error: ")] == [
        "error: the database is locked"
    ] * 4


async def test_help_names_every_word(bench: Bench) -> None:
    """Or one of them."""
    said = await said_to(bench, "help", "help inv", "help x")
    assert sum(line.startswith("invalidate [key]: ") for line in said) == 2
    assert said[-1] == "error: there is no command 'x'"


async def test_the_status_is_said(bench: Bench) -> None:
    """How both targets do, and the totals."""
    said = await said_to(bench, "status", "1", "1", "status")
    assert said[:2] == ["database fake, table users: up", "cache fake: up, 1.00 ms"]
    assert "2 lookups, 1 read of the database, hit ratio 50%" in said


async def test_somebody_at_a_terminal_is_greeted_and_prompted(bench: Bench) -> None:
    """A pipe is not: there each line is an answer."""
    talk = Talk(bench, "1", prompts=True)
    assert await talk.conversation.run() == 0
    assert talk.text.startswith("hitmiss: fake, table users, cache fake. Type a key")
    assert talk.text.count(PROMPT) == 2
    assert talk.text.endswith(f"{PROMPT}\n")
    assert PROMPT not in "".join(await said_to(bench, "1"))


async def test_a_line_that_is_none_is_passed_over(bench: Bench) -> None:
    """It is said, and the next one is taken."""
    said = await said_to(bench, LineNotTaken("that line is longer"), "1")
    assert said == ["error: that line is longer", "1: DB, Amara, 0.00 ms, fresh for 30 s"]


async def test_no_terminal_obeys_what_is_said(bench: Bench) -> None:
    """Whatever stands in a record, or is typed; in ASCII where that is wanted."""
    bench.table.rows[1] = {"id": 1, "name": "\x1b[2JŌ\u202e\n"}
    lines = (
        "1",
        "record",
        "json",
        "find \x1b",
        "\x1b[A",
        "set \x1b=1",
        "compare",
        "drift name=Ō",
    )
    for spelling in (False, True):
        SPELLING.ascii = spelling
        try:
            said = await said_to(bench, *lines)
        finally:
            SPELLING.ascii = False
        assert all(line.isprintable() for line in said)
        assert not spelling or all(line.isascii() for line in said)


async def test_a_scenario_is_played(bench: Bench) -> None:
    """Each side is said when it is over, and the line after at the end."""
    laboratory = FakeLaboratory()
    talk = Talk(bench, "lab stampede", "lab what", laboratory=laboratory)
    running = asyncio.create_task(talk.conversation.run())
    await settle()
    side = Side("usual pattern", {"callers": 10, "p50_ms": 12.5}, {}, ("all asked at once",))
    laboratory.tells(side=asdict(side))
    laboratory.tells(end="10 reads")
    assert await running == 0
    assert talk.said[0].startswith("1,000 callers ask for one record")
    assert talk.said[1:4] == [
        "usual pattern: callers 10, p50 12.5 ms", "all asked at once", "10 reads",
    ]  # fmt: skip
    assert talk.said[4].startswith("error: the Lab has no 'what'; it has load, stampede")


async def test_a_load_is_set_and_run(bench: Bench) -> None:
    """For so long; how it does is said now and then, and in all at the end."""
    laboratory = FakeLaboratory()
    talk = Talk(bench, "lab readers +", "lab stampede -", "lab load 5", laboratory=laboratory)
    running = asyncio.create_task(talk.conversation.run())
    for second in (1, 2, 3, 4, 5):
        await bench.clock.advance(1)
        laboratory.tells(sample=replaced(SAMPLE, end=float(second)).to_json())
    assert await running == 0
    assert talk.said[:3] == [
        "readers: 50", "stampede: 100 callers", "a load for 5 s; ctrl+c stops it",
    ]  # fmt: skip
    assert talk.said[3] == (
        "500 lookups a second, hit ratio 90%, 40.0 database reads a second,"
        " database answers 21.0 ms p50"
    )
    assert talk.said[4].startswith("in all: 1,234 lookups a second")
    assert laboratory.started[0]["load"]["readers"] == 50


async def test_no_load_is_put_on_a_cache_of_others_unasked(bench: Bench) -> None:
    """A no ends it; the list of what there is asks nothing."""
    laboratory = FakeLaboratory()
    talk = Talk(bench, "lab", "lab load", "no", place=SHARED, laboratory=laboratory)
    await talk.conversation.run()
    assert any(line.startswith("stampede: 1,000 callers, ") for line in talk.said)
    assert talk.said[-2].endswith("Go on? (yes or no)")
    assert talk.said[-1] == "nothing was run"
    assert laboratory.started == []


async def interrupted(talk: Talk, bench: Bench, *when: Awaitable[None]) -> int:
    """Run a conversation, with ctrl+c whenever one of these has come to its end."""
    running = asyncio.create_task(talk.conversation.run())
    for each in when:
        await each
        talk.conversation.signal(signal.SIGINT)
    return await running


async def test_ctrl_c_cancels_what_runs(bench: Bench) -> None:
    """And the conversation goes on."""
    bench.table.gate.close()

    async def opens() -> None:
        bench.table.gate.open()

    talk = Talk(bench, "1", opens, "again", prompts=True)
    assert await interrupted(talk, bench, settle()) == 0
    assert "stopped" in talk.said
    assert any("DB, Amara" in line or "HIT, Amara" in line for line in talk.said)


async def test_a_write_that_is_stopped_may_be_made(bench: Bench) -> None:
    """It goes on behind, so it is said how to see what became of it."""
    bench.table.write_gate.close()

    async def opens() -> None:
        bench.table.write_gate.open()
        await settle()

    talk = Talk(bench, "1", "set name=Bo", opens, "bypass", prompts=True)
    assert await interrupted(talk, bench, settle(100)) == 0
    assert "it may be written all the same: bypass shows how the row is" in talk.said
    assert any("BYPASS, Bo" in line for line in talk.said)


async def test_ctrl_c_twice_leaves(bench: Bench) -> None:
    """The first says so; what is slow between the two starts anew."""

    async def for_ever() -> None:
        await asyncio.Event().wait()

    talk = Talk(bench, for_ever, prompts=True)
    assert await interrupted(talk, bench, settle(), bench.clock.advance(5), settle()) == 0
    assert talk.said.count("ctrl+c again leaves, and so does quit") == 2


async def test_a_pipe_is_interrupted_at_once(bench: Bench) -> None:
    """What follows in it was meant for after what was cancelled."""
    bench.table.gate.close()
    talk = Talk(bench, "1", "2")
    assert await interrupted(talk, bench, settle()) == 130
    assert talk.said == []
    bench.table.gate.open()


async def test_quit_leaves_and_so_does_a_signal(bench: Bench) -> None:
    """With the code of each."""
    assert await said_to(bench, "quit", "1") == []
    bench.table.gate.close()
    talk = Talk(bench, "1", prompts=True)
    running = asyncio.create_task(talk.conversation.run())
    await settle()
    talk.conversation.signal(signal.SIGTERM)
    assert await running == 143
    bench.table.gate.open()


async def test_a_fault_of_ours_is_not_passed_over(bench: Bench) -> None:
    """It ends the conversation, wherever it comes up."""
    talk = Talk(bench, "1")
    talk.conversation.fail(ZeroDivisionError("here"))
    with pytest.raises(ZeroDivisionError):
        await talk.conversation.run()
