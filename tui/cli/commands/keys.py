"""`hitmiss keys`: what is cached, and for how long."""

import asyncio
from collections.abc import AsyncIterator

import click

from tui.bootstrap import Plan, Services, open_services, prepare
from tui.cli.commands.cached import nothing_cached, skipped
from tui.cli.commands.output import coloured, fitted, print_lines, say, time_left
from tui.cli.exit_codes import DONE, NO_CACHE
from tui.cli.options import common_options, settings_of
from tui.models import Key, KeyFacts
from tui.models.inventory import CopyState, Entry, entry_of
from tui.models.keys import is_reserved
from tui.runtime.errors import CacheError
from tui.runtime.plain_text import json_line, plain

MOST_REMEMBERED = 100_000
"""How many keys are remembered, since a walk may give a key twice."""


@click.command(short_help="What is cached, with the time left.")
@click.option("--limit", type=click.IntRange(1), default=None, metavar="N",
              help="Stop after N keys.  [default: all of them]")  # fmt: skip
@common_options
@click.pass_context
def keys(context: click.Context, limit: int | None) -> None:
    """List the keys that match the template, with the time for which each stays fresh.

    The cache is walked through step by step, in its own order, and never blocked. Exits with 4
    when the cache cannot be used, or did not let one of the keys be looked at.
    """
    plan = prepare(settings_of(context))
    context.exit(asyncio.run(_keys(plan, limit)))


async def _keys(plan: Plan, limit: int | None) -> int:
    count = unread = 0
    listing = _Listing(plan)
    async with open_services(plan) as services:
        try:
            async for page in listing.run(services):
                shown = page if limit is None else page[: limit - count]
                print_lines(line for id, facts in shown for line in _lines(plan, id, facts))
                count += len(shown)
                unread += sum(facts.unread is not None for _, facts in shown)
                if len(shown) < len(page):
                    say(f"there are more: these are {count:,}")
                    return DONE
        except CacheError:
            say(f"not all keys could be read: {count:,} were until then")
            raise
    if listing.skipped:
        say(skipped(plan, listing.skipped))
    if not count and not listing.skipped:
        say(nothing_cached(plan))
    if unread:
        say(f"{unread:,} could not be looked at: the reason stands beside each")
    return NO_CACHE if unread else DONE


class _Listing:
    """The keys that match, each once."""

    def __init__(self, plan: Plan) -> None:
        self._template = plan.template
        self._seen: set[int] = set()
        self.skipped = 0
        """Keys that fit the template, but hold no key of the table."""

    async def run(self, services: Services) -> AsyncIterator[list[tuple[Key, KeyFacts]]]:
        """Give the keys page by page, each with what can be said of it."""
        integer = services.table.schema.id_is_integer
        walker = services.cache.walker.patient()
        async for batch in walker.scan(self._template):
            wanted: dict[str, Key] = {}
            for key in batch:
                number = hash(key)  # the key itself may be long
                if number in self._seen or is_reserved(key):
                    continue
                if len(self._seen) < MOST_REMEMBERED:
                    self._seen.add(number)
                id = self._template.id_of(key, integer=integer)
                if id is None:
                    self.skipped += 1
                else:
                    wanted[key] = id
            described = await walker.describe(list(wanted))
            yield [(wanted[facts.key], facts) for facts in described]
        self.skipped += walker.illegible


def _lines(plan: Plan, id: Key, facts: KeyFacts) -> list[str]:
    forever = facts.seconds_left is None
    # Of its own copies hitmiss overwrites such; other programs may well have cached them so.
    anothers = plan.settings.read_only or not plan.template.ours
    used = anothers or (facts.size is not None and not forever)
    used = used and facts.unread is None
    grace = 0.0 if anothers and facts.size is None else plan.settings.grace
    entry = entry_of(id, facts, grace=grace, now=0.0)
    if plan.settings.json:
        return [json_line(
            {
                "id": id,
                "key": facts.key,
                "ttl_left": None if forever else round(entry.fresh_until, 3),
                "fresh": used and entry.state(0.0) in {CopyState.FRESH, CopyState.NO_EXPIRY},
                "bytes": facts.size,
                "known_absent": facts.known_absent,
                "reason": facts.unread,
            }
        )]  # fmt: skip
    head = f"{plain(facts.key, 60):40}  "
    if facts.unread is not None:
        return fitted(head, [coloured(plain(facts.unread, 200), "error")])
    size = "–" if facts.size is None else f"{facts.size:,}"
    left, family = _left(entry, used=used)
    return fitted(head, [f"{coloured(f'{left:>19}', family)}  {size:>9} bytes"])


def _left(entry: Entry, *, used: bool) -> tuple[str, str]:
    """Return what a copy is good for, and the colour of that."""
    state = entry.state(0.0)
    if state is CopyState.NO_EXPIRY:
        return ("never expires" if used else "not used, no expiry"), "warning"
    if not used:
        return "not used, no string", "warning"
    if state is CopyState.GRACE:
        return f"in grace {time_left(entry.gone_at)}", "warning"
    word = "known absent" if entry.known_absent else "fresh"
    return f"{word} {time_left(entry.fresh_until)}", "hit"
