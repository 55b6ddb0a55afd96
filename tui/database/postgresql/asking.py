"""A connection that asks at once and waits: for the schema, for doctor, for completion."""

import select
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TypeAlias

import psycopg
from psycopg import pq

from tui.database.postgresql import failures
from tui.database.postgresql.cells import bound
from tui.database.postgresql.settings import CONNECTED, options_of
from tui.database.postgresql.url import conninfo, learn_passwords, parsed, shown
from tui.database.sql.connections import StatementTooSlow, too_slow
from tui.database.sql.query import Parameter
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

SECONDS_TO_ANSWER = 2.5
"""A little more than the server gives itself for a statement."""
Answer: TypeAlias = list[tuple[str | None, ...]]
"""Rows of texts, as PostgreSQL spells its values."""


class Asking:
    """Asks on one connection, a question after the other."""

    def __init__(self, pgconn: pq.abc.PGconn) -> None:
        """Ask on `pgconn`, which whoever opened it closes."""
        self._pgconn = pgconn

    @property
    def version(self) -> int:
        """The server's version: 180006 is 18.6."""
        return self._pgconn.server_version

    @property
    def encoding(self) -> str:
        """How the database keeps texts, in the server's word: UTF8."""
        return (self._pgconn.parameter_status(b"server_encoding") or b"").decode()

    @property
    def encrypted(self) -> bool:
        """Whether the connection is under TLS."""
        return bool(self._pgconn.ssl_in_use)

    def ask(self, sql: str, *parameters: Parameter) -> Answer:
        """Return the rows of a query.

        Raises:
            DatabaseUnavailable: no answer, or not in time.
        """
        result = self._result(sql, [bound(parameter) for parameter in parameters])
        if result.status not in {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}:
            error = failures.of_result(result)
            if isinstance(error, ChangeRefused):
                raise DatabaseUnavailable(str(error))
            raise error
        return [
            tuple(
                None if value is None else value.decode("utf-8", "replace")
                for value in (result.get_value(row, place) for place in range(result.nfields))
            )
            for row in range(result.ntuples)
        ]

    def _result(self, sql: str, parameters: list[bytes | None]) -> pq.abc.PGresult:
        """Return what comes of a query; a server that is silent is not waited for long."""
        self._pgconn.send_query_params(sql.encode(), parameters)
        end = time.monotonic() + SECONDS_TO_ANSWER
        results: list[pq.abc.PGresult] = []
        while True:
            while self._pgconn.is_busy():
                left = max(0.0, end - time.monotonic())
                if not select.select([self._pgconn.socket], [], [], left)[0]:
                    raise StatementTooSlow(too_slow())
                self._pgconn.consume_input()
            result = self._pgconn.get_result()
            if result is None:
                return results[-1]
            results.append(result)


@contextmanager
def asking(url: str) -> Iterator[Asking]:
    """Open a connection that changes nothing, and close it again.

    Raises:
        DatabaseUnavailable: none can be made, or it is lost meanwhile.
    """
    its = parsed(url)
    learn_passwords()
    try:
        with closing(_connected(conninfo(its, read_only=True))) as connection:
            yield Asking(connection.pgconn)
    except (psycopg.Error, UnicodeError) as error:  # the latter for a host's name
        raise failures.of_connecting(error, shown(its)) from error


def _connected(text: str) -> "psycopg.Connection[tuple[object, ...]]":
    """Return a connection; behind a pooler, one without settings of its own."""
    options = options_of(text, read_only=True)
    try:
        return psycopg.connect(text, autocommit=True, options=options, **CONNECTED)
    except psycopg.OperationalError as error:
        if "unsupported startup parameter" not in str(error):
            raise
        return psycopg.connect(text, autocommit=True, **CONNECTED)
