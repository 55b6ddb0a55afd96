"""A demonstration as it is written down: one step a line, in words."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, TypeAlias

from tui.config.kinds import duration
from tui.models.keys import parse_key
from tui.runtime.bounded_file import NotToBeRead, read_bounded
from tui.runtime.errors import DemoError, InvalidKey, SettingsError

LONGEST_CAPTION = 72
"""Characters: what stands in one line of a terminal of 80 columns, behind the mark."""
LONGEST_SEEN = 66
"""Characters: at the end it says before them that they were seen."""
LARGEST_SCRIPT: Final = 250_000
"""Bytes; what is larger is some other file."""
MOST_PASTED = 200
NAMED_KEY: Final = re.compile(
    "enter|escape|space|tab|shift[+]tab|up|down|left|right|home|end|pageup|pagedown"
    "|backspace|delete|f[1-9]|ctrl[+][a-z]"
)
SETTINGS: Final = ("ttl", "grace", "negative-ttl", "database-latency", "seed")
"""What a script may set before it begins."""


@dataclass(frozen=True, slots=True)
class Say:
    """Show a caption, until the next one."""

    text: str
    """One line of it."""


@dataclass(frozen=True, slots=True)
class Type:
    """Type a text, character by character."""

    text: str
    """The characters."""


@dataclass(frozen=True, slots=True)
class Press:
    """Press keys, one after the other."""

    keys: tuple[str, ...]
    """Their names, or characters."""


@dataclass(frozen=True, slots=True)
class Paste:
    """Paste one line several times, all at once: so many lookups together."""

    line: str
    """The line."""
    times: int
    """How often."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Let people read; faster at a higher speed."""

    seconds: float
    """How long, at speed 1."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass that something needs; the same at any speed."""

    seconds: float
    """How long."""


@dataclass(frozen=True, slots=True)
class UntilExpired:
    """Wait until the cached copy of a record is no longer fresh."""

    id: str
    """The record's key."""


Step: TypeAlias = Say | Type | Press | Paste | Pause | Wait | UntilExpired


@dataclass(frozen=True, slots=True)
class Script:
    """A demonstration that can be played."""

    name: str
    """What it is called by."""
    title: str
    """What it shows, in a line."""
    settings: Mapping[str, float] = field(default_factory=dict)
    """What it sets, by the names of SETTINGS; times in seconds."""
    steps: tuple[Step, ...] = ()
    """What happens, in order."""
    seen: str = ""
    """What was to be seen, in a line, for the end."""


def packaged() -> Iterator[Script]:
    """Give the demonstrations that come along, by their names' order."""
    for name, file in _files():
        yield read_script(file.read_text(encoding="utf-8"), name)


def next_after(name: str) -> str:
    """Give the name of the demonstration behind that one; of one's own, the first."""
    names = [known for known, _ in _files()]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]


def find_script(name: str) -> Script:
    """Give the demonstration of that name, or the one in the file of that name.

    Raises:
        DemoError: there is neither, or the file cannot be read or understood.
    """
    known = dict(_files())
    if name in known:
        return read_script(known[name].read_text(encoding="utf-8"), name)
    path = Path(name)
    try:
        content = read_bounded(path, LARGEST_SCRIPT, streams=True)
        text = content.decode("utf-8-sig")  # some editors begin with a mark
    except FileNotFoundError:
        raise DemoError(
            f"there is no demonstration {name!r}, and no such file; there are"
            f" {', '.join(known)}"
        ) from None
    except NotToBeRead as error:
        raise DemoError(f"{name}: {error.strerror}; name a script") from error
    except (OSError, ValueError) as error:
        raise DemoError(f"{name}: cannot be read: {error}") from error
    return read_script(text, path.stem, place=name)


def read_script(text: str, name: str, *, place: str = "") -> Script:
    """Give the script that `text` spells; errors say that it stands at `place`.

    Raises:
        DemoError: a line cannot be understood; the message begins with place and number.
    """
    title = seen = ""
    settings: dict[str, float] = {}
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), start=1):
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        if not word or word.startswith("#"):
            continue
        try:
            if not title:
                title = _title(word, rest)
            elif word == "seen":
                seen = _seen(rest, seen)
            elif word == "set":
                setting, value = _setting(rest, begun=bool(steps))
                settings[setting] = value
            else:
                steps.append(_step(word, rest))
        except (DemoError, InvalidKey, SettingsError) as error:
            raise DemoError(f"{place or name}:{number}: {error}") from error
    if not steps:
        raise DemoError(f"{place or name}: nothing happens in it; it needs a title and steps")
    return Script(name, title, settings, tuple(steps), seen)


