"""Replies are put together again however they are cut, and none takes more than it is worth."""

from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.cache.memcached.protocol import SLACK, ErrorReply, Item, MemcachedReplies, Value
from tui.cache.wire import NotUnderstood, TooLarge

SAID = (
    b"VA 3 t60 c2 W\r\nabc\r\n"
    b"EN\r\n"
    b"HD c5 t-1\r\n"
    b"VALUE k 0 2 7\r\n\r\n\r\nVALUE other 4 0 8\r\n\r\nEND\r\n"
    b"END\r\n"
    b"SERVER_ERROR out of memory storing object\r\n"
    b"STAT pid 1\r\nSTAT version 1.6.18\r\nEND\r\n"
    b"ME k exp=-3 la=0 cas=1 fetch=yes cls=1 size=60\r\n"
    b"VERSION 1.6.18\r\n"
    b"VA 6 t1 c3\r\nEND\r\nX\r\n"
    b"HD\r\n"
)
MEANT: list[Any] = [
    Item(b"abc", (b"t60", b"c2", b"W"), 3),
    b"EN",
    Item(None, (b"c5", b"t-1")),
    [Value(b"k", b"\r\n", 2, 7), Value(b"other", b"", 0, 8)],
    [],
    "SERVER_ERROR out of memory storing object",
    {"pid": "1", "version": "1.6.18"},
    b"ME k exp=-3 la=0 cas=1 fetch=yes cls=1 size=60",
    b"VERSION 1.6.18",
    Item(b"END\r\nX", (b"t1", b"c3"), 6),
    Item(None, ()),
]


def read(replies: MemcachedReplies, parts: list[bytes]) -> list[Any]:
    """Feed parts; return all replies, an error as its text."""
    found = []
    for part in parts:
        replies.feed(part)
        while (reply := replies.gets()) is not False:
            found.append(str(reply) if isinstance(reply, ErrorReply) else reply)
    return found


@given(st.lists(st.integers(0, len(SAID)), max_size=8))
def test_they_may_be_cut_anywhere(cuts: list[int]) -> None:
    """What a network does with bytes changes nothing."""
    places = [0, *sorted(cuts), len(SAID)]
    parts = [SAID[a:b] for a, b in pairwise(places)]
    assert read(MemcachedReplies(1000), parts) == MEANT


def test_they_may_come_byte_by_byte() -> None:
    """One at a time."""
    assert read(MemcachedReplies(1000), [bytes([one]) for one in SAID]) == MEANT


@pytest.mark.parametrize("size", [11, 5000, 3_000_000])
@pytest.mark.parametrize("step", [1 << 20, 1000, 7])
def test_a_value_that_is_too_long_is_dropped_and_its_size_is_told(size: int, step: int) -> None:
    """Those behind it are read as ever, and it takes no memory."""
    if size // step > 5000:
        step = 1000
    said = b"VA %d t9 c1\r\n%b\r\nEN\r\n" % (size, b"x" * size)
    said += b"VALUE k 0 %d 5\r\n%b\r\nEND\r\n" % (size, b"x" * size)
    replies = MemcachedReplies(10)
    found = read(replies, [said[at : at + step] for at in range(0, len(said), step)])
    assert found == [
        Item(None, (b"t9", b"c1"), size), b"EN", [Value(b"k", None, size, 5)]
    ]  # fmt: skip
    assert replies.taken < 200


def test_replies_that_never_end_are_given_up() -> None:
    """A value, many values, a line: none may fill the memory."""
    with pytest.raises(TooLarge):
        read(MemcachedReplies(10), [b"VA 99999999999 t9 c1\r\n"])
    many = b"VALUE k 0 9 5\r\n123456789\r\n" * (SLACK // 20)
    with pytest.raises(TooLarge):
        read(MemcachedReplies(10), [many])
    with pytest.raises(NotUnderstood):
        read(MemcachedReplies(10), [b"A" * 20_000])


@pytest.mark.parametrize(
    "said",
    [
        b"+PONG\r\n", b"-ERR unknown command\r\n", b"HTTP/1.1 400 Bad Request\r\n", b"\r\n",
        b"VA x t1 c1\r\n", b"VA -1 t1 c1\r\n", b"VA\r\n", b"VA 3 t1\r\nabcdef\r\n",
        b"VALUE k 0\r\n", b"VALUE k 0 1 \xff\r\n", b"va 3\r\n", b"\x16\x03\x01\r\n",
    ],
)  # fmt: skip
def test_what_is_no_memcached_is_found_out(said: bytes) -> None:
    """By its first line."""
    if said == b"VA\r\n":
        assert read(MemcachedReplies(10), [said]) == [b"VA"]  # a word, which nobody asked for
        return
    with pytest.raises(NotUnderstood):
        read(MemcachedReplies(10), [said])


@given(st.binary(max_size=300))
def test_noise_breaks_nothing_else(said: bytes) -> None:
    """Whatever comes, there is a reply, or one of the two errors."""
    replies = MemcachedReplies(100)
    with suppress(NotUnderstood, TooLarge):
        read(replies, [said, b"\r\n"])
    assert replies.taken <= len(said) + 2
