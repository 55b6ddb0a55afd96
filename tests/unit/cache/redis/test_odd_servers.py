"""Whatever a server answers is understood, or is an error with its reason."""

from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Cli, Ran, cli
from files import make_file
from odd_servers import (
    WRITES,
    Answer,
    Except,
    Keys,
    OddServer,
    Usual,
    array,
    bulk,
    copies,
    number,
    rows,
)

from tui.cache.redis import endless

__all__ = ["cli"]

OURS = ("--table", "u", "--key", "u:{id}")
USUAL = Usual(copies(5))
LONG = "x" * 5000
"""A copy whose length is asked before it is read."""
SHAPES = {
    "nothing": b"$-1\r\n",
    "a number": b":7\r\n",
    "a negative number": b":-7\r\n",
    "a huge number": b":9223372036854775807\r\n",
    "a text": b"$2\r\nab\r\n",
    "a status": b"+OK\r\n",
    "an empty list": b"*0\r\n",
    "no list": b"*-1\r\n",
    "a list of lists": b"*2\r\n*1\r\n:1\r\n*0\r\n",
    "an error": b"-ERR internal error\r\n",
    "an error in a list": b"*2\r\n-ERR x\r\n*0\r\n",
    "an error without words": b"-\r\n",
    "an error that is no text": b"-\xff\xfe\r\n",
    "a redirection to nowhere": b"-MOVED\r\n",
    "a redirection without a port": b"-ASK 1 h:x\r\n",
    "a map": b"%1\r\n+a\r\n:1\r\n",
    "a map with a list for a key": b"%1\r\n*0\r\n:1\r\n",
    "a set": b"~1\r\n:1\r\n",
    "a truth value": b"#t\r\n",
    "a decimal": b",1.5\r\n",
    "no number": b",nan\r\n",
    "a null": b"_\r\n",
    "a push": b">2\r\n+a\r\n+b\r\n",
    "a number that is none": b":abc\r\n",
    "a length that is none": b"$-5\r\n",
    "another protocol": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "noise": bytes(range(128, 256)),
    "the end of the line": None,
}
"""Answers that no server gives to most commands."""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of five rows."""
    return make_file(tmp_path / "u.db", rows(5))


@pytest.fixture
def ask(cli: Cli, table: Path) -> Callable[..., Ran]:
    """Run a command on that table and a server."""
    return lambda server, *command: cli(*command, "--db", table, *OURS, "--cache", server.url)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let walks ask again, and the audit look again, but not wait before that."""
    monkeypatch.setattr("tui.cache.redis.walker.PATIENCE", (0.0,))
    monkeypatch.setattr("tui.audit.engine.SETTLE_SECONDS", 0.0)


def is_told(ran: Ran, *codes: int) -> None:
    """Check that it ended as a command does."""
    assert "Traceback" not in ran.out + ran.err
    assert ran.code in codes, ran


@pytest.mark.parametrize("command", ["PING", "GET", "PTTL", "STRLEN", "GETRANGE", "SCAN"])
@pytest.mark.parametrize("shape", list(SHAPES))
def test_replies_of_another_shape(ask: Callable[..., Ran], command: str, shape: str) -> None:
    """Each command ends in time with a code of its own, and nothing was written."""
    with OddServer(Except(USUAL, **{command: SHAPES[shape]})) as server:
        ran = ask(server, "get", "1", "2")
        is_told(ran, 0)
        assert ran.out.count("    n   a") == 2, "the database has the records"
        # Who is given another text for a copy has found one that differs.
        is_text = command == "GETRANGE" and shape in {"a text", "a status"}
        is_told(ask(server, "audit"), *([1] if is_text else [0, 4]))
        is_told(ask(server, "keys"), 0, 4)
        is_told(ask(server, "doctor", "--json"), 0, 1)
    assert not server.names & WRITES


@pytest.mark.parametrize("command", ["HLEN", "HKEYS", "HSTRLEN", "HGETALL"])
@pytest.mark.parametrize("shape", list(SHAPES))
def test_replies_about_hashes(ask: Callable[..., Ran], command: str, shape: str) -> None:
    """A hash that cannot be read costs itself; the strings beside it are compared."""
    keys: Keys = {**copies(3), "u:4": {"id": "4", "n": "a"}}
    with OddServer(Except(Usual(keys), **{command: SHAPES[shape]})) as server:
        is_told(ask(server, "get", "4"), 0)
        audit = ask(server, "audit")
    is_told(audit, 0, 1, 4)
    if SHAPES[shape] is not None and audit.code != 4:
        assert "compared: " in audit.out


