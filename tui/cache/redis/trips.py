"""Trips to what holds the keys: bounded, patient, and tolerant of a key that spoils its own."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from redis import exceptions

from tui.cache.redis.cancellation import cancellable
from tui.cache.redis.exchange import Command
from tui.cache.redis.failures import DRIVER_ERRORS, translate, within
from tui.cache.redis.key_commands import KeyCommands
from tui.cache.redis.refusals import is_about_command, is_wrong_type
from tui.cache.redis.replies import ReplyTooLarge
from tui.cache.redis.ways import Node, Way
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError, CacheNotUnderstood, CacheUnavailable, CopyTooLarge
from tui.runtime.plain_text import plain

MOST_ODD = 8
"""Of so many keys of a trip it is found out that they spoil it; then all left count so."""

Reply = TypeVar("Reply")
Fact = TypeVar("Fact")


class Trips:
    """Sends commands in numbers, and again while nobody answers.

    Every call raises CacheUnavailable or CacheRefused for what goes wrong with all of a trip.
    """

    def __init__(
        self, way: Way, clock: Clock, seconds: float, pauses: Sequence[float] = ()
    ) -> None:
        """Ask over `way`; a trip may take `seconds`.

        A trip that gets no answer is made again after each of the `pauses`, in seconds.
        """
        self._way = way
        self._clock = clock
        self._seconds = seconds
        self._pauses = pauses

    async def nodes(self) -> Sequence[Node]:
        """Return whoever holds keys."""
        return await self._bounded(self._way.nodes, "CLUSTER")

    async def ask(
        self, node: Node, command: Command, understand: Callable[[Any], Fact]
    ) -> Fact:
        """Send one command; return what `understand`, which may raise OddReply, makes of it."""

        async def understood() -> Fact:
            return understand(await node.command(command))

        try:
            return await self._bounded(understood, str(command[0]))
        except CacheUnavailable as error:
            if not node.place or type(error) is not CacheUnavailable:
                raise
            # A cluster behind a wall announces addresses that are none out here.
            raise CacheUnavailable(
                f"{error}; the cluster says that a node is at {plain(node.place, 100)}"
            ) from error

    async def replies(self, keys: Sequence[str], commands: KeyCommands) -> list[Any]:
        """Send the commands about all keys together; return the replies, one after the other.

        In the place of a reply may stand an error: the server's, or CacheError in the place of
        each reply about a key that spoils every trip.
        """
        if not keys:
            return []
        send = partial(self._way.send_for, keys, commands)
        try:
            return await self._checked(send, str(commands.commands[0][0]))
        except (CacheNotUnderstood, CopyTooLarge):
            groups = await self._each([commands.of(key) for key in keys], [])
        count = len(commands.commands)
        return [
            reply
            for group in groups
            for reply in ([group] * count if isinstance(group, CacheError) else group)
        ]

    async def about(
        self,
        keys: Sequence[str],
        commands: Callable[[str], Sequence[Command]],
        understand: Callable[[str, Sequence[Any]], Fact],
    ) -> list[Fact | CacheError]:
        """Send `commands` of each key together; return what `understand` makes of its replies.

        A key that is refused, or whose reply is odd, costs no more than itself: the error
        stands in the place of the fact. That a key holds another type of value is a reply,
        which is for `understand` to judge.
        """
        sent = [tuple(commands(key)) for key in keys]
        replies = await self._each(sent, [])
        return [
            reply if isinstance(reply, CacheError) else fact_of(key, reply, understand)
            for key, reply in zip(keys, replies, strict=True)
        ]

    async def _each(
        self, sent: Sequence[Sequence[Command]], odd: list[CacheError]
    ) -> list[Sequence[Any] | CacheError]:
        """Return the replies to each of the groups; an error for those that spoil a trip."""
        try:
            return list(await self._trip(sent))
        except (CacheNotUnderstood, CopyTooLarge) as error:
            if len(sent) == 1 or len(odd) >= MOST_ODD:
                odd.append(error)
                return [error] * len(sent)
        half = len(sent) // 2
        return [*await self._each(sent[:half], odd), *await self._each(sent[half:], odd)]

    async def _trip(self, sent: Sequence[Sequence[Command]]) -> Sequence[Sequence[Any]]:
        commands = [command for group in sent for command in group]
        if not commands:
            return [() for _ in sent]
        send = partial(self._way.send, commands)
        replies = iter(await self._checked(send, str(commands[0][0])))
        return [[next(replies) for _ in group] for group in sent]

    async def _checked(self, send: Callable[[], Awaitable[list[Any]]], name: str) -> list[Any]:
        """Return the replies; raise what stands in the place of one, but goes for all."""

        async def checked() -> list[Any]:
            replies = await send()
            for reply in replies:
                if isinstance(reply, Exception) and _is_about_all(reply):
                    raise reply
            return replies

        return await self._bounded(checked, name)

    async def _bounded(self, send: Callable[[], Awaitable[Reply]], name: str) -> Reply:
        for pause in self._pauses:
            try:
                return await self._once(send, name)
            except CacheNotUnderstood:
                raise  # it would say the same again
            except CacheUnavailable:
                await self._clock.sleep(pause)
        return await self._once(send, name)

    async def _once(self, send: Callable[[], Awaitable[Reply]], name: str) -> Reply:
        async with within(self._seconds, name):
            return await cancellable(send())


def _is_about_all(error: Exception) -> bool:
    """Tell whether an error in the place of one reply goes for every key."""
    if is_wrong_type(error):
        return False
    if not isinstance(error, exceptions.ResponseError) or is_about_command(error):
        return True
    if isinstance(error, ReplyTooLarge):  # those that came behind it in the trip are lost
        return True
    return isinstance(translate(error), CacheUnavailable)


def fact_of(
    key: str, replies: Sequence[Any], understand: Callable[[str, Sequence[Any]], Fact]
) -> Fact | CacheError:
    """Return what `understand` makes of the replies about a key, or why that cannot be."""
    for reply in replies:
        if isinstance(reply, CacheError):
            return reply
        if isinstance(reply, Exception) and not is_wrong_type(reply):
            return translate(reply)
    try:
        return understand(key, replies)
    except DRIVER_ERRORS as error:
        return translate(error)
