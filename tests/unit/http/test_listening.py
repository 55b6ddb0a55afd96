"""Where the server listens."""

import socket

import pytest

from tui.http.listening import bind, listen_of
from tui.runtime.errors import SettingsError

WRONG = [
    "", "8080", ":8080", "localhost", "localhost:", "localhost:http", "localhost:65536",
    "::1:8080", "[127.0.0.1]:80", "[::g]:80", "http://localhost:80", "a b:80", "a:\x1b[31m1",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_address_is_refused(text: str) -> None:
    """The message says how one looks."""
    with pytest.raises(SettingsError, match=r"not HOST:PORT.*127\.0\.0\.1:8080"):
        listen_of(text)


@pytest.mark.parametrize(
    ("text", "loopback", "everywhere"),
    [
        ("127.0.0.1:1", True, False), ("127.9.9.9:1", True, False),
        ("localhost:1", True, False), ("[::1]:1", True, False),
        ("0.0.0.0:1", False, True), ("[::]:1", False, True),
        ("192.168.1.5:1", False, False), ("build7.corp:1", False, False),
    ],
)  # fmt: skip
def test_it_knows_who_can_reach_it(text: str, loopback: bool, everywhere: bool) -> None:
    """Only loopback needs no warning."""
    listen = listen_of(text)
    assert (listen.loopback, listen.everywhere) == (loopback, everywhere)


def test_the_port_0_chooses_one() -> None:
    """All addresses of a name get the same."""
    sockets = bind(listen_of("localhost:0"))
    try:
        ports = {one.getsockname()[1] for one in sockets}
        assert len(ports) == 1
        assert ports != {0}
    finally:
        for one in sockets:
            one.close()


def test_what_is_written_is_sent_at_once() -> None:
    """A body does not wait until the headers before it were acknowledged."""
    (listener,) = bind(listen_of("127.0.0.1:0"))
    with listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP  # asyncio's condition for TCP_NODELAY


def test_a_port_in_use_is_one_line() -> None:
    """It says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"127\.0\.0\.1:{port}: the port is in use"):
            bind(listen_of(f"127.0.0.1:{port}"))


@pytest.mark.parametrize("host", ["198.51.100.7", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_one_line(host: str) -> None:
    """Documentation has an address that no machine has; nor does it have that name."""
    with pytest.raises(SettingsError, match=f"{host}:0: .*; name "):
        bind(listen_of(f"{host}:0"))
