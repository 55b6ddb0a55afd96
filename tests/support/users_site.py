"""The seed's own example, as somebody else has it: `GET /users/<id>` with a cache before it.

It knows nothing of hitmiss: Flask, sqlite3, and a client of Redis or of Memcached.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Thread
from typing import Any

from flask import Flask, abort
from werkzeug.serving import WSGIRequestHandler, make_server

TTL_SECONDS = 300


def create_app(path: str, cache: Any) -> Flask:
    """Serve the users of a SQLite file; keep each in `cache`, whose `get` and `set` it uses."""
    app = Flask(__name__)

    @app.get("/users/<int:id>")
    def user(id: int) -> Any:
        copy = cache.get(f"user:{id}")
        if copy is not None:
            return json.loads(copy)
        with closing(sqlite3.connect(path)) as database:
            database.row_factory = sqlite3.Row
            row = database.execute("SELECT * FROM users WHERE id = ?", (id,)).fetchone()
        if row is None:
            abort(404)
        cache.set(f"user:{id}", json.dumps(dict(row)), TTL_SECONDS)  # SETEX
        return dict(row)

    return app


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """Write no line for a request."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application on a free port of the loopback interface; give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
