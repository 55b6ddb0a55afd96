"""Our scripts touch no key that they do not declare, as Dragonfly and clusters demand."""

from typing import Any

import lupa.lua51  # as fakeredis has it: two of them in one process do not get along
import pytest

from tui.cache.redis import scripts
from tui.cache.redis.scripts import LuaScript

VALUE, LEASE = b"value", b"lease"
SCRIPTS = {name: one for name, one in vars(scripts).items() if isinstance(one, LuaScript)}
HELD: dict[bytes, bytes] = {LEASE: b"token"}
CASES: dict[str, list[tuple[dict[bytes, bytes], tuple[bytes, ...], tuple[bytes, ...]]]] = {
    "GET_OR_LEASE": [
        (stored, (VALUE, LEASE), (b"token", b"3000", grace, b"null"))
        for stored in ({}, {VALUE: b"{}"}, {VALUE: b"null"}, HELD)
        for grace in (b"0", b"99999")
    ],
    "FILL": [(stored, (VALUE, LEASE), (b"token", b"{}", b"60000")) for stored in ({}, HELD)],
    "FILL_AS_EXPECTED": [
        (stored, (VALUE, LEASE), (b"token", b"{}", b"60000", *expected))
        for stored in ({}, HELD, {**HELD, VALUE: b"x"})
        for expected in ((), (b"x",), (b"y",))
    ],
    "RELEASE": [(stored, (LEASE,), (b"token",)) for stored in ({}, HELD)],
}
"""For each script: what is stored, the keys that it is given, and the arguments."""


class Undeclared(Exception):
    """A script has touched a key that it did not declare."""


class Keyspace:
    """Keys that may be touched only where they were declared; each lives for a second."""

    def __init__(self, stored: dict[bytes, bytes], declared: tuple[bytes, ...]) -> None:
        """Hold what is stored."""
        self.stored = dict(stored)
        self._declared = declared
        self.touched: set[bytes] = set()

    def call(self, command: bytes, key: bytes, *rest: bytes) -> Any:
        """Do what the script asks for."""
        if key not in self._declared or command not in {b"GET", b"PTTL", b"SET", b"DEL"}:
            raise Undeclared(f"{command!r} {key!r}")
        self.touched.add(key)
        if command == b"GET":
            return self.stored.get(key, False)  # as a script sees nothing
        if command == b"PTTL":
            return 1000 if key in self.stored else -2
        if command == b"DEL":
            assert not rest, "a DEL of several keys checks its first here"
            return int(self.stored.pop(key, None) is not None)
        if b"NX" in rest and key in self.stored:
            return False
        self.stored[key] = rest[0]
        return b"OK"


def run(
    text: str, stored: dict[bytes, bytes], keys: tuple[bytes, ...], arguments: tuple[bytes, ...]
) -> Keyspace:
    """Run a script as a server would, on keys that it has to declare."""
    lua = lupa.lua51.LuaRuntime(encoding=None)
    keyspace = Keyspace(stored, keys)
    make: Any = lua.eval(
        b"function(call, KEYS, ARGV, text)"
        b" local redis = {call = call, pcall = call}"
        b" local run = assert(loadstring('local redis, KEYS, ARGV = ... ' .. text))"
        b" return run(redis, KEYS, ARGV) end"
    )
    make(keyspace.call, lua.table(*keys), lua.table(*arguments), text.encode())
    return keyspace


def test_every_script_is_tried() -> None:
    """Whoever writes another has to say how it is called."""
    assert set(CASES) == set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_touches_the_keys_that_it_declares(name: str) -> None:
    """Whatever is stored, and each of its keys at least once, so that none is given in vain."""
    touched: set[bytes] = set()
    for stored, keys, arguments in CASES[name]:
        text = str(SCRIPTS[name].in_full(len(keys), *keys, *arguments)[1])
        touched |= run(text, stored, keys, arguments).touched
    assert touched == {key for _, keys, _ in CASES[name] for key in keys}


def test_a_script_that_touches_another_key_is_refused() -> None:
    """So the test above would find it."""
    with pytest.raises(Undeclared):
        run("return redis.call('GET', 'value')", {}, (LEASE,), ())
    with pytest.raises(Undeclared):
        run("return redis.call('GET', KEYS[1] .. ':lease')", {}, (VALUE,), ())
