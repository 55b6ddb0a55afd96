"""The lookup screen's controller over hand-written fakes."""

from collections.abc import Awaitable, Callable

import pytest
from fakes import SCHEMA, TEMPLATE, Bench

from tui.controllers.lookup import LookupController
from tui.controllers.session import TTL_STEPS, OpenServices, Place, Session
from tui.models import CopyChange, Health, Label, Outcome, SearchResult, TableSchema
from tui.runtime.errors import DatabaseUnavailable, InvalidKey
from tui.service.lifetimes import Lifetimes

BY_TEXT = TableSchema("cities", "code", False, ("code", "name"), ("name", "code"))
BY_NUMBER_ALONE = TableSchema("counters", "id", True, ("id", "count"))


def session_on(
    open_services: Callable[[], Awaitable[OpenServices]],
    schema: TableSchema = SCHEMA,
    lifetimes: Lifetimes | None = None,
    *,
    read_only: bool = False,
) -> Session:
    """Give a session that uses what `open_services` gives."""
    place = Place("fake", "fake")
    return Session(
        open_services, schema, TEMPLATE, lifetimes or Lifetimes(), place, read_only=read_only
    )


def controller_of(
    bench: Bench, schema: TableSchema = SCHEMA, *, read_only: bool = False
) -> LookupController:
    """Give a controller for which the bench's services are open."""

    async def open_services() -> Bench:
        return bench

    return LookupController(session_on(open_services, schema, read_only=read_only))


@pytest.fixture
def controller(bench: Bench) -> LookupController:
    """A controller on the bench."""
    return controller_of(bench)


@pytest.fixture
def shut() -> LookupController:
    """A controller whose services cannot be opened."""

    async def open_services() -> Bench:
        raise DatabaseUnavailable("users.db is gone")

    return LookupController(session_on(open_services))


@pytest.mark.parametrize("text", ["1", " 42 ", "-7", "+3", "007", "9" * 30])
def test_a_whole_number_names_a_key(controller: LookupController, text: str) -> None:
    """A whole number in ASCII digits is a key, however large, and is not searched for."""
    assert controller.is_key(text)


@pytest.mark.parametrize("text", ["", " ", "zoe", "1e3", "1.5", "٣", "1_000", "1; DROP", "--1"])
def test_anything_else_is_searched_for(controller: LookupController, text: str) -> None:
    """Everything that is not a whole number in ASCII digits is a text."""
    assert not controller.is_key(text)


def test_with_text_keys_everything_is_searched_for(bench: Bench) -> None:
    """Where keys are texts, digits too may be the beginning of a name."""
    assert not controller_of(bench, BY_TEXT).is_key("1")


async def test_digits_mean_the_key_that_they_spell(
    bench: Bench, controller: LookupController
) -> None:
    """The key is read from the digits, and nobody searches."""
    assert await controller.key_for(" 12 ") == 12
    assert bench.table.searches == []


async def test_a_text_means_its_best_match(bench: Bench, controller: LookupController) -> None:
    """The first record that the search finds is the one that is meant."""
    bench.table.rows[2] = {"id": 2, "name": "Tamara"}
    assert await controller.key_for("amar") == 1
    assert await controller.key_for("tam") == 2


async def test_a_text_without_a_match_is_no_key(controller: LookupController) -> None:
    """What is no key and found nowhere is refused, with the columns that were searched."""
    with pytest.raises(InvalidKey, match="no name holds 'nobody'; digits look a key up"):
        await controller.key_for("nobody")


async def test_a_text_without_a_match_is_a_key_where_keys_are_texts(bench: Bench) -> None:
    """With text keys, what no search finds may still be a key: the lookup will tell."""
    assert await controller_of(bench, BY_TEXT).key_for("OSL") == "OSL"


@pytest.mark.parametrize("text", ["", "  "])
async def test_an_empty_line_is_no_key(controller: LookupController, text: str) -> None:
    """Nothing typed is a missing key, not a search for everything."""
    with pytest.raises(InvalidKey, match="a key is missing"):
        await controller.key_for(text)


