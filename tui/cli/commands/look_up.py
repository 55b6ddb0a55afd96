"""`hitmiss get` and `hitmiss find`: look records up, and find their keys."""

import asyncio
from collections.abc import Iterator, Sequence

import click

from tui.bootstrap import Plan, open_services, prepare
from tui.cli.commands.cached import never_hits
from tui.cli.commands.output import print_json, print_line, print_outcome, say
from tui.cli.exit_codes import DONE, NO_DATABASE, NOT_THERE
from tui.cli.options import common_options, keys_of, settings_of
from tui.database.port import FIND_SECONDS
from tui.models import Key, Label, Record, SearchResult, TableSchema
from tui.models.keys import looks_like_integer
from tui.runtime.errors import InvalidKey
from tui.runtime.plain_text import is_unicode, json_line, plain
from tui.views.shell_lines import words


@click.command(context_settings={"ignore_unknown_options": True})  # -1 is a key
@click.argument("keys", metavar="ID...", nargs=-1, required=True)
@click.option("--repeat", type=click.IntRange(1, 1_000_000), default=1, metavar="N",
              help="Look all of them up N times, one after the other.")  # fmt: skip
@common_options
@click.pass_context
def get(context: click.Context, keys: tuple[str, ...], repeat: int) -> None:
    """Look records up, in order, through the cache-aside service.

    Exits with 0 when all were found, 1 when one was not, 3 when the database gave no answer.
    """
    settings = settings_of(context)
    plan = prepare(settings)
    wanted = _keys_or_search(keys, plan.schema)
    if (why := never_hits(plan)) is not None:
        say(why)
    context.exit(asyncio.run(_get(plan, wanted * repeat)))


def _keys_or_search(texts: Sequence[str], schema: TableSchema) -> list[Key]:
    """Return the keys that were named.

    Raises:
        InvalidKey: one is none; where it could be searched for, it says by which command.
    """
    try:
        return keys_of(texts, schema)
    except InvalidKey as error:
        other = next((t for t in texts if t.strip() and not looks_like_integer(t)), None)
        if other is None or not schema.search_columns or not is_unicode(other):
            raise
        end = ("--",) if other.startswith("-") else ()
        search = words(("hitmiss", "find", *end, other))
        raise InvalidKey(f"{error}; to search: {search}") from error


async def _get(plan: Plan, keys: Sequence[Key]) -> int:
    code = DONE
    shown: dict[Key, Record | None] = {}
    async with open_services(plan) as services:
        for key in keys:
            await asyncio.sleep(0)  # a hit of the embedded cache never waits; ctrl+c needs it
            outcome = await services.service.look_up(key)
            if plan.settings.json:
                print_json(outcome.to_json())
            else:
                print_outcome(outcome, with_record=shown.get(key) != outcome.record)
            shown[key] = outcome.record
            if outcome.label is Label.ERROR:
                code = NO_DATABASE
            elif outcome.record is None:
                code = max(code, NOT_THERE)
    return code


@click.command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True,
              metavar="N", help="Give at most N records.")  # fmt: skip
@common_options
@click.pass_context
def find(context: click.Context, text: str, limit: int) -> None:
    """Search the table by the beginning or a part of a word.

    Accents and case make no difference. In a very large table it stops after 10 s, and says
    so. Exits with 1 when nothing is found.
    """
    if not text.strip():
        raise click.UsageError("the text to search for is empty")
    plan = prepare(settings_of(context))
    context.exit(asyncio.run(_find(plan, text, limit)))


async def _find(plan: Plan, text: str, limit: int) -> int:
    async with open_services(plan) as services:
        result = await services.table.search(text, limit, seconds=FIND_SECONDS)
    for line in _found_lines(plan, result):
        print_line(line)
    if result.more:
        say(f"more than {limit} match: give --limit N for more of them")
    if result.passed_over:
        say(f"all was searched {plain(result.advice)}")
    elif not result.complete:
        say(f"after {FIND_SECONDS:.0f} s the search was {plain(result.advice)}")
    if not result.matches:
        say(f"nothing holds {plain(text, 40)!r}{'' if result.complete else ' so far'}")
    return DONE if result.matches else NOT_THERE


def _found_lines(plan: Plan, result: SearchResult) -> Iterator[str]:
    schema = plan.schema
    for match in result.matches:
        if plan.settings.json:
            texts = dict(zip(schema.search_columns, match.texts, strict=True))
            yield json_line({schema.id_column: match.id, **texts})
        else:
            words = (plain(text, 60) for text in match.texts if text)
            yield f"{plain(str(match.id), 60):>8}  {'  '.join(words)}"
