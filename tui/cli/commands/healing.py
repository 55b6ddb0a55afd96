"""`hitmiss audit --invalidate`: what is wrong for sure is forgotten, if a person says so."""

import asyncio
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from tui.audit.comparison import Finding
from tui.audit.results import Certainty, Judgement
from tui.cli.commands.output import say
from tui.config.settings import Settings
from tui.runtime.errors import SettingsError
from tui.runtime.plain_text import plain
from tui.service.writer import Writer

if TYPE_CHECKING:
    from tui.models import Key

AT_ONCE = 50
"""How many copies are forgotten at the same time."""
MOST = 1_000_000
"""How many are remembered until the end: another audit finds the others."""


class Healed(Struct, frozen=True):
    """What became of the copies that are wrong for sure."""

    forgotten: int = 0
    """Copies that are gone now."""
    left: int = 0
    """Copies that stay, since nobody said yes, or they cannot be read, or the cache failed."""


def check_may_heal(settings: Settings, *, yes: bool) -> None:
    """Return if copies may be forgotten, and somebody can be asked where that is needed.

    Raises:
        SettingsError: they may not, or nobody can.
    """
    if settings.read_only:
        raise SettingsError("--invalidate changes the cache: give --writable too")
    if not yes and not (_is_terminal(sys.stdin) and _is_terminal(sys.stderr)):
        raise SettingsError("--invalidate asks first, and here is no terminal: give --yes too")


class Healing:
    """Collects the copies that are wrong for sure, and forgets them at the end."""

    def __init__(self, *, yes: bool) -> None:
        """Ask before that, unless `yes` was said already."""
        self._yes = yes
        self._ids: list[Key] = []
        self._unreadable = 0

    def note(self, judgements: Iterable[Judgement]) -> None:
        """Remember which of these are wrong for sure."""
        for judgement in judgements:
            if judgement.certainty is not Certainty.CONFIRMED:
                continue
            if judgement.comparison.finding is Finding.UNREADABLE:
                self._unreadable += 1
            elif len(self._ids) < MOST:
                self._ids.append(judgement.comparison.id)

    async def heal(self, writer: Writer) -> Healed:
        """Forget them, if that is wanted."""
        if self._unreadable:
            say(
                f"{self._unreadable:,} copies are left as they are, since they cannot be read:"
                " they may be somebody else's; hitmiss invalidate ID forgets one"
            )
        if not self._ids or not (self._yes or await asyncio.to_thread(self._ask)):
            return Healed(0, len(self._ids) + self._unreadable)
        forgotten, failures = 0, []
        for start in range(0, len(self._ids), AT_ONCE):
            some = self._ids[start : start + AT_ONCE]
            for change in await asyncio.gather(*map(writer.invalidate, some)):
                forgotten += change.reason is None
                failures += [change.reason] if change.reason is not None else []
        if failures:
            say(f"{len(failures):,} copies could not be forgotten: {plain(failures[0], 200)}")
        return Healed(forgotten, len(failures) + self._unreadable)

    def _ask(self) -> bool:
        what = "this copy" if len(self._ids) == 1 else f"these {len(self._ids):,} copies"
        try:
            return click.confirm(f"Forget {what}?", default=False, err=True)
        except click.Abort:
            return False


def _is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    return isatty is not None and bool(isatty())
