"""Which code runs: not for the working folder to decide, nor for variables that name it."""

import os
import sys
from collections.abc import Mapping, MutableMapping
from typing import Final

from tui.runtime.working_folder import absolute_entries

KEPT: Final = frozenset(
    {"PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8", "PYTHONIOENCODING",
     "PYTHONCOERCECLOCALE", "PYTHONHASHSEED", "PYTHONMALLOC"}
)  # fmt: skip
"""Variables of Python that a child of ours has too: none of them names code."""
FOLDERS: Final = frozenset(
    {"PYTHONHOME", "PYTHONUSERBASE", "PYTHONPYCACHEPREFIX", "PYTHONEXECUTABLE"}
)
"""Those by which Python finds its code, which are handed on where the name is absolute."""
TEXTUAL_KEPT: Final = frozenset(
    {"TEXTUAL_ANIMATIONS", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DIM_FACTOR",
     "TEXTUAL_DISABLE_KITTY_KEY", "TEXTUAL_FILTERS", "TEXTUAL_FPS", "TEXTUAL_SMOOTH_SCROLL",
     "TEXTUAL_ALLOW_SIGNALS"}
)  # fmt: skip
"""What a person may tell Textual about a terminal. All else is for the authors of programs: it
loads a class by its name, presses keys, logs what is typed into the working folder."""
PACKAGE_FOLDER: Final = os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
)
"""Where the package itself lies."""


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a Python process of ours: none names code by a relative path."""
    child = {
        name: value
        for name, value in environment.items()
        if not name.startswith("PYTHON")
        or name in KEPT
        or (name in FOLDERS and os.path.isabs(value))
    }
    if path := absolute_entries(environment.get("PYTHONPATH", "")):
        child["PYTHONPATH"] = os.pathsep.join(path)
    return child


def python_command(module: str) -> tuple[str, ...]:
    """Return the command that runs `main()` of a module of ours in a process of its own.

    The working folder is not on its path (`-P`), but the user's own packages are (no `-I`).
    The package is the very one that runs here, also where it is not installed; the folder in
    which that lies is on the path only while it is found. Who has told Python to heed no
    variables, or no packages of the user's, has told it the process too.
    """
    begin = (
        "import sys; sys.path.insert(0, sys.argv[1]); import tui; del sys.path[0]; "
        f"from {module} import main; main()"
    )
    flags = ["-E"] * sys.flags.ignore_environment + ["-s"] * sys.flags.no_user_site
    return (sys.executable, "-P", *flags, "-c", begin, PACKAGE_FOLDER)


def program(name: str) -> str | None:
    """Return the path of another program, looked for in absolute folders of PATH only."""
    import shutil  # takes long

    path = absolute_entries(os.environ.get("PATH", os.defpath))
    return shutil.which(name, path=os.pathsep.join(path)) if path else None


def drop_developers_switches(environment: MutableMapping[str, str]) -> None:
    """Remove what libraries obey and is not meant for people who use a program.

    That is what Textual reads, but for TEXTUAL_KEPT, and fakeredis, which loads the version of
    Lua that it is told, and fails where there is none. It has to happen before either is
    imported, which is when they look.
    """
    for name in list(environment):
        library = name.partition("_")[0]
        if library == "FAKEREDIS" or (library == "TEXTUAL" and name not in TEXTUAL_KEPT):
            del environment[name]
