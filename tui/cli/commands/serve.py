"""`hitmiss serve`: look-ups over HTTP, each answer with where it came from."""

import asyncio
import signal
import socket
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import click

from tui import __version__
from tui.bootstrap import Plan, Services, open_services, prepare
from tui.cli.commands.output import print_json, print_line, say
from tui.cli.exit_codes import DONE, INTERRUPTED
from tui.cli.options import common_options, settings_of
from tui.runtime import signals
from tui.runtime.clock import SystemClock
from tui.runtime.errors import SettingsError
from tui.runtime.plain_text import plain

if TYPE_CHECKING:
    from tui.http.application import Answered
    from tui.http.listening import Listen
    from tui.http.site import Site

NEEDED: Final = ("starlette", "uvicorn", "httptools")
"""What the extra brings."""


@click.command(short_help="Answer look-ups over HTTP.")
@click.option("--listen", "address", default="127.0.0.1:8080", show_default=True,
              metavar="HOST:PORT",
              help="Where to listen; port 0 chooses a free one.")  # fmt: skip
@click.option("--verbose", is_flag=True, help="Say each request in a line on stderr.")
@common_options
@click.pass_context
def serve(context: click.Context, address: str, verbose: bool) -> None:
    """Answer GET /TABLE/KEY with the record as JSON, and with headers that say where it was.

    The path is /users/1 for the record 1 of the table users. Cache-Status says what came of the
    cache, Server-Timing how long it took. / shows the last look-ups to a browser, /metrics has
    the counts for Prometheus, /healthz whether cache and database answer. Needs the extra http.

    There are no accounts and no TLS: whoever reaches the address may read the table. Requests
    by another Host than loopback or that of --listen get 421.

    On SIGTERM it answers what is under way, in 5 s at most, and exits with 0; after ctrl+c
    with 130. Exits with 2 when the address cannot be used.
    """
    settings = settings_of(context)
    _check_extra()
    from tui.http.listening import bind, listen_of

    listen = listen_of(address)
    plan = prepare(settings)
    context.exit(asyncio.run(_serve(plan, listen, bind(listen), verbose=verbose)))


def _check_extra() -> None:
    if any(find_spec(module) is None for module in NEEDED):
        raise SettingsError(
            "hitmiss serve needs hitmiss[http], which is not installed: in a clone of hitmiss"
            " run pip install '.[http]', or make run EXTRAS=http"
        )


async def _serve(
    plan: Plan, listen: "Listen", sockets: Sequence[socket.socket], *, verbose: bool
) -> int:
    from tui.http.application import Application
    from tui.http.connections import Connections
    from tui.http.server import HttpServer

    ended_by: list[int] = []
    connections = Connections()
    async with open_services(plan) as services:
        application = Application(
            _site(plan, services), listen.hosts, SystemClock(), connections,
            _say_request if verbose else None,
        )  # fmt: skip
        server = HttpServer(application, sockets, connections)

        def end(number: int) -> None:
            ended_by.append(number)
            server.end()

        signals.end_by(end)
        _announce(plan, listen, sockets[0].getsockname()[1], application.path_of("KEY"))
        try:
            await server.serve()
        finally:
            await application.aclose()
    return _code(ended_by)


def _site(plan: Plan, services: Services) -> "Site":
    from tui.http.site import Site

    return Site(
        services.service, services.cache, services.table, plan.settings.table,
        plan.database_name, plan.cache_name, __version__, plan.settings.read_only,
    )  # fmt: skip


def _announce(plan: Plan, listen: "Listen", port: int, example: str) -> None:
    """Say where it listens, and who else may come."""
    url = listen.url(port)
    if plan.settings.json:
        print_json({
            "listening": url, "path": example, "read_only": plan.settings.read_only,
            "database": plan.database_name, "cache": plan.cache_name,
        })  # fmt: skip
    else:
        how = "read-only" if plan.settings.read_only else "misses fill the cache"
        if plan.settings.read_only and not plan.cache_is_shared:
            how = "read-only, and nobody fills the embedded cache: nothing can hit"
        print_line(f"{plain(url + example)}  ({how}; ctrl+c ends)")
    if not listen.loopback:
        where = "every network of this machine" if listen.everywhere else plain(listen.host)
        say(
            f"WARNING: it listens on {where}: whoever reaches port {port} may read"
            f" {plain(plan.settings.table, 60)}, without a password or TLS"
        )


def _say_request(answered: "Answered") -> None:
    parts = [answered.method, answered.path[:200], str(answered.status)]
    if answered.outcome is not None:
        parts += [answered.outcome.label.value, f"{answered.outcome.seconds * 1000:.2f} ms"]
    say(" ".join(parts))


def _code(ended_by: Sequence[int]) -> int:
    """Return the exit code: to end by SIGTERM is what a server is there for."""
    first = ended_by[0] if ended_by else signal.SIGTERM
    if first == signal.SIGTERM:
        return DONE
    return INTERRUPTED if first == signal.SIGINT else 128 + first
