"""A scenario as lines of text: a column a side, with curves above and moments below."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import wrap

from tui.lab.scenario import Side

LEVELS = "▁▂▃▄▅▆▇█"
NARROWEST, GAP = 7, 1
"""The fewest cells that a side's column has, and those between two."""


def side_by_side(sides: Sequence[Side], width: int) -> Iterator[str]:
    """Give the lines of at most `width` cells: curves, a table of numbers, then moments."""
    if not sides:
        return
    tops: Counter[str] = Counter()
    for side in sides:
        tops |= Counter({name: max(counts, default=0) for name, counts in side.series.items()})
    for side in sides:
        for name, counts in side.series.items():
            said = f"{side.name}, {words(name)} in each tenth of a second: "
            yield from _indented(said + curve(counts, tops[name]), width)
    yield from _table(sides, width)
    for side in sides:
        if side.moments:
            yield f"{side.name}:"
        for number, moment in enumerate(side.moments, 1):
            yield from _indented(f"  {number}. {moment}", width)


def curve(counts: Sequence[int], top: int) -> str:
    """Give counts as a line of columns, `top` as high as a line is; none is invisible."""
    return "".join(
        LEVELS[-(-count * len(LEVELS) // top) - 1] if count else "." for count in counts
    )


def words(name: str) -> str:
    """Give the name of a number for people: `took_ms` is `took, ms`."""
    return name.replace("_ms", ", ms").replace("_", " ")


def digits(milliseconds: float) -> str:
    """Give a number of milliseconds with three digits."""
    return f"{milliseconds:.{2 if milliseconds < 10 else 1 if milliseconds < 100 else 0}f}"


def _table(sides: Sequence[Side], width: int) -> Iterator[str]:
    names = list(dict.fromkeys(name for side in sides for name in side.numbers))
    left = max(len(words(name)) for name in names)
    room = (width - left) // len(sides) - GAP
    cells = max(NARROWEST, min(room, 1 + max(len(side.name) for side in sides)))
    heads = [wrap(_hyphenated(side.name, cells), cells) for side in sides]
    for line in range(max(map(len, heads))):
        parts = (head[line] if line < len(head) else "" for head in heads)
        yield _row("", parts, left, cells)
    for name in names:
        yield _row(words(name), (_number(name, side) for side in sides), left, cells)


def _hyphenated(text: str, cells: int) -> str:
    """Give `text` with a hyphen in the middle of each word that is longer than `cells`."""

    def halves(word: re.Match[str]) -> str:
        middle = (len(word[0]) + 1) // 2
        return f"{word[0][:middle]}- {word[0][middle:]}"

    return re.sub(rf"\w{{{cells + 1},}}", halves, text)


def _row(name: str, parts: Iterator[str], left: int, cells: int) -> str:
    return (
        f"{name:{left}}" + "".join(f"{' ' * GAP}{part:>{cells}}" for part in parts)
    ).rstrip()


def _number(name: str, side: Side) -> str:
    number = side.numbers.get(name)
    if number is None:
        return "–"
    return digits(number) if name.endswith("_ms") else f"{number:,}"


def _indented(text: str, width: int) -> Iterator[str]:
    """Give `text` in lines of `width` cells, all but the first of them indented."""
    yield from wrap(
        text, max(20, width), subsequent_indent="     ", drop_whitespace=True,
        break_on_hyphens=False,
    )  # fmt: skip
