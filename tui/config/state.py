"""What the explorer keeps from one run to the next: screen, ttl, theme, what was asked."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import platformdirs
from msgspec import Struct, field
from msgspec.structs import replace

from tui.config.kinds import LONGEST_SECONDS
from tui.config.settings import Settings
from tui.models.history import History
from tui.runtime import own_file
from tui.runtime.bounded_file import read_bounded
from tui.runtime.errors import StateUnusable
from tui.runtime.own_file import NotOurs, why_not_ours

VERSION: Final = 1
FIELDS: Final = frozenset({"version", "screen", "ttl", "theme", "history"})
MOST_BYTES: Final = 1_000_000
TRIES: Final = 5
"""How often it is kept anew over what another explorer has kept meanwhile."""


class KeptState(Struct, frozen=True):
    """What is kept. None is what nobody has chosen yet, or has not changed."""

    screen: str | None = None
    """The screen that was in front."""
    ttl: float | None = None
    """Seconds for which the next fills are fresh."""
    theme: str | None = None
    """The name of the theme."""
    history: Mapping[str, History] = field(default_factory=dict)
    """What was asked, by screen."""


def state_path() -> Path:
    """Give the place of the file."""
    return platformdirs.user_state_path("hitmiss") / "session.json"


def read_state(path: Path) -> KeptState:
    """Give what was kept; a file that is not there is a first run.

    Raises:
        StateUnusable: there is something else, or something that cannot be read.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple[KeptState, os.stat_result | None]:
    """Give what was kept, and the file that it was kept in."""
    try:
        before = path.lstat()
        wrong = why_not_ours(before)
        if wrong is not None:
            raise NotOurs(wrong)
        return _state_of(json.loads(read_bounded(path, MOST_BYTES))), before
    except (FileNotFoundError, NotADirectoryError):
        return KeptState(), None
    except OSError as error:
        reason = error.strerror or "it cannot be read"
    except (ValueError, RecursionError):
        reason = "it is not what hitmiss has written"
    raise StateUnusable(f"{path}: {reason}; it is left as it is, and nothing is kept")


def start_of(settings: Settings) -> tuple[KeptState, str | None]:
    """Give how the explorer begins, and what is wrong with what was kept, if anything is.

    What flags, environment and file say comes before what was chosen in a former run.
    """
    kept, wrong = KeptState(), None
    if settings.session:
        try:
            kept = read_state(state_path())
        except StateUnusable as error:
            wrong = str(error)
    ttl = kept.ttl if settings.sources["ttl"] == "default" else None
    return replace(kept, theme=settings.theme or kept.theme, ttl=ttl), wrong


def keep_state(path: Path, state: KeptState) -> bool:
    """Keep what has changed, over what is there by now; tell whether it was possible.

    Another explorer may have kept its own meanwhile: what was asked in both is kept. The file
    is replaced as a whole, so nobody ever reads half of one. What is not ours stays.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(TRIES):
            before, file = _read(path)
            if own_file.replace(path, json.dumps(_merged(before, state), indent=1), file):
                return True
    except (OSError, StateUnusable):
        pass
    return False


def _merged(before: KeptState, state: KeptState) -> dict[str, Any]:
    """Give what is to stand in the file: what was there, and what was chosen since."""
    names = dict.fromkeys([*before.history, *state.history])
    history = {name: History(before.history.get(name, ())) for name in names}
    for name, asked in state.history.items():
        for text in asked.new:
            history[name].remember(text)
    return {
        "version": VERSION,
        "screen": state.screen or before.screen,
        "ttl": state.ttl or before.ttl,
        "theme": state.theme or before.theme,
        "history": {name: list(asked) for name, asked in history.items()},
    }


def _state_of(told: Any) -> KeptState:
    """Give the state that a JSON value spells.

    Raises:
        ValueError: it spells none.
    """
    is_ours = (
        isinstance(told, dict) and told.get("version") == VERSION and told.keys() <= FIELDS
    )
    if not is_ours:
        raise ValueError("not ours")
    history = told.get("history", {})
    ttl = told.get("ttl")
    is_number = isinstance(ttl, int | float) and not isinstance(ttl, bool)
    if ttl is not None and not (is_number and 0 < ttl <= LONGEST_SECONDS):
        raise ValueError("ttl")
    if not isinstance(history, dict) or not all(map(_is_texts, history.values())):
        raise ValueError("history")
    return KeptState(
        _text_or_none(told.get("screen")),
        ttl,
        _text_or_none(told.get("theme")),
        {name: History(texts) for name, texts in history.items()},
    )


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _text_or_none(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise ValueError("no text")
