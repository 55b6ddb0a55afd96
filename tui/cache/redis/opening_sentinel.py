"""Opening a service that sentinels watch: what asks them, and what follows its primary."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct
from redis import exceptions
from redis.asyncio.connection import AbstractConnection, SSLConnection
from redis.asyncio.sentinel import Sentinel

from tui.cache.redis.address_sentinel import sentinel_address
from tui.cache.redis.opening import connection_class, limits, options_of
from tui.cache.redis.primary import FollowingExchange, Primary, check_role
from tui.cache.redis.recent_deletes import RecentDeletes
from tui.cache.redis.sentinels import Sentinels
from tui.cache.redis.server import Server
from tui.runtime.clock import Clock
from tui.runtime.redaction import SECRETS

LARGEST_REPLY = 4 << 20
"""Bytes: some thousand services, of each of which a sentinel says about 1,000."""


class Following(Struct, frozen=True):
    """What follows the primary of a service."""

    primary: Primary
    deletes: RecentDeletes

    def exchange(self, server: Server, walked: Server) -> FollowingExchange:
        """Return an exchange with the primary over `server`; `walked` is led there as well."""
        self.primary.lead(server)
        self.primary.lead(walked)
        return FollowingExchange(server, self.primary, self.deletes)


@asynccontextmanager
async def open_following(url: str, clock: Clock) -> AsyncIterator[Following]:
    """Give what follows the primary of the service at `url`. Nothing is sent yet."""
    async with open_sentinels(url) as sentinels:
        deletes = RecentDeletes(clock)
        yield Following(Primary(sentinels, deletes), deletes)


@asynccontextmanager
async def open_sentinels(url: str) -> AsyncIterator[Sentinels]:
    """Give the sentinels that `url` names. Nothing is sent yet."""
    SECRETS.learn_url(url)
    address = sentinel_address(url)
    options = limits()
    if address.username:
        options["username"] = address.username
    if address.password:
        options["password"] = address.password
    if address.has_tls:
        of_tls = options_of(address.over_tls)
        options |= {"ssl": True}
        options |= {name: of_tls[name] for name in of_tls if name.startswith("ssl_")}
    made_by: Any = Sentinel  # which has no types
    manager: Sentinel = made_by(address.sentinels, sentinel_kwargs=options)
    theirs = SSLConnection if address.has_tls else None
    for client in manager.sentinels:
        made: Any = connection_class(theirs, None, LARGEST_REPLY)
        client.connection_pool.connection_class = made
    try:
        yield Sentinels(manager, address.service, has_tls=address.has_tls)
    finally:
        await manager.aclose()


class LedConnection(AbstractConnection):
    """What is put before a connection class of the driver's; see `led_to_primary`."""

    sentinels: Sentinels
    host: str
    port: int

    async def _connect(self) -> None:
        """Connect to the primary, wherever it is now; the driver's retries lie around this.

        Raises:
            NoPrimary: nobody knows where that is.
        """
        self.host, self.port = (await self.sentinels.find()).place
        await super()._connect()  # type: ignore[safe-super,no-untyped-call]  # of the class behind

    async def on_connect_check_health(self, check_health: bool = True) -> None:
        """Log in, and make sure that it is a primary.

        Raises:
            NoPrimary: it is none.
        """
        await super().on_connect_check_health(check_health)
        await self.send_command("ROLE", check_health=False)
        try:
            role = await self.read_response()
        except exceptions.ResponseError as error:
            role = error
        check_role(role)


def led_to_primary(
    base: type[AbstractConnection], sentinels: Sentinels
) -> type[AbstractConnection]:
    """Return a connection class of the driver's that finds the primary by `sentinels`."""
    return type(f"Led{base.__name__}", (LedConnection, base), {"sentinels": sentinels})
