"""`hitmiss audit`: whether what is cached is what the database has."""

import asyncio
import sys
import time
from contextlib import aclosing

import click

from tui.audit.engine import Audit
from tui.audit.results import Progress
from tui.bootstrap import Plan, Services, open_services, prepare
from tui.cli.commands.audit_report import (
    nothing_compared,
    print_judgements,
    print_summary,
    tell,
)
from tui.cli.commands.healing import Healing, check_may_heal
from tui.cli.commands.output import say
from tui.cli.exit_codes import DONE, NO_CACHE, NOT_THERE
from tui.cli.options import common_options, settings_of
from tui.runtime.clock import SystemClock
from tui.runtime.errors import CacheError, DatabaseUnavailable, SettingsError
from tui.runtime.garbage import seldom_collected
from tui.runtime.plain_text import plain

PROGRESS_SECONDS = 0.5
"""How often progress is told to a person."""
MOST_SAMPLED = 10_000_000


@click.command(short_help="Compare cached copies with the database.")
@click.option(
    "--drift-only", is_flag=True, help="With --json, leave out the copies that are the same."
)
@click.option(
    "--sample",
    type=click.IntRange(1, MOST_SAMPLED),
    metavar="N",
    help="Compare N copies that are drawn at random, and say what that tells of all.",
)
@click.option(
    "--invalidate",
    "heals",
    is_flag=True,
    help="Forget the copies that are wrong for sure; needs --writable, and asks.",
)
@click.option("--yes", is_flag=True, help="With --invalidate, do not ask.")
@click.option(
    "--allow-no-expiry",
    is_flag=True,
    help="Do not hold it against a copy that it never expires.",
)
@click.option("--allow-empty", is_flag=True, help="Exit with 0 where nothing was compared.")
@common_options
@click.pass_context
def audit(
    context: click.Context,
    drift_only: bool,
    sample: int | None,
    heals: bool,
    yes: bool,
    allow_no_expiry: bool,
    allow_empty: bool,
) -> None:
    """Compare every cached copy that matches the template with the database.

    What differs is looked at again after 2 seconds, and reported only if the same copy is
    still there and still wrong: a write under way is no drift. Changes nothing, unless
    --invalidate is given: that forgets what is wrong for sure, but for what cannot be read.
    Exits with 1 when drift was found, healed or not, or when nothing was compared; else with 3
    or 4 when database or cache gave no answer for several seconds, or when the cache did not
    let a copy be read. The summary says what was found until then, and names copies that were
    not compared.
    """
    settings = settings_of(context)
    if heals:
        check_may_heal(settings, yes=yes)
    elif yes:
        raise SettingsError("--yes goes with --invalidate")
    run = _Run(prepare(settings), drift_only, sample, Healing(yes=yes) if heals else None)
    context.exit(
        asyncio.run(run.to_exit_code(allow_no_expiry=allow_no_expiry, allow_empty=allow_empty))
    )


class _Run:
    """One audit, from the first copy to the exit code."""

    def __init__(
        self, plan: Plan, drift_only: bool, sample: int | None, healing: Healing | None
    ) -> None:
        self._plan = plan
        self._drift_only = drift_only
        self._sample = sample
        self._healing = healing

    async def to_exit_code(self, *, allow_no_expiry: bool, allow_empty: bool) -> int:
        async with open_services(self._plan) as services:
            run = Audit(
                services.cache.walker, services.table, self._plan.template, SystemClock(),
                reader=services.reader, allow_no_expiry=allow_no_expiry, sample=self._sample,
            )  # fmt: skip
            try:
                await self._follow(run)
            except asyncio.CancelledError:
                print_summary(self._plan, run.progress, failure="interrupted")
                raise
            except (CacheError, DatabaseUnavailable) as error:
                await self._end(run.progress, services, failure=str(error))
                if not run.progress.confirmed:
                    raise
                say(plain(str(error)))
                return NOT_THERE
            await self._end(run.progress, services)
        return self._code(run.progress, allow_empty=allow_empty)

    def _code(self, progress: Progress, *, allow_empty: bool) -> int:
        if progress.confirmed:
            return NOT_THERE
        if progress.refused:
            return NO_CACHE
        if progress.compared or allow_empty:
            return DONE
        say(nothing_compared(self._plan, progress))
        return NOT_THERE

    async def _follow(self, run: Audit) -> None:
        """Print what the audit finds, as it finds it."""
        told = time.monotonic()
        try:
            with seldom_collected():
                async with aclosing(run.run()) as batches:
                    async for judgements in batches:
                        print_judgements(self._plan, judgements, drift_only=self._drift_only)
                        if self._healing is not None:
                            self._healing.note(judgements)
                        if time.monotonic() - told >= PROGRESS_SECONDS:
                            told = time.monotonic()
                            tell(run.progress)
        finally:
            tell(None)

    async def _end(
        self, progress: Progress, services: Services, failure: str | None = None
    ) -> None:
        healed = None
        if self._healing is not None:
            sys.stdout.flush()
            walker = services.cache.walker.patient()
            healed = await self._healing.heal(services.service.writer, walker)
        print_summary(self._plan, progress, failure=failure, healed=healed)
