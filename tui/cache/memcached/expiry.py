"""How long an item lives: whole seconds of the server's clock."""

import math
import time
from typing import Final

LEAST_SECONDS: Final = 2
"""The server counts the beats of its clock, so that of a life of 1 only a part may be left."""
LARGEST_RELATIVE: Final = 30 * 24 * 3600
"""A larger number is a date. Source: memcached, doc/protocol.txt, 'Expiration times'."""
LONGEST_SECONDS: Final = 2**31 - 1


def kept_seconds(seconds: float) -> int:
    """Return for how long an item is kept that is to live for `seconds`."""
    if math.isinf(seconds):
        return LONGEST_SECONDS
    return min(LONGEST_SECONDS, max(LEAST_SECONDS, round(seconds)))


def expiry(seconds: float) -> int:
    """Return the number by which the server is told so: seconds, or a date beyond 30 days."""
    kept = kept_seconds(seconds)
    if kept <= LARGEST_RELATIVE:
        return kept
    return min(LONGEST_SECONDS, int(time.time()) + kept)
