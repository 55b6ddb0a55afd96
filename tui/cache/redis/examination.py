"""Asking a server about itself, and about what hitmiss may do there, without changing it."""

import statistics
import uuid
from collections.abc import Iterable
from typing import Any, TypeAlias

from redis import exceptions
from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster

from tui.cache.cache_checks import KeySample
from tui.cache.limits import CALL_SECONDS
from tui.cache.redis.address_sentinel import is_sentinel, sentinel_address
from tui.cache.redis.facts import INFO_FIELDS, TOO_LONG, CacheFacts, Sentinel, ServiceFacts
from tui.cache.redis.failures import within
from tui.cache.redis.leases import lease_key
from tui.cache.redis.opening import open_client
from tui.cache.redis.refusals import STATES, code_of, is_about_command, is_about_key
from tui.cache.redis.replies import ReplyTooLarge
from tui.models.keys import PLACEHOLDER, RESERVED_END, KeyTemplate
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError, CacheUnavailable
from tui.runtime.redaction import SECRETS

TOTAL_SECONDS = 2.0
"""After that nothing more is asked; what was found out until then is told."""
PINGS = 5
SAMPLE_KEYS, SCAN_COUNT = 5_000, 500
SCAN_TRIPS = 40
"""A server whose table is large and nearly empty gives few keys a trip."""
NO_SCRIPT = "0" * 40
LONGEST_INFO = 1 << 20
"""Bytes; a server with thousands of clients and replicas stays below a tenth of it."""
READS: tuple[tuple[str, *tuple[int, ...]], ...] = (
    ("GET",), ("PTTL",), ("STRLEN",), ("GETRANGE", 0, 0), ("HLEN",), ("HGETALL",),
)  # fmt: skip
"""What a lookup, a walk and the audit read by, each with what comes after the key."""
Node: TypeAlias = "Redis | ClusterNode"


async def examine(
    url: str, template: KeyTemplate | None, clock: Clock, *, read_only: bool
) -> CacheFacts:
    """Ask the server at `url` about itself and about what hitmiss may do there.

    It changes nothing. With `read_only` no command that could is sent in any form; without a
    `template` nothing is asked that needs a key. It takes TOTAL_SECONDS and one call at most.
    """
    service = await _service(url) if is_sentinel(url) else None
    async with open_client(url) as client:
        examination = _Examination(client, clock)
        try:
            await examination.run(template, read_only=read_only)
        except CacheError as error:  # a refusal too: of what all else needs
            examination.found["trouble"] = str(error)
        return CacheFacts(
            **examination.found,
            asked=tuple(examination.asked),
            refusals=examination.refusals,
            service=service,
        )


async def _service(url: str) -> ServiceFacts:
    """Ask all sentinels that `url` names about its service."""
    from tui.cache.redis.opening_sentinel import open_sentinels
    from tui.cache.redis.sentinels import Service

    address = sentinel_address(url)
    async with open_sentinels(url) as sentinels:
        answers = [one for one in await sentinels.ask_all() if isinstance(one, Service)]
        up = await sentinels.replicas_up() if answers else None
    answers.sort(key=lambda one: (one.epoch, one.is_up), reverse=True)
    said = (
        Sentinel(
            f"{one.place[0]}:{one.place[1]}", one.quorum, one.sentinels,
            one.replicas if up is None else up, one.down_after,
        )
        for one in answers
    )  # fmt: skip
    return ServiceFacts(address.service, len(address.sentinels), tuple(said))


