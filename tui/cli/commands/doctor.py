"""`hitmiss doctor`: what is in force, what works, and what to do."""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from tui.cli.commands.output import ANSI, SHOWN_CHARACTERS, print_json, print_line
from tui.cli.exit_codes import DONE
from tui.cli.options import common_options, config_of, settings_of, wants_json
from tui.doctor import Check, State, counted, diagnose
from tui.runtime.errors import SettingsError
from tui.runtime.plain_text import plain

if TYPE_CHECKING:
    from tui.config.settings import Settings

CHECK_FAILED = 1
FAMILIES = {State.OK: "hit", State.WARNING: "warning", State.FAILED: "error"}


@click.command(short_help="Check settings, cache and database; say what to do.")
@common_options
@click.pass_context
def doctor(context: click.Context) -> None:
    """Show the settings in force and where each came from, and check all that they name.

    It changes nothing: no file is made, no key is written. Cache and database are each asked
    for a few seconds at most. Exits with 1 when a check failed; warnings are none.
    """
    settings: Settings | SettingsError
    try:
        settings = settings_of(context)
        as_json = settings.json
    except SettingsError as error:
        settings, as_json = error, wants_json(context)
    wrong = {} if isinstance(settings, SettingsError) else _wrong_in_explorer(settings)
    checks = asyncio.run(diagnose(settings, config_of(context), wrong))
    if as_json:
        _print_lines(checks)
    else:
        _print_groups(checks)
    failed = any(check.state is State.FAILED for check in checks)
    context.exit(CHECK_FAILED if failed else DONE)


def _wrong_in_explorer(settings: "Settings") -> dict[str, SettingsError]:
    """Give which settings the explorer would not start with; load it only to look at those."""
    wrong: dict[str, SettingsError] = {}
    if settings.keys:
        from tui.views.keymap import checked

        try:
            checked(settings.keys, settings.sources["keys"])
        except SettingsError as error:
            wrong["keys"] = error
    if settings.theme is not None:
        from tui.views.themes import check_theme

        try:
            check_theme(settings.theme)
        except SettingsError as error:
            wrong["theme"] = error
    return wrong


def _print_lines(checks: Sequence[Check]) -> None:
    for check in checks:
        print_json(check.to_json())
    print_json({"summary": counted(checks)})


def _print_groups(checks: Sequence[Check]) -> None:
    width = max(len(check.name) for check in checks)
    for group, members in groupby(checks, lambda check: check.group):
        print_line(click.style(group, bold=True))
        for check in members:
            _print_check(check, width)
    counts = counted(checks)
    warnings = f"{counts['warning']} warning{'s' * (counts['warning'] != 1)}"
    print_line(f"{counts['ok']} ok, {warnings}, {counts['failed']} failed")


def _print_check(check: Check, width: int) -> None:
    word = click.style(f"{check.state:7}", fg=ANSI[FAMILIES[check.state]])
    print_line(f"  {word}  {check.name:{width}}  {plain(_shown(check), SHOWN_CHARACTERS)}")
    if check.advice is not None:
        print_line(f"  {'':7}  {'':{width}}  -> {plain(check.advice)}")


def _shown(check: Check) -> str:
    value = str(check.value)
    if check.value is None or isinstance(check.value, bool):
        value = {None: "none", True: "yes", False: "no"}[check.value]
    if check.source is None:
        return check.detail or value
    if check.state is State.FAILED:
        return check.detail or ""
    more = f": {check.detail}" if check.detail else ""
    return f"{value}  ({check.source}{more})"
