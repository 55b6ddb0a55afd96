"""How much one trip asks for: what pays, and what the line and the values allow."""

from collections.abc import Sequence
from typing import Final

MOST_KEYS: Final = 500
"""How many keys one trip asks about: more would make it no cheaper."""
FIRST_KEYS: Final = 100
"""How many the first trip asks about, when nobody knows how long it will take."""
FEWEST_KEYS: Final = 16
SLOW_SECONDS: Final = 0.1
"""What a trip should not take: well below the limit at which it fails."""
REQUEST_CHARACTERS: Final = 1 << 18
"""How long the keys of one trip are together, unless it is one key."""
SHORTEST_CUT, LONGEST_CUT = 256, 4096
"""Bytes up to which values come at once; what is longer costs much more than its trip."""


class Pace:
    """How many keys a trip asks about; learnt from how long trips take and what they bring."""

    def __init__(self, most: int = MOST_KEYS) -> None:
        """Begin with few, and never ask about more than `most`."""
        self._most = most
        self._keys = min(most, FIRST_KEYS)

    def first_of(self, keys: Sequence[str], most: int = MOST_KEYS) -> Sequence[str]:
        """Return the keys that the next trip asks about, at most so many; one at least."""
        keys = keys[: max(1, min(self._keys, most))]
        if sum(map(len, keys)) <= REQUEST_CHARACTERS:
            return keys
        count = length = 0
        for key in keys:
            length += len(key)
            if length > REQUEST_CHARACTERS:
                break
            count += 1
        return keys[: max(1, count)]

    def took(self, seconds: float, asked: int, brought: int) -> None:
        """Note how long a trip about so many keys took, and of how many it was of use."""
        if seconds > SLOW_SECONDS:
            self._keys = max(FEWEST_KEYS, asked // 2)
        elif brought < asked:
            self._keys = max(FEWEST_KEYS, 2 * brought)
        elif asked >= self._keys:
            self._keys = 2 * self._keys
        self._keys = min(self._keys, self._most)


class Cut:
    """Up to how many bytes values are read before anybody knows how long they are.

    Most values of a walk are about as long as those before, so nearly all come whole in the
    trip that asks for the first bytes of each; of the others the size is asked.
    """

    def __init__(self, most: int) -> None:
        """Begin somewhat above what a row has; never go beyond `most` bytes."""
        self._most = most
        self.bytes = min(most, 2 * SHORTEST_CUT)

    def saw(self, whole: int, longer: int, longest: int) -> None:
        """Note how many values were whole and how many longer, and the longest of the whole."""
        if longer * 8 > whole:
            self.bytes = min(self._most, LONGEST_CUT, 2 * self.bytes)
        elif whole and not longer and longest * 4 < self.bytes:
            self.bytes = min(self._most, max(SHORTEST_CUT, self.bytes // 2))
