"""Demonstrations as they are played, and how a person takes over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from fakes import settle
from person import Person
from textual.events import Key, Paste

from tui.bootstrap import Services, open_services, session_of
from tui.cli.commands.demo import plan_of, uniform_of
from tui.config.settings import Settings, resolve
from tui.config.state import KeptState
from tui.demos.caption import DemoCaption
from tui.demos.explorer import DemoExplorer
from tui.demos.pace import DemoPace
from tui.demos.player import Player, key_event
from tui.demos.script import Script, find_script, next_after, packaged, read_script
from tui.runtime.clock import SystemClock
from tui.runtime.faults import Faults
from tui.views.screens.detail import DetailScreen
from tui.views.screens.lookup import LookupScreen

USUAL = resolve({}, {}, {}, "")
FAST = 1000.0

EXPECTED = {
    "expiry": "1 DB, 1 HIT, 1 DB, 99999 NOT_FOUND, 99999 NEGATIVE, 99999 NOT_FOUND",
    "invalidation": "1 DB, 1 HIT, 1 DB, 1 HIT, 1 DB",
    "outage": "1 DB, 1 HIT, 1 BYPASS, 1 BYPASS, 1 BYPASS, 1 BYPASS, 1 HIT, 1 HIT, 1 STALE,"
    " 2 ERROR, 2 DB",
    "stampede": ", ".join(["1 DB"] * 400 + ["1 BYPASS"] * 200),
    "drift": "1 DB, 2 DB, 3 DB, 3 HIT, 3 DB",
}
"""The answers that each demonstration is about, in order."""
READS = {"expiry": {4}, "invalidation": {3}, "outage": {6}, "stampede": {3, 4}, "drift": {4}}
"""How many times it reads the database with success.

