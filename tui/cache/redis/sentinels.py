"""The sentinels that watch a service: which server is its primary, and when that changes."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Sequence
from typing import Any, TypeAlias

from msgspec import Struct
from redis import exceptions
from redis.asyncio import Redis
from redis.asyncio.sentinel import Sentinel

from tui.cache.address_host import wrong_with_host
from tui.cache.redis.failures import DRIVER_ERRORS, NoPrimary, NoTls, WantsTls
from tui.cache.redis.refusals import STUMBLES
from tui.cache.redis.tls import answers_without_tls
from tui.runtime.bounded_file import NotToBeRead

ASK_SECONDS = 0.2
"""How long all sentinels are waited for, once one has answered."""
LONGEST_SECONDS = 0.35
"""What the first may take, TLS and all: that leaves time to say why there was no answer."""
SWITCHED = "+switch-master"
"""What a sentinel publishes when it learns of another primary."""
MOST_NAMES = 5
"""So many services are named where the one that is wanted is not among them."""

Place: TypeAlias = tuple[str, int]
"""Host and port of a server."""


class Service(Struct, frozen=True):
    """What one sentinel says of the service."""

    place: Place
    """Where its primary is."""
    epoch: int
    """Of the configuration: the younger of two failovers has the higher one."""
    is_up: bool
    """Whether that sentinel reaches the primary."""
    quorum: int
    """How many sentinels have to agree that the primary is down."""
    sentinels: int
    """How many sentinels there are, as far as it knows."""
    replicas: int
    down_after: float
    """After how many seconds without an answer it takes the primary for down."""


Answer: TypeAlias = "Service | Exception"


class Sentinels:
    """All sentinels of one service, each asked over connections of the driver's own."""

    def __init__(self, manager: Sentinel, service: str, *, has_tls: bool = False) -> None:
        """Ask through `manager`, which belongs to whoever made it, about `service`."""
        self._manager = manager
        self._has_tls = has_tls
        self._service = service
        self._epoch = 0

    @property
    def clients(self) -> Sequence[Redis]:
        """The driver's clients, one of each sentinel."""
        return self._manager.sentinels

    async def find(self) -> Service:
        """Return where the primary is, by the youngest word of all sentinels that answer.

        A sentinel that was cut off may name the primary of before a failover, and be the first
        to answer. So all are waited for; and as long as no majority answers, no primary is
        taken that is older than one that was found before.

        Raises:
            NoPrimary: there is none, or nobody says where; the text says which.
        """
        answers = await self.ask_all()
        known = [answer for answer in answers if isinstance(answer, Service)]
        if not known:
            raise NoPrimary(
                self._reason([one for one in answers if isinstance(one, Exception)])
            )
        epoch = max(service.epoch for service in known)
        if epoch < self._epoch and 2 * len(known) <= len(answers):
            raise NoPrimary(
                "the sentinels that answer know only a primary of before a failover"
            )
        up = [service for service in known if service.epoch == epoch and service.is_up]
        if not up:
            raise NoPrimary(
                f"the sentinels know no primary of {self._service} that is up: a failover may"
                " be under way"
            )
        self._epoch = epoch
        return up[0]

    async def ask_all(self) -> list[Answer]:
        """Return what each sentinel says, or why it does not, in their order."""
        asking = [asyncio.ensure_future(self._ask(client)) for client in self.clients]
        try:
            answered, _ = await asyncio.wait(asking, timeout=ASK_SECONDS)
            if not any(isinstance(one.result(), Service) for one in answered):
                await asyncio.wait(asking)
            return [one.result() if one.done() else TimeoutError() for one in asking]
        finally:
            for one in asking:
                one.cancel()
            await asyncio.gather(*asking, return_exceptions=True)

    async def replicas_up(self) -> int | None:
        """Return how many servers could take over, as the first says who tells of any.

        None where nobody tells.
        """
        for client in self.clients:
            try:
                async with asyncio.timeout(LONGEST_SECONDS):
                    replicas: Any = await client.sentinel_slaves(self._service)
                return sum(not (one["is_sdown"] or one["is_odown"]) for one in replicas)
            except (*DRIVER_ERRORS, *STUMBLES):
                continue
        return None

    async def switches(self, client: Redis) -> AsyncGenerator[Place]:
        """Give the places of new primaries, one after the other, as a sentinel announces them.

        Raises:
            RedisError, TimeoutError, OSError: the sentinel is gone.
        """
        async with client.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(SWITCHED)
            while True:
                message: Any = await channel.get_message(timeout=None)
                if (place := self._switched_to(message)) is not None:
                    yield place

    def _switched_to(self, message: Any) -> Place | None:
        """Return where the service's new primary is, if that is what was announced.

        Its words are: service, host and port of before, host and port of now.
        """
        data = message.get("data") if isinstance(message, dict) else None
        words = data.decode("utf-8", "replace").split() if isinstance(data, bytes) else []
        if len(words) != 5 or words[0] != self._service:
            return None
        try:
            return _place(words[3], words[4])
        except ValueError:
            return None

    async def _ask(self, client: Redis) -> Answer:
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                states: Any = await client.sentinel_masters()
            if self._service in states:
                return self._understood(states[self._service])
            return UnknownService(tuple(map(str, states)))
        except STUMBLES:
            return NoSentinel()
        except TimeoutError as error:
            return NoTls() if await self._is_plain(client) else error
        except DRIVER_ERRORS as error:
            return error

    async def _is_plain(self, client: Redis) -> bool:
        """Tell whether a sentinel is silent since it waits for something else than TLS."""
        if not self._has_tls:
            return False
        place: dict[str, Any] = client.connection_pool.connection_kwargs
        return await answers_without_tls(place["host"], place["port"])

    def _understood(self, state: Any) -> Service:
        return Service(
            _place(state["ip"], state["port"]),
            int(state["config-epoch"]),
            bool(self._manager.check_master_state(state, self._service)),
            int(state["quorum"]),
            int(state["num-other-sentinels"]) + 1,
            int(state["num-slaves"]),
            int(state["down-after-milliseconds"]) / 1000,
        )

    def _reason(self, errors: Sequence[Exception]) -> str:
        """Return why nobody says where the primary is: what a person can mend comes first."""
        for error in errors:
            if isinstance(error, UnknownService):
                return error.sentence(self._service)
        for error in errors:
            if (said := _of_sentinel(error)) is not None:
                return said
        if len(errors) == 1:
            return "the sentinel does not answer"
        return f"none of the {len(errors)} sentinels answers"


