"""What hitmiss may do with its keys on a server, and whether there are any."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.cache.cache_checks import GROUP
from tui.cache.port import Asked
from tui.cache.redis.address import is_cluster
from tui.cache.redis.address_sentinel import is_sentinel
from tui.models.check import Check, State
from tui.models.keys import KeyTemplate

if TYPE_CHECKING:
    from tui.cache.redis.facts import CacheFacts

NEEDED_TO_READ = ("GET", "PTTL", "STRLEN", "GETRANGE", "HLEN", "HGETALL", "SCAN")
TO_READ = f" +ping {' '.join(f'+{command.lower()}' for command in NEEDED_TO_READ)}"
TO_MEASURE = " +hkeys +hstrlen"
"""By which a walk finds out how long a hash is before it reads it; it does without, too."""
TO_WRITE = " +set +del +eval +evalsha +pexpire"
NOT_NEEDED = frozenset({"PING", "INFO", "DBSIZE"})
"""What only these checks ask for."""


def permission_checks(
    asked: Asked, template: KeyTemplate, facts: "CacheFacts"
) -> Iterator[Check]:
    """Give whether hitmiss may read and write the keys that it needs."""
    writing = [c for c in facts.asked if c not in (*NEEDED_TO_READ, *NOT_NEEDED)]
    reading = [c for c in facts.asked if c in NEEDED_TO_READ]
    if reading:
        yield _may("may read", reading, facts, _acl(asked, template, TO_READ + TO_MEASURE))
    if asked.read_only:
        yield Check(GROUP, "may write", None, "not asked: hitmiss is read-only")
    elif writing:
        rights = TO_READ + TO_MEASURE + TO_WRITE
        acl = f"{_acl(asked, template, rights)}; or start with --read-only"
        yield _may("may write", writing, facts, acl)


def _may(name: str, commands: list[str], facts: "CacheFacts", acl: str) -> Check:
    refused = {c: facts.refusals[c] for c in commands if c in facts.refusals}
    if not refused:
        return Check(GROUP, name, True, ", ".join(commands))
    reasons: dict[str, list[str]] = {}
    for command, reason in refused.items():
        reasons.setdefault(reason, []).append(command)
    detail = "; ".join(f"{', '.join(which)}: {why}" for why, which in reasons.items())
    permissions = any("allowed" in reason for reason in reasons)
    advice = acl if permissions else "see the server's state: CONFIG, INFO, its log"
    if any("known" in reason for reason in reasons):
        advice = "name a server that knows them: this may be a sentinel or a proxy"
    if any("cluster" in reason for reason in reasons):
        advice = "use redis+cluster:// in place of redis://; see that the cluster is whole"
    if any("replica" in reason for reason in reasons):
        advice = "name its primary with --cache, or start with --read-only"
    return Check(GROUP, name, False, detail, State.FAILED, advice)


def _acl(asked: Asked, template: KeyTemplate, commands: str) -> str:
    """Give what an administrator runs so that a user may do what hitmiss does."""
    from tui.cache.redis.key_patterns import lease_pattern, scan_pattern

    patterns = [scan_pattern(template)]
    if TO_WRITE in commands:
        patterns.append(lease_pattern(template))
    shown = " ".join(f"'~{pattern}'" for pattern in patterns)
    also = " +cluster" if is_cluster(asked.url) else ""
    also += " +role" if is_sentinel(asked.url) else ""
    return f"an administrator may run: ACL SETUSER NAME {shown}{commands}{also}"
