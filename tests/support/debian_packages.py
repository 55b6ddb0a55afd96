"""Programs of Debian's and Ubuntu's packages, unpacked into a folder: nothing is installed."""

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from provisions import NotAvailableError, kept

APT_SECONDS = 300.0
STATUS = Path("/var/lib/dpkg/status")


def unpacked(package: str) -> Path:
    """Return a folder with what a package, and what it needs beyond this machine's, has.

    Done once, and without being root: apt works on folders of its own, and only looks at
    which packages are installed.

    Raises:
        NotAvailableError: it is another kind of system, or does not reach its packages.
    """
    if not (STATUS.exists() and shutil.which("apt-get") and shutil.which("dpkg")):
        raise NotAvailableError("this is neither Debian nor Ubuntu")
    system = platform.freedesktop_os_release()
    release = f"{system['ID']}{system.get('VERSION_ID', '')}-{platform.machine()}"
    return kept(f"{package}-{release}", lambda folder: _unpack(package, folder))


def libraries(folder: Path) -> str:
    """Return where the unpacked libraries lie, as `LD_LIBRARY_PATH` wants it."""
    found = [*folder.glob("usr/lib/*-linux-gnu*"), *folder.glob("lib/*-linux-gnu*")]
    return ":".join(map(str, found))


def _unpack(package: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="hitmiss-") as temporary:
        state, archives = Path(temporary) / "state", Path(temporary) / "cache" / "archives"
        (state / "lists" / "partial").mkdir(parents=True)
        (archives / "partial").mkdir(parents=True)
        apt = [
            "apt-get", "--quiet=2", "--yes",
            "-o", f"Dir::State={state}", "-o", f"Dir::State::status={STATUS}",
            "-o", f"Dir::Cache={archives.parent}", "-o", "Debug::NoLocking=1",
            "-o", "APT::Sandbox::User=", "-o", "Acquire::Languages=none",
            "-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=20",
        ]  # fmt: skip
        _run([*apt, "-o", "APT::Update::Error-Mode=any", "update"])
        _run([*apt, "install", "--download-only", "--no-install-recommends", package])
        for archive in archives.glob("*.deb"):
            _run(["dpkg", "-x", str(archive), str(folder)])


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, check=False, timeout=APT_SECONDS, env=os.environ | {"LC_ALL": "C"},
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NotAvailableError(f"{command[0]} takes too long") from error
    if done.returncode:
        lines = done.stdout.strip().splitlines() or ["no message"]
        raise NotAvailableError(f"{command[0]}: {lines[-1]}")
