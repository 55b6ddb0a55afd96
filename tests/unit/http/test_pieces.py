"""Where what comes from a client is cut."""

import re
from itertools import combinations

from tui.http.pieces import END_OF_HEAD, Pieces


def cut(*read: bytes) -> list[bytes]:
    """Return the pieces of what was read in these parts."""
    pieces, found = Pieces(), []
    for part in read:
        data = part
        while data:
            end = pieces.cut(data)
            found.append(data[:end])
            data = data[end:]
    return found


def test_no_piece_has_two_ends() -> None:
    """Wherever what was read was divided; nothing is lost, and each end is that of a piece."""
    sent = b"A\r\n\r\n\r\nB\r\n\r\nC\r\r\n\r\n\n"
    ends = {found.end() for found in re.finditer(END_OF_HEAD, sent)}
    for first, second in combinations(range(len(sent) + 1), 2):
        found = cut(sent[:first], sent[first:second], sent[second:])
        assert b"".join(found) == sent
        cuts = {sum(map(len, found[: number + 1])) for number in range(len(found))}
        assert cuts >= ends


def test_what_has_no_end_is_one_piece() -> None:
    """It is not cut smaller than it was read."""
    assert cut(b"x" * 9000, b"\r", b"\n" * 50) == [b"x" * 9000, b"\r", b"\n" * 50]
