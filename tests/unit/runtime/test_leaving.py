"""The end of a process that has a query under way which SQLite cannot interrupt."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from files import UNSTOPPABLE, make_file

PATIENCE_SECONDS = 60.0
"""Far less than the query takes, and far more than the end should."""
TABLE = ("--table", "v", "--id-column", "id", "--key", "v:{id}")
HELD_UP = """
import sys, threading
from tui.runtime.leaving import leave
threading.Thread(target=threading.Event().wait).start()
print("said", flush=False)
leave(7)
"""


def hitmiss(path: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start a command on the view in the file at `path`."""
    return subprocess.Popen(
        [sys.executable, "-m", "tui", *arguments, "--db", str(path), *TABLE],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def without_note(errors: str) -> str:
    """Return what stands there beside the note that a view is only read."""
    return "".join(line for line in errors.splitlines() if "read-only with the" not in line)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with the view."""
    return make_file(tmp_path / "a.db", UNSTOPPABLE)


def test_a_command_ends_with_its_code(path: Path) -> None:
    """The answer is an ERROR with the reason and code 3, whatever still runs in SQLite."""
    with hitmiss(path, "get", "1") as process:
        out, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert "did not answer within 2 s" in out
    assert (process.returncode, without_note(errors)) == (3, "")


def test_a_command_that_is_interrupted_ends(path: Path) -> None:
    """Ctrl+c between two such lookups is code 130, without a word more."""
    with hitmiss(path, "get", "1", "--repeat", "1000", "--json") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, without_note(errors)) == (130, "")


def test_a_schema_that_grows_without_end(tmp_path: Path) -> None:
    """Views of views that grow beyond what SQLite can lay out are code 3, with the reason."""
    views = "".join(
        f"CREATE VIEW v{n} AS SELECT a.id, a.name FROM v{n - 1} a, v{n - 1} b"
        " GROUP BY a.id LIMIT 9;"
        for n in range(1, 40)
    )
    path = make_file(
        tmp_path / "a.db",
        f"CREATE TABLE v0 (id INTEGER PRIMARY KEY, name TEXT); {views}"
        "CREATE VIEW v AS SELECT * FROM v39;",
    )
    with hitmiss(path, "find", "ada") as process:
        out, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 3
    assert "database" in errors
    assert out == ""


def test_what_was_said_is_not_lost() -> None:
    """With a thread that never ends, what is still in the buffer goes out before the end."""
    done = subprocess.run(
        [sys.executable, "-c", HELD_UP],
        capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (7, "said\n", "")