Past the cache nothing is stored: who comes when the crowd's read has begun already waits for a
second one, which all of those share.
"""


@asynccontextmanager
async def playing(script: Script, speed: float = FAST, **how: Any) -> AsyncIterator[Person]:
    """Play on a screen of 80x24, in front of a person."""
    faults = Faults()
    with plan_of(USUAL, script, by_step=how.get("by_step", False)) as plan:
        async with open_services(plan, faults=faults, uniform=uniform_of(script)) as services:

            async def open_once() -> Services:
                return services

            session = session_of(plan, open_once, KeptState(), faults)
            app = DemoExplorer(session, SystemClock(), script=script, speed=speed, **how)
            eager = getattr(asyncio, "eager_task_factory", None)
            asyncio.get_running_loop().set_task_factory(eager)
            async with app.run_test(size=(80, 24), notifications=True) as pilot:
                yield Person(app, pilot)
                app.exit()


def demo_of(person: Person) -> DemoExplorer:
    """Give the app as what it is."""
    assert isinstance(person.app, DemoExplorer)
    return person.app


async def to_the_end(person: Person) -> None:
    """Wait until the script has been played."""
    async with asyncio.timeout(60):
        while demo_of(person).is_playing:
            await asyncio.sleep(0.01)
    await person.settles()


@dataclass
class Play:
    """What came of a demonstration."""

    answers: str = ""
    """Of each lookup, oldest first."""
    reads: int = 0
    """How many times the database was read."""
    screens: dict[str, str] = field(default_factory=dict)
    """What stood on the screen when a caption came up."""


async def play(script: Script) -> Play:
    """Play a script to its end."""
    played = Play()
    async with playing(script) as person:
        demo = demo_of(person)
        say = demo.say

        async def say_and_look(text: str) -> None:
            await say(text)
            await person.sees(text)  # on a screen that has just been opened it comes later
            played.screens[text] = person.text

        demo.say = say_and_look  # type: ignore[method-assign]
        await to_the_end(person)
        played.answers = ", ".join(reversed(person.answers))
        played.reads = person.app._session.tally.database_reads
    return played


@pytest.mark.parametrize("name", EXPECTED)
async def test_each_shows_the_same_every_time(name: str) -> None:
    """It comes to the answers that its captions speak of; and so it does when played again."""
    script = find_script(name)
    if name == "expiry":  # what expires by itself takes its time at any speed
        script = replace(script, settings={**script.settings, "ttl": 2, "negative-ttl": 2})
    # Each begins with a new database and cache, so that for one of them to do so is enough.
    for _ in range(2 if name == "invalidation" else 1):
        played = await play(script)
        assert played.answers == EXPECTED[name]
        assert played.reads in READS[name]
        if name == "drift":
            (screen,) = (s for caption, s in played.screens.items() if "i forgets" in caption)
            assert "1 confirmed" in screen
            assert "≠ city" in screen
        if name == "stampede":
            (screen,) = (s for caption, s in played.screens.items() if "All were" in caption)
            assert " 1 db read " in screen
            assert "pending…" not in screen
            (screen,) = (s for caption, s in played.screens.items() if "Unprotected" in caption)
            assert "1,000" in screen


async def test_captions_and_keys_are_shown_on_every_screen() -> None:
    """The first two lines are the demonstration's, also over a dialog."""
    script = read_script(
        "title A title\nsay Look here.\ntype 1\npress enter escape\npress enter\n"
        "say The whole.\npress escape 2\nsay Another screen.\npress 1\n", "t",
    )  # fmt: skip
    screens = (await play(script)).screens
    title, *captions = screens.values()
    assert "DEMO  A title\n" in title
    assert "again: the cache does" in title
    assert "in the shell: a demonstration" not in title
    seen = [" ".join(" ".join(screen.splitlines()[:3]).split()) for screen in captions]
    assert [line.partition("any key takes over ")[0] for line in seen] == [
        "DEMO Look here. ",
        "DEMO The whole. keys 1 enter escape enter ",
        "DEMO Another screen. keys 1 enter escape enter escape 2 ",
    ]
    below = [line.partition("any key takes over ")[2] for line in seen]
    assert below[0].startswith("hitmiss ▐1 Lookup▌")
    assert below[1].startswith("hitmiss ▐1 Lookup▌")
    assert "─ record 1 ─" in captions[1]
    assert below[2].startswith("hitmiss 1 Lookup ▐2 Cache▌")


async def test_a_dialog_that_closes_uncovers_the_latest_caption() -> None:
    """Not the one that stood there when it was opened."""
    script = read_script(
        "title T\ntype 1\npress enter escape\nsay First.\npress enter\nsay Second.\npause 1h",
        "t",
    )
    async with playing(script, speed=100.0) as person:
        await person.waits_for(lambda: "Second." in person.text)
        person.app.pop_screen()
        await person.waits_for(lambda: isinstance(person.app.screen, LookupScreen))
        await person.sees("Second.")
        assert "First." not in person.text


async def test_the_latency_of_a_demonstration_is_labelled() -> None:
    """A script that makes the database slow says so, as every fault does."""
    script = read_script("title T\nset database-latency 5ms\ntype 1\npress enter", "t")
    async with playing(script) as person:
        await to_the_end(person)
        assert "ON PURPOSE: database slow +5 ms" in person.text
        assert "ttl 30 s" in person.text


LONG = read_script("title T\ntype 1\npress enter\nsay Now wait.\npause 1h\npress R", "long")


@pytest.mark.parametrize("key", ["q", "x", "escape", "ctrl+c", "enter"])
async def test_any_key_takes_over(key: str) -> None:
    """It ends the demonstration and does nothing else; the next does what it always does."""
    async with playing(LONG, speed=1.0) as person:
        await person.waits_for(lambda: "Now wait." in person.text)
        await person.waits_for(lambda: person.answers == ["1 DB"])
        await person.presses(key)
        assert not demo_of(person).is_playing
        assert not person.app.query(DemoCaption)
        assert "the demonstration has ended; the explorer is yours" in person.text
        assert person.answers == ["1 DB"]
        await person.presses("escape", "r")
        await person.has_all_answers()
        assert person.answers == ["1 HIT", "1 DB"]


