"""TOML that is parsed, and what is not given to the parser at all."""

import tomllib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.config.toml_text import (
    DEEPEST,
    LONGEST_WORD,
    MOST_PARTS,
    MOST_WORDS,
    QUOTED,
    parse_toml,
)

PIECES = [
    "[",
    "]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "\n",
    "a",
    "1",
    '"',
    "'",
    '"""',
    "'''",
    "#",
    "\\",
    " ",
]


@pytest.mark.parametrize(
    "text",
    [
        f"a = {'[' * 100_000}",
        f"a = {'[' * 100_000}{']' * 100_000}",
        f"a = {'{a=' * 50_000}",
        "a = " + "[\n" * (DEEPEST + 1),
        'a = "]" ' + "\na = [".join([""] * 2) + '"[" ,' + "[" * DEEPEST,
    ],
)
def test_brackets_do_not_nest_without_an_end(text: str) -> None:
    """Each would cost the parser's stack."""
    with pytest.raises(ValueError, match="more than 32 brackets are open at once"):
        parse_toml(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * 2_000 + " = 1",
        "." * 400_000,
        f"[{'a.' * 100_000}a]",
        'a = {"b"' + ' . "b"' * MOST_PARTS + " = 1}",
        "a" + " . a" * MOST_PARTS + " = 1",
        "x = '''\n.'''\n'a'" + ".'a'" * MOST_PARTS + " = 1",
    ],
)
def test_a_key_does_not_have_any_number_of_parts(text: str) -> None:
    """The parser would take a time that grows with their square."""
    with pytest.raises(ValueError, match="a key has more than 16 parts"):
        parse_toml(text)


@pytest.mark.parametrize("text", ["a = 0x" + "f" * 900_000, "a = " + "9" * 5_000, "a" * 2_000])
def test_a_number_is_not_longer_than_python_spells(text: str) -> None:
    """Nobody could show it, not even in an error."""
    with pytest.raises(ValueError, match=f"more than {LONGEST_WORD:,} characters"):
        parse_toml(text)


@pytest.mark.parametrize("line", ["[t%d]\n", "k%d = 1\n", "[[t]]\nk%d = 1\n", "t = [%d]\n"])
def test_there_are_not_any_number_of_names(line: str) -> None:
    """A megabyte of them would take seconds."""
    text = "".join(line % number for number in range(MOST_WORDS + 1))
    with pytest.raises(ValueError, match="more than 20,000 names and values"):
        parse_toml(text)


@pytest.mark.parametrize("quote", ['"', "'", '"""', "'''"])
def test_a_text_may_hold_anything(quote: str) -> None:
    """Brackets, dots and length mean nothing inside of quotes or of a comment."""
    inside = "[{." * 1_000
    parsed = parse_toml(f"# {inside}\na = {quote}{inside}{quote} # {inside}\nb = [[1.5]]")
    assert parsed == {"a": inside, "b": [[1.5]]}


def test_what_a_person_writes_is_parsed() -> None:
    """As deep, and with as many parts, as the bounds have it."""
    deep = "[" * (DEEPEST - 1)
    text = f'{"a." * (MOST_PARTS - 1)}a = {deep}"x"{deep.replace("[", "]")}'
    assert parse_toml(text) == tomllib.loads(text)


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_it_is_what_python_parses(text: str) -> None:
    """Unless it is refused, which short texts are not."""
    with suppress(tomllib.TOMLDecodeError):
        if max(text.count("."), text.count("[") + text.count("{")) < MOST_PARTS:
            assert parse_toml(text) == tomllib.loads(text)


@given(
    st.sampled_from(['"', "'", '"""', "'''", "#"]),
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
)
def test_looking_for_quotes_never_begins_in_vain(quote: str, rest: str) -> None:
    """Else each quote of a text without an end would be followed to the end of the text."""
    assert QUOTED.match(quote + rest)


@pytest.mark.parametrize(
    "text",
    ['"\\' * 400_000, 'a = """' + '\\"""' * 200_000 + "\\", '"' * 900_000, "'\"#" * 300_000],
)
def test_quotes_without_an_end_are_no_toml(text: str) -> None:
    """They are refused, after one look at each character."""
    with pytest.raises(ValueError, match=r"."):
        parse_toml(text)
