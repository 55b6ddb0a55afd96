"""What a new process has loaded at its end."""

import json
import subprocess
import sys

DRIVERS = {"redis", "fakeredis", "aiosqlite", "sqlite3"}
OTHERS = {"psycopg", "asyncmy", "pymongo", "bson"}
"""The drivers of databases on servers."""

HTTP = {"starlette", "uvicorn", "httptools", "anyio"}
"""What serves look-ups over HTTP."""
SCREEN = {"textual", "rich"}


def loaded_by(code: str, *arguments: str) -> set[str]:
    """Run Python code in a new process, and give the packages that were loaded at its end."""
    return {module.partition(".")[0] for module in modules_loaded_by(code, *arguments)}


def modules_loaded_by(code: str, *arguments: str) -> set[str]:
    """Run Python code in a new process, and give the modules that were loaded at its end."""
    ask = "import json, sys; print(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\n{ask}", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(json.loads(ran.stdout.splitlines()[-1]))