def _files() -> Iterator[tuple[str, Traversable]]:
    folder = resources.files("tui.demos")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".demo"):
            yield file.name.removesuffix(".demo"), file


def _title(word: str, rest: str) -> str:
    if word != "title" or not rest:
        raise DemoError("a script begins with its title: title TEXT")
    return _caption(rest)


def _setting(rest: str, *, begun: bool) -> tuple[str, float]:
    name, _, value = rest.partition(" ")
    if name not in SETTINGS:
        raise DemoError(f"set what? {name!r} is none of {', '.join(SETTINGS)}")
    if begun:
        raise DemoError(f"{name} is set too late: set stands before the first step")
    if name == "seed":
        if not re.fullmatch("[0-9]{1,9}", value):
            raise DemoError(f"seed {value!r} is no whole number")
        return name, float(value)
    seconds = _seconds(value)
    if name in {"ttl", "negative-ttl"} and not seconds:
        raise DemoError(f"{name} has to be more than 0")
    return name, seconds


def _step(word: str, rest: str) -> Step:
    if word not in _STEPS:
        raise DemoError(f"{word!r} is no step; there are set, seen, {', '.join(_STEPS)}")
    if not rest:
        raise DemoError(f"{word} what? something has to follow it")
    return _STEPS[word](rest)


def _caption(text: str) -> str:
    if len(text) > LONGEST_CAPTION:
        raise DemoError(f"a caption has {LONGEST_CAPTION} characters at most, not {len(text)}")
    return text


def _seen(text: str, before: str) -> str:
    if not text or before:
        raise DemoError("seen stands once, with what was seen: seen TEXT")
    if len(text) > LONGEST_SEEN:
        raise DemoError(f"seen has {LONGEST_SEEN} characters at most, not {len(text)}")
    return text


def _type(text: str) -> Type:
    for character in text:
        if not _is_typed(character):
            raise DemoError(f"{character!r} is no character that a key types")
    return Type(text)


def _press(rest: str) -> Press:
    keys = tuple(rest.split())
    for key in keys:
        known = _is_typed(key) if len(key) == 1 else NAMED_KEY.fullmatch(key)
        if not known:
            raise DemoError(f"{key!r} is no key: use a character, or a name such as enter")
    return Press(keys)


def _is_typed(character: str) -> bool:
    """Tell whether it has a name, as the events of keys do: controls have none."""
    return unicodedata.name(character, "") != ""


def _paste(rest: str) -> Paste:
    match = re.fullmatch(r"(.+?) x ([0-9]{1,6})", rest)
    if match is None:
        raise DemoError("paste needs a line and how often: paste 1 x 200")
    if not 0 < int(match[2]) <= MOST_PASTED:
        raise DemoError(f"a paste has 1 to {MOST_PASTED} lines, not {match[2]}")
    return Paste(match[1], int(match[2]))


def _until(rest: str) -> UntilExpired:
    match = re.fullmatch(r"(\S+) expires", rest)
    if match is None:
        raise DemoError("until needs a key and the word expires: until 1 expires")
    parse_key(match[1], integer=True)  # as the demo database has them
    return UntilExpired(match[1])


def _seconds(text: str) -> float:
    """Give the seconds that `text` spells; the message does not speak of an option."""
    try:
        return duration("time", text)
    except SettingsError as error:
        raise DemoError(str(error).removeprefix("--time ")) from error


_STEPS: Final[Mapping[str, Callable[[str], Step]]] = {
    "say": lambda rest: Say(_caption(rest)),
    "type": _type,
    "press": _press,
    "paste": _paste,
    "pause": lambda rest: Pause(_seconds(rest)),
    "wait": lambda rest: Wait(_seconds(rest)),
    "until": _until,
}
"""What each word makes of the rest of its line."""
