"""`hitmiss audit`: whether what is cached is what the database has."""

import asyncio
import sys
import time
from collections.abc import Iterable
from contextlib import aclosing

import click

from tui.audit.comparison import Comparison, Finding
from tui.audit.engine import Audit
from tui.audit.results import Certainty, Judgement, Progress
from tui.bootstrap import Plan, open_services, prepare
from tui.cli.commands.cached import nothing_cached, skipped
from tui.cli.commands.output import DONE, NO_CACHE, NOT_THERE, print_json, print_line, say
from tui.cli.options import common_options, settings_of
from tui.runtime.clock import SystemClock
from tui.runtime.errors import CacheError, DatabaseUnavailable
from tui.runtime.notices import write
from tui.runtime.plain_text import plain

PROGRESS_SECONDS = 0.5
"""How often progress is told to a person."""


@click.command(short_help="Compare cached copies with the database.")
@click.option(
    "--drift-only", is_flag=True, help="With --json, leave out the copies that are the same."
)
@click.option("--allow-no-expiry", is_flag=True,
              help="Do not hold it against a copy that it never expires.")  # fmt: skip
@common_options
@click.pass_context
def audit(context: click.Context, drift_only: bool, allow_no_expiry: bool) -> None:
    """Compare every cached copy that matches the template with the database.

    What differs is looked at again after 2 seconds, and reported only if the same copy is
    still there and still wrong: a write under way is no drift. Changes nothing. Exits with 1
    when drift was found; else with 3 or 4 when database or cache gave no answer for several
    seconds, or when the cache did not let a copy be read. The summary says what was found until
    then, and names copies that were not compared.
    """
    plan = prepare(settings_of(context))
    context.exit(asyncio.run(_audit(plan, drift_only, allow_no_expiry)))


async def _audit(plan: Plan, drift_only: bool, allow_no_expiry: bool) -> int:
    async with open_services(plan) as services:
        run = Audit(
            services.cache.walker, services.table, plan.template, SystemClock(),
            allow_no_expiry=allow_no_expiry,
        )  # fmt: skip
        try:
            await _follow(plan, run, drift_only=drift_only)
        except (CacheError, DatabaseUnavailable) as error:
            _print_summary(plan, run.progress, failure=str(error))
            if not run.progress.confirmed:
                raise
            say(plain(str(error)))
            return NOT_THERE
    _print_summary(plan, run.progress)
    seen = run.progress.skipped or run.progress.doubled or run.progress.not_compared
    if not run.progress.compared and not seen:
        say(nothing_cached(plan))
    if run.progress.confirmed:
        return NOT_THERE
    return NO_CACHE if run.progress.refused else DONE


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
            say(skipped(plan, progress.skipped))
        for key, reason in progress.not_compared.items():
            say(f"not compared: {plain(key, 60)}: {plain(reason, 200)}")
        more = progress.counts[Finding.NOT_COMPARED] - len(progress.not_compared)
        if more > 0:
            say(f"and {more:,} more were not compared")


def _print_judgements(plan: Plan, judgements: Iterable[Judgement], *, drift_only: bool) -> None:
    for judgement in judgements:
        comparison, certainty = judgement.comparison, judgement.certainty
        if certainty in {Certainty.SUSPECT, Certainty.UNSETTLED} or comparison.finding is None:
            continue
        if not plan.settings.json:
            if certainty is Certainty.CONFIRMED:
                _tell(None)
                print_line(_line(comparison))
        elif not (drift_only and certainty is not Certainty.CONFIRMED):
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
    if sys.stderr is None or not sys.stderr.isatty():
        return
    said = ""
    if progress is not None:
        share = "" if progress.share is None else f"{progress.share:.0%}, "
        said = (
            f"{share}{progress.compared:,} compared, {progress.confirmed:,} confirmed,"
            f" {progress.suspects:,} to be looked at again"
        )
    write(f"\r\x1b[K{said}")
