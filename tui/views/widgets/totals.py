"""Totals over all lookups of a session, for the edges of a frame."""

from textual.content import Content

from tui.models import Tally
from tui.models.colours import FAMILY_GLYPHS
from tui.views.widgets.frame import quiet
from tui.views.widgets.quantities import duration, percent, sparkline

CURVE_WIDTH = 6


def totals(tally: Tally) -> Content:
    """Give hits beside database reads, the hit ratio, and how it went lately."""
    if not tally.total:
        return quiet("nothing asked yet")
    counted = (
        f"{tally.hits:,} hit{'s' * (tally.hits != 1)} · {tally.database_reads:,} db"
        f" read{'s' * (tally.database_reads != 1)} · {percent(tally.hit_ratio)} "
    )
    return Content.assemble(
        quiet(counted),
        (sparkline(tally.ratios, CURVE_WIDTH), "$outcome-hit not bold"),
    )


def medians(tally: Tally) -> Content:
    """Give the medians of the times, side by side."""
    parts: list[Content] = []
    for family, median in (("hit", tally.hit_p50), ("db", tally.db_p50)):
        if median is not None:
            glyph = Content.styled(FAMILY_GLYPHS[family], f"$outcome-{family}")
            parts.append(Content.assemble(glyph, quiet(f" {duration(median)}")))
    named = Content.assemble(quiet("p50   "), Content("   ").join(parts))
    return named if parts else Content("")
