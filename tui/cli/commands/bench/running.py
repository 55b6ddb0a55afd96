"""What all commands of `hitmiss bench` do: ask, open the environment, run, clean up, exit."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

import click
from click.shell_completion import CompletionItem

from tui.bootstrap import Plan, open_lab, prepare
from tui.cli.options import common_options
from tui.config.kinds import duration
from tui.config.settings import Settings
from tui.lab.environment import LabEnvironment
from tui.lab.samples import LONGEST_DELAY
from tui.runtime import signals
from tui.runtime.errors import SettingsError
from tui.runtime.faults import Fault, Faults, faults_of
from tui.runtime.plain_text import plain

Function = TypeVar("Function", bound=Callable[..., Any])
Run: TypeAlias = Callable[[LabEnvironment], Awaitable[int]]
MOST_RATE = 100_000.0


class _Latency(click.ParamType[float]):
    """A time that is added to each read and write of the database."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        seconds = duration("latency", value)
        if seconds > LONGEST_DELAY:
            self.fail(f"{value} is longer than {LONGEST_DELAY:g} s", param, ctx)
        return seconds


def latency_option(default: str) -> Callable[[Function], Function]:
    """Give a command the option for the latency that is added to the database's."""
    return click.option(
        "--latency", type=_Latency(), default=default, show_default=True, metavar="TIME",
        help="Added to each read and write of the database: 20ms, 0.1.",
    )  # fmt: skip


def _faults(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> Faults:
    return faults_of(texts)


def _fault_names(
    _: click.Context, __: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    return [CompletionItem(fault) for fault in Fault if fault.startswith(incomplete)]


def last_options(function: Function) -> Function:
    """Give a command the options that loads and scenarios have in common."""
    function = common_options(function)
    function = click.option(
        "--fault", "faults", multiple=True, metavar="FAULT", callback=_faults,
        shell_complete=_fault_names,
        help="Switch a fault on: " + ", ".join(Fault) + "; a slow one with =200ms. May be"
             " given again.",
    )(function)  # fmt: skip
    function = click.option(
        "--yes", is_flag=True, help="Use a cache that is not embedded without asking."
    )(function)
    return click.option(
        "--seed", type=int, default=None, metavar="NUMBER",
        help="The same number draws the same keys.",
    )(function)  # fmt: skip


def planned(settings: Settings, *, yes: bool) -> Plan:
    """Give the plan, when a person agrees to what will be done.

    Raises:
        SettingsError: read-only; or nobody can be asked, and there is no --yes.
    """
    if settings.read_only:
        raise SettingsError("read-only: a load stores copies; give --writable if it may")
    plan = prepare(settings)
    if yes or not plan.cache_is_shared:
        return plan
    if sys.stdin is None or not sys.stdin.isatty():
        raise SettingsError(
            f"this puts load on {plan.cache_name}; give --yes when nobody is harmed by it"
        )
    click.confirm(
        f"This puts load on {plan.cache_name} and {plain(plan.database_name)}; it stores and"
        " deletes only keys that begin with hitmiss:lab. Go on?",
        abort=True, err=True,
    )  # fmt: skip
    return plan


def run_on_ground(plan: Plan, seed: int | None, faults: Faults, run: Run) -> int:
    """Run that in an environment of its own, with these faults on; give the exit code.

    Told to end by SIGTERM or SIGHUP, it deletes its keys before it does.

    Raises:
        ChangeRefused: the table has nothing to read, or cannot be written.
        CacheError, DatabaseUnavailable: no answer before the beginning.
    """

    async def main() -> int:
        task = asyncio.current_task()
        ended: list[int] = []
        switches = Faults()

        def end(number: int) -> None:
            ended.append(number)
            if task is not None:
                task.cancel()

        signals.end_by(end, (signal.SIGTERM, signal.SIGHUP))
        try:
            async with open_lab(plan, seed=seed, faults=switches) as lab:
                switches.follow(faults.texts)
                return await run(lab)
        except asyncio.CancelledError:
            if not ended:
                raise
            return 128 + ended[0]
        except BaseExceptionGroup as group:
            raise _first_of(group) from group  # which the command knows what to make of

    return asyncio.run(main())


def _first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Give what went wrong first in the tasks of a load: stdout closed early, for example."""
    first = group.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first
