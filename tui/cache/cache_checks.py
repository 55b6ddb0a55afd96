"""What `doctor` says of every cache: whether it answers, and whether a template fits keys."""

from collections.abc import Mapping
from dataclasses import dataclass

from tui.cache.port import Asked
from tui.models.check import Check, State
from tui.models.keys import KeyTemplate

GROUP = "cache"
"""What checks of a cache belong to."""
OTHERWISE = "start the server, or name another with --cache; embedded needs none"


@dataclass(frozen=True, slots=True)
class KeySample:
    """A look at some of the keys on a server."""

    looked_at: int
    """How many different keys were seen."""
    matching: int
    """How many of them the key template fits."""
    example: str | None
    """One that it fits."""
    whole: bool
    """Whether those were all the keys there are."""


def silence_check(trouble: str, advice: Mapping[str, str]) -> Check:
    """Give that a cache does not answer; `advice` is what to do, by words in the `trouble`."""
    todo = next((what for words, what in advice.items() if words in trouble), OTHERWISE)
    detail = f"{trouble}; nothing more was asked"
    return Check(GROUP, "answers", None, detail, State.FAILED, todo)


def sample_check(asked: Asked, template: KeyTemplate, sample: KeySample) -> Check:
    """Give whether the template fits any keys; whose others are is not said."""
    seen = f"all {sample.looked_at:,} keys" if sample.whole else f"{sample.looked_at:,} keys"
    if sample.matching:
        return Check(
            GROUP, "template", sample.matching,
            f"fits {sample.matching:,} of {seen} looked at, {sample.example} for one",
        )  # fmt: skip
    detail = f"fits none of {seen} looked at"
    if not sample.looked_at:
        detail = "there are no keys"
    if not sample.looked_at or not asked.rows or not asked.named:
        return Check(GROUP, "template", 0, f"{detail}: nothing is cached yet")
    return Check(
        GROUP, "template", 0, f"{detail}, although the table has rows", State.WARNING,
        f"see in the application how it names its keys; --key is {template.template}",
    )  # fmt: skip
