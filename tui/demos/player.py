"""Plays a script, step by step, as somebody would who sits before the explorer."""

import asyncio
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from typing import Final, Protocol

from textual.events import Key, Paste
from textual.keys import KEY_NAME_REPLACEMENTS

from tui.controllers.session import Session
from tui.demos import script
from tui.demos.pace import DemoPace
from tui.demos.script import Script, Step
from tui.models.keys import parse_key
from tui.runtime.errors import CacheError
from tui.runtime.faults import Fault

TYPING_SECONDS: Final = 0.12
"""Between two characters, at speed 1."""
PRESS_SECONDS: Final = 0.6
"""Behind a key: time to read which it was, and to see what it does."""
READ_SECONDS: Final = 0.8
READ_CHARACTER_SECONDS: Final = 0.045
"""What a caption stays before anything else happens, and what each of its characters adds."""
POLL_SECONDS: Final = 0.05
EXPIRE: Final = ("escape", "x", "/")
"""The keys that make the copy of the latest lookup expire, from the input and back to it."""
LONGEST_SECONDS: Final = 600.0
"""For how long a copy's expiry is waited for."""


class Stage(Protocol):
    """What a script is played on."""

    async def say(self, text: str) -> None:
        """Show a caption."""
        ...

    async def press(self, event: Key | Paste, name: str) -> None:
        """Press a key, or paste, and show it by that name."""
        ...

    async def calm_down(self) -> None:
        """Wait until everything that was asked for is answered and shown."""
        ...


class Player:
    """One script, played once."""

    def __init__(
        self,
        script: Script,
        stage: Stage,
        session: Session,
        speed: float,
        pace: DemoPace | None = None,
        *,
        begin_at: int = 0,
    ) -> None:
        """Play `script` on `stage`, which shows `session`, so many times as fast.

        It goes on as `pace` lets it. What comes before its caption of the number `begin_at` is
        played without a pause; 0 is its title.
        """
        self._pace = pace or DemoPace()
        self._begin_at = begin_at
        self.caption = 0
        """The number of the caption that it has come to; 0 is the title."""
        self._script = script
        self._stage = stage
        self._session = session
        self._speed = speed

    async def play(self) -> None:
        """Play it to its end."""
        latency = self._script.settings.get("database-latency")
        if latency is not None:
            self._session.faults.set_latency(Fault.DATABASE_SLOW, latency)
            self._session.faults.switch(Fault.DATABASE_SLOW, on=True)
        await self._say(self._script.title)
        for step in self._script.steps:
            await self._take(step)
        await self._stage.calm_down()

    async def _take(self, step: Step) -> None:
        match step:
            case script.Say(text):
                self.caption += 1
                await self._say(text)
            case script.Type(text):
                await self._press(text, TYPING_SECONDS)
            case script.Press(keys):
                await self._press(keys, PRESS_SECONDS)
            case script.Paste(line, times):
                await self._stage.calm_down()
                await self._pace.at_key()
                lines = "\n".join([line] * times)
                await self._stage.press(Paste(lines), f"paste({line} x {times})")
                await self._pause(PRESS_SECONDS)
            case script.Pause(seconds):
                await self._pause(seconds)
            case script.Wait(seconds):
                await self._stage.calm_down()
                await asyncio.sleep(seconds)
            case script.UntilExpired(id):
                await self._stage.calm_down()
                await self._until_expired(id)

    @property
    def _hurries(self) -> bool:
        """Whether nobody is to look yet."""
        return self.caption < self._begin_at

    async def _say(self, text: str) -> None:
        """Show a caption until it can have been read, or somebody has read it."""
        if self._hurries:
            return
        await self._stage.say(text)
        if self._pace.by_step:
            await self._pace.at_caption()
        else:
            await self._pause(READ_SECONDS + len(text) * READ_CHARACTER_SECONDS)

    async def _pause(self, seconds: float) -> None:
        if not self._hurries:
            await asyncio.sleep(seconds / self._speed)

    async def _press(self, keys: Iterable[str], seconds: float) -> None:
        for key in keys:
            await self._stage.calm_down()
            await self._pace.at_key()
            await self._stage.press(key_event(key), key)
            await self._pause(seconds)

    async def _until_expired(self, id: str) -> None:
        """Wait while the copy is fresh; a cache that does not answer has none to show.

        Step by step copies live for long, so that who talks loses none: then it is made to
        expire by its key, as a person would.
        """
        if self._pace.by_step:
            await self._press(EXPIRE, PRESS_SECONDS)
        session = self._session
        key = parse_key(id, integer=session.schema.id_is_integer)
        value_key = session.template.value_key(key)
        walker = (await session.services()).cache.walker
        left: float | None = None
        with suppress(TimeoutError, CacheError):
            async with asyncio.timeout(LONGEST_SECONDS):
                while facts := await walker.describe([value_key]):
                    # Memcached says of the last second what it says of copies without an end.
                    left = left if facts[0].seconds_left is None else facts[0].seconds_left
                    grace = 0.0 if facts[0].known_absent else session.lifetimes.grace
                    if left is None or left <= grace:
                        return
                    await asyncio.sleep(POLL_SECONDS)


def key_event(key: str) -> Key:
    """Give the event of a key by its name or character, as the terminal's would be."""
    if len(key) > 1:
        return Key(key, " " if key == "space" else None)
    if key.isalnum():
        return Key(key, key)
    name = unicodedata.name(key).lower().replace("-", "_").replace(" ", "_")
    return Key(KEY_NAME_REPLACEMENTS.get(name, name), key)
