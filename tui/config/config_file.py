"""The configuration file: where it is, and the options that stand in it."""

from pathlib import Path
from typing import Any, Final

import platformdirs

from tui.runtime.bounded_file import NotToBeRead, read_bounded
from tui.runtime.errors import SettingsError

LARGEST_FILE: Final = 1_000_000
"""Bytes; what is larger is some other file."""


def read_file(path: Path | None, *, streams: bool = True) -> tuple[dict[str, Any], str]:
    """Return the options in the configuration file, and its name for messages.

    Without a `path` it is `config.toml` in the platform's folder, which may be missing. With
    one, a pipe is read too, as `<(command)` in a shell makes one, unless `streams` says no.

    Raises:
        SettingsError: the file cannot be read, or is not TOML.
    """
    file = path or config_path()
    try:
        content = read_bounded(file, LARGEST_FILE, streams=streams and path is not None)
        if not content:
            return {}, str(file)
        from tui.config.toml_text import parse_toml  # only where there is something to parse

        return parse_toml(content.decode("utf-8")), str(file)
    except FileNotFoundError as error:
        if path is None:
            return {}, str(file)
        raise SettingsError(f"--config {file}: no such file") from error
    except NotToBeRead as error:
        raise SettingsError(f"{file}: {error.strerror}; name a configuration file") from error
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{file}: not a TOML file: {error}") from error


def config_path() -> Path:
    """Return the place of the configuration file that is read when none is named."""
    return platformdirs.user_config_path("hitmiss") / "config.toml"