async def test_a_paste_takes_over_too() -> None:
    """What is pasted while it plays is not looked up."""
    async with playing(LONG, speed=1.0) as person:
        await person.waits_for(lambda: "Now wait." in person.text)
        person.app.post_message(Paste("7\n8"))
        await person.settles()
        assert not demo_of(person).is_playing
        assert "7" not in " ".join(person.answers)


async def test_ctrl_q_quits_while_it_plays() -> None:
    """The footer says so; other keys only take over."""
    async with playing(LONG, speed=1.0) as person:
        await person.waits_for(lambda: "Now wait." in person.text)
        person.app.post_message(Key("ctrl+q", None))
        await person.waits_for(lambda: person.app._exit)
        assert person.app.return_code == 0


async def test_a_caption_is_whole_where_there_is_little_room() -> None:
    """In fewer than 80 columns it has two lines, and the screen below as many rows fewer."""
    longest = "These are some of the words that a caption may have, up to seventy-two."
    script = read_script(f"title T\nsay {longest}\npause 1h", "t")
    async with playing(script, speed=1.0) as person:
        await person.waits_for(lambda: longest in person.lines[0])
        assert "hitmiss" in person.lines[2]
        await person.pilot.resize_terminal(60, 16)
        await person.waits_for(lambda: "1 Lookup" in person.lines[3])
        assert longest in " ".join(" ".join(person.lines[:2]).split())


async def test_taking_over_in_a_dialog() -> None:
    """The dialog stays open, without the caption, and its keys work."""
    script = read_script("title T\ntype 1\npress enter escape enter\npause 1h", "t")
    async with playing(script, speed=100.0) as person:
        await person.waits_for(lambda: isinstance(person.app.screen, DetailScreen))
        await person.presses("j")
        assert isinstance(person.app.screen, DetailScreen)
        assert "DEMO" not in person.text
        await person.presses("escape")
        assert isinstance(person.app.screen, LookupScreen)
        assert "DEMO" not in person.text


async def test_at_the_end_the_explorer_is_yours() -> None:
    """The last caption says so; the first key puts it away, and does what it always does."""
    async with playing(read_script("title T\ntype 1\npress enter escape", "t")) as person:
        await to_the_end(person)
        assert "r again · n plays drift · other keys explore" in person.lines[1]
        await person.presses("R")
        await person.has_all_answers()
        assert person.answers == ["1 BYPASS", "1 DB"]
        assert "DEMO" not in person.text
        await person.presses("r")
        await person.has_all_answers()
        assert person.answers == ["1 HIT", "1 BYPASS", "1 DB"]


def test_nothing_of_the_user_is_used(tmp_path: Path) -> None:
    """Whatever is set elsewhere: an embedded cache, a database of its own, gone afterwards."""
    mine: Settings = resolve(
        {}, {"db": str(tmp_path / "mine.db"), "cache": "redis://h:1", "read-only": True}, {}, ""
    )
    script = read_script("title T\nset ttl 5s\nset grace 7s\nset seed 3\nsay s", "t")
    with plan_of(mine, script) as plan:
        settings = plan.settings
        assert (settings.cache, settings.read_only) == ("embedded", False)
        assert (settings.ttl, settings.grace, settings.negative_ttl) == (5.0, 7.0, 10.0)
        path = Path(plan.database)
        assert path.is_file()
        assert tmp_path not in path.parents
    assert not path.parent.exists()
    assert list(tmp_path.iterdir()) == []


