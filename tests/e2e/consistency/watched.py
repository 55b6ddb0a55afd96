"""The campaign's cache where sentinels watch it, and replace what fails."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import redis
from sentinels import FAILOVER_SECONDS, SERVICE, SentinelTrio
from servers import ValkeyServer

from consistency.history import Entry, Violation, Write

STALE_SECONDS = 2.0
"""How long a primary that was replaced goes on as one."""
BEHIND_SECONDS = 0.5
"""How far the replica is behind when its primary fails."""
PASSWORD = "of-the-campaign"
"""What keeps the replica off where it has another."""


@dataclass(frozen=True, slots=True)
class Failover:
    """One primary replaced by another; times are those of the machine's monotonic clock."""

    began: float
    """When the replica began to miss what its primary acknowledged."""
    ended: float
    """When it was seen that the sentinels name the new one."""


class WatchedCache(SentinelTrio):
    """A service that fails as one server does: whichever is the primary is killed or paused."""

    longest_pause = 3.0
    """For how many seconds a campaign pauses it at most: some are replaced meanwhile."""

    def __init__(self) -> None:
        """Prepare it."""
        super().__init__(password=PASSWORD)
        self.failovers: list[Failover] = []
        self._began: float | None = None
        self._failed = self.first

    @property
    def primary(self) -> int:
        """Which of the servers the sentinels take for the primary, once they agree."""
        end = time.monotonic() + FAILOVER_SECONDS
        while time.monotonic() < end:
            port = self.primary_port()
            for number, server in enumerate(self.servers):
                if server.port == port:
                    return number
            time.sleep(0.02)
        raise RuntimeError("the sentinels do not agree on a primary")

    def client(self) -> redis.Redis:
        """Return a client of the primary."""
        return self._client_of(self.servers[self.primary])

    def pause(self) -> None:
        """Stop the primary in its tracks."""
        self._begin()
        self._failed.pause()

    def resume(self) -> None:
        """Let it go on; if it was replaced meanwhile, it does not know of that."""
        self._failed.resume()
        self._let_replicate()

    def kill(self) -> None:
        """End the primary without a farewell."""
        self._begin()
        self._failed.kill()

    def start(self) -> None:
        """Start it again, empty, once another has taken its place."""
        end = time.monotonic() + FAILOVER_SECONDS
        while self.servers[self.primary] is self._failed:
            if time.monotonic() > end:
                raise RuntimeError("nobody has taken the primary's place")
            time.sleep(0.02)
        self._failed.start()
        self._let_replicate()
        with self._client_of(self._failed) as client:
            client.replicaof("127.0.0.1", self.servers[self.primary].port)

    def settle(self) -> None:
        """Note whether the failure before has led to a failover: that takes a while."""
        if self._began is not None and self.servers[self.primary] is not self._failed:
            self.failovers.append(Failover(self._began, time.monotonic()))
        self._began = None

    def _begin(self) -> None:
        """Let the replica fall behind, so that something will be lost with the primary."""
        self.settle()
        number = self.primary
        self._failed = self.servers[number]
        self._wait_for_replica()
        with self._client_of(self.servers[1 - number]) as replica:
            replica.config_set("masterauth", "wrong")
        self._began = time.monotonic()
        with self._client_of(self._failed) as client:
            client.client_kill_filter(_type="replica")
        time.sleep(BEHIND_SECONDS)

    def _let_replicate(self) -> None:
        for server in self.servers:
            with self._client_of(server) as client:
                client.config_set("masterauth", PASSWORD)

    def _client_of(self, server: ValkeyServer) -> redis.Redis:
        return server.client(password=PASSWORD)

    def _wait_for_replica(self) -> None:
        """Wait until the other server follows, or nobody could take over.

        One that was paused and replaced takes itself for a primary for a while, until the
        sentinels tell it, which takes them ten seconds; here it is told sooner.
        """
        number = self.primary
        other = self.servers[1 - number]
        end = time.monotonic() + FAILOVER_SECONDS
        while time.monotonic() < end:
            with self._client_of(other) as client:
                info = client.info("replication")
                if info["role"] == "master":
                    time.sleep(STALE_SECONDS)
                    client.replicaof("127.0.0.1", self.servers[number].port)
                elif info["master_link_status"] == "up" and self._is_known_to_follow():
                    return
            time.sleep(0.05)
        raise RuntimeError("the replica does not follow")

    def _is_known_to_follow(self) -> bool:
        """Tell whether each sentinel could promote the replica."""
        for sentinel in self.sentinels:
            with sentinel.client() as client:
                replicas: Any = client.sentinel_slaves(SERVICE)
            if [one["master-link-status"] for one in replicas if not one["is_sdown"]] != ["ok"]:
                return False
        return True


def of_failovers(
    found: Iterable[Violation], entries: Sequence[Entry], failovers: Sequence[Failover]
) -> list[Violation]:
    """Return the violations that asynchronous replication explains.

    The write that was not seen was acknowledged when the delete of its copy could be lost.
    """
    writes = {
        (entry.key, entry.version): entry.acknowledged
        for entry in entries
        if isinstance(entry, Write)
    }
    explained = []
    for violation in found:
        at = writes.get((violation.read.key, violation.at_least))
        if at is not None and any(one.began <= at <= one.ended for one in failovers):
            explained.append(violation)
    return explained
