"""The explorer where nothing but ASCII can be shown."""

import json
from collections.abc import Iterator

import pytest
from fakes import Bench
from person import Person, person_at_bench

from tui.runtime.glyphs import in_ascii, locale_has_unicode
from tui.runtime.plain_text import SPELLING


@pytest.fixture(autouse=True)
def in_ascii_alone() -> Iterator[None]:
    """Show nothing but ASCII, until the test is over."""
    SPELLING.ascii = True
    yield
    SPELLING.ascii = False


def is_plain(person: Person) -> bool:
    """Tell whether no cell of the screen holds a character above 0x7e."""
    return all(" " <= character <= "~" for character in person.text if character != "\n")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_no_cell_of_any_screen_holds_anything_else(
    bench: Bench, size: tuple[int, int]
) -> None:
    """Bars, borders, marks, keys, dialogs, and names in any script, also typed ones."""
    bench.table.rows[1] = {"id": 1, "name": "Zoë 佐藤 \u202e", "ключ": "значение"}
    for id in range(2, 40):
        bench.cache.put(f"hitmiss:user:{id}", json.dumps({"id": id, "é": "ü"}).encode(), 90.0)
    bench.cache.put("hitmiss:user:1", json.dumps({"id": 1, "name": "佐"}).encode(), 40.0)
    async with person_at_bench(bench, size=size) as person:
        assert is_plain(person)
        await person.looks_up("1")
        assert "\\u4f50" in person.text
        assert "====" in person.text, "the bar"
        assert is_plain(person)
        await person.types("zoë")
        await person.has_all_answers()
        assert is_plain(person)
        assert ". up down choose . enter looks up" in person.message
        await person.presses("escape", "escape", "enter")
        assert is_plain(person)
        for keys in (("escape", "?"), ("escape", "u"), ("escape", "2"), ("I",), ("n", ":")):
            await person.presses(*keys)
            await person.has_all_answers()
            assert is_plain(person), keys
        await person.presses("escape", "3", "/", "1", "enter")
        await person.has_all_answers()
        await person.presses("escape", "a", "ctrl+c")
        await person.sees("suspect")
        assert "! name" in person.text
        assert is_plain(person)


async def test_keys_have_names_where_their_signs_cannot_be_shown(bench: Bench) -> None:
    """The footer says enter, not an arrow that has become a question mark."""
    async with person_at_bench(bench) as person:
        assert "enter Look up" in person.footer
        assert "?" not in person.footer


@pytest.mark.parametrize(
    ("environment", "unicode"),
    [
        ({}, True),
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "en_US.utf8"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, False),
        ({"LC_ALL": "POSIX"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "de_DE@euro", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "de_DE.UTF-8", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "C.UTF-8", "LC_ALL": ""}, True),
    ],
)
def test_the_locale_decides(environment: dict[str, str], unicode: bool) -> None:
    """The first of LC_ALL, LC_CTYPE and LANG does, but for what Python itself has put there."""
    assert locale_has_unicode(environment) is unicode


def test_each_character_keeps_its_place() -> None:
    """One for one, so that columns stay columns."""
    assert in_ascii("━━╸·· é›") == "==-.. ?>"
