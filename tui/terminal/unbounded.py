"""What may go on for ever in what a terminal sends: a paste, a text of its own, a sequence."""

from typing import Final, Protocol

from tui.runtime.patterns import lazily

ESCAPE: Final = "\x1b"
LONGEST_PASTE: Final = 131_072
"""How many characters of one paste are taken; the rest of it is passed over."""
BURST: Final = 32
"""Nobody types as many characters between two looks: it is the rest of a paste."""
PASTE_BEGIN: Final = "\x1b[200~"
PASTE_END: Final = "\x1b[201~"
TEXT: Final = lazily("[^\x00-\x1f\x7f\x9c\udc9c]*")
"""What a terminal's text consists of. Another control character is a key, and ends it."""
TEXT_END: Final = lazily("\x07|\x1b\\\\|[\x9c\udc9c]")
SEQUENCE: Final = lazily("[ -?]*")


class Unbounded(Protocol):
    """Something that has begun, and of which any amount may come."""

    @property
    def seconds(self) -> float:
        """How long nothing may come of it before it is given up."""
        ...

    def take(self, text: str, at: int) -> tuple[int, bool]:
        """Take what belongs to it; return where that ends, and whether it is over."""
        ...

    def goes_on(self, text: str) -> bool:
        """Tell whether `text` can only be more of it, after it was given up.

        A line that stalls would otherwise bring the rest of a paste as so many keys.
        """
        ...


class OpenPaste:
    """A text between two marks. A bounded part of it is kept."""

    seconds = 1.0

    def __init__(self, *, is_cut: bool = False) -> None:
        """Begin behind the first mark, or where it was cut."""
        self._parts: list[str] = []
        self._room = LONGEST_PASTE
        self.is_cut = is_cut
        """Whether a part of it is not kept."""

    @property
    def text(self) -> str:
        """What has come of it; bytes that are no characters are marked as such."""
        text = "".join(self._parts).replace("\x00", "")
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def take(self, text: str, at: int) -> tuple[int, bool]:
        """Take all up to the second mark, which may come in pieces."""
        end = text.find(PASTE_END, at)
        if end >= 0:
            self._keep(text[at:end])
            return end + len(PASTE_END), True
        last = text.rfind(ESCAPE, max(at, len(text) - len(PASTE_END)))
        end = last if last >= 0 and PASTE_END.startswith(text[last:]) else len(text)
        self._keep(text[at:end])
        return end, False

    def goes_on(self, text: str) -> bool:
        """Tell whether the second mark is in it, or more than a person types at once."""
        return PASTE_END in text or (len(text) >= BURST and ESCAPE not in text)

    def _keep(self, text: str) -> None:
        self.is_cut = self.is_cut or len(text) > self._room
        if text and self._room:
            self._parts.append(text[: self._room])
            self._room -= len(self._parts[-1])


class TerminalText:
    """What a terminal says of itself, up to a terminator; nothing of it is kept."""

    def __init__(self, *, is_empty: bool = True) -> None:
        """Begin behind what introduces it."""
        self.is_empty = is_empty
        """Whether nothing has come: it may have been typed, with alt, what introduces it."""

    @property
    def seconds(self) -> float:
        """The same as for a sequence, until it is sure that it is none."""
        return 0.5 if self.is_empty else 1.0

    def take(self, text: str, at: int) -> tuple[int, bool]:
        """Take all up to its end; what cannot stand in it is left, and ends it too."""
        match = TEXT.match(text, at)
        end = at if match is None else match.end()
        self.is_empty = self.is_empty and end == at
        if end == len(text) or text[end:] == ESCAPE:
            return end, False
        if terminator := TEXT_END.match(text, end):
            self.is_empty = False
            return terminator.end(), True
        return end, True

    def goes_on(self, text: str) -> bool:
        """Tell whether its end is in it, or more than a person types at once."""
        match = TEXT.match(text)
        end = 0 if match is None else match.end()
        is_burst = end == len(text) and end >= BURST
        return is_burst or TEXT_END.match(text, end) is not None


class Overlong:
    """A sequence that is longer than any that means something."""

    seconds = 0.5

    def take(self, text: str, at: int) -> tuple[int, bool]:
        """Take all up to its last character."""
        match = SEQUENCE.match(text, at)
        end = at if match is None else match.end()
        if end == len(text):
            return end, False
        return end + ("@" <= text[end] <= "~"), True

    def goes_on(self, text: str) -> bool:
        """Tell that nobody knows."""
        return False
