"""Commands that say how things are, and what changes while nobody asks."""

from typing import Final

from tui.models import Health
from tui.models.sentences import counted
from tui.plain.desk import Desk, seconds_of
from tui.plain.sayings import told_of_time
from tui.runtime.errors import READ_ONLY
from tui.runtime.plain_text import plain
from tui.views.widgets.quantities import duration, percent

WAIT_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.5
"""How often it is looked, while somebody waits, whether something has changed."""


async def status(desk: Desk, text: str) -> None:
    """Say how database and cache do, the totals, and what is out of the ordinary."""
    session = desk.session
    if session.cache_health.up is None:
        await session.connect()
    place, tally = session.place, session.tally
    table = plain(session.schema.name, 60)
    desk.say(f"database {place.database}, table {table}: {_told(session.database_health)}")
    desk.say(f"cache {place.cache}: {_told(session.cache_health)}")
    ratio = f", hit ratio {percent(tally.hit_ratio)}" if tally.total else ""
    reads = f"{counted(tally.database_reads, 'read')} of the database"
    desk.say(f"{counted(tally.total, 'lookup')}, {reads}{ratio}")
    desk.say(f"the next fills stay fresh for {told_of_time(session.ttl)}")
    if session.read_only:
        desk.say(READ_ONLY)
    for fault in session.faults.on:
        desk.say(f"switched on: {session.faults.describe(fault)}")
    for caveat in session.caveats:
        desk.say(caveat.words)


async def wait(desk: Desk, text: str) -> None:
    """Say each change when it happens, for a time."""
    seconds = seconds_of("wait", text, "30 or 1m") if text else WAIT_SECONDS
    end = desk.clock.monotonic() + seconds
    while (left := end - desk.clock.monotonic()) > 0:
        await desk.clock.sleep(min(LOOK_SECONDS, left))
        for line in await desk.changes.told():
            desk.say(line)


async def leave(desk: Desk, text: str) -> None:
    """End the conversation."""
    desk.over = True


def greeting(desk: Desk) -> str:
    """Return the first line: what is explored, and how to go on."""
    place = desk.session.place
    mark = ", read-only" if desk.session.read_only else ""
    table = plain(desk.session.schema.name, 60)
    return (
        f"hitmiss: {place.database}, table {table}, cache {place.cache}{mark}."
        " Type a key, like 1, or help."
    )


def _told(health: Health) -> str:
    if health.up is None:
        return "not asked yet"
    if not health.up:
        return f"down: {health.reason}"
    return "up" if health.seconds is None else f"up, {duration(health.seconds)}"
