"""What a cache makes of lives that it cannot keep."""

import pytest

from tui.service.lifetimes import Lifetimes


@pytest.mark.parametrize(
    ("lifetimes", "said"),
    [
        (Lifetimes(), None),
        (Lifetimes(ttl=2, grace=1), None),
        (Lifetimes(ttl=0.5), "the ttl of 0.5 s is kept as 2 s"),
        (Lifetimes(ttl=1), "the ttl of 1 s is kept as 2 s"),
        (Lifetimes(grace=1.5), "the ttl and grace of 31.5 s"),
        (Lifetimes(ttl=30.4), "the ttl of 30.4 s is kept as 30 s"),
        (Lifetimes(negative_ttl=1), "the negative ttl of 1 s"),
    ],
)
def test_what_is_rounded_is_told(lifetimes: Lifetimes, said: str | None) -> None:
    """Where the cache counts in seconds; one that counts in thousandths keeps all of these."""
    assert lifetimes.not_kept(0.001, 0.001) is None
    told = lifetimes.not_kept(1.0, 2.0)
    assert (told is None) if said is None else (told is not None and said in told)
