"""One record on both sides: the cached copy beside the database's row."""

from rich.cells import cell_len
from textual.content import Content

from tui.audit.comparison import Comparison, Finding
from tui.models import Record
from tui.models.scalars import as_text
from tui.runtime.plain_text import plain
from tui.views.widgets.quantities import time_left
from tui.views.widgets.row_list import column, in_view

LEAST_NAME, MOST_NAME, USUAL_SIDE, MOST_SIDE = 10, 18, 30, 60
SHOWN_CHARACTERS = 400
BEFORE_CELLS = 6
"""So much of what two values begin with alike is shown before the first difference."""
SAME, DIFFERS, CACHE_ONLY, DATABASE_ONLY, NOT_COMPARED = "=", "≠", "+", "-", "?"
MISSING = "–"
GONE = "the copy's time is over, and the cache has dropped it; below is what it said"


def family(finding: Finding | None) -> str:
    """Give the colour family of a finding."""
    if finding in {None, Finding.SAME}:
        return "hit"
    mild = finding in {Finding.NO_EXPIRY, Finding.NOT_COMPARED}
    return "warning" if mild else "error"


def sign(finding: Finding | None) -> str:
    """Give the sign of a finding, which tells its family without colour."""
    return _SIGNS.get(finding, "×")


_SIGNS = {
    None: "○",
    Finding.SAME: SAME,
    Finding.DIFFERS: DIFFERS,
    Finding.NO_EXPIRY: "▲",
    Finding.NOT_COMPARED: NOT_COMPARED,
}


def verdict(comparison: Comparison) -> Content:
    """Give what was found, for the edge of a frame."""
    finding = comparison.finding
    if finding is None or comparison.is_over:
        words = "gone" if comparison.is_over else comparison.meaning
        return Content.styled(f"{sign(None)} {words}", "$muted")
    return Content.styled(
        f"{sign(finding)} {_words(comparison, finding)}", f"$outcome-{family(finding)} bold"
    )


def _words(comparison: Comparison, finding: Finding) -> str:
    if finding is Finding.DIFFERS:
        count = len(comparison.differs)
        columns = len(_names(comparison))
        return f"{count} of {columns} columns differ{'s' * (count == 1)}"
    return comparison.meaning if finding is Finding.SAME else finding.value


