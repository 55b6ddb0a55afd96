"""`hitmiss bench load`: readers and writers for a while, second by second."""

from typing import Any

import click

from tui.cli.commands.bench import tables
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
from tui.lab.environment import LabEnvironment
from tui.lab.load import Load
from tui.lab.popularity import Hot, Popularity, Uniform, Zipf
from tui.lab.samples import MOST_KEYS, MOST_READERS, Controls, Sample
from tui.runtime.faults import Faults


@click.command(short_help="Readers and writers, for a while; the default.")
@click.option(
    "--readers",
    type=click.IntRange(1, MOST_READERS),
    default=20,
    show_default=True,
    metavar="N",
    help="How many ask at the same time.",
)
@click.option(
    "--keys",
    type=click.IntRange(1, MOST_KEYS),
    default=500,
    show_default=True,
    metavar="N",
    help="Of how many records.",
)
@click.option(
    "--zipf",
    type=Number(0, 10),
    metavar="EXPONENT",
    help="The record of rank r is asked for r ** -EXPONENT times as often as the"
    " first.  [default: 1]",
)
@click.option(
    "--hot",
    type=Number(0, 1),
    metavar="SHARE",
    help="Instead: one record gets this share, 0 to 1, the others the rest.",
)
@click.option("--uniform", is_flag=True, help="Instead: all alike.")
@click.option(
    "--writes",
    type=Number(0, 1),
    default=0.0,
    show_default=True,
    metavar="SHARE",
    help="What share are writes; each gives a column the value it has.",
)
@click.option(
    "--rate",
    type=Number(0, MOST_RATE, min_open=True),
    metavar="N",
    help="How many lookups and writes a second.  [default: as fast as possible]",
)
@click.option(
    "--seconds",
    type=Number(0.1, 86400),
    default=10.0,
    show_default=True,
    metavar="N",
    help="For how long.",
)
@click.option(
    "--jitter",
    type=Number(0, 0.9),
    default=0.1,
    show_default=True,
    metavar="SHARE",
    help="By what share of the ttl copies live longer or shorter.",
)
@click.option(
    "--no-early-refresh", is_flag=True, help="Let hits near the end of a copy not refresh it."
)
@click.option(
    "--usual-pattern",
    is_flag=True,
    help="Without lease and single-flight, as most programs do it.",
)
@latency_option("0")
@last_options
@click.pass_context
def load(
    context: click.Context,
    /,
    seconds: float,
    seed: int | None,
    yes: bool,
    faults: Faults,
    **options: Any,
) -> None:
    """Let readers ask for records for a while, and print each second and all of it.

    The times of hits and of answers that waited for the database are apart. At a --rate they
    count from the moment at which a lookup was to begin, so that waiting behind a slow one is
    not left out; as fast as possible they count from when it began.
    """
    settings = settings_of(context)
    controls = Controls(
        readers=options["readers"],
        keys=options["keys"],
        popularity=_popularity(options["zipf"], options["hot"], uniform=options["uniform"]),
        writes=options["writes"],
        rate=options["rate"],
        ttl=settings.ttl,
        jitter=options["jitter"],
        early_refresh=not options["no_early_refresh"],
        usual=options["usual_pattern"],
        delay=options["latency"],
    )
    plan = planned(settings, yes=yes)

    async def run(lab: LabEnvironment) -> int:
        show = _print_sample if settings.json else tables.LoadTable(controls, print_line).show
        if not settings.json:
            tables.introduce(plan, controls, faults, print_line)
        loading = Load(
            lab, controls, show,
            grace=settings.grace, negative_ttl=settings.negative_ttl,
        )  # fmt: skip
        total = await loading.run(seconds)
        if settings.json:
            print_json({"summary": {"controls": controls.to_json(), **total.to_json()}})
        else:
            tables.conclude(total, controls, print_line)
        return NOT_THERE if total.counts.errors else DONE

    context.exit(run_on_ground(plan, seed, faults, run))


def _popularity(zipf: float | None, hot: float | None, *, uniform: bool) -> Popularity:
    if (zipf is not None) + (hot is not None) + uniform > 1:
        raise click.UsageError("of --zipf, --hot and --uniform only one can be given")
    if hot is not None:
        return Hot(hot)
    return Uniform() if uniform else Zipf(1.0 if zipf is None else zipf)


def _print_sample(sample: Sample) -> None:
    print_json(sample.to_json())
