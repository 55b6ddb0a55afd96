"""Which code runs: not for the working folder to decide, nor for variables that name it."""

import os
import sys
from collections.abc import Mapping
from typing import Final

KEPT: Final = frozenset(
    {"PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8", "PYTHONIOENCODING",
     "PYTHONCOERCECLOCALE", "PYTHONHASHSEED", "PYTHONMALLOC", "PYTHONEXECUTABLE",
     "PYTHONPLATLIBDIR"}
)  # fmt: skip
"""Variables of Python that a child of ours has too: none of them names code."""
FOLDERS: Final = frozenset({"PYTHONHOME", "PYTHONUSERBASE", "PYTHONPYCACHEPREFIX"})
"""Those that name a folder with code in it, which are handed on where the name is absolute."""
PACKAGE_FOLDER: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""Where the package itself lies."""


def absolute_entries(path: str) -> list[str]:
    """Return the folders of a search path whose names do not depend on the working folder."""
    return [entry for entry in path.split(os.pathsep) if os.path.isabs(entry)]


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
    which that lies is on the path only while it is found.
    """
    begin = (
        "import sys; sys.path.insert(0, sys.argv[1]); import tui; del sys.path[0]; "
        f"from {module} import main; main()"
    )
    return (sys.executable, "-P", "-c", begin, PACKAGE_FOLDER)


def program(name: str) -> str | None:
    """Return the path of another program, looked for in absolute folders of PATH only."""
    import shutil  # takes long

    path = absolute_entries(os.environ.get("PATH", os.defpath))
    return shutil.which(name, path=os.pathsep.join(path)) if path else None
