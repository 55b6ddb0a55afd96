"""What is compressed around a format, unpacked into no more bytes than are allowed.

Python's own zlib and lzma are asked for so many bytes and no more. All other compressions come
with the optional `cramjam`, which writes into a buffer of a length that we give.
"""

import zlib
from collections.abc import Iterator
from typing import Any, Final

from tui.audit.decoders.plain import broken
from tui.audit.extent import TooManyValues, UnreadablePayload

FIRST_GUESS: Final = 8
"""How many times larger data first may become; most does not, and zeroing memory takes time."""
SMALLEST: Final = 1 << 16
LZMA_MEMORY: Final = 80 << 20
"""Bytes: what unpacking takes of all that `xz -9` and less has packed."""
_WINDOWS: Final = {"gzip": 31, "zlib": 15}
"""How zlib calls the wrappings of its one compression: 16 and 15 bits, or 15 alone."""


def unpack(name: str, payload: bytes, most: int) -> bytes:
    """Return what is in a payload that is compressed in that way.

    Raises:
        TooManyValues: it is more than `most` bytes.
        UnreadablePayload: it is broken, or needs a package that is not installed.
    """
    if name in _WINDOWS:
        return _inflate(name, payload, most)
    if name == "xz":
        return _unpack_xz(payload, most)
    library = _cramjam()
    if library is None:
        raise broken(name, "install hitmiss[formats]")
    found = _grown(getattr(library, name).decompress_into, payload, most)
    if found is None:
        raise broken(name, "it is broken")
    if len(found) > most:
        raise _too_large(name)
    return found


def guesses(payload: bytes, most: int) -> Iterator[tuple[str, bytes]]:
    """Give what is in a payload by the compressions that have no mark, where all of it can be.

    A block of LZ4 stands behind its length, as python-lz4 writes it, or behind a checksum of
    that and the length, as PhpRedis does. Without cramjam there is nothing.
    """
    library = _cramjam()
    if library is None or not payload:
        return
    found = _grown(library.brotli.decompress_into, payload, most)
    # It does not say that something stands behind the end; so the last byte has to matter.
    if (
        found is not None
        and len(found) <= most
        and _into(library.brotli.decompress_into, payload[:-1], len(found)) is None
    ):
        yield "brotli", found
    length = _varint(payload)
    if 0 < length <= most:
        found = _into(library.snappy.decompress_raw_into, payload, length)
        if found is not None and len(found) == length:
            yield "snappy", found
    for block in (payload, payload[1:]):
        length = int.from_bytes(block[:4], "little")
        # No byte of a block says more than 255 of what is unpacked.
        if 0 < length <= min(most, 255 * len(block)):
            found = _into(library.lz4.decompress_block_into, block, length)
            if found is not None and len(found) == length:
                yield "lz4", found


def _inflate(name: str, payload: bytes, most: int) -> bytes:
    stream = zlib.decompressobj(_WINDOWS[name])
    try:
        found = stream.decompress(payload, most + 1)
    except zlib.error as error:
        raise broken(name, "it is broken") from error
    return _whole(name, found, most, ended=stream.eof, rest=stream.unused_data)


def _unpack_xz(payload: bytes, most: int) -> bytes:
    try:
        import lzma
    except ImportError:
        raise broken("xz", "this Python is without lzma") from None
    stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=LZMA_MEMORY)
    try:
        found = stream.decompress(payload, most + 1)
    except lzma.LZMAError as error:
        raise broken("xz", "it is broken, or needs too much memory") from error
    return _whole("xz", found, most, ended=stream.eof, rest=stream.unused_data)


def _whole(name: str, found: bytes, most: int, *, ended: bool, rest: bytes) -> bytes:
    if len(found) > most:
        raise _too_large(name)
    if not ended:
        raise broken(name, "it ends too early")
    if rest:
        raise broken(name, "something stands behind its end")
    return found


def _too_large(name: str) -> UnreadablePayload:
    return TooManyValues(f"unreadable: {name}, larger than --max-value when unpacked")


def _cramjam() -> Any:
    """Return the package, or None where it is not installed."""
    try:
        import cramjam
    except ImportError:
        return None
    return cramjam


def _grown(unpack_into: Any, payload: bytes, most: int) -> bytes | None:
    """Return what is unpacked, of more than `most` bytes some; None if it is broken."""
    room = min(most + 1, max(SMALLEST, FIRST_GUESS * len(payload)))
    while True:
        found, is_full = _attempt(unpack_into, payload, room)
        if not is_full or room > most:
            return bytes(room) if is_full else found
        room = min(most + 1, room * FIRST_GUESS)


def _into(unpack_into: Any, payload: bytes, room: int) -> bytes | None:
    return _attempt(unpack_into, payload, room)[0]


def _attempt(unpack_into: Any, payload: bytes, room: int) -> tuple[bytes | None, bool]:
    """Return what is unpacked into `room` bytes, None if not; and whether for want of room."""
    buffer = bytearray(room)
    try:
        length = unpack_into(payload, buffer)
    except _cramjam().DecompressionError as error:
        return None, "write whole buffer" in str(error)
    return bytes(memoryview(buffer)[:length]), False


def _varint(payload: bytes) -> int:
    """Return the length that stands at the beginning of raw snappy; 0 if none does."""
    length = 0
    for place, octet in enumerate(payload[:5]):
        length |= (octet & 0x7F) << (7 * place)
        if octet < 0x80:
            return length
    return 0
