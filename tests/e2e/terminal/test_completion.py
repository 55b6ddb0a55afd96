"""Completion in the shells themselves: a tab, and the word stands there."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from terminal.window import Window

BIN = Path(sys.executable).parent
SHELLS = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(hitmiss completion bash)"'),
    "zsh": (
        ["-f", "-i"],
        'autoload -U compinit; compinit -D -u; eval "$(hitmiss completion zsh)"',
    ),
    "fish": (["--no-config", "-i"], "hitmiss completion fish | source"),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_tab_completes(users_db: Path, tmp_path: Path, shell: str) -> None:
    """A command, an option, and a table of the database that is in use."""
    program = shutil.which(shell)
    if program is None or not (BIN / "hitmiss").exists():
        pytest.skip(f"{shell}, or the command hitmiss, is not installed here")
    arguments, begin = SHELLS[shell]
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    with Window(
        *arguments, program=(program,), PATH=path, HOME=str(tmp_path), HITMISS_DB=str(users_db)
    ) as window:
        window.types(f"{begin}; echo rea''dy\r")
        window.shows("ready")
        window.types("hitmiss inv\t")
        window.shows("hitmiss invalidate")
        window.types("--neg\t")
        window.shows("hitmiss invalidate --negative-ttl")
        window.types("9 --table us\t")
        window.shows("--negative-ttl 9 --table users")
