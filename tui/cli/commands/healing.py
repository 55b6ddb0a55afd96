"""`hitmiss audit --invalidate`: what is wrong for sure is forgotten, if a person says so."""

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import Iterable

import click
from msgspec import Struct

from tui.audit.comparison import Finding
from tui.audit.copy_mark import content_of
from tui.audit.results import Certainty, Judgement
from tui.cache.port import Walker
from tui.cli.commands.output import say
from tui.config.settings import Settings
from tui.models import Key
from tui.runtime.errors import SettingsError
from tui.runtime.plain_text import plain
from tui.service.writer import Writer

AT_ONCE = 50
"""How many copies are forgotten at the same time."""
MOST = 100_000
"""How many are remembered until the end: another audit finds the others."""
LEFT = {
    Finding.UNREADABLE: "since they cannot be read, and may be somebody else's: hitmiss"
    " invalidate ID forgets one",
    Finding.NO_EXPIRY: "since they are right, and only never expire",
}
"""What is wrong for sure, and stays all the same."""


class Wrong(Struct, frozen=True, gc=False):
    """A copy that is to be forgotten."""

    id: Key
    key: str
    content: bytes
    """By what its bytes are known again."""


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
    """Collects the copies that are wrong for sure, and forgets them at the end.

    Each is looked at once more just before that: what has been stored there meanwhile stays.
    """

    def __init__(self, *, yes: bool) -> None:
        """Ask before that, unless `yes` was said already."""
        self._yes = yes
        self._found: list[Wrong] = []
        self._left: Counter[str] = Counter()

    def note(self, judgements: Iterable[Judgement]) -> None:
        """Remember which of these are wrong for sure."""
        for judgement in judgements:
            if judgement.certainty is not Certainty.CONFIRMED or judgement.content is None:
                continue
            comparison = judgement.comparison
            if comparison.finding in LEFT:
                self._left[LEFT[comparison.finding]] += 1
            elif len(self._found) < MOST:
                self._found.append(Wrong(comparison.id, comparison.key, judgement.content))
            else:
                self._left[f"since {MOST:,} are enough at once: run it again"] += 1

    async def heal(self, writer: Writer, walker: Walker) -> Healed:
        """Forget them, if that is wanted."""
        for why, count in self._left.items():
            say(f"{_copies(count)} left, {why}")
        left = sum(self._left.values())
        if not self._found or not (self._yes or self._ask()):
            return Healed(0, len(self._found) + left)
        forgotten, failures = 0, Counter[str]()
        try:
            rest = self._found
            while rest:
                cached = await walker.read([wrong.key for wrong in rest[:AT_ONCE]])
                some, rest = rest[: len(cached)], rest[len(cached) :]
                as_it_was = [
                    wrong.id
                    for wrong, copy in zip(some, cached, strict=True)
                    if content_of(copy) == wrong.content
                ]
                failures["it is not the same copy any more"] += len(some) - len(as_it_was)
                for change in await asyncio.gather(*map(writer.invalidate, as_it_was)):
                    forgotten += change.reason is None
                    failures[change.reason or ""] += change.reason is not None
        except asyncio.CancelledError:
            say(f"{_copies(forgotten)} forgotten until then")
            raise
        for reason, count in failures.items():
            if count:
                say(f"{_copies(count)} not forgotten: {plain(reason, 200)}")
        return Healed(forgotten, failures.total() + left)

    def _ask(self) -> bool:
        """Ask, while nothing else runs; interrupted, end as elsewhere."""
        count = len(self._found)
        what = "this copy" if count == 1 else f"these {count:,} copies"
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return click.confirm(f"Forget {what}?", default=False, err=True)
        except click.Abort:
            raise KeyboardInterrupt from None
        finally:
            signal.signal(signal.SIGINT, before)


def _copies(count: int) -> str:
    return "1 copy is" if count == 1 else f"{count:,} copies are"


def _is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    return isatty is not None and bool(isatty())
