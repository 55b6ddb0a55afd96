"""The demo's table on a server, with as many users as are wanted."""

import asyncio
import itertools
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from tui.database.mysql.asking import in_thread
from tui.database.mysql.channel import MysqlChannel
from tui.database.mysql.failures import TableTaken
from tui.database.mysql.literals import bound, quoted
from tui.database.mysql.schema import read_tables
from tui.database.mysql.session import Opener
from tui.database.mysql.url import parsed
from tui.database.people import COLUMNS
from tui.database.seed_rows import seed_rows
from tui.database.sql.query import Query
from tui.models import Scalar
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable, SettingsError

NAME: Final = "users"
BATCH: Final = 5_000
"""How many users are written before they are committed."""
ROWS: Final = 500
"""How many one statement writes: far less than any server takes at once."""
STATEMENT_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.05
"""How often the caller is asked whether to go on, and told how far it is."""
TABLE: Final = """
CREATE TABLE {} (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(200) NOT NULL,
  email varchar(254) UNIQUE,
  city varchar(100),
  country char(2),
  plan enum('free', 'pro', 'team', 'enterprise') NOT NULL,
  credit decimal(12, 2) NOT NULL DEFAULT 0,
  created_at datetime NOT NULL,
  last_seen_at datetime
) DEFAULT CHARACTER SET utf8mb4
"""
INDEX: Final = "ALTER TABLE {} ADD INDEX users_by_name (name)"
"""Behind the users: to sort them once is faster than to keep them sorted."""


class SeedProgress:
    """How far the making of a table is, told from one thread to another."""

    def __init__(self) -> None:
        """Begin with nothing made."""
        self.done = 0
        self.stop = False
        """Whether nobody wants it any more."""


def make_users(
    url: str,
    count: int,
    *,
    seed: int,
    progress: Callable[[int], None],
    stopped: Callable[[], bool],
) -> bool:
    """Make the table `users` with `count` users; see DatabaseStore.make_users.

    They are written into a draft, which is called `users` when it is whole: a statement that
    makes a table commits by itself.
    """
    opener, state = Opener(parsed(url), STATEMENT_SECONDS), SeedProgress()
    future = in_thread(lambda: _make(opener, seed_rows(count, seed), state))
    told = 0
    while True:
        try:
            return future.result(LOOK_SECONDS)
        except TimeoutError:
            if future.done():
                raise
        finally:
            if state.done > told:
                told = state.done
                progress(told)
        state.stop = stopped()


async def _make(opener: Opener, users: Iterable[Sequence[Scalar]], state: SeedProgress) -> bool:
    channel = await opener.open(read_only=False)
    try:
        if NAME in await read_tables(channel, opener.database):
            raise _taken(opener)
        draft = quoted(f"hitmiss_draft_{secrets.token_hex(4)}")
        await _run(channel, TABLE.format(draft))
        whole = False
        try:
            if await _filled(channel, draft, users, state):
                await _run(channel, f"RENAME TABLE {draft} TO {quoted(NAME)}")
                whole = True
        finally:
            if not whole:
                await channel.aclose()  # and with it what was begun, which would be in the way
                await _removed(opener, draft)
    except TableTaken as error:
        raise _taken(opener) from error
    except ChangeRefused as error:
        raise DatabaseUnavailable(
            f"the table cannot be made: {error}; nothing was made"
        ) from error
    finally:
        await channel.aclose()
    return whole


async def _filled(
    channel: MysqlChannel, draft: str, users: Iterable[Sequence[Scalar]], state: SeedProgress
) -> bool:
    """Fill a draft; tell whether that was to its end."""
    into = f"INSERT INTO {draft} ({', '.join(map(quoted, COLUMNS))}) VALUES "
    users = iter(users)
    while batch := list(itertools.islice(users, BATCH)):
        await _run(channel, "START TRANSACTION")
        for start in range(0, len(batch), ROWS):
            rows = ", ".join(map(_row, batch[start : start + ROWS]))
            await _run(channel, into + rows)
            if state.stop:
                return False
        await _run(channel, "COMMIT")
        state.done += len(batch)
    await _run(channel, INDEX.format(draft))
    return not state.stop


async def _removed(opener: Opener, draft: str) -> None:
    """Remove a draft, over a connection of its own: what was cut off has none any more."""
    channel = await opener.open(read_only=False)
    try:
        await _run(channel, f"SET SESSION lock_wait_timeout = {STATEMENT_SECONDS:.0f}")
        await _run(channel, f"DROP TABLE IF EXISTS {draft}")
    finally:
        await channel.aclose()


async def _run(channel: MysqlChannel, sql: str) -> None:
    try:
        async with asyncio.timeout(STATEMENT_SECONDS):
            await channel.run(Query(sql))
    except TimeoutError:
        raise DatabaseUnavailable(
            f"the database did not answer within {STATEMENT_SECONDS:g} s"
        ) from None


def _row(user: Sequence[Scalar]) -> str:
    """Return a user as a statement has it; moments without the Z, which MySQL does not know."""
    *texts, credit, created, seen = user
    moments = (str(one).removesuffix("Z") if one else None for one in (created, seen))
    return f"({', '.join(map(bound, (*texts, f'{credit:.2f}', *moments)))})"


def _taken(opener: Opener) -> SettingsError:
    return SettingsError(
        f"{opener.place} has a table {NAME!r}, and nothing is overwritten; name another"
        " database"
    )
