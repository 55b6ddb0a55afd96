"""What is found out about a server: on real ones, whoever asks and whatever state it is in."""

import asyncio

import pytest
from fakes import ManualClock
from redis.cluster import RedisCluster
from servers import ValkeyServer, free_port, make_cluster

from tui.cache.cache_checks import KeySample
from tui.cache.redis import examination
from tui.cache.redis.examination import examine
from tui.cache.redis.facts import CacheFacts
from tui.models.keys import KeyTemplate
from tui.runtime.clock import Clock, SystemClock

TEMPLATE = KeyTemplate("hitmiss:user:{id}")
WRITES = ("SET of a value", "SET of a lease", "EVALSHA", "EVAL", "DEL", "PEXPIRE")
READS = ("GET", "PTTL", "STRLEN", "GETRANGE", "HLEN", "HGETALL")
ALL = ("PING", "INFO", "DBSIZE", *READS, *WRITES, "SCAN")


async def look(url: str, *, read_only: bool = False, clock: Clock | None = None) -> CacheFacts:
    """Examine a server, with the usual template."""
    return await examine(url, TEMPLATE, clock or SystemClock(), read_only=read_only)


def as_user(server: ValkeyServer, *rules: str) -> str:
    """Make a user with these rules; give the address with its name and password."""
    with server.client() as client:
        client.execute_command("ACL", "SETUSER", "reader", "reset", "on", ">s3cr3t", *rules)
    return f"redis://reader:s3cr3t@127.0.0.1:{server.port}"


async def test_a_server_that_allows_everything(server: ValkeyServer) -> None:
    """It is asked all there is to ask, and refuses nothing."""
    found = await look(server.url)
    assert (found.trouble, found.refusals, found.asked) == (None, {}, ALL)
    assert found.ping_seconds is not None
    assert found.ping_seconds > 0
    assert found.info["valkey_version"]
    assert (found.keys, found.nodes) == (0, 1)
    assert found.sample == KeySample(0, 0, None, whole=True)


@pytest.mark.parametrize("template", [TEMPLATE, KeyTemplate("k:{{id}}"), KeyTemplate("{id}")])
async def test_nothing_is_written(server: ValkeyServer, template: KeyTemplate) -> None:
    """The server counts no change, keeps no new script, and its keys are as they were."""
    with server.client() as client:
        client.mset({"hitmiss:user:1": "{}", "other": "x"})

        def state() -> object:
            info = client.info("all")
            return (
                info["rdb_changes_since_last_save"],
                info["number_of_cached_scripts"],
                info["expired_keys"],
                sorted(client.mget("hitmiss:user:1", "other")),
                client.dbsize(),
            )

        before = state()
        found = await examine(server.url, template, SystemClock(), read_only=False)
        assert (found.refusals, found.asked) == ({}, ALL)
        assert state() == before


async def test_read_only_sends_no_command_that_writes(server: ValkeyServer) -> None:
    """The server has not seen one, not even in a form that it would refuse."""
    with server.client() as client:
        client.config_resetstat()
        found = await look(server.url, read_only=True)
        seen = set(client.info("commandstats"))
    assert set(found.asked) == {*ALL} - {*WRITES}
    assert "cmdstat_get" in seen
    assert not seen & {f"cmdstat_{name}" for name in ("set", "del", "eval", "evalsha")}


async def test_a_user_who_may_only_read(own_server: ValkeyServer) -> None:
    """Each writing command is refused, none of the reading ones, and nobody is named."""
    rules = ("~hitmiss:user:*", "+scan", *(f"+{read.lower()}" for read in READS))
    found = await look(as_user(own_server, *rules))
    assert found.trouble is None
    assert {*found.refusals} == {"PING", "INFO", "DBSIZE", *WRITES}
    assert found.ping_seconds is not None
    assert found.sample is not None
    assert "reader" not in str(found)


@pytest.mark.parametrize("command", READS)
async def test_a_user_who_lacks_one_of_the_reading_commands(
    own_server: ValkeyServer, command: str
) -> None:
    """Whatever a walk or the audit needs is asked for, also read-only."""
    url = as_user(own_server, "~*", "+@all", f"-{command.lower()}")
    found = await look(url, read_only=True)
    assert found.refusals == {command: "it is not allowed"}


async def test_a_user_without_the_lease_s_keys(own_server: ValkeyServer) -> None:
    """Permission for the values' keys alone is found to be too little."""
    url = as_user(own_server, "~hitmiss:user:*", "+@all")
    assert (await look(url)).refusals == dict.fromkeys(
        ("SET of a lease", "EVALSHA", "EVAL", "DEL"), "such keys are not allowed"
    )
    url = as_user(own_server, "~hitmiss:user:*", "~{hitmiss:user:*}:hitmiss-lease", "+@all")
    assert (await look(url)).refusals == {}


