"""The explorer on which a demonstration plays, until somebody presses a key."""

import asyncio
from collections import deque
from contextlib import suppress

from msgspec import Struct
from textual import events, work
from textual.driver import Driver

from tui.controllers.session import Session
from tui.demos.caption import DemoCaption, caption_rows
from tui.demos.pace import DemoPace
from tui.demos.player import Player
from tui.demos.script import Script, find_script, next_after
from tui.runtime.clock import Clock
from tui.views.app import Explorer
from tui.views.widgets.explorer_screen import ExplorerScreen
from tui.views.widgets.first import DEMO

KEYS_KEPT = 20
LOOK_SECONDS = 0.01
"""How often it is looked whether the explorer has nothing more to do."""
CALM_SECONDS = 30.0
"""After this time the next key is pressed all the same."""
GROUP = "demo"
TAKE_OVER = "any key takes over"
OVER = "it is over: the explorer is yours"


class Wanted(Struct, frozen=True):
    """What is to be played next."""

    script: Script
    """The demonstration."""
    caption: int
    """From which of its captions on; 0 is the title."""


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
        by_step: bool = False,
        begin_at: int = 0,
        offers: bool = True,
    ) -> None:
        """Play `script`, so many times as fast as it is written, from the caption `begin_at`.

        If it goes `by_step`, somebody lets it go on at each caption. With `offers` it can be
        played again, and the next, by who reads `wanted` when the app has ended.
        """
        super().__init__(session, clock, driver)
        self.add_class(DEMO)
        self._pace = DemoPace(by_step=by_step)
        self._player = Player(script, self, session, speed, self._pace, begin_at=begin_at)
        self._script = script
        self._offers = offers
        self._is_over = False
        self.wanted: Wanted | None = None
        """What is to be played next, once it has ended; None for nothing."""
        self._pressed: list[events.Event] = []
        """Keys of the script that are on their way."""
        self._captions: list[DemoCaption] = []
        self._text = script.title
        self._keys: deque[str] = deque(maxlen=KEYS_KEPT)
        self._hint = self._while_playing
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
            elif not event.is_forwarded and self._steers(event):
                event.stop()
                return
            elif self.is_playing and not event.is_forwarded and not self._quits(event):
                event.stop()
                self._take_over()
                return
            elif not event.is_forwarded:
                self._put_away()
        await super().on_event(event)

    def _quits(self, event: events.Event) -> bool:
        """Tell whether somebody wants to be out of it all, wherever the keys go."""
        if not isinstance(event, events.Key) or event.is_printable:
            return False
        active = self.screen.active_bindings.get(event.key)
        return active is not None and active.binding.action == "quit"

    @property
    def _while_playing(self) -> str:
        """What can be pressed while it plays."""
        if not self._pace.by_step:
            return TAKE_OVER
        hold = "p goes on" if self._pace.is_held else "p holds"
        back = "b back · " if self._offers else ""
        return f"space goes on · {back}{hold} · others take over"

    @property
    def _at_the_end(self) -> str:
        """What can be pressed at its end."""
        if not self._offers:
            return OVER
        back = " · b back" if self._pace.by_step else ""
        return f"r again · n plays {next_after(self._script.name)}{back} · other keys explore"

    def _steers(self, event: events.Event) -> bool:
        """Do what a key means to the demonstration; tell whether it means something."""
        key = event.key if isinstance(event, events.Key) else ""
        steps = self._pace.by_step and (self.is_playing or self._is_over)
        if key == "b" and steps and self._offers:
            return self._leave_for(self._script, self._player.caption - self.is_playing)
        if key == "r" and self._is_over and self._offers:
            return self._leave_for(self._script, 0)
        if key == "n" and self._is_over and self._offers:
            return self._leave_for(find_script(next_after(self._script.name)), 0)
        if not self.is_playing or not steps or key not in {"space", "p"}:
            return False
        if key == "space":
            self._pace.go_on()
        else:
            self._pace.hold()
        self._hint = self._while_playing
        self._fill_captions()
        return True

    def _leave_for(self, script: Script, caption: int) -> bool:
        """End, so that a demonstration can be played from one of its captions."""
        self.wanted = Wanted(script, max(0, caption))
        self.exit()
        return True

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
        self.is_playing, self._is_over = False, True
        self._hint = self._at_the_end
        self._text = f"Seen: {self._script.seen}" if self._script.seen else self._text
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
            if isinstance(screen, ExplorerScreen):
                screen.leave_rows(caption_rows(self.size))
            await screen.mount(*captions)
        self._fill_captions()

    def _fill_captions(self) -> None:
        """Fill in those below a dialog too: it may close before the next step."""
        for caption in self._captions:
            caption.show(self._text, tuple(self._keys), self._hint)

    def _put_away(self) -> None:
        for caption in self._captions:
            if caption.is_attached:
                if isinstance(caption.screen, ExplorerScreen):
                    caption.screen.leave_rows(0)
                caption.remove()
        self._captions.clear()
        self._is_over = False
