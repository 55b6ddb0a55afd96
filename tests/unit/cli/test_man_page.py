"""The man page: made from the commands and options, and never behind them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MAN = Path(__file__).parents[3] / ".ci" / "man"
PAGE = MAN / "hitmiss.1"


def test_it_says_what_help_says() -> None:
    """It is what `make man` writes today; if this fails, run that."""
    written = subprocess.run(
        [sys.executable, MAN / "write.py"], check=True, capture_output=True
    )
    assert PAGE.read_bytes() == written.stdout


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed here")
def test_it_can_be_read() -> None:
    """Groff finds nothing wrong, and shows quotes, dashes and braces as they are typed."""
    shown = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-P-cbou", PAGE],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert shown.stderr == ""
    for text in ("--key 'app:customer:{id}'", "city=\"'NULL'\"", "--read-only / --writable"):
        assert text in shown.stdout
