"""`hitmiss keys` and `hitmiss audit`: what is cached, and whether it is true."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing

import click

from tui.bootstrap import Plan, Services, open_services, prepare
from tui.clock import SystemClock
from tui.commands.output import DONE, NOT_THERE, print_json, print_line, say
from tui.errors import CacheError, DatabaseUnavailable
from tui.inventory import Entry, State, entry_of
from tui.keys import PLACEHOLDER, is_lease
from tui.models import Key, KeyFacts
from tui.options import common_options, settings_of
from tui.plain_text import plain
from tui.service.audit import Audit, Certainty, Judgement, Progress
from tui.service.comparison import Comparison, Finding
from tui.settings import EMBEDDED

PROGRESS_SECONDS = 0.5
"""How often progress is told to a person."""
EMBEDDED_IS_EMPTY = (
    "the embedded cache lives in one process, so here it is empty: name a server with --cache"
)


@click.command(short_help="What is cached, with the time left.")
@click.option("--limit", type=click.IntRange(1), default=None, metavar="N",
              help="Stop after N keys.  [default: all of them]")  # fmt: skip
@common_options
@click.pass_context
def keys(context: click.Context, limit: int | None) -> None:
    """List the keys that match the template, with the time for which each stays fresh.

    The server is walked through with SCAN, in its order, and never blocked. Exits with 4
    when the cache cannot be used.
    """
    plan = prepare(settings_of(context))
    context.exit(asyncio.run(_keys(plan, limit)))


async def _keys(plan: Plan, limit: int | None) -> int:
    count = 0
    listing = _Listing(plan)
    async with open_services(plan) as services:
        try:
            async for id, facts in listing.run(services):
                if limit is not None and count >= limit:
                    say(f"there are more: these are {limit:,}")
                    return DONE
                _print_key(plan, id, facts)
                count += 1
        except CacheError:
            say(f"not all keys could be read: {count:,} were until then")
            raise
    if listing.skipped:
        say(_skipped(plan, listing.skipped))
    if not count:
        say(_nothing_cached(plan))
    return DONE


class _Listing:
    """The keys that match, each once."""

    def __init__(self, plan: Plan) -> None:
        self._template = plan.template
        self._seen: set[str] = set()
        self.skipped = 0
        """Keys that fit the template, but hold no key of the table."""

    async def run(self, services: Services) -> AsyncIterator[tuple[Key, KeyFacts]]:
        """Give each key, with what can be said of it."""
        integer = services.table.schema.id_is_integer
        walker = services.cache.walker.patient()
        async for batch in walker.scan(self._template.pattern()):
            wanted: dict[str, Key] = {}
            for key in batch:
                if key in self._seen or is_lease(key):
                    continue
                if len(self._seen) < MOST_REMEMBERED:
                    self._seen.add(key)
                id = self._template.id_of(key, integer=integer)
                if id is None:
                    self.skipped += 1
                else:
                    wanted[key] = id
            for facts in await walker.describe(list(wanted)):
                yield wanted[facts.key], facts


MOST_REMEMBERED = 100_000
"""How many keys are remembered, since SCAN may give a key twice."""


def _print_key(plan: Plan, id: Key, facts: KeyFacts) -> None:
    entry = entry_of(id, facts, grace=plan.settings.grace, now=0.0)
    forever = facts.seconds_left is None
    if plan.settings.json:
        print_json(
            {
                "id": id,
                "key": facts.key,
                "ttl_left": None if forever else round(entry.fresh_until, 3),
                "fresh": entry.state(0.0) in {State.FRESH, State.NO_EXPIRY},
                "bytes": facts.size,
                "known_absent": facts.known_absent,
            }
        )
        return
    size = "–" if facts.size is None else f"{facts.size:,}"
    absent = "  known absent" if facts.known_absent else ""
    print_line(f"{plain(facts.key, 60):40}  {_left(entry):>22}  {size:>9} bytes{absent}")


def _left(entry: Entry) -> str:
    state = entry.state(0.0)
    if state is State.NO_EXPIRY:
        return "never expires"
    if state is State.GRACE:
        return f"in grace {entry.gone_at:.1f} s"
    return f"fresh {entry.fresh_until:.1f} s"


@click.command(short_help="Compare cached copies with the database.")
@click.option("--drift-only", is_flag=True,
              help="With --json, leave out the copies that are the same.")  # fmt: skip
@common_options
@click.pass_context
def audit(context: click.Context, drift_only: bool) -> None:
    """Compare every cached copy that matches the template with the database.

    What differs is looked at again after 2 seconds, and reported only if the same copy is
    still there and still wrong: a write under way is no drift. Changes nothing. Exits with 1
    when drift was found, 3 or 4 when database or cache gave no answer for several seconds;
    then the summary says what was found until then.
    """
    plan = prepare(settings_of(context))
    context.exit(asyncio.run(_audit(plan, drift_only=drift_only)))


async def _audit(plan: Plan, *, drift_only: bool) -> int:
    async with open_services(plan) as services:
        run = Audit(services.cache.walker, services.table, plan.template, SystemClock())
        try:
            await _follow(plan, run, drift_only=drift_only)
        except (CacheError, DatabaseUnavailable) as error:
            _print_summary(plan, run.progress, failure=str(error))
            raise
    _print_summary(plan, run.progress)
    if not run.progress.compared:
        say(_nothing_cached(plan))
    return NOT_THERE if run.progress.confirmed else DONE


async def _follow(plan: Plan, run: Audit, *, drift_only: bool) -> None:
    """Print what the audit finds, as it finds it."""
    told = time.monotonic()
    try:
        async with aclosing(run.run()) as batches:
            async for judgements in batches:
                _print_judgements(plan, judgements, drift_only=drift_only)
                if time.monotonic() - told >= PROGRESS_SECONDS:
                    told = time.monotonic()
                    _tell(run.progress)
    finally:
        _tell(None)


def _print_summary(plan: Plan, progress: Progress, failure: str | None = None) -> None:
    if plan.settings.json:
        print_json(progress.to_json(failure))
    else:
        print_line(f"{'not all, ' if failure else ''}{_summary(progress)}")
        if progress.skipped:
            say(_skipped(plan, progress.skipped))


def _print_judgements(plan: Plan, judgements: Iterable[Judgement], *, drift_only: bool) -> None:
    for judgement in judgements:
        comparison, certainty = judgement.comparison, judgement.certainty
        if certainty in {Certainty.SUSPECT, Certainty.UNSETTLED} or comparison.finding is None:
            continue
        if not plan.settings.json:
            if certainty is Certainty.CONFIRMED:
                _tell(None)
                print_line(_line(comparison))
        elif not (drift_only and comparison.finding is Finding.SAME):
            print_json(comparison.to_json())


def _line(comparison: Comparison) -> str:
    finding = "" if comparison.finding is None else comparison.finding.value
    what = [
        f"{plain(name, 40)}: cached {_value(comparison, name, cached=True)},"
        f" stored {_value(comparison, name, cached=False)}"
        for name in comparison.differs
    ]
    said = "; ".join(what) or plain(comparison.reason or "", 200)
    return f"{plain(comparison.key, 60):40}  {finding:14}  {said}".rstrip()


def _value(comparison: Comparison, name: str, *, cached: bool) -> str:
    record = comparison.cached if cached else comparison.database
    value = (record or {}).get(name)
    return "NULL" if value is None else repr(value) if isinstance(value, float | int) else (
        f"'{plain(str(value), 60)}'"
    )  # fmt: skip


def _summary(progress: Progress) -> str:
    counts = [
        f"{progress.counts[finding]:,} {finding.value}"
        for finding in Finding
        if progress.counts[finding] or finding is Finding.SAME
    ]
    settled = [
        f"{count:,} {what}"
        for count, what in (
            (progress.resolved, "resolved by themselves"),
            (progress.unsettled, "being written all along"),
            (progress.suspects, "not looked at again"),
            (progress.doubled, "passed over, since several rows have their key"),
        )
        if count
    ]
    return f"{progress.compared:,} compared: {', '.join(counts + settled)}"


def _tell(progress: Progress | None) -> None:
    """Show a person how far the audit is, in a line that is overwritten; None clears it."""
    if not sys.stderr.isatty():
        return
    said = ""
    if progress is not None:
        share = "" if progress.share is None else f"{progress.share:.0%}, "
        said = (
            f"{share}{progress.compared:,} compared, {progress.confirmed:,} confirmed,"
            f" {progress.suspects:,} to be looked at again"
        )
    click.echo(f"\r\x1b[K{said}", err=True, nl=False)


def _skipped(plan: Plan, count: int) -> str:
    kind = "whole number" if plan.schema.id_is_integer else "text"
    what = "1 key fits the template, but holds"
    if count != 1:
        what = f"{count:,} keys fit the template, but hold"
    return f"{what} no {kind} where it has {PLACEHOLDER}: skipped"


def _nothing_cached(plan: Plan) -> str:
    if plan.settings.cache == EMBEDDED:
        return EMBEDDED_IS_EMPTY
    return f"nothing is cached under {plain(plan.template.pattern(), 80)}; is --key right?"
