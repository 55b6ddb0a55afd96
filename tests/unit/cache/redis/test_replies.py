"""The reader of the protocol: as hiredis reads it, and nothing that is too large."""

from collections.abc import Iterable, Iterator
from typing import Any

import hiredis
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from redis.asyncio.connection import DefaultParser

from tui.cache.redis.replies import (
    LARGE_CHUNK,
    LONGEST_LINE,
    MOST_ELEMENTS,
    MOST_LINES,
    Replies,
    ReplyTooLarge,
)

MEBIBYTE = 1 << 20
LINES = st.sampled_from(
    [b"+OK\r\n", b":-12345678\r\n", b"$-1\r\n", b"*-1\r\n", b"-ERR no\r\n", b"#t\r\n", b"_\r\n"]
)
BODIES = st.one_of(
    st.binary(max_size=40),
    st.text("*$\r\n1234567890%", max_size=60).map(str.encode),
    st.sampled_from([b"*9999999\r\n" * 9, b"\r\n$99999999\r\n", b"x" * LARGE_CHUNK]),
)
BULKS = BODIES.map(lambda body: b"$%d\r\n%s\r\n" % (len(body), body))
REPLIES = st.recursive(
    LINES | BULKS,
    lambda inner: st.lists(inner, max_size=4).map(
        lambda parts: b"*%d\r\n" % len(parts) + b"".join(parts)
    ),
    max_leaves=12,
)


def pieces(stream: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """Cut a stream into pieces of those sizes, over and over."""
    sizes = list(sizes)
    place = turn = 0
    while place < len(stream):
        yield stream[place : place + sizes[turn % len(sizes)]]
        place += sizes[turn % len(sizes)]
        turn += 1


def read(reader: Any, chunks: Iterable[bytes], replies: list[str] | None = None) -> list[str]:
    """Give all replies, as somebody reads them who asks for one after the other."""
    replies = [] if replies is None else replies
    for chunk in chunks:
        reader.feed(chunk)
        while (reply := reader.gets()) is not False:
            replies.append(repr(reply))
            reader.taken = 0
    return replies


class Plain:
    """hiredis alone."""

    taken = 0

    def __init__(self) -> None:
        """Begin."""
        self._reader: Any = hiredis.Reader(replyError=DefaultParser.parse_error)
        self.feed, self.gets = self._reader.feed, self._reader.gets


@settings(max_examples=300)
@given(st.lists(REPLIES, max_size=6), st.lists(st.integers(1, 70_000), min_size=1, max_size=5))
@example([b"$3\r\nabc\r\n", b":1\r\n"], [1])
@example([b"*2\r\n$10\r\n*1234567\r\n\r\n+OK\r\n"], [6, 2])
def test_it_reads_what_hiredis_reads(stream: list[bytes], sizes: list[int]) -> None:
    """Whatever the replies, and in whatever pieces they come."""
    chunks = list(pieces(b"".join(stream), sizes))
    assert read(Replies(8 * MEBIBYTE), chunks) == read(Plain(), chunks)


@pytest.mark.parametrize("size", [1, 2, 5, 7, 100_000])
@pytest.mark.parametrize(
    "bad",
    [
        b"*2147483648\r\n", b"*9223372036854775807\r\n", b"%99999999\r\n", b"~9999999\r\n",
        b">9999999\r\n", b"$500000000\r\nabc", b"=99999999\r\ntxt:",
        b"*2\r\n+OK\r\n*3000000\r\n",
        b"*1\r\n" * 3 + b"*3000000\r\n", b"$" + b"9" * 30 + b"\r\n", b"$67108865\r\n",
        b"*0" + b"0" * 40 + b"3000000\r\n",
    ],
)  # fmt: skip
def test_too_much_is_refused_when_it_is_announced(bad: bytes, size: int) -> None:
    """Before any of it is taken, behind replies that are given as ever."""
    reader = Replies(16 * MEBIBYTE)
    stream = b"+OK\r\n$3\r\nabc\r\n" + bad
    replies: list[str] = []
    with pytest.raises(ReplyTooLarge):
        read(reader, pieces(stream, [size]), replies)
    assert replies == ["b'OK'", "b'abc'"]


@pytest.mark.parametrize("sign", [b"+", b"-", b":", b"$", b"*", b","])
def test_a_line_without_an_end_is_refused(sign: bytes) -> None:
    """No line of the protocol is as long as that."""
    with pytest.raises(ReplyTooLarge):
        read(Replies(16 * MEBIBYTE), [sign, *[b"1" * 1000] * (2 * LONGEST_LINE // 1000)])


def test_many_small_parts_are_refused_together() -> None:
    """A list of allowed length, of values of allowed length, that never ends."""
    value = b"$100000\r\n" + b"x" * 100_000 + b"\r\n"
    with pytest.raises(ReplyTooLarge):
        read(Replies(2 * MEBIBYTE), [b"*1000\r\n", *[value] * 1000])


@pytest.mark.parametrize("element", [b"-\r\n", b":1\r\n", b"$-1\r\n", b"$0\r\n\r\n", b"*0\r\n"])
@pytest.mark.parametrize(("lists", "length"), [(32, MOST_ELEMENTS), (4000, 1000)])
def test_many_elements_are_refused_together(element: bytes, lists: int, length: int) -> None:
    """Lists in a list are no way around what one may hold, though their bytes are few."""
    part = b"*%d\r\n" % length + element * length
    chunks = pieces(b"*%d\r\n" % lists + part * (4 * MOST_LINES // length), [65536])
    with pytest.raises(ReplyTooLarge):
        read(Replies(512 * MEBIBYTE), chunks)
    assert next(chunks), "it is refused before all of it has come"


def test_what_is_asked_for_has_fewer_elements() -> None:
    """Hashes of thousands of fields, one after the other, and a page of keys among them."""
    fields = b"*4000\r\n" + b"$1\r\nx\r\n" * 4000
    page = b"*2\r\n$1\r\n0\r\n*1000\r\n" + b"$3\r\na:1\r\n" * 1000
    reader = Replies(MEBIBYTE)
    assert len(read(reader, pieces((fields + page) * 200, [65536]))) == 400


@pytest.mark.parametrize("size", [1000, 65536, 10 * MEBIBYTE])
def test_a_value_that_is_too_large_is_dropped(size: int) -> None:
    """An error stands in its place, nested too, and what follows is read as ever."""
    large = b"$%d\r\n" % (3 * MEBIBYTE) + b"+x\r\n" * (3 * MEBIBYTE // 4 + 1)
    large = large[: large.index(b"\n") + 1 + 3 * MEBIBYTE] + b"\r\n"
    stream = b":1\r\n" + large + b"*3\r\n:2\r\n" + large + b":3\r\n" + large + large + b":4\r\n"
    replies = read(Replies(2 * MEBIBYTE), pieces(stream, [size]))
    dropped = repr(ReplyTooLarge("a value is larger than 2,097,152 bytes"))
    assert replies == ["1", dropped, f"[2, {dropped}, 3]", dropped, dropped, "4"]


def test_what_is_allowed_comes_whole() -> None:
    """A value of just the largest size is read, as many of them as there are."""
    value = b"$%d\r\n" % (2 * MEBIBYTE) + b"x" * (2 * MEBIBYTE) + b"\r\n"
    replies = read(Replies(2 * MEBIBYTE), pieces(value * 5, [65536]))
    assert [len(reply) - 3 for reply in replies] == [2 * MEBIBYTE] * 5
