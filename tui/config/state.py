"""What the explorer keeps from one run to the next.

The theme is a person's. Screen, ttl and what was asked belong to the database and the cache on
which they were chosen, and are used for no others.
"""

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

VERSION: Final = 2
FIELDS: Final = frozenset({"version", "theme", "places"})
OF_A_PLACE: Final = frozenset({"screen", "ttl", "history"})
FIRST_FIELDS: Final = frozenset({"version", "theme", *OF_A_PLACE})
"""What version 1 had, which did not say of which database and cache: its theme is used."""
MOST_BYTES: Final = 1_000_000
MOST_PLACES: Final = 20
"""Of how many databases and caches something is kept: those that were left last."""
DEMO: Final = "demo embedded"
"""The place of the demo database and the embedded cache."""
TRIES: Final = 5
"""How often it is kept anew over what another explorer has kept meanwhile."""


class KeptState(Struct, frozen=True):
    """What is kept of one place. None is what nobody has chosen yet, or has not changed."""

    screen: str | None = None
    """The screen that was in front."""
    ttl: float | None = None
    """Seconds for which the next fills are fresh."""
    theme: str | None = None
    """The name of the theme."""
    history: Mapping[str, History] = field(default_factory=dict)
    """What was asked, by screen."""


class _Kept(Struct):
    """What the file holds."""

    theme: str | None = None
    places: dict[str, KeptState] = field(default_factory=dict)
    """By database and cache; the one that was left last is the last."""


def state_path() -> Path:
    """Give the place of the file."""
    return platformdirs.user_state_path("hitmiss") / "session.json"


def read_state(path: Path, place: str = DEMO) -> KeptState:
    """Give what was kept of a place; a file that is not there is a first run.

    Raises:
        StateUnusable: there is something else, or something that cannot be read.
    """
    kept, _ = _read(path)
    return replace(kept.places.get(place, KeptState()), theme=kept.theme)


def _read(path: Path) -> tuple[_Kept, os.stat_result | None]:
    """Give what was kept, and the file that it was kept in."""
    try:
        before = path.lstat()
        wrong = why_not_ours(before)
        if wrong is not None:
            raise NotOurs(wrong)
        return _kept_of(json.loads(read_bounded(path, MOST_BYTES))), before
    except (FileNotFoundError, NotADirectoryError):
        return _Kept(), None
    except OSError as error:
        reason = error.strerror or "it cannot be read"
    except (ValueError, RecursionError):
        reason = "it is not what hitmiss has written"
    raise StateUnusable(f"{path}: {reason}; it is left as it is, and nothing is kept")


def start_of(settings: Settings, place: str = DEMO) -> tuple[KeptState, str | None]:
    """Give how the explorer begins, and what is wrong with what was kept, if anything is.

    What flags, environment and file say comes before what was chosen in a former run at that
    place. On the demo it always begins with Lookup, where there is something to try.
    """
    kept, wrong = KeptState(), None
    if settings.session:
        try:
            kept = read_state(state_path(), place)
        except StateUnusable as error:
            wrong = str(error)
    ttl = kept.ttl if settings.sources["ttl"] == "default" else None
    screen = None if settings.db is None else kept.screen
    return replace(kept, screen=screen, theme=settings.theme or kept.theme, ttl=ttl), wrong


def keep_state(path: Path, state: KeptState, place: str = DEMO) -> bool:
    """Keep what has changed at a place, over what is there by now; tell whether that worked.

    Another explorer may have kept its own meanwhile: what was asked in both is kept. The file
    is replaced as a whole, so nobody ever reads half of one. What is not ours stays.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(TRIES):
            before, file = _read(path)
            if own_file.replace(path, _text(_merged(before, state, place)), file):
                return True
    except (OSError, StateUnusable):
        pass
    return False


def _merged(kept: _Kept, state: KeptState, place: str) -> _Kept:
    """Give what is to stand in the file: what was there, and what was chosen since."""
    before = kept.places.get(place, KeptState())
    names = dict.fromkeys([*before.history, *state.history])
    history = {name: History(before.history.get(name, ())) for name in names}
    for name, asked in state.history.items():
        for text in asked.new:
            history[name].remember(text)
    merged = KeptState(state.screen or before.screen, state.ttl or before.ttl, history=history)
    others = {name: one for name, one in kept.places.items() if name != place}
    return _Kept(state.theme or kept.theme, {**others, place: merged})


def _text(kept: _Kept) -> str:
    """Give the file's text, without the places that were left longest ago."""
    places = list(kept.places.items())[-MOST_PLACES:]
    while True:
        told = {
            "version": VERSION,
            "theme": kept.theme,
            "places": {name: _spelled(state) for name, state in places},
        }
        text = json.dumps(told, indent=1)
        if len(text) <= MOST_BYTES or len(places) == 1:
            return text
        del places[0]


def _spelled(state: KeptState) -> dict[str, Any]:
    history = {name: list(asked) for name, asked in state.history.items()}
    return {"screen": state.screen, "ttl": state.ttl, "history": history}


def _kept_of(told: Any) -> _Kept:
    """Give what a JSON value spells.

    Raises:
        ValueError: it spells nothing of ours.
    """
    told = told if isinstance(told, dict) else {}
    version, names = told.get("version"), frozenset(told)
    if version == 1 and names <= FIRST_FIELDS:
        _state_of({name: told[name] for name in OF_A_PLACE & names})
        return _Kept(_text_or_none(told.get("theme")))
    places = told.get("places", {}) if version == VERSION and names <= FIELDS else None
    if not isinstance(places, dict):
        raise ValueError("not ours")  # noqa: TRY004 - as all that cannot be read
    theme = _text_or_none(told.get("theme"))
    return _Kept(theme, {name: _state_of(state) for name, state in places.items()})


def _state_of(told: Any) -> KeptState:
    """Give the state of one place that a JSON value spells.

    Raises:
        ValueError: it spells none.
    """
    if not isinstance(told, dict) or not told.keys() <= OF_A_PLACE:
        raise ValueError("no place")
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
        history={name: History(texts) for name, texts in history.items()},
    )


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _text_or_none(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise ValueError("no text")
