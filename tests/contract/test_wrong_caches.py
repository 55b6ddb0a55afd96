"""The promises are worth something: each wrong cache breaks those that it has to."""

from collections.abc import Sequence

import pytest
from contract.caches import APART, PROMISES
from fakes import FakeCache, ManualClock, own

from tui.cache.port import Claim
from tui.models import Cached


class FillsAnyhow(FakeCache):
    """A fill needs no claim: the old record may come back after a write."""

    async def fill(
        self, claim: Claim, payload: bytes, seconds: float, *, expected: Cached | None = None
    ) -> bool:
        """Store it."""
        await self._begin("fill", claim.key)
        self.put(claim.key, payload, seconds)
        self.entries.pop(own(claim).place, None)
        return True


class KeepsClaims(FakeCache):
    """An invalidation deletes the copy, and leaves the claims on it."""

    async def invalidate(self, keys: Sequence[str]) -> int:
        """Delete the copies."""
        await self._begin("invalidate", " ".join(keys))
        return sum(self.entries.pop(key, None) is not None for key in keys)


class LosesDeletes(FakeCache):
    """An invalidation says that it has deleted the copies, and has not."""

    async def invalidate(self, keys: Sequence[str]) -> int:
        """Delete the claims."""
        await self._begin("invalidate", " ".join(keys))
        for key in keys:
            self.entries.pop(own(self.new_claim(key)).place, None)
        return sum(self.holds(key) is not None for key in keys)


class ReadsOldCopies(FakeCache):
    """A read gives what it has given before, as a replica that lags behind does."""

    def __init__(self, clock: ManualClock) -> None:
        """Remember nothing yet."""
        super().__init__(clock)
        self._read: dict[str, Cached] = {}

    async def read(self, key: str) -> Cached:
        """Give what was there the first time."""
        return self._read.setdefault(key, await super().read(key))


class ClaimsForAll(FakeCache):
    """Everybody gets a claim: a crowd reads the database all at once."""

    def _take(self, claim: Claim) -> bool:
        self.entries.pop(own(claim).place, None)
        return super()._take(own(claim))


class ClaimsWhatIsFresh(FakeCache):
    """A read takes a claim though there is a fresh copy."""

    async def read_or_claim(self, claim: Claim, grace: float) -> tuple[Cached, bool]:
        """Read, and claim."""
        return await self.read(claim.key), self._take(own(claim))


class TakesForeignClaims(FakeCache):
    """Whoever abandons a claim ends whichever there is on the key."""

    async def abandon(self, claim: Claim) -> bool:
        """End it."""
        await self._begin("abandon", claim.key)
        return self.entries.pop(own(claim).place, None) is not None


class OverwritesOthers(FakeCache):
    """A fill does not look at what others have stored meanwhile."""

    async def fill(
        self, claim: Claim, payload: bytes, seconds: float, *, expected: Cached | None = None
    ) -> bool:
        """Store it while the claim holds."""
        return await super().fill(claim, payload, seconds)


class ForgetsTimes(FakeCache):
    """What is stored never expires."""

    def put(self, key: str, payload: bytes, seconds: float | None) -> None:
        """Store it for ever."""
        super().put(key, payload, None)


BROKEN = {
    FillsAnyhow: {
        "a_claim_fills_once", "without_a_claim_nothing_is_filled",
        "an_invalidation_makes_claims_void", "a_void_claim_stays_void",
        "a_claim_can_be_abandoned", "a_fill_as_expected_overwrites_nothing_else",
    },
    KeepsClaims: {"an_invalidation_makes_claims_void", "a_void_claim_stays_void"},
    LosesDeletes: {"an_invalidation_deletes_the_copies"},
    ReadsOldCopies: {"what_is_stored_is_read_with_its_time", "a_life_is_changed"},
    ClaimsForAll: {"a_key_is_claimed_by_one_at_a_time"},
    ClaimsWhatIsFresh: {"a_fresh_copy_is_read_and_not_claimed"},
    TakesForeignClaims: {"nobody_abandons_anothers_claim"},
    OverwritesOthers: {"a_fill_as_expected_overwrites_nothing_else"},
    ForgetsTimes: {"what_is_stored_is_read_with_its_time", "a_life_is_changed"},
}  # fmt: skip
"""What each of them has to be found out by, perhaps beside others."""


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
async def test_a_wrong_cache_is_found_out(kind: type[FakeCache]) -> None:
    """By each of the promises that it breaks."""
    broken = set()
    for promise in (*PROMISES, *APART):
        try:
            await promise(kind(ManualClock()))
        except AssertionError:
            broken.add(promise.__name__)
    assert broken >= BROKEN[kind]


async def test_the_promises_fail_for_no_other_reason() -> None:
    """The cache that they are derived from keeps all of them."""
    for promise in (*PROMISES, *APART):
        await promise(FakeCache(ManualClock()))
