"""What the checks make of a server's facts: states, words, and advice."""

from dataclasses import replace

import pytest

from tui.cache.cache_checks import KeySample
from tui.cache.port import Asked
from tui.cache.redis.facts import CacheFacts, Sentinel, ServiceFacts
from tui.cache.redis.server_checks import server_checks
from tui.doctor import Check, State
from tui.models.keys import KeyTemplate

OK, WARNING, FAILED = State.OK, State.WARNING, State.FAILED


def checked(facts: CacheFacts, *, has_rows: bool = True, **told: object) -> dict[str, Check]:
    """Give the checks by their names, for a server with these facts and settings."""
    url, key = str(told.get("cache", "redis://h")), str(told.get("key", "hitmiss:user:{id}"))
    asked = Asked(
        url, KeyTemplate(key), bool(told.get("read_only")), has_rows, named="key" in told
    )
    checks = server_checks(asked, facts)
    assert all((check.state is OK) == (check.advice is None) for check in checks)
    assert len({check.name for check in checks}) == len(checks)
    return {check.name: check for check in checks}


def facts_with(**info: str) -> CacheFacts:
    """Give the facts of a server that answers, with this INFO."""
    return CacheFacts(ping_seconds=0.0005, info=info, asked=("PING", "INFO"))


@pytest.mark.parametrize(
    ("info", "read_only", "state", "words"),
    [
        ({"role": "master"}, False, OK, ""),
        ({"role": "slave"}, False, FAILED, "no fill and no delete"),
        ({"role": "slave", "slave_read_only": "0"}, False, OK, "a little behind"),
        ({"role": "slave"}, True, OK, "a little behind"),
        ({"role": "active-replica"}, False, WARNING, "several servers take writes"),
        ({"role": "slave", "master_link_status": "down"}, True, WARNING, "is down"),
    ],
)
def test_roles(info: dict[str, str], read_only: bool, state: State, words: str) -> None:
    """A replica that refuses writes is in the way of whoever wants to write."""
    check = checked(facts_with(**info), read_only=read_only)["role"]
    assert check.state is state
    assert words in (check.detail or "")


@pytest.mark.parametrize(
    ("used", "most", "policy", "read_only", "state"),
    [
        ("100", "0", "noeviction", False, OK),
        ("100", "1000", "noeviction", False, WARNING),
        ("100", "1000", "allkeys-lru", False, OK),
        ("950", "1000", "allkeys-lru", False, WARNING),
        ("950", "1000", "noeviction", True, OK),
        ("much", "1000", "noeviction", False, OK),
        ("9" * 5000, "1", "noeviction", False, OK),
    ],
)
def test_memory(used: str, most: str, policy: str, read_only: bool, state: State) -> None:
    """A limit that refuses fills, or is nearly reached, is a warning to who fills."""
    facts = facts_with(used_memory=used, maxmemory=most, maxmemory_policy=policy)
    assert checked(facts, read_only=read_only)["memory"].state is state


@pytest.mark.parametrize(
    ("info", "shown"),
    [
        ({"redis_version": "7.2.4", "valkey_version": "9.1.2"}, "valkey 9.1.2"),
        ({"redis_version": "8.0.1"}, "redis 8.0.1"),
        ({"redis_version": "7.4.0", "dragonfly_version": "df-v1.30"}, "dragonfly df-v1.30"),
        ({"redis_version": "6.3.4", "keydb_version": "6.3.4"}, "keydb 6.3.4"),
        ({"role": "master"}, None),
    ],
)
def test_versions(info: dict[str, str], shown: str | None) -> None:
    """A server is called by its own name, not by the one it is compatible with."""
    assert checked(facts_with(**info))["server"].value == shown


@pytest.mark.parametrize(
    ("name", "words"),
    [("dragonfly", "declared keys"), ("keydb", "not tried"), ("garnet", "--lua")],
)
def test_what_differs_on_servers_that_were_not_tried(name: str, words: str) -> None:
    """It is said beside the name and the version."""
    detail = checked(facts_with(**{f"{name}_version": "1.2"}))["server"].detail or ""
    assert detail.startswith(f"{name} 1.2: ")
    assert words in detail


