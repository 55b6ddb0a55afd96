"""Which sequences mean something, and how Textual has to be told them."""

import sys
from typing import Final

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS

from tui.runtime.patterns import lazily

REPORT: Final = lazily(
    "\x1b\\[(?:"
    "<[0-9]{1,3};-?[0-9]{1,5};-?[0-9]{1,5}[Mm]"  # the mouse (SGR)
    "|[IO]"  # the window has got, or lost, the focus
    "|[0-9]{1,5};[0-9]{1,5}R"  # where the cursor is
    "|\\?(?:2026|2048);[0-4]\\$y"  # whether it can paint at once, and tell its size
    ")"
)
"""What Textual or our driver has asked for; any other report is somebody else's."""
SIZE: Final = lazily("\x1b\\[48;([0-9]{1,5});([0-9]{1,5});([0-9]{1,5});([0-9]{1,5})t")
"""The terminal's size in cells and in pixels, in lines first."""
KEY: Final = lazily(
    "\x1b\\[([0-9]{0,7})(?::([0-9]{0,7})(?::[0-9]{0,7})?)?"
    "(?:;([0-9]{0,3})(?::([0-9]?))?(?:;([0-9:]*))?)?([u~ABCDEFHPQS])"
)
"""A key of the kitty protocol (sw.kovidgoyal.net/kitty/keyboard-protocol): its code, the same
with shift, modifiers, kind of event, text; and of xterm's modifyOtherKeys."""
PRESSED: Final = frozenset({"", "1", "2"})
"""Kinds of event: a key goes down, or repeats; 3 is its release."""
MOST_MODIFIERS: Final = 256
SHIFT: Final = 1
COMMANDS: Final = 0b00111110
"""Alt, ctrl, super, hyper, meta: a character that is pressed with one of these is no text."""
LOCKS: Final = 0b11000000
OTHER_KEY: Final = "27~"
"""How modifyOtherKeys begins and ends: the character is then in the place of the text, and is
what shift has made of it (invisible-island.net/xterm/modified-keys.html)."""
BACKSPACES: Final = {0x08: 0x7F}
"""The kitty protocol has but one of them."""
EDITING: Final = frozenset({0x08, 0x09, 0x0D, 0x1B, 0x7F})
"""Keys that both protocols name by a control character."""
NO_CHARACTERS: Final = (range(0x20), range(0x7F, 0xA0), range(0xD800, 0xE000))
FUNCTIONS: Final = range(57344, 63744)
"""The private characters by which the kitty protocol names keys without a character."""


def is_report(sequence: str) -> bool:
    """Tell whether a terminal answers or reports by it what it was asked for."""
    return REPORT.fullmatch(sequence) is not None


def size_of(sequence: str) -> tuple[int, int, int, int] | None:
    """Return the lines, columns, and pixels (height, width) that a terminal reports."""
    match = SIZE.fullmatch(sequence)
    if match is None or not int(match[1]) or not int(match[2]):
        return None
    return int(match[1]), int(match[2]), int(match[3]), int(match[4])


def key_of(sequence: str) -> str | None:
    """Return the sequence by which Textual knows that key; None where no key is pressed.

    What the kitty protocol may add, and Textual did not ask for, is left out: the event (a
    release is no key), other layouts. A key that comes without its text gets that of shift.
    """
    if sequence in ANSI_SEQUENCES_KEYS:
        return sequence
    match = KEY.fullmatch(sequence)
    if match is None:
        return None
    code, shifted, modifiers, event, text, end = match.groups(default="")
    if event not in PRESSED or int(modifiers or "1") > MOST_MODIFIERS:
        return None
    bits = max(int(modifiers or "1") - 1, 0)
    if code + end == OTHER_KEY:
        return _other_key(text, bits) if _is_character(text, EDITING) else None
    if end == "u":
        known = _is_named(code, text) and all(map(_is_character, text.split(":") * bool(text)))
        return _character_key(code, shifted, bits, text) if known else None
    known = f"{code or 1}{end}" in FUNCTIONAL_KEYS and not text
    return _sequence(code, bits, "", end) if known else None


def _character_key(code: str, shifted: str, bits: int, text: str) -> str:
    """Return the sequence of a key that the kitty protocol names, with its text or none."""
    number = int(code or "0")
    if bits & COMMANDS and text in {code, shifted}:
        text = ""
    elif not text and bits & ~LOCKS == SHIFT:
        text = shifted if _is_character(shifted) else code if chr(number).isupper() else ""
    return _sequence(str(_without_shift(number)), bits, text, "u")


def _other_key(code: str, bits: int) -> str:
    """Return the sequence of a key that came as the character which shift has made of it."""
    number = int(code)
    is_text = not bits & COMMANDS and number not in EDITING
    if not is_text and not chr(number).isalnum() and number not in EDITING | {ord(" ")}:
        bits &= ~SHIFT  # it has done its work; without its key nobody knows where
    return _sequence(str(_without_shift(number)), bits, code if is_text else "", "u")


def _without_shift(number: int) -> int:
    """Return the code by which the kitty protocol names a key, whatever a terminal sent."""
    lower = chr(number).lower()
    return BACKSPACES.get(number, ord(lower) if len(lower) == 1 else number)


def _sequence(code: str, bits: int, text: str, end: str) -> str:
    modifiers = str(bits + 1) if bits else ""
    rest = f";{modifiers};{text}" if text else f";{modifiers}" if bits else ""
    return f"\x1b[{code}{rest}{end}"


def _is_named(code: str, text: str) -> bool:
    if not int(code or "0"):  # text of an input method, without a key
        return bool(text)
    if f"{code}u" in FUNCTIONAL_KEYS:
        return True
    return int(code) not in FUNCTIONS and _is_character(code, EDITING)


def _is_character(code: str, also: frozenset[int] = frozenset()) -> bool:
    if not code.isdecimal() or len(code) > len(str(sys.maxunicode)):
        return False
    number = int(code)
    is_excluded = number > sys.maxunicode or any(number in part for part in NO_CHARACTERS)
    return number in also or not is_excluded
