"""Journeys over two runs: what was chosen in the first is there in the second."""

from fakes import Bench
from person import person_at_bench

from tui.config.state import KeptState, keep_state, read_state, state_path
from tui.views.themes import DARK


async def test_the_next_run_goes_on_where_this_one_was(bench: Bench) -> None:
    """The screen, the theme, the ttl that was chosen, and what was asked, on each screen."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        await person.looks_up("zoe")
        await person.presses("escape", "+", "2", "/", *"user", "enter")
        person.app.theme = "nord"
    assert person.app.left is not None
    assert keep_state(state_path(), person.app.left)
    kept = read_state(state_path())
    assert (kept.screen, kept.theme, kept.ttl) == ("cache", "nord", 60.0)
    async with person_at_bench(bench, start=kept) as person:
        assert "▐2 Cache▌" in person.lines[0]
        assert "connecting" not in person.status
        assert person.app.theme == "nord"
        await person.presses("1", "up")
        assert person.typed == "zoe"
        await person.presses("up")
        assert person.typed == "1"


async def test_what_was_only_given_for_a_run_is_not_kept(bench: Bench) -> None:
    """Neither a theme nor a ttl that nobody has changed."""
    async with person_at_bench(bench, start=KeptState(theme="nord", ttl=5.0)) as person:
        await person.looks_up("1")
    assert person.app.left is not None
    assert (person.app.left.theme, person.app.left.ttl) == (None, None)


async def test_a_screen_or_theme_that_is_not_there_is_no_error(bench: Bench) -> None:
    """Kept by another hitmiss: the usual ones take their place."""
    async with person_at_bench(bench, start=KeptState("balcony", theme="mauve")) as person:
        assert "▐1 Lookup▌" in person.lines[0]
        assert person.app.theme == DARK.name


async def test_what_is_wrong_with_the_file_is_told(bench: Bench) -> None:
    """In the line under the input, as text."""
    async with person_at_bench(bench, problem="[red]session.json: broken") as person:
        assert person.message == "[red]session.json: broken"


async def test_nothing_but_questions_is_kept(bench: Bench) -> None:
    """No record, no answer: the file has the texts that were typed, and names of ours."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        await person.presses("escape", "y", "d", "a")
        await person.has_all_answers()
    assert person.app.left is not None
    keep_state(state_path(), person.app.left)
    content = state_path().read_text()
    assert "Amara" not in content
    assert "example" not in content