def _place(host: Any, port: Any) -> Place:
    """Return where a server is.

    Raises:
        ValueError: there can be none.
    """
    if wrong_with_host(str(host)) is not None or not 0 < int(port) < 1 << 16:
        raise ValueError("no such place")
    return str(host), int(port)


class UnknownService(Exception):
    """A sentinel watches other services; these are their names."""

    def __init__(self, names: tuple[str, ...]) -> None:
        """Keep the names."""
        super().__init__()
        self.names = names

    def sentence(self, service: str) -> str:
        """Return what to say of it, with the names that are such."""
        plain = sorted(name for name in self.names if name.isprintable() and len(name) < 60)
        shown = ", ".join(plain[:MOST_NAMES]) + (", ..." if len(plain) > MOST_NAMES else "")
        known = f"they know {shown}" if shown else "they watch none"
        return f"the sentinels know no service {service}: {known}"


class NoSentinel(Exception):
    """What answers says of services what no sentinel says."""


NO_TLS = "the sentinels answer without TLS: add ?sentinel_ssl=false to the address"
WITH_TLS = (
    "the sentinels answer with TLS alone: add ?sentinel_ssl=true, or use rediss+sentinel://"
)
WANTS_LOGIN = (
    "the sentinels want a login of their own: add ?sentinel_password=PASSWORD to the address,"
    " and &sentinel_username=USER where they have users"
)
WRONG_LOGIN = "the sentinels take no such sentinel_username and sentinel_password"
FORBIDDEN = (
    "the sentinels' user may not run SENTINEL MASTERS: ACL SETUSER USER +sentinel|masters"
)
NO_SENTINEL = (
    "what answers is no sentinel: name the sentinels, whose port mostly is 26379; a server is"
    " redis://HOST:PORT"
)


def _of_sentinel(error: Exception) -> str | None:
    """Return what is wrong with the way to a sentinel; None where it only does not answer."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, exceptions.AuthenticationError) and "required" in str(cause):
            return WANTS_LOGIN
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the sentinels' certificate is not trusted: {cause.verify_message}"
        if isinstance(cause, NotToBeRead):
            return f"no TLS with the sentinels: {cause}"
        for kinds, said in _REASONS:
            if isinstance(cause, kinds):
                return said
        cause = cause.__cause__ or cause.__context__
    return None


_REASONS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((NoTls,), NO_TLS),
    ((WantsTls,), WITH_TLS),
    ((exceptions.AuthenticationError,), WRONG_LOGIN),
    ((exceptions.NoPermissionError,), FORBIDDEN),
    ((exceptions.ResponseError, exceptions.InvalidResponse, NoSentinel), NO_SENTINEL),
)
"""The driver's errors, and ours; AuthenticationError is a ConnectionError."""
