"""One cached copy: where it is kept, in what form, for how long, and what it says."""

import math
from typing import Final

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from tui.audit.formats import HASH
from tui.audit.reading import Copy
from tui.controllers.copy_contents import MOST_BYTES
from tui.models.inventory import CopyState, Entry
from tui.models.scalars import as_text
from tui.runtime.plain_text import plain
from tui.views.widgets.cached_list import bytes_of, state_of
from tui.views.widgets.quantities import time_left
from tui.views.widgets.row_list import cut

NAME_CELLS: Final = 8
VALUE_CHARACTERS: Final = 400
NAME_CHARACTERS: Final = 30


def copy_title(entry: Entry | None) -> str:
    """Give what stands over a copy."""
    return "copy" if entry is None else f"copy {plain(str(entry.id), 40)}"


def copy_state(entry: Entry | None, now: float) -> Content:
    """Give what the copy is good for, for the edge of a frame."""
    if entry is None:
        return Content("")
    sign, word, family = state_of(entry, now)
    style = "$muted" if family == "muted" else f"$outcome-{family}"
    return Content.styled(f"{sign} {word}", style)


def copy_content(
    entry: Entry | None, copy: Copy | None, key: str, now: float, width: int
) -> Content:
    """Give all that is known of a copy in `width` cells, a line each; `now` is the list's time.

    `copy` is what it holds, None while that is not known; `key` is what it is kept under.
    """
    if entry is None:
        return Content("")
    facts = {
        "key": plain(key, VALUE_CHARACTERS),
        "type": _type_of(entry, copy),
        "format": entry.format or (None if copy is None else copy.format) or "–",
        "size": "–" if entry.size is None else bytes_of(entry.size),
        "ttl": _life(entry, now),
    }
    lines = [_line(name, value, NAME_CELLS, width) for name, value in facts.items()]
    return Content("\n").join([*lines, Content(""), *_value(entry, copy, width)])


def name_in(copy: Copy | None, column: str) -> str | None:
    """Give what a copy has in that column, safe to show; None where that is not known."""
    value = None if copy is None or copy.record is None else copy.record.get(column)
    return None if value is None else plain(as_text(value), 80)


def _type_of(entry: Entry, copy: Copy | None) -> str:
    if entry.size is not None:
        return "string"
    return "hash" if copy is not None and copy.format == HASH else "no string"


def _life(entry: Entry, now: float) -> str:
    state = entry.state(now)
    if state is CopyState.EXPIRED:
        return entry.note or "expired"
    if entry.gone_at == math.inf:
        return "none: it never expires"
    left = time_left(entry.gone_at - now)
    if entry.known_absent:
        return f"gone in {left}"
    if state is CopyState.GRACE:
        return f"grace {left}"
    fresh = f"fresh for {time_left(entry.fresh_until - now)}"
    grace = entry.gone_at - entry.fresh_until
    return f"{fresh}, grace {time_left(grace)}" if grace else fresh


def _value(entry: Entry, copy: Copy | None, width: int) -> list[Content]:
    if entry.known_absent:
        return [Content.styled("it says that there is no such record", "$muted")]
    if entry.note:
        return []
    if (entry.size or 0) > MOST_BYTES:
        return [Content.styled("too long to show here: d compares it", "$muted")]
    if copy is None:
        return []
    if copy.wrong is not None:
        return [Content.styled(plain(str(copy.wrong), VALUE_CHARACTERS), "$outcome-warning")]
    record = copy.record or {}
    names = {name: plain(name, NAME_CHARACTERS) for name in record}
    widest = max(map(cell_len, names.values()), default=0) + 1
    return [
        _line(shown, plain(as_text(record[name]), VALUE_CHARACTERS), widest, width)
        for name, shown in names.items()
    ]


def _line(name: str, value: str, cells: int, width: int) -> Content:
    return Content.assemble((set_cell_size(name, cells), "$muted"), cut(value, width - cells))
