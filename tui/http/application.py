"""The application: which request gets which answer. Plain ASGI: keys stay as spelled."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from http import HTTPStatus
from typing import Final, TypeAlias
from urllib.parse import quote

from msgspec import Struct
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tui.http.answers import json_answer, outcome_answer, page_answer, problem, text_answer
from tui.http.asked import RequestFacts, asked_of, refusal, table_and_key
from tui.http.connections import ClientLeft, Connections
from tui.http.health import HealthWatch, health_json
from tui.http.hosts import Hosts
from tui.http.measures import CONTENT_TYPE, Measures
from tui.http.pages import pages
from tui.http.recent import Recent
from tui.http.site import Site
from tui.models import Outcome
from tui.models.keys import parse_key
from tui.runtime.clock import Clock
from tui.runtime.errors import InvalidKey
from tui.runtime.plain_text import plain

MOST_KEY: Final = 1024
"""Bytes of a key in UTF-8: that there is no record is kept too, whoever asks for whatever."""


class Answered(Struct, frozen=True):
    """A request that was answered, for whoever listens."""

    method: str
    """How it asked."""
    path: str
    """The path as it was spelled, in ASCII."""
    status: int
    """The answer's status."""
    outcome: Outcome | None
    """What the look-up came to; None where there was none."""


Listener: TypeAlias = Callable[[Answered], object]


class Application:
    """Answers requests from a site."""

    def __init__(
        self,
        site: Site,
        hosts: Hosts,
        clock: Clock,
        connections: Connections,
        listener: Listener | None = None,
    ) -> None:
        """Answer who calls this server by one of `hosts`; tell `listener` of each answer."""
        self._site = site
        self._hosts = hosts
        self._connections = connections
        self._listener = listener
        self._measures = Measures()
        self._recent = Recent(site.path, clock.monotonic)
        self._watch = HealthWatch(site.cache, site.table, clock.monotonic)
        self._pages = pages()
        self._others: Mapping[bytes, Callable[[], Awaitable[Response]]] = {
            b"/healthz": self._health,
            b"/metrics": self._metrics,
            b"/lookups.json": self._lookups,
        }

    async def aclose(self) -> None:
        """End what goes on beside the requests."""
        await self._watch.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Source: ASGI, 'HTTP & WebSocket ASGI Message Format', 2.3."""
        asked = asked_of(scope)
        try:
            # Who has left wants no answer: the look-up is cancelled, as the explorer does it.
            with scope.get("state", {}).get("connection") or nullcontext():
                response, outcome = await self._answer(asked)
        except ClientLeft:
            return
        except Exception:
            detail = "this is a fault of hitmiss; what it was is on its stderr"
            fault = problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, asked.instance)
            self._note(asked, fault, None)
            await fault(scope, receive, send)
            raise
        self._note(asked, response, outcome)
        if asked.method == "HEAD":
            response.body = b""  # its length stays in the headers
        await response(scope, receive, send)

    def _note(self, asked: RequestFacts, response: Response, outcome: Outcome | None) -> None:
        """Count an answer, and tell whoever listens."""
        self._measures.requests[response.status_code] += 1
        if self._listener is not None:
            told = Answered(asked.method, asked.instance, response.status_code, outcome)
            self._listener(told)

    def path_of(self, key: str) -> str:
        """Return the path of a record, whose key is spelled as a path has it."""
        return f"/{quote(self._site.path, safe='')}/{key}"

    async def _answer(self, asked: RequestFacts) -> tuple[Response, Outcome | None]:
        refused = refusal(asked, self._hosts)
        if refused is not None:
            return refused, None
        page = self._pages.get(asked.path)
        if page is not None:
            return page_answer(page), None
        other = self._others.get(asked.path)
        if other is not None:
            return await other(), None
        return await self._record(asked)

    async def _record(self, asked: RequestFacts) -> tuple[Response, Outcome | None]:
        schema, instance = self._site.schema, asked.instance
        try:
            table, key = table_and_key(asked.path)
        except UnicodeDecodeError:
            detail = "the path is not UTF-8 behind its percent signs"
            return problem(HTTPStatus.BAD_REQUEST, detail, instance), None
        if key is None or table not in {self._site.path, schema.name}:
            detail = f"records are at {self.path_of('KEY')}, and there is nothing else here"
            return problem(HTTPStatus.NOT_FOUND, detail, instance), None
        try:
            id = parse_key(key, integer=schema.id_is_integer, largest=schema.largest_key)
        except InvalidKey as error:
            return problem(HTTPStatus.NOT_FOUND, plain(str(error)), instance), None
        if isinstance(id, str) and len(id.encode()) > MOST_KEY:
            detail = f"a key of more than {MOST_KEY:,} bytes is not looked up here"
            return problem(HTTPStatus.REQUEST_URI_TOO_LONG, detail, instance), None
        outcome = await self._site.service.look_up(id)
        self._measures.add(outcome)
        self._recent.add(outcome)
        name = self._site.path
        return outcome_answer(outcome, name, instance, asked.if_none_match), outcome

    async def _health(self) -> Response:
        """Say that the process serves, whatever cache and database do, and how they do.

        A cache or a database that is down is no reason to restart this process.
        """
        cache, database = await self._watch.both()
        service, site = self._site.service, self._site
        return json_answer({
            "status": "serving",
            "version": site.version,
            "table": site.path,
            "read_only": site.read_only,
            "cache": health_json(site.cache_name, cache),
            "database": health_json(site.database_name, database),
            "breaker": service.breaker_state.value,
            "pending_deletes": service.pending_count,
        })  # fmt: skip

    async def _metrics(self) -> Response:
        service, site = self._site.service, self._site
        text = self._measures.exposition(
            pending=service.pending_count,
            breaker=service.breaker_state,
            connections=len(self._connections),
            refused=self._connections.refused,
            about={"version": site.version, **site.names()},
        )
        return text_answer(text, CONTENT_TYPE)

    async def _lookups(self) -> Response:
        return json_answer({
            **self._site.names(),
            "read_only": self._site.read_only,
            "example": self.path_of("1" if self._site.schema.id_is_integer else "KEY"),
            "totals": self._measures.lookups,
            "lookups": self._recent.to_json(),
        })  # fmt: skip
