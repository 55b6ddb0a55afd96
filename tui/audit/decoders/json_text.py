"""JSON that another program stored, within bounds (RFC 8259)."""

import json
from typing import Any, Final, NoReturn

from tui.audit.decoders.plain import MOST_LEVELS, finite, too_deep, whole_of_digits
from tui.audit.extent import UnreadablePayload, check_extent

MARK: Final = b"\xef\xbb\xbf"
"""A byte-order mark in UTF-8, which some programs write before a text."""


class NoText(UnreadablePayload):
    """The bytes are no UTF-8 text, so that they may be another format."""


def decode(payload: bytes) -> Any:
    """Return what JSON says; of a name that stands twice, the last value.

    Raises:
        NoText: it is no UTF-8.
        TooManyValues: it has more than MOST_VALUES.
        UnreadablePayload: it is not JSON, or nested in more than MOST_LEVELS.
    """
    payload = payload.removeprefix(MARK)
    check_extent(payload)
    try:
        value: Any = _DECODER.decode(payload.decode())
    except UnicodeDecodeError as error:
        raise NoText("it is not JSON: it is no UTF-8 text") from error
    except RecursionError as error:
        raise too_deep("json") from error
    except ValueError as error:
        raise UnreadablePayload(f"it is not JSON: {error}") from error
    if payload.count(b"[") + payload.count(b"{") > MOST_LEVELS:
        _check_depth(value)
    return value


def _check_depth(value: Any) -> None:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MOST_LEVELS):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise too_deep("json")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _float(text: str) -> float | str:
    return finite(float(text))


_DECODER: Final = json.JSONDecoder(
    parse_constant=_refuse, parse_int=whole_of_digits, parse_float=_float
)
