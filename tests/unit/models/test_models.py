"""The values: their JSON as the command line promises it, and the running totals."""

import json

import pytest

from tui.models import (
    RATIO_POINTS,
    RATIO_WINDOW,
    TALLY_WINDOW,
    Filled,
    Flags,
    Label,
    Outcome,
    Step,
    TableSchema,
    Tally,
    Target,
)

SELECT = Step(Target.DATABASE, "SELECT", 0.0005, "1 row")


def answered(label: Label, seconds: float = 0.001, *steps: Step) -> Outcome:
    """Give the outcome of a lookup of key 1."""
    return Outcome(1, label, seconds=seconds, steps=steps)


def tally_of(*outcomes: Outcome) -> Tally:
    """Count these outcomes."""
    tally = Tally()
    for outcome in outcomes:
        tally = tally.with_outcome(outcome)
    return tally


def test_an_outcome_has_exactly_the_promised_fields() -> None:
    """Names, order, units and rounding of the JSON are those of INTERFACE.md."""
    outcome = Outcome(
        id=1,
        label=Label.DB,
        record={"id": 1, "name": "Zoë"},
        ttl_left=29.70049,
        seconds=0.0019,
        flags=Flags(filled=Filled.YES),
        steps=(Step(Target.CACHE, "GET hitmiss:user:1", 0.0002, "nil"), SELECT),
    )
    assert json.dumps(outcome.to_json(), ensure_ascii=False) == (
        '{"id": 1, "outcome": "DB", "record": {"id": 1, "name": "Zoë"}, "ttl_left": 29.7, '
        '"elapsed_ms": 1.9, "flags": {"coalesced": false, "filled": "yes", '
        '"refreshing": false, "repaired": false, "pending": false}, "reason": null, '
        '"format": null, '
        '"steps": [{"target": "cache", "command": "GET hitmiss:user:1", "ms": 0.2, '
        '"result": "nil"}, {"target": "database", "command": "SELECT", "ms": 0.5, '
        '"result": "1 row"}]}'
    )


def test_an_outcome_without_an_answer_says_why() -> None:
    """What is not there is null, and the reason is text."""
    value = Outcome("k", Label.ERROR, reason="locked").to_json()
    assert (value["id"], value["outcome"], value["reason"]) == ("k", "ERROR", "locked")
    assert (value["record"], value["ttl_left"], value["steps"]) == (None, None, [])
    assert value["flags"]["filled"] is None


@pytest.mark.parametrize("filled", list(Filled))
def test_filled_is_one_of_four_words(filled: Filled) -> None:
    """The flag's JSON is the word itself."""
    assert Flags(filled=filled).to_json()["filled"] == filled.value
    assert filled.value in {"yes", "refused", "lost", "failed"}


def test_flags_that_are_set_are_true() -> None:
    """Each flag is told by its own name."""
    flags = Flags(coalesced=True, refreshing=True, repaired=True, pending=True)
    assert flags.to_json() == {
        "coalesced": True,
        "filled": None,
        "refreshing": True,
        "repaired": True,
        "pending": True,
    }


def test_the_label_column_is_the_first_one_searched() -> None:
    """A record is called by what is searched first, or by its key when nothing is."""
    schema = TableSchema("users", "id", True, ("id", "name", "email"), ("name", "email"))
    assert schema.label_column == "name"
    assert TableSchema("numbers", "id", True, ("id",)).label_column == "id"


def test_an_empty_tally_claims_nothing() -> None:
    """Without lookups there is no ratio and no median."""
    tally = Tally()
    assert (tally.total, tally.hits, tally.database_reads) == (0, 0, 0)
    assert (tally.hit_ratio, tally.hit_p50, tally.db_p50) == (None, None, None)


def test_a_tally_grows_by_making_a_new_one() -> None:
    """What a screen holds is never changed behind its back."""
    before = tally_of(answered(Label.HIT))
    after = before.with_outcome(answered(Label.HIT))
    assert (before.total, after.total) == (1, 2)


@pytest.mark.parametrize(
    ("label", "hits", "ratio"),
    [
        (Label.HIT, 1, 1.0),
        (Label.STALE, 0, 0.0),
        (Label.NEGATIVE, 1, 1.0),
        (Label.DB, 0, 0.0),
        (Label.NOT_FOUND, 0, 0.0),
        (Label.BYPASS, 0, 0.0),
        (Label.ERROR, 0, None),
    ],
)
def test_hits_are_what_the_cache_answered(label: Label, hits: int, ratio: float | None) -> None:
    """A hit counts for the ratio, an answer from elsewhere against it, an error not at all."""
    tally = tally_of(answered(label))
    assert (tally.total, tally.counts[label]) == (1, 1)
    assert (tally.hits, tally.hit_ratio) == (hits, ratio)


def test_medians_are_kept_apart() -> None:
    """Times of hits and of DB answers have a median each; a bypass belongs to neither."""
    tally = tally_of(
        answered(Label.HIT, 0.001),
        answered(Label.HIT, 0.002),
        answered(Label.NEGATIVE, 0.009),
        answered(Label.DB, 0.010),
        answered(Label.NOT_FOUND, 0.030),
        answered(Label.BYPASS, 7.0),
        answered(Label.ERROR, 9.0),
    )
    assert tally.hit_p50 == pytest.approx(0.002)
    assert tally.db_p50 == pytest.approx(0.020)


def test_database_reads_are_counted_by_themselves() -> None:
    """However many lookups share a read, it is one, and it changes no other count."""
    tally = tally_of(answered(Label.DB), answered(Label.DB)).with_read()
    assert (tally.total, tally.database_reads) == (2, 1)


def test_the_curve_follows_the_latest_lookups() -> None:
    """Each lookup adds the hit ratio over the window; an error adds no point."""
    tally = tally_of(
        *[answered(Label.DB)] * RATIO_WINDOW,
        *[answered(Label.HIT)] * (RATIO_WINDOW // 2),
        answered(Label.ERROR),
    )
    assert len(tally.ratios) == RATIO_WINDOW + RATIO_WINDOW // 2
    assert tally.ratios[0] == tally.ratios[RATIO_WINDOW - 1] == 0.0
    assert tally.ratios[-1] == pytest.approx(0.5)


def test_a_tally_does_not_grow_without_end() -> None:
    """Counts go on; times and points keep the latest only."""
    lookups = TALLY_WINDOW + 10
    tally = tally_of(*(answered(Label.HIT, float(number)) for number in range(lookups)))
    assert tally.total == lookups
    assert tally.hit_seconds == tuple(float(number) for number in range(10, lookups))
    assert len(tally.ratios) == RATIO_POINTS
    assert len(tally.recent) == RATIO_WINDOW
