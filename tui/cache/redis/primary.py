"""A service's primary: found through sentinels, and followed through failovers."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from redis import exceptions
from redis.asyncio import Redis

from tui.cache.redis.failures import DRIVER_ERRORS, NoPrimary
from tui.cache.redis.recent_deletes import RecentDeletes
from tui.cache.redis.refusals import STUMBLES
from tui.cache.redis.sentinels import Place, Sentinels
from tui.cache.redis.server import Server
from tui.cache.redis.wire import RedisWire

CHECK_SECONDS = 1.0
"""How often the sentinels are asked whether the primary is still the same."""
DELETES_PER_TRIP = 500
ROLE_FORBIDDEN = (
    "the user at the cache may not run ROLE, by which a primary is told from a replica: an"
    " administrator may run ACL SETUSER NAME +role"
)


def check_role(reply: Any) -> None:
    """Return if that is what a primary replies to ROLE.

    Raises:
        NoPrimary: it is not; RedisError: it is an error.
    """
    if isinstance(reply, exceptions.NoPermissionError):
        raise NoPrimary(ROLE_FORBIDDEN)
    if isinstance(reply, Exception):
        raise reply
    if not isinstance(reply, list) or not reply or reply[0] != b"master":
        raise NoPrimary("the server that the sentinels name is no primary now")


class Primary:
    """Where the primary is, for all wires of one cache; whoever is on an older one is told.

    A failover is noticed in three ways. Each sentinel announces it, and a wire to the server of
    before is closed at once. In case no announcement arrives, they are asked every
    CHECK_SECONDS. And a server that takes no writes any more is asked for nothing else.
    """

    def __init__(self, sentinels: Sentinels, deletes: RecentDeletes) -> None:
        """Ask `sentinels`; send `deletes` again to each new primary before it is used."""
        self._sentinels = sentinels
        self._deletes = deletes
        self._servers: list[Server] = []
        self._place: Place | None = None
        self._epoch = 0
        self._told: tuple[int, Place] | None = None
        """The epoch of the primary that knows all deletes."""
        self._announcements = 0
        self._watch: asyncio.Task[None] | None = None
        self._is_closed = False
        """The driver may swallow a cancellation: then this ends what follows the primary."""

    def lead(self, server: Server) -> None:
        """Take `server`'s wires to wherever the primary is, from now on."""
        self._servers.append(server)

    async def place(self) -> Place:
        """Return where the primary is now.

        Raises:
            NoPrimary: nobody knows.
        """
        announcements = self._announcements
        found = await self._sentinels.find()
        if announcements != self._announcements:
            raise NoPrimary("the primary has changed just now")
        self._deletes.keep_for(found.down_after)
        self._epoch = found.epoch
        self._leave_all_but(found.place)
        return found.place

    async def admit(self, wire: RedisWire, place: Place) -> None:
        """Return when a new wire may be used: it leads to a primary that knows all deletes.

        Raises:
            NoPrimary: it leads elsewhere.
            RedisError, TimeoutError, OSError: it does not answer.
        """
        (role,) = await wire.ask([("ROLE",)])
        check_role(role)
        primary = (self._epoch, place)  # one named by hand has the number of the one before
        if self._told not in {None, primary}:
            await self._tell(wire)
        if place != self._place:
            raise NoPrimary("the primary has changed just now")
        self._told = primary
        if self._watch is None:
            self._watch = asyncio.create_task(self._follow())

    async def _tell(self, wire: RedisWire) -> None:
        missed = self._deletes.commands()
        for start in range(0, len(missed), DELETES_PER_TRIP):
            for reply in await wire.ask(missed[start : start + DELETES_PER_TRIP]):
                if isinstance(reply, Exception):
                    raise NoPrimary("the primary that was found takes no deletes")

    def distrust(self) -> None:
        """Give up all wires: one of them leads to a server that takes no writes."""
        for server in self._servers:
            server.give_up_wire()

    async def aclose(self) -> None:
        """Follow no longer."""
        self._is_closed = True
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def _follow(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._check())
            for client in self._sentinels.clients:
                group.create_task(self._listen(client))

    async def _listen(self, client: Redis) -> None:
        """Hear what a sentinel announces; begin anew when it is gone for a while."""
        while not self._is_closed:
            with contextlib.suppress(*DRIVER_ERRORS, *STUMBLES):
                async with contextlib.aclosing(self._sentinels.switches(client)) as places:
                    async for place in places:
                        self._announcements += 1
                        await self._move(place)
            await asyncio.sleep(CHECK_SECONDS)

    async def _check(self) -> None:
        while not self._is_closed:
            await asyncio.sleep(CHECK_SECONDS)
            with contextlib.suppress(*DRIVER_ERRORS):
                await self._move(await self.place())

    async def _move(self, place: Place) -> None:
        """Give up wires that lead elsewhere; let the new primary know the deletes it missed.

        That does not wait for a lookup: others read there, too.
        """
        self._leave_all_but(place)
        for _ in range(2):  # what is being opened just now may lead to the server of before
            with contextlib.suppress(*DRIVER_ERRORS):  # the next lookup and check try again
                for server in self._servers[:1]:
                    await server.connect()
                return

    def _leave_all_but(self, place: Place) -> None:
        self._place = place
        for server in self._servers:
            if server.place != place:
                server.give_up_wire()


class FollowingExchange:
    """An exchange with a primary, which notes the deletes that it has acknowledged."""

    def __init__(self, server: Server, primary: Primary, deletes: RecentDeletes) -> None:
        """Stand before `server`, which `primary` leads."""
        self._server = server
        self._primary = primary
        self._deletes = deletes

    async def ask(
        self, commands: Sequence[Any], again: Sequence[Any] | None = None
    ) -> list[Any]:
        """Send commands together; give a reply or an error of its own for each, in order."""
        replies = await self._server.ask(commands, again)
        self._deletes.heard()
        for command, reply in zip(commands, replies, strict=False):
            if command[0] == "DEL" and type(reply) is int:
                self._deletes.note(command)
            elif isinstance(reply, exceptions.ReadOnlyError):
                self._primary.distrust()
        return replies

    async def aclose(self) -> None:
        """Follow no longer, and close the server's wire."""
        await self._primary.aclose()
        await self._server.aclose()
