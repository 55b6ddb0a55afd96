"""Ask one server over HTTP for the same records, on many connections, as fast as it answers.

    python -m bench.http_load PORT RECORDS CONNECTIONS REQUESTS

A process of its own, so that its time on a core is not the server's. Each connection is kept,
and asks again when it has its answer. Prints a JSON object: the seconds, and how many answers
were wrong.
"""

import asyncio
import json
import random
import sys
import time
from functools import partial


class Asking(asyncio.Protocol):
    """One connection, which asks for a record and then for the next."""

    def __init__(self, port: int, ids: list[int], done: asyncio.Future[int]) -> None:
        """Ask for each of `ids` in turn, and tell `done` how many answers were wrong."""
        self._ids, self._done = ids, done
        self._port = port
        self._received = b""
        self._wrong = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Ask for the next one when an answer is whole."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = head.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
        if len(body) < int(length):
            return
        id = self._ids.pop()
        self._wrong += not (head.startswith(b"HTTP/1.1 200 ") and b'"id":%d,' % id in body)
        self._received = b""
        if self._ids:
            self._ask()
        else:
            self._transport.close()
            self._done.set_result(self._wrong)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count what was not answered as wrong."""
        if not self._done.done():
            self._done.set_result(self._wrong + len(self._ids))

    def _ask(self) -> None:
        asked = f"GET /users/{self._ids[-1]} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
        self._transport.write(f"{asked}Accept: */*\r\nUser-Agent: bench\r\n\r\n".encode())


async def load(port: int, records: int, connections: int, requests: int) -> dict[str, float]:
    """Send requests over so many connections; return the seconds, and how many went wrong."""
    loop = asyncio.get_running_loop()
    done = [loop.create_future() for _ in range(connections)]
    ids = [number % records + 1 for number in range(requests)]
    random.Random(1).shuffle(ids)
    started = time.perf_counter()
    for number, one in enumerate(done[:requests]):  # or some would have nothing to ask
        asking = partial(Asking, port, ids[number::connections], one)
        await loop.create_connection(asking, "127.0.0.1", port)
    wrong = sum(await asyncio.gather(*done[:requests]))
    return {"seconds": time.perf_counter() - started, "wrong": wrong}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(load(*map(int, sys.argv[1:])))))
