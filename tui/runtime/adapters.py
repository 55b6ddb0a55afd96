"""Objects that are named by module and name, and imported when somebody asks for one."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any


def adapter_of(scheme: str, built_in: Mapping[str, str], group: str, otherwise: str) -> Any:
    """Return the object for a scheme: one of ours, one of another distribution, or `otherwise`.

    Each is named as `module:object`, by `built_in` or by an entry point of the `group` that is
    called as the scheme is. What comes with hitmiss cannot be taken over.
    """
    place = built_in.get(scheme) or _installed(scheme, group) or otherwise
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def is_installed(scheme: str, group: str) -> bool:
    """Tell whether another distribution brings an object for that scheme."""
    return _installed(scheme, group) is not None


@cache
def _installed(scheme: str, group: str) -> str | None:
    from importlib.metadata import entry_points  # not for what comes with hitmiss

    return next((point.value for point in entry_points(group=group, name=scheme)), None)
