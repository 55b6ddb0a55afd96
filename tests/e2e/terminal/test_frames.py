"""What is sent instead of Textual's frames leaves the same screen, and is little."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.emulator import Emulator

from tui.terminal.abilities import Abilities, abilities_of
from tui.terminal.frames import Frames

WIDTH, HEIGHT = 20, 6
TERMS = [abilities_of(term) for term in ("xterm-256color", "tmux-256color", "vt100")]
PIECES = [
    "a",
    "b",
    " ",
    "    ",
    "          ",
    "─",
    "█",
    "é",
    "e\u0301",
    "漢",
    "字",
    "한",
    "🙂",
    "-",
]
SGRS = [
    "",
    "1",
    "3",
    "4",
    "7",
    "9",
    "31",
    "1;38;2;1;2;3",
    "48;2;9;9;9",
    "38;5;7;48;2;9;9;9",
    "97;41",
]
LINKS = ["", "", "", "https://example.com/a;b"]

Piece = tuple[int, int, list[str], str, str]
pieces = st.tuples(
    st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=12),
    st.sampled_from(SGRS), st.sampled_from(LINKS),
)  # fmt: skip


def width_of(text: str) -> int:
    """Give how many cells a text of PIECES takes."""
    return sum(2 if c in "漢字한🙂" else c != "\u0301" for c in text)


def written(piece: Piece) -> str:
    """Give a piece of a screen as Textual writes it: from a cell on, all styled, then reset."""
    row, column, parts, sgr, link = piece
    while parts and column + width_of("".join(parts)) > WIDTH:
        parts = parts[:-1]
    text = "".join(parts)
    if not text:
        return ""
    text = f"\x1b[{sgr}m{text}\x1b[0m" if sgr else text
    text = f"\x1b]8;id=1;{link}\x1b\\{text}\x1b]8;;\x1b\\" if link else text
    return f"\x1b[{row + 1};{column + 1}H{text}"


def frames_for(abilities: Abilities, width: int = WIDTH, height: int = HEIGHT) -> Frames:
    """Give frames that have begun, for a screen of which nothing is known."""
    frames = Frames(width, height, abilities)
    frames.begin()
    return frames


@pytest.mark.parametrize("abilities", TERMS)
@given(
    drawn=st.lists(
        st.tuples(st.lists(pieces, max_size=6), st.booleans()), min_size=1, max_size=8
    )
)
def test_the_difference_leads_to_the_same_screen(
    abilities: Abilities, drawn: list[tuple[list[Piece], bool]]
) -> None:
    """Whichever frames are never sent, the screen is, cell for cell, as if all had been."""
    stock = Emulator(WIDTH, HEIGHT)
    thin = Emulator(WIDTH, HEIGHT, in_colour=abilities.erases_in_colour)
    frames = frames_for(abilities)
    first = "".join(f"\x1b[{row + 1};1H{' ' * WIDTH}" for row in range(HEIGHT))
    stock.feed(first)
    frames.feed(first)
    for parts, sent in drawn:
        whole = "".join(map(written, parts)) + "\x1b[3;4H"
        stock.feed(whole)
        frames.feed(whole)
        if sent:
            thin.feed(frames.take())
            assert thin.cells == stock.cells
    thin.feed(frames.take())
    assert thin.cells == stock.cells
    assert thin.position == stock.position == (2, 3)
    assert frames.take() == ""


@pytest.mark.parametrize("abilities", TERMS)
def test_what_has_not_changed_is_not_sent(abilities: Abilities) -> None:
    """The same frame again costs nothing; one more cell costs a move and the cell."""
    frames = frames_for(abilities)
    frames.feed("\x1b[1;1Hhello\x1b[1;6H")
    assert "hello" in frames.take()
    frames.feed("\x1b[1;1Hhello\x1b[1;6H")
    assert frames.take() == ""
    frames.feed("\x1b[1;1Hhelp!\x1b[1;6H")
    assert frames.take() == "\b\bp!"


@pytest.mark.parametrize(("term", "way"), [("tmux", "\v\b"), ("vt100", "\x1b[B\b")])
def test_rows_below_are_reached_in_the_shortest_way(term: str, way: str) -> None:
    """The same column of the next row is two bytes away where the terminal is known."""
    frames = frames_for(abilities_of(term))
    for digit in "12":
        frames.feed(f"\x1b[2;4H{digit}\x1b[3;4H{digit}\x1b[4;4H{digit}\x1b[4;5H")
        sent = frames.take()
    assert sent.endswith(f"2{way}2{way}2")


def test_an_emoji_that_the_terminal_sees_differently_shifts_nothing() -> None:
    """Behind a joined emoji and a mark, everything is put into its place."""
    frames = frames_for(TERMS[0])
    frames.feed("\x1b[1;1H\U0001f469\u200d\U0001f467|x\u0928\u093f|\x1b[2;1H")
    sent = frames.take()
    assert "\U0001f469\u200d\U0001f467\x1b[1;3H|" in sent
    frames.feed("\x1b[1;1H..|\x1b[2;1H")
    assert "..|x" in frames.take()  # what it may have spilled over is sent again


def test_what_is_not_for_cells_goes_through_in_order() -> None:
    """Modes, questions, the bell and the clipboard reach the terminal as they are."""
    frames = frames_for(TERMS[0])
    told = "\x1b[?1000h\x1b[?2026$p\x1b[>25u\x07\x1b]52;c;aGk=\x07\x1b]22;text\x07"
    frames.feed(told)
    assert frames.take() == told


def test_after_an_unknown_sequence_everything_is_sent_again() -> None:
    """What may have moved or erased anything is believed to have done so."""
    frames = frames_for(TERMS[0])
    frames.feed("\x1b[1;1Hhello")
    frames.take()
    frames.feed("\x1b[3S")
    sent = frames.take()
    assert sent.startswith("\x1b[3S")
    assert "hello" in sent


def test_a_terminal_of_another_size_is_painted_anew() -> None:
    """After a resize nothing is taken for granted, and nothing lies outside."""
    frames = frames_for(TERMS[0])
    frames.feed("\x1b[1;1Hhello\x1b[6;1Hbelow")
    frames.take()
    frames.resize(4, 3)
    terminal = Emulator(4, 3)
    terminal.feed(frames.take())
    assert terminal.text == "hell\n    \n    "


def test_nothing_is_painted_on_a_screen_that_was_given_back() -> None:
    """The newest frame is dropped, and the style ends, when the terminal is given back."""
    frames = frames_for(TERMS[0])
    frames.feed("\x1b[1;1H\x1b[31mred\x1b[0m")
    frames.take()
    frames.feed("\x1b[1;1Hlate")
    frames.end()
    frames.feed("\x1b[?1049l")
    assert frames.take() == "\x1b[m\x1b[?1049l"


def test_only_long_frames_are_marked_and_only_if_textual_does() -> None:
    """A frame that comes in one piece anyway needs no mark for synchronised output."""
    frames = frames_for(TERMS[0])
    frames.feed("\x1b[1;1Hhello")
    assert "2026" not in frames.take()
    rows = "".join(f"\x1b[{row + 1};1H{'abcdefghij' * 2}" for row in range(HEIGHT))
    frames.feed(rows * 3)
    assert "2026" not in frames.take()
    frames = frames_for(TERMS[0], 60, 20)
    frames.feed("\x1b[?2026h\x1b[1;1H" + "x" * 60 * 5 + "\x1b[?2026l")
    frames.feed("".join(f"\x1b[{row};1H{'abc' * 20}" for row in range(1, 12)))
    sent = frames.take()
    assert sent.startswith("\x1b[?2026h")
    assert sent.endswith("\x1b[?2026l")
