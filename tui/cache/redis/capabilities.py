"""What caches over the Redis protocol can do."""

from tui.cache.port import Capabilities

LONGEST = 512 << 20
"""Bytes of a key, and of a value. Source: Redis documentation, 'Redis strings' and 'Keys'."""
ON_A_SERVER = Capabilities(
    ttl_step=0.001, least_ttl=0.001, largest_value=LONGEST, longest_key=LONGEST, walks=True,
    claims=True, claims_apart=True, shared=True,
)  # fmt: skip
