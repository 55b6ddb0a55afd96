"""A connection that asks at once and waits: for the schema, for doctor, for completion."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import psycopg
from psycopg import pq

from tui.database.postgresql import failures
from tui.database.postgresql.cells import bound
from tui.database.postgresql.settings import SECONDS_TO_CONNECT, options_of
from tui.database.postgresql.url import conninfo, learn_passwords, parsed
from tui.database.sql.query import Parameter
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

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
        result = self._pgconn.exec_params(sql.encode(), [bound(p) for p in parameters])
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


@contextmanager
def asking(url: str) -> Iterator[Asking]:
    """Open a connection that changes nothing, and close it again.

    Raises:
        DatabaseUnavailable: none can be made, or it is lost meanwhile.
    """
    its = parsed(url)
    learn_passwords()
    try:
        with _connected(conninfo(its, read_only=True)) as connection:
            yield Asking(connection.pgconn)
    except psycopg.Error as error:
        raise failures.of_connecting(error, its.place(("options",))) from error


def _connected(text: str) -> "psycopg.Connection[tuple[object, ...]]":
    """Return a connection; behind a pooler, one without settings of its own."""
    settings = {"connect_timeout": SECONDS_TO_CONNECT, "application_name": "hitmiss"}
    options = options_of(text, read_only=True)
    try:
        return psycopg.connect(text, autocommit=True, options=options, **settings)  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        if "unsupported startup parameter" not in str(error):
            raise
        return psycopg.connect(text, autocommit=True, **settings)  # type: ignore[arg-type]
