"""Connections over a real socket: whoever is slow, odd or gone costs nobody else."""

import asyncio
import socket
from functools import partial

import pytest
from asking import Asker, Got, is_closed, listening, read_answer, request, site_of
from fakes import Bench
from served import Served, serving, until

from tui.http import connections as bounds
from tui.runtime import crash


async def test_a_connection_is_kept(bench: Bench) -> None:
    """One answer after the other, whatever each was, with or without a body."""
    async with serving(bench) as served:
        answers = await served.asked(
            request("/users/1"), request("/users/1", method="HEAD"), request("/nothing"),
            request("/users/1", "Content-Length: 3") + b"abc", request("/users/1"),
        )  # fmt: skip
    assert [one.status for one in answers] == [200, 200, 404, 200, 200]
    assert answers[0].body == answers[-1].body
    assert {one.headers["date"][-3:] for one in answers} == {"GMT"}


async def test_requests_may_come_at_once(bench: Bench) -> None:
    """They are answered in their order."""
    async with serving(bench) as served:
        with served.connect() as connection:
            connection.sendall(request("/users/1") * 50 + request("/users/7"))
            read = [await asyncio.to_thread(read_answer, connection) for _ in range(51)]
    assert [one.status for one in read] == [200] * 50 + [404]


@pytest.mark.parametrize(
    "sent",
    [b"\r\n\r\nhello\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
     b"GET / HTTP/9.9\r\n\r\n",
     b"GET /users/\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
     b"GET /users/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"],
)  # fmt: skip
async def test_what_is_no_request_is_refused(bench: Bench, sent: bytes) -> None:
    """With a problem, and the end of the connection; the next one is served."""
    async with serving(bench) as served:
        with served.connect() as connection:
            connection.sendall(sent)
            got = await asyncio.to_thread(read_answer, connection)
            assert (got.status, got.json["title"]) == (400, "Bad Request")
            assert await asyncio.to_thread(is_closed, connection)
        assert (await served.asked(request("/users/1")))[0].status == 200


@pytest.mark.parametrize("version", [b" HTTP/2.0", b""])
async def test_another_version_is_not_spoken(bench: Bench, version: bytes) -> None:
    """Not even if the rest is a request: 505, and the end of the connection."""
    async with serving(bench) as served:
        with served.connect() as connection:
            connection.sendall(request("/users/1").replace(b" HTTP/1.1", version))
            got = await asyncio.to_thread(read_answer, connection)
            assert (got.status, got.json["status"]) == (505, 505)
            assert await asyncio.to_thread(is_closed, connection)
    assert bench.cache.commands == []


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [("http://evil.example/users/1", "localhost", 421),
     ("http://localhost/users/1", "localhost", 200),
     ("http://localhost:80/users/1?x", "evil.example", 200),
     ("http://localhost", "localhost", 200),
     ("http://localhost?x=/users/1", "localhost", 200),
     ("http:///users/1", "localhost", 400),
     ("http://localhost@evil.example/users/1", "localhost", 400),
     ("http://evil.example/http://localhost/users/1", "localhost", 421)],
)  # fmt: skip
async def test_the_host_of_a_target_counts(
    bench: Bench, target: str, host: str, status: int
) -> None:
    """Whatever Host says beside it; and the path is what is behind it."""
    async with serving(bench) as served:
        (got,) = await served.asked(request(target, host=host))
    assert got.status == status
    assert (b"Amara" in got.body) == (status == 200 and "/users/1" in target.partition("?")[0])