@pytest.mark.parametrize(
    ("url", "trouble"),
    [
        ("redis://127.0.0.1:{}", "the cache wants a password"),
        ("redis://:wrong@127.0.0.1:{}", "wrong user or password for the cache"),
    ],
)
async def test_a_server_with_a_password(url: str, trouble: str) -> None:
    """Without it, or with another, the reason is the login, and nothing more is asked."""
    with ValkeyServer("--requirepass", "s3cr3t") as server:
        found = await look(url.format(server.port))
        assert (found.trouble or "").startswith(trouble)
        assert found.ping_seconds is None
        found = await look(f"redis://:s3cr3t@127.0.0.1:{server.port}")
        assert (found.trouble, found.asked) == (None, ALL)


async def test_a_replica(own_server: ValkeyServer) -> None:
    """It says that it is one, and refuses what writes."""
    with ValkeyServer("--replicaof", "127.0.0.1", str(own_server.port)) as replica:
        found = await look(replica.url)
    assert found.info["role"] == "slave"
    assert found.refusals["DEL"] == "the cache is a read-only replica"
    assert found.refusals["SET of a value"] == found.refusals["DEL"]


async def test_a_server_out_of_memory(own_server: ValkeyServer) -> None:
    """What stores is refused, what deletes is not."""
    with own_server.client() as client:
        client.config_set("maxmemory", "1")
    found = await look(own_server.url)
    assert found.refusals["SET of a value"] == "the cache is out of memory"
    assert "DEL" not in found.refusals


async def test_a_paused_server_is_asked_once(own_server: ValkeyServer) -> None:
    """After the first question without an answer there is no second one."""
    own_server.pause()
    found = await look(own_server.url)
    assert found.trouble == "the cache did not answer within 0.25 s"
    assert found.asked == ("PING",)


async def test_a_server_that_is_not_there(tmp_path: object) -> None:
    """Refused connections and missing sockets are a reason."""
    for url in (f"redis://127.0.0.1:{free_port()}", f"unix://{tmp_path}/none"):
        found = await look(url)
        assert (found.trouble or "").startswith("cannot reach the cache: ")


async def test_when_the_time_is_up_it_tells_what_it_has(server: ValkeyServer) -> None:
    """A server that answers slowly is not asked for ever."""

    class Slow(ManualClock):
        """Each look at it costs a tenth of a second."""

        def monotonic(self) -> float:
            self.now += 0.1
            return self.now

    found = await look(server.url, clock=Slow())
    assert found.trouble == "it answers slowly: asked for more than 2 s"
    assert found.ping_seconds is not None
    assert found.asked[-1] != "SCAN"


async def test_the_sample_is_bounded(
    server: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks at a part of many keys, counts those that fit, and names one of them only."""
    monkeypatch.setattr(examination, "SCAN_COUNT", 50)
    monkeypatch.setattr(examination, "SAMPLE_KEYS", 100)
    with server.client() as client:
        client.mset({f"private:{i}": i for i in range(500)})
        sample = (await look(server.url)).sample
        assert sample is not None
        assert 100 <= sample.looked_at < 250
        assert (sample.matching, sample.example, sample.whole) == (0, None, False)
        client.flushall()
        client.mset(
            {
                "hitmiss:user:7": "{}",
                "hitmiss:user:": "{}",
                "{hitmiss:user:7}:hitmiss-lease": "t",
            }
        )
    assert (await look(server.url)).sample == KeySample(3, 1, "hitmiss:user:7", whole=True)


async def test_a_lease_is_no_record(server: ValkeyServer) -> None:
    """Where the template has a hash tag, a lease's key looks like a record's."""
    with server.client() as client:
        client.mset({"{u}:7": "{}", "{u}:7:hitmiss-lease": "token"})
    found = await examine(server.url, KeyTemplate("{u}:{id}"), SystemClock(), read_only=True)
    assert found.sample == KeySample(2, 1, "{u}:7", whole=True)


@pytest.mark.parametrize(
    "reply",
    [
        b":7\r\n",
        b"*-1\r\n",
        b"*0\r\n",
        b"$3\r\n\xff:\x1b\r\n",
        b"-\r\n",
        b"HTTP/1.1 400 no\r\n",
    ],
)
async def test_whatever_answers(reply: bytes) -> None:
    """A server that says the same to everything makes no trouble that is not told as facts."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            writer.write(reply)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as strange:
        port = strange.sockets[0].getsockname()[1]
        found = await look(f"redis://127.0.0.1:{port}")
        assert found.trouble or found.asked == ALL
        assert found.sample is None
        await look(f"redis+cluster://127.0.0.1:{port}")


async def test_a_cluster() -> None:
    """Every node's keys count; a client for one server is told whose keys are elsewhere."""
    options = ("--cluster-enabled", "yes")
    with ValkeyServer(*options) as one, ValkeyServer(*options) as two:
        make_cluster([one, two])
        url = one.tcp_url.replace("redis:", "redis+cluster:")
        found = await look(url)
        assert (found.trouble, found.refusals, found.nodes) == (None, {}, 2)
        with RedisCluster(host="127.0.0.1", port=one.port) as client:
            for number in range(20):
                client.set(f"hitmiss:user:{number}", "{}")
        found = await look(url)
        assert found.keys == 20
        assert found.sample == KeySample(20, 20, "hitmiss:user:0", whole=True)
        assert (await look(url.replace(f":{one.port}", f":{free_port()}"))).trouble
