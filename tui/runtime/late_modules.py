"""Modules of others that are loaded when something of them is first used.

Textual, asyncio, click, msgspec and redis import at once what few runs ever need: TLS, copying
trees, addresses, tracebacks. For a program that people wait for, that is time before the first
picture, and memory. This is what `lazy import` says from Python 3.15 on (PEP 810), for imports
that are not ours to write. importlib.util.LazyLoader does not serve here: before Python 3.14
the second `import` of a module loads it.
"""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import Any, Final

from tui.runtime import own_hashes

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


class _StandIn(type):
    """The kind of a class of ssl's that may be named before ssl is loaded.

    Whoever does more than name it asks the class that it stands for.
    """

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(cls._real(), name)

    def __call__(cls, *args: Any, **options: Any) -> Any:
        return cls._real()(*args, **options)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls._real())

    def _real(cls) -> Any:
        ssl: Any = import_module("ssl")
        _ = ssl.CERT_NONE  # a name that nothing stands for
        return getattr(ssl, cls.__name__)


STAND_INS: Final[Mapping[str, type]] = {
    **{
        name: _StandIn(name, (), {})
        for name in ("SSLContext", "TLSVersion", "VerifyFlags", "VerifyMode")
    },
    # Nobody can have met them before; a class that is caught has to be one of these.
    **{name: type(name, (OSError,), {}) for name in ("SSLWantReadError", "SSLWantWriteError")},
}
"""What stands for names of ssl until it is loaded: the redis client names them at its import.

Four are for annotations and options of TLS, two for what a blocking connection waits for, at
which no asynchronous one looks. Nobody else gets them: who builds a class on one needs the real
one.
"""
STAND_IN_FOR: Final = "redis"


class _LateModule(ModuleType):
    """A module of which nothing was used yet."""

    def __getattr__(self, name: str) -> Any:
        """Load the module for the first of its names that somebody uses."""
        spec: Any = self.__spec__
        if isinstance(spec.loader, _LateLoader):
            if spec.name == "ssl" and name in STAND_INS and _asked_by() == STAND_IN_FOR:
                return STAND_INS[name]
            if name == "__path__":  # `from` asks whether it is a package, which none is
                raise AttributeError(name)
            spec.loader.load(self)
        return ModuleType.__getattribute__(self, name)


def _asked_by() -> str:
    """Give the package whose code asks a late module for a name."""
    asking: str = sys._getframe(2).f_globals.get("__name__", "")
    return asking.partition(".")[0]


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
    """Finds what is to be loaded otherwise, before Python's own finders do."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module that is late, or takes other hashes; None leaves it to the others."""
        loads: type[_LateLoader | own_hashes.HashesLoader]
        if name in own_hashes.TAKERS and own_hashes.are_there():
            loads = own_hashes.HashesLoader
        elif name in LATE and (name != "ssl" or PathFinder.find_spec("_ssl") is not None):
            loads = _LateLoader
        else:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = loads(spec.loader)  # type: ignore[assignment]
        return spec


def load_late() -> None:
    """Let what is in LATE, and is not loaded yet, be loaded when it is used; so OpenSSL too."""
    sys.meta_path.insert(0, _LateFinder())
