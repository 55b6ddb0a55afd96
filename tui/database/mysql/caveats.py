"""Whether what a server answers may be older than what was acknowledged."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from tui.database.mysql.channel import MysqlChannel
from tui.database.mysql.server import ServerFacts
from tui.database.sql.query import Query
from tui.models import Caveat
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

Sources: TypeAlias = Sequence[Mapping[str, Any]]
"""What a server says of each server that it follows, by the names of its columns."""
OLD: Final = "rows may be older than what was acknowledged"
ELSEWHERE: Final = "name the primary, or start with --read-only"
SOURCES: Final = {True: "SHOW ALL REPLICAS STATUS", False: "SHOW REPLICA STATUS"}
LAGS: Final = frozenset({"seconds_behind_source", "seconds_behind_master"})
NEVER_OLD: Final = frozenset({"before", "before_and_after"})
"""What MySQL calls a consistency of group replication with which reads are never old."""


async def caveats_of(channel: MysqlChannel) -> tuple[Caveat, ...]:
    """Return why reads on a connection may be old, as far as its user may know.

    Raises:
        DatabaseUnavailable: no answer.
    """
    return caveats_from(channel.server, await sources_of(channel))


async def sources_of(channel: MysqlChannel) -> Sources | None:
    """Return from whom a server takes its rows; None where this user may not ask.

    Raises:
        DatabaseUnavailable: no answer.
    """
    try:
        return await channel.named(Query(SOURCES[channel.server.is_mariadb]))
    except ChangeRefused:
        return None


def caveats_from(server: ServerFacts, sources: Sources | None) -> tuple[Caveat, ...]:
    """Return why reads may be old, from what a server says.

    What shows in nothing: a proxy that sends reads to a replica, and a replica that may be
    written, whose state this user may not ask for.
    """
    if sources:
        return (_replica(f"{_lag(sources)} behind when it was asked"),)
    if sources is None and _is_running(server):
        return (_replica("an unknown time behind"),)
    if server.is_on("innodb_read_only"):  # as the readers of Aurora are
        return (_replica("or its storage is"),)
    if sources is None and (server.is_on("read_only") or server.is_on("super_read_only")):
        return (_read_only(server),)
    return (_group(),) if _is_in_old_group(server) else ()


def right_to_ask(server: ServerFacts) -> str:
    """Return the right that lets a user ask whether a server is a replica."""
    return "REPLICA MONITOR" if server.is_mariadb else "REPLICATION CLIENT"


def check_may_write(caveats: Sequence[Caveat]) -> None:
    """Pass where the guarantee holds for whoever writes.

    Raises:
        DatabaseUnavailable: reads may be old.
    """
    for caveat in caveats:
        if caveat.outdated:
            raise DatabaseUnavailable(caveat.words)


def _replica(how: str) -> Caveat:
    return Caveat(
        "replica", f"the database is a replica, {how}: {OLD}; {ELSEWHERE}", outdated=True
    )


def _read_only(server: ServerFacts) -> Caveat:
    return Caveat(
        "read-only server",
        "the database takes no changes, as replicas do, and this user may not ask whether it is"
        f" one (GRANT {right_to_ask(server)}): {OLD}; {ELSEWHERE}",
        outdated=True,
    )


def _group() -> Caveat:
    return Caveat(
        "group member",
        "the database is a member of a group in which each member may be written: what another"
        f" acknowledged may be missing here, so {OLD}; set group_replication_consistency to"
        " BEFORE, or start with --read-only",
        outdated=True,
    )


def _lag(sources: Sources) -> str:
    lags = [
        value for source in sources for name, value in source.items() if name.lower() in LAGS
    ]
    known = [int(lag) for lag in lags if lag is not None]
    return f"{max(known)} s" if known and len(known) == len(sources) else "an unknown time"


def _is_running(server: ServerFacts) -> bool:
    """Tell whether MariaDB, as everybody may ask, follows another server now."""
    return server.said.get("slaves_running", "0") != "0" or server.is_on("slave_running")


def _is_in_old_group(server: ServerFacts) -> bool:
    """Tell whether other members of a group may have taken a change that is not here yet."""
    consistency = server.said.get("group_replication_consistency", "").lower()
    return (
        bool(server.said.get("group_replication_group_name"))
        and server.said.get("group_replication_single_primary_mode", "").upper() == "OFF"
        and consistency not in NEVER_OLD
    )