def comparison_content(comparison: Comparison, width: int) -> Content:
    """Give both sides, column by column, in `width` cells; what is marked comes first."""
    finding = comparison.finding
    lines = []
    if comparison.is_over:
        lines.append(Content.styled(GONE, "$muted"))
    elif finding not in {None, Finding.SAME, Finding.DIFFERS} and comparison.reason is None:
        lines.append(Content.styled(comparison.meaning, "$muted"))
    if comparison.reason is not None:
        reason = plain(comparison.reason, SHOWN_CHARACTERS)
        lines.append(Content.styled(reason, "$outcome-warning"))
    names = _names(comparison)
    if comparison.cached is None and comparison.database is None:
        return Content("\n").join(lines)
    shown = {name: plain(name, 40) for name in names}
    widest = max(map(cell_len, shown.values()), default=0) + 2
    name_cells = max(LEAST_NAME, min(MOST_NAME, widest))
    longest = max((cell_len(_text(comparison.cached, name)) for name in names), default=0)
    wanted = min(MOST_SIDE, max(USUAL_SIDE, longest + 2))  # no wider apart than they have to be
    side = max(8, min(wanted, (width - 2 - name_cells) // 2))
    lines.append(Content.assemble(
        (f"  {column('column', name_cells)}", "$muted"),
        ("●", "$outcome-hit"), (column(" cached", side - 1), "$muted"),
        ("◆", "$outcome-db"), (" database", "$muted"),
    ))  # fmt: skip
    marks = {name: _mark(comparison, name) for name in names}
    for name, mark in sorted(marks.items(), key=lambda item: item[1] == SAME):
        lines.append(_row(comparison, name, mark, (shown[name], name_cells, side)))
    legend = [
        said
        for columns, said in (
            (comparison.cache_only, f"{CACHE_ONLY} cached only"),
            (comparison.database_only, f"{DATABASE_ONLY} in the database only"),
            (comparison.not_compared, f"{NOT_COMPARED} cannot be compared"),
        )
        if columns
    ]
    if legend and names:
        lines.append(Content.styled("  ".join(legend), "$muted"))
    return Content("\n").join(lines)


def columns_in_view(comparison: Comparison, lines: tuple[range, int]) -> str:
    """Tell which columns are in view of those that `comparison_content` gives.

    `lines` are those of its lines that are in view, and how many it has.
    """
    count = len(_names(comparison))
    if comparison.cached is None and comparison.database is None:
        return ""
    shown, total = lines
    marked = comparison.cache_only or comparison.database_only or comparison.not_compared
    before = max(0, total - count - bool(marked))  # some of them may take two lines
    first, last = (max(0, min(count, line - before)) for line in (shown.start, shown.stop))
    return in_view(range(first, last), count)


def _names(comparison: Comparison) -> list[str]:
    return list(dict.fromkeys([*(comparison.database or {}), *(comparison.cached or {})]))


def _row(comparison: Comparison, name: str, mark: str, layout: tuple[str, int, int]) -> Content:
    """Give one column on both sides; `layout` is its name as shown, and cells of name and side.

    What is the same is muted whole, so that what differs stands out.
    """
    shown, name_cells, side = layout
    texts = [_text(record, name) for record in (comparison.cached, comparison.database)]
    differs = mark == DIFFERS
    if differs:
        texts = list(from_difference(texts[0], texts[1], side - 1))
    style = "$muted" if mark == SAME else "bold" if differs else ""
    return Content.assemble(
        (f"{mark} ", "$muted" if mark == SAME else "bold $outcome-error"),
        (column(shown, name_cells), style),
        *((column(text, side), "$muted" if text == MISSING else style) for text in texts),
    )


def from_difference(one: str, other: str, width: int) -> tuple[str, str]:
    """Give two texts; from shortly before they differ on, where `width` would hide that."""
    pairs = zip(one, other, strict=False)
    alike = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
    if cell_len(one[: alike + 1]) < width and cell_len(other[: alike + 1]) < width:
        return one, other
    start = max(0, alike - BEFORE_CELLS)
    return (f"…{one[start:]}", f"…{other[start:]}") if start else (one, other)


def ages(comparison: Comparison, *, ttl: float | None, grace: float, when: str) -> Content:
    """Give how long the copy is still good for, how old it is, and when that was read.

    `ttl`, in seconds, is what the copy was filled with if it is one of ours: None when nobody
    knows. Then nothing is said of its age. `when` says who read both, and when.
    """
    if comparison.finding is None or comparison.is_over:
        return Content(when)
    left = comparison.seconds_left
    if left is None:
        return Content.assemble(
            ("▲ never expires", "$outcome-warning bold"), (f" · {when}", "not bold")
        )
    grace = 0.0 if comparison.known_absent else grace
    fresh = left - grace
    if fresh > 0:
        parts = [("● fresh", "$outcome-hit bold")]
        said = f" for {time_left(fresh)}"
        said += f", grace {time_left(grace)}" if grace else ""
    else:
        parts = [("▲ past its ttl", "$outcome-warning bold")]
        said = f", grace {time_left(left)}" if grace else ""
    said += f" · {when}"
    age = None if ttl is None else ttl + grace - left
    if age is not None and age >= 0 and not comparison.known_absent:
        said += f" · about {time_left(age)} old"
    return Content.assemble(*parts, (said, "not bold"))


def _mark(comparison: Comparison, name: str) -> str:
    if name in comparison.differs:
        return DIFFERS
    if name in comparison.cache_only:
        return CACHE_ONLY
    if name in comparison.not_compared:
        return NOT_COMPARED
    if name in comparison.database_only:
        return DATABASE_ONLY
    sides = (comparison.cached, comparison.database)
    return SAME if all(side is not None and name in side for side in sides) else " "


def _text(record: Record | None, name: str) -> str:
    if record is None or name not in record:
        return MISSING
    value = record[name]
    return "NULL" if value is None else plain(as_text(value), SHOWN_CHARACTERS)
