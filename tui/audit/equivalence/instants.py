"""A moment as it was spelled, and how many of its digits another spelling may lack."""

from datetime import tzinfo
from typing import Final

from msgspec import Struct

from tui.audit.equivalence.zones import to_utc

SECOND: Final = 10**9
DAY: Final = 86_400 * SECOND
MOST_DIGITS: Final = 9
UNITS: Final = ((0, SECOND), (3, 10**6), (6, 10**3), (9, 1))
"""What epochs count, as digits of a second and in nanoseconds: s, ms, us, ns."""


class Moment(Struct, frozen=True, gc=False):
    """A moment as it was spelled."""

    time: int
    """Nanoseconds since 1970-01-01, in UTC if it is `zoned`; else by a local clock."""
    digits: int
    """How many digits of a second were spelled."""
    zoned: bool = False
    """Whether it says in which zone it is."""
    is_day: bool = False
    """Whether it has no time of day."""
    doubtful: bool = False
    """Whether day and month may be meant the other way round."""

    def instant(self, zone: tzinfo | None) -> int:
        """Return its nanoseconds since 1970 in UTC; without a zone it is meant in `zone`."""
        return self.time if self.zoned or zone is None else to_utc(self.time, zone)


def is_cut(found: int, wanted: int, digits: int) -> bool:
    """Tell whether `found` is what `digits` of a second leave of `wanted`, cut or rounded."""
    unit = 10 ** (MOST_DIGITS - min(digits, MOST_DIGITS))
    rest = wanted % unit
    cut = wanted - rest
    return found in {wanted, cut} or (2 * rest >= unit and found == cut + unit)
