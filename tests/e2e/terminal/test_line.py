"""The line to the terminal: what waits on it, and what is dropped."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

import pytest

from tui.terminal.line import ASK_AFTER_BYTES, QUESTION, SLACK_BYTES, Line

PATIENCE_SECONDS = 10.0


class SlowEnd:
    """The other end of a line: takes what is sent when the test lets it."""

    def __init__(self) -> None:
        """Begin with a free line and nothing to send."""
        self._changed = Condition()
        self.newest = b""
        self.sent: list[bytes] = []
        self.broken = False
        self.closed = False
        self.free = True

    def take(self) -> bytes:
        """Give the newest state, once."""
        with self._changed:
            state, self.newest = self.newest, b""
            return state

    def send(self, data: bytes) -> None:
        """Take data, when the line is free."""
        with self._changed:
            if self.broken:
                raise OSError(5, "gone")
            self.sent.append(data)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self.free, PATIENCE_SECONDS)

    def close(self) -> None:
        """Note that the line is closed."""
        with self._changed:
            self.closed = True
            self._changed.notify_all()

    def release(self) -> None:
        """Let everything through from now on."""
        with self._changed:
            self.free = True
            self._changed.notify_all()

    def has(self, count: int) -> None:
        """Wait until that many pieces have been sent."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.sent) >= count, PATIENCE_SECONDS)

    def is_closed(self) -> None:
        """Wait until the line is known to be closed."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.closed, PATIENCE_SECONDS)


@contextmanager
def line_to(end: SlowEnd) -> Iterator[Line]:
    """Give a line to `end` that is running."""
    line = Line(end.take, end.send, end.close)
    line.start()
    yield line
    end.release()
    line.finish(PATIENCE_SECONDS)
    assert not line.is_alive()


def shows(end: SlowEnd, line: Line, state: bytes) -> None:
    """Change the state that is to be shown."""
    end.newest = state
    line.wake()


def test_of_the_states_that_nobody_saw_only_the_newest_is_sent() -> None:
    """While one frame is on its way the state changes a hundred times: one frame follows."""
    end = SlowEnd()
    with line_to(end) as line:
        end.free = False
        shows(end, line, b"first")
        end.has(1)
        for number in range(100):
            shows(end, line, b"state %d" % number)
        end.release()
        end.has(2)
    assert end.sent == [b"first", b"state 99"]


def test_a_terminal_that_answers_is_not_sent_more_than_it_has_taken() -> None:
    """Behind a question little follows; once it is answered, the newest state does."""
    end = SlowEnd()
    with line_to(end) as line:
        shows(end, line, b"." * ASK_AFTER_BYTES)
        end.has(1)
        assert end.sent[0].endswith(QUESTION)
        assert line.answer()  # now it is known to answer
        shows(end, line, b"." * ASK_AFTER_BYTES)
        end.has(2)
        shows(end, line, b"key")  # may follow at once
        end.has(3)
        shows(end, line, b"," * SLACK_BYTES)
        end.has(4)
        assert end.sent[2:] == [b"key", b"," * SLACK_BYTES]
        held = [line.is_held]
        for number in range(100):
            shows(end, line, b"state %d" % number)
        assert line.answer()
        assert [*held, line.is_held] == [True, False]
        end.has(5)
        assert end.sent[4].startswith(b"state 99")


def test_an_answer_to_nothing_is_told_apart() -> None:
    """Without a question there is no answer: that is for somebody else."""
    with line_to(SlowEnd()) as line:
        assert not line.answer()


def test_a_terminal_that_never_answers_is_sent_to_at_once() -> None:
    """Until a first answer has come, a question holds nothing up."""
    end = SlowEnd()
    with line_to(end) as line:
        for number in range(1, 5):
            shows(end, line, b"." * 4000)
            end.has(number)
    assert sum(piece.count(QUESTION) for piece in end.sent) == 1


def test_a_closed_line_is_told_once() -> None:
    """Where sending fails, that is told, and nothing is sent any more."""
    end = SlowEnd()
    end.broken = True
    with line_to(end) as line:
        shows(end, line, b"frame")
        end.is_closed()
        shows(end, line, b"frame")
    assert end.sent == []


def test_finishing_sends_the_rest_although_no_answer_came() -> None:
    """What leaves the terminal as it was goes out behind an open question as well."""
    end = SlowEnd()
    with line_to(end) as line:
        shows(end, line, b"." * ASK_AFTER_BYTES)
        end.has(1)
        line.answer()
        shows(end, line, b"." * ASK_AFTER_BYTES)
        end.has(2)
        shows(end, line, b"." * SLACK_BYTES)
        end.has(3)
        end.newest = b"restored"
    assert end.sent[-1].startswith(b"restored")


@pytest.mark.parametrize("asks", [True, False])
def test_a_line_can_be_told_not_to_ask(asks: bool) -> None:
    """Where no answer could be read, none is asked for."""
    end = SlowEnd()
    line = Line(end.take, end.send, end.close, asks=asks)
    line.start()
    shows(end, line, b"." * ASK_AFTER_BYTES)
    end.has(1)
    line.finish(PATIENCE_SECONDS)
    assert end.sent[0].endswith(QUESTION) is asks