async def test_what_is_refused_is_counted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its status, like what the application answers; and so is a fault of ours."""

    async def fails(_: object) -> None:
        raise RuntimeError

    async with serving(bench) as served:
        sent = [b"hello\r\n\r\n", request("/").replace(b"1.1", b"2.0"),
                request("/", *(f"X: {number}" for number in range(300)))]  # fmt: skip
        for one in sent:
            await served.asked(one)
        monkeypatch.setattr(bench.service, "look_up", fails)
        await served.asked(request("/users/1"))
        (got,) = await served.asked(request("/metrics"))
    for status in (400, 505, 431, 500):
        assert f'hitmiss_http_requests_total{{status="{status}"}} 1\n'.encode() in got.body
    with pytest.raises(RuntimeError) as noted:
        crash.raise_noted()
    assert crash.report(noted.value, debug=False) == crash.CRASHED  # or others would be told


async def test_too_many_headers_are_refused(bench: Bench) -> None:
    """However short they are; as many as browsers send are not too many."""
    async with serving(bench) as served:
        few, many = (request("/users/1", *["X:"] * number) for number in (200, 256))
        assert [one.status for one in await served.asked(few, many)] == [200, 431]


async def test_headers_without_end_are_refused(bench: Bench) -> None:
    """At 64 KiB or a little more, in one field or in many."""
    async with serving(bench) as served:
        for line in (b"x" * 4000, b"x: y\r\n" * 700):
            with served.connect() as connection:
                connection.sendall(request("/users/1")[:-2] + b"X-Long: ")
                got = await asyncio.to_thread(_until_refused, connection, line)
                assert (got.status, got.json["status"]) == (431, 431)


def _until_refused(connection: socket.socket, line: bytes) -> Got:
    for _ in range(200):
        connection.sendall(line)
        connection.settimeout(0.02)  # or it would be ahead of the server by all of it
        try:
            connection.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            continue
        return read_answer(connection)
    raise AssertionError("it read on")


async def test_a_head_that_does_not_come_is_given_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slowly it drips, and if nothing comes at all; who asks is served meanwhile."""
    monkeypatch.setattr(bounds, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(bounds, "SWEEP_SECONDS", 0.05)
    async with serving(bench) as served:
        with served.connect() as silent, served.connect() as slow:
            slow.sendall(b"GET /users/1 HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            dripping = asyncio.create_task(asyncio.to_thread(_drip, slow))
            assert (await served.asked(request("/users/1")))[0].status == 200
            assert await asyncio.to_thread(is_closed, silent)
            await dripping


def _drip(connection: socket.socket) -> None:
    """Send a byte now and then, until the other side has had enough."""
    connection.settimeout(0.01)
    for _ in range(1000):
        try:
            connection.sendall(b"x")
            if not connection.recv(1):
                return
        except TimeoutError:
            continue
        except OSError:
            return
    raise AssertionError("it waited on")


async def test_an_answer_that_nobody_takes_is_given_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that does not read holds its connection for so long and no longer."""
    monkeypatch.setattr(bounds, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(bounds, "SWEEP_SECONDS", 0.05)
    bench.table.rows[1] = {"id": 1, "name": "x" * 8_000_000}
    async with serving(bench) as served:
        with served.connect() as connection:
            connection.sendall(request("/users/1"))
            await until(partial(lambda: len(served.connections) == 1))
            await until(partial(lambda: len(served.connections) == 0))


async def test_a_body_without_end_is_given_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request is answered before; what comes behind it is neither kept nor waited for."""
    monkeypatch.setattr(bounds, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(bounds, "SWEEP_SECONDS", 0.05)
    async with serving(bench) as served:
        with served.connect() as connection:
            connection.sendall(request("/users/1", "Transfer-Encoding: chunked"))
            assert (await asyncio.to_thread(read_answer, connection)).status == 200
            await asyncio.to_thread(_drip_chunks, connection)


def _drip_chunks(connection: socket.socket) -> None:
    for _ in range(1000):
        try:
            connection.sendall(b"4\r\nbody\r\n")
            connection.settimeout(0.01)
            if not connection.recv(1):
                return
        except TimeoutError:
            continue
        except OSError:
            return
    raise AssertionError("it read on")


async def test_one_that_waits_makes_room(bench: Bench) -> None:
    """The longest first; who asks is not the one that goes."""
    async with serving(bench, most=3) as served:
        kept = [served.connect() for _ in range(3)]
        try:
            await until(partial(lambda: len(served.connections) == 3))
            assert (await served.asked(request("/users/1")))[0].status == 200
            assert await asyncio.to_thread(is_closed, kept[0])
            kept[2].sendall(request("/users/1"))
            assert (await asyncio.to_thread(read_answer, kept[2])).status == 200
        finally:
            for one in kept:
                one.close()


async def test_where_all_are_asking_one_more_is_refused(bench: Bench) -> None:
    """With 503 and when to come again; those who ask get their answers."""
    bench.table.gate.close()
    async with serving(bench, most=2) as served:
        with served.connect() as one, served.connect() as other:
            for connection in (one, other):
                connection.sendall(request("/users/1"))
            await until(partial(lambda: bench.table.gate.waiting > 0))
            await until(partial(lambda: len(served.connections) == 2))
            with served.connect() as third:
                got = await asyncio.to_thread(read_answer, third)
            bench.table.gate.open()
            answers = [await asyncio.to_thread(read_answer, each) for each in (one, other)]
    assert (got.status, got.headers["retry-after"]) == (503, "2")
    assert served.connections.refused == {503: 1}
    assert [each.status for each in answers] == [200, 200]


async def test_who_leaves_is_not_asked_for(bench: Bench) -> None:
    """The look-up is cancelled; the load that it began ends, and fills, for others."""
    bench.cache.gate("read").close()
    async with serving(bench) as served:
        with served.connect() as connection:
            connection.sendall(request("/users/1"))
            await until(partial(lambda: bench.cache.gate("read").waiting == 1))
        await until(partial(lambda: bench.cache.gate("read").waiting == 0))
        bench.cache.gate("read").open()
        assert (await served.asked(request("/lookups.json")))[0].json["lookups"] == []
    assert bench.table.reads == []


async def test_what_is_under_way_is_answered_at_the_end(bench: Bench) -> None:
    """Who has asked gets the answer, and is told that the connection ends with it."""
    bench.table.gate.close()
    served = Served(bench)
    async with listening(served.application, served.connections) as served.port:
        asking = asyncio.create_task(served.asked(request("/users/1")))
        await until(partial(lambda: bench.table.gate.waiting == 1))
        asyncio.get_running_loop().call_later(0.2, bench.table.gate.open)
    (got,) = await asking
    assert (got.status, got.headers["connection"]) == (200, "close")


async def test_a_fault_of_ours_is_a_500(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Said once on stderr, in an answer that tells nothing; it serves on, and ends with 70."""

    async def fails(_: object) -> None:
        raise RuntimeError("a \x1b[31msecret")

    async with serving(bench) as served:
        monkeypatch.setattr(bench.service, "look_up", fails)
        (got,) = await served.asked(request("/users/1"))
        assert (got.status, got.json["title"]) == (500, "Internal Server Error")
        assert b"secret" not in got.body
        assert (await served.asked(request("/healthz")))[0].status == 200
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "answered with 500: RuntimeError: a \\x1b[31msecret" in said
    with pytest.raises(RuntimeError) as noted:
        crash.raise_noted()
    assert crash.report(noted.value, debug=False) == crash.CRASHED


async def test_an_asker_without_a_server_is_answered(bench: Bench) -> None:
    """The application needs nothing of uvicorn's."""
    assert (await Asker(site_of(bench), bench).get("/users/1")).status == 200
