"""Modules of others that are loaded when something of them is first used.

Textual, asyncio, click, msgspec and redis import at once what few runs ever need: TLS, copying
trees, addresses, tracebacks. For a program that people wait for, that is time before the first
picture, and memory. This is what `lazy import` says from Python 3.15 on (PEP 810), for imports
that are not ours to write. importlib.util.LazyLoader does not serve here: before Python 3.14
the second `import` of a module loads it.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import Any, Final

LATE: Final = frozenset(
    {"asyncio.sslproto", "asyncio.staggered", "calendar", "csv", "ipaddress", "linecache",
     "msgspec.inspect", "msgspec.toml", "msgspec.yaml", "shutil", "ssl", "textwrap",
     "tokenize"}
)  # fmt: skip
"""Which: what is imported whole at the start (`import ssl`), and used later or never.

None of them says by failing that it is not there: `import ssl` does, where Python was built
without it, so that one is late only where `_ssl` is found. None is a package, or uses what uses
it: one thread would wait for a package that another is loading, and that one for its part.
"""


class _LateModule(ModuleType):
    """A module of which nothing was used yet."""

    def __getattr__(self, name: str) -> Any:
        """Load the module for the first of its names that somebody uses."""
        spec: Any = self.__spec__
        if isinstance(spec.loader, _LateLoader):
            spec.loader.load(self)
        return ModuleType.__getattribute__(self, name)


class _LateLoader:
    """Loads a module by its own loader, later."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._lock = RLock()
        self._is_loading = False

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave that to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module without any names but those that Python gives it."""
        module.__class__ = _LateModule

    def load(self, module: Any) -> None:
        """Fill it, whichever thread comes first; the others wait.

        While it is loaded it has not got the names yet that come below.
        """
        with self._lock:
            if self._is_loading or module.__spec__.loader is not self:  # it is loaded by now
                return
            self._is_loading = True
            try:
                self._loader.exec_module(module)
                module.__loader__ = module.__spec__.loader = self._loader
                module.__class__ = ModuleType
            finally:
                self._is_loading = False


class _LateFinder:
    """Finds what is in LATE, before Python's own finders do."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module that is to be loaded late; None leaves it to the others."""
        if name not in LATE or (name == "ssl" and PathFinder.find_spec("_ssl") is None):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _LateLoader(spec.loader)  # type: ignore[assignment]
        return spec


def load_late() -> None:
    """Let what is in LATE, and is not loaded yet, be loaded when it is used."""
    sys.meta_path.insert(0, _LateFinder())
