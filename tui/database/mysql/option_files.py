"""The password that the URL does not have: from MySQL's option file, or the environment."""

import os
import re
import stat
from pathlib import Path
from typing import Final

from tui.runtime.redaction import SECRETS

FILE: Final = "~/.my.cnf"
GROUPS: Final = frozenset({"client", "client-mariadb", "client-server"})
VARIABLE: Final = "MYSQL_PWD"
LONGEST: Final = 1 << 16
"""Bytes of the file that are read."""
ESCAPES: Final = {"b": "\b", "t": "\t", "n": "\n", "r": "\r", "\\": "\\", "s": " "}
"""Source: MySQL Reference Manual, 'Using Option Files'."""


def login(user: str, password: str | None) -> tuple[str, str]:
    """Return user and password: those of the URL, else of the option file, else of MYSQL_PWD.

    A password of the file is only used for the user that it names, if it names one.
    """
    options = {} if password is not None else read_options()
    named = options.get("user", "")
    found = password
    if found is None and (not user or not named or user == named):
        found = options.get("password")
    if found is None:
        found = os.environ.get(VARIABLE, "")
    SECRETS.learn(found)
    return user or named, found


def read_options() -> dict[str, str]:
    """Return what the option file says to clients; nothing where there is none of our own.

    A file that everybody may write says nothing, as to MySQL's own programs.
    """
    path = Path(FILE).expanduser()
    try:
        if path.stat().st_mode & stat.S_IWOTH:
            return {}
        with path.open("rb") as file:
            text = file.read(LONGEST).decode("utf-8", "replace")
    except (OSError, RuntimeError):
        return {}
    return parsed(text)


def parsed(text: str) -> dict[str, str]:
    """Return the options of the groups that clients read."""
    options: dict[str, str] = {}
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            group = line.strip("[]").strip().lower()
        elif group in GROUPS and line and line[0] not in "#;!":
            name, _, value = line.partition("=")
            options[name.strip().lower().replace("_", "-")] = _value(value.strip())
    return options


def _value(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    else:
        text = text.partition(" #")[0].rstrip()
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[0]), text)
