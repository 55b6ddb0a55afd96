"""`hitmiss bench stampede` and the other scenarios: the same thing in several ways."""

import sys
from shutil import get_terminal_size

import click

from tui.cli.commands.bench.running import (
    MOST_RATE,
    last_options,
    latency_option,
    planned,
    run_on_ground,
)
from tui.cli.commands.output import print_json, print_line
from tui.cli.exit_codes import DONE, NOT_THERE
from tui.cli.options import Number, settings_of
from tui.lab.cliff import Cliff
from tui.lab.early_refresh import EarlyRefresh
from tui.lab.environment import LabEnvironment
from tui.lab.samples import MOST_KEYS, MOST_READERS
from tui.lab.scenario import Scenario, Side
from tui.lab.side_by_side import side_by_side
from tui.lab.stale_write import StaleWrite
from tui.lab.stampede import MOST_CALLERS, MOST_PROCESSES, Stampede
from tui.runtime.faults import Faults

WIDEST = 100
"""The cells of a line that a scenario's numbers may take."""


@click.command(short_help="Many callers on one cold key.")
@click.option(
    "--callers",
    type=click.IntRange(1, MOST_CALLERS),
    default=1_000,
    show_default=True,
    metavar="N",
    help="How many ask at the same moment.",
)
@click.option(
    "--services",
    type=click.IntRange(1, MOST_PROCESSES),
    default=4,
    show_default=True,
    metavar="N",
    help="Over how many services they are spread, each as a process has one.",
)
@latency_option("50ms")
@last_options
@click.pass_context
def stampede(
    context: click.Context,
    callers: int,
    services: int,
    latency: float,
    seed: int | None,
    yes: bool,
    faults: Faults,
) -> None:
    """Let many callers ask for one record that is not cached.

    Four times: by the usual pattern, with single-flight, and from several services without
    and with the lease.
    """
    _play(context, Stampede(callers, services, latency), seed, faults, yes=yes)


@click.command(short_help="Copies that end together.")
@click.option(
    "--keys",
    type=click.IntRange(1, MOST_KEYS),
    default=5_000,
    show_default=True,
    metavar="N",
    help="How many copies are stored at once.",
)
@click.option(
    "--jitter",
    type=Number(0, 0.9, min_open=True),
    default=0.1,
    show_default=True,
    metavar="SHARE",
    help="By what share of the ttl they live longer or shorter, the second time.",
)
@click.option(
    "--readers",
    type=click.IntRange(1, MOST_READERS),
    default=100,
    show_default=True,
    metavar="N",
    help="How many ask for what has ended.",
)
@latency_option("20ms")
@last_options
@click.pass_context
def cliff(
    context: click.Context,
    keys: int,
    jitter: float,
    readers: int,
    latency: float,
    seed: int | None,
    yes: bool,
    faults: Faults,
) -> None:
    """Store many copies at once, and see what happens when they end: without jitter, with it.

    The ttl is 30 s, unless --ttl is given here; most of it counts as over at the start.
    """
    scenario = Cliff(keys, _ttl(context, 30.0), jitter, readers, latency)
    _play(context, scenario, seed, faults, yes=yes)


@click.command("early-refresh", short_help="A hot key at the end of its copy.")
@click.option(
    "--readers",
    type=click.IntRange(1, MOST_READERS),
    default=50,
    show_default=True,
    metavar="N",
    help="How many ask for it.",
)
@click.option(
    "--rate",
    type=Number(0, MOST_RATE, min_open=True),
    default=400.0,
    show_default=True,
    metavar="N",
    help="How often a second.",
)
@click.option(
    "--lives",
    type=click.IntRange(1, 1000),
    default=4,
    show_default=True,
    metavar="N",
    help="For how many ttls.",
)
@latency_option("100ms")
@last_options
@click.pass_context
def early_refresh(
    context: click.Context,
    readers: int,
    rate: float,
    lives: int,
    latency: float,
    seed: int | None,
    yes: bool,
    faults: Faults,
) -> None:
    """Read one hot key over several lives of its copy: without early refresh, and with it.

    The ttl is 1 s, unless --ttl is given here.
    """
    scenario = EarlyRefresh(readers, rate, _ttl(context, 1.0), lives, latency)
    _play(context, scenario, seed, faults, yes=yes)


@click.command("stale-write", short_help="The race that leaves an old record in the cache.")
@last_options
@click.pass_context
def stale_write(context: click.Context, seed: int | None, yes: bool, faults: Faults) -> None:
    """Let a write come in the midst of a read, step by step: by the usual pattern, and ours."""
    _play(context, StaleWrite(), seed, faults, yes=yes)


def _play(
    context: click.Context, scenario: Scenario, seed: int | None, faults: Faults, *, yes: bool
) -> None:
    settings = settings_of(context)
    plan = planned(settings, yes=yes)

    async def run(lab: LabEnvironment) -> int:
        sides: list[Side] = []

        def show(side: Side) -> None:
            sides.append(side)
            if settings.json:
                print_json({"scenario": scenario.NAME, **side.to_json()})

        if not settings.json:
            print_line(f"{scenario.TITLE}. {scenario.before}")
            if faults.on:
                print_line(f"On purpose: {', '.join(map(faults.describe, faults.on))}.")
        after = await scenario.run(lab, show)
        if settings.json:
            told = {"scenario": scenario.NAME, "before": scenario.before, "after": after}
            print_json({"summary": told})
        else:
            for line in side_by_side(sides, _width()):
                print_line(line)
            print_line(after)
        # They come in pairs, and what fails without the protection is what there is to see.
        failed = any(side.numbers.get("errors") for side in sides[1::2])
        return NOT_THERE if failed else DONE

    context.exit(run_on_ground(plan, seed, faults, run))


def _width() -> int:
    """Give how many cells a line may have: no more than the terminal has, if it is one."""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return min(WIDEST, get_terminal_size().columns) if terminal else WIDEST


def _ttl(context: click.Context, usual: float) -> float:
    settings = settings_of(context)
    return settings.ttl if settings.sources["ttl"] == "flag" else usual
