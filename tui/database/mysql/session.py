"""A connection is opened, told how it is used, and asked what server it leads to."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from asyncmy.connection import Connection
from asyncmy.constants import FIELD_TYPE
from asyncmy.converters import conversions
from asyncmy.errors import MySQLError, OperationalError

from tui.database.mysql import failures
from tui.database.mysql.channel import KILL_SECONDS, MysqlChannel
from tui.database.mysql.option_files import login
from tui.database.mysql.server import ServerFacts, question, server_of
from tui.database.mysql.tls import context_of
from tui.database.mysql.url import ServerPlace, Tls, place_of, tls_of
from tui.database.sql.connections import QUERY_SECONDS
from tui.database.sql.urls import ServerUrl

OPEN_SECONDS: Final = 2.0
"""What opening a connection may take, until it can be used."""
LOCK_SECONDS: Final = 1
"""How long a statement waits for a row or a table that is locked: less than it may take, so
that it is known that it changed nothing. The server counts in whole seconds."""
FOUND_ROWS: Final = 2
"""CLIENT_FOUND_ROWS: a row that has the new values already counts as found."""
CHARACTER_SET: Final = "utf8mb4"
MODE: Final = (
    "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,"
    "NO_AUTO_VALUE_ON_ZERO"
)
"""What does not fit is refused and never cut; a key of 0 is 0; quotes, blanks and backslashes
mean what they mean by default, whatever the server's own `sql_mode`."""
NUMBERS: Final = {
    FIELD_TYPE.TINY: int, FIELD_TYPE.SHORT: int, FIELD_TYPE.INT24: int, FIELD_TYPE.LONG: int,
    FIELD_TYPE.LONGLONG: int, FIELD_TYPE.YEAR: int, FIELD_TYPE.FLOAT: float,
    FIELD_TYPE.DOUBLE: float,
}  # fmt: skip
"""What is made a number; all else stays the text that the server sends."""
REVEALING: Final = ("mysql_clear_password", "dialog", "mysql_old_password")
"""Ways to log in that hand the password to whoever asks for it."""


class Opener:
    """Opens connections to one server."""

    def __init__(self, url: ServerUrl, seconds: float = QUERY_SECONDS) -> None:
        """Open connections to the database that `url` names.

        The server ends a statement that takes more than `seconds`; None of them does it by
        itself if that is 0.

        Raises:
            SettingsError: a file for TLS cannot be used.
        """
        self.user, self._password = login(url.user, url.password)
        self.database = url.database
        self.place = url.place()
        """How the server is called in errors."""
        self._where = place_of(url)
        self._tls = tls_of(url)
        self._context = context_of(self._tls)
        self._seconds = seconds

    @property
    def is_near(self) -> bool:
        """Whether nobody else can listen on the way."""
        return self._where.is_near

    @property
    def is_checked(self) -> bool:
        """Whether it is made sure whose certificate the server shows."""
        return self._tls.checks

    async def open(self, *, read_only: bool = True, kills: bool = True) -> MysqlChannel:
        """Return a connection on which nothing can be written, unless it is not `read_only`.

        Raises:
            DatabaseUnavailable: none can be made, or not in time.
        """
        connection = None
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                connection = await self._connected()
                server = await self._told(connection, read_only=read_only)
        except (TimeoutError, *failures.RAISED) as error:
            if connection is not None:
                connection.close()
            tls = self._context is not None
            raise failures.of_connecting(error, self.place, tls=tls) from error
        except BaseException:
            if connection is not None:
                connection.close()
            raise
        return MysqlChannel(connection, server, self._kill if kills else None)

    async def _connected(self) -> Any:
        try:
            return await self._connect(self._context)
        except MySQLError as error:
            if self._tls.mode != "preferred" or not failures.has_no_tls(error):
                raise
            self._context = None  # nor will it have one the next time
        return await self._connect(None)

    async def _connect(self, context: ssl.SSLContext | None) -> Any:
        make: Any = Connection
        connection = make(
            host=self._where.host, port=self._where.port,
            unix_socket=self._where.socket or None, user=self.user or None,
            password=self._password.encode(), database=self.database,
            charset=CHARACTER_SET, conv=_conversions(), client_flag=FOUND_ROWS,
            connect_timeout=OPEN_SECONDS, autocommit=None, program_name="hitmiss",
            ssl=None if self._where.socket else context,
            auth_plugin_map=_ways(self._where, self._tls),
        )  # fmt: skip
        await connection.connect()
        return connection

    async def _told(self, connection: Any, *, read_only: bool) -> ServerFacts:
        """Tell a server how the connection is used; return what it says of itself."""
        is_mariadb = "mariadb" in connection.get_server_info().lower()
        await connection.query(
            settings(is_mariadb=is_mariadb, read_only=read_only, seconds=self._seconds)
        )
        await connection.query(question(is_mariadb=is_mariadb))
        server = server_of(
            connection._result.rows, connection.thread_id(), is_mariadb=is_mariadb
        )
        if server.in_cluster:  # a read waits until what other nodes acknowledged is here
            await connection.query("SET SESSION wsrep_sync_wait = 1")
        return server

    async def _kill(self, server: ServerFacts) -> None:
        """End the statement of a connection, if another leads to the very same server.

        Behind a proxy it may not, and there the number is somebody else's.

        Raises:
            DatabaseUnavailable: it cannot be ended.
        """
        async with asyncio.timeout(KILL_SECONDS):
            other = await self.open(kills=False)
            try:
                if not server.is_proxied and other.server.identity == server.identity:
                    await other.end_statement(server.connection)
            finally:
                await other.aclose()


def settings(*, is_mariadb: bool, read_only: bool, seconds: float) -> str:
    """Return the statement that says how a connection is used.

    Each statement commits by itself, and reads the newest that is committed.
    """
    isolation, only = "transaction_isolation", "transaction_read_only"
    limit = f"max_execution_time = {int(seconds * 1000)}"
    if is_mariadb:
        isolation, only = "tx_isolation", "tx_read_only"
        limit = f"max_statement_time = {seconds:g}"
    return (
        "SET SESSION autocommit = 1, time_zone = '+00:00',"
        f" sql_mode = '{MODE}', {isolation} = 'REPEATABLE-READ', {only} = {int(read_only)},"
        f" innodb_lock_wait_timeout = {LOCK_SECONDS}, lock_wait_timeout = {LOCK_SECONDS},"
        f" {limit}"
    )


def _conversions() -> Mapping[Any, Any]:
    own = {kind: make for kind, make in conversions.items() if not isinstance(kind, int)}
    return {**own, **NUMBERS}


def _ways(place: ServerPlace, tls: Tls) -> dict[str, Callable[[Any], Any]]:
    """Return who handles ways to log in: nobody's password is revealed to a stranger."""
    if place.socket or tls.checks:
        return {}
    return {way: partial(_Refuser, way) for way in REVEALING}


class _Refuser:
    """Ends a log-in that a server wants to be made in a way which reveals the password."""

    def __init__(self, way: str, connection: Connection) -> None:
        self._way = way

    def authenticate(self, packet: Any) -> Awaitable[Any]:
        raise OperationalError(
            2059, f"the server asks for the password itself ({self._way}), which is given to"
            " none whose certificate is not checked (ssl-mode=VERIFY_IDENTITY)",
        )  # fmt: skip