@pytest.mark.parametrize("command", ["SET", "DEL", "EVAL", "EVALSHA"])
@pytest.mark.parametrize("shape", list(SHAPES))
def test_replies_to_writes(
    ask: Callable[..., Ran], cli: Cli, table: Path, command: str, shape: str
) -> None:
    """A fill or a delete whose reply is odd is not taken for done, and says so."""
    with OddServer(Except(Usual({}), **{command: SHAPES[shape]})) as server:
        ran = ask(server, "get", "1", "1", "--writable", "--json")
        is_told(ran, 0)
        is_told(ask(server, "set", "1", "n=b", "--writable"), 0, 4)
        is_told(ask(server, "invalidate", "1", "--writable"), 0, 4)
    fills = [answer["flags"]["filled"] for answer in ran.answers]
    if command == "EVAL":
        assert shape == "a truth value" or "yes" not in fills


@pytest.mark.parametrize("shape", list(SHAPES))
def test_greetings(ask: Callable[..., Ran], shape: str) -> None:
    """What is said before anything was asked, or to the login, ends no command badly."""
    said = SHAPES[shape]
    with OddServer(USUAL, greeting=said or b"") as server:
        is_told(ask(server, "get", "1"), 0)
        is_told(ask(server, "audit"), 0, 1, 4)
    with OddServer(Except(USUAL, AUTH=said, SELECT=said)) as server:
        server.url = server.url.replace("unix://", "unix://app:sesame@") + "?db=2"
        for command in (("get", "1"), ("audit",), ("keys",), ("doctor",)):
            ran = ask(server, *command)
            is_told(ran, 0, 1, 4)
            assert "sesame" not in ran.out + ran.err


def test_a_gateway_that_scans_many_shards(ask: Callable[..., Ran]) -> None:
    """SCAN with a pair of cursor and keys for each of them is said to be odd, at once."""
    pair = (bulk("7"), array(bulk("u:1")))
    with OddServer(Except(USUAL, SCAN=array(*pair, *pair))) as server:
        for command in ("audit", "keys"):
            ran = ask(server, command)
            assert ran.code == 4
            assert "SCAN gave a list of 4 in place of a cursor and a list of keys" in ran.err
        assert "HIT" in ask(server, "get", "1").out


def test_a_walk_that_goes_round_in_circles(ask: Callable[..., Ran]) -> None:
    """It ends, although the server has no end."""
    cursors = iter(range(10**9))

    def scan(command: list[bytes]) -> bytes:
        return array(bulk(str(next(cursors) % 3 + 1)), array(bulk("u:1")))

    with OddServer(Except(USUAL, SCAN=scan)) as server:
        ran = ask(server, "audit")
    assert ran.code == 4
    assert "round in circles" in ran.err


def new_pages(*keys: str) -> Answer:
    """Answer SCAN with a cursor that has never been, and such keys with its number in them."""
    cursors = iter(range(1, 10**9))

    def scan(command: list[bytes]) -> bytes:
        cursor = next(cursors)
        return array(bulk(str(cursor)), array(*(bulk(f"u:{cursor}{key}") for key in keys)))

    return scan


@pytest.mark.parametrize("keys", [(), ("",), tuple(f"{n:03}" for n in range(500))])
@pytest.mark.parametrize("scheme", ["unix", "redis+cluster"])
def test_a_walk_without_an_end(
    ask: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...], scheme: str
) -> None:
    """It ends with its reason, though no cursor comes twice, if it gives more than there is."""
    monkeypatch.setattr(endless, "SPARE_STEPS", 500)
    monkeypatch.setattr(endless, "SPARE_KEYS", 5_000)
    with OddServer(Except(USUAL, SCAN=new_pages(*keys)), tcp=scheme != "unix") as server:
        if scheme != "unix":
            port = int(server.url.rpartition(":")[2])
            node = array(bulk("127.0.0.1"), number(port), bulk("a" * 40))
            slots = array(array(number(0), number(16383), node))
            server.answer = Except(server.answer, CLUSTER=slots)
            server.url = server.url.replace("redis:", "redis+cluster:")
        for command in ("keys", "audit"):
            ran = ask(server, command)
            assert ran.code == 4
            assert "SCAN has no end" in ran.err
            assert "where DBSIZE says 5)" in ran.err


