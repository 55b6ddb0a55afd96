"""Questions that are asked once, from code that does not wait: by a loop in a thread."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Final, TypeVar

from tui.database.mysql import columns
from tui.database.mysql import schema as reading
from tui.database.mysql.channel import MysqlChannel
from tui.database.mysql.session import Opener
from tui.database.mysql.table_schema import MysqlSchema
from tui.database.mysql.url import parsed
from tui.runtime.errors import DatabaseUnavailable

SECONDS: Final = 5.0
"""What all questions of one call may take together."""
Result = TypeVar("Result")


def ask(
    url: str, questions: Callable[[MysqlChannel, Opener], Awaitable[Result]], *,
    seconds: float = SECONDS,
) -> Result:  # fmt: skip
    """Return what `questions` finds out on a connection of its own, which can only read.

    It may be called while a loop runs in this thread.

    Raises:
        DatabaseUnavailable: no answer, or none in time.
        SettingsError: the URL names a file that cannot be used.
        Exception: what `questions` raised.
    """
    opener = Opener(parsed(url))

    async def asked() -> Result:
        async with asyncio.timeout(seconds):
            channel = await opener.open()
            try:
                return await questions(channel, opener)
            finally:
                await channel.aclose()

    try:
        return in_thread(asked).result(seconds + 1.0)
    except TimeoutError:
        raise DatabaseUnavailable(
            f"{opener.place} did not answer within {seconds:g} s"
        ) from None


def in_thread(work: Callable[[], Awaitable[Result]]) -> "Future[Result]":
    """Begin `work` in a thread and a loop of its own, which hold up neither loop nor end."""
    future: Future[Result] = Future()
    future.set_running_or_notify_cancel()

    async def awaited() -> Result:
        return await work()

    def run() -> None:
        try:
            result = asyncio.run(awaited())
        except BaseException as error:  # noqa: BLE001 - whoever waits for the future is told
            future.set_exception(error)
        else:
            future.set_result(result)

    threading.Thread(target=run, daemon=True).start()
    return future


def read_schema(url: str, table: str, id_column: str | None) -> MysqlSchema:
    """Return what the database says of the table; see DatabaseStore.read_schema."""
    return ask(
        url,
        lambda channel, opener: reading.read_schema(channel, opener.database, table, id_column),
    )


def read_tables(url: str) -> list[str]:
    """Return the names of tables and views; see DatabaseStore.tables."""

    async def read(channel: MysqlChannel, opener: Opener) -> list[str]:
        return list(await reading.read_tables(channel, opener.database))

    return ask(url, read)


def read_columns(url: str, table: str) -> list[str]:
    """Return the names of a table's columns; see DatabaseStore.columns."""

    async def read(channel: MysqlChannel, opener: Opener) -> list[str]:
        database, name, _ = await reading.find_table(channel, opener.database, table)
        described = await columns.read_columns(channel, database, name, {})
        return [one.column.name for one in described]

    return ask(url, read)
