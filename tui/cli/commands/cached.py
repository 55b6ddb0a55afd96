"""What `hitmiss keys` and `hitmiss audit` both say of what they found, and did not find."""

from tui.bootstrap import Plan
from tui.models.keys import PLACEHOLDER
from tui.runtime.plain_text import plain

EMBEDDED_IS_EMPTY = (
    "the embedded cache lives in one process, so here it is empty: name a server with --cache"
)


def skipped(plan: Plan, count: int) -> str:
    """Say how many keys fit the template, but are no record's."""
    kind = "whole number" if plan.schema.id_is_integer else "text"
    what = "1 key fits the template, but holds"
    if count != 1:
        what = f"{count:,} keys fit the template, but hold"
    return f"{what} no {kind} where it has {PLACEHOLDER}: skipped"


def nothing_cached(plan: Plan) -> str:
    """Say that there is no copy, and what may be the cause."""
    if not plan.cache_is_shared:
        return EMBEDDED_IS_EMPTY
    return f"nothing is cached under {plain(plan.template.shown(), 80)}; is --key right?"
