"""How a demonstration goes on: by itself, or step by step as somebody lets it."""

import asyncio


class DemoPace:
    """What holds a demonstration up, and who lets it go on."""

    def __init__(self, *, by_step: bool = False) -> None:
        """Wait at each caption if it goes `by_step`, else nowhere."""
        self.by_step = by_step
        self._next = asyncio.Event()
        self._going = asyncio.Event()
        self._going.set()

    @property
    def is_held(self) -> bool:
        """Whether it is held, wherever it is."""
        return not self._going.is_set()

    def go_on(self) -> None:
        """Let it go on from where it waits or is held."""
        self._going.set()
        self._next.set()

    def hold(self) -> None:
        """Hold it before its next key, or let it go on."""
        if self.is_held:
            self._going.set()
        else:
            self._going.clear()

    async def at_caption(self) -> None:
        """Wait until somebody has read it and lets it go on."""
        self._next.clear()
        await self._next.wait()

    async def at_key(self) -> None:
        """Wait while it is held."""
        await self._going.wait()
