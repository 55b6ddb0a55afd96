"""What Cache-Status and Server-Timing say of each outcome."""

import pytest

from tui.http.cache_status import cache_status, server_timing
from tui.models import Filled, Flags, Label, Outcome, Step, Target

MISSED = Step(Target.CACHE, "GET x", 0.0004, "nil")
SELECT = Step(Target.DATABASE, "SELECT", 0.0021, "1 row")
REFUSED = Step(Target.CACHE, "GET x", 0.0004, "Connection refused", failed=True)
ALONE = Step(Target.SERVICE, "breaker open", 0.0, "cache left alone for 1.9 s more")

SAID = [
    (Outcome(1, Label.HIT, {}, 27.9), "hitmiss; hit; ttl=27"),
    (Outcome(1, Label.HIT, {}), "hitmiss; hit"),
    (
        Outcome(1, Label.HIT, {}, 2.0, flags=Flags(refreshing=True)),
        "hitmiss; hit; ttl=2; detail=refreshing",
    ),
    (Outcome(1, Label.NEGATIVE, None, 9.2), "hitmiss; hit; ttl=9"),
    (Outcome(1, Label.STALE, {}), "hitmiss; fwd=stale; detail=stale-on-error"),
    (
        Outcome(1, Label.DB, {}, 30.0, flags=Flags(filled=Filled.YES)),
        "hitmiss; fwd=miss; ttl=30; stored",
    ),
    (Outcome(1, Label.DB, {}), "hitmiss; fwd=miss"),
    (
        Outcome(1, Label.DB, {}, 30.0, flags=Flags(coalesced=True, filled=Filled.YES)),
        "hitmiss; fwd=miss; ttl=30; stored; collapsed",
    ),
    (
        Outcome(1, Label.DB, {}, flags=Flags(filled=Filled.LOST)),
        "hitmiss; fwd=miss; detail=fill-lost",
    ),
    (
        Outcome(1, Label.NOT_FOUND, None, 10.0, flags=Flags(filled=Filled.YES)),
        "hitmiss; fwd=miss; ttl=10; stored",
    ),
    (Outcome(1, Label.BYPASS, {}, reason="refused"), 'hitmiss; fwd=bypass; detail="refused"'),
    (Outcome(1, Label.BYPASS, {}), "hitmiss; fwd=bypass"),
    (
        Outcome(1, Label.ERROR, steps=(MISSED, SELECT)),
        "hitmiss; fwd=miss; detail=database-error",
    ),
    (
        Outcome(1, Label.ERROR, steps=(REFUSED, SELECT)),
        "hitmiss; fwd=bypass; detail=database-error",
    ),
    (
        Outcome(1, Label.ERROR, steps=(ALONE, SELECT)),
        "hitmiss; fwd=bypass; detail=database-error",
    ),
]


@pytest.mark.parametrize(("outcome", "said"), SAID, ids=[said for _, said in SAID])
def test_each_outcome_is_said(outcome: Outcome, said: str) -> None:
    """In the parameters of RFC 9211."""
    assert cache_status(outcome) == said


def test_a_hostile_reason_stays_in_its_string() -> None:
    """Quotes, backslashes, line ends and other scripts are printable ASCII in there."""
    reason = 'no"; hit; ttl=99\\ \r\nSet-Cookie: a=b \x1b[31m é \u202e'
    said = cache_status(Outcome(1, Label.BYPASS, {}, reason=reason))
    before, _, string = said.partition("detail=")
    assert before == "hitmiss; fwd=bypass; "
    assert string.isascii()
    assert string.isprintable()
    inside = string[1:-1].replace("\\\\", "").replace('\\"', "")
    assert (string[0], string[-1]) == ('"', '"')
    assert '"' not in inside
    assert "\\" not in inside


def test_a_long_reason_is_cut() -> None:
    """Headers have their bounds."""
    assert len(cache_status(Outcome(1, Label.BYPASS, {}, reason="x" * 10_000))) < 300


def test_the_time_is_told_by_where_it_went() -> None:
    """In milliseconds; what was not asked is left out."""
    both = Outcome(1, Label.DB, {}, seconds=0.003, steps=(MISSED, SELECT, MISSED))
    assert server_timing(both) == "cache;dur=0.800, database;dur=2.100, total;dur=3.000"
    assert server_timing(Outcome(1, Label.HIT, {}, seconds=0.001, steps=(ALONE,))) == (
        "total;dur=1.000"
    )
