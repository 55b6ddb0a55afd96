"""A table and a cache of an application, and hitmiss' commands beside them."""

import json
from pathlib import Path
from typing import Any

import pytest
from files import make_file
from servers import ValkeyServer

from tui.cli.main import run

TABLE = """
    CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, photo BLOB);
    INSERT INTO people VALUES (1, 'Ada', x'0102'), (2, 'Bo', NULL), (3, 'Cy', NULL);
"""


class Place:
    """A table and a cache of somebody else's, and hitmiss beside them."""

    def __init__(
        self, server: ValkeyServer, path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Make the table; nothing is cached yet."""
        self.path = make_file(path, TABLE)
        self.client = server.client()
        self._capsys = capsys
        self.flags = [
            "--db", str(path), "--cache", server.url, "--table", "people", "--key", "p:{id}",
        ]  # fmt: skip
        self.err = ""

    def cache(self, id: object, value: object, seconds: int | None = 900) -> None:
        """Cache a value as JSON, or bytes as they are."""
        payload = value if isinstance(value, bytes) else json.dumps(value)
        self.client.set(f"p:{id}", payload, ex=seconds)

    def prints(self, *arguments: str, code: int = 0) -> str:
        """Give what a command prints; it has to exit with that code."""
        ended_with = run([*arguments, *self.flags])
        captured = self._capsys.readouterr()
        self.err = captured.err
        assert ended_with == code, captured.err
        return captured.out

    def answers(self, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
        """Give the objects that a command prints with --json."""
        out = self.prints(*arguments, "--json", code=code)
        return [json.loads(line) for line in out.splitlines()]
