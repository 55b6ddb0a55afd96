"""Somebody who comes over SSH, with a terminal in memory."""

import asyncio
from codecs import getincrementaldecoder
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncssh
from ssh.host import Host
from terminal.emulator import Emulator
from terminal.window import PATIENCE_SECONDS, changed_modes, split_whole


class Visitor:
    """Types keys into a connection, and sees what comes through it."""

    def __init__(
        self,
        connection: asyncssh.SSHClientConnection,
        process: "asyncssh.SSHClientProcess[bytes]",
        size: tuple[int, int],
    ) -> None:
        """Look at a process whose terminal has that size."""
        self.connection = connection
        self.process = process
        self.emulator = Emulator(*size)
        self.raw = b""
        self._rest = ""
        self._decode = getincrementaldecoder("utf-8")().decode

    def types(self, keys: str) -> None:
        """Send keys, as their bytes."""
        self.process.stdin.write(keys.encode())

    def resizes(self, width: int, height: int) -> None:
        """Make the window another size."""
        self.emulator = Emulator(width, height)
        self.process.change_terminal_size(width, height)

    async def shows(self, *texts: str) -> None:
        """Read until all of that stands on the screen."""
        await self._waits_for(lambda: all(text in self.emulator.text for text in texts))

    async def gets(self, data: bytes) -> None:
        """Read until that has come, wherever on the screen it belongs."""
        await self._waits_for(lambda: data in self.raw)

    async def _waits_for(self, what: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not what():
                    assert await self._read(), f"it has ended:\n{self.emulator.text}"
        except TimeoutError:
            raise AssertionError(f"it does not come to that:\n{self.emulator.text}") from None

    async def ends(self) -> int | None:
        """Read until the end; give the exit code."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self._read():
                pass
            await self.process.wait_closed()
        return self.process.exit_status

    def loses_the_line(self) -> None:
        """Drop the connection without a farewell."""
        self.connection.abort()

    @property
    def modes(self) -> list[str]:
        """The terminal's modes that are not as they were."""
        return changed_modes(self.raw)

    async def _read(self) -> bool:
        data = await self.process.stdout.read(65536)
        self.raw += data
        whole, self._rest = split_whole(self._rest + self._decode(data))
        self.emulator.feed(whole)
        return bool(data)


@asynccontextmanager
async def connected(host: Host) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Come in with the key that the host knows."""
    async with asyncssh.connect(
        "127.0.0.1", host.port, username="visitor", client_keys=[host.key], config=None,
        known_hosts=([host.own_key.convert_to_public()], [], []), agent_path=None,
    ) as connection:  # fmt: skip
        yield connection


@asynccontextmanager
async def visiting(
    host: Host,
    command: str | None = None,
    *,
    size: tuple[int, int] = (100, 30),
    claimed: tuple[int, int] | None = None,
    term: str = "xterm-256color",
    **variables: str,
) -> AsyncIterator[Visitor]:
    """Ask the host for a command, or a shell, in a terminal; send it these variables too.

    The host may be told that the terminal has another size than it has: the `claimed` one.
    """
    async with connected(host) as connection:
        process = await connection.create_process(
            command, term_type=term, term_size=claimed or size, encoding=None, env=variables
        )
        yield Visitor(connection, process, size)
