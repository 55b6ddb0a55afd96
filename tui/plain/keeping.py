"""Commands about cached copies: end them, list them, and how long the next ones live."""

from contextlib import aclosing
from typing import Final

from tui.models import CopyChange
from tui.models.sentences import counted, told_of_copy
from tui.plain.desk import DIRECTIONS, Desk, ProgressPace
from tui.plain.sayings import key_of, told_of_entry, told_of_time, told_of_totals
from tui.runtime.errors import ChangeRefused, SettingsError
from tui.runtime.plain_text import plain

MOST_LISTED: Final = 20


async def invalidate(desk: Desk, text: str) -> None:
    """Forget the cached copy of a record."""
    desk.check_writable()
    _tell(desk, await desk.lookups.invalidate(desk.key_or_last(text)), "invalidated")


async def expire(desk: Desk, text: str) -> None:
    """Make the cached copy of a record expire now."""
    desk.check_writable()
    _tell(desk, await desk.lookups.expire(desk.key_or_last(text)), "expired")


async def ttl(desk: Desk, text: str) -> None:
    """Say for how long the next fills stay fresh; with + or - choose more or less."""
    if text:
        direction = _direction("ttl", text)
        desk.check_writable()
        desk.session.step_ttl(direction)
    desk.say(f"the next fills stay fresh for {told_of_time(desk.session.ttl)}")


async def life(desk: Desk, text: str) -> None:
    """Let the copy of the latest record live longer (+) or shorter (-)."""
    direction = _direction("life", text)
    desk.check_writable()
    id = desk.id
    await desk.copies.look_at(id)
    entry = desk.copies.entry(id)
    if entry is None:
        raise ChangeRefused(f"{key_of(id)} is not cached")
    step = desk.copies.next_life(entry, direction)
    if step.ttl is None:
        raise ChangeRefused(f"{key_of(id)} {step.reason.partition(':')[0]}")
    change = await desk.copies.extend(id, step.ttl)
    if change.reason is None and change.found:
        desk.changes.watch(id, step.ttl)
        desk.say(f"the copy of {key_of(id)} stays fresh for {told_of_time(step.ttl)}")
    else:
        desk.say(told_of_copy(change, "changed"))


async def cache(desk: Desk, text: str) -> None:
    """Say what is cached: how much, and what expires next."""
    copies = desk.copies
    if not await _walk(desk, text):
        return
    now = desk.clock.monotonic()
    desk.say(told_of_totals(copies.inventory.totals(now)))
    for entry in copies.inventory.rows(0, MOST_LISTED):
        desk.say(told_of_entry(entry, now))
    rest = len(copies.inventory) + copies.inventory.left_out - MOST_LISTED
    if rest > 0:
        desk.say(f"and {rest:,} that expire later")


async def clear(desk: Desk, text: str) -> None:
    """Forget all cached copies, or those whose key holds a text, after a yes."""
    desk.check_writable()
    if not await _walk(desk, text):
        return
    count = desk.copies.inventory.totals(desk.clock.monotonic()).keys
    if not count:
        desk.say("nothing is cached")
        return
    pattern = plain(desk.session.template.shown(text), 60)
    copies = f"{'' if count == 1 else 'about '}{counted(count, 'copy')}"
    if not await desk.ask(
        f"forget {copies} under {pattern} in {desk.session.place.the_cache}?"
    ):
        desk.say("nothing was forgotten")
        return
    gone, pace = 0, ProgressPace(desk.clock)
    async with aclosing(desk.copies.invalidate_all()) as parts:
        async for gone in parts:
            if pace.is_due:
                desk.say(f"{gone:,} forgotten so far")
    desk.say(f"{gone:,} forgotten")


async def _walk(desk: Desk, part: str) -> bool:
    """Walk through what is cached, and say what went wrong; tell whether anything is known."""
    desk.copies.choose(part)
    pace = ProgressPace(desk.clock)
    async with aclosing(desk.copies.walk()) as counts:
        async for count in counts:
            if pace.is_due:
                desk.say(f"{count:,} copies so far")
    desk.copies.inventory.arrange(desk.clock.monotonic())
    if desk.copies.problem is not None:
        desk.say(f"error: {desk.copies.problem}")
    return desk.copies.problem is None or len(desk.copies.inventory) > 0


def _tell(desk: Desk, change: CopyChange, what: str) -> None:
    if change.reason is None:
        desk.changes.forget(change.id)
    desk.say(told_of_copy(change, what))


def _direction(name: str, text: str) -> int:
    if text not in DIRECTIONS:
        raise SettingsError(f"{name} takes + or -, not {text[:40]!r}: {name} +")
    return DIRECTIONS[text]
