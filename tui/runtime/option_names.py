"""The names of options in URLs, as programs of every language spell them."""

import re
from typing import Final

LOGINS: Final = frozenset({"password", "username", "user", "auth", "pass"})
"""Those of options that hold a login, in the plain form."""
SENTINEL_LOGINS: Final = frozenset({"sentinelusername", "sentinelpassword"})
"""Those that hold the login at sentinels, which is none at the cache."""


def plain_name(name: str) -> str:
    """Return an option's name without what languages spell it by."""
    return re.sub("[_-]", "", name).lower()