def test_a_node_of_a_cluster() -> None:
    """Asked as a single server it fails, with the scheme to use."""
    facts = facts_with(redis_mode="cluster")
    check = checked(facts)["mode"]
    assert check.state is FAILED
    assert "redis+cluster://" in (check.advice or "")
    assert checked(facts, cache="redis+cluster://h")["mode"].state is OK


def test_a_certificate_that_nobody_checks_is_a_warning() -> None:
    """With TLS only: without, there is none."""
    facts = facts_with(role="master")
    for url in (
        "rediss://h",
        "rediss://h?ssl_cert_reqs=optional",
        "redis://h?ssl_cert_reqs=none",
    ):
        assert "certificate" not in checked(facts, cache=url)
    check = checked(facts, cache="rediss://h?ssl_cert_reqs=CERT_NONE")["certificate"]
    assert (check.state, check.advice is None) == (WARNING, False)


def test_a_sentinel() -> None:
    """It holds no keys: asked for them it fails, and knows who has them."""
    check = checked(facts_with(redis_mode="sentinel"))["mode"]
    assert check.state is FAILED
    assert "SENTINEL MASTERS" in (check.advice or "")


SENTINELS = "redis+sentinel://a,b,c/s"
GOOD = Sentinel("h:1", quorum=2, sentinels=3, replicas=1, down_after=30)


def watched(*answers: Sentinel, named: int = 3, **info: str) -> dict[str, Check]:
    """Give the checks of a service of which its sentinels say that."""
    facts = CacheFacts(
        ping_seconds=0.001, info=info or {"role": "master"}, asked=("PING", "INFO"),
        service=ServiceFacts("s", named, answers),
    )  # fmt: skip
    return checked(facts, cache=SENTINELS)


def test_a_service_whose_primary_can_be_replaced() -> None:
    """Name, primary, how many sentinels there are, and the quorum."""
    checks = watched(GOOD, GOOD, GOOD, min_slaves_good_slaves="1")
    assert {checks[name].state for name in ("service", "sentinels", "cut off")} == {OK}
    assert "s: primary h:1, 1 replica; taken for down after 30 s" in str(checks["service"])
    assert "3 of 3 in the address answer, and there are 3; quorum 2" in str(checks["sentinels"])
    assert "cut off" not in checked(facts_with(role="master"))


