"""Bytes that a terminal might send, and many that none would: drawn by chance from a seed."""

import random
from collections.abc import Callable, Iterator
from typing import TypeAlias

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

Draw: TypeAlias = Callable[[random.Random, int], Iterator[bytes]]
"""Draws so many bytes, in parts."""
PIECE_BYTES = 8192
"""How much is drawn at once."""
KNOWN = sorted(sequence.encode() for sequence in ANSI_SEQUENCES_KEYS)
MOUSE = [
    b"\x1b[<0;10;5M", b"\x1b[<0;10;5m", b"\x1b[<2;1;1M", b"\x1b[<32;12;7M", b"\x1b[<64;3;3M",
    b"\x1b[<65;3;3M", b"\x1b[<66;120;40M", b"\x1b[<0;99999;99999M", b"\x1b[<16;-1;-1M",
    b"\x1b[<128;1;1M", b"\x1b[<0;0;0M", b"\x1b[M #%", b"\x1b[M\xc3\xa9!", b"\x1b[32;10;5M",
]  # fmt: skip
"""Buttons, drags and wheels: SGR, X10, UTF-8, urxvt."""
SIZES = [
    b"\x1b[48;1;1;16;8t", b"\x1b[48;1;99999;16;8t", b"\x1b[48;99999;99999;99999;99999t",
    b"\x1b[48;40;120;0;0t", b"\x1b[48;40;120;800;1200t", b"\x1b[48;0;0;0;0t",
    b"\x1b[?2048;2$y",
]  # fmt: skip
OTHER_KEYS = [
    b"\x1b[27;%d;%d~" % (modifiers, code)
    for modifiers in (1, 2, 3, 5, 6, 7, 9, 256)
    for code in (8, 9, 13, 27, 32, 33, 84, 116, 233, 57399, 0x1F642)
]
"""Keys as modifyOtherKeys sends them."""
QUIET = [
    b"\x1b[I", b"\x1b[<35;11;6M", b"\x1b[<35;999;1M", b"\x1b[35;10;5M", b"\x1b[?62;1;4c",
    b"\x1b]11;rgb:1e1e/1e1e/2e2e\x07", b"\x1bP>|tmux 3.4\x1b\\", b"\x1b_Gi=31;OK\x1b\\",
    b"\x1b[24;80R", b"\x1b[?2026;2$y", b"\x1b[13;1:3u", b"\x1b[27;7;116~", b"\x1b[27;6;88~",
    b"\x1b[27;3;120~", b"\x1b[120;3u", b"\x9b?1u", b"\xc2\x9b0n", b"\x1b[57441;2u", *SIZES,
]  # fmt: skip
"""What types nothing, and no key of the explorer is set to."""
REPORTS = [
    *MOUSE, *SIZES, *OTHER_KEYS,
    b"\x1b[?62;1;4c", b"\x1b[>41;370;0c", b"\x1bP!|00000000\x1b\\", b"\x1bP>|tmux 3.4\x1b\\",
    b"\x1b]11;rgb:1e1e/1e1e/2e2e\x07", b"\x1b]4;1;rgb:ffff/0000/0000\x1b\\", b"\x1b[I",
    b"\x1b[O",
    b"\x1b]52;c;aGl0bWlzcw==\x07", b"\x1b_Gi=31;OK\x1b\\", b"\x1b^private\x1b\\",
    b"\x1bXstring\x1b\\", b"\x1b[8;24;80t", b"\x1b[?1u", b"\x1b[24;80R", b"\x1b[?24;80;1R",
    b"\x1b[?2026;2$y", b"\x1b[?2048;2$y", b"\x1b[48;40;120;800;1200t", b"\x1b[48;40;120;0;0t",
    b"\x1b[<0;10;5M", b"\x1b[<0;10;5m", b"\x1b[<35;11;6M", b"\x1b[<64;3;3M", b"\x1b[M #%",
    b"\x1b[35;10;5M", b"\x1b[13;1:3u", b"\x1b[97:65;2u", b"\x1b[97;2;65u", b"\x1b[0;;104:105u",
    b"\x1b[27;5;99~", b"\x1b[1;5:2C", b"\x1b[57441;2u", b"\x1b[1;2R",
    b"\x1b[200~1\n2\n\x1b[201~",
    b"\x1b[200~" + "é漢🙂\u202e".encode() + b"\x1b[201~", b"\x1b[200~", b"\x1b[201~", b"\x1b\\",
    b"\x9b1;5A", b"\x90q\x9c", b"\xc2\x9b24~", b"\x8fP", b"\x1b%G", b"\x1b(B", b"\x1b#8",
    b"\x1bc",
    "Ωé漢字🙂\U0010ffff".encode(), b"\xc3\x28", b"\xf0\x9f\x99", b"\xed\xa0\x80", b"\x18\x1a",
    b"1\r", b"zoe\r", b"\x1b1", b"\x1b2", b"/", b"\t", b"\x7f", b"\x00",
]  # fmt: skip
NUMBERS = [b"0", b"1", b"3", b"27", b"200", b"999999", b"1114112", b"55296", b"57399",
           b"9" * 40, b"9" * 5000, b"-1", b"2147483648", b""]  # fmt: skip
PIECES = [b"\x1b", b"\x1b[", b"\x1b]", b"\x1bO", b"\x1bP", b";", b":", b"<", b"?", b"$", b" ",
b"~",
          b"u", b"M", b"R", b"t", b"y", b"\x07", b"\x1b\\", b"\x9b", b"\x9c", b"\x03", b"\xff",
          b";" * 1100, b":1" * 600]  # fmt: skip


def random_bytes(chance: random.Random, count: int) -> Iterator[bytes]:
    """Yield `count` bytes, all equally likely, in parts."""
    while count > 0:
        part = chance.randbytes(min(count, PIECE_BYTES))
        count -= len(part)
        yield part


def nearly_right(chance: random.Random, count: int) -> Iterator[bytes]:
    """Yield `count` bytes or a few more: sequences that exist, most of them changed."""
    while count > 0:
        part = b"".join(_changed(chance) for _ in range(200))
        count -= len(part)
        yield part


def packets(chance: random.Random, parts: Iterator[bytes], longest: int) -> Iterator[bytes]:
    """Yield the same bytes in packets of any length up to `longest`, most of them short."""
    for part in parts:
        at = 0
        while at < len(part):
            size = min(longest, 1 + int(chance.expovariate(4 / longest)))
            yield part[at : at + size]
            at += size


def _changed(chance: random.Random) -> bytes:
    whole = bytearray(chance.choice(KNOWN if chance.random() < 0.4 else REPORTS))
    for _ in range(chance.choice((0, 0, 1, 1, 1, 2, 3, 6))):
        at = chance.randrange(len(whole) + 1)
        what = chance.randrange(6)
        if what == 0:
            whole[at : at + chance.randrange(3)] = b""
        elif what == 1:
            whole[at:at] = chance.choice(PIECES)
        elif what == 2:
            whole[at:at] = chance.choice(NUMBERS)
        elif what == 3:
            del whole[at:]
        elif what == 4 and whole:
            whole[at % len(whole)] ^= 1 << chance.randrange(8)
        else:
            whole[at:at] = chance.randbytes(1)
    return bytes(whole)
