"""Text from outside is shown, and nothing in it is obeyed."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.runtime.plain_text import JOINERS, is_unicode, json_line, plain, readable_json

any_text = st.text(st.characters(exclude_categories=[]))  # lone surrogates too


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[2J", r"\x1b[2J", id="clear the screen"),
        pytest.param("\x1b]0;title\x07", r"\x1b]0;title\x07", id="set the title"),
        pytest.param("\x9b31m", r"\x9b31m", id="C1 control sequence introducer"),
        pytest.param("\x85", r"\x85", id="C1 next line"),
        pytest.param("\x00\x7f\x08", r"\x00\x7f\x08", id="NUL, DEL, backspace"),
        pytest.param("a\nb\r\nc\td", r"a\nb\r\nc\td", id="line ends and tabs"),
        pytest.param("\u2028\u2029", r"\u2028\u2029", id="line and paragraph separators"),
        pytest.param("\u202e\u2066\u200f", r"\u202e\u2066\u200f", id="bidi overrides"),
        pytest.param("\ufeff\u200b\u00ad", r"\ufeff\u200b\xad", id="invisible characters"),
        pytest.param("\ud800x\udfff", r"\ud800x\udfff", id="lone surrogates"),
        pytest.param("\U000e0041", r"\U000e0041", id="tag characters"),
        pytest.param("\ue000\uffff", r"\ue000\uffff", id="private use, unassigned"),
    ],
)
def test_what_a_terminal_would_obey_becomes_visible(text: str, shown: str) -> None:
    """Control, format and surrogate characters are shown as escapes."""
    assert plain(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Amara Okafor",
        "[red]not markup[/red]",
        r"back\slash",
        "O'Brien “quoted”",
        "Zoe\u0308 — decomposed",
        "佐藤 千尋",
        "سلمى النجار",
        "می\u200cخواهم",
        "👩\u200d💻",
        "क्\u200dष",
    ],
)
def test_text_of_any_script_stays_as_it_is(text: str) -> None:
    """Letters, marks, markup characters and the two joiners are not touched."""
    assert plain(text) == text


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u202f", "\u3000"])
def test_every_space_is_shown_as_a_space(space: str) -> None:
    """Spaces of other widths are harmless, and become the usual one."""
    assert plain(f"a{space}b") == "a b"


def test_a_long_text_is_cut_and_says_how_long_it_was() -> None:
    """With a limit, 10,000 characters become that many and their number."""
    assert plain("x" * 10_000, 5) == "xxxxx… (10,000 characters)"
    assert plain("\x1b" * 10_000, 2) == r"\x1b\x1b… (10,000 characters)"


def test_a_text_within_the_limit_is_whole() -> None:
    """A limit that is not passed changes nothing, and without one nothing is cut."""
    assert plain("x" * 5, 5) == "xxxxx"
    assert plain("x" * 10_000) == "x" * 10_000


@given(any_text, st.none() | st.integers(1, 50))
def test_nothing_dangerous_is_ever_left(text: str, limit: int | None) -> None:
    """The output holds no control, format, surrogate or line-end character but the joiners."""
    for character in plain(text, limit):
        dangerous = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        assert not dangerous or character in JOINERS


@given(any_text)
def test_plain_text_is_plain(text: str) -> None:
    """Making it plain a second time changes nothing."""
    assert plain(plain(text)) == plain(text)


@given(any_text)
def test_unicode_is_what_utf_8_can_carry(text: str) -> None:
    """Text counts as Unicode exactly when it can be encoded."""
    try:
        text.encode()
    except UnicodeEncodeError:
        assert not is_unicode(text)
    else:
        assert is_unicode(text)


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda inner: st.lists(inner) | st.dictionaries(any_text, inner),
    max_leaves=8,
)


@given(any_json)
def test_json_for_programs_is_ascii_and_printable(value: object) -> None:
    """No terminal obeys it, no locale breaks it, and it means what it meant."""
    line = json_line(value)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == value


@given(any_json)
def test_json_for_people_is_printable(value: object) -> None:
    """All that cannot be seen is an escape, and it means what it meant."""
    text = readable_json(value)
    assert text.isprintable()
    assert json.loads(text) == value


def test_json_for_people_can_be_read() -> None:
    """Letters of all scripts stay; controls, overrides, zero widths and odd spaces do not."""
    assert readable_json({"a": "Zoë 佐藤 سلمى 👩"}) == '{"a": "Zoë 佐藤 سلمى 👩"}'
    hidden = "\x1b\x7f\x9b\u202e\u200b\u200d\ufeff\xa0\u2028\U000e0041\ud800"
    escaped = r"\u001b\u007f\u009b\u202e\u200b\u200d\ufeff\u00a0\u2028\udb40\udc41\ud800"
    assert readable_json([hidden]) == f'["{escaped}"]'
