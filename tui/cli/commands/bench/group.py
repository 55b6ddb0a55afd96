"""`hitmiss bench`: loads and scenarios of the Lab without a screen, for scripts and for CI."""

import click

from tui.cli.commands.bench.load import load
from tui.cli.commands.bench.scenarios import cliff, early_refresh, stale_write, stampede
from tui.cli.nearest import Grouped
from tui.cli.options import common_options


class _Bench(Grouped):
    """A group whose first command needs no name: `hitmiss bench --readers 5` is a load."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not any(arg in self.commands for arg in args) and not {"-h", "--help"} & {*args}:
            if args and not args[0].startswith("-"):
                known = ", ".join(sorted(self.commands))
                ctx.fail(f"there is no {args[0]!r} to run; there are {known}")
            args = ["load", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Bench, short_help="Run a load or a scenario, and print what happened.")
@common_options
def bench() -> None:
    """Run a load, or a scenario of the Lab, and print what happened.

    It runs on the cache and the database that are named, under keys of its own, which it
    deletes at the end, and changes no value of a row. Since it asks for as much as it can get,
    it wants a yes (or --yes) before it uses a cache that others may use too.

    Exits with 1 when a lookup or a write got no answer.
    """


for command in (load, stampede, cliff, early_refresh, stale_write):
    bench.add_command(command)