@pytest.mark.parametrize("text", [str(2**63), str(2**64), "-" + "9" * 5000])
async def test_a_key_that_no_column_can_hold_is_refused(
    controller: LookupController, text: str
) -> None:
    """A number beyond 64 bits is too large, and the message stays short."""
    with pytest.raises(InvalidKey, match="too large for a key") as refused:
        await controller.key_for(text)
    assert len(str(refused.value)) < 120


async def test_a_search_that_fails_is_a_reason(
    bench: Bench, controller: LookupController
) -> None:
    """A database that fails to search is a result with a reason, and shows as down."""
    bench.table.fails = "the file is locked"
    result = await controller.search("amara")
    assert (result.matches, result.complete, result.reason) == ((), False, "the file is locked")
    assert controller.session.database_health == Health(up=False, reason="the file is locked")
    with pytest.raises(DatabaseUnavailable, match="the file is locked"):
        await controller.key_for("amara")


async def test_blanks_are_not_searched_for(bench: Bench, controller: LookupController) -> None:
    """A search for blanks finds nothing and asks nobody."""
    assert (await controller.search("  ")).matches == ()
    assert bench.table.searches == []


def test_nothing_found_names_the_columns(bench: Bench) -> None:
    """The message says where was searched, and cuts a long text."""
    assert controller_of(bench, BY_TEXT).nothing_found("x" * 50) == (
        f"no name or code holds '{'x' * 30}…'; digits look a key up"
    )
    assert (
        controller_of(bench, BY_NUMBER_ALONE)
        .nothing_found("x")
        .startswith("no searchable column holds")
    )


def test_a_search_that_was_stopped_has_not_found_nothing(controller: LookupController) -> None:
    """Where not all rows were read nobody says that no record holds it, and advice is given."""
    stopped = SearchResult("x", complete=False, index="COLLATE NOCASE on name, email")
    assert controller.nothing_found("x", stopped.advice) == (
        "nothing yet holds 'x'; stopped, an index would help: COLLATE NOCASE on name, email"
    )
    unhelped = SearchResult("x", complete=False)
    assert unhelped.advice == "stopped before it had read every row"


def test_the_ttl_goes_through_its_steps(controller: LookupController) -> None:
    """From 30 s, + and - walk the steps one by one, and stop at both ends."""
    assert controller.session.ttl == 30.0
    up = [controller.session.step_ttl(+1) for _ in range(4)]
    assert up == [60.0, 300.0, 3600.0, 3600.0]
    down = [controller.session.step_ttl(-1) for _ in range(6)]
    assert down == [300.0, 60.0, 30.0, 10.0, 5.0, 5.0]
    assert set(up + down) == set(TTL_STEPS)


def test_a_ttl_between_two_steps_goes_to_its_neighbours(bench: Bench) -> None:
    """A ttl that was set on the command line need not be one of the steps."""

    async def open_services() -> Bench:
        return bench

    def starting_with(ttl: float) -> Session:
        return session_on(open_services, lifetimes=Lifetimes(ttl=ttl))

    assert starting_with(45.0).step_ttl(+1) == 60.0
    assert starting_with(45.0).step_ttl(-1) == 30.0
    assert starting_with(1.0).step_ttl(-1) == 1.0


async def test_a_new_ttl_counts_from_the_next_fill(
    bench: Bench, controller: LookupController
) -> None:
    """What is cached keeps its time; the next fill gets the new one."""
    bench.table.rows[2] = {"id": 2, "name": "Bo"}
    await controller.look_up(1)
    controller.session.step_ttl(+1)
    bench.clock.now += 5
    cached, filled = await controller.look_up(1), await controller.look_up(2)
    assert (cached.label, cached.ttl_left) == (Label.HIT, 25.0)
    assert (filled.label, filled.ttl_left) == (Label.DB, 60.0)


async def test_a_new_ttl_may_be_chosen_before_anything_is_open(
    bench: Bench, controller: LookupController
) -> None:
    """The ttl that is chosen first is the one of the first fill."""
    controller.session.step_ttl(-1)
    assert (await controller.look_up(1)).ttl_left == 10.0


