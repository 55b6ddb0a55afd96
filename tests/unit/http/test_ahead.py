"""What a client sends ahead of its turn waits, and costs nobody else."""

import asyncio
import gc
import socket
from contextlib import suppress
from functools import partial

import pytest
from asking import is_closed, listening, read_answer, request
from fakes import Bench
from served import Served, serving, until
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from tui.http import connections as bounds


def requests_held() -> int:
    """Return how many requests there are as objects, anywhere in this process."""
    gc.collect()
    return sum(isinstance(one, RequestResponseCycle) for one in gc.get_objects())


def send_all_it_takes(connection: socket.socket, data: bytes) -> None:
    """Send, until the other side takes no more."""
    connection.settimeout(0.3)
    with suppress(TimeoutError):
        connection.sendall(data)


def at_the_gate(bench: Bench) -> "partial[bool]":
    """Return what tells whether a look-up waits for the database."""
    return partial(lambda: bench.table.gate.waiting == 1)


async def test_what_waits_is_one_request_and_bytes(bench: Bench) -> None:
    """A client that sends thousands at once is read no further than a few."""
    bench.table.gate.close()
    async with serving(bench) as served:
        with served.connect() as connection:
            flood = request("/users/1") * 20_000
            await asyncio.to_thread(send_all_it_takes, connection, flood)
            await until(at_the_gate(bench))
            assert requests_held() == 1
            bench.table.gate.open()
            connection.settimeout(10)
            for _ in range(200):
                assert (await asyncio.to_thread(read_answer, connection)).status == 200
            assert requests_held() <= 2


async def test_what_is_no_request_waits_too(bench: Bench) -> None:
    """The answer to it comes behind that of the request before it."""
    bench.table.gate.close()
    async with serving(bench) as served:
        with served.connect() as connection:
            connection.sendall(request("/users/1") + b"hello\r\n\r\n")
            await until(at_the_gate(bench))
            bench.table.gate.open()
            read = [(await asyncio.to_thread(read_answer, connection)).status for _ in range(2)]
            assert await asyncio.to_thread(is_closed, connection)
    assert read == [200, 400]


async def test_who_leaves_is_noticed_behind_a_request_ahead(bench: Bench) -> None:
    """The look-up under way is cancelled; the next is not begun."""
    bench.cache.gate("read").close()
    async with serving(bench) as served:
        with served.connect() as connection:
            connection.sendall(request("/users/1") * 3)
            await until(partial(lambda: bench.cache.gate("read").waiting == 1))
        await until(partial(lambda: bench.cache.gate("read").waiting == 0))
        bench.cache.gate("read").open()
        assert (await served.asked(request("/lookups.json")))[0].json["lookups"] == []


async def test_the_time_of_an_answer_begins_at_its_turn(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not when its request came, which was before: who waits is given up all the same."""
    monkeypatch.setattr(bounds, "SWEEP_SECONDS", 0.05)
    bench.table.gate.close()
    async with serving(bench) as served:
        with served.connect() as connection:
            connection.sendall(request("/users/1") + request("/users/7"))
            await until(at_the_gate(bench))
            monkeypatch.setattr(bounds, "ANSWER_SECONDS", 0.2)
            bench.table.gate.open()
            bench.table.gate.close()
            assert (await asyncio.to_thread(read_answer, connection)).status == 200
            assert await asyncio.to_thread(is_closed, connection)


async def test_one_that_is_answered_makes_no_room(bench: Bench) -> None:
    """Though an answer on it has just ended: the next is under way, and comes."""
    async with serving(bench, most=1) as served:
        await served.asked(request("/users/1"))
        bench.table.gate.close()
        with served.connect() as connection:
            connection.sendall(request("/users/1") + request("/users/7"))
            assert (await asyncio.to_thread(read_answer, connection)).status == 200
            await until(at_the_gate(bench))
            with served.connect() as other:
                assert (await asyncio.to_thread(read_answer, other)).status == 503
            bench.table.gate.open()
            assert (await asyncio.to_thread(read_answer, connection)).status == 404


async def test_one_that_takes_no_answers_makes_room(bench: Bench) -> None:
    """Though it has asked again: who reads is served, at once."""
    bench.table.rows[1] = {"id": 1, "name": "x" * 8_000_000}
    async with serving(bench, most=1) as served:
        with served.connect() as connection:
            connection.sendall(request("/users/1") * 3)
            await asyncio.to_thread(connection.recv, 1)
            assert [one.status for one in await served.asked(request("/"))] == [200]
            assert await asyncio.to_thread(is_closed, connection)


@pytest.mark.parametrize("line", [b"x" * 4000, b"x: y\r\n" * 700])
async def test_trailers_without_end_end_the_connection(bench: Bench, line: bytes) -> None:
    """Behind the answer, at 64 KiB or a little more, in one field or in many."""
    sent = request("/users/1", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n0\r\nX-Long: "
    async with serving(bench) as served:
        with served.connect() as connection:
            connection.sendall(sent)
            assert (await asyncio.to_thread(read_answer, connection)).status == 200
            assert await asyncio.to_thread(_is_ended_by, connection, line)


def _is_ended_by(connection: socket.socket, line: bytes) -> bool:
    connection.settimeout(0.02)  # or it would be ahead of the server by all of it
    for _ in range(200):
        try:
            connection.sendall(line)
            return connection.recv(1) == b""
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


async def test_trailers_are_passed_over(bench: Bench) -> None:
    """The next request is answered, and has no header more."""
    sent = (
        request("/users/1", "Transfer-Encoding: chunked") + b"0\r\nHost: evil.example\r\n\r\n"
    )
    async with serving(bench) as served:
        assert [one.status for one in await served.asked(sent, sent)] == [200, 200]


async def test_at_the_end_what_is_ahead_has_no_answer(bench: Bench) -> None:
    """The one under way has, and says that it is the last."""
    bench.table.gate.close()
    served = Served(bench)
    async with listening(served.application, served.connections) as served.port:
        connection = served.connect()
        connection.sendall(request("/users/1") * 3)
        await until(at_the_gate(bench))
        asyncio.get_running_loop().call_later(0.2, bench.table.gate.open)
    with connection:
        got = read_answer(connection)
        assert (got.status, got.headers["connection"]) == (200, "close")
        assert connection.recv(1) == b""


async def test_the_end_comes_in_any_case(bench: Bench) -> None:
    """Nobody is let in any more, and who waits for an answer is left when the time is over."""
    bench.table.gate.close()
    async with serving(bench) as served:
        with served.connect() as connection:
            connection.sendall(request("/users/1"))
            await until(at_the_gate(bench))
            served.connections.end(0.1)
            with served.connect() as late:
                got = await asyncio.to_thread(read_answer, late)
            assert (got.status, got.headers["retry-after"]) == (503, "2")
            assert await asyncio.to_thread(is_closed, connection)
        bench.table.gate.open()