class _Examination:
    """One server's questions and answers, as far as they have come."""

    def __init__(self, client: Redis | RedisCluster, clock: Clock) -> None:
        """Ask through `client`."""
        self._client = client
        self._clock = clock
        self._end = clock.monotonic() + TOTAL_SECONDS
        self.found: dict[str, Any] = {}
        self.asked: list[str] = []
        self.refusals: dict[str, str] = {}

    async def run(self, template: KeyTemplate | None, *, read_only: bool) -> None:
        """Ask everything, the most important first.

        Raises:
            CacheError: there was no answer, the time is up, or the nodes are not told.
        """
        nodes = await self._nodes()
        self.found["nodes"] = len(nodes)
        await self._ping(nodes[0])
        await self._inform(nodes[0])
        counts = [await self._try("DBSIZE", node, "DBSIZE") for node in nodes]
        if all(isinstance(count, int) for count in counts):
            self.found["keys"] = sum(counts)
        if template is None:
            return
        await self._ask_permissions(template, read_only=read_only)
        self.found["sample"] = await self._sample(nodes, template)

    async def _nodes(self) -> "list[Node]":
        if isinstance(self._client, Redis):
            return [self._client]
        await self._bounded(self._client.initialize(), "CLUSTER")
        first = self._client.get_default_node()
        return [first, *(node for node in self._client.get_primaries() if node != first)]

    async def _inform(self, node: Node) -> None:
        info = await self._try("INFO", node, "INFO")
        if isinstance(info, bytes) and len(info) > LONGEST_INFO:
            self.refusals["INFO"] = TOO_LONG
        elif isinstance(info, bytes):
            self.found["info"] = _parsed(info)

    async def _ping(self, node: Node) -> None:
        times = []
        for _ in range(PINGS + 1):
            started = self._clock.monotonic()
            await self._try("PING", node, "PING")
            times.append(self._clock.monotonic() - started)
        # Whoever may not PING was answered all the same. The first trip made a connection.
        self.found["ping_seconds"] = statistics.median(times[1:])

    async def _ask_permissions(self, template: KeyTemplate, *, read_only: bool) -> None:
        """Find out what the server would refuse, on a key that no record has.

        A server looks at permissions, memory and role first, at the arguments after that:
        the commands that write have arguments that it has to refuse, or nothing to work on.
        NX with XX asks for a key that is there and is not.
        """
        value = template.value_key(uuid.uuid4().hex)
        lease = lease_key(value)
        for read, *more in READS:
            await self._try(read, self._client, read, value, *more)
        if read_only:
            return
        harmless: dict[str, tuple[str | int, ...]] = {
            "SET of a value": ("SET", value, "", "NX", "XX"),
            "SET of a lease": ("SET", lease, "", "NX", "XX"),
            "EVALSHA": ("EVALSHA", NO_SCRIPT, 2, value, lease),
            "EVAL": ("EVAL", "(", 2, value, lease),
            "DEL": ("DEL", value, lease),
            "PEXPIRE": ("PEXPIRE", value, "never"),
        }
        for label, command in harmless.items():
            await self._try(label, self._client, *command)

    async def _sample(self, nodes: "list[Node]", template: KeyTemplate) -> KeySample | None:
        seen: set[bytes] = set()
        whole = True
        for number, node in enumerate(nodes, 1):
            ended = await self._scan(node, seen, SAMPLE_KEYS * number // len(nodes))
            if ended is None:
                return None
            whole = whole and ended
        matching = sorted(_matching(seen, template))
        example = matching[0].decode("utf-8", "replace") if matching else None
        return KeySample(len(seen), len(matching), example, whole)

    async def _scan(self, node: Node, seen: set[bytes], limit: int) -> bool | None:
        """Add keys to `seen` until it holds `limit`; tell whether those are all of the node."""
        cursor: Any = b"0"
        for _ in range(SCAN_TRIPS):
            reply = await self._try("SCAN", node, "SCAN", cursor, "COUNT", SCAN_COUNT)
            match reply:
                case [bytes() as cursor, list() as keys]:
                    seen.update(key for key in keys if isinstance(key, bytes))
                case _:
                    return None
            if cursor == b"0":
                return True
            if len(seen) >= limit:
                break
        return False

    async def _try(self, label: str, to: "Node | RedisCluster", *command: Any) -> Any:
        """Give the reply to a command, None where it is refused, which is noted."""
        if label not in self.asked:
            self.asked.append(label)
        try:
            return await self._bounded(to.execute_command(*command), str(command[0]))
        except CacheError as error:
            if not isinstance(error.__cause__, exceptions.ResponseError):
                raise
            refusal = _refusal(error.__cause__, str(error))
            if refusal is not None:
                self.refusals.setdefault(label, refusal)
            return None

    async def _bounded(self, call: Any, name: str) -> Any:
        if self._clock.monotonic() > self._end:
            call.close()
            raise CacheUnavailable(
                f"it answers slowly: asked for more than {TOTAL_SECONDS:g} s"
            )
        async with within(CALL_SECONDS, name):
            return await call


def _refusal(cause: exceptions.ResponseError, said: str) -> str | None:
    """Return the words for a refusal; None for a complaint about the arguments.

    The server's own words for a missing permission name the user, whom nobody is to see.
    """
    if isinstance(cause, ReplyTooLarge):
        return TOO_LONG
    if isinstance(cause, exceptions.NoPermissionError):
        return "such keys are not allowed" if is_about_key(cause) else "it is not allowed"
    if is_about_command(cause):
        return "not known there"
    if code_of(cause) in {"MOVED", "ASK"}:
        return "the key belongs to another node of a cluster"
    if code_of(cause) in STATES or isinstance(cause, exceptions.ClusterError):
        return said
    return None


def _parsed(info: bytes) -> dict[str, str]:
    found = (line.partition(":") for line in info.decode("utf-8", "replace").splitlines())
    return {name: SECRETS.redacted(value) for name, _, value in found if name in INFO_FIELDS}


def _matching(keys: Iterable[bytes], template: KeyTemplate) -> Iterable[bytes]:
    before, after = (part.encode() for part in template.template.split(PLACEHOLDER))
    for key in keys:
        fits = key.startswith(before) and key.endswith(after)
        # Where the template has a hash tag, the key of a lease looks like one of a value.
        if (
            fits
            and len(key) > len(before) + len(after)
            and not key.endswith(RESERVED_END.encode())
        ):
            yield key
