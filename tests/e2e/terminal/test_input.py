"""What a terminal sends, in any packets, at any time: keys come through, nothing else."""

import random
import tracemalloc
from collections.abc import Iterator
from itertools import product

import pytest
from fakes import ManualClock
from terminal.fuzz import KNOWN, nearly_right, packets, random_bytes
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.events import (
    AppBlur,
    AppFocus,
    CursorPosition,
    Key,
    MouseMove,
    Paste,
    Resize,
)
from textual.message import Message
from textual.messages import InBandWindowResize, TerminalSupportsSynchronizedOutput

from tui.terminal.framing import LONGEST_SEQUENCE, SHIFTED
from tui.terminal.keyboard import CutPaste, Keyboard
from tui.terminal.unbounded import LONGEST_PASTE

REPLIES = [
    b"\x1b[?62;1;4c", b"\x1b[>41;370;0c", b"\x1b[=0;1;0c", b"\x1bP!|7E565445\x1b\\",
    b"\x1b]10;rgb:ffff/ffff/ffff\x07", b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
    b"\x1b]4;255;rgb:0/0/0\x07", b"\x1b]52;c;" + b"QUJD" * 9000 + b"\x1b\\", b"\x1b]8;;\x1b\\",
    b"\x1bP>|tmux 3.4\x1b\\", b"\x1bP1$r0m\x1b\\", b"\x1bP1+r544e=787465726d\x1b\\",
    b"\x1b_Gi=31;OK\x1b\\", b"\x1b^pm\x1b\\", b"\x1bXsos\x1b\\", b"\x1b[8;24;80t",
    b"\x1b[4;600;800t", b"\x1b[6;16;8t", b"\x1b[1t", b"\x1b]lname\x1b\\", b"\x1b[?1u",
    b"\x1b[?0u",
    b"\x1b[0n", b"\x1b[?13n", b"\x1b[?24;80R", b"\x1b[?997;1n", b"\x1b[?1016;2$y",
    b"\x1b[4;2$y",
    b"\x1b[?12;0$y", b"\x1b[>4;2m", b"\x1b[1;1;0;0;0*y", b"\x9b?62;1;4c", b"\xc2\x9b?62;1;4c",
    b"\x9d11;rgb:0/0/0\x9c", b"\x90>|foot(1.16)\x9c", b"\xc2\x9d11;rgb:0/0/0\xc2\x9c",
    b"\x1b[48;24;80;480;640t",
]  # fmt: skip
"""Answers to questions that were not ours, or that nobody waits for any more."""
BROKEN = [
    b"\x1b[13;1:3u", b"\x1b[3;1:3~", b"\x1b[1;1:3A", b"\x1b[1114112u", b"\x1b[55296u",
    b"\x1b[0u",
    b"\x1b[97;999u", b"\x1b[97;1;1114112u", b"\x1b[97;1;27u", b"\x1b[57455u", b"\x1b[3u",
    b"\x1b[97;1:7u", b"\x1b[u", b"\x1b[99~", b"\x1b[9A", b"\x1b[27;5;99:100~",
    b"\x1b[27;5;~", b"\x1b[<0;99999999;5M", b"\x1b[<999999;1;1M", b"\x1b[<;;M", b"\x1b[<M",
    b"\x1b[<0;-5;-5M", b"\x1b[M #%", b"\x1b[M\xff\xff\xff", b"\x1b[35;10;5M", b"\x1b[[Z",
    b"\x1b[" + b"9" * 4000 + b";1R", b"\x1b[" + b"1;" * 9000 + b"u", b"\x1b[?2026;99999$y",
    b"\x1b[1 2c", b"\x1b[?", b"\x1b[1;", b"\x1b[24;", b"\x1bOG", b"\x1bO5",
    b"\x1bO" + b"1" * 9000,
    b"\xff\xfe\x80\x81\xfa", b"\xc3", b"\xf0\x9f\x99", b"\xed\xa0\x80", b"\xc0\x80",
    b"\x85\x84",
    b"\xc2\x85", b"\x1b[200~\x1b[201~", b"\x1b[201~", b"\x1b[98765432109876543210~", b"\x9b",
    b"\x9d",
]  # fmt: skip
"""What no terminal sends, or none that is well."""


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still unless it is moved."""
    return ManualClock()


@pytest.fixture
def keyboard(clock: ManualClock) -> Keyboard:
    """A keyboard whose silence lasts as long as the test says."""
    return Keyboard(clock.monotonic)


def seen(messages: Iterator[Message]) -> list[str]:
    """Give keys by their names, and pastes by their text."""
    return [
        message.key
        if isinstance(message, Key)
        else f"{'cut ' * isinstance(message, CutPaste)}paste {message.text}"
        for message in messages
        if isinstance(message, Key | Paste)
    ]


def after(keyboard: Keyboard, clock: ManualClock, seconds: float) -> list[str]:
    """Give what comes when nothing is sent for that long, the line being watched."""
    at_once = seen(keyboard.tick())
    clock.now += seconds
    return at_once + seen(keyboard.tick())


@pytest.mark.parametrize("sent", REPLIES + BROKEN)
@pytest.mark.parametrize("by_byte", [False, True], ids=["whole", "in bytes"])
def test_what_is_no_key_is_passed_over(
    keyboard: Keyboard, clock: ManualClock, sent: bytes, *, by_byte: bool
) -> None:
    """It types nothing, in whatever pieces it comes; the key behind it does."""
    typed = []
    for part in [sent[n : n + 1] for n in range(len(sent))] if by_byte else [sent]:
        typed += [*keyboard.feed(part)]
        clock.now += 0.0004
        typed += [*keyboard.tick()]
    assert typed == []
    assert after(keyboard, clock, 2) == []
    assert seen(keyboard.feed(b"1")) == ["1"]


@pytest.mark.parametrize("sent", REPLIES)
def test_a_reply_leaves_the_key_behind_it(keyboard: Keyboard, sent: bytes) -> None:
    """Also in the same packet."""
    assert seen(keyboard.feed(b"a" + sent + b"1")) == ["a", "1"]


def test_the_keys_of_textual_are_what_they_were() -> None:
    """Each sequence of its table is the same key here; but for alt and a character."""
    for text in map(bytes.decode, KNOWN):
        is_alt = len(text) == 2 and text[0] == "\x1b" and text[1] not in "\t\x7f"
        if is_alt or text in {"\x1b", "\x9b"}:
            continue
        stock = [key for key in XTermParser().feed(text) if isinstance(key, Key)]
        ours = [key for key in Keyboard().feed(text.encode()) if isinstance(key, Key)]
        assert [(one.key, one.character) for one in ours] == [
            (one.key, one.character) for one in stock
        ]


def test_the_shifted_keys_of_rxvt_are_those_of_the_table() -> None:
    """They end in a character that stands in the midst of other sequences."""
    table = {key[2:] for key in ANSI_SEQUENCES_KEYS if key.endswith("$")}
    assert all(SHIFTED.fullmatch(key) for key in table)
    assert len(table) == SHIFTED.pattern.count("|") + 1


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        (b"\x1b[13;1:1u", ["enter"]), (b"\x1b[13;1:2u", ["enter"]), (b"\x1b[97:65;2u", ["A"]),
        (b"\x1b[97:65:97;2:1;65u", ["A"]), (b"\x1b[97::113;5u", ["ctrl+a"]),
        (b"\x1b[1;5:2C", ["ctrl+right"]), (b"\x1b[27;5;99~", ["ctrl+c"]),
        (b"\x1b[99;5u", ["ctrl+c"]), (b"\x1b[0;;104:105u", ["h", "i"]),
        (b"\x1b[57414u", ["enter"]),
        (b"\x1b[0;;" + b":".join([b"97"] * 20) + b"u", ["a"] * 20), (b"\x1b[97;65u", ["a"]),
        (b"\x1b[[A", ["f1"]), (b"\x1b[3$", ["shift+delete"]), (b"\x1b\x1b[A", ["escape", "up"]),
        (b"\x1b\x03", ["escape", "ctrl+c"]), (b"\x1b\r", ["escape", "enter"]),
        (b"\x9bA", ["up"]), (b"\x8fP", ["f1"]),
        ("é漢🙂".encode(), ["é", "漢", "slightly_smiling_face"]),
        (b"\x1b[\x03", ["ctrl+c"]), (b"\x1b[1;5\x03", ["ctrl+c"]), (b"\x1b]x\x03", ["ctrl+c"]),
        (b"\x1b]11;rgb\r", ["enter"]), (b"\x1bP1\x1b[A", ["up"]),
        (b"\x1bO\x03", ["alt+shift+o", "ctrl+c"]),
        (b"\x1b]\x03", ["alt+right_square_bracket", "ctrl+c"]), (b"\x1b[M\x03", ["ctrl+c"]),
        (b"\x1b[1\xc3\xa9", ["é"]), (b"a\xc3\x281", ["a", "left_parenthesis", "1"]),
        ("\x1bé".encode(), ["alt+é"]), (b"\x1b[\x1b[\x1b[A", ["up"]),
    ],
)  # fmt: skip
def test_keys_come_through(keyboard: Keyboard, sent: bytes, keys: list[str]) -> None:
    """In every protocol, with what terminals add to it, and behind what was broken off."""
    assert seen(keyboard.feed(sent)) == keys


@pytest.mark.parametrize(
    ("sent", "key", "text"),
    [
        (b"\x1b[27;5;116~", "ctrl+t", None), (b"\x1b[27;5;103~", "ctrl+g", None),
        (b"\x1b[27;6;84~", "ctrl+shift+t", None), (b"\x1b[27;3;116~", "alt+t", None),
        (b"\x1b[27;4;84~", "alt+shift+t", None), (b"\x1b[27;7;116~", "alt+ctrl+t", None),
        (b"\x1b[27;5;84~", "ctrl+t", None), (b"\x1b[27;9;116~", "super+t", None),
        (b"\x1b[27;69;116~", "ctrl+t", None), (b"\x1b[27;6;33~", "ctrl+exclamation_mark", None),
        (b"\x1b[27;5;32~", "ctrl+space", None), (b"\x1b[27;3;233~", "alt+é", None),
        (b"\x1b[27;6;8~", "ctrl+shift+backspace", None), (b"\x1b[27;2;9~", "shift+tab", None),
        (b"\x1b[27;2;84~", "T", "T"), (b"\x1b[27;2;33~", "exclamation_mark", "!"),
        (b"\x1b[27;2;32~", "shift+space", " "), (b"\x1b[27;1;116~", "t", "t"),
        (b"\x1b[27;66;84~", "T", "T"), (b"\x1b[84;6u", "ctrl+shift+t", None),
        (b"\x1b[84;2u", "T", "T"), (b"\x1b[8;5u", "ctrl+backspace", None),
        (b"\x1b[116;5;116u", "ctrl+t", None), (b"\x1b[116:84;4;84u", "alt+shift+t", None),
        (b"\x1b[113;7;64u", "ctrl+at", "@"),
    ],
)  # fmt: skip
def test_a_key_with_its_modifiers_types_no_letter(
    keyboard: Keyboard, sent: bytes, key: str, text: str | None
) -> None:
    """ModifyOtherKeys tells the same keys as the kitty protocol; shift alone gives text."""
    (message,) = keyboard.feed(sent)
    assert isinstance(message, Key)
    assert (message.key, message.character) == (key, text)


def test_only_shift_leaves_a_character_a_text(keyboard: Keyboard) -> None:
    """Whatever else is held with it; locks are no modifiers."""
    for modifiers, code in product(range(1, 257), (33, 84, 116, 233, 0x6F22)):
        (message,) = keyboard.feed(f"\x1b[27;{modifiers};{code}~".encode())
        assert isinstance(message, Key)
        is_text = not (modifiers - 1) & 0b00111110
        assert message.character == (chr(code) if is_text else None)


@pytest.mark.parametrize(
    "sent", [b"\x1b[B", b"\x1b[1;5C", b"\x1bOP", b"\x1b[57414u", "é".encode()]
)
def test_a_sequence_may_come_in_pieces(
    keyboard: Keyboard, clock: ManualClock, sent: bytes
) -> None:
    """Once it has begun its rest may take half a second, wherever it is split."""
    expected = seen(Keyboard().feed(sent))
    for cut in range(2 if sent[0] == 0x1B else 1, len(sent)):
        assert seen(keyboard.feed(sent[:cut])) == []
        assert after(keyboard, clock, 0.49) == []
        assert seen(keyboard.feed(sent[cut:])) == expected


def test_an_escape_alone_is_the_key_at_once(keyboard: Keyboard, clock: ManualClock) -> None:
    """A tenth of a second tells it from the beginning of a sequence."""
    assert seen(keyboard.feed(b"\x1b")) == []
    assert keyboard.seconds_left == 0.0, "nobody knows yet whether there is more"
    assert seen(keyboard.tick()) == []
    assert keyboard.seconds_left == pytest.approx(0.1)
    assert after(keyboard, clock, 0.1) == ["escape"]
    assert keyboard.seconds_left is None


@pytest.mark.parametrize(
    ("rest", "keys"),
    [(b"[B", ["down"]), (b"[1;5C", ["ctrl+right"]), (b"OP", ["f1"]), (b"[?62;1;4c", []),
     (b"]11;rgb:1e1e/1e1e/2e2e\x07", []), (b"P>|tmux 3.4\x1b\\", []), (b"_Gi=31;OK\x1b\\", []),
     (b"[200~q\x1b[201~", ["paste q"]), (b"[", ["left_square_bracket"]), (b"Ok", ["O", "k"]),
     (b"[x", ["left_square_bracket", "x"])],
)  # fmt: skip
def test_a_sequence_may_be_split_behind_its_escape(
    keyboard: Keyboard, clock: ManualClock, rest: bytes, keys: list[str]
) -> None:
    """The escape is a key by then; of the rest, half a second later, nothing is typed."""
    assert seen(keyboard.feed(b"\x1b")) == []
    assert after(keyboard, clock, 0.1) == ["escape"]
    clock.now += 0.3
    assert seen(keyboard.feed(rest)) == keys
    assert after(keyboard, clock, 0.6) == []
    assert seen(keyboard.feed(b"]1;")) == ["right_square_bracket", "1", "semicolon"]


@pytest.mark.parametrize("sent", [b"\x1b[I", b"\x1b[1;5C", b"\x1b]11;rgb:0/0/0\x07", b"\x1bOP"])
def test_a_busy_app_splits_no_sequence(
    keyboard: Keyboard, clock: ManualClock, sent: bytes
) -> None:
    """Time counts while the line is silent, not while nobody has looked at it."""
    expected = [type(one) for one in Keyboard().feed(sent)]
    for cut in range(1, len(sent)):
        assert [*keyboard.feed(sent[:cut])] == []
        clock.now += 2
        assert [*keyboard.tick()] == [], "the first look"
        clock.now += 2
        assert [type(one) for one in keyboard.feed(sent[cut:])] == expected


def test_the_rest_may_have_lain_there_while_nobody_read(
    keyboard: Keyboard, clock: ManualClock
) -> None:
    """An escape that was taken for the key, and a paste given up, go on with what is read."""
    assert seen(keyboard.feed(b"\x1b")) == []
    assert after(keyboard, clock, 0.1) == ["escape"]
    clock.now += 4
    assert seen(keyboard.feed(b"[B")) == ["down"]
    assert seen(keyboard.feed(b"\x1b[200~one ")) == []
    assert after(keyboard, clock, 1.0) == ["cut paste one "]
    clock.now += 12
    assert seen(keyboard.feed(b"two\x1b[201~q")) == ["cut paste two", "q"]


@pytest.mark.parametrize(
    ("sent", "key"),
    [(b"\x1b[", "alt+left_square_bracket"), (b"\x1bO", "alt+shift+o"), (b"\x1bP",
    "alt+shift+p"),
     (b"\x1b]", "alt+right_square_bracket"), (b"\x1b_", "alt+underscore")],
)  # fmt: skip
def test_what_begins_a_sequence_may_be_a_key(
    keyboard: Keyboard, clock: ManualClock, sent: bytes, key: str
) -> None:
    """With nothing behind it, it was alt and that character."""
    assert seen(keyboard.feed(sent)) == []
    assert after(keyboard, clock, 0.49) == []
    assert after(keyboard, clock, 0.01) == [key]


def test_a_paste_without_its_end_is_given_up(keyboard: Keyboard, clock: ManualClock) -> None:
    """After a second of silence what has come is pasted, and keys are keys again."""
    assert seen(keyboard.feed(b"\x1b[200~one\ntwo")) == []
    assert after(keyboard, clock, 0.9) == []
    assert seen(keyboard.feed(b"three\x1b[20")) == []
    assert after(keyboard, clock, 1.0) == ["cut paste one\ntwothree"]
    assert seen(keyboard.feed(b"2\r")) == ["2", "enter"]


@pytest.mark.parametrize("key", [b"\x03", b"\x1b[99;5u"])
def test_a_paste_without_its_end_can_be_interrupted(keyboard: Keyboard, key: bytes) -> None:
    """ctrl+c alone in a packet counts, however often it is pressed in a second."""
    assert seen(keyboard.feed(b"\x1b[200~one")) == []
    assert seen(keyboard.feed(key)) == ["cut paste one", "ctrl+c"]
    assert seen(keyboard.feed(key)) == ["ctrl+c"]


def test_a_paste_on_a_line_that_stalls_types_nothing(
    keyboard: Keyboard, clock: ManualClock
) -> None:
    """The rest of it, too much at once for a person, or up to its end, is pasted as well."""
    assert seen(keyboard.feed(b"\x1b[200~one ")) == []
    assert after(keyboard, clock, 1.0) == ["cut paste one "]
    assert seen(keyboard.feed(b"q" * 40)) == []
    assert seen(keyboard.feed(b"xi\x1b[201~q")) == [f"cut paste {'q' * 40}xi", "q"]
    assert seen(keyboard.feed(b"q" * 40)) == ["q"] * 40
    assert seen(keyboard.feed(b"\x1b[200~one ")) == []
    assert after(keyboard, clock, 1.0) == ["cut paste one "]
    assert seen(keyboard.feed(b"two\x1b[201~q")) == ["cut paste two", "q"]


def test_a_reply_on_a_line_that_stalls_types_nothing(
    keyboard: Keyboard, clock: ManualClock
) -> None:
    """Its end, or more than a person types at once, belongs to it; for ten seconds."""
    reply, rest, end = b"\x1b]52;c;QUJD", b"QUJD" * 20, b"QUJD\x1b\\"
    assert seen(keyboard.feed(reply)) == after(keyboard, clock, 1.0) == []
    assert seen(keyboard.feed(rest)) == after(keyboard, clock, 1.0) == []
    assert seen(keyboard.feed(end + b"q")) == ["q"]
    assert seen(keyboard.feed(reply)) == after(keyboard, clock, 1.0) == []
    assert after(keyboard, clock, 10.0) == []
    assert seen(keyboard.feed(b"q" * 40)) == ["q"] * 40


def test_a_pastes_text_is_as_it_was(keyboard: Keyboard) -> None:
    """Sequences in it are text, what is no character is marked, NUL is left out."""
    pasted = b"\x1b[200~1\x00\x1b[A\x1b]0;t\x07\xff\xc3\xa9\xc2\x9b\x03\x1b[200~\x1b[201~"
    assert seen(keyboard.feed(pasted)) == ["paste 1\x1b[A\x1b]0;t\x07\ufffdé\x9b\x03\x1b[200~"]


def test_a_paste_is_bounded(keyboard: Keyboard) -> None:
    """What is longer is cut, and known to be; what is as long as can be is whole."""
    whole = b"\x1b[200~" + b"x" * LONGEST_PASTE + b"\x1b[201~"
    assert seen(keyboard.feed(whole)) == [f"paste {'x' * LONGEST_PASTE}"]
    longer = b"\x1b[200~" + b"x" * LONGEST_PASTE + b"y\x1b[201~z"
    assert seen(keyboard.feed(longer)) == [f"cut paste {'x' * LONGEST_PASTE}", "z"]


def test_the_end_of_a_paste_may_come_in_pieces(keyboard: Keyboard) -> None:
    """However it is split, and whatever looks like it before."""
    text = b"\x1b[200~a\x1b[201\x1b\x1b[2\x1b[201~z"
    for cut in range(1, len(text)):
        typed = [*seen(keyboard.feed(text[:cut])), *seen(keyboard.feed(text[cut:]))]
        assert typed == ["paste a\x1b[201\x1b\x1b[2", "z"]


def test_what_was_asked_for_is_told(keyboard: Keyboard) -> None:
    """The mouse, the focus, the cursor's place, and the size once it is wanted."""
    sent = (
        b"\x1b[<35;3;4M\x1b[I\x1b[O\x1b[5;6R\x1b[?2026;2$y\x1b[?2048;2$y\x1b[48;24;80;480;640t"
    )
    kinds = [MouseMove, AppFocus, AppBlur, CursorPosition, TerminalSupportsSynchronizedOutput,
             InBandWindowResize]  # fmt: skip
    assert [type(message) for message in keyboard.feed(sent)] == kinds
    keyboard.takes_sizes = True
    assert [type(message) for message in keyboard.feed(sent)] == [*kinds, Resize]


