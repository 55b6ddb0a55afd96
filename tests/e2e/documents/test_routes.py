"""The applications of the guide: each runs as it stands there."""

import inspect
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from runpy import run_path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import uvicorn
from commands import Cli, cli
from flask import Flask
from markdown import ROOT, blocks
from memcached_server import MemcachedServer
from servers import ValkeyServer
from users_site import create_app

__all__ = ["cli"]

FLASK, MEMCACHED, SERVICE = (
    block.body for block in blocks(ROOT / "docs" / "guide.md") if block.language == "python"
)
SECONDS = 10.0


def run(folder: Path, code: str) -> Any:
    """Run a block as the file that somebody makes of it; return its application."""
    path = folder / "users.py"
    path.write_text(code, encoding="utf-8")
    return run_path(str(path))["app"]


@pytest.mark.parametrize("code", [FLASK, FLASK + MEMCACHED], ids=["redis", "memcached"])
def test_the_route_of_flask_is_the_one_that_is_tried(code: str, tmp_path: Path) -> None:
    """It is the application that the tests run with both clients; nothing is connected yet."""
    assert inspect.getsource(create_app) in code
    app = run(tmp_path, code)
    assert isinstance(app, Flask)
    assert "/users/<int:id>" in [rule.rule for rule in app.url_map.iter_rules()]


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an asynchronous application on a free port; give its address."""
    config = uvicorn.Config(app, lifespan="on", log_level="warning")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=server.run, args=[[listening]])
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def asks(address: str, id: int, **change: str) -> tuple[int, str | None, Any]:
    """Ask for a user, or change it; return status, outcome and record."""
    body = json.dumps(change).encode() if change else None
    request = Request(f"{address}/users/{id}", data=body, method="PATCH" if change else "GET")
    try:
        with urlopen(request, timeout=SECONDS) as answer:
            text = answer.read() or b"null"
            return answer.status, answer.headers["X-Outcome"], json.loads(text)
    except HTTPError as error:
        with error:
            return error.code, error.headers["X-Outcome"], json.loads(error.read())


@pytest.mark.parametrize("kind", ["valkey", "memcached"])
def test_the_route_with_the_service(
    kind: str,
    users_db: Path,
    cli: Cli,
    server: ValkeyServer,
    memcached: MemcachedServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DB, then HIT; a change is in the next answer; and hitmiss sees the copy from outside."""
    monkeypatch.chdir(users_db.parent)
    url = {"valkey": server.url, "memcached": memcached.url}[kind]
    code = SERVICE.replace("redis://localhost:6379", url)
    assert url in code
    with served(run(users_db.parent, code)) as address:
        assert [asks(address, 1)[:2] for _ in range(2)] == [(200, "DB"), (200, "HIT")]
        assert asks(address, 1, city="Abuja")[0] == 204
        status, outcome, record = asks(address, 1)
        assert (status, outcome, record["city"]) == (200, "DB", "Abuja")
        assert [asks(address, 99_999) for _ in range(2)] == [
            (404, "NOT_FOUND", None), (404, "NEGATIVE", None),
        ]  # fmt: skip
        on = ("--db", users_db, "--cache", url, "--ttl", "5m", "--json")
        assert cli("get", "1", *on).outcomes == ["HIT"]
        assert cli("audit", *on).code == 0
