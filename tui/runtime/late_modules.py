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
from importlib.util import find_spec
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
OPENSSL: Final = "_hashlib"
"""What hashes by OpenSSL, a library of four megabytes; ssl is the other that loads it."""
HASHING: Final = frozenset({"hashlib", "hmac"})
"""Which take OpenSSL's hashes where it is found, and Python's own else."""
OWN_HASHES: Final = ("_md5", "_sha1", "_blake2")
"""Some of Python's own: a build has all of them, or leaves them out."""


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
        return getattr(_loaded("ssl"), cls.__name__)


STAND_INS: Final[Mapping[str, Mapping[str, type]]] = {
    "ssl": {
        **{
            name: _StandIn(name, (), {})
            for name in ("SSLContext", "TLSVersion", "VerifyFlags", "VerifyMode")
        },
        # Nobody can have met them before; a class that is caught has to be one of these.
        **{
            name: type(name, (OSError,), {})
            for name in ("SSLWantReadError", "SSLWantWriteError")
        },
    }
}
"""Names of a late module that may be had before it is loaded, and what stands for them.

The redis client names these when it is imported: four in annotations and for options of TLS,
two in what a blocking connection waits for, which no asynchronous one looks at. Nobody else
gets them: who would build a class on one needs the real one.
"""
STANDS_IN_FOR: Final = "redis"


class _LateModule(ModuleType):
    """A module of which nothing was used yet."""

    def __getattr__(self, name: str) -> Any:
        """Load the module for the first of its names that somebody uses."""
        spec: Any = self.__spec__
        if isinstance(spec.loader, _LateLoader):
            if name in STAND_INS.get(spec.name, ()) and _asked_by() == STANDS_IN_FOR:
                return STAND_INS[spec.name][name]
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


def _loaded(name: str) -> ModuleType:
    """Give a module whose time has come."""
    module = import_module(name)
    loader: Any = module.__spec__ and module.__spec__.loader
    if isinstance(loader, _LateLoader):
        loader.load(module)
    return module


class _OwnHashesLoader:
    """Loads hashlib or hmac so that it takes Python's own hashes, not OpenSSL's.

    What only OpenSSL has, such as `hashlib.scrypt`, is taken from there when it is asked for.
    """

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave that to Python."""

    def exec_module(self, module: Any) -> None:
        """Fill it while OpenSSL cannot be found, unless that is loaded already."""
        module.__loader__ = module.__spec__.loader = self._loader
        if OPENSSL in sys.modules:
            self._loader.exec_module(module)
            return
        sys.modules[OPENSSL] = None  # type: ignore[assignment]  # as `import` has it
        try:
            self._loader.exec_module(module)
        finally:
            del sys.modules[OPENSSL]
        if module.__name__ == "hashlib":
            vars(module).pop("pbkdf2_hmac", None)  # Python 3.11 has a slow one of its own
            module.__getattr__ = _of_openssl


def _of_openssl(name: str) -> Any:
    """Give one of OpenSSL's functions for deriving keys, as hashlib has them."""
    if name not in {"pbkdf2_hmac", "scrypt"}:
        raise AttributeError(f"module 'hashlib' has no attribute {name!r}", name=name)
    return getattr(import_module(OPENSSL), name)


class _LateFinder:
    """Finds what is in LATE or HASHING, before Python's own finders do."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module that is to be loaded otherwise; None leaves it to the others."""
        loads: type[_LateLoader | _OwnHashesLoader]
        if name in HASHING and all(map(find_spec, (OPENSSL, *OWN_HASHES))):
            loads = _OwnHashesLoader
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