@pytest.mark.parametrize("size", [b"24;80;0;0", b"24;80;0;640", b"24;80;480;0", b"0;0;0;0"])
def test_a_size_without_pixels_leaves_the_mouse(keyboard: Keyboard, size: bytes) -> None:
    """Some terminals know none; nothing is divided by them."""
    keyboard.takes_sizes = True
    assert len([*keyboard.feed(b"\x1b[48;" + size + b"t")]) == (size[0:1] != b"0")
    (moved,) = keyboard.feed(b"\x1b[<35;3;4M")
    assert isinstance(moved, MouseMove)
    assert (moved.x, moved.y) == (2, 3)


@pytest.mark.parametrize(
    "begin", [b"\x1b[200~", b"\x1b]52;c;", b"\x1b[", b"\x1bP", b"\x1b[1;", b"\x1bO"]
)
@pytest.mark.parametrize("filled_with", [b"1", b"1;", "漢".encode()])
def test_what_never_ends_takes_no_memory(
    keyboard: Keyboard, clock: ManualClock, begin: bytes, filled_with: bytes
) -> None:
    """Megabytes behind any beginning are passed over, and then the keyboard works."""
    assert seen(keyboard.feed(begin)) == []
    packet = filled_with * (4096 // len(filled_with))
    tracemalloc.start()
    for _ in range(200):
        for _ in keyboard.feed(packet):
            pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4 * LONGEST_PASTE + 100 * LONGEST_SEQUENCE + 500_000
    after(keyboard, clock, 1.0)
    assert seen(keyboard.feed(b"1\r")) == ["1", "enter"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("draw", [random_bytes, nearly_right])
def test_nothing_that_is_sent_breaks_it(draw: type, seed: int) -> None:
    """Neither noise nor sequences that are nearly right, in packets at random times."""
    chance, clock = random.Random(seed), ManualClock()
    keyboard = Keyboard(clock.monotonic)
    for packet in packets(chance, draw(chance, 100_000), 64):
        for message in keyboard.feed(packet):
            assert not isinstance(message, Paste) or len(message.text) <= LONGEST_PASTE
        clock.now += chance.choice((0, 0, 0, 0.05, 0.3, 1.1))
        for _ in keyboard.tick():
            pass
    after(keyboard, clock, 1.0)
    assert seen(keyboard.feed(b"\x1b[A1\r")) == ["up", "1", "enter"]
