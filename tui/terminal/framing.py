"""The bytes that a terminal sends, cut into what belongs together: text, sequences, pastes.

After ECMA-48 (5.3, 5.4, 5.6) and what terminals really send: ctlseqs of xterm, rxvt, the
console of Linux. What does not end is given up after a while, so that the keyboard goes on.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple

from tui.runtime.patterns import lazily
from tui.terminal.silence import Silence
from tui.terminal.unbounded import (
    ESCAPE,
    PASTE_BEGIN,
    PASTE_END,
    OpenPaste,
    Overlong,
    TerminalText,
    Unbounded,
)

SEQUENCE_SECONDS: Final = 0.5
"""How long the rest of a sequence, or of a character, may take: lines split them."""
REMEMBERED_SECONDS: Final = 10.0
"""For how long what was given up may still go on."""
LONGEST_SEQUENCE: Final = 1024
URGENT: Final = frozenset({"\x03", "\x11", "\x1b[99;5u", "\x1b[113;5u"})
"""ctrl+c and ctrl+q: alone in a packet they are keys, also where a paste has not ended."""

LATE: Final = lazily("\\[(?:[0-?]+[ -/]*[@-~]|[A-DFHIO])|O[A-DFHP-S]\\Z|\\][0-9]+;|P[>!01]|_G")
"""How the rest of a sequence begins that nobody types: behind an escape it is none too late."""

CHARACTERS: Final = lazily("[^\x1b\x80-\x9f\udc80-\udcff]+")
PARAMETERS: Final = lazily("[ -?]*")
SHIFTED: Final = lazily("(?:3|7|8|23|24)\\$")
"""How rxvt sends shift and a key; elsewhere `$` stands in the midst of a sequence."""
DIGITS: Final = lazily("[0-9;]*")
TEXTS: Final = frozenset("]PX^_")
"""What begins a text of the terminal's own: OSC, DCS, SOS, PM, APC."""
BEGINNINGS: Final = TEXTS | frozenset("[O")
"""What begins a sequence behind an escape; or as one character of the upper control set."""


class InputKind(Enum):
    """What a piece of the input is."""

    CHARACTERS = "each of them a key"
    SEQUENCE = "a whole sequence, known or not"
    ALT = "a character behind an escape"
    PASTE = "a text between the marks of a paste"
    CUT = "a paste of which a part is missing: it was too long, or had no end"


class Piece(NamedTuple):
    """A piece of the input that belongs together."""

    kind: InputKind
    text: str


