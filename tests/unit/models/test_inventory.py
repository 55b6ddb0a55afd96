"""What is cached, in order, as time goes on."""

import math
import random
from collections import Counter

import pytest

from tui.models import Key, KeyFacts
from tui.models import inventory as module
from tui.models.inventory import (
    FAREWELL_SECONDS,
    CopyState,
    Entry,
    Inventory,
    SortOrder,
    Totals,
    entry_of,
)

NOW = 1000.0


def facts(left: float | None, size: int | None = 10, *, absent: bool = False) -> KeyFacts:
    """Give what a server says of a key that lives for `left` seconds."""
    return KeyFacts("key", left, size, known_absent=absent)


def entry(id: Key, left: float | None, *, grace: float = 0.0, absent: bool = False) -> Entry:
    """Give a copy that the server keeps for `left` seconds from NOW on."""
    return entry_of(id, facts(left, absent=absent), grace=grace, now=NOW)


def walked(*entries: Entry, now: float = NOW) -> Inventory:
    """Give an inventory after a walk that has found these."""
    inventory = Inventory()
    walk(inventory, *entries, now=now)
    return inventory


def walk(inventory: Inventory, *entries: Entry, now: float = NOW) -> None:
    """Let a walk find these, and nothing else."""
    inventory.begin_walk()
    inventory.note(entries)
    inventory.end_walk(now)
    inventory.arrange(now)


def ids(inventory: Inventory) -> list[Key]:
    """Give the keys in their order."""
    return [entry.id for entry in inventory.rows(0, 1000)]


@pytest.mark.parametrize(
    ("copy", "state"),
    [
        (entry(1, 50, grace=30), CopyState.FRESH),
        (entry(1, 20, grace=30), CopyState.GRACE),
        (entry(1, 20, grace=30, absent=True), CopyState.FRESH),
        (entry(1, None), CopyState.NO_EXPIRY),
        (entry(1, 0), CopyState.EXPIRED),
    ],
)
def test_a_copy_is_fresh_until_its_grace_begins(copy: Entry, state: CopyState) -> None:
    """Freshness ends a grace before the key does; 'known absent' has no grace."""
    assert copy.state(NOW) is state


def test_what_expires_next_stands_on_top() -> None:
    """Fresh copies by their end, then those in grace, then those without expiry."""
    inventory = walked(
        entry(1, None), entry(2, 90, grace=30), entry(3, 25, grace=30), entry(4, 40, grace=30)
    )
    assert ids(inventory) == [4, 2, 3, 1]
    assert [inventory.index_of(id) for id in (4, 2, 3, 1, 99)] == [0, 1, 2, 3, None]
    assert [entry.id for entry in inventory.rows(1, 2)] == [2, 3]


def test_what_has_just_expired_stays_a_moment_and_then_moves_on() -> None:
    """It stays on top for FAREWELL_SECONDS; then it is in grace, and at last gone."""
    inventory = walked(entry(1, 40, grace=30), entry(2, 100, grace=30))
    inventory.arrange(NOW + 11)
    assert ids(inventory) == [1, 2]
    assert inventory.rows(0, 1)[0].state(NOW + 11) is CopyState.GRACE
    inventory.arrange(NOW + 10 + FAREWELL_SECONDS)
    assert ids(inventory) == [2, 1]
    inventory.arrange(NOW + 41)
    assert inventory.rows(1, 1)[0].state(NOW + 41) is CopyState.EXPIRED
    inventory.arrange(NOW + 40 + FAREWELL_SECONDS)
    assert ids(inventory) == [2]


def test_a_copy_that_a_walk_does_not_find_is_gone() -> None:
    """It says so for a moment, and leaves the list."""
    inventory = walked(entry(1, 40), entry(2, 100))
    walk(inventory, entry(2, 100), now=NOW + 1)
    assert [(e.id, e.note) for e in inventory.rows(0, 9)] == [(1, "gone"), (2, "")]
    inventory.arrange(NOW + 1 + FAREWELL_SECONDS)
    assert ids(inventory) == [2]


def test_a_copy_that_was_filled_again_takes_its_new_place() -> None:
    """There is one row a key, whatever walks have found before."""
    inventory = walked(entry(1, 10), entry(2, 50))
    walk(inventory, entry(1, 90), entry(2, 50))
    assert ids(inventory) == [2, 1]
    walk(inventory, entry(1, 90), entry(2, None))
    assert ids(inventory) == [1, 2]
    assert inventory.totals(NOW).keys == 2


def test_a_walk_that_sees_the_same_copy_moves_nothing() -> None:
    """Two clocks never agree to the millisecond: that is no other copy."""
    inventory = walked(entry(1, 40), entry(2, 40.05))
    inventory.begin_walk()
    inventory.note([entry(1, 40.1), entry(2, 40)])
    inventory.end_walk(NOW)
    assert not inventory.arrange(NOW)
    assert ids(inventory) == [1, 2]


