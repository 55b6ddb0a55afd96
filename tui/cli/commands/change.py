"""`hitmiss set` and `hitmiss invalidate`: change a record, forget a copy."""

import asyncio
from collections.abc import Mapping, Sequence

import click

from tui.bootstrap import Plan, open_services, prepare
from tui.cli.commands.output import print_json, print_line, print_record, say
from tui.cli.exit_codes import DONE, NO_CACHE, NOT_THERE
from tui.cli.options import common_options, keys_of, settings_of
from tui.database.samples import seen_in
from tui.models import Key, WriteResult
from tui.models.values import parse_assignments, typed_all
from tui.runtime.errors import ChangeRefused
from tui.runtime.plain_text import plain
from tui.views.shell_lines import words


# The command is called set, but a function of that name would hide Python's.
@click.command(
    name="set",
    short_help="Change a record, and forget its cached copy.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("wanted", metavar="ID")
@click.argument("assignments", metavar="COLUMN=VALUE...", nargs=-1, required=True)
@common_options
@click.pass_context
def set_columns(context: click.Context, wanted: str, assignments: tuple[str, ...]) -> None:
    """Write columns of a record to the database, and invalidate its cached copy.

    Values are typed by the column: credit=1.5, city=Lagos, active=true, seen=2026-06-30,
    city=NULL for no value, and city="'NULL'" for that text; a column takes any text in
    single quotes. Exits with 1 when there is no such record, 4 when the
    record was written but the cache could not be told.
    """
    plan = prepare(settings_of(context))
    (id,) = keys_of([wanted], plan.schema)
    assigned = parse_assignments(assignments, plan.schema)
    context.exit(asyncio.run(_set(plan, id, assigned)))


async def _set(plan: Plan, id: Key, assigned: Mapping[str, str]) -> int:
    async with open_services(plan) as services:
        seen = await seen_in(services.table, id, assigned)
        changes = typed_all(assigned, plan.schema, seen)
        result = await services.service.writer.update(id, changes)
        lifetimes = services.service.lifetimes
    if plan.settings.json:
        print_json(result.to_json())
    else:
        _print_written(result)
    if result.pending:
        say(
            f"written, but the cached copy could not be deleted: {plain(result.reason or '')};"
            f" it may be stale for up to {lifetimes.longest:.0f} s: {_again(id)}"
        )
        return NO_CACHE
    return DONE if result.found else NOT_THERE


def _again(id: Key) -> str:
    """Give the command that forgets a copy, so that a shell takes the key as it is."""
    end = ("--",) if str(id).startswith("-") else ()
    return words(("hitmiss", "invalidate", *end, id))


def _print_written(result: WriteResult) -> None:
    id = plain(str(result.id), 60)
    if result.record is None:
        print_line(f"{id:8}  there is no such record")
        return
    forgotten = "" if result.pending else "  was not cached"
    if result.was_cached:
        forgotten = "  cached copy forgotten"
    print_line(f"{id:8}  written  {result.seconds * 1000:8.2f} ms{forgotten}")
    print_record(result.record)


@click.command(
    short_help="Forget cached copies.", context_settings={"ignore_unknown_options": True}
)
@click.argument("keys", metavar="ID...", nargs=-1, required=True)
@common_options
@click.pass_context
def invalidate(context: click.Context, keys: tuple[str, ...]) -> None:
    """Forget the cached copies of records, so that the next lookup asks the database.

    Exits with 4 when the cache cannot be used.
    """
    plan = prepare(settings_of(context))
    if plan.settings.read_only:
        raise ChangeRefused("read-only: give --writable to change the cache")
    wanted = keys_of(keys, plan.schema)
    context.exit(asyncio.run(_invalidate(plan, wanted)))


async def _invalidate(plan: Plan, keys: Sequence[Key]) -> int:
    code = DONE
    async with open_services(plan) as services:
        for key in keys:
            change = await services.service.writer.invalidate(key)
            if plan.settings.json:
                print_json(change.to_json())
            else:
                what = "forgotten" if change.found else "was not cached"
                print_line(f"{plain(str(key), 60):8}  {plain(change.reason or what)}")
            if change.reason is not None:
                code = NO_CACHE
    return code
