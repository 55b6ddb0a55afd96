"""What was asked in one input, to be asked again."""

from collections.abc import Iterable, Iterator
from typing import Final

MOST_TEXTS: Final = 200
MOST_CHARACTERS: Final = 500
"""How long a text that is remembered may be."""


class History:
    """Texts, each once, the latest at the end."""

    def __init__(self, before: Iterable[str] = ()) -> None:
        """Begin with what was asked in former runs."""
        self.new: list[str] = []
        """What was asked in this run, in order."""
        self._texts: list[str] = []
        for text in before:
            self.remember(text)
        self.new.clear()

    def __iter__(self) -> Iterator[str]:
        """Give all of them, the oldest first."""
        return iter(self._texts)

    def __len__(self) -> int:
        """Give how many there are."""
        return len(self._texts)

    def back(self, steps: int) -> str:
        """Give what was asked so many questions ago; 1 is the latest."""
        return self._texts[-steps]

    def remember(self, text: str) -> None:
        """Note that this was asked; the oldest text leaves a full history."""
        if not text.strip() or len(text) > MOST_CHARACTERS:
            return
        for texts in (self._texts, self.new):
            if text in texts:
                texts.remove(text)
            texts.append(text)
            del texts[:-MOST_TEXTS]
