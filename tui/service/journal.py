"""What the service does, as lines of a log: no record and no password is in them."""

from typing import Any, assert_never

from tui.models import Outcome
from tui.runtime.log_file import LogFile
from tui.service.events import (
    BreakerChanged,
    Drained,
    Event,
    FillEnded,
    Invalidated,
    Loaded,
    LookedUp,
    Written,
)


class Journal:
    """Listens to a service, and writes down what it hears."""

    def __init__(self, file: LogFile) -> None:
        """Write into `file`, which whoever opened it closes."""
        self._file = file

    def hear(self, event: Event) -> None:
        """Write an event down."""
        self._file.add(entry_of(event))

    def began(self, *, version: str, database: str, cache: str, read_only: bool) -> None:
        """Write down what the lines after this one are about; `cache` as it may be shown."""
        self._file.add(
            {
                "event": "began",
                "version": version,
                "database": database,
                "cache": cache,
                "read_only": read_only,
            }
        )

    def ended(self) -> None:
        """Write down that this was all."""
        self._file.add({"event": "ended"})


def entry_of(event: Event) -> dict[str, Any]:
    """Give an event as an object for JSON: times in milliseconds, no record.

    The steps of a lookup are left out, since a command may hold a value.
    """
    match event:
        case LookedUp(outcome):
            return _lookup(outcome)
        case Loaded(id, seconds, found):
            return {"event": "load", "id": id, "ms": _ms(seconds), "found": found}
        case FillEnded(id, filled):
            return {"event": "fill", "id": id, "filled": str(filled)}
        case Written(id):
            return {"event": "write", "id": id}
        case Invalidated(id, pending):
            return {"event": "invalidate", "id": id, "pending": pending}
        case Drained(value_keys):
            return {"event": "drain", "keys": list(value_keys)}
        case BreakerChanged(is_open, reason):
            return {"event": "breaker", "open": is_open, "reason": reason or None}
        case _:
            assert_never(event)


def _lookup(outcome: Outcome) -> dict[str, Any]:
    return {
        "event": "lookup",
        "id": outcome.id,
        "label": str(outcome.label),
        "ms": _ms(outcome.seconds),
        "ttl_left": None if outcome.ttl_left is None else round(outcome.ttl_left, 3),
        "flags": outcome.flags.to_json(),
        "reason": outcome.reason,
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
