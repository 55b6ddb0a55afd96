"""What the facts about a cache mean for hitmiss, and what to do."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.cache.cache_checks import GROUP, sample_check, silence_check
from tui.cache.port import Asked
from tui.cache.redis.address import checks_certificates, is_cluster
from tui.cache.redis.key_checks import permission_checks
from tui.models.check import Check, State

if TYPE_CHECKING:
    from tui.cache.redis.facts import CacheFacts

NEARLY_FULL = 0.9
TROUBLES = {
    "no service": "name one that they know: redis+sentinel://HOST:PORT,HOST:PORT/SERVICE",
    "failover": "wait; if that lasts, see on a sentinel: SENTINEL MASTERS, SENTINEL CKQUORUM",
    "run ROLE": "or name the server itself, redis://HOST:PORT, and do without its failover",
    "no sentinel": "see what listens there: redis-cli -h HOST -p PORT INFO sentinel",
    "sentinel": "see whether the sentinels run, and what they want: redis-cli -h HOST -p PORT"
    " SENTINEL MASTERS",
    "TLS alone": "write rediss:// in the address, or the port on which it has no TLS",
    "usual server": "name the server itself, not a proxy or gateway before it",
    "protected mode": "give that server a password, or let it listen to this machine",
    "primary": "see why the replica has lost its primary, or name the primary",
    "closed the connection": "see the log of the server, or of a proxy before it; for TLS the"
    " address begins with rediss://",
    "script": "let that script end, or SCRIPT KILL",
    "certificate": "name the file of who signed it: rediss://HOST:PORT?ssl_ca_certs=FILE",
    "without TLS": "write redis:// in the address, or the port on which the server has TLS",
    "password": "put them into the address, redis://USER:PASSWORD@HOST:PORT, with each special"
    " character as %XX",
    "did not answer": "see whether the server is stopped, busy or behind a firewall",
    "no connection": "see whether host and port are right, and no firewall is in between",
    "slowly": "see what keeps the server or the network busy; hitmiss waits 0.25 s at the most",
    "no cluster": "write redis:// for it, with TLS rediss://",
    "'cluster' command": "an administrator may run: ACL SETUSER NAME +cluster",
    "luster": "name a node that runs and knows its cluster; a single server is redis://",
    "protocol": "see whether host and port are right, and whether it wants rediss:// for TLS",
}
"""What to do when these words are in the reason."""
DIFFERS = {
    "dragonfly": "scripts may touch declared keys alone there, and those of hitmiss do; it was"
    " tried on an imitation only",
    "keydb": "hitmiss was not tried on it",
    "garnet": "hitmiss was not tried on it; scripts, which fills need, take its option --lua",
}
"""What is different about servers that are neither Valkey nor Redis."""


def embedded_checks() -> list[Check]:
    """Give what there is to say about the cache inside the process."""
    detail = (
        "inside each hitmiss process: empty when it starts, gone when it ends,"
        " and seen by nobody else"
    )
    return [Check(GROUP, "server", "embedded", detail)]


def server_checks(asked: Asked, facts: "CacheFacts") -> list[Check]:
    """Give the checks of a server, as far as it answered."""
    from tui.cache.redis.sentinel_checks import sentinel_checks

    checks: list[Check] = list(sentinel_checks(facts))
    if facts.ping_seconds is not None:
        checks += _server(asked, facts)
        if asked.template is not None:
            checks += permission_checks(asked, asked.template, facts)
            if facts.sample is not None:
                checks.append(sample_check(asked, asked.template, facts.sample))
    if facts.trouble is not None:
        checks.append(silence_check(facts.trouble, TROUBLES))
    return checks


def _server(asked: Asked, facts: "CacheFacts") -> Iterator[Check]:
    if facts.trouble is None:
        milliseconds = round((facts.ping_seconds or 0) * 1000, 3)
        yield Check(GROUP, "answers", milliseconds, f"a PING takes {milliseconds:.2f} ms")
    if facts.info:
        yield _version(facts)
        yield _mode(asked, facts)
        yield _role(asked, facts)
        yield _memory(asked, facts)
    elif "INFO" in facts.asked:
        yield _not_informed(facts.refusals.get("INFO", "INFO says nothing"))
    if not checks_certificates(asked.url):
        yield Check(
            GROUP, "certificate", None, "not checked: anybody could answer in its place",
            State.WARNING, "name the file of who signed it, ssl_ca_certs=FILE, and leave out"
            " ssl_cert_reqs",
        )  # fmt: skip
    if facts.keys is not None:
        yield Check(GROUP, "keys", facts.keys, f"{facts.keys:,}, everybody's together")


def _not_informed(reason: str) -> Check:
    from tui.cache.redis.facts import TOO_LONG

    detail = f"not known, nor its role and memory: {reason}"
    if reason != TOO_LONG:
        return Check(GROUP, "server", None, detail)
    advice = "see with redis-cli INFO what answers there, and name the server itself"
    return Check(GROUP, "server", None, detail, State.FAILED, advice)


def _version(facts: "CacheFacts") -> Check:
    from tui.cache.redis.facts import SERVERS

    name = next((name for name in SERVERS if f"{name}_version" in facts.info), None)
    if name is None:
        return Check(GROUP, "server", None, "not known: INFO has no version")
    shown = f"{name} {facts.info[f'{name}_version']}"
    return Check(
        GROUP, "server", shown, f"{shown}: {said}" if (said := DIFFERS.get(name)) else None
    )


def _mode(asked: Asked, facts: "CacheFacts") -> Check:
    mode = facts.info.get("redis_mode") or facts.info.get("server_mode")
    if facts.info.get("cluster_enabled") == "1":
        mode = "cluster"
    if mode == "sentinel":
        return Check(
            GROUP, "mode", mode, "a sentinel, which watches servers and holds no keys",
            State.FAILED, "name the service, redis+sentinel://HOST:PORT/SERVICE, which SENTINEL"
            " MASTERS tells",
        )  # fmt: skip
    if mode != "cluster":
        return Check(GROUP, "mode", mode)
    if is_cluster(asked.url):
        return Check(GROUP, "mode", mode, f"cluster, {facts.nodes} nodes hold keys")
    return Check(
        GROUP, "mode", mode, "a node of a cluster, which refuses the keys of other nodes",
        State.FAILED, "use redis+cluster:// (rediss+cluster:// for TLS) in place of redis://",
    )  # fmt: skip


def _role(asked: Asked, facts: "CacheFacts") -> Check:
    role = facts.info.get("role")
    if role == "active-replica":
        return Check(
            GROUP, "role", role, "several servers take writes: a delete reaches the others"
            " late, and they answer with what was there before", State.WARNING,
            "let all programs use one of them",
        )  # fmt: skip
    if role not in {"slave", "replica"}:
        return Check(GROUP, "role", "primary" if role == "master" else role)
    link = facts.info.get("master_link_status", "up")
    if facts.info.get("slave_read_only") != "0" and not asked.read_only:
        return Check(
            GROUP, "role", "replica", "a read-only replica: no fill and no delete goes through",
            State.FAILED, "name its primary with --cache, or start with --read-only",
        )  # fmt: skip
    if link != "up":
        return Check(
            GROUP, "role", "replica", f"a replica; the link to its primary is {link}",
            State.WARNING, "see why: what it holds may be old",
        )  # fmt: skip
    return Check(GROUP, "role", "replica", "a replica: a little behind its primary")


def _memory(asked: Asked, facts: "CacheFacts") -> Check:
    policy = facts.info.get("maxmemory_policy")
    used, most = (_number(facts.info.get(name)) for name in ("used_memory", "maxmemory"))
    if most is None or used is None:
        return Check(GROUP, "memory", policy, "not known")
    if most == 0:
        return Check(GROUP, "memory", policy, f"{used:,} bytes used, no limit, {policy}")
    detail = f"{used:,} of {most:,} bytes used, {policy}"
    if asked.read_only or (policy != "noeviction" and used < most * NEARLY_FULL):
        return Check(GROUP, "memory", policy, detail)
    if policy != "noeviction":
        return Check(
            GROUP, "memory", policy, f"{detail}: nearly full, copies go before their time",
            State.WARNING, "give it more memory (maxmemory), or choose a shorter --ttl",
        )  # fmt: skip
    return Check(
        GROUP, "memory", policy, f"{detail}: a full server refuses every fill", State.WARNING,
        "if it is a cache only: CONFIG SET maxmemory-policy allkeys-lru; else more maxmemory",
    )  # fmt: skip


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch("[0-9]{1,18}", text) else None
