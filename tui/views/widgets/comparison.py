"""One record on both sides: the cached copy beside the database's row."""

from textual.content import Content

from tui.audit.comparison import Comparison, Finding
from tui.models import Record
from tui.models.scalars import as_text
from tui.runtime.plain_text import plain
from tui.views.widgets.quantities import time_left
from tui.views.widgets.row_list import column

NAME_CELLS, MOST_SIDE = 18, 60
SHOWN_CHARACTERS = 400
DIFFERS, CACHE_ONLY, DATABASE_ONLY, NOT_COMPARED = "≠", "+", "-", "?"

GONE = "the copy's time is over, and the cache has dropped it; below is what it said"


def family(finding: Finding | None) -> str:
    """Give the colour family of a finding."""
    if finding in {None, Finding.SAME}:
        return "hit"
    mild = finding in {Finding.NO_EXPIRY, Finding.NOT_COMPARED}
    return "warning" if mild else "error"


def comparison_content(
    comparison: Comparison, width: int, *, ttl: float | None, grace: float, when: str
) -> Content:
    """Give both sides, column by column, in `width` cells; what is marked comes first.

    `ttl`, in seconds, is what the copy was filled with if it is one of ours: None when
    nobody knows. Then nothing is said of its age. `when` says who read both, and when.
    """
    lines = [_verdict(comparison), Content(_ages(comparison, ttl=ttl, grace=grace, when=when))]
    if comparison.reason is not None:
        reason = plain(comparison.reason, SHOWN_CHARACTERS)
        lines.append(Content.styled(reason, "$outcome-warning"))
    side = max(8, min(MOST_SIDE, (width - 2 - NAME_CELLS) // 2))
    if comparison.cached is not None or comparison.database is not None:
        heads = f"{column('column', NAME_CELLS)}{column('cached', side)}database"
        lines.append(Content.styled(f"  {heads}", "$foreground-muted underline"))
    names = dict.fromkeys([*(comparison.database or {}), *(comparison.cached or {})])
    marks = {name: _mark(comparison, name) for name in names}
    for name, mark in sorted(marks.items(), key=lambda item: item[1] == " "):
        lines.append(
            Content.assemble(
                (f"{mark} ", "bold $outcome-error"),
                (column(plain(name, 40), NAME_CELLS), "$foreground-muted"),
                _value(comparison.cached, name, side),
                _value(comparison.database, name, side),
            )
        )
    legend = [
        said
        for columns, said in (
            (comparison.differs, f"{DIFFERS} differs"),
            (comparison.cache_only, f"{CACHE_ONLY} cached only"),
            (comparison.database_only, f"{DATABASE_ONLY} in the database only"),
            (comparison.not_compared, f"{NOT_COMPARED} cannot be compared"),
        )
        if columns
    ]
    if legend and names:
        lines.append(Content.styled("  ".join(legend), "$foreground-muted"))
    return Content("\n").join(lines)


def _verdict(comparison: Comparison) -> Content:
    if comparison.is_over:
        return Content.assemble(("gone", "bold"), f"  {GONE}")
    finding, words = comparison.finding, comparison.meaning
    if finding is None:
        return Content.styled(words, "bold")
    return Content.assemble((finding.value, f"bold $outcome-{family(finding)}"), f"  {words}")


def _ages(comparison: Comparison, *, ttl: float | None, grace: float, when: str) -> str:
    if comparison.finding is None or comparison.is_over:
        return when
    left = comparison.seconds_left
    if left is None:
        return f"cached: never expires · {when}"
    grace = 0.0 if comparison.known_absent else grace
    parts = []
    age = None if ttl is None else ttl + grace - left
    if age is not None and age >= 0 and not comparison.known_absent:
        parts.append(f"about {time_left(age)} old")
    fresh = left - grace
    parts.append(f"fresh for {time_left(fresh)}" if fresh > 0 else "past its ttl")
    if grace:
        parts.append(f"gone in {time_left(left)}")
    return f"cached: {', '.join(parts)} · {when}"


def _mark(comparison: Comparison, name: str) -> str:
    if name in comparison.differs:
        return DIFFERS
    if name in comparison.cache_only:
        return CACHE_ONLY
    if name in comparison.not_compared:
        return NOT_COMPARED
    return DATABASE_ONLY if name in comparison.database_only else " "


def _value(record: Record | None, name: str, width: int) -> Content:
    if record is None or name not in record:
        return Content.styled(column("–", width), "dim")
    value = record[name]
    if value is None:
        return Content.styled(column("NULL", width), "dim")
    return Content(column(plain(as_text(value), SHOWN_CHARACTERS), width))