@pytest.mark.parametrize(
    ("answers", "named", "name", "words"),
    [
        ((replace(GOOD, replicas=0),) * 3, 3, "service", "nobody could take over"),
        ((GOOD, GOOD, replace(GOOD, primary="g:2")), 3, "service", "names another one"),
        ((replace(GOOD, quorum=4),) * 3, 3, "sentinels", "never agree"),
        ((replace(GOOD, sentinels=1, quorum=1),), 1, "sentinels", "one is too few"),
        ((replace(GOOD, sentinels=2),) * 2, 2, "sentinels", "two are too few"),
        ((GOOD, GOOD), 3, "sentinels", "the others do not"),
        ((GOOD,), 1, "sentinels", "with that one down"),
        ((GOOD,) * 3, 3, "cut off", "goes on taking writes"),
    ],
)
def test_what_would_be_in_the_way_of_a_failover(
    answers: tuple[Sentinel, ...], named: int, name: str, words: str
) -> None:
    """Each is a warning, with what to do."""
    check = watched(*answers, named=named)[name]
    assert check.state is WARNING
    assert words in (check.detail or "")


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("wrong user or password for the cache", "USER:PASSWORD"),
        ("the cache did not answer within 0.25 s", "firewall"),
        ("no connection to the cache within 0.5 s", "firewall"),
        ("the cache's certificate is not trusted: self-signed", "ssl_ca_certs=FILE"),
        ("the cache answers without TLS: name it with redis://", "the port on which"),
        ("it answers slowly: asked for more than 2 s", "busy"),
        ("what answers there does not speak the Redis protocol", "rediss://"),
        ("the cache failed: Cluster mode is not enabled on this node", "a single server"),
        ("cannot reach the cache: connection refused", "start the server"),
        ("the cache answers with TLS alone: name it with rediss://", "rediss://"),
        ("what answers there is no usual server: DBSIZE gave nothing", "not a proxy"),
        ("the cache closed the connection at PING: perhaps a proxy", "rediss://"),
        ("the cache is in protected mode: without a password", "give that server a password"),
        ("the cache is busy with a script; SCRIPT KILL ends that", "let that script end"),
        ("the sentinels know no service s: they know t", "name one that they know"),
        ("the sentinels know no primary of s that is up: a failover may be", "CKQUORUM"),
        ("what answers is no sentinel: name the sentinels", "INFO sentinel"),
        ("none of the 3 sentinels answers", "whether the sentinels run"),
        ("the sentinels want a login of their own: add ?sentinel_password=", "what they want"),
    ],
)
def test_a_server_that_does_not_answer(trouble: str, words: str) -> None:
    """One check fails, with what to do about that, and there are no others."""
    (check,) = checked(CacheFacts(trouble=trouble)).values()
    assert (check.name, check.state) == ("answers", FAILED)
    assert words in (check.advice or "")


def test_info_may_be_refused() -> None:
    """That is no fault: what it would have told is not known."""
    facts = CacheFacts(
        ping_seconds=0.1, asked=("INFO",), refusals={"INFO": "it is not allowed"}
    )
    check = checked(facts)["server"]
    assert (check.state, check.value) == (OK, None)
    assert "not known" in (check.detail or "")


def test_missing_permissions_come_with_the_acl_to_set() -> None:
    """The patterns are those of the template's values and leases, its own stars escaped."""
    facts = CacheFacts(
        ping_seconds=0.1,
        asked=("GET", "DEL", "SCAN"),
        refusals={"DEL": "such keys are not allowed"},
    )
    checks = checked(facts, key="a*b:{id}", read_only=False)
    assert checks["may read"].state is OK
    check = checks["may write"]
    assert (check.state, check.detail) == (FAILED, "DEL: such keys are not allowed")
    assert r"'~a\*b:*' '~{a\*b:*}:hitmiss-lease'" in (check.advice or "")


def test_the_leases_of_a_template_with_a_brace_have_a_pattern_of_their_own() -> None:
    """What stands in them depends on the record there, so that a star has to stand for it."""
    facts = CacheFacts(
        ping_seconds=0.1, asked=("GET", "DEL"), refusals={"DEL": "such keys are not allowed"}
    )
    advice = checked(facts, key="a}b:{id}", read_only=False)["may write"].advice or ""
    assert "'~a}b:*' '~{a*}b:*}:hitmiss-lease'" in advice


@pytest.mark.parametrize(
    ("sample", "told", "has_rows", "state"),
    [
        (KeySample(10, 3, "app:1", whole=True), {"key": "app:{id}"}, True, OK),
        (KeySample(10, 0, None, whole=True), {"key": "app:{id}"}, True, WARNING),
        (KeySample(10, 0, None, whole=True), {"key": "app:{id}"}, False, OK),
        (KeySample(0, 0, None, whole=True), {"key": "app:{id}"}, True, OK),
        (KeySample(10, 0, None, whole=True), {}, True, OK),
    ],
)
def test_the_template(
    sample: KeySample, told: dict[str, str], has_rows: bool, state: State
) -> None:
    """A template that somebody gave and that fits nothing there is a warning."""
    facts = CacheFacts(ping_seconds=0.1, sample=sample)
    check = checked(facts, has_rows=has_rows, **told)["template"]
    assert (check.state, check.value) == (state, sample.matching)