def test_what_was_done_to_a_copy_is_marked() -> None:
    """An invalidated copy says so, on top, until it leaves; it may come back."""
    inventory = walked(entry(1, 100), entry(2, 50))
    inventory.end(1, "invalidated", NOW)
    inventory.arrange(NOW)
    assert [(e.id, e.note) for e in inventory.rows(0, 9)] == [(1, "invalidated"), (2, "")]
    assert inventory.rows(0, 1)[0].state(NOW) is CopyState.EXPIRED
    walk(inventory, entry(1, 100), entry(2, 50))
    assert [(e.id, e.note) for e in inventory.rows(0, 9)] == [(2, ""), (1, "")]


def test_the_totals_count_each_kind() -> None:
    """Fresh, in grace, without expiry, known absent, and all bytes; what is gone is not."""
    inventory = walked(
        entry(1, 100, grace=30), entry(2, 20, grace=30), entry(3, None),
        entry(4, 9, absent=True), entry(5, 31, grace=30),
    )  # fmt: skip
    totals = inventory.totals(NOW)
    assert (totals.keys, totals.fresh, totals.grace, totals.no_expiry) == (5, 3, 1, 1)
    assert (totals.known_absent, totals.size) == (1, 50)
    inventory.arrange(NOW + 20)
    assert inventory.totals(NOW + 20).keys == 3


def test_the_expiries_fall_into_their_buckets() -> None:
    """Each fresh copy counts where its freshness ends; later ones are counted apart."""
    inventory = walked(
        entry(1, 5), entry(2, 9.9), entry(3, 15), entry(4, 500), entry(5, None), entry(6, 0)
    )
    assert inventory.expiries(NOW, 300, 30) == ([2, 1, *[0] * 28], 1)


def test_the_horizon_takes_in_that_share_of_the_copies() -> None:
    """The soonest to end are within it; what is over, in grace or endless does not count."""
    inventory = walked(*(entry(id, 10.0 * id) for id in range(1, 11)), entry(11, None))
    assert [inventory.horizon(NOW, share) for share in (0.1, 0.9, 1.0)] == [10, 90, 100]
    assert inventory.horizon(NOW + 15, 0.5) == 45
    assert inventory.horizon(NOW + 100, 0.9) == 0
    assert Inventory().horizon(NOW, 0.9) == 0


def test_beyond_its_bounds_it_keeps_what_expires_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not listed is counted; some that never expire stay, so that they are seen."""
    monkeypatch.setattr(module, "MOST_ENTRIES", 10)
    monkeypatch.setattr(module, "MOST_FOR_EVER", 2)
    endless = [entry(n, None) for n in range(100, 103)]
    inventory = walked(*(entry(n, 1000 - n) for n in range(30)), *endless)
    assert ids(inventory) == [*range(29, 21, -1), 100, 101]
    assert (len(inventory), inventory.left_out) == (10, 23)
    totals = inventory.totals(NOW)
    assert (totals.keys, totals.no_expiry) == (33, 3)


def test_of_copies_that_never_expire_no_more_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is nothing else, they are the ones that are listed, up to the bounds."""
    monkeypatch.setattr(module, "MOST_ENTRIES", 10)
    monkeypatch.setattr(module, "MOST_FOR_EVER", 2)
    inventory = walked(*(entry(n, None) for n in range(30)))
    assert ids(inventory) == list(range(10))
    assert inventory.totals(NOW).no_expiry == inventory.totals(NOW).keys == 30


@pytest.mark.parametrize("order", SortOrder)
def test_the_order_is_right_after_whatever_has_happened(order: SortOrder) -> None:
    """Drawn walks, changes and seconds: one row a key, sorted as its place in the list says."""
    chance = random.Random(4)
    inventory, now = Inventory(), NOW
    inventory.order = order
    for _ in range(300):
        now += chance.choice([0, 0.2, 1, 7])
        found = [
            entry_of(
                chance.randrange(40),
                facts(chance.choice([None, chance.uniform(1, 90)]), absent=n % 5 == 0),
                grace=30,
                now=now,
            )
            for n in range(chance.randrange(30))
        ]
        inventory.begin_walk()
        inventory.note(found)
        inventory.end_walk(now)
        if chance.random() < 0.5:
            inventory.end(chance.randrange(40), "invalidated", now)
        inventory.arrange(now)
        rows = inventory.rows(0, 1000)
        assert len({row.id for row in rows}) == len(rows) == len(inventory)
        places: list[tuple[float, object]] = [
            (0, row.id) if order is SortOrder.KEY
            else (-(row.size or 0), row.id) if order is SortOrder.SIZE
            else (2, 0.0) if row.fresh_until == math.inf
            else (0, row.fresh_until) if row.fresh_until + FAREWELL_SECONDS > now
            else (1, row.gone_at)
            for row in rows
        ]  # fmt: skip
        assert places == sorted(places)
        assert [inventory.index_of(row.id) for row in rows] == list(range(len(rows)))
        alive = [row for row in rows if row.state(now) is not CopyState.EXPIRED]
        states = Counter(row.state(now) for row in alive)
        assert inventory.totals(now) == Totals(
            keys=len(alive),
            fresh=states[CopyState.FRESH],
            grace=states[CopyState.GRACE],
            no_expiry=states[CopyState.NO_EXPIRY],
            known_absent=sum(row.known_absent for row in alive),
            size=sum(row.size or 0 for row in alive),
        )