class Audience:
    """A stage that remembers."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.seen: list[str] = []

    async def say(self, text: str) -> None:
        """Remember a caption."""
        self.seen.append(text)

    async def press(self, event: Key | Paste, name: str) -> None:
        """Remember a key."""
        self.seen.append(event.key if isinstance(event, Key) else name)

    async def calm_down(self) -> None:
        """Be calm."""


async def test_speed_is_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as fast, captions, keys and pauses take half as long, and waits as long as ever."""
    slept: dict[float, list[float]] = {}
    script = read_script("title T\nsay S\ntype ab\npress enter\npause 3s\nwait 2s", "t")
    session: Any = None
    for speed in (1.0, 2.0):
        slept[speed] = []

        async def sleep(seconds: float, speed: float = speed) -> None:
            slept[speed].append(seconds)

        monkeypatch.setattr("tui.demos.player.asyncio.sleep", sleep)
        audience = Audience()
        await Player(script, audience, session, speed).play()
        assert audience.seen == ["T", "S", "a", "b", "enter"]
    assert [pause / 2 for pause in slept[1.0][:-1]] == slept[2.0][:-1]
    assert (slept[1.0][-1], slept[2.0][-1]) == (2.0, 2.0)
    assert slept[1.0][-2] == 3.0


@pytest.mark.parametrize(
    ("key", "name", "character"),
    [
        ("a", "a", "a"), ("A", "A", "A"), ("7", "7", "7"), ("/", "slash", "/"),
        ("?", "question_mark", "?"),
        ("+", "plus", "+"), ("-", "minus", "-"), (":", "colon", ":"), ("_", "underscore", "_"),
        ("space", "space", " "), ("enter", "enter", None), ("ctrl+u", "ctrl+u", None),
        ("é", "é", "é"),
    ],
)  # fmt: skip
def test_keys_are_what_the_terminal_would_send(
    key: str, name: str, character: str | None
) -> None:
    """A character by the name that Textual gives it; the others by their own."""
    event = key_event(key)
    assert (event.key, event.character) == (name, character)


class EmptyStage:
    """Takes everything at once, and notes when which key was pressed."""

    def __init__(self) -> None:
        """Begin at 0 seconds."""
        self.seconds = 0.0
        self.pressed: list[tuple[float, str]] = []

    async def say(self, text: str) -> None:
        """Show nothing."""

    async def press(self, event: Key | Paste, name: str) -> None:
        """Note it."""
        self.pressed.append((self.seconds, name))

    async def calm_down(self) -> None:
        """Have nothing to wait for."""

    async def sleep(self, seconds: float) -> None:
        """Let time pass, on this stage alone."""
        self.seconds += seconds


