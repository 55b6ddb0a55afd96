"""Whether reads may be old is seen from what the driver sees of the servers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from pymongo.hello import Hello
from pymongo.read_preferences import ReadPreference
from pymongo.server_description import ServerDescription
from pymongo.topology_description import TOPOLOGY_TYPE, TopologyDescription

from tui.database.mongodb.topology import Watch
from tui.runtime.errors import DatabaseUnavailable

PRIMARY = {"ok": 1, "setName": "rs", "hosts": ["a:1", "b:2"], "isWritablePrimary": True}
SECONDARY = {
    "ok": 1, "setName": "rs", "hosts": ["a:1", "b:2"], "secondary": True, "primary": "a:1"
}  # fmt: skip


def server(host: str, hello: dict[str, Any] | None, written: int | None = None) -> Any:
    """Return a server as the driver describes it after that answer; None is none at all."""
    port = {"a": 1, "b": 2}[host]
    if hello is None:
        return ServerDescription((host, port), error=ConnectionRefusedError("refused"))
    more: dict[str, Any] = {"maxWireVersion": 25, "minWireVersion": 0}
    if written is not None:
        at = datetime.fromtimestamp(written, UTC).replace(tzinfo=None)
        more["lastWrite"] = {"lastWriteDate": at, "opTime": {"ts": ObjectId(), "t": 1}}
    return ServerDescription((host, port), Hello({**hello, **more}), 0.001)


class Client:
    """What a watch asks of the driver's client."""

    def __init__(
        self, type_: str, *servers: Any, preference: Any = ReadPreference.PRIMARY
    ) -> None:
        """See these servers."""
        self.read_preference = preference
        self.see(type_, *servers)

    def see(self, type_: str, *servers: Any) -> None:
        """See others."""
        self.topology_description = TopologyDescription(
            getattr(TOPOLOGY_TYPE, type_), {one.address: one for one in servers}, "rs", None,
            None, _settings(),
        )  # fmt: skip


def _settings() -> Any:
    from pymongo.asynchronous.settings import TopologySettings

    return TopologySettings(seeds=[("a", 1)])


def watch(client: Client, *, read_only: bool = True) -> Watch:
    """Return a watch of what that client sees."""
    return Watch(client, read_only=read_only)  # type: ignore[arg-type]


def test_a_primary_is_what_it_has_to_be() -> None:
    """Nothing is said, and a look-up may be confirmed by the others."""
    seen = watch(
        Client("ReplicaSetWithPrimary", server("a", PRIMARY), server("b", SECONDARY)),
        read_only=False,
    )
    seen.check_fresh()
    assert not seen.caveats
    assert not seen.is_down
    assert seen.is_reachable
    assert seen.may_be_linearizable


def test_a_secondary_that_is_connected_to_alone_is_said() -> None:
    """With the primary's name; who may write is not answered."""
    client = Client("Single", server("b", SECONDARY))
    (caveat,) = watch(client).caveats
    assert caveat.outdated
    assert caveat.name == "secondary"
    assert "the primary is a:1" in caveat.words
    watch(client).check_fresh()
    with pytest.raises(DatabaseUnavailable, match=r"b:2 is a secondary.*--writable"):
        watch(client, read_only=False).check_fresh()


def test_reading_from_secondaries_is_said_with_their_lag() -> None:
    """As the URL asks for it."""
    client = Client(
        "ReplicaSetWithPrimary", server("a", PRIMARY, 1_000), server("b", SECONDARY, 988),
        preference=ReadPreference.SECONDARY_PREFERRED,
    )  # fmt: skip
    (caveat,) = watch(client).caveats
    assert "12.0 s behind" in caveat.words
    assert "readPreference=secondaryPreferred" in caveat.words


def test_a_server_that_steps_down_is_noticed() -> None:
    """When the driver sees it, without being asked again."""
    client = Client("Single", server("a", PRIMARY))
    seen = watch(client, read_only=False)
    seen.check_fresh()
    client.see("Single", server("a", SECONDARY))
    with pytest.raises(DatabaseUnavailable):
        seen.check_fresh()
    client.see("Single", server("a", PRIMARY))
    seen.check_fresh()


def test_nobody_there_is_an_outage_with_the_reason() -> None:
    """But before anybody was looked for it is none."""
    client = Client("ReplicaSetNoPrimary", server("a", None))
    seen = watch(client)
    assert seen.is_down
    assert isinstance(seen.why_down, ConnectionRefusedError)
    nobody_yet = watch(Client("Unknown", ServerDescription(("a", 1))))
    assert not nobody_yet.is_down
    assert not nobody_yet.is_reachable


def test_one_server_alone_needs_no_confirmation() -> None:
    """Nobody else can have taken its place."""
    alone = {"ok": 1, "isWritablePrimary": True}
    assert not watch(Client("Single", server("a", alone))).may_be_linearizable
