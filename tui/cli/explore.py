"""Runs the explorer: its loop, its garbage, and what is kept for the next run."""

import asyncio
import gc
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from tui.bootstrap import (
    Plan,
    Services,
    Uniform,
    import_drivers,
    kept_under,
    open_services,
    session_of,
)
from tui.cli.commands.cached import never_hits
from tui.cli.opened_once import OpenedOnce
from tui.config.settings import Settings
from tui.config.state import KeptState, keep_state, start_of, state_path
from tui.controllers.session import Session
from tui.runtime import crash, signals
from tui.runtime.clock import Clock, SystemClock
from tui.runtime.errors import SettingsError
from tui.runtime.faults import Faults
from tui.runtime.notices import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import Keymap
    from textual.driver import Driver

    from tui.views.app import Explorer

GC_THRESHOLDS = (200, 5, 5)
"""When the explorer looks for garbage: what a lookup leaves is small, but memory counts."""
STDOUT = 1
"""The descriptor of the terminal on which the explorer is shown."""
MakeApp: TypeAlias = "Callable[[Session, Clock, type[Driver] | None, StartupState], Explorer]"


class StartupState(Struct, frozen=True):
    """How an explorer begins."""

    keymap: "Keymap"
    """Other keys for some of the bindings, by their ids."""
    state: KeptState
    """What was kept of the last run."""
    problem: str | None
    """What is to be told at the beginning."""


def _make_explorer(
    session: Session, clock: Clock, driver: "type[Driver] | None", beginning: StartupState
) -> "Explorer":
    from tui.views.app import Explorer

    return Explorer(
        session, clock, driver,
        keymap=beginning.keymap, start=beginning.state, problem=beginning.problem,
    )  # fmt: skip


def run_explorer(
    plan: Plan, make: MakeApp = _make_explorer, uniform: Uniform | None = None
) -> int:
    """Run the explorer that `make` gives until it is left; give its exit code.

    What its service draws by chance is drawn from `uniform`.

    Raises:
        SettingsError: there is no such theme, the file's keys cannot be used, or the log would
            be written over the screen.
    """
    _check_log(plan.settings)
    gc.disable()  # until the first screen is painted
    signals.leave_at_once()  # there is nothing to restore before the app is there
    return asyncio.run(_explore(plan, make, uniform))


def _check_log(settings: Settings) -> None:
    if settings.log is None:
        return
    from tui.runtime.log_target import is_same_terminal

    if is_same_terminal(settings.log, STDOUT):
        raise SettingsError(
            f"--log {settings.log} is the terminal that the explorer paints; name a file,"
            " or send it elsewhere: 2>FILE"
        )


def _checked_keys(settings: Settings) -> dict[str, str]:
    if not settings.keys:
        return {}
    from tui.views.keymap import checked  # this imports every screen

    return checked(settings.keys, settings.sources["keys"])


def _keep(state: KeptState, place: str, *, silent: bool) -> None:
    """Keep what the next run begins with there; unless `silent`, say so where that fails."""
    path = state_path()
    if not keep_state(path, state, place) and not silent:
        say(f"the session cannot be kept in {path}")


async def _explore(plan: Plan, make: MakeApp, uniform: Uniform | None) -> int:
    from tui.terminal import driver_for
    from tui.views.themes import check_theme

    settings = plan.settings
    keymap = _checked_keys(settings)
    if settings.theme is not None:
        check_theme(settings.theme)
    start, wrong = start_of(settings, kept_under(plan))
    async with AsyncExitStack() as stack:
        faults = Faults()

        def complain(message: str) -> None:
            (app.warn if app.is_running else say)(message)

        async def open_now() -> Services:
            await asyncio.to_thread(import_drivers, plan)  # keys are echoed meanwhile
            gc.collect()
            gc.freeze()
            gc.set_threshold(*GC_THRESHOLDS)
            gc.enable()
            services = open_services(plan, complain, faults=faults, uniform=uniform)
            return await stack.enter_async_context(services)

        open_once = OpenedOnce(open_now)
        driver = driver_for(full_output=settings.full_output)
        session = session_of(plan, open_once, start, faults)
        stack.push_async_callback(session.aclose)
        app = make(
            session,
            SystemClock(),
            driver,
            StartupState(keymap, start, wrong or never_hits(plan)),
        )
        signals.end_by(app.end)
        crash.listen(partial(app.fail_soon, asyncio.get_running_loop()))
        try:
            await app.run_async()
        finally:
            crash.listen(None)
            await open_once.settle()
        if settings.session and app.left is not None:
            _keep(app.left, kept_under(plan), silent=wrong is not None)
    if app.crash is not None:
        return crash.report(app.crash, debug=settings.debug)
    return app.return_code or 0
