"""A host with an SSH server on the loopback interface, which gives a pty as sshd does."""

import asyncio
import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncssh
from terminal.window import PATIENCE_SECONDS, own_terminal

SHELL_COMMAND = "echo a shell; exec sh"
"""What somebody gets who is given no forced command, and asks for none."""
ACCEPTED = ("LANG", "LC_")
"""How the variables begin that the server takes from a client, as most are set up."""


CONNECTION = "127.0.0.1 1 127.0.0.1 22"


class Host:
    """What was run for whoever came."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Run commands in that environment."""
        self.port = 0
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        """With which visitors come in."""
        self.own_key = asyncssh.generate_private_key("ssh-ed25519")
        self.processes: list[subprocess.Popen[bytes]] = []
        self._environment = dict(environment)

    async def serve(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        """Run what was asked for, or forced, until it ends or the line is lost."""
        if process.term_type is None:
            await self._without_pty(process)
            return
        ours, theirs = pty.openpty()
        _set_size(ours, process.term_size[:2])
        child = self._start(process, theirs, {"TERM": process.term_type})
        os.close(theirs)
        loop = asyncio.get_running_loop()
        output_ended = loop.create_future()
        loop.add_reader(ours, _pass_on, ours, process, output_ended)
        typing = asyncio.ensure_future(_typed(ours, process))
        await asyncio.wait([typing, output_ended], return_when=asyncio.FIRST_COMPLETED)
        typing.cancel()
        loop.remove_reader(ours)
        os.close(ours)  # whoever has it as a terminal gets SIGHUP
        process.exit(await asyncio.to_thread(child.wait, PATIENCE_SECONDS))

    async def _without_pty(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        child = self._start(process, subprocess.PIPE, {})
        output, _ = await asyncio.to_thread(child.communicate, b"", PATIENCE_SECONDS)
        process.stdout.write(output)
        process.exit(child.returncode)

    def _start(
        self,
        process: "asyncssh.SSHServerProcess[bytes]",
        terminal: int,
        more: Mapping[str, str],
    ) -> "subprocess.Popen[bytes]":
        sent = {
            name: value for name, value in process.env.items() if str(name).startswith(ACCEPTED)
        }
        has_pty = terminal != subprocess.PIPE
        child = subprocess.Popen(
            ["/bin/sh", "-c", process.command or SHELL_COMMAND],
            stdin=terminal, stdout=terminal, stderr=terminal if has_pty else subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=own_terminal if has_pty else None,  # noqa: PLW1509 - it makes one call
            env={**self._environment, **sent, **more, "SSH_CONNECTION": CONNECTION},
        )  # fmt: skip
        self.processes.append(child)
        return child


@asynccontextmanager
async def hosting(environment: Mapping[str, str], options: str = "") -> AsyncIterator[Host]:
    """Open a host whose authorized_keys has these options before the visitors' key."""
    host = Host(environment)
    line = f"{options} {host.key.export_public_key().decode()}"
    listening = await asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[host.own_key], encoding=None, line_editor=False,
        authorized_client_keys=asyncssh.import_authorized_keys(line),
        process_factory=host.serve,
    )  # fmt: skip
    async with listening:
        host.port = listening.get_port()
        yield host
    for child in host.processes:
        if child.poll() is None:
            child.kill()
            child.wait()


def _set_size(terminal: int, size: tuple[int, int]) -> None:
    """Tell the kernel, which tells the program in front."""
    width, height = size
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))


def _pass_on(
    terminal: int,
    process: "asyncssh.SSHServerProcess[bytes]",
    ended: "asyncio.Future[None]",
) -> None:
    """Send what the program has written."""
    try:
        process.stdout.write(os.read(terminal, 65536))
    except OSError:  # the last program that had it has ended
        if not ended.done():
            ended.set_result(None)


async def _typed(terminal: int, process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Pass keys and sizes on, until the line is lost."""
    while True:
        try:
            keys = await process.stdin.read(4096)
        except asyncssh.TerminalSizeChanged as change:
            _set_size(terminal, (change.width, change.height))
        except asyncssh.Error:
            return
        else:
            if not keys:
                return
            os.write(terminal, keys)