def test_a_page_of_a_million_keys(ask: Callable[..., Ran]) -> None:
    """It is not taken, and said to be what it is: no value that is too long."""
    page = array(bulk("0"), b"*1000000\r\n" + b"$3\r\nu:1\r\n" * 1_000_000)
    with OddServer(Except(USUAL, SCAN=page)) as server:
        for command in ("keys", "audit"):
            ran = ask(server, command)
            assert ran.code == 4
            assert "SCAN gives too much in one step" in ran.err


@pytest.mark.parametrize("count", [70_000, 1_000_000, 1_200_000])
def test_a_server_that_says_too_much_of_itself(ask: Callable[..., Ran], count: int) -> None:
    """More than a megabyte of INFO is not looked through; that fails, and all else is told."""
    with OddServer(Except(USUAL, INFO=bulk("redis_mode:x\r\n\r\n" * count))) as server:
        ran = ask(server, "doctor", "--json")
    assert (ran.code, ran.err) == (1, "")
    failed = {check["check"]: check for check in ran.answers if check.get("state") == "failed"}
    assert "it says far more than any server" in failed["server"]["detail"]
    assert {"keys", "rows", "template"} <= {check.get("check") for check in ran.answers}


def for_keys(usual: Answer, name: bytes, said: bytes | None, *keys: bytes) -> Answer:
    """Answer a command otherwise for some keys."""
    other: Answer = lambda command: said if command[1] in keys else usual(command)  # noqa: E731
    return Except(usual, **{name.decode(): other})


@pytest.mark.parametrize(
    ("name", "said", "why"),
    [
        (b"STRLEN", b"-NOPERM No permissions to access a key\r\n", "no permissions to access"),
        (b"GETRANGE", b"-NOPERM No permissions to access a key\r\n", "no permissions"),
        (b"PTTL", b"$-1\r\n", "PTTL gave nothing in place of a whole number"),
        (b"PTTL", b":-3\r\n", "PTTL gave a number"),
        (b"STRLEN", b":-1\r\n", "STRLEN gave a number in place of a count"),
        (b"GETRANGE", b"*0\r\n", "GETRANGE gave a list of 0 in place of a text"),
        (b"GETRANGE", b"-MOVED 7 h:1\r\n", "on another node of a cluster"),
        (b"STRLEN", b"-MOVED\r\n", "on another node of a cluster"),
        (b"STRLEN", b"%1\r\n*0\r\n:1\r\n", "does not speak the Redis protocol"),
        (b"GETRANGE", b"$-5\r\n", "does not speak the Redis protocol"),
        (b"PTTL", b"-ERR internal error\r\n", "internal error"),
    ],
)
def test_one_key_costs_itself(
    ask: Callable[..., Ran], name: bytes, said: bytes, why: str
) -> None:
    """It is counted and named, the others are compared, and the code says that one was not."""
    usual = Usual({**copies(5), "u:3": LONG})
    with OddServer(for_keys(usual, name, said, b"u:3")) as server:
        audit = ask(server, "audit", "--json")
        told = ask(server, "audit")
        keys = ask(server, "keys", "--json")
    assert (audit.code, told.code, keys.code) == (4, 4, 4)
    *findings, last = audit.answers
    assert {found["key"]: found["finding"] for found in findings} == {
        **dict.fromkeys(("u:1", "u:2", "u:4", "u:5"), "same"), "u:3": "not-compared",
    }  # fmt: skip
    summary = last["summary"]
    assert (summary["checked"], summary["same"], summary["confirmed"]) == (4, 4, 0)
    assert (summary["not-compared"], summary["refused"], summary["complete"]) == (1, 1, True)
    assert why in summary["not_compared_keys"]["u:3"]
    assert "4 compared: 4 same, 1 not-compared" in told.out
    assert why in told.err
    reasons = {line["key"]: line["reason"] for line in keys.answers}
    assert reasons.pop("u:3")
    assert reasons == dict.fromkeys(("u:1", "u:2", "u:4", "u:5"))


def test_drift_counts_for_more_than_a_key_that_was_not_compared(
    ask: Callable[..., Ran],
) -> None:
    """Of both, the exit code tells what was confirmed."""
    keys = {**copies(3), "u:2": '{"id":2,"n":"old"}'}
    refusal = b"-NOPERM No permissions to access a key\r\n"
    with OddServer(for_keys(Usual(keys), b"GETRANGE", refusal, b"u:1")) as server:
        ran = ask(server, "audit")
    assert ran.code == 1
    assert "2 compared: 1 same, 1 differs, 1 not-compared" in ran.out


