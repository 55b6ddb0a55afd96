"""One connection to a server, on which the commands of many callers travel together."""

import asyncio
import select
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol, cast

from msgspec import Struct

COMMANDS_PER_WRITE = 64
"""So many leave before the turn is over: the server works on them while more are asked."""
HELD_UP_SECONDS = 0.02
"""By so much the loop is late when something else has held it up."""


class WireLost(ConnectionError):
    """The connection has ended."""


class WireDisplaced(WireLost):
    """The connection was given up for what somebody else has asked: the server is there."""


class NotUnderstood(Exception):
    """What came is not of the protocol."""


class TooLarge(Exception):
    """A reply is larger than anything that is taken."""


class ReplyReader(Protocol):
    """Takes bytes as they come, and gives replies."""

    taken: int
    """Bytes since it was set to 0, which each trip begins with."""

    @property
    def gets(self) -> Callable[[], Any]:
        """Return what gives the next reply, or False where there is none yet.

        It raises what the wire knows as `nonsense`, or as `too_large`.
        """
        ...

    def feed(self, data: bytes) -> None:
        """Take what has come."""
        ...


class _Trip(Struct):
    """Commands that were sent together, and the replies that have come so far."""

    future: "asyncio.Future[list[Any]]"
    count: int
    deadline: float
    replies: list[Any] = []
    prolonged: bool = False
    """Whether it has been given more time, since this process was late itself."""


class Wire(asyncio.Protocol):
    """One open connection, shared by all callers, whatever protocol is spoken on it.

    The server answers in the order in which it was asked, so nobody has to wait until others
    have their replies, and there is no connection to be taken and given back: that is what
    costs most of a command that goes through a pool. Source: Redis documentation, 'Pipelining'.
    """

    lost: ClassVar[type[Exception]] = WireLost
    """What is raised when the connection has ended."""
    displaced: ClassVar[type[Exception]] = WireDisplaced
    """What is raised when it was ended for another caller's sake; of the kind of `lost`."""
    nonsense: ClassVar[tuple[type[Exception], ...]] = (NotUnderstood,)
    """What the reader raises over what is not of the protocol."""
    too_large: ClassVar[type[Exception]] = TooLarge
    """What it raises over a reply that is not taken."""

    def __init__(self, reader: ReplyReader, seconds: float) -> None:
        """Read by `reader`; let a server be given up that does not answer in that time."""
        self.usable = True
        """Whether more is to be asked: not after a loss, or a reply that came too late."""
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._reader = reader
        self._trips: deque[_Trip] = deque()
        self._unsent: list[bytes] = []
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._lost: Exception | None = None
        self._closed = self._loop.create_future()

    def ask(self, commands: Any) -> "asyncio.Future[list[Any]]":
        """Send commands, in the form that a kind of wire takes, together; see `send`."""
        return self.send(commands, len(commands))

    def send(self, commands: Sequence[bytes], count: int) -> "asyncio.Future[list[Any]]":
        """Send commands, as the protocol has them, together; give the `count` replies to them.

        They leave at once when no reply is due, since the server has nothing to do; else with
        those of others, when this turn of the loop ends or before. The future raises `lost`
        when the connection is lost, TimeoutError when it took too long, `too_large` for a
        reply that is not taken.
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
        self._unsent.extend(commands)
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
        except self.nonsense as error:
            self._lose(self.not_understood(error), error)
        except self.too_large as error:
            if self._trips and not self._trips[0].future.done():
                _fail(self._trips[0].future, error)
            self._lose(self.displaced("the reply to others was too large"))

    def not_understood(self, error: Exception) -> Exception:
        """Return what is raised where `error`, one of the `nonsense`, ends the connection."""
        return error

    def connection_lost(self, error: Exception | None) -> None:
        """End: called by the event loop."""
        # To have been reset is to have been hung up on, whatever was under way.
        cause = None if isinstance(error, ConnectionError) else error
        self._lose(self.lost("Connection closed by server."), cause)
        self._closed.set_result(None)

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return self._closed.done()

    def give_up(self, reason: str) -> None:
        """End the connection; tell all who wait for a reply that it was lost."""
        self._lose(self.lost(reason))

    async def aclose(self) -> None:
        """Close the connection, and wait until it is."""
        self._lose(self.lost("closed by us"))
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
            self._lose(self.lost(str(farewell)))

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
            self._lose(self.lost("given up"))

    def _has_more(self) -> bool:
        """Tell whether the server has said something that has not been read yet."""
        if self._transport is None or self._transport.is_closing():
            return False
        socket: Any = self._transport.get_extra_info("socket")
        try:
            return bool(select.select([socket.fileno()], [], [], 0)[0])
        except ValueError:  # more files are open than select can tell apart
            return False

    def _lose(self, error: Exception, cause: Exception | None = None) -> None:
        """End the connection, and tell all who wait for a reply; the first reason counts."""
        if self._lost is not None:
            return
        self._lost = error
        if cause is not error:
            error.__context__ = cause
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
