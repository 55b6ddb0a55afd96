"""Which word counts when sentinels do not agree, or say what none would."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from redis import exceptions
from redis.asyncio.sentinel import Sentinel
from servers import ValkeyServer

from tui.cache.redis import sentinels
from tui.cache.redis.failures import NoPrimary
from tui.cache.redis.primary import Primary
from tui.cache.redis.recent_deletes import RecentDeletes
from tui.cache.redis.sentinels import Sentinels
from tui.cache.redis.server import Server
from tui.runtime.clock import SystemClock

OLD, NEW = ("10.0.0.1", 1), ("10.0.0.2", 2)


def state(place: tuple[str, int], epoch: int, **other: Any) -> dict[str, Any]:
    """Return what the driver makes of a sentinel's word."""
    return {
        "ip": place[0], "port": place[1], "config-epoch": epoch, "quorum": 2, "num-slaves": 1,
        "num-other-sentinels": 2, "down-after-milliseconds": 500,
        "is_master": True, "is_sdown": False, "is_odown": False, **other,
    }  # fmt: skip


class Word:
    """A sentinel that says always the same, or raises it, or nothing."""

    def __init__(self, said: Any) -> None:
        """Keep what is to be said."""
        self.said = said

    async def sentinel_masters(self) -> Any:
        """Say it."""
        if self.said is None:
            await asyncio.sleep(60)
        if isinstance(self.said, Exception):
            raise self.said
        return {"s": self.said} if "ip" in self.said else self.said


def asked(*words: Any) -> Sentinels:
    """Return sentinels that say that, one after the other."""
    made_by: Any = Sentinel  # which has no types
    manager = made_by([])
    manager.sentinels = [Word(word) for word in words]
    return Sentinels(manager, "s")


async def test_the_youngest_word_counts() -> None:
    """A sentinel that was cut off names the primary of before, perhaps before all others."""
    found = await asked(state(OLD, 1), state(NEW, 2), state(OLD, 1)).find()
    assert (found.place, found.epoch, found.sentinels, found.down_after) == (NEW, 2, 3, 0.5)


async def test_a_minority_does_not_lead_back() -> None:
    """While the majority is silent, what is older than what was found before is not taken."""
    service = asked(state(OLD, 1), state(NEW, 2), state(NEW, 2))
    assert (await service.find()).place == NEW
    lost = exceptions.ConnectionError()
    for client in service.clients[1:]:
        client.said = lost  # type: ignore[attr-defined]
    with pytest.raises(NoPrimary, match="of before a failover"):
        await service.find()
    service.clients[1].said = state(OLD, 1)  # type: ignore[attr-defined]
    assert (await service.find()).place == OLD, "a majority was set up anew"


async def test_who_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """One word is enough, when the others have had their time."""
    monkeypatch.setattr(sentinels, "ASK_SECONDS", 0.01)
    monkeypatch.setattr(sentinels, "LONGEST_SECONDS", 0.02)
    assert (await asked(None, state(OLD, 1), None).find()).place == OLD
    with pytest.raises(NoPrimary, match="none of the 2 sentinels answers"):
        await asked(None, None).find()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([state(OLD, 1, is_odown=True)], "know no primary of s that is up"),
        ([state(OLD, 1), state(NEW, 2, is_sdown=True)], "know no primary of s that is up"),
        ([{}], "know no service s: they watch none"),
        ([{"a": {}, "\x1b[31m": {}, "b": {}}], "know no service s: they know a, b"),
        ([{str(n): {} for n in range(9)}], "they know 0, 1, 2, 3, 4, ..."),
        ([TypeError(), exceptions.ConnectionError()], "what answers is no sentinel"),
        ([exceptions.ResponseError("unknown command")], "what answers is no sentinel"),
        ([exceptions.NoPermissionError("for user x")], r"SETUSER USER \+sentinel\|masters"),
        ([exceptions.AuthenticationError("Authentication required.")], "want a login"),
        ([exceptions.AuthenticationError("x")], "take no such"),
        ([state(OLD, 1) | {"config-epoch": "x"}], "what answers is no sentinel"),
        ([state(("a\0b", 1), 1)], "what answers is no sentinel"),
        ([state(("", 1), 1)], "what answers is no sentinel"),
        ([state(("h", 65536), 1)], "what answers is no sentinel"),
    ],
)  # fmt: skip
async def test_where_no_primary_is_named(words: list[Any], said: str) -> None:
    """One sentence says why, and what to do, in plain characters."""
    with pytest.raises(NoPrimary, match=said) as caught:
        await asked(*words).find()
    assert str(caught.value).isprintable()


