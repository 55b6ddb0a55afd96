"""Keys: what a person types, and where the cache keeps a record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.models.keys import (
    LARGEST,
    SMALLEST,
    KeyTemplate,
    is_reserved,
    looks_like_integer,
    parse_key,
)
from tui.runtime.errors import InvalidKey, SettingsError
from tui.runtime.plain_text import plain


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("1", 1),
        (" 42\n", 42),
        ("+7", 7),
        ("-1", -1),
        ("-0", 0),
        ("007", 7),
        ("0" * 5000 + "1", 1),
        ("-" + "0" * 5000, 0),
        (str(2**63 - 1), LARGEST),
        (str(-(2**63)), SMALLEST),
    ],
)
def test_a_whole_number_is_a_key(text: str, key: int) -> None:
    """Signs, spaces around it and leading zeros make no difference."""
    assert parse_key(text, integer=True) == key


@pytest.mark.parametrize(
    "text",
    ["1; DROP TABLE users", "1e3", "1.0", "1_000", "0x10", "--1", "+-1", "- 1", "1 2", "½",
     "٣", "१", "\uff11", "²", "true", "1\x00", "\x1b[2J", "1\u202e", "\udcff", "x" * 10_000],
)  # fmt: skip
def test_other_text_is_no_key(text: str) -> None:
    """What is not a whole number in ASCII digits is refused, in a message of bounded length."""
    with pytest.raises(InvalidKey, match="is not a key") as caught:
        parse_key(text, integer=True)
    assert len(str(caught.value)) < 250
    assert str(caught.value) == plain(str(caught.value))


@pytest.mark.parametrize("integer", [True, False])
@pytest.mark.parametrize("text", ["", " ", "\n", "\u3000\t"])
def test_an_empty_line_is_no_key(text: str, integer: bool) -> None:
    """Nothing, or only white space, says that a key is missing."""
    with pytest.raises(InvalidKey, match="a key is missing"):
        parse_key(text, integer=integer)


@pytest.mark.parametrize(
    "text",
    [str(2**63), str(-(2**63) - 1), str(2**64), "9" * 19, "9" * 5000, "-" + "9" * 5000],
)
def test_a_number_beyond_64_bits_is_no_key(text: str) -> None:
    """What no column can hold is refused before SQLite sees it, in a short message."""
    with pytest.raises(InvalidKey, match="is too large for a key") as caught:
        parse_key(text, integer=True)
    assert len(str(caught.value)) < 150


@given(st.integers(SMALLEST, LARGEST))
def test_every_64_bit_number_is_its_own_key(number: int) -> None:
    """A key that was printed can be typed again."""
    assert parse_key(str(number), integer=True) == number


@given(st.text())
def test_any_text_is_a_key_or_is_refused(text: str) -> None:
    """No text does anything else than give a number that fits or raise InvalidKey."""
    try:
        key = parse_key(text, integer=True)
    except InvalidKey:
        return
    assert isinstance(key, int)
    assert SMALLEST <= key <= LARGEST


@pytest.mark.parametrize("text", ["1", " x ", "1; DROP TABLE users", "ключ", "\x1b[2J", "0x1"])
def test_a_text_key_is_kept_as_it_is(text: str) -> None:
    """A table with text keys gets exactly what was typed."""
    assert parse_key(text, integer=False) == text


def test_a_text_key_is_unicode() -> None:
    """Half a surrogate pair, which neither SQLite nor Redis takes, is refused."""
    with pytest.raises(InvalidKey, match="not Unicode"):
        parse_key("a\udcff", integer=False)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("1", True),
        (" -12 ", True),
        ("9" * 5000, True),
        ("", False),
        ("1a", False),
        ("٣", False),
    ],
)
def test_digits_look_like_a_key(text: str, is_one: bool) -> None:
    """A whole number of any size is a key and not something to search for."""
    assert looks_like_integer(text) is is_one


@pytest.mark.parametrize(
    ("template", "value_key"),
    [
        ("hitmiss:user:{id}", "hitmiss:user:7"),
        ("{id}", "7"),
        ("app:{{id}}:v2", "app:{7}:v2"),
        ("%s:{id}:{0}", "%s:7:{0}"),
    ],
)
def test_the_template_takes_the_key(template: str, value_key: str) -> None:
    """The record's key goes where {id} stands, and nothing else in the template counts."""
    assert KeyTemplate(template).value_key(7) == value_key


def test_a_key_that_looks_like_a_template_stays_text() -> None:
    """What is in a text key is not expanded."""
    assert KeyTemplate("a:{id}").value_key("{id}{0}%s") == "a:{id}{0}%s"


@pytest.mark.parametrize("template", ["", "users", "{ID}", "{id}:{id}", "{}", "\udcff{id}"])
def test_a_template_holds_one_placeholder(template: str) -> None:
    """A template without {id}, with two of them, or not of Unicode text is an error."""
    with pytest.raises(SettingsError, match="--key"):
        KeyTemplate(template)


@pytest.mark.parametrize(
    "template", ["{id}:hitmiss-lease", "a:{id}lease", "x{id}:y:hitmiss-lease"]
)
def test_a_template_does_not_end_as_leases_do(template: str) -> None:
    """No value key can be the lease of another record, so that none is deleted as one."""
    with pytest.raises(SettingsError, match="leases of hitmiss"):
        KeyTemplate(template)


@pytest.mark.parametrize("end", ["e", "lease", "-lease", "hitmiss-lease"])
def test_a_number_brings_nothing_of_a_lease_s_end(end: str) -> None:
    """With keys that are whole numbers a template may end as the rest of a lease's end."""
    template = KeyTemplate(f"x:{{id}}{end}", integer=True)
    assert template.value_key(-12) == f"x:-12{end}"
    assert template.id_of(f"x:-12{end}", integer=True) == -12
    for other in ("1e", "1e5", "01", "+1", "1.0", "", ":hitmiss-", ":hitmiss-leas"):
        assert template.id_of(f"x:{other}{end}", integer=True) is None
    for wrong in ("x:{id}:hitmiss-lease", "x:{id}1:hitmiss-lease"):
        with pytest.raises(SettingsError, match="leases of hitmiss"):
            KeyTemplate(wrong, integer=True)


def test_no_text_key_ends_as_leases_do() -> None:
    """What ends as a lease is no record's key; what ends in `:lease` is one like any other."""
    with pytest.raises(InvalidKey, match="lease"):
        parse_key("1:hitmiss-lease", integer=False)
    template = KeyTemplate("{t}:flat:{id}")
    assert template.id_of("{t}:flat:1:lease", integer=False) == "1:lease"
    assert template.id_of("{t}:flat:1:hitmiss-lease", integer=False) is None
    assert is_reserved("{t}:flat:1:hitmiss-lease")
    assert not is_reserved("{t}:flat:1:lease")
