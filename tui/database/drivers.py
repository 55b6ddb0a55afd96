"""Drivers that do not come with hitmiss: whether they are there, and how to get them."""

from importlib.util import find_spec

from tui.runtime.errors import SettingsError


def check_driver(module: str, extra: str) -> None:
    """Return if the driver is installed; it is not imported.

    Raises:
        SettingsError: it is not; the message names the extra that brings it.
    """
    if find_spec(module) is None:
        raise SettingsError(
            f"--db {extra}:// needs hitmiss[{extra}], whose driver is not installed: in a"
            f" clone of hitmiss run pip install '.[{extra}]', or make run EXTRAS={extra}"
        )


def no_demo() -> SettingsError:
    """Return the error for a demo database on a server."""
    return SettingsError("the demo database is a file; use hitmiss seed URL to fill a server")
