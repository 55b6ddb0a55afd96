"""The command line as a test runs it: in this process, or in one of its own."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tui.cli.main import run


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def answers(self) -> list[dict[str, Any]]:
        """The JSON objects on stdout, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def outcomes(self) -> list[str]:
        """The outcomes' words, from JSON lines."""
        return [answer["outcome"] for answer in self.answers]


Cli = Callable[..., Ran]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command in this process."""

    def call(*arguments: str | Path) -> Ran:
        code = run([str(argument) for argument in arguments])
        return Ran(code, *capsys.readouterr())

    return call


def process(*arguments: str | Path, **options: Any) -> "subprocess.Popen[str]":
    """Start a command in a process of its own, where ctrl-c works as in a shell."""
    begin = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from tui.cli.main import main; main()"
    )
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
    return subprocess.Popen([sys.executable, "-c", begin, *map(str, arguments)], **options)


def ends(command: "subprocess.Popen[str]") -> Ran:
    """Wait for the end of a process, and end it where it does not come.

    Raises:
        TimeoutExpired: it did not.
    """
    with command:
        try:
            out, err = command.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            command.kill()  # or leaving it would wait for good
            raise
    return Ran(command.returncode, out or "", err or "")


def is_one_error(ran: Ran) -> bool:
    """Tell whether there is one line on stderr, in the usual form, and nothing on stdout."""
    return ran.out == "" and ran.err.startswith("hitmiss: ") and ran.err.count("\n") == 1
