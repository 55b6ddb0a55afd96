"""Patterns by which a server finds keys, and by which it allows them to a user."""

import re

from tui.cache.redis.leases import lease_key
from tui.models.keys import RESERVED_END, KeyTemplate


def scan_pattern(template: KeyTemplate, part: str = "") -> str:
    """Return the pattern that fits the value keys, or those whose id holds `part`.

    What would have a meaning in a pattern is escaped, so that it means itself.
    """
    middle = f"*{_escaped(part)}*" if part else "*"
    return f"{_escaped(template.before)}{middle}{_escaped(template.after)}"


def lease_pattern(template: KeyTemplate) -> str:
    """Return a pattern that fits the leases of all records whose keys hold no brace."""
    value_key = template.value_key("\0")
    lease = lease_key(value_key)
    if not lease.startswith((value_key, f"{{{value_key}")):  # letters by slot are in it
        tag, brace, rest = value_key.partition("}")
        lease = f"{{{tag}\0{brace}{rest}}}{RESERVED_END}"
    return re.sub("\0+", "*", _escaped(lease))


def _escaped(text: str) -> str:
    return re.sub(r"([*?\[\]\\])", r"\\\1", text)
