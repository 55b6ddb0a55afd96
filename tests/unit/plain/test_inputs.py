"""Lines are cut out of what a terminal, a pipe or a file gives, when they are wanted."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.plain.inputs import LONGEST, LineCutter, LineNotTaken, ThreadedLines


def cut(*parts: bytes) -> list[bytes]:
    """Return the lines of what comes in these parts."""
    given = iter((*parts, b""))
    cutter = LineCutter(lambda _: next(given))
    lines = []
    while (line := cutter.next()) is not None:
        lines.append(line)
    return lines


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        ([], []),
        ([b"1\n2\r\n\n3"], [b"1", b"2", b"", b"3"]),
        ([b"a", b"b\nc", b"\n"], [b"ab", b"c"]),
    ],
)
def test_lines_end_where_they_end(parts: list[bytes], lines: list[bytes]) -> None:
    """Whatever the parts that they come in; the last one needs no end."""
    assert cut(*parts) == lines


def test_of_a_long_line_little_is_kept() -> None:
    """However long it is; the line after it is whole."""
    first, second = cut(*[b"x" * LONGEST] * 50, b"\n1\n")
    assert len(first) == LONGEST + 1
    assert second == b"1"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The two ends of a pipe."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


async def test_a_thread_reads_what_is_asked_for(tmp_path: Path) -> None:
    """From a file too; at the end there are no more lines, however often one asks."""
    path = tmp_path / "lines"
    path.write_bytes(b"1\n\xff\n" + b"x" * (LONGEST + 5) + b"\nlast")
    with path.open("rb", buffering=0) as file:
        lines = ThreadedLines(file.read)
        assert await lines.next() == "1"
        for reason in ("no text in UTF-8", "longer than"):
            with pytest.raises(LineNotTaken, match=reason):
                await lines.next()
        assert [await lines.next() for _ in range(3)] == ["last", None, None]


async def test_a_line_is_left_to_the_next_who_asks(pipe: tuple[int, int]) -> None:
    """Who is cancelled while nobody types takes nothing away."""
    import asyncio

    lines = ThreadedLines(lambda count: os.read(pipe[0], count))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await lines.next()
    os.write(pipe[1], b"1\n2\n")
    assert [await lines.next(), await lines.next()] == ["1", "2"]
    lines.close()


async def test_the_thread_ends_when_nobody_asks_any_more() -> None:
    """It does not hold up the end of the process."""
    before = set(threading.enumerate())
    lines = ThreadedLines(lambda _: b"1\n")
    (thread,) = set(threading.enumerate()) - before
    assert await lines.next() == "1"
    lines.close()
    thread.join(5)
    assert not thread.is_alive()
