"""What a terminal sends, as Textual's events: keys, pastes, the mouse, reports."""

import time
from collections.abc import Callable, Iterable, Iterator

from textual import constants
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste
from textual.keys import Keys
from textual.message import Message

from tui.terminal.framing import Framer, InputKind, Piece
from tui.terminal.vocabulary import is_report, key_of, size_of


class CutPaste(Paste):
    """A paste of which a part is missing: it was too long, or its end did not come."""


CutPaste.handler_name = Paste.handler_name  # whoever takes pastes takes these


class Keyboard:
    """Tells what is typed from what the terminal says, and passes over all else.

    Alt and a character are sent as an escape character and that character; and so are the
    escape key and that character, when both travel in one packet. Textual has characters of
    a Mac's keyboard for some, leaves out the alt of others, and takes b and f for alt and an
    arrow, which some terminals send so: here all keep their names.
    Textual's parser gets whole sequences only, and none but those that it knows: it would type
    the others, and end with some.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Measure silence by `clock`, in seconds."""
        self._clock = clock
        self._framer = Framer(constants.ESCAPE_DELAY)
        self._parser = XTermParser()
        self.takes_sizes = False
        """Whether the terminal was asked to report its size by a sequence."""

    @property
    def now(self) -> float:
        """The time, in seconds, by the clock that measures silence."""
        return self._clock()

    @property
    def seconds_left(self) -> float | None:
        """How long until `tick` has something to do; None while nothing has begun."""
        return self._framer.seconds_left(self._clock())

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield what has come with these bytes; what has only begun is kept for the next."""
        for piece in self._framer.feed(data, self._clock()):
            yield from self._messages(piece)

    def tick(self, looked_at: float | None = None) -> Iterator[Message]:
        """Yield what has begun and was not ended in time; call it where the line is empty.

        It was found so by a look that began at `looked_at`, in seconds; else it is so now.
        """
        for piece in self._framer.tick(self._clock() if looked_at is None else looked_at):
            yield from self._messages(piece)

    def _messages(self, piece: Piece) -> Iterable[Message]:
        match piece.kind:
            case InputKind.CHARACTERS:
                return (key for one in piece.text for key in self._keys(one))
            case InputKind.SEQUENCE:
                return self._of_sequence(piece.text)
            case InputKind.ALT:
                return self._with_alt(piece.text)
            case InputKind.PASTE:
                return [Paste(piece.text)]
            case InputKind.CUT:
                return [CutPaste(piece.text)]

    def _of_sequence(self, sequence: str) -> Iterable[Message]:
        if is_report(sequence):
            return self._parser.feed(sequence)
        if (size := size_of(sequence)) is not None:
            return self._of_size(sequence, size) if self.takes_sizes else ()
        known = key_of(sequence)
        return () if known is None else self._keys(known)

    def _of_size(self, sequence: str, size: tuple[int, int, int, int]) -> Iterator[Message]:
        yield from self._parser.feed(sequence)
        if not all(size):  # no pixels are known, so Textual must not divide by them
            self._parser.mouse_pixels = False

    def _with_alt(self, character: str) -> Iterable[Key]:
        for key in self._parser._sequence_to_key_events(character, alt=True):
            yield Key(f"alt+{key.key.removeprefix('alt+')}", key.character)

    def _keys(self, sequence: str) -> Iterator[Key]:
        for key in self._parser._sequence_to_key_events(sequence):
            if key.key != Keys.Ignore:
                yield key
