"""Hashes that Python makes itself, so that OpenSSL need not be loaded for them.

hashlib and hmac load it where it is found: four megabytes, of which a look-up needs one SHA-1.
"""

import builtins
import sys
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final

TAKERS: Final = frozenset({"hashlib", "hmac"})
"""Which take OpenSSL's hashes where it is found, and Python's own else."""
OPENSSL: Final = "_hashlib"
"""The module by which they find it."""
OWN: Final = ("_md5", "_sha1", "_blake2")
"""Some of Python's own: a build has all of them, or leaves them out."""


def are_there() -> bool:
    """Tell whether this Python has both."""
    return all(
        name in sys.builtin_module_names or PathFinder.find_spec(name) is not None
        for name in (OPENSSL, *OWN)
    )


class HashesLoader:
    """Loads hashlib or hmac so that it takes Python's own hashes, not OpenSSL's.

    What only OpenSSL has, such as `hashlib.scrypt`, is taken from there when it is asked for.
    """

    def __init__(self, loader: Any) -> None:
        """Load by its own `loader`."""
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave that to Python."""

    def exec_module(self, module: Any) -> None:
        """Fill it; unless OpenSSL is loaded already, its own imports do not find that."""
        module.__loader__ = module.__spec__.loader = self._loader
        is_spared = OPENSSL not in sys.modules
        if is_spared:
            vars(module)["__builtins__"] = {**vars(builtins), "__import__": _spare_openssl}
        self._loader.exec_module(module)
        if is_spared and module.__name__ == "hashlib":
            vars(module).pop("pbkdf2_hmac", None)  # Python 3.11 has a slow one of its own
            module.__getattr__ = _of_openssl


def _spare_openssl(name: str, *args: Any, **options: Any) -> Any:
    """Import as everybody does, but for OpenSSL's hashes."""
    if name == OPENSSL:
        raise ImportError(f"{name} is loaded for what only it has", name=name)
    return builtins.__import__(name, *args, **options)


def _of_openssl(name: str) -> Any:
    """Give one of OpenSSL's functions for deriving keys, as hashlib has them."""
    if name not in {"pbkdf2_hmac", "scrypt"}:
        raise AttributeError(f"module 'hashlib' has no attribute {name!r}", name=name)
    return getattr(import_module(OPENSSL), name)
