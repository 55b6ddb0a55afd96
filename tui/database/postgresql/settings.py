"""What every session here is told: how values are spelled, how long a statement may take."""

from typing import Final

import psycopg.conninfo

from tui.database.sql.connections import QUERY_SECONDS

SECONDS_TO_CONNECT: Final = 2
"""How long a connection may take to one host; libpq takes whole seconds, of two at least."""
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
    """Return the same as libpq takes it, behind what a URL says already."""
    said = psycopg.conninfo.conninfo_to_dict(text).get("options") or ""
    ours = [
        f"-c {name}=" + value.replace(" ", "\\ ")
        for name, value in settings_of(read_only=read_only, seconds=seconds).items()
    ]
    return " ".join([str(said), *ours]).strip()
