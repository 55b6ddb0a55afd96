"""The clipboard of whoever sits before the terminal, through tmux where it stands between."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress

from tui.runtime.isolation import program

TMUX_SECONDS = 1.0
MOST_OSC_52_BYTES = 74_994
"""What terminals take at the most: 100,000 bytes of the sequence, in base64. Longer ones are
cut or dropped without a word, and hold a slow line up."""


async def copy(text: str, send: Callable[[str], None]) -> list[str]:
    """Copy `text` by all ways there are; return their names, none where it is too long.

    `send` writes the terminal's own sequence, OSC 52.
    """
    through_tmux = await copy_through_tmux(text)
    fits = len(text.encode(errors="replace")) <= MOST_OSC_52_BYTES
    if fits:
        send(text)
    return ["tmux load-buffer"] * through_tmux + ["OSC 52"] * fits


async def copy_through_tmux(text: str) -> bool:
    """Hand `text` to tmux, which passes it on; tell whether it took it.

    tmux drops what a program inside it sends to the clipboard, unless it is told otherwise;
    `load-buffer -w` asks tmux itself. Outside of tmux nothing happens.
    """
    tmux = program("tmux") if os.environ.get("TMUX") else None
    if tmux is None:
        return False
    try:
        process = await asyncio.create_subprocess_exec(
            tmux, "load-buffer", "-w", "-",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return False
    try:
        async with asyncio.timeout(TMUX_SECONDS):
            await process.communicate(text.encode())
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return process.returncode == 0
