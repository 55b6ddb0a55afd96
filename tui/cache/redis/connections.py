"""The driver's connections: what they take is bounded, and no reply to AUTH is repeated."""

from functools import partial
from typing import Any

from redis import exceptions
from redis._parsers.hiredis import NOT_ENOUGH_DATA
from redis.asyncio.connection import AbstractConnection, DefaultParser

from tui.cache.redis.failures import of_login
from tui.cache.redis.refusals import error_reply
from tui.cache.redis.replies import Replies
from tui.models import MAX_VALUE

LOGINS = frozenset({"AUTH", "HELLO"})
Parser: Any = DefaultParser


class BoundedParser(Parser):  # type: ignore[misc]  # what it is depends on whether hiredis is there
    """The driver's parser over a reader that takes no reply that is too large."""

    largest = MAX_VALUE

    def on_connect(self, connection: Any) -> None:
        """Begin a connection, with a reader of its own."""
        super().on_connect(connection)
        self._reader = Replies(
            self.largest,
            replyError=partial(error_reply, parse=self.parse_error),
            notEnoughData=NOT_ENOUGH_DATA,
        )

    async def read_response(self, *arguments: Any, **options: Any) -> Any:
        """Give the next reply; each may have its bytes."""
        if self._reader is not None:
            self._reader.taken = 0
        return await super().read_response(*arguments, **options)


class OwnConnection(AbstractConnection):
    """What is put before a connection class of the driver's; see `own`."""

    parser: type[BoundedParser]

    def __init__(self, **options: Any) -> None:
        """Take what the driver's own connection takes."""
        super().__init__(**{**options, "parser_class": self.parser})
        self._asked: object = None
        """The command that was sent last, of those that begin a connection."""

    async def on_connect_check_health(self, check_health: bool = True) -> None:
        """Log in and choose the database; raise no words in which a login was refused."""
        try:
            await super().on_connect_check_health(check_health)
        except exceptions.RedisError as error:
            if self._asked in LOGINS:
                raise of_login(error) from None
            raise

    async def send_command(self, *arguments: Any, **options: Any) -> None:
        """Send a command."""
        self._asked = arguments[0]
        await super().send_command(*arguments, **options)


def own(base: type[AbstractConnection], largest: int) -> type[AbstractConnection]:
    """Return a connection class of the driver's that takes replies of about `largest` bytes."""
    parser = type("OwnParser", (BoundedParser,), {"largest": largest})
    return type(f"Own{base.__name__}", (OwnConnection, base), {"parser": parser})
