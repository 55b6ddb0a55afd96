"""What a request asks, and whether it may."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote_to_bytes

from msgspec import Struct
from starlette.responses import Response
from starlette.types import Scope

from tui.http.answers import ALLOWED, SHOWN_CHARACTERS, problem
from tui.http.hosts import BadHost, Hosts
from tui.runtime.plain_text import plain

METHODS: Final = frozenset({"GET", "HEAD"})
NONE: Final[Mapping[str, bytes]] = {}


class RequestFacts(Struct, frozen=True):
    """What matters of a request."""

    method: str
    """How it asks."""
    path: bytes
    """For what, as it was spelled."""
    hosts: list[bytes]
    """Its Host fields, of which there should be one."""
    authority: bytes | None
    """The host that its target names, which counts instead; None where it is only a path."""
    if_none_match: str | None
    """The ETags that the client has; None where it names none."""

    @property
    def instance(self) -> str:
        """The path in ASCII."""
        return self.path.decode("ascii", "backslashreplace")


def asked_of(scope: Scope) -> RequestFacts:
    """Return what a request asks, from the scope that ASGI has for it."""
    hosts: list[bytes] = []
    etags: list[str] = []
    for name, value in scope["headers"]:
        if name == b"host":
            hosts.append(value)
        elif name == b"if-none-match":
            etags.append(value.decode("latin-1"))
    return RequestFacts(
        scope["method"], scope["raw_path"], hosts, scope.get("state", NONE).get("authority"),
        ",".join(etags) if etags else None,
    )  # fmt: skip


def refusal(asked: RequestFacts, hosts: Hosts) -> Response | None:
    """Return the answer to what is not answered: a wrong Host comes before a wrong method.

    Source: RFC 9112, section 3.2.2: a target's host counts, whatever Host says.
    """
    if len(asked.hosts) != 1:
        return _bad_host(asked)
    called = asked.hosts[0] if asked.authority is None else asked.authority
    try:
        is_ours = hosts.accepts(called)
    except BadHost:
        return _bad_host(asked)
    if not is_ours:
        host = plain(called.decode("latin-1"), SHOWN_CHARACTERS)
        return problem(
            HTTPStatus.MISDIRECTED_REQUEST,
            f"this is not {host}: call it by localhost, a loopback address, or the host of"
            " --listen",
            asked.instance,
        )
    if asked.method not in METHODS:
        return problem(
            HTTPStatus.METHOD_NOT_ALLOWED, "records are only read here", asked.instance,
            {"allow": ALLOWED},
        )  # fmt: skip
    return None


def table_and_key(path: bytes) -> tuple[str, str | None]:
    """Return the two parts of a record's path; a key may have slashes, or be missing: None.

    Raises:
        UnicodeDecodeError: it is not UTF-8.
    """
    first, slash, rest = path[1:].partition(b"/")
    return _unquoted(first), _unquoted(rest) if slash else None


def _unquoted(part: bytes) -> str:
    return (unquote_to_bytes(part) if b"%" in part else part).decode()


def _bad_host(asked: RequestFacts) -> Response:
    detail = "a request needs one Host field, with one host in it"
    return problem(HTTPStatus.BAD_REQUEST, detail, asked.instance)
