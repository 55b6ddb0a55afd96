"""Where the campaign's copies are: a server that is paused, killed, flushed and filled up."""

import json
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from memcached_server import MemcachedServer
from servers import ValkeyServer

from consistency.databases import Fault
from consistency.history import Entry
from consistency.verdict import Verdict
from consistency.watched import WatchedCache, of_failovers
from consistency.worker import LIFETIMES, TEMPLATE

JUNK, JUNK_BYTES = 20_000, (20, 48, 80)
"""How many items fill a small Memcached up, and how long they are: as long as copies."""


class Process(Protocol):
    """A server, as a campaign treats it."""

    def pause(self) -> None:
        """Stop it in its tracks."""
        ...

    def resume(self) -> None:
        """Let it go on."""
        ...

    def kill(self) -> None:
        """End it without a farewell."""
        ...

    def start(self) -> None:
        """Start it."""
        ...


class CampaignCache(ABC):
    """The cache of a campaign."""

    def __init__(self, server: Process, url: str) -> None:
        """Use a server that runs, and runs again after each fault."""
        self._server = server
        self.url = url
        """The cache, as `--cache` takes it."""

    keys = 12
    """How many records the campaign has."""
    ttl = LIFETIMES.ttl
    """How long its copies are fresh, in seconds."""
    longest_pause = 0.8
    """For how many seconds the server is paused at most."""

    def explain(self, verdict: Verdict, entries: Sequence[Entry]) -> None:
        """Tell the verdict which violations are due to what the cache itself has lost."""
        verdict.explained = []

    @property
    def faults(self) -> Mapping[str, Fault]:
        """What can go wrong with it, by name."""
        return {
            "cache paused": self._pause,
            "cache killed": self._kill,
            "cache flushed": lambda _: self.flush(),
        }

    @abstractmethod
    def flush(self) -> None:
        """Let it lose all that it holds."""

    @abstractmethod
    def payload(self, key: str) -> bytes | None:
        """Return what it holds under a key, read past hitmiss."""

    def versions(self, ids: range) -> dict[int, int]:
        """Return the version of each record of which it has a copy."""
        found: dict[int, int] = {}
        for id in ids:
            payload = self.payload(TEMPLATE.value_key(id))
            if payload:  # an empty one is a claim
                found[id] = json.loads(payload)["version"]
        return found

    def _pause(self, chance: random.Random) -> None:
        self._server.pause()
        time.sleep(chance.uniform(0.05, self.longest_pause))
        self._server.resume()

    def _kill(self, chance: random.Random) -> None:
        self._server.kill()
        time.sleep(chance.uniform(0, 0.3))
        self._server.start()


class OnValkey(CampaignCache):
    """A server of the Redis protocol."""

    def __init__(self, server: ValkeyServer | WatchedCache) -> None:
        """Use a server that runs."""
        super().__init__(server, server.url)
        self._client = server.client

    def flush(self) -> None:
        """Let it lose all that it holds."""
        with self._client() as client:
            client.flushall()

    def payload(self, key: str) -> bytes | None:
        """Return what it holds under a key."""
        with self._client() as client:
            found = client.get(key)
        return None if found is None else bytes(found)


class OnSentinels(OnValkey):
    """Two servers, of which sentinels make the primary.

    Copies outlive a failover, and of most keys no delete is pending when it is over: so that
    what it has lost would be seen.
    """

    keys, ttl, longest_pause = 120, 20.0, WatchedCache.longest_pause

    def __init__(self, server: WatchedCache) -> None:
        """Use servers that run."""
        super().__init__(server)
        self._watched = server

    def explain(self, verdict: Verdict, entries: Sequence[Entry]) -> None:
        """Tell which violations are due to deletes that a failover has lost."""
        self._watched.settle()
        failovers = self._watched.failovers
        verdict.faults["failovers"] = len(failovers)
        verdict.explained = of_failovers(verdict.violations, entries, failovers)


class OnMemcached(CampaignCache):
    """A Memcached."""

    def __init__(self, server: MemcachedServer) -> None:
        """Use a server that runs."""
        super().__init__(server, server.url)
        self._say = server.say

    @property
    def faults(self) -> Mapping[str, Fault]:
        """What can go wrong with it, by name."""
        return {**super().faults, "memory full": self._fill_up}

    def flush(self) -> None:
        """Let it lose all that it holds."""
        self._say(b"flush_all\r\n")

    def payload(self, key: str) -> bytes | None:
        """Return what it holds under a key."""
        said = self._say(b"get %b\r\n" % key.encode(), b"END\r\n")
        return said.split(b"\r\n")[1] if said.startswith(b"VALUE") else None

    def _fill_up(self, chance: random.Random) -> None:
        """Store so much that the oldest have to go, copies and claims among them."""
        junk = b"".join(
            b"ms junk-%d-%d %d T60 q\r\n%b\r\n" % (size, number, size, b"x" * size)
            for size in JUNK_BYTES
            for number in range(chance.randrange(JUNK), chance.randrange(JUNK) + JUNK)
        )
        self._say(junk + b"mn\r\n", b"MN\r\n")


@contextmanager
def _valkey() -> Iterator[CampaignCache]:
    with ValkeyServer() as server:
        yield OnValkey(server)


@contextmanager
def _memcached() -> Iterator[CampaignCache]:
    with MemcachedServer("-m", "4") as server:
        yield OnMemcached(server)


@contextmanager
def _sentinels() -> Iterator[CampaignCache]:
    with WatchedCache() as server:
        yield OnSentinels(server)


CACHES: Mapping[str, Callable[[], AbstractContextManager[CampaignCache]]] = {
    "valkey": _valkey, "memcached": _memcached, "sentinel": _sentinels,
}  # fmt: skip
"""What opens each kind; it may raise NotAvailableError."""
