"""What stands in a record for what JSON has no word for."""

import math

from tui.models.scalars import StandIn, Unread, as_text, has_stand_in


class OfOneStore(StandIn):
    """What a store keeps more with."""

    __slots__ = ("content",)


def test_a_stand_in_of_any_store_is_known_as_one() -> None:
    """So that no copy of it counts as compared, and none is stored as an application's."""
    for value in (
        StandIn("x", b"1"), Unread("x", b"1"), OfOneStore("x", b"1"), StandIn("NaN", math.nan),
    ):  # fmt: skip
        assert has_stand_in({"id": 1, "photo": value})
    assert not has_stand_in({"id": 1, "photo": "x"})


def test_no_number_is_the_same_as_itself() -> None:
    """A record with it is still as it was read; another mark is another value."""
    assert StandIn("NaN", math.nan) == StandIn("NaN", float("nan"))
    assert StandIn("x", b"1") != StandIn("x", b"2")
    assert StandIn("inf", math.inf) != StandIn("inf", -math.inf)


def test_what_is_no_text_is_shown_as_sql_has_it() -> None:
    """Not as Python spells it."""
    shown = [as_text(value) for value in (None, True, False, 1, 1.5, "True")]
    assert shown == ["NULL", "true", "false", "1", "1.5", "True"]
