"""What is typed, as Textual reads it, but for characters right behind an escape key."""

import string
from collections.abc import Iterable
from typing import Final

from textual._xterm_parser import XTermParser
from textual.events import Key

ESCAPE: Final = "\x1b"
BEGINNINGS: Final = frozenset("[O]P_^X")
"""What begins a sequence behind an escape character."""
WORDS: Final = frozenset("bf")
"""What terminals send for alt and an arrow; Textual calls it by its name."""
CHARACTERS: Final = frozenset(string.printable) - frozenset(string.whitespace)


class Keyboard(XTermParser):
    """Tells what is typed from what the terminal says.

    Alt and a character are sent as an escape character and that character; and so are the
    escape key and that character, when both travel in one packet. Textual has characters of
    a Mac's keyboard for some, and leaves out the alt of others: here all keep their names.
    """

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        character = sequence[1:]
        if sequence[:1] == ESCAPE and character in CHARACTERS - BEGINNINGS - WORDS:
            for key in super()._sequence_to_key_events(character, alt=True):
                yield Key(f"alt+{key.key.removeprefix('alt+')}", key.character)
        else:
            yield from super()._sequence_to_key_events(sequence, alt)
