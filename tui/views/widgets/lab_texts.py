"""What the Lab says in words: how it begins, what a row is, what scenarios came to."""

from collections.abc import Sequence
from textwrap import wrap

from textual.content import Content

from tui.controllers.lab import Played
from tui.lab.scenario import Verdict
from tui.runtime.plain_text import plain
from tui.views.widgets.load_charts import LoadView, brief_content
from tui.views.widgets.scenario_charts import verdict_content

WELCOME = (
    ("{lab.run}", "runs a load: readers that ask for records, as set at the left"),
    ("{lab.more} {lab.less}", "set what is under the cursor, also while it runs"),
    ("{lab.open}", "on a scenario plays it"),
    ("{lab.stampede}", "plays the stampede"),
)
"""Keys, by their actions, and what they do."""
OWN_KEYS = (
    "They ask through a service of their own, under keys of their own (hitmiss:lab:...), which"
    " are deleted at the end."
)
KEY_CELLS = 7


def welcome_content(keys: Sequence[tuple[str, str]], added: str, width: int) -> Content:
    """Return what can be done, each with its key, and what is done to the database."""
    lines: list[Content] = []
    for key, what in keys:
        first, *more = wrap(what, max(10, width - KEY_CELLS))
        lines.append(Content.assemble((f"{key:{KEY_CELLS}}", "bold $here"), first))
        lines += [Content(f"{'':{KEY_CELLS}}{line}") for line in more]
    for text in (OWN_KEYS, added):
        lines.append(Content(""))
        lines += [Content.styled(line, "$muted") for line in wrap(text, max(10, width))]
    return Content("\n").join(lines)


def what_content(what: str, whole: str, more: Sequence[str], width: int, rows: int) -> Content:
    """Return what a row is: in few words, or where there are rows for it whole, with keys."""
    short = _lines(what, width)
    longer = _lines(whole or what, width)
    lines = [Content(line) for line in (longer if len(longer) <= rows else short)]
    for text in filter(None, more):
        added = _lines(text, width)
        if len(lines) + 1 + len(added) <= rows:
            lines += [Content(""), *(Content.styled(line, "$muted") for line in added)]
    return Content("\n").join(lines)


def _lines(text: str, width: int) -> list[str]:
    return [line for part in text.split("\n") for line in wrap(part, max(10, width)) or [""]]


def verdicts_content(verdicts: Sequence[tuple[str, Verdict | None]], width: int) -> Content:
    """Return for each scenario what it came to, without its protection and with it."""
    lines: list[Content] = []
    for title, verdict in verdicts:
        told = "not played" if verdict is None else f"{verdict.before:,} → {verdict.after:,}"
        style = "$muted" if verdict is None else "" if verdict.held else "$outcome-warning"
        lines.append(Content.assemble(
            title, " " * max(1, width - len(title) - len(told)), (told, style)
        ))  # fmt: skip
        if verdict is not None:
            lines.append(Content.styled(f"  {verdict.what}", "$muted"))
    return Content("\n").join(lines)


def brief_of(view: LoadView | None, played: Played | None) -> Content:
    """Return in a few lines what is seen, where there is no room for panels."""
    if view is not None:
        return brief_content(view)
    if played is None:
        return Content("")
    if played.verdict is None:
        return Content(plain(played.after or played.scenario.question, 300))
    return verdict_content(played.verdict)
