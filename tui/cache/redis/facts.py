"""What is known of a server after it was asked about itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tui.cache.cache_checks import KeySample

SERVERS: Final = ("valkey", "dragonfly", "keydb", "garnet", "redis")
"""Most have a redis_version too, so that comes last."""
INFO_FIELDS: Final = frozenset(
    {"redis_mode", "server_mode", "cluster_enabled", "role", "master_link_status",
     "slave_read_only", "maxmemory", "maxmemory_policy", "used_memory",
     "min_slaves_good_slaves",
     *(f"{name}_version" for name in SERVERS)}
)  # fmt: skip
"""What is kept of INFO."""
TOO_LONG: Final = "it says far more than any server"
"""Why a reply was not taken."""


@dataclass(frozen=True, slots=True)
class Sentinel:
    """What one sentinel says of a service."""

    primary: str
    """Host and port of its primary."""
    quorum: int
    """How many sentinels have to agree that it is down."""
    sentinels: int
    """How many there are, as far as this one knows."""
    replicas: int
    """How many servers could take over."""
    down_after: float
    """After how many seconds without an answer the primary is taken for down."""


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What sentinels say of the service that they watch."""

    service: str
    named: int
    """How many sentinels the address names."""
    answers: tuple[Sentinel, ...] = ()
    """What those say who answer and know the service, whose word counts most first."""


@dataclass(frozen=True, slots=True)
class CacheFacts:
    """What a server said; None and absent is what it was not asked or did not say."""

    trouble: str | None = None
    """Why not everything could be asked."""
    ping_seconds: float | None = None
    """The median of a few round trips."""
    info: Mapping[str, str] = field(default_factory=dict)
    """What INFO holds of INFO_FIELDS, of a cluster its default node's."""
    nodes: int = 1
    """How many nodes hold keys."""
    keys: int | None = None
    """How many keys there are, everybody's."""
    asked: tuple[str, ...] = ()
    """The commands that were answered, or refused."""
    refusals: Mapping[str, str] = field(default_factory=dict)
    """Commands that this user, or anybody, may not send now, and why."""
    sample: KeySample | None = None
    service: ServiceFacts | None = None
    """What the sentinels say, where the address names some."""