def test_very_many_odd_keys_are_counted_and_a_few_are_named(ask: Callable[..., Ran]) -> None:
    """Neither trips nor the summary grow with them."""
    keys: Keys = dict.fromkeys(copies(400), LONG)
    said = b"%1\r\n*0\r\n:1\r\n"
    with OddServer(Except(Usual(keys), STRLEN=said)) as server:
        ran = ask(server, "audit", "--json")
    assert ran.code == 4
    summary = ran.answers[-1]["summary"]
    assert summary["not-compared"] == 400
    assert len(summary["not_compared_keys"]) == 10
    asked = sum(command[0] == b"STRLEN" for command in server.commands)
    assert asked < 4000, "a trip is taken apart a few times only"


def test_a_server_that_will_not_heal_is_not_waited_for(
    ask: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no answer today is none in a second."""

    async def sleep(seconds: float) -> None:
        raise AssertionError("nobody waits")

    monkeypatch.setattr("tui.runtime.clock.SystemClock.sleep", sleep)
    with OddServer(Except(USUAL, SCAN=number(7))) as server:
        assert ask(server, "keys").code == 4


SENTENCES = {
    b"-LOADING Redis is loading the dataset in memory": "still loading its data",
    b"-BUSY Redis is busy running a script.": "busy with a script",
    b"-MASTERDOWN Link with MASTER is down": "a replica without its primary",
    b"-CLUSTERDOWN Hash slot not served": "the cluster is down",
    b"-TRYAGAIN Multiple keys request during rehashing": "moving these keys",
    b"-DENIED Redis is running in protected mode": "protected mode",
    b"-NOAUTH Authentication required.": "wants a password",
    b"-ERR max number of clients reached": "takes no more clients",
    b"-ERR unknown command 'SCAN', with args beginning with: '0'": "perhaps a Sentinel",
    b"-NOPERM User app has no permissions to run the 'scan' command": "no permissions to run",
    b"HTTP/1.1 400 Bad Request\r\n": "does not speak the Redis protocol, but HTTP",
    b"\x15\x03\x01\x00\x02\x02\x28": "but TLS: name it with rediss://",
    b"SSH-2.0-OpenSSH_9.2": "does not speak the Redis protocol",
}
"""What servers say of themselves, and what a person is told."""


@pytest.mark.parametrize("said", list(SENTENCES))
def test_sentences(ask: Callable[..., Ran], said: bytes) -> None:
    """Each of them is told in words that say what to do, and nobody's name is in it."""
    with OddServer(Except(USUAL, SCAN=said + b"\r\n")) as server:
        for command in ("audit", "keys"):
            ran = ask(server, command)
            assert ran.code == 4
            assert SENTENCES[said] in ran.err
            assert "app " not in ran.err


REFUSED_WRITES = {
    b"-NOREPLICAS Not enough good replicas to write.": "too few replicas",
    b"-MISCONF Redis is configured to save RDB snapshots": "cannot save to its disk",
    b"-OOM command not allowed when used memory > 'maxmemory'.": "out of memory",
    b"-READONLY You can't write against a read only replica.": "a read-only replica",
    b"-CROSSSLOT Keys in request don't hash to the same slot": "on different nodes",
    b"-MOVED 7 h:1": "on another node of a cluster: use redis+cluster://",
}


@pytest.mark.parametrize("said", list(REFUSED_WRITES))
def test_why_nothing_was_stored(ask: Callable[..., Ran], said: bytes) -> None:
    """It stands beside the answer, which the database has given."""
    refuses = dict.fromkeys(("SET", "EVAL", "EVALSHA"), said + b"\r\n")
    with OddServer(Except(Usual({}), **refuses)) as server:
        (answer,) = ask(server, "get", "1", "--writable", "--json").answers
    assert (answer["outcome"], answer["flags"]["filled"]) == ("DB", "failed")
    assert answer["reason"].startswith("not stored: ")
    assert REFUSED_WRITES[said] in answer["reason"]


def test_a_sentinel(ask: Callable[..., Ran]) -> None:
    """Its port knows none of our commands, and doctor tells by INFO what it is."""

    def answer(command: list[bytes]) -> bytes:
        if command[0] == b"INFO":
            return bulk("# Server\r\nredis_version:7.4.0\r\nredis_mode:sentinel\r\n")
        return (
            USUAL(command)
            if command[0] == b"PING"
            else b"-ERR unknown command '%s', with args beginning with: \r\n" % command[0]
        )

    with OddServer(answer) as server:
        for command in (("audit",), ("keys",), ("get", "1")):
            ran = ask(server, *command)
            assert "perhaps a Sentinel" in ran.out + ran.err
        *found, _ = ask(server, "doctor", "--json").answers
    checks = {check["check"]: check for check in found if check["group"] == "cache"}
    assert checks["mode"]["state"] == checks["may read"]["state"] == "failed"
    assert "sentinel" in checks["mode"]["detail"]
    assert "sentinel" in checks["may read"]["advice"]


def test_a_proxy_that_closes_at_a_command(ask: Callable[..., Ran]) -> None:
    """The command is named."""
    with OddServer(Except(USUAL, SCAN=None)) as server:
        ran = ask(server, "audit")
    assert ran.code == 4
    assert "the cache closed the connection at SCAN: perhaps a proxy without it" in ran.err


def test_a_wrong_password_on_a_socket(ask: Callable[..., Ran]) -> None:
    """The driver wraps the refusal there, and walks say it as lookups do."""
    said = b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"
    with OddServer(Except(USUAL, AUTH=said)) as server:
        server.url = server.url.replace("unix://", "unix://app:sesame@")
        for command in (("get", "1"), ("audit",), ("keys",)):
            ran = ask(server, *command)
            assert "wrong user or password for the cache" in ran.out + ran.err


@pytest.mark.parametrize("refused", ["EVAL", "SET"])
def test_a_lease_that_may_have_been_taken_is_given_back(
    ask: Callable[..., Ran], refused: str
) -> None:
    """Where no script is run after it was taken, it is deleted, and not waited for."""
    no = b"-NOPERM User app has no permissions to run the 'evalsha' command\r\n"
    taken = array(bulk(None), number(-2), b"+OK\r\n")

    def evaluate(command: list[bytes]) -> bytes:
        return taken if b"PTTL" in command[1] and refused == "SET" else no

    with OddServer(Except(Usual({}), EVAL=evaluate, EVALSHA=no)) as server:
        first, second = ask(server, "get", "1", "1", "--writable", "--json").answers
    for answer in (first, second):
        assert (answer["outcome"], answer["flags"]["filled"]) == ("DB", "failed")
        assert "without scripts nothing can be stored" in answer["reason"]
        assert "waited" not in str(answer["steps"])
        assert "app" not in answer["reason"]
    deleted = [command[1:] for command in server.commands if command[0] == b"DEL"]
    assert deleted == ([[b"{u:1}:hitmiss-lease"]] if refused == "SET" else [])
    assert b"SET" not in server.names


def in_a_cluster(port: int) -> dict[str, Answer]:
    """Give what the one node of a cluster, on that port, says of itself."""
    node = array(bulk("127.0.0.1"), number(port), bulk("id"))
    slots = array(array(number(0), number(16383), node))
    first = {"eval": 3, "evalsha": 3}
    names = ("get", "pttl", "strlen", "getrange", "hlen", "set", "del", "eval", "evalsha")
    commands = array(
        *(
            array(
                bulk(name), number(-2), array(b"+write\r\n"),
                number(first.get(name, 1)), number(first.get(name, 1)), number(1),
            )
            for name in names
        )
    )  # fmt: skip
    return {"CLUSTER": lambda _: slots, "COMMAND": lambda _: commands}


@pytest.mark.parametrize("command", ["CLUSTER", "COMMAND", "SCAN", "GET", "STRLEN", "EVAL"])
@pytest.mark.parametrize("shape", list(SHAPES))
def test_a_cluster_s_odd_nodes(ask: Callable[..., Ran], command: str, shape: str) -> None:
    """What the driver takes apart by itself to find the nodes ends no command badly either."""
    with OddServer(USUAL, tcp=True) as server:
        node = Except(USUAL, **in_a_cluster(int(server.url.rsplit(":", 1)[1])))
        server.answer = Except(node, **{command: SHAPES[shape]})
        server.url = server.url.replace("redis://", "redis+cluster://")
        is_told(ask(server, "get", "1"), 0)
        is_told(ask(server, "audit"), 0, 4)
        is_told(ask(server, "keys"), 0, 4)
        is_told(ask(server, "get", "1", "--writable"), 0)


def test_a_cluster_that_answers_as_it_should(ask: Callable[..., Ran]) -> None:
    """So the others are odd for what was made odd."""
    with OddServer(USUAL, tcp=True) as server:
        server.answer = Except(USUAL, **in_a_cluster(int(server.url.rsplit(":", 1)[1])))
        server.url = server.url.replace("redis://", "redis+cluster://")
        assert "HIT" in ask(server, "get", "1").out
        assert "5 compared: 5 same" in ask(server, "audit").out
