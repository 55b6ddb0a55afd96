"""The answers: a record, a problem (RFC 9457), a page; and the headers that each has."""

import json
import math
from collections.abc import Mapping
from hashlib import blake2b
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from tui.http.cache_status import cache_status, server_timing
from tui.http.pages import POLICY, Page
from tui.http.refusals import PROBLEM, RETRY_SECONDS, problem_members
from tui.models import Label, Outcome, Record
from tui.models.scalars import as_json
from tui.runtime.plain_text import json_line, plain
from tui.service.payload import encode

JSON: Final = "application/json"
ALLOWED: Final = "GET, HEAD"
GUARDED: Final = {
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
"""In every answer: nothing is taken for a script or a picture by a page of somebody else."""
NO_CACHE: Final = {**GUARDED, "cache-control": "no-cache"}
"""Nobody between may answer in hitmiss' place without asking it."""
NO_STORE: Final = {**GUARDED, "cache-control": "no-store"}
OF_PAGES: Final = {
    **NO_CACHE,
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
}
NO_HEADERS: Final[Mapping[str, str]] = {}
SHOWN_CHARACTERS: Final = 200
"""How much of a name, a key or a reason is repeated."""


def outcome_answer(
    outcome: Outcome, table: str, instance: str, if_none_match: str | None
) -> Response:
    """Return what a look-up came to, with where it came from in the headers.

    `table` is the table's name, `instance` the path as the request spelled it.
    """
    told = {"cache-status": cache_status(outcome), "server-timing": server_timing(outcome)}
    if outcome.record is not None:
        return record_answer(outcome.record, if_none_match, told)
    if outcome.label is Label.ERROR:
        reason = plain(outcome.reason or "no answer", SHOWN_CHARACTERS)
        told["retry-after"] = str(RETRY_SECONDS)
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, reason, instance, told)
    key = plain(str(outcome.id), SHOWN_CHARACTERS)
    detail = f"{plain(table, SHOWN_CHARACTERS)} has no record {key}"
    return problem(HTTPStatus.NOT_FOUND, detail, instance, told)


def record_answer(
    record: Record, if_none_match: str | None, headers: Mapping[str, str]
) -> Response:
    """Return a record as JSON under a strong ETag; 304 without it where the client has it."""
    body = record_json(record)
    etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
    told = {**NO_CACHE, "etag": etag, **headers}
    if if_none_match is not None and matches(if_none_match, etag):
        return Response(None, HTTPStatus.NOT_MODIFIED, told)
    return Response(body, HTTPStatus.OK, told, JSON)


def record_json(record: Record) -> bytes:
    """Return a record as `hitmiss get --json` has it, in UTF-8."""
    try:
        return encode(record)
    except ValueError:  # half a surrogate pair, or no number: in copies of other programs
        odd = {
            name: str(value) if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in as_json(record).items()
        }
        return json_line(odd).encode()


def matches(if_none_match: str, etag: str) -> bool:
    """Tell whether an If-None-Match has an ETag. Source: RFC 9110, section 13.1.2."""
    if if_none_match.strip() == "*":
        return True
    return etag in (one.strip().removeprefix("W/") for one in if_none_match.split(","))


def problem(
    status: HTTPStatus, detail: str, instance: str, headers: Mapping[str, str] = NO_HEADERS
) -> Response:
    """Return what went wrong, as problem details. Source: RFC 9457.

    `instance` is the path as the request spelled it.
    """
    members = {**problem_members(status, detail), "instance": instance}
    return Response(json_line(members), status, {**NO_CACHE, **headers}, PROBLEM)


def json_answer(value: object) -> Response:
    """Return what is so at this moment, as JSON that nobody keeps."""
    return Response(json.dumps(value), HTTPStatus.OK, NO_STORE, JSON)


def text_answer(text: str, media_type: str) -> Response:
    """Return what is so at this moment, as text that nobody keeps."""
    return Response(text, HTTPStatus.OK, NO_STORE, media_type)


def page_answer(page: Page) -> Response:
    """Return a file for a browser, which lets it reach nothing but this server."""
    return Response(page.body, HTTPStatus.OK, OF_PAGES, page.media_type)
