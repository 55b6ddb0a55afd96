"""What happens when more is typed than can be taken."""

from pathlib import Path

import pytest
from fakes import Bench, ManualClock
from person import person_at_bench
from terminal.window import Window
from textual.events import Key, Paste

from tui.terminal.backlog import CAUGHT_UP, MOST_AHEAD, PATIENCE_SECONDS, Backlog
from tui.views.widgets.keys_in_turn import KeysInTurn


class Crowd:
    """Somebody who types far too much, before an app that takes as much as a test says."""

    def __init__(self) -> None:
        """Begin with nothing typed."""
        self.ahead = 0
        self.clock = ManualClock()
        self.backlog = Backlog(lambda: self.ahead, self.clock.monotonic)


@pytest.fixture
def crowd() -> Crowd:
    """A crowd that has not typed yet."""
    return Crowd()


def test_what_a_person_types_is_always_taken(crowd: Crowd) -> None:
    """However slow the app is, some hundred keys wait for it."""
    crowd.ahead = MOST_AHEAD
    assert not crowd.backlog.is_full()
    assert not crowd.backlog.is_flooded


def test_a_text_that_a_program_types_is_held_up(crowd: Crowd) -> None:
    """It stays on the line until there is room, and nothing of it is lost."""
    crowd.ahead = MOST_AHEAD + 1
    assert crowd.backlog.is_full()
    crowd.ahead = MOST_AHEAD
    assert not crowd.backlog.is_full()
    assert not crowd.backlog.is_flooded


def test_a_flood_is_passed_over_until_it_ends(crowd: Crowd) -> None:
    """What goes on for seconds is no typing; silence, or an app that caught up, ends that."""
    for end in (crowd.backlog.is_over, lambda: setattr(crowd, "ahead", CAUGHT_UP)):
        crowd.ahead = MOST_AHEAD + 1
        assert crowd.backlog.is_full()
        crowd.clock.now += PATIENCE_SECONDS
        assert not crowd.backlog.is_full()
        assert crowd.backlog.is_flooded
        crowd.ahead = MOST_AHEAD - 1
        assert not crowd.backlog.is_full()
        assert crowd.backlog.is_flooded
        end()
        assert not crowd.backlog.is_full()
        assert not crowd.backlog.is_flooded


async def test_the_app_tells_how_much_waits(bench: Bench) -> None:
    """Keys that wait for the one before count, a long paste as much as its kilobytes."""
    taken = []

    async def deliver(typed: Key | Paste) -> None:
        taken.append(typed)

    async with person_at_bench(bench) as person:
        keys = KeysInTurn(person.app, deliver)
        for _ in range(50):
            await keys.take(Key("a", "a"))
        await keys.take(Paste("x" * 10_240))
        assert (len(taken), keys.count) == (1, 49 + 11)
        person.app.post_message(Key("a", "a"))
        assert person.app.typed_ahead == 1
        await person.waits_for(lambda: person.app.typed_ahead == 0)


def test_a_flood_can_be_left(users_db: Path) -> None:
    """Keys without end, faster than they can be taken: ctrl+q in their midst ends it."""
    with Window("--db", users_db) as window:
        window.shows("look up", "Quit")
        window.types("zm" * 3_000 + "\x11")
        end = window.ends()
    assert end.is_clean
    assert end.code == 0
