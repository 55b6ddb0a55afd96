"""The clipboard of whoever sits before the terminal, through tmux where it stands between."""

import asyncio
import os
from contextlib import suppress

TMUX_SECONDS = 1.0


async def copy_through_tmux(text: str) -> bool:
    """Hand `text` to tmux, which passes it on; tell whether it took it.

    tmux drops what a program inside it sends to the clipboard, unless it is told otherwise;
    `load-buffer -w` asks tmux itself. Outside of tmux nothing happens.
    """
    if not os.environ.get("TMUX"):
        return False
    try:
        process = await asyncio.create_subprocess_exec(
            "tmux", "load-buffer", "-w", "-",
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