@pytest.mark.parametrize("name", EXPECTED)
async def test_at_a_speaker_s_speed_copies_live_for_long_enough(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is to be a HIT comes in time, however long one reads: it is not only so in tests."""
    script = find_script(name)
    stage = EmptyStage()
    monkeypatch.setattr("tui.demos.player.asyncio.sleep", stage.sleep)
    faults = Faults()
    with plan_of(USUAL, script) as plan:
        async with open_services(plan, faults=faults) as services:

            async def open_once() -> Services:
                return services

            session = session_of(plan, open_once, KeptState(), faults)
            await Player(script, stage, session, 1.0).play()
    shortest = 0.9 * script.settings["ttl"]
    if name == "expiry":  # which waits for the end of its copy, after the first two
        asked = [seconds for seconds, key in stage.pressed if key == "enter"]
        assert asked[1] - asked[0] < shortest / 2
    else:
        assert stage.seconds < shortest / 2


def test_played_slowly_copies_live_for_longer() -> None:
    """At half the speed for twice as long; played fast for as long as ever."""
    script = find_script("expiry")
    ttls = {}
    for speed in (0.5, 1.0, 10.0):
        with plan_of(USUAL, script, speed) as plan:
            ttls[speed] = plan.settings.ttl
    assert ttls == {0.5: 20.0, 1.0: 10.0, 10.0: 10.0}


def test_step_by_step_copies_live_while_somebody_talks() -> None:
    """For an hour at least; a grace of nothing stays so."""
    with plan_of(USUAL, find_script("expiry"), by_step=True) as plan:
        assert (plan.settings.ttl, plan.settings.negative_ttl) == (3600.0, 3600.0)


STEPS = read_script(
    "title The title\nsay First.\ntype 1\npress enter\nsay Second.\nuntil 1 expires\n"
    "press enter\nsay Third.\nseen two answers", "mine",
)  # fmt: skip


async def test_space_goes_on_from_caption_to_caption() -> None:
    """The title stays first, before any key; each caption until somebody has read it."""
    async with playing(STEPS, by_step=True) as person:
        await person.sees("The title")
        await person.settles()
        assert person.answers == []
        assert "space goes on · b back · p holds · others take over" in person.lines[1]
        await person.presses("space")
        await person.sees("First.")
        assert person.answers == []
        await person.presses("space")
        await person.sees("Second.")
        assert person.answers == ["1 DB"]
        await person.presses("space")
        await person.sees("Third.")
        await person.waits_for(lambda: person.answers == ["1 DB", "1 DB"])  # made to expire
        await person.presses("space")
        await person.sees("Seen: two answers")
        assert "r again · n plays drift · b back · other keys explore" in person.lines[1]


async def test_p_holds_it_and_other_keys_take_over() -> None:
    """The line of keys says which it is."""
    async with playing(STEPS, by_step=True) as person:
        await person.sees("The title")
        await person.presses("p")
        assert "p goes on" in person.lines[1]
        await person.presses("p")
        assert "p holds" in person.lines[1]
        await person.presses("x")
        assert not demo_of(person).is_playing
        assert "DEMO" not in person.text


async def test_held_it_presses_no_key() -> None:
    """It waits before the next one, for as long as nobody lets it go on."""
    audience, pace = Audience(), DemoPace()
    pace.hold()
    session: Any = None
    script = read_script("title T\nsay S\ntype ab\n", "t")
    playing = asyncio.create_task(Player(script, audience, session, FAST, pace).play())
    while audience.seen != ["T", "S"]:
        await asyncio.sleep(0)
    await settle(100)
    assert audience.seen == ["T", "S"]
    pace.hold()
    await playing
    assert audience.seen == ["T", "S", "a", "b"]


async def test_back_is_played_from_the_caption_before() -> None:
    """B leaves for it; begun there, all before is played without a pause."""
    async with playing(STEPS, by_step=True) as person:
        await person.sees("The title")
        for caption in ("First.", "Second.", "Third."):
            await person.presses("space")
            await person.sees(caption)
        await person.presses("b")
        wanted = demo_of(person).wanted
        assert wanted is not None
        assert (wanted.script, wanted.caption) == (STEPS, 2)
    async with playing(STEPS, speed=1.0, by_step=True, begin_at=2) as person:
        await person.sees("Second.")
        assert person.answers == ["1 DB"]
        await person.presses("space")
        await person.sees("Third.")


@pytest.mark.parametrize(("key", "name"), [("r", "mine"), ("n", "drift")])
async def test_at_the_end_it_plays_again_or_the_next(key: str, name: str) -> None:
    """R is the same once more, n what comes after it; b is no key there unless by step."""
    async with playing(replace(STEPS, steps=STEPS.steps[:3])) as person:
        await to_the_end(person)
        await person.presses(key)
        wanted = demo_of(person).wanted
        assert wanted is not None
        assert (wanted.script.name, wanted.caption) == (name, 0)


async def test_a_recording_offers_nothing_at_its_end() -> None:
    """What would be played then would be no part of it."""
    async with playing(replace(STEPS, steps=STEPS.steps[:3]), offers=False) as person:
        await to_the_end(person)
        assert "it is over: the explorer is yours" in person.lines[1]
        await person.presses("n")
        assert demo_of(person).wanted is None


def test_the_next_goes_round() -> None:
    """Behind the last comes the first."""
    names = [script.name for script in packaged()]
    assert [next_after(name) for name in names] == [*names[1:], names[0]]
    assert all(script.seen for script in packaged())
