"""Answers to what the application never sees: no HTTP, too much of it, or a client too many."""

import json
from http import HTTPStatus
from typing import Any, Final

from msgspec import Struct

PROBLEM: Final = "application/problem+json"
RETRY_SECONDS: Final = 2
"""What a client is told to wait: as long as a breaker leaves a cache alone."""
MOST_HEAD: Final = 64 << 10
"""Bytes of a request up to the end of its headers, give or take what is read at once."""
MOST_FIELDS: Final = 256
"""Headers of a request: as objects, short ones are many times their bytes."""


class Refusal(Struct, frozen=True):
    """An answer after which the connection ends."""

    status: HTTPStatus
    """Its status."""
    answer: bytes
    """All of it, as it is sent."""


def problem_members(status: HTTPStatus, detail: str) -> dict[str, Any]:
    """Return what went wrong as the members of problem details. Source: RFC 9457."""
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }


def _refusal(status: HTTPStatus, detail: str, *headers: str) -> Refusal:
    body = json.dumps(problem_members(status, detail)).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"content-type: {PROBLEM}",
        f"content-length: {len(body)}",
        "connection: close",
        *headers,
        "",
        "",
    )
    return Refusal(status, "\r\n".join(head).encode() + body)


TOO_LARGE: Final = _refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"the path and the headers have more than {MOST_HEAD >> 10} KiB, or these are more than"
    f" {MOST_FIELDS}",
)
BROKEN: Final = _refusal(HTTPStatus.BAD_REQUEST, "this is not HTTP/1.1 as it should be")
OTHER_VERSION: Final = _refusal(
    HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "only HTTP/1.1 and HTTP/1.0 are spoken here"
)
AGAIN: Final = f"retry-after: {RETRY_SECONDS}"
FULL: Final = _refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "there are too many connections; try again in a while",
    AGAIN,
)
ENDING: Final = _refusal(HTTPStatus.SERVICE_UNAVAILABLE, "this server is about to end", AGAIN)
