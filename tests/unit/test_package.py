"""The wheel: everything that the program needs away from the checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

from tui import __version__

ROOT = Path(__file__).parents[2]
MAN_PAGE = "data/share/man/man1/hitmiss.1"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, as `pip install .` does."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("hitmiss-*.whl")
    return path


def test_it_holds_the_whole_package(wheel: Path) -> None:
    """Every module, stylesheet, page and demonstration of the checkout is in it."""
    ours = {
        path.relative_to(ROOT).as_posix()
        for pattern in ("*.py", "*.tcss", "*.demo", "*.html", "*.css", "*.js")
        for path in (ROOT / "tui").rglob(pattern)
    }
    assert {"tui/views/app.tcss", "tui/demos/expiry.demo", "tui/http/page.js"} <= ours
    with ZipFile(wheel) as archive:
        assert ours <= set(archive.namelist())


def test_it_holds_the_seed(wheel: Path) -> None:
    """The demo database can be made from an installed package."""
    with ZipFile(wheel) as archive:
        assert archive.read("tui/seed.sql") == (ROOT / "seed.sql").read_bytes()


def test_it_is_typed(wheel: Path) -> None:
    """Type checkers believe the annotations of what is installed."""
    with ZipFile(wheel) as archive:
        assert archive.read("tui/py.typed") == b""


def test_it_holds_the_licence_and_the_command(wheel: Path) -> None:
    """MIT asks for the text to go along; pip makes `hitmiss` from the entry point."""
    with ZipFile(wheel) as archive:
        names = {name.split(".dist-info/")[-1]: name for name in archive.namelist()}
        assert archive.read(names["licenses/LICENSE"]) == (ROOT / "LICENSE").read_bytes()
        assert b"hitmiss = tui.__main__:main" in archive.read(names["entry_points.txt"])


def test_it_holds_nothing_else(wheel: Path) -> None:
    """Neither tests nor what tools left lying about is installed."""
    with ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
        assert {top for top in tops if not top.endswith((".dist-info", ".data"))} == {"tui"}
        shared = [name for name in archive.namelist() if ".data/" in name]
        assert [name.partition(".data/")[2] for name in shared] == [MAN_PAGE]
        assert not [name for name in archive.namelist() if "__pycache__" in name]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own; give the folder of its commands.

    No index is asked: what it depends on is taken from where the tests run.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    python = venv / "bin" / "python"
    subprocess.run(
        [
            sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python,
            "install", "--quiet", "--no-deps", "--no-index", wheel,
        ],
        check=True,
    )  # fmt: skip
    (packages,) = venv.glob("lib/python*/site-packages")
    # Of that folder alone: its own .pth files, which name the checkout, are not read.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return python.parent


def ran(installed: Path, folder: Path, *command: str) -> str:
    """Run an installed command away from the checkout; give what it prints."""
    done = subprocess.run(
        [installed / command[0], *command[1:]],
        cwd=folder, check=True, capture_output=True, text=True,
        env={**os.environ, "XDG_DATA_HOME": str(folder)},
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout


@pytest.mark.skipif(os.name != "posix", reason="commands lie elsewhere on other systems")
def test_it_works_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    """As a command and as a module, from the wheel alone; the demo database is made."""
    assert ran(installed, tmp_path, "hitmiss", "--version") == f"hitmiss {__version__}\n"
    assert ran(installed, tmp_path, "python", "-m", "tui", "--version").startswith("hitmiss ")
    place = ran(installed, tmp_path, "python", "-c", "import tui; print(tui.__file__)")
    assert Path(place).is_relative_to(installed.parent)
    first, second, *record = ran(installed, tmp_path, "hitmiss", "get", "1", "1").splitlines()
    assert first.split()[:2] == ["1", "DB"]
    assert "Amara Okafor" in " ".join([second, *record])
    assert (tmp_path / "hitmiss" / "demo.db").exists()


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed here")
def test_man_finds_its_page(installed: Path) -> None:
    """Whoever has the command in the PATH has the page."""
    found = subprocess.run(
        ["man", "-w", "hitmiss"],
        check=True, capture_output=True, text=True,
        env={"PATH": f"{installed}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    page = installed.parent / "share" / "man" / "man1" / "hitmiss.1"
    assert Path(found.stdout.strip()).samefile(page)
    assert page.read_bytes() == (ROOT / ".ci" / "man" / "hitmiss.1").read_bytes()
