"""One thing that was looked at, and how it stands."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tui.models import Scalar
from tui.models.columns import Column


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; what its texts hold may come from outside."""

    group: str
    """What it belongs to: settings, versions, database, cache, terminal, folders."""
    name: str
    """What was looked at, unique in its group."""
    value: Scalar = None
    """What was found, for programs; times in milliseconds."""
    detail: str | None = None
    """What was found, for people, where the value does not say it all."""
    state: State = State.OK
    advice: str | None = None
    """What to do; every warning and failure has some."""
    source: str | None = None
    """Where a setting came from: flag, environment, the file's path, default."""
    columns: tuple[Column, ...] = ()
    """The table's columns, where they are what was looked at."""

    def to_json(self) -> dict[str, Any]:
        """Return the check in the form that `--json` prints, with columns where it has some."""
        form: dict[str, Any] = {
            "group": self.group,
            "check": self.name,
            "state": str(self.state),
            "value": self.value,
            "detail": self.detail,
            "advice": self.advice,
            "source": self.source,
        }
        if self.columns:
            form["columns"] = [column.to_json() for column in self.columns]
        return form


def counted(checks: Iterable[Check]) -> dict[str, int]:
    """Give how many checks came out in each state."""
    counts = Counter(check.state for check in checks)
    return {str(state): counts[state] for state in State}
