"""Which server a connection leads to, as it says itself."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

VARIABLES: Final = (
    "group_replication_consistency", "group_replication_group_name",
    "group_replication_single_primary_mode", "hostname",
    "innodb_read_only", "lower_case_table_names", "max_allowed_packet", "port", "read_only",
    "server_id", "server_uuid", "sql_mode", "super_read_only", "transaction_read_only",
    "tx_read_only", "version", "version_comment", "wsrep_on", "wsrep_sync_wait",
)  # fmt: skip
STATUS: Final = (
    "slave_running", "slaves_running", "ssl_cipher", "ssl_version", "wsrep_ready",
    "wsrep_local_state_comment",
)  # fmt: skip
OWN: Final = "SELECT 'connection', CONNECTION_ID() UNION ALL SELECT 'user', CURRENT_USER()"
PLACES: Final = {
    True: ("information_schema.session_variables", "information_schema.session_status"),
    False: ("performance_schema.session_variables", "performance_schema.session_status"),
}
"""Where MariaDB, and MySQL, keep their variables and their status."""
OLDEST: Final = {True: (10, 6), False: (8, 0)}
DEFAULT_PACKET: Final = 1 << 24


class ServerFacts(Struct, frozen=True):
    """A server, and a connection to it; '' is what it did not say."""

    is_mariadb: bool
    connection: int
    """The server's own number of the connection."""
    is_proxied: bool
    """Whether who greeted us calls it otherwise, and so is another than the server."""
    user: str
    """Whom it takes us for: `app@%`."""
    said: Mapping[str, str]
    """Its variables and its status, by their names in lower case."""

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells it from other servers."""
        return tuple(
            self.said.get(name, "") for name in ("hostname", "port", "server_id", "server_uuid")
        )

    @property
    def version(self) -> str:
        """Its release, as a person calls it: `MariaDB 10.11.6`."""
        number = self.said.get("version", "").partition("-")[0] or "of an unknown version"
        return f"{'MariaDB' if self.is_mariadb else 'MySQL'} {number}"

    @property
    def is_too_old(self) -> bool:
        """Whether nobody has tried hitmiss with such a release."""
        parts = self.said.get("version", "").partition("-")[0].split(".")
        numbers = tuple(int(part) for part in parts if part.isdecimal())
        return bool(numbers) and numbers < OLDEST[self.is_mariadb]

    @property
    def in_cluster(self) -> bool:
        """Whether it is a node of Galera, where each may be written."""
        return self.is_on("wsrep_on")

    @property
    def longest_statement(self) -> int:
        """Bytes: it takes no longer one."""
        text = self.said.get("max_allowed_packet", "")
        return int(text) if text.isdecimal() else DEFAULT_PACKET

    def is_on(self, name: str) -> bool:
        """Tell whether something is switched on."""
        return self.said.get(name, "").lower() in {"on", "1", "yes"}


def question(*, is_mariadb: bool) -> str:
    """Return the query for a server's facts, each a name and a text.

    Any user may ask; a variable that a release does not have is left out.
    """
    variables, status = PLACES[is_mariadb]
    named = ", ".join(f"'{name}'" for name in VARIABLES)
    counted = ", ".join(f"'{name}'" for name in STATUS)
    return (
        f"{OWN} UNION ALL SELECT variable_name, variable_value FROM {variables}"
        f" WHERE variable_name IN ({named})"
        f" UNION ALL SELECT variable_name, variable_value FROM {status}"
        f" WHERE variable_name IN ({counted})"
    )


def server_of(
    rows: Iterable[Sequence[Any]], greeted_as: int, *, is_mariadb: bool
) -> ServerFacts:
    """Return what a server answered to the question.

    `greeted_as` is the number of the connection that was said when it was opened.
    """
    said = {_text(name).lower(): _text(value) for name, value in rows}
    text = said.pop("connection", "")
    connection = int(text) if text.isdecimal() else 0
    # In the greeting the number has four bytes.
    is_proxied = connection % (1 << 32) != greeted_as
    return ServerFacts(is_mariadb, connection, is_proxied, said.pop("user", ""), said)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
