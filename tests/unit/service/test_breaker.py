"""When the cache is left alone."""

import pytest
from fakes import ManualClock

from tui.service.breaker import FAILURES_TO_OPEN, OPEN_SECONDS, Breaker, BreakerState


@pytest.fixture
def clock() -> ManualClock:
    """Time that a test moves."""
    return ManualClock()


@pytest.fixture
def breaker(clock: ManualClock) -> Breaker:
    """A closed breaker."""
    return Breaker(clock)


def open_it(breaker: Breaker) -> None:
    """Let it see enough failures."""
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed("refused")


def test_three_failures_in_a_row_open_it(breaker: Breaker) -> None:
    """The third one opens it, and the latest reason is kept."""
    breaker.failed("refused")
    breaker.failed("refused")
    assert breaker.lets_through()
    breaker.failed("timed out")
    assert breaker.state is BreakerState.OPEN
    assert not breaker.lets_through()
    assert (breaker.reason, breaker.seconds_left) == ("timed out", OPEN_SECONDS)


def test_an_answer_in_between_starts_the_count_again(breaker: Breaker) -> None:
    """Only failures in a row count."""
    for _ in range(10):
        breaker.failed("refused")
        breaker.failed("refused")
        breaker.succeeded()
    assert breaker.state is BreakerState.CLOSED


def test_half_open_lets_one_caller_try(breaker: Breaker, clock: ManualClock) -> None:
    """After two seconds the first caller may try; the others wait for how it goes."""
    open_it(breaker)
    clock.now += OPEN_SECONDS
    assert breaker.state is BreakerState.HALF_OPEN
    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert [breaker.lets_through() for _ in range(3)] == [True, True, True]


def test_a_probe_that_fails_opens_it_again(breaker: Breaker, clock: ManualClock) -> None:
    """One failure is enough then."""
    open_it(breaker)
    clock.now += OPEN_SECONDS
    assert breaker.lets_through()
    breaker.failed("refused")
    assert breaker.seconds_left == OPEN_SECONDS


def test_a_probe_that_is_given_up_leaves_its_place(
    breaker: Breaker, clock: ManualClock
) -> None:
    """A cancelled caller does not keep the others out for ever."""
    open_it(breaker)
    clock.now += OPEN_SECONDS
    assert breaker.lets_through()
    breaker.gave_up()
    assert breaker.lets_through()


def test_an_old_failure_prolongs_nothing(breaker: Breaker, clock: ManualClock) -> None:
    """A call from before, which fails while it is open, does not start the time again."""
    open_it(breaker)
    clock.now += 1
    breaker.failed("timed out")
    assert breaker.seconds_left == OPEN_SECONDS - 1
