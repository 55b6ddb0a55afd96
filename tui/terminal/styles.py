"""How a cell looks: attributes, colours and link, and the sequences that say so."""

from functools import lru_cache
from typing import Final, NamedTuple

ON: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 21, 51, 52, 53)
"""The attributes' SGR numbers (ECMA-48 8.3.117)."""
OFF: Final = {1: 22, 2: 22, 3: 23, 4: 24, 5: 25, 6: 25, 7: 27, 8: 28, 9: 29, 21: 24,
              51: 54, 52: 54, 53: 55}  # fmt: skip
"""What ends each of them; some end two."""
SEEN_ON_BLANKS: Final = frozenset({4, 7, 9, 21, 51, 52, 53})
"""Attributes that show where nothing is written."""


class Style(NamedTuple):
    """How a cell looks."""

    attributes: frozenset[int] = frozenset()
    """SGR numbers out of ON."""
    ink: str = ""
    """SGR parameters of the text's colour; empty for the terminal's own."""
    paper: str = ""
    """SGR parameters of what lies behind it."""
    link: str = ""
    """What OSC 8 says between its first `;` and its end; empty without a link."""


PLAIN: Final = Style()


@lru_cache(maxsize=4096)
def on_blank(style: Style) -> Style:
    """Give what can be seen of a style where nothing is written."""
    if style.link or style.attributes & SEEN_ON_BLANKS:
        return style
    return Style(paper=style.paper)


@lru_cache(maxsize=4096)
def restyled(style: Style, parameters: str) -> Style | None:
    """Give what SGR with these parameters makes of a style; None where that is not known."""
    if not all(part.isdecimal() or not part for part in parameters.split(";")):
        return None
    codes = [int(part or 0) for part in parameters.split(";")]
    while codes:
        code = codes.pop(0)
        if code in {38, 48}:
            size = {2: 4, 5: 2}.get(codes[0] if codes else 0, 0)
            if not size or len(codes) < size:
                return None
            colour = ";".join(map(str, [code, *codes[:size]]))
            del codes[:size]
            style = style._replace(ink=colour) if code == 38 else style._replace(paper=colour)
        else:
            changed = _with_code(style, code)
            if changed is None:
                return None
            style = changed
    return style


def _with_code(style: Style, code: int) -> Style | None:
    if code == 0:
        return Style(link=style.link)
    if code in ON:
        return style._replace(attributes=style.attributes | {code})
    if code in OFF.values():
        kept = frozenset(one for one in style.attributes if OFF[one] != code)
        return style._replace(attributes=kept)
    if 30 <= code <= 39 or 90 <= code <= 97:
        return style._replace(ink="" if code == 39 else str(code))
    if 40 <= code <= 49 or 100 <= code <= 107:
        return style._replace(paper="" if code == 49 else str(code))
    return None


@lru_cache(maxsize=4096)
def change(before: Style, after: Style) -> str:
    """Give the shortest sequences that lead from one style to another."""
    link = "" if before.link == after.link else f"\x1b]8;{after.link or ';'}\x1b\\"
    if before._replace(link="") == after._replace(link=""):
        return link
    afresh = ";".join(["", *map(str, sorted(after.attributes)), *_colours(after)])
    return f"{link}\x1b[{min(_difference(before, after), afresh, key=len)}m"


def _colours(style: Style) -> list[str]:
    return [colour for colour in (style.ink, style.paper) if colour]


def _difference(before: Style, after: Style) -> str:
    ends = {OFF[one] for one in before.attributes - after.attributes}
    starts = {
        one for one in after.attributes if one not in before.attributes or OFF[one] in ends
    }
    codes = [*map(str, sorted(ends)), *map(str, sorted(starts))]
    if before.ink != after.ink:
        codes.append(after.ink or "39")
    if before.paper != after.paper:
        codes.append(after.paper or "49")
    return ";".join(codes)