async def test_what_is_named_has_to_be_a_primary(server: ValkeyServer) -> None:
    """A replica is refused when the wire is opened, whatever the sentinels say."""
    with ValkeyServer("--replicaof", f"127.0.0.1 {server.port}") as replica:
        for place, refused in ((server.port, False), (replica.port, True)):
            primary = Primary(
                asked(state(("127.0.0.1", place), 1)), RecentDeletes(SystemClock())
            )
            leading = Server({}, guide=primary)
            primary.lead(leading)
            try:
                if refused:
                    with pytest.raises(NoPrimary, match="is no primary now"):
                        await leading.ask([("PING",)])
                else:
                    assert await leading.ask([("PING",)]) == [b"PONG"]
            finally:
                await primary.aclose()
                await leading.aclose()


class OneWire:
    """A wire to a primary, which keeps what it was asked; something may happen meanwhile."""

    def __init__(self, meanwhile: Callable[[], Awaitable[object]] | None = None) -> None:
        """Let that happen when the role is asked for."""
        self.asked: list[Any] = []
        self._meanwhile = meanwhile

    async def ask(self, commands: Any) -> list[Any]:
        """Answer as a primary."""
        self.asked += commands
        if self._meanwhile is not None:
            await self._meanwhile()
        return [[b"master"] if command == ("ROLE",) else 1 for command in commands]


async def test_deletes_are_sent_to_the_primary_that_is_taken() -> None:
    """What was sent to one that was replaced while its wire was opened does not count."""
    service, deletes = asked(state(OLD, 1)), RecentDeletes(SystemClock())
    primary = Primary(service, deletes)

    async def admit(wire: Any, place: tuple[str, int]) -> None:
        await primary.admit(wire, place)

    async def replace() -> None:
        service.clients[0].said = state(NEW, 2)  # type: ignore[attr-defined]
        await primary.place()

    first, late, new, again = OneWire(), OneWire(replace), OneWire(), OneWire()
    try:
        await admit(first, await primary.place())
        deletes.heard()
        deletes.note(("DEL", "a"))
        old = await primary.place()
        with pytest.raises(NoPrimary, match="has changed just now"):
            await admit(late, old)
        await admit(new, await primary.place())
        await admit(again, await primary.place())
    finally:
        await primary.aclose()
    assert first.asked == again.asked == [("ROLE",)]
    assert new.asked == [("ROLE",), ("DEL", "a")]


class Channel:
    """What a sentinel publishes: nothing for us, then `data`, then it is gone."""

    def __init__(self, data: Any) -> None:
        """Keep what is to come."""
        self._left = [{"data": data}, None]

    def pubsub(self, **_: object) -> "Channel":
        """Stand for the driver's channel as well as for its client."""
        return self

    async def __aenter__(self) -> "Channel":
        """Begin."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """End."""

    async def subscribe(self, name: str) -> None:
        """Listen to what is announced."""
        assert name == "+switch-master"

    async def get_message(self, timeout: float | None) -> Any:
        """Return the next message."""
        assert timeout is None
        if not self._left:
            raise exceptions.ConnectionError
        return self._left.pop()


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"s 10.0.0.1 1 10.0.0.2 2", NEW),
        (b"other 10.0.0.1 1 10.0.0.2 2", None),
        (b"s 10.0.0.1 1 10.0.0.2 x", None),
        (b"s 10.0.0.1 1 10.0.0.2 0", None),
        (b"s 10.0.0.1 1 a\0b 2", None),
        (b"s 10.0.0.1 1 10.0.0.2 \xc2\xb2", None),
        (b"\xff", None),
        (b"", None),
        (7, None),
    ],
)
async def test_announcements(data: Any, place: tuple[str, int] | None) -> None:
    """Of another service they count as little as what no sentinel would announce."""
    service = asked()

    heard: list[tuple[str, int]] = []
    client: Any = Channel(data)

    async def listen() -> None:
        async for told in service.switches(client):
            heard.append(told)  # noqa: PERF401  # what comes before the end counts

    with pytest.raises(exceptions.ConnectionError):
        await listen()
    assert heard == ([] if place is None else [place])
