"""One connection to a server, on which the commands of many callers travel together."""

import asyncio
import select
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

from msgspec import Struct
from redis import exceptions

from tui.cache.redis.exchange import Command, Prepared, packed
from tui.cache.redis.refusals import STUMBLES
from tui.cache.redis.replies import Replies, ReplyTooLarge
from tui.models import MAX_VALUE

COMMANDS_PER_WRITE = 64
"""So many leave before the turn is over: the server works on them while more are asked."""
HELD_UP_SECONDS = 0.02
"""By so much the loop is late when something else has held it up."""


class Displaced(exceptions.ConnectionError):
    """The connection was given up for what somebody else has asked: the server is there."""


class _Trip(Struct):
    """Commands that were sent together, and the replies that have come so far."""

    future: "asyncio.Future[list[Any]]"
    count: int
    deadline: float
    replies: list[Any] = []
    prolonged: bool = False
    """Whether it has been given more time, since this process was late itself."""


class Wire(asyncio.Protocol):
    """One open connection, shared by all callers.

    The server answers in the order in which it was asked, so nobody has to wait until others
    have their replies, and there is no connection to be taken and given back: that is what
    costs most of a command that goes through a pool. Source: Redis documentation, 'Pipelining'.
    """

    def __init__(self, seconds: float, largest: int = MAX_VALUE) -> None:
        """Let a server be given up that does not answer within `seconds`.

        Or one that answers with more than `largest` bytes, or somewhat more.
        """
        self.usable = True
        """Whether more is to be asked: not after a loss, or a reply that came too late."""
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._reader = Replies(largest)
        self._trips: deque[_Trip] = deque()
        self._unsent: list[bytes] = []
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._lost: Exception | None = None
        self._closed = self._loop.create_future()

    def ask(self, commands: Sequence[Command] | Prepared) -> "asyncio.Future[list[Any]]":
        """Send commands together; give a reply or an error of its own for each, in order.

        They leave at once when no reply is due, since the server has nothing to do; else with
        those of others, when this turn of the loop ends or before. The future raises
        ConnectionError when the connection is lost, TimeoutError when it took too long,
        ReplyTooLarge for a reply that is not taken.
        """
        future: asyncio.Future[list[Any]] = self._loop.create_future()
        if self._lost is not None:
            _fail(future, self._lost)
            return future
        idle = not self._trips
        if not self._unsent:
            if not idle:
                self._loop.call_soon(self._send)
            self._deadline = self._loop.time() + self._seconds
            if self._timer is None:
                self._timer = self._loop.call_at(self._deadline, self._give_up_late_ones)
        if isinstance(commands, Prepared):
            self._unsent.append(commands.data)
            count = commands.count
        else:
            self._unsent.extend(map(packed, commands))
            count = len(commands)
        self._trips.append(_Trip(future, count, self._deadline))
        if idle or count >= COMMANDS_PER_WRITE or len(self._unsent) >= COMMANDS_PER_WRITE:
            self._send()
        return future

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin: called by the event loop."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Hand the replies out: called by the event loop."""
        self._reader.feed(data)
        try:
            self._hand_out(self._reader.gets)
        except (exceptions.InvalidResponse, *STUMBLES) as error:
            self._lose("what answers does not speak the protocol", error)
        except ReplyTooLarge as error:
            if self._trips and not self._trips[0].future.done():
                _fail(self._trips[0].future, error)
            self._lose("the reply to others was too large", displaced=True)

    def connection_lost(self, error: Exception | None) -> None:
        """End: called by the event loop."""
        # To have been reset is to have been hung up on, whatever was under way.
        cause = None if isinstance(error, ConnectionError) else error
        self._lose("Connection closed by server.", cause)
        self._closed.set_result(None)

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return self._closed.done()

    def give_up(self, reason: str) -> None:
        """End the connection; tell all who wait for a reply that it was lost."""
        self._lose(reason)

    async def aclose(self) -> None:
        """Close the connection, and wait until it is."""
        self._lose("closed by us")
        await asyncio.shield(self._closed)  # who is cancelled takes it from nobody else

    def _send(self) -> None:
        unsent, self._unsent = self._unsent, []
        if unsent and self._transport is not None:
            self._transport.write(b"".join(unsent))

    def _hand_out(self, next_reply: Callable[[], Any]) -> None:
        """Give the replies that have come to those who asked, until there is none (False)."""
        while self._trips:
            trip = self._trips[0]
            replies = trip.replies
            while len(replies) < trip.count:
                if (reply := next_reply()) is False:
                    return
                replies.append(reply)
            self._trips.popleft()
            self._reader.taken = 0
            if not trip.future.done():
                trip.future.set_result(replies)
        if (farewell := next_reply()) is not False:  # nothing was asked
            self._lose(str(farewell))

    def _give_up_late_ones(self) -> None:
        """Let those who have waited too long go; nobody else is to wait behind them.

        When this comes late itself, or there are replies to be read, it is not the server that
        is late, but this process: then all get as much time again, once. The replies of those
        who are let go may still come, so the wire is kept until the last has been given up.
        """
        now = self._loop.time()
        self._timer = None
        waiting = [trip for trip in self._trips if not trip.future.done()]
        overdue = [trip for trip in waiting if trip.deadline <= now and not trip.prolonged]
        held_up = any(trip.deadline + HELD_UP_SECONDS < now for trip in overdue)
        if overdue and (held_up or self._has_more()):
            for trip in overdue:
                trip.prolonged, trip.deadline = True, now + self._seconds
        late = [trip for trip in waiting if trip.deadline <= now]
        for trip in late:
            _fail(trip.future, TimeoutError())
            self.usable = False
        if len(waiting) > len(late):
            soonest = min(trip.deadline for trip in waiting if trip.deadline > now)
            self._timer = self._loop.call_at(soonest, self._give_up_late_ones)
        elif not self.usable:
            self._lose("given up")

    def _has_more(self) -> bool:
        """Tell whether the server has said something that has not been read yet."""
        if self._transport is None or self._transport.is_closing():
            return False
        socket: Any = self._transport.get_extra_info("socket")
        try:
            return bool(select.select([socket.fileno()], [], [], 0)[0])
        except ValueError:  # more files are open than select can tell apart
            return False

    def _lose(
        self, reason: str, cause: Exception | None = None, *, displaced: bool = False
    ) -> None:
        """End the connection, and tell all who wait for a reply; the first reason counts."""
        if self._lost is not None:
            return
        self._lost = (Displaced if displaced else exceptions.ConnectionError)(reason)
        if isinstance(cause, exceptions.InvalidResponse):
            self._lost = cause
        elif isinstance(cause, STUMBLES):  # of the parser's: a map with a list for a key
            self._lost = exceptions.InvalidResponse(reason)
        self._lost.__context__ = cause
        self.usable = False
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.abort()
        for trip in self._trips:
            if not trip.future.done():
                _fail(trip.future, self._lost)
        self._trips.clear()


def _fail(future: "asyncio.Future[list[Any]]", error: Exception) -> None:
    future.set_exception(error)
    future.exception()  # whoever asked may be leaving just now, and nobody else would fetch it
