"""Forgets the copies that an audit has found to be wrong for sure."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable

from msgspec import Struct, field

from tui.audit.comparison import Finding
from tui.audit.copy_mark import content_of
from tui.audit.results import Certainty, Judgement
from tui.cache.port import Walker
from tui.models import Key
from tui.service.writer import Writer

AT_ONCE = 50
"""How many copies are forgotten at the same time."""
MOST = 100_000
"""How many are remembered until then: another audit finds the others."""
LEFT = {
    Finding.UNREADABLE: "since they cannot be read, and may be somebody else's: hitmiss"
    " invalidate ID forgets one",
    Finding.NO_EXPIRY: "since they are right, and only never expire",
}
"""What is wrong for sure, and stays all the same."""
ANOTHER = "it is not the same copy any more"


class Wrong(Struct, frozen=True, gc=False):
    """A copy that is to be forgotten."""

    id: Key
    key: str
    content: bytes
    """By what its bytes are known again."""


class HealedSoFar(Struct):
    """What has become of them so far."""

    ids: list[Key] = field(default_factory=list)
    """Whose copies are gone now."""
    failures: Counter[str] = field(default_factory=Counter)
    """Why others are not, and how many."""


class WrongCopies:
    """The copies that are wrong for sure, collected while an audit runs.

    Each is looked at once more just before it is forgotten: what has been stored there
    meanwhile stays.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._found: dict[Key, Wrong] = {}
        self.left: Counter[str] = Counter()
        """How many of them are not to be forgotten, by the reason."""

    def __len__(self) -> int:
        """Return how many are to be forgotten."""
        return len(self._found)

    def note(self, judgements: Iterable[Judgement]) -> None:
        """Remember which of these are wrong for sure."""
        for judgement in judgements:
            if judgement.certainty is not Certainty.CONFIRMED or judgement.content is None:
                continue
            comparison = judgement.comparison
            if comparison.finding in LEFT:
                self.left[LEFT[comparison.finding]] += 1
            elif len(self._found) < MOST:
                wrong = Wrong(comparison.id, comparison.key, judgement.content)
                self._found[wrong.id] = wrong
            else:
                self.left[f"since {MOST:,} are enough at once: run it again"] += 1

    def discard(self, id: Key) -> None:
        """Take back that a record's copy is wrong."""
        self._found.pop(id, None)

    async def forget(self, writer: Writer, walker: Walker) -> AsyncGenerator[HealedSoFar, None]:
        """Forget them; yield, part by part, the same object with what has become of them.

        Raises:
            CacheError: no answer when they were looked at; those so far are forgotten.
        """
        healed = HealedSoFar()
        rest = list(self._found.values())
        while rest:
            cached = await walker.read([wrong.key for wrong in rest[:AT_ONCE]])
            some, rest = rest[: len(cached)], rest[len(cached) :]
            as_it_was = [
                wrong.id
                for wrong, copy in zip(some, cached, strict=True)
                if content_of(copy) == wrong.content
            ]
            if len(as_it_was) < len(some):
                healed.failures[ANOTHER] += len(some) - len(as_it_was)
            for change in await asyncio.gather(*map(writer.invalidate, as_it_was)):
                if change.reason is None:
                    healed.ids.append(change.id)
                    self.discard(change.id)
                else:
                    healed.failures[change.reason] += 1
            yield healed
