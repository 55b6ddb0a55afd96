"""No code from the working folder: what has to be done before anything else is imported.

So this imports only what Python itself has loaded by then.
"""

import os
import sys


def absolute_entries(path: str) -> list[str]:
    """Return the folders of a search path whose names do not depend on the working folder."""
    return [entry for entry in path.split(os.pathsep) if os.path.isabs(entry)]


def leave_working_folder() -> None:
    """Look for no module in the working folder, nor where a relative PYTHONPATH points.

    `python -m` puts the working folder first on the path, where a `click.py` would be taken
    for the library. Modules of ours are found through the package, wherever that lies. With
    `-P` there is nothing to do, and nothing of the folder can have run before this.
    """
    try:
        here = os.getcwd()
    except OSError:  # it was deleted
        here = ""
    if sys.path and not sys.flags.safe_path and sys.path[0] in {"", here}:
        del sys.path[0]
    told = "" if sys.flags.ignore_environment else os.environ.get("PYTHONPATH", "")
    if told:  # Python has made its entries absolute
        named = set(absolute_entries(told))
        relative = {os.path.normpath(os.path.join(here, one)) for one in told.split(os.pathsep)}
        sys.path[:] = [entry for entry in sys.path if entry in named or entry not in relative]
