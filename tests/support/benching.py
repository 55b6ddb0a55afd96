"""The command `hitmiss bench` as a test runs it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tui.cli.main import run

Bench = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bench(capsys: pytest.CaptureFixture[str], users_db: Path) -> Bench:
    """Run `hitmiss bench` on a demo database; give exit code, stdout and stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(["bench", *arguments, "--db", str(users_db)])
        return code, *capsys.readouterr()

    return call


def objects(out: str) -> list[dict[str, Any]]:
    """Give the JSON objects on stdout, one a line."""
    return [json.loads(line) for line in out.splitlines()]