class Framer:
    """Cuts the input into pieces, in whatever packets it comes; holds a bounded part of it."""

    def __init__(self, escape_seconds: float) -> None:
        """After `escape_seconds` an escape with nothing behind it was the key."""
        self._escape_seconds = escape_seconds
        self._decoder = getincrementaldecoder("utf-8")("surrogateescape")
        self._held = ""
        """What has begun and is not whole."""
        self._open: Unbounded | None = None
        """In the midst of what we are."""
        self._begun_by = ""
        """The character behind an escape that began it: with alt it is a key as well."""
        self._given_up: Unbounded | None = None
        self._forget_at = 0.0
        self._late_until = 0.0
        """Until when an escape that was taken for the key may have begun a sequence."""
        self._silence = Silence()

    def seconds_left(self, now: float) -> float | None:
        """Return how long until `tick` has something to do; None while nothing has begun."""
        return self._silence.seconds_left(now)

    def feed(self, data: bytes, now: float) -> Iterator[Piece]:
        """Yield what is whole, once `data` was read at the time `now`."""
        text = self._decoder.decode(data)
        if self._silence.last < self._late_until and LATE.match(text):
            self._held = ESCAPE
        self._late_until = 0.0
        if self._given_up is not None and text:
            self._go_on(self._given_up, text)
        elif isinstance(self._open, OpenPaste) and text in URGENT:
            yield from self._give_up(now)
        text, self._held = self._held + text, ""
        at = 0
        while at < len(text):
            begun = self._open
            step = self._next(text, at) if begun is None else self._within(begun, text, at)
            if step is None:
                self._held = text[at:]
                break
            at, piece = step
            if piece is not None:
                yield piece
        self._silence.begins_anew(self._seconds_of_what_has_begun())

    def tick(self, now: float) -> Iterator[Piece]:
        """Yield what is left of what has begun, once the line was silent for too long.

        To be called where nothing is on the line at the time `now`.
        """
        if self._silence.is_over(now):
            if self._open is None and self._held == ESCAPE:
                self._late_until = now + SEQUENCE_SECONDS
            yield from self._give_up(now)

    def _seconds_of_what_has_begun(self) -> float | None:
        if self._open is not None:
            return self._open.seconds
        if self._held == ESCAPE:
            return self._escape_seconds
        is_begun = self._held or self._decoder.getstate()[0]
        return SEQUENCE_SECONDS if is_begun else None

    def _give_up(self, now: float) -> Iterator[Piece]:
        held, self._held = self._held, ""
        begun, self._open = self._open, None
        self._decoder.reset()
        if isinstance(begun, OpenPaste):
            self._remember(OpenPaste(is_cut=True), now)
            if begun.text:
                yield Piece(InputKind.CUT, begun.text)
            return
        if isinstance(begun, TerminalText):
            if not begun.is_empty:
                self._remember(TerminalText(is_empty=False), now)
            elif self._begun_by:
                yield Piece(InputKind.ALT, self._begun_by)
        if held == ESCAPE:
            yield Piece(InputKind.CHARACTERS, ESCAPE)
        elif len(held) == 2 and held[0] == ESCAPE:
            yield Piece(InputKind.ALT, held[1])

    def _remember(self, begun: Unbounded, now: float) -> None:
        self._given_up, self._forget_at = begun, now + REMEMBERED_SECONDS

    def _go_on(self, given_up: Unbounded, text: str) -> None:
        is_over = self._silence.last >= self._forget_at
        if not is_over and self._open is None and not self._held and given_up.goes_on(text):
            self._open = given_up
        if is_over or self._open is not None:
            self._given_up = None

    def _within(self, begun: Unbounded, text: str, at: int) -> tuple[int, Piece | None] | None:
        """Return where what we are in ends, and that; None where its end has only begun."""
        end, is_over = begun.take(text, at)
        if not is_over:
            return None if end == at else (end, None)
        self._open = None
        if isinstance(begun, OpenPaste) and begun.text:
            return end, Piece(InputKind.CUT if begun.is_cut else InputKind.PASTE, begun.text)
        if isinstance(begun, TerminalText) and begun.is_empty and self._begun_by:
            return end, Piece(InputKind.ALT, self._begun_by)
        return end, None

    def _next(self, text: str, at: int) -> tuple[int, Piece | None] | None:
        """Return where the next piece ends, and that; None where it has only begun."""
        if match := CHARACTERS.match(text, at):
            return match.end(), Piece(InputKind.CHARACTERS, match[0])
        is_escape = text[at] == ESCAPE
        if is_escape and at + 1 == len(text):
            return None
        # Else of the upper control set, or a byte that is not UTF-8, and may be meant for one.
        name = text[at + 1] if is_escape else chr((ord(text[at]) & 0xFF) - 0x40)
        body = at + 1 + is_escape
        if name in TEXTS:
            self._open, self._begun_by = TerminalText(), name if is_escape else ""
            return body, None
        if name == "[":
            return self._control_sequence(text, at, body)
        if name == "O":
            return self._single_shift(text, at, body)
        return _behind_escape(name, at) if is_escape else (at + 1, None)

    def _control_sequence(
        self, text: str, at: int, body: int
    ) -> tuple[int, Piece | None] | None:
        if shifted := SHIFTED.match(text, body):
            return shifted.end(), Piece(InputKind.SEQUENCE, f"{ESCAPE}[{shifted[0]}")
        end = _end(PARAMETERS, text, body)
        if end - body > LONGEST_SEQUENCE:
            self._open = Overlong()
            return end, None
        if end == len(text):
            return None
        if not "@" <= text[end] <= "~":  # broken off; what is there may be a key
            return end, None
        sequence = f"{ESCAPE}[{text[body : end + 1]}"
        if sequence == PASTE_BEGIN:
            self._open, self._given_up = OpenPaste(), None
        elif sequence in {f"{ESCAPE}[[", f"{ESCAPE}[M"}:
            return _with_more(sequence, text, end + 1)
        elif sequence != PASTE_END:
            return end + 1, Piece(InputKind.SEQUENCE, sequence)
        return end + 1, None

    def _single_shift(self, text: str, at: int, body: int) -> tuple[int, Piece | None] | None:
        end = _end(DIGITS, text, body)
        if end - body > LONGEST_SEQUENCE:
            self._open = Overlong()
            return end, None
        if end == len(text):
            return None
        if "!" <= text[end] <= "~":
            return end + 1, Piece(InputKind.SEQUENCE, f"{ESCAPE}O{text[body : end + 1]}")
        is_key = text[at] == ESCAPE and end == body
        return end, Piece(InputKind.ALT, "O") if is_key else None


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return at if match is None else match.end()


def _with_more(sequence: str, text: str, at: int) -> tuple[int, Piece | None] | None:
    """Take what stands behind the end: a letter (Linux' console), three bytes (X10's mouse)."""
    missing = 1 if sequence[-1] == "[" else 3
    end = at
    while missing > 0:
        if end == len(text):
            return None
        if text[end] < " ":
            return end, None
        missing -= len(text[end].encode("utf-8", "surrogateescape"))
        end += 1
    return end, Piece(InputKind.SEQUENCE, sequence + text[at:end])


def _behind_escape(character: str, at: int) -> tuple[int, Piece | None]:
    if character in "\t\x7f":
        return at + 2, Piece(InputKind.SEQUENCE, ESCAPE + character)
    if character < " " or CHARACTERS.match(character) is None:
        return at + 1, Piece(InputKind.CHARACTERS, ESCAPE)
    return at + 2, Piece(InputKind.ALT, character)
