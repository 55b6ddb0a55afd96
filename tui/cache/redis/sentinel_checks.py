"""What sentinels say of a service, and what would be in the way of a failover."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.cache.cache_checks import GROUP
from tui.models.check import Check, State

if TYPE_CHECKING:
    from tui.cache.redis.facts import CacheFacts, Sentinel, ServiceFacts

ENOUGH = 3
"""Sentinels: of two no majority is left when one is down."""


def sentinel_checks(facts: "CacheFacts") -> Iterator[Check]:
    """Give the checks of a service, as far as a sentinel knows it."""
    service = facts.service
    if service is None or not service.answers:
        return
    first = service.answers[0]
    yield _service(service, first)
    yield _sentinels(service, first)
    if facts.info:
        yield _acknowledged(facts)


def _service(service: "ServiceFacts", first: "Sentinel") -> Check:
    count = f"{first.replicas} replica{'s' * (first.replicas != 1)}"
    detail = (
        f"{service.service}: primary {first.primary}, {count}; taken for down after"
        f" {first.down_after:g} s without an answer"
    )
    if not first.replicas:
        return Check(
            GROUP, "service", service.service, f"{detail}: nobody could take over",
            State.WARNING, "let another server follow the primary: REPLICAOF HOST PORT",
        )  # fmt: skip
    if any(other.primary != first.primary for other in service.answers):
        return Check(
            GROUP, "service", service.service, f"{detail}; another sentinel names another one",
            State.WARNING, "see on each whether a failover is under way: SENTINEL MASTERS",
        )  # fmt: skip
    return Check(GROUP, "service", service.service, detail)


def _sentinels(service: "ServiceFacts", first: "Sentinel") -> Check:
    answering, known = len(service.answers), first.sentinels
    detail = (
        f"{answering} of {service.named} in the address answer{'s' * (answering == 1)}, and"
        f" there are {known}; quorum {first.quorum}"
    )
    trouble, advice = _wrong_with_sentinels(service, first)
    if trouble is None:
        return Check(GROUP, "sentinels", known, detail)
    return Check(GROUP, "sentinels", known, f"{detail}: {trouble}", State.WARNING, advice)


def _wrong_with_sentinels(
    service: "ServiceFacts", first: "Sentinel"
) -> tuple[str | None, str | None]:
    """Return what could be in the way of a failover, and what to do; the worst first."""
    known = first.sentinels
    if first.quorum > known:
        return "they can never agree", "start the others, or SENTINEL SET SERVICE quorum N"
    if known < ENOUGH:
        too_few = "one is too few" if known == 1 else "two are too few"
        return (
            f"{too_few}: a failover takes a majority of all",
            "run three or more, each on a machine of its own",
        )
    if len(service.answers) < service.named:
        return "the others do not, or know no such service", "see whether they run: PING them"
    if service.named == 1:
        return (
            "with that one down nobody would find the primary",
            "name the others too, with commas in between",
        )
    return None, None


def _acknowledged(facts: "CacheFacts") -> Check:
    """Give whether the primary stops taking writes when it is cut off.

    INFO has the number of replicas that are near only where `min-replicas-to-write` is set.
    """
    near = facts.info.get("min_slaves_good_slaves")
    if near is not None:
        return Check(
            GROUP, "cut off", None, f"takes no writes then; {near} replicas are near now"
        )
    return Check(
        GROUP, "cut off", None,
        "a primary that is cut off goes on taking writes, which a failover loses",
        State.WARNING,
        "on each server: CONFIG SET min-replicas-to-write 1, and min-replicas-max-lag 10",
    )  # fmt: skip
