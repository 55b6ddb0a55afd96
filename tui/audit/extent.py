"""How much of a cached copy is taken apart: so much that nobody has to wait for it."""

MOST_VALUES = 100_000
"""Of more values than this no copy is taken apart: each takes 100 bytes of memory and more."""
_PUNCTUATION = b"[", b"{", b",", b":"
"""One of these stands before each value, and before each name."""


class UnreadablePayload(ValueError):
    """The bytes are not a record of this table."""


class TooManyValues(UnreadablePayload):
    """The bytes may be a record, but taking them apart costs more than anyone would wait."""


def check_extent(text: bytes) -> None:
    """Pass when JSON holds few enough values to be taken apart, which is not done for that.

    It takes some 10 ms a megabyte at most. Of what is no JSON it says nothing.

    Raises:
        TooManyValues: it has more than MOST_VALUES.
    """
    if len(text) <= 2 * MOST_VALUES or _marks(text) <= MOST_VALUES:
        return
    unescaped = text.replace(rb"\\", b"").replace(rb"\"", b"")
    # What stands between the quotes of a text is no punctuation, however much it looks so.
    few = unescaped.count(b'"') <= 4 * MOST_VALUES
    if not few or sum(map(_marks, unescaped.split(b'"')[::2])) > MOST_VALUES:
        raise TooManyValues(f"it has more than {MOST_VALUES:,} values")


def _marks(text: bytes) -> int:
    return sum(map(text.count, _PUNCTUATION))