async def test_every_answer_is_counted(bench: Bench, controller: LookupController) -> None:
    """DB, HIT, NOT_FOUND, NEGATIVE, BYPASS and ERROR each count as what they are."""
    for id in (1, 1, 7, 7):
        await controller.look_up(id)
    await controller.look_up(1, bypass=True)
    bench.table.fails = "the file is locked"
    await controller.look_up(8)
    tally = controller.session.tally
    labels = (
        Label.DB, Label.HIT, Label.NOT_FOUND, Label.NEGATIVE, Label.BYPASS, Label.ERROR,
    )  # fmt: skip
    assert tally.counts == dict.fromkeys(labels, 1)
    assert (tally.total, tally.hits, tally.database_reads) == (6, 2, 3)
    assert tally.hit_ratio == 2 / 5, "an ERROR is no answer"


async def test_both_targets_are_healthy_when_they_answer(
    bench: Bench, controller: LookupController
) -> None:
    """Nothing is known before the first lookup; after it both are up, with their time."""
    assert (controller.session.cache_health, controller.session.database_health) == (
        Health(),
        Health(),
    )
    await controller.look_up(1)
    assert (
        controller.session.cache_health
        == controller.session.database_health
        == Health(True, 0.001)
    )


async def test_health_follows_the_latest_answer(
    bench: Bench, controller: LookupController
) -> None:
    """A target that fails is down with its reason, and up again with its next answer."""
    bench.cache.down = "connection refused"
    outcome = await controller.look_up(1)
    assert (outcome.label, outcome.reason) == (Label.BYPASS, "connection refused")
    assert controller.session.cache_health == Health(False, reason="connection refused")
    assert controller.session.database_health.up
    bench.cache.down, bench.table.fails = None, "the file is locked"
    outcome = await controller.look_up(1)
    assert (outcome.label, outcome.reason) == (Label.ERROR, "the file is locked")
    assert controller.session.cache_health.up
    assert controller.session.database_health == Health(False, reason="the file is locked")
    bench.table.fails = None
    assert (await controller.look_up(1)).label is Label.DB
    assert controller.session.database_health.up


async def test_a_bypass_says_nothing_about_the_cache(
    bench: Bench, controller: LookupController
) -> None:
    """A cache that was not asked keeps the state that it had."""
    await controller.look_up(1, bypass=True)
    assert controller.session.cache_health == Health()
    assert bench.cache.commands == []


async def test_connecting_asks_the_cache(bench: Bench, controller: LookupController) -> None:
    """Before any lookup, one PING tells whether the cache is there."""
    await controller.session.connect()
    assert bench.cache.commands == ["ping "]
    assert controller.session.cache_health.up
    assert controller.session.database_health.up
    bench.cache.down = "connection refused"
    await controller.session.connect()
    assert controller.session.cache_health == Health(False, reason="connection refused")


async def test_services_that_cannot_be_opened_are_an_error_with_the_reason(
    shut: LookupController,
) -> None:
    """Without a database every lookup is an ERROR that says why, and nothing raises."""
    assert await shut.look_up(1) == Outcome(1, Label.ERROR, reason="users.db is gone")
    assert (await shut.search("amara")).reason == "users.db is gone"
    unchanged = CopyChange(1, found=False, reason="users.db is gone")
    assert await shut.invalidate(1) == unchanged
    assert await shut.expire(1) == unchanged


async def test_services_that_cannot_be_opened_leave_the_database_down(
    shut: LookupController,
) -> None:
    """Connecting in vain is a database that is down, with the reason."""
    await shut.session.connect()
    assert shut.session.database_health == Health(False, reason="users.db is gone")


async def test_invalidate_and_expire_end_the_cached_copy(
    bench: Bench, controller: LookupController
) -> None:
    """After either of them the next lookup is a DB answer; both tell whether there was one."""
    await controller.look_up(1)
    assert (await controller.invalidate(1)).found
    assert not (await controller.invalidate(1)).found
    assert (await controller.look_up(1)).label is Label.DB
    assert (await controller.expire(1)).found
    assert not (await controller.expire(1)).found
    assert (await controller.look_up(1)).label is Label.DB
