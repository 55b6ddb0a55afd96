"""`hitmiss audit --invalidate`: what is wrong for sure is forgotten, if a person says so."""

import asyncio
import signal
import sys
from collections.abc import Iterable
from contextlib import aclosing

import click
from msgspec import Struct

from tui.audit.results import Judgement
from tui.cache.port import Walker
from tui.cli.commands.output import say
from tui.config.settings import Settings
from tui.models.sentences import counted
from tui.runtime.errors import SettingsError
from tui.runtime.plain_text import plain
from tui.service.healing import HealedSoFar, WrongCopies
from tui.service.writer import Writer


class Healed(Struct, frozen=True):
    """What became of the copies that are wrong for sure."""

    forgotten: int = 0
    """Copies that are gone now."""
    left: int = 0
    """Copies that stay: nobody said yes, they are no drift of a record, or the cache failed."""


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
        self._wrong = WrongCopies()

    def note(self, judgements: Iterable[Judgement]) -> None:
        """Remember which of these are wrong for sure."""
        self._wrong.note(judgements)

    async def heal(self, writer: Writer, walker: Walker) -> Healed:
        """Forget them, if that is wanted."""
        for why, count in self._wrong.left.items():
            say(f"{_copies(count)} left, {why}")
        left = self._wrong.left.total()
        count = len(self._wrong)
        if not count or not (self._yes or self._ask(count)):
            return Healed(0, count + left)
        so_far = HealedSoFar()
        try:
            async with aclosing(self._wrong.forget(writer, walker)) as parts:
                async for part in parts:
                    so_far = part
        except asyncio.CancelledError:
            say(f"{_copies(len(so_far.ids))} forgotten until then")
            raise
        for reason, failed in so_far.failures.items():
            say(f"{_copies(failed)} not forgotten: {plain(reason, 200)}")
        return Healed(len(so_far.ids), so_far.failures.total() + left)

    def _ask(self, count: int) -> bool:
        """Ask, while nothing else runs; interrupted, end as elsewhere."""
        what = "this copy" if count == 1 else f"these {count:,} copies"
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return click.confirm(f"Forget {what}?", default=False, err=True)
        except click.Abort:
            raise KeyboardInterrupt from None
        finally:
            signal.signal(signal.SIGINT, before)


def _copies(count: int) -> str:
    return f"{counted(count, 'copy')} {'is' if count == 1 else 'are'}"


def _is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    return isatty is not None and bool(isatty())
