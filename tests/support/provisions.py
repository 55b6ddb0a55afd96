"""What tests need that a machine may not have: made once and kept, or missed by name."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NoReturn

import pytest

KEPT = Path(__file__).parents[2] / ".servers"
"""Where what was made stays for later runs; `make clean` removes it."""


class NotAvailableError(Exception):
    """This machine lacks something, and the tests cannot get it by themselves."""

    def __init__(self, reason: str, *, made_for_it: bool = True) -> None:
        """Say what is missing, and whether there is one for such a machine and Python."""
        super().__init__(reason)
        self.made_for_it = made_for_it


_failed: dict[str, NotAvailableError] = {}
"""What could not be made, by name; asked once, since a network that is down takes its time."""


def skip_or_fail(name: str, lack: NotAvailableError) -> NoReturn:
    """Skip a test for want of something; but CI (`CI=true`) has to have all that there is."""
    sentence = f"{name} cannot be had here: {lack}"
    if os.environ.get("CI") == "true" and lack.made_for_it:
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def release(package: str, made_for_it: bool) -> str:
    """Return which version of a Python package is installed.

    Raises:
        NotAvailableError: none is.
    """
    try:
        return version(package)
    except PackageNotFoundError as error:
        raise NotAvailableError(
            f"the package {package} is not installed", made_for_it=made_for_it
        ) from error


def named_after(what: str, source: str, mark: str) -> str:
    """Return a name that changes with the source file of who makes it, and with a mark."""
    digest = sha256(Path(source).read_bytes() + mark.encode()).hexdigest()
    return f"{what}-{digest[:12]}"


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that is filled by `make` once, for all processes and all later runs.

    Raises:
        NotAvailableError: by `make`; nothing is kept then.
    """
    folder = KEPT / name
    if name in _failed:
        raise _failed[name]
    if not folder.exists():
        KEPT.mkdir(mode=0o700, exist_ok=True)
        with _locked(KEPT / f"{name}.lock"):
            if not folder.exists():
                unfinished = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=KEPT))
                try:
                    make(unfinished)
                    unfinished.rename(folder)
                except NotAvailableError as lack:
                    _failed[name] = lack
                    raise
                finally:
                    shutil.rmtree(unfinished, ignore_errors=True)
    return folder


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
