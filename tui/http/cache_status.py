"""What an answer says of how it came about: Cache-Status (RFC 9211) and Server-Timing."""

from typing import Final

from tui.models import Filled, Label, Outcome, Step, Target
from tui.runtime.plain_text import plain

CACHE: Final = "hitmiss"
"""How this cache calls itself in Cache-Status."""
LONGEST_DETAIL: Final = 200
"""Characters of a reason: some clients take no more than 8 KiB of headers."""


def cache_status(outcome: Outcome) -> str:
    """Return the value of Cache-Status for an outcome. Source: RFC 9211, section 2."""
    if outcome.label in {Label.HIT, Label.NEGATIVE}:
        parts = [CACHE, "hit", *_ttl(outcome)]
        return "; ".join([*parts, "detail=refreshing"] if outcome.flags.refreshing else parts)
    parts = [CACHE, f"fwd={_why_forwarded(outcome)}"]
    if outcome.flags.filled is Filled.YES:
        parts += [*_ttl(outcome), "stored"]
    if outcome.flags.coalesced:
        parts.append("collapsed")
    return "; ".join([*parts, *_detail(outcome)])


def server_timing(outcome: Outcome) -> str:
    """Return the value of Server-Timing: milliseconds in cache and database, and of all.

    Source: W3C, Server Timing. A part that was not asked is left out.
    """
    spent: dict[str, float] = {}
    for step in outcome.steps:
        if step.target is not Target.SERVICE:
            spent[step.target.value] = spent.get(step.target.value, 0.0) + step.seconds
    spent["total"] = outcome.seconds
    return ", ".join(f"{name};dur={seconds * 1000:.3f}" for name, seconds in spent.items())


def _why_forwarded(outcome: Outcome) -> str:
    if outcome.label is Label.STALE:
        return "stale"
    if outcome.label is Label.BYPASS:
        return "bypass"
    asked = [step for step in outcome.steps if step.target is not Target.DATABASE]
    if outcome.label is Label.ERROR and asked and all(map(_left_alone, asked)):
        return "bypass"
    return "miss"


def _left_alone(step: Step) -> bool:
    """Tell whether the cache gave no answer in a step, or was not asked in it."""
    return step.failed or step.command == "breaker open"


def _ttl(outcome: Outcome) -> list[str]:
    return [] if outcome.ttl_left is None else [f"ttl={int(outcome.ttl_left)}"]


def _detail(outcome: Outcome) -> list[str]:
    if outcome.label is Label.STALE:
        return ["detail=stale-on-error"]
    if outcome.label is Label.BYPASS and outcome.reason:
        return [f"detail={_sf_string(outcome.reason)}"]
    if outcome.label is Label.ERROR:
        return ["detail=database-error"]
    filled = outcome.flags.filled
    return [] if filled in {None, Filled.YES} else [f"detail=fill-{filled}"]


def _sf_string(text: str) -> str:
    """Return text as a String of RFC 9651: printable ASCII, with two characters escaped."""
    ascii_text = plain(text, LONGEST_DETAIL).encode("ascii", "backslashreplace").decode()
    return '"' + ascii_text.replace("\\", "\\\\").replace('"', '\\"') + '"'
