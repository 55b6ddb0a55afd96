"""The wheel: everything that the program needs away from the checkout."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
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
    """Every module, stylesheet and demonstration of the checkout is in it."""
    ours = {
        path.relative_to(ROOT).as_posix()
        for pattern in ("*.py", "*.tcss", "*.demo")
        for path in (ROOT / "tui").rglob(pattern)
    }
    assert {"tui/app.tcss", "tui/demos/expiry.demo"} <= ours
    with ZipFile(wheel) as archive:
        assert ours <= set(archive.namelist())


def test_it_holds_the_seed(wheel: Path) -> None:
    """The demo database can be made from an installed package."""
    with ZipFile(wheel) as archive:
        assert archive.read("tui/seed.sql") == (ROOT / "seed.sql").read_bytes()


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
