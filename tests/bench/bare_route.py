"""The least that such a route can be: starlette, redis-py's GET, and JSON.

    python -m bench.bare_route SOCKET

On the same uvicorn, set up as `hitmiss serve` has it. It asks no database, checks no Host, and
says nothing of where an answer came from. Prints the port that it listens on.
"""

import json
import socket
import sys

import uvicorn
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import UnixDomainSocketConnection
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

CONNECTIONS = 16
"""Of redis-py's pool, as in the other comparisons."""


def application(path: str) -> Starlette:
    """Return the application on the server with that unix socket."""
    pool = BlockingConnectionPool(
        connection_class=UnixDomainSocketConnection, path=path, max_connections=CONNECTIONS
    )
    redis = Redis(connection_pool=pool)

    async def user(request: Request) -> JSONResponse:
        stored = await redis.get(f"hitmiss:user:{request.path_params['id']}")
        if stored is None:
            return JSONResponse({"error": "not found"}, 404)
        return JSONResponse(json.loads(stored))

    return Starlette(routes=[Route("/users/{id:int}", user)])


def main() -> None:
    """Serve until it is ended."""
    # As asyncio itself would make it: its connections then wait for no acknowledgement.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        application(sys.argv[1]), http="httptools", loop="asyncio", ws="none", lifespan="off",
        log_config=None, access_log=False, proxy_headers=False, server_header=False,
    )  # fmt: skip
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
