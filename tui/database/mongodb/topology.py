"""The servers as the driver sees them: may reads be old, and is anybody there at all?"""

from typing import TYPE_CHECKING, Any, Final

from pymongo.read_preferences import ReadPreference
from pymongo.server_description import ServerDescription
from pymongo.topology_description import TopologyDescription

from tui.models import Caveat
from tui.runtime.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from pymongo import AsyncMongoClient, MongoClient

SECONDARY: Final = "RSSecondary"
STANDALONE: Final = "Standalone"
SHARDED: Final = frozenset({"Sharded", "LoadBalanced"})
NO_PRIMARY: Final = "ReplicaSetNoPrimary"
REFUSED: Final = (
    "reads may be older than what was acknowledged, and with --writable they would be cached"
    " for all"
)


class Watch:
    """The servers as the driver sees them, looked at anew when it sees something else."""

    def __init__(self, client: "AsyncMongoClient[Any]", *, read_only: bool) -> None:
        """Watch what `client` sees; who may write is not to be given what may be old."""
        self._client = client
        self._read_only = read_only
        self._seen: TopologyDescription | None = None
        self._caveats: tuple[Caveat, ...] = ()
        self._down: Exception | None = None
        self._is_reachable = False

    @property
    def caveats(self) -> tuple[Caveat, ...]:
        """Why what is read may be old."""
        self._look()
        return self._caveats

    @property
    def is_down(self) -> bool:
        """Whether the driver has looked for the servers in vain; it goes on looking."""
        self._look()
        return self._down is not None

    @property
    def is_reachable(self) -> bool:
        """Whether there is a server that takes what is sent."""
        self._look()
        return self._is_reachable

    @property
    def why_down(self) -> Exception | None:
        """What the driver said of a server that it did not reach; None if nothing."""
        self._look()
        return self._down

    @property
    def may_be_linearizable(self) -> bool:
        """Whether it is a set of servers, of which one may believe to be the primary still."""
        self._look()
        return self._seen is not None and all(
            one.server_type_name != STANDALONE
            for one in self._seen.server_descriptions().values()
        )

    def check_fresh(self) -> None:
        """Pass unless somebody may write, and reads may be old.

        Raises:
            DatabaseUnavailable: they may be; it says what to do.
        """
        self._look()
        if self._caveats and not self._read_only:
            raise DatabaseUnavailable(f"{self._caveats[0].words}; {REFUSED}")

    def _look(self) -> None:
        now = self._client.topology_description
        if now is self._seen:
            return
        self._caveats = caveats_of(self._client, now)
        self._is_reachable = now.has_readable_server(self._client.read_preference)
        servers = now.server_descriptions().values()
        self._down = None
        if not self._is_reachable:
            self._down = next((one.error for one in servers if one.error), None)
        self._seen = now


def caveats_of(
    client: "AsyncMongoClient[Any] | MongoClient[Any]", seen: TopologyDescription
) -> tuple[Caveat, ...]:
    """Return why reads through `client`, which sees these servers, may be old."""
    servers = list(seen.server_descriptions().values())
    lag = _lag(servers)
    if client.read_preference != ReadPreference.PRIMARY:
        mode = client.read_preference.mongos_mode
        return (
            Caveat(
                "secondary", f"reads may come from a secondary{lag} (readPreference={mode} in"
                " the URL); leave it out to read from the primary", outdated=True,
            ),
        )  # fmt: skip
    if seen.topology_type_name == "Single" and servers[0].server_type_name == SECONDARY:
        primary = servers[0].primary
        named = f"; the primary is {primary[0]}:{primary[1]}" if primary else ""
        return (
            Caveat(
                "secondary", f"{_name(servers[0])} is a secondary, which may lag behind{named};"
                " name the primary, or all servers without directConnection", outdated=True,
            ),
        )  # fmt: skip
    return ()


def _lag(servers: list[ServerDescription]) -> str:
    """Return by how much secondaries were behind, as far as their last writes tell."""
    written = {one.server_type_name: one.last_write_date for one in servers}
    primary, secondary = written.get("RSPrimary"), written.get(SECONDARY)
    if primary is None or secondary is None or primary <= secondary:
        return ""
    return f", which was {primary - secondary:,.1f} s behind when it last told"


def _name(server: ServerDescription) -> str:
    host, port = server.address
    return host if port is None else f"{host}:{port}"
