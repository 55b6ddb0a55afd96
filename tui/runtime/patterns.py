"""Regular expressions that are compiled when they are first used.

Compiling one takes about as long as importing a module, and most of a start's are not needed
before its first picture.
"""

import re
from typing import Any, cast


class _Lazy:
    """Becomes the pattern, method by method, when one is asked for."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._source = pattern, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._source), name)  # `re` keeps what it has compiled
        setattr(self, name, found)
        return found


def lazily(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Give what `re.compile` does, compiled when it is first used."""
    return cast("re.Pattern[str]", _Lazy(pattern, int(flags)))
