"""What is around hitmiss: versions, the terminal, folders."""

import locale
import os
import platform
import shlex
import stat
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tui import __version__
from tui.config.config_file import read_file
from tui.config.settings import demo_path
from tui.config.state import read_state, state_path
from tui.database.port import DatabaseStore
from tui.models.check import Check, State
from tui.runtime.errors import SettingsError, StateUnusable
from tui.runtime.log_target import hindrance
from tui.runtime.option_names import LOGINS, plain_name

PACKAGES = ("textual", "redis", "hiredis", "fakeredis", "aiosqlite", "click", "platformdirs")
OTHERS_READ = stat.S_IRGRP | stat.S_IROTH
SMALLEST_WIDTH, SMALLEST_HEIGHT = 60, 16
"""Below that the explorer shows the log alone."""


def versions(database: DatabaseStore) -> list[Check]:
    """Give the versions of all that takes part; no package is imported for it."""
    name, version = database.version()
    return [
        Check("versions", "hitmiss", __version__),
        Check(
            "versions",
            "python",
            platform.python_version(),
            f"{platform.python_version()}, {sys.executable}",
        ),
        Check("versions", name, version),
        *(_package(name) for name in PACKAGES),
        Check("versions", "platform", _platform()),
    ]


def _platform() -> str:
    """Give system and machine; platform.platform() runs whatever `uname` PATH has first."""
    system = platform.uname()
    return f"{system.system}-{system.release}-{system.machine}"


def terminal() -> list[Check]:
    """Give what is known of the terminal from its variables and its size."""
    return [_kind(), _colours(), _encoding(), _size(), *_between()]


def folders(config: Path, log: Path | None = None) -> list[Check]:
    """Give where hitmiss' own files are, or would be, and whether a log can be written."""
    data = demo_path().parent
    return [
        _config(config),
        Check("folders", "data", str(data), f"{data}, {_there(data)}; for the demo database"),
        _state(state_path()),
        _log(log),
    ]


def _config(path: Path) -> Check:
    told = f"{path}, {_there(path)}"
    try:
        mode = path.stat().st_mode
    except OSError:
        mode = 0
    if stat.S_ISREG(mode) and mode & OTHERS_READ and _holds_password(path):
        return Check(
            "folders", "config", str(path),
            f"{told}; it holds a password, and others may read it",
            State.FAILED, f"run: chmod 600 {shlex.quote(str(path))}",
        )  # fmt: skip
    return Check("folders", "config", str(path), told)


def _holds_password(path: Path) -> bool:
    """Tell whether a configuration file names a cache or a database with its password."""
    try:
        told = read_file(path, streams=False)[0]
    except SettingsError:  # it is told as what it is
        return False
    return any(_has_password(str(told.get(name, ""))) for name in ("cache", "db"))


def _has_password(url: str) -> bool:
    try:
        place = urlsplit(url.strip())
        names = {plain_name(name) for name, _ in parse_qsl(place.query)}
        return place.password is not None or bool(names & LOGINS)
    except ValueError:  # the URL cannot be read, and so may hold one
        return "@" in url


def _state(path: Path) -> Check:
    told = f"{path}, {_there(path)}; what the explorer keeps from one run to the next"
    try:
        read_state(path)
    except StateUnusable as error:
        return Check(
            "folders", "state", str(path), str(error), State.WARNING,
            "move it away: a new one is made then",
        )  # fmt: skip
    return Check("folders", "state", str(path), told)


def _log(path: Path | None) -> Check:
    if path is None:
        return Check("folders", "log", None, "none; --log FILE writes one")
    told = f"{path}, {_there(path)}"
    wrong = hindrance(path)
    if wrong is None:
        return Check("folders", "log", str(path), told)
    return Check(
        "folders", "log", str(path), f"{told}, and {wrong}", State.FAILED,
        "name a file in a folder that is there and may be written",
    )  # fmt: skip


def _package(name: str) -> Check:
    try:
        return Check("versions", name, version(name))
    except PackageNotFoundError:
        return Check(
            "versions", name, None, "not installed", State.WARNING,
            f"install it: {sys.executable} -m pip install {name}",
        )  # fmt: skip


def _kind() -> Check:
    kind = os.environ.get("TERM")
    if kind and kind != "dumb":
        return Check("terminal", "TERM", kind)
    return Check(
        "terminal", "TERM", kind, "the explorer cannot know what this terminal can do",
        State.WARNING, "set it to the terminal's kind, for example: export TERM=xterm-256color",
    )  # fmt: skip


def _colours() -> Check:
    colour, kind = os.environ.get("COLORTERM", ""), os.environ.get("TERM", "")
    said = f"COLORTERM={colour}" if colour else "COLORTERM is not set"
    if os.environ.get("NO_COLOR"):
        return Check("terminal", "colours", 0, "none, as NO_COLOR asks")
    if colour.lower() in {"truecolor", "24bit"}:
        return Check("terminal", "colours", 2**24, f"16 million; {said}")
    if "256color" in kind:
        return Check("terminal", "colours", 256, f"256, judging by TERM; {said}")
    if not kind or kind == "dumb":
        return Check("terminal", "colours", 0, f"none; {said}")
    return Check("terminal", "colours", 16, f"16, judging by TERM; {said}")


def _encoding() -> Check:
    name = getattr(sys.stdout, "encoding", None) or locale.getencoding()
    if name.lower().replace("-", "") == "utf8":
        return Check("terminal", "encoding", name)
    return Check(
        "terminal", "encoding", name, "names and frames in other letters become escapes",
        State.WARNING, "choose a UTF-8 locale, for example: export LC_ALL=C.UTF-8",
    )  # fmt: skip


def _size() -> Check:
    size = next(_sizes(), None)
    if size is None:
        return Check("terminal", "size", None, "not known: there is no terminal here")
    shown = f"{size.columns}x{size.lines}"
    if size.columns >= SMALLEST_WIDTH and size.lines >= SMALLEST_HEIGHT:
        return Check("terminal", "size", shown)
    return Check(
        "terminal", "size", shown, "the explorer shows less here", State.WARNING,
        f"enlarge it to {SMALLEST_WIDTH}x{SMALLEST_HEIGHT} or more; all fits into 80x24",
    )  # fmt: skip


def _sizes() -> Iterator[os.terminal_size]:
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        try:
            yield os.get_terminal_size(stream.fileno())
        except (AttributeError, ValueError, OSError):  # closed, or no terminal
            continue


def _between() -> Iterator[Check]:
    tmux, screen = bool(os.environ.get("TMUX")), bool(os.environ.get("STY"))
    yield Check("terminal", "tmux", tmux, "y copies through tmux" if tmux else None)
    yield Check("terminal", "screen", screen)
    ssh = any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))
    yield Check("terminal", "ssh", ssh)


def _there(path: Path) -> str:
    return "which exists" if os.access(path, os.F_OK) else "which is not there"
