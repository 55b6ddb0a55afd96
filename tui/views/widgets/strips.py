"""The one-line strips of every screen: the screens' names, the totals, the status."""

from collections.abc import Mapping

from textual.content import Content
from textual.widgets import Static

from tui.models import Health, Tally
from tui.runtime.plain_text import plain
from tui.views.widgets.quantities import duration, percent, sparkline, time_left

SLOW_SECONDS = 0.1
"""An answer that takes longer than this is called slow."""
CURVE_WIDTH = 10


class TitleStrip(Static):
    """The names of the screens, each with its key, the current one marked."""

    DEFAULT_CSS = """
    TitleStrip {
        height: 1; background: $panel; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    def show(self, screens: Mapping[str, str], current: str) -> None:
        """Show those names, each with its key, and mark the current one."""
        names = sum(len(f" {key} {name} ") for name, key in screens.items())
        room = self.app.size.width - 2 >= len("hitmiss  ") + names
        parts: list[Content | str | tuple[str, str]] = [("hitmiss  ", "bold")] if room else []
        for name, key in screens.items():
            marked = f"[{key} {name}]" if name == current else f" {key} {name} "
            parts.append((marked, "bold" if name == current else "$foreground-muted"))
        self.update(Content.assemble(*parts), layout=False)


class TotalsStrip(Static):
    """Hits beside database reads, the hit ratio as a curve, the medians side by side."""

    DEFAULT_CSS = """
    TotalsStrip {
        height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    def show(self, tally: Tally) -> None:
        """Show the totals of these lookups."""
        if not tally.total:
            self.update(Content.styled("no lookups yet", "$foreground-muted"), layout=False)
            return
        parts: list[Content | str | tuple[str, str]] = [
            ("hits ", "$outcome-hit"), f"{tally.hits}",
            (" · db reads ", "$outcome-db"), f"{tally.database_reads}",
            f" · ratio {percent(tally.hit_ratio)} ",
            (sparkline(tally.ratios, CURVE_WIDTH), "$outcome-hit"),
        ]  # fmt: skip
        medians = [
            f"{name} {duration(median)}"
            for name, median in (("hit", tally.hit_p50), ("db", tally.db_p50))
            if median is not None
        ]
        if medians:
            parts.append(f" · p50 {', '.join(medians)}")
        self.update(Content.assemble(*parts), layout=False)


class StatusStrip(Static):
    """The database, the cache, the ttl, and what is out of the ordinary."""

    DEFAULT_CSS = """
    StatusStrip {
        height: 1; background: $panel; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    def show(
        self,
        *,
        database: tuple[str, Health],
        cache: tuple[str, Health],
        tally: Tally | None,
        ttl: float,
        marks: tuple[str, ...],
    ) -> None:
        """Show each target's name and state, the ttl, the marks, a tally's hit ratio."""
        separator = ("  ", "")
        parts: list[Content | str | tuple[str, str]] = []
        for mark in marks:
            parts += [(f" {mark} ", "reverse bold"), separator]
        # What may be long, the reason why a cache is down, stands last.
        if tally is not None:
            parts += [f"hit {percent(tally.hit_ratio)}", separator]
        parts.append(f"ttl {time_left(ttl)}")
        parts += [separator, "db ", *_state(*database), separator, "cache ", *_state(*cache)]
        self.update(Content.assemble(*parts), layout=False)


def _state(name: str, health: Health) -> list[tuple[str, str]]:
    shown = plain(name, 40)
    if health.up is None:
        return [(f"{shown} connecting…", "$foreground-muted")]
    if not health.up:
        return [(f"{shown} down: {plain(health.reason or 'no answer', 60)}", "$outcome-error")]
    took = f" {duration(health.seconds)}" if health.seconds else ""
    slow = (health.seconds or 0) > SLOW_SECONDS
    return [(f"{shown} {'slow' if slow else 'up'}{took}", "$outcome-warning" if slow else "")]
