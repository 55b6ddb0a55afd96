"""The stylesheet that keeps what it has parsed."""

from fakes import Bench
from person import person_at_bench

from tui.views.widgets.kept_rules import KeptRules


async def test_a_second_screen_parses_only_what_is_its_own(bench: Bench) -> None:
    """The rules that were there already are the same objects on the next screen."""
    async with person_at_bench(bench) as person:
        before = {id(rule) for rule in person.app.stylesheet.rules}
        await person.presses("escape", "2")
        await person.has_all_answers()
        after = {id(rule) for rule in person.app.stylesheet.rules}
        assert before < after


async def test_another_theme_has_its_own_colours(bench: Bench) -> None:
    """With other variables everything is parsed anew: the same widget changes its colour."""
    async with person_at_bench(bench) as person:
        dark = person.screen.styles.background
        person.app.theme = "textual-light"
        await person.settles()
        assert person.screen.styles.background != dark
        person.app.theme = "hitmiss"
        await person.settles()
        assert person.screen.styles.background == dark


def test_variables_that_are_the_same_keep_what_was_parsed() -> None:
    """Nothing is parsed again for them, and everything for others."""
    sheet = KeptRules(variables={"tint": "red"})
    sheet.add_source("Label { color: $tint; }", ("here", "there"))
    sheet.parse()
    (rule,) = sheet.rules
    sheet.set_variables({"tint": "red"})
    sheet.reparse()
    assert sheet.rules[0] is rule
    sheet.set_variables({"tint": "blue"})
    sheet.reparse()
    assert sheet.rules[0] is not rule
