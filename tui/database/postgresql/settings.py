"""What every session here is told: how values are spelled, how long a statement may take."""

import os
from collections.abc import Mapping
from typing import Any, Final

import psycopg.conninfo
from psycopg import pq

from tui.database.sql.connections import QUERY_SECONDS
from tui.database.sql.query import Query

SECONDS_TO_CONNECT: Final = 2
"""How long a connection may take to one host; libpq takes whole seconds, of two at least."""
CONNECTED: Final[Mapping[str, Any]] = {
    "connect_timeout": SECONDS_TO_CONNECT, "client_encoding": "UTF8",
    "fallback_application_name": "hitmiss",
}  # fmt: skip
"""What libpq is told of every connection, whatever else a URL says."""
STRONGER: Final = frozenset({"PGTZ", "PGDATESTYLE"})
"""What libpq tells a server behind our own settings, where the environment has it."""
LOCK_SECONDS: Final = 1.5
"""How long a change waits for somebody else's."""
SPELLING: Final = {
    "TimeZone": "UTC", "DateStyle": "ISO, YMD", "IntervalStyle": "postgres",
    "bytea_output": "hex", "extra_float_digits": "1", "xmloption": "content",
    "standard_conforming_strings": "on", "row_security": "on",
}  # fmt: skip
"""Such that a value has one text, whoever asks and wherever the server stands."""


def settings_of(*, read_only: bool, seconds: float = QUERY_SECONDS) -> dict[str, str]:
    """Return the settings of a session whose statements take `seconds` at most."""
    return {
        **SPELLING,
        "statement_timeout": str(round(seconds * 1000)),
        "lock_timeout": str(round(LOCK_SECONDS * 1000)),
        "default_transaction_read_only": "on" if read_only else "off",
        "default_transaction_isolation": "read committed",
    }


def options_of(text: str, *, read_only: bool, seconds: float = QUERY_SECONDS) -> str:
    """Return the same as libpq takes it, behind what a URL or PGOPTIONS says already."""
    said = psycopg.conninfo.conninfo_to_dict(text).get("options")
    said = os.environ.get("PGOPTIONS", "") if said is None else said
    ours = [
        f"-c {name}=" + value.replace(" ", "\\ ")
        for name, value in settings_of(read_only=read_only, seconds=seconds).items()
    ]
    return " ".join([str(said), *ours]).strip()


def encoding_of(connection: pq.abc.PGconn) -> dict[str, str]:
    """Return the setting for a database that keeps whatever it is given, in no encoding."""
    if connection.parameter_status(b"server_encoding") != b"SQL_ASCII":
        return {}
    return {"client_encoding": "SQL_ASCII"}


def told(settings: Mapping[str, str], *, local: bool) -> Query:
    """Return what sets these for the session, or for the transaction if `local`.

    It tells first whether the server is a standby.
    """
    calls = (
        f"pg_catalog.set_config(${2 * place + 1}, ${2 * place + 2}, {str(local).lower()})"
        for place in range(len(settings))
    )
    return Query(
        f"SELECT pg_catalog.pg_is_in_recovery(), {', '.join(calls)}",
        tuple(text for pair in settings.items() for text in pair),
    )
