"""Commands that look records up, and show what came back."""

from tui.database.port import FIND_SECONDS
from tui.models import FROM_DATABASE, Label, Outcome
from tui.models.scalars import as_json
from tui.models.sentences import EXPLANATIONS, counted, remarks
from tui.plain.desk import Desk, NothingAskedYet
from tui.plain.sayings import (
    key_of,
    told_of_answer,
    told_of_matches,
    told_of_record,
    told_of_step,
)
from tui.runtime.errors import DatabaseUnavailable, InvalidKey
from tui.runtime.plain_text import plain, readable_json


async def get(desk: Desk, text: str) -> None:
    """Look up the key that `text` is, else the best match of that name."""
    await _look_up(desk, text, bypass=False)


async def again(desk: Desk, text: str) -> None:
    """Look the latest record up once more."""
    await _answer(desk, bypass=False)


async def bypass(desk: Desk, text: str) -> None:
    """Look it up past the cache."""
    if text:
        await _look_up(desk, text, bypass=True)
    else:
        await _answer(desk, bypass=True)


async def record(desk: Desk, text: str) -> None:
    """Say the latest record, column by column."""
    outcome, row = desk.outcome, desk.row
    if row is None and outcome is not None:
        desk.say(f"{key_of(outcome.id)}: {outcome.label}, {EXPLANATIONS[outcome.label]}")
        for remark in remarks(outcome):
            desk.say(remark)
        row = outcome.record
    else:
        desk.say(f"{key_of(desk.id)}: as the database had it")
    for line in told_of_record(row or {}):
        desk.say(line)


async def steps(desk: Desk, text: str) -> None:
    """Say each command that ran for the latest answer."""
    outcome = _outcome(desk)
    desk.say(f"{key_of(outcome.id)}: {outcome.label}, {counted(len(outcome.steps), 'step')}")
    for step in outcome.steps:
        desk.say(told_of_step(step))


async def as_json_line(desk: Desk, text: str) -> None:
    """Say the latest record as JSON, in one line."""
    found = desk.row or (None if desk.outcome is None else desk.outcome.record)
    if found is None:
        raise NothingAskedYet("there is no record: look one up first")
    desk.say(readable_json(as_json(found)))


async def shell(desk: Desk, text: str) -> None:
    """Say what ran for the latest answer as lines for a shell."""
    from tui.views.shell_lines import shell_lines

    outcome, place = _outcome(desk), desk.session.place
    for line in shell_lines(outcome, place.cache_client, place.database_client).splitlines():
        desk.say(line)


async def find(desk: Desk, text: str) -> None:
    """Say which records hold that text."""
    if not text:
        raise InvalidKey("what is to be found is missing: find amara")
    result = await desk.lookups.search(text, seconds=FIND_SECONDS)
    if result.reason is not None:
        raise DatabaseUnavailable(result.reason)
    if not result.matches:
        desk.say(desk.lookups.nothing_found(text, result.advice))
        return
    for line in told_of_matches(result):
        desk.say(line)


async def _look_up(desk: Desk, text: str, *, bypass: bool) -> None:
    key, has_others = await desk.lookups.best_match(text)
    desk.turn_to(key, None)
    await _answer(desk, bypass=bypass)
    if has_others:
        desk.say(f"others match too: find {plain(text, 40)} lists them")


async def _answer(desk: Desk, *, bypass: bool) -> None:
    outcome = await desk.lookups.look_up(desk.id, bypass=bypass)
    read = outcome.label in FROM_DATABASE or outcome.label is Label.BYPASS
    desk.turn_to(desk.id, outcome.record if read else None, outcome)
    desk.say(told_of_answer(outcome, desk.session.schema.label_column))


def _outcome(desk: Desk) -> Outcome:
    if desk.outcome is None:
        raise NothingAskedYet("nothing was looked up yet: type a key first, like 1")
    return desk.outcome
