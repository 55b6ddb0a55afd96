"""Keys and pastes, taken one after the other, each when the one before has done its work."""

from collections import deque
from collections.abc import Awaitable, Callable, Container, Iterator
from typing import TypeAlias

from textual.app import App
from textual.events import Key, Paste
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen

Typed: TypeAlias = Key | Paste


class ReadyForKeys(Message):
    """A screen takes keys from now on."""


class KeysInTurn:
    """Holds back what is typed while a key before it is still on its way.

    Textual hands a key to the widget that has the focus when it arrives, and what the key does
    comes some messages later: another screen, another focus. On a busy machine, or when many
    keys arrive in one packet, `3` `a` would type an a on the screen that `3` is leaving. So a
    key waits until the one before has gone all the way up from its widget, and whatever it has
    opened stands there and takes keys.
    """

    def __init__(self, app: App[None], deliver: Callable[[Typed], Awaitable[None]]) -> None:
        """Give what is typed to `deliver`, as soon as the screen in front takes it.

        A screen takes keys unless it has an attribute `takes_keys` that is false; it posts
        ReadyForKeys when that has changed.
        """
        self._app = app
        self._deliver = deliver
        self._waiting: deque[Typed] = deque()
        self._count = 0
        self._is_under_way = False
        self._is_held = False
        """Whether what is next waits for the screen, and not for another key."""

    @property
    def is_busy(self) -> bool:
        """Whether something that was typed has not done its work yet."""
        return self._is_under_way

    @property
    def count(self) -> int:
        """How much waits; of a paste each kilobyte counts as a key."""
        return self._count

    @property
    def _is_awaited(self) -> bool:
        """Whether the screen in front takes keys by now."""
        return bool(getattr(self._app.screen, "takes_keys", True))

    async def take(self, typed: Typed) -> None:
        """Deliver what was typed now, or after what is under way, to a screen that takes it."""
        if self._is_under_way or not self._is_awaited:
            self._is_held = self._is_held or not self._is_under_way
            self._is_under_way = True
            self._waiting.append(typed)
            self._count += _weight(typed)
        else:
            await self._start(typed)

    async def screen_is_ready(self) -> None:
        """Deliver what waits for the screen; what waits for another key goes on waiting."""
        if self._is_held:
            await self.go_on()

    async def go_on(self) -> None:
        """Deliver what is next, if the screen takes it by now."""
        self._is_held = self._is_under_way and not self._is_awaited
        if self._is_held or not self._is_under_way:
            return
        if self._waiting:
            typed = self._waiting.popleft()
            self._count -= _weight(typed)
            await self._start(typed)
        else:
            self._is_under_way = False

    async def _start(self, typed: Typed) -> None:
        self._is_under_way = True
        screen = self._app.screen
        target = self._app.focused or screen
        await self._deliver(typed)
        self._pass(self._stations(target, screen))

    def _stations(self, target: MessagePump, screen: Screen[object]) -> Iterator[MessagePump]:
        """Give all whose queues what was typed goes through, and what it has set off."""
        node: MessagePump | None = target
        while node is not None:
            yield node
            node = node._parent
        yield screen  # what it posts goes from here to the app
        yield self._app
        while self._app.screen is not screen:  # it has opened another, which begins to work
            screen = self._app.screen
            yield screen
            yield self._app

    def _pass(self, stations: Iterator[MessagePump]) -> None:
        """Wait in one queue after the other."""
        for station in stations:
            if station.call_later(self._pass, stations):
                return
        self._app.call_later(self.go_on)


def told_apart(typed: Typed, bound: Container[str]) -> tuple[Typed, ...]:
    """Return what is meant by a key that terminals send for two, unless it is `bound`.

    Alt and a character is escape and that character: a line that is slow brings both in one
    packet. And ctrl+j is enter, which a terminal that is not raw yet makes of it.
    """
    if isinstance(typed, Paste) or not typed.character or typed.key in bound:
        return (typed,)
    if typed.key == "ctrl+j":
        return (Key("enter", "\r"),)
    if not typed.key.startswith("alt+"):
        return (typed,)
    name = typed.key.removeprefix("alt+")
    name = typed.character if typed.character.isalnum() else name
    return Key("escape", "\x1b"), Key(name, typed.character)


def _weight(typed: Typed) -> int:
    return 1 + len(typed.text) // 1024 if isinstance(typed, Paste) else 1
