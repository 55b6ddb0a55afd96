"""The explorer on which a demonstration plays, until somebody presses a key."""

import asyncio
from collections import deque
from contextlib import suppress

from textual import events, work
from textual.driver import Driver

from tui.controllers.session import Session
from tui.demos.caption import DemoCaption
from tui.demos.player import Player
from tui.demos.script import Script
from tui.runtime.clock import Clock
from tui.views.app import Explorer
from tui.views.widgets.explorer_screen import ExplorerScreen

KEYS_KEPT = 20
LOOK_SECONDS = 0.01
"""How often it is looked whether the explorer has nothing more to do."""
CALM_SECONDS = 30.0
"""After this time the next key is pressed all the same."""
GROUP = "demo"
TAKE_OVER = "any key takes over"
OVER = "it is over: the explorer is yours"


class DemoExplorer(Explorer):
    """Plays a script by keys, as a person would; any key of a person ends that."""

    def __init__(
        self,
        session: Session,
        clock: Clock,
        driver: type[Driver] | None = None,
        *,
        script: Script,
        speed: float = 1.0,
    ) -> None:
        """Play `script`, so many times as fast as it is written."""
        super().__init__(session, clock, driver)
        self._player = Player(script, self, session, speed)
        self._pressed: list[events.Event] = []
        """Keys of the script that are on their way."""
        self._captions: list[DemoCaption] = []
        self._text = script.title
        self._keys: deque[str] = deque(maxlen=KEYS_KEPT)
        self._hint = TAKE_OVER
        self.is_playing = True
        """Whether it still plays by itself."""

    def on_ready(self) -> None:
        """Begin once the first screen stands."""
        self._play()

    async def on_event(self, event: events.Event) -> None:
        """Let a person's key take over; what else it would do, it does not do this time."""
        if isinstance(event, events.Key | events.Paste | events.MouseDown):
            if any(event is pressed for pressed in self._pressed):
                self._pressed.remove(event)
            elif self.is_playing and not event.is_forwarded:
                event.stop()
                self._take_over()
                return
            elif not event.is_forwarded:
                self._put_away()
        await super().on_event(event)

    async def say(self, text: str) -> None:
        """Show a caption, on whatever screen is in front."""
        self._text = text
        await self._settle()
        await self._show()

    async def press(self, event: events.Key | events.Paste, name: str) -> None:
        """Press a key, and show its name; it goes the way of every key."""
        self._keys.append(name)
        await self._show()
        self._pressed.append(event)
        self.post_message(event)
        await self._settle()
        await self._show()  # on the screen that the key has opened, too

    async def calm_down(self) -> None:
        """Wait until all is answered and shown, as somebody does who looks at it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CALM_SECONDS):
                await self._settle()
                while any(w.is_running and w.group != GROUP for w in self.workers):
                    await asyncio.sleep(LOOK_SECONDS)
                    await self._settle()

    @work(group=GROUP)
    async def _play(self) -> None:
        await self.calm_down()
        await self._show()
        await self._player.play()
        self.is_playing, self._hint = False, OVER
        await self._show()

    async def _settle(self) -> None:
        """Wait until the keys so far have done what they do."""
        while self._pressed or self.is_taking_keys:  # noqa: ASYNC110  # there is no event
            await asyncio.sleep(LOOK_SECONDS)

    def _take_over(self) -> None:
        self.is_playing = False
        self.workers.cancel_group(self, GROUP)
        self._put_away()
        if isinstance(self.screen, ExplorerScreen):
            self.screen.say("the demonstration has ended; the explorer is yours")

    async def _show(self) -> None:
        """Show the lines of the demonstration on the screen that is in front."""
        screen = self.screen
        captions = list(screen.query(DemoCaption))
        if not captions:
            captions = [DemoCaption()]
            self._captions += captions
            await screen.mount(*captions)
        # Those below a dialog too: it may close before the next step.
        for caption in self._captions:
            caption.show(self._text, tuple(self._keys), self._hint)

    def _put_away(self) -> None:
        for caption in self._captions:
            if caption.is_attached:
                caption.remove()
        self._captions.clear()
