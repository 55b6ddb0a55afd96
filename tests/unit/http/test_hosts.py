"""By which names the server may be called."""

import pytest

from tui.http.hosts import BadHost, Hosts

LOOPBACK = [
    b"localhost", b"LocalHost:8080", b"localhost.", b"127.0.0.1", b"127.0.0.1:8080",
    b"127.9.8.7:1", b"[::1]", b"[::1]:8080", b"[0:0:0:0:0:0:0:1]", b"[::ffff:127.0.0.1]:80",
    b"[::1%lo]", b"[::1%25lo]:80",
]  # fmt: skip
OTHERS = [
    b"attacker.example", b"attacker.example:8080", b"localhost.attacker.example",
    b"127.0.0.1.attacker.example", b"0.0.0.0:8080", b"192.168.1.5", b"[::2]", b"127.1",
    b"0x7f000001", b"2130706433", b"xn--lcalhost-n4a", b"user.localhost",
    b"localhost%2eevil.example", b"localhost%", b"127.0.0.1%evil.example:80", b"[fe80::1%25lo]",
]  # fmt: skip
BROKEN = [
    b"", b" ", b":8080", b"[::1", b"::1", b"a b", b"localhost:80:80", b"localhost/x",
    b"a@localhost", b"localhost, attacker.example", b"localhost:x", b"[localhost]x",
    b"local\x00host\n", b"[127.0.0.1]", b"[127.0.0.1%evil.example]", b"[::1%]", b"::1%lo",
]  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_is_always_ours(host: bytes) -> None:
    """In every spelling, and with whatever port a tunnel may have."""
    assert Hosts().accepts(host)


@pytest.mark.parametrize("host", OTHERS)
def test_another_name_is_not_ours(host: bytes) -> None:
    """However it begins, and whatever it may resolve to."""
    assert not Hosts().accepts(host)


@pytest.mark.parametrize("host", BROKEN)
def test_what_is_no_host_is_said_to_be_none(host: bytes) -> None:
    """It is neither ours nor somebody else's."""
    with pytest.raises(BadHost):
        Hosts(any_address=True).accepts(host)


def test_what_was_told_to_listen_is_ours() -> None:
    """A name by that name alone, an address in each of its spellings."""
    named, numbered = Hosts(["Build7.corp"]), Hosts(["fe80::1%eth0"])
    assert named.accepts(b"build7.corp:8080")
    assert not named.accepts(b"build8.corp:8080")
    assert numbered.accepts(b"[FE80:0::1]:8080")
    assert not numbered.accepts(b"[fe80::2]")


def test_everywhere_takes_numbers_and_no_names() -> None:
    """Nobody can make numbers resolve to something else."""
    hosts = Hosts(any_address=True)
    assert all(map(hosts.accepts, [*LOOPBACK, b"192.168.1.5:8080", b"[2001:db8::1]"]))
    assert not hosts.accepts(b"attacker.example:8080")
    assert not hosts.accepts(b"127.1")
