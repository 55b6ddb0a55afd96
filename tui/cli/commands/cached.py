"""What `hitmiss keys` and `hitmiss audit` both say of what they found, and did not find."""

from tui.bootstrap import Plan
from tui.models.keys import PLACEHOLDER
from tui.runtime.plain_text import plain

EMBEDDED_IS_EMPTY = (
    "the embedded cache lives in one process, so here it is empty: name a server with --cache"
)

NEVER_HITS = (
    "read-only with the embedded cache nothing can ever be a hit, since nothing is stored: name"
    " a server with --cache, or give --writable"
)


def never_hits(plan: Plan) -> str | None:
    """Say why no lookup of this process can be a hit; None where one can."""
    return NEVER_HITS if plan.settings.read_only and not plan.cache_is_shared else None


def skipped(plan: Plan, count: int) -> str:
    """Say how many keys fit the template, but are no record's."""
    what = "1 key fits the template" if count == 1 else f"{count:,} keys fit the template"
    if not plan.schema.id_is_integer or plan.settings.id_pattern is not None:
        return f"{what}, but {'is' if count == 1 else 'are'} no record's: skipped"
    holds = "holds" if count == 1 else "hold"
    return f"{what}, but {holds} no whole number where it has {PLACEHOLDER}: skipped"


def nothing_cached(plan: Plan) -> str:
    """Say that there is no copy, and what may be the cause."""
    if not plan.cache_is_shared:
        return EMBEDDED_IS_EMPTY
    return f"nothing is cached under {plain(plan.template.shown(), 80)}; is --key right?"
