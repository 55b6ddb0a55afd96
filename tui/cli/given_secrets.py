"""Passwords in whatever was given, also where a URL stands that belongs elsewhere."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import PurePath
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from tui.cache.registry import BUILT_IN as CACHES
from tui.cache.registry import EMBEDDED
from tui.cache.registry import store_of as cache_of
from tui.config.options import OPTIONS, PREFIX
from tui.database.registry import BUILT_IN as DATABASES
from tui.runtime.errors import SettingsError
from tui.runtime.option_names import LOGINS, plain_name
from tui.runtime.patterns import lazily
from tui.runtime.redaction import SECRETS

VARIABLES: Final = (PREFIX, *(name for one in OPTIONS for name in one.more_variables))
"""What the names of the environment's variables begin with by which something is given."""
PORT: Final = lazily(r"@[\w.-]+:[0-9]+([/=?].*)?", re.ASCII | re.DOTALL)
"""A host with its port, behind a login that has no scheme."""
MOST_PIECES: Final = 16
"""Of a password that programs may take apart; so many are looked for in each text."""
LONGEST_PASSWORD: Final = 1_000
"""Characters of one that are looked for apart from its user."""
MOST_MISPLACED: Final = 100
"""Texts that may be such URLs: keys that are URLs come by the thousand."""


def learn_given(values: Iterable[object]) -> None:
    """Keep passwords in `values`, texts and what holds some, out of texts that are shown.

    A store's URL tells its password for certain. Of what looks like one, all that may be a
    login is kept out together, and of its password those pieces that are not short words.
    """
    looks_like_urls = (text for text in _texts(values) if _may_be_url(text))
    for text in islice(looks_like_urls, MOST_MISPLACED):
        if _is_database(text):
            SECRETS.learn_database(text.strip())
            if _is_odd(text):
                _learn_misplaced(text)
        elif _is_cache(text):
            SECRETS.learn_url(text.strip())
        else:
            _learn_misplaced(text)
            _learn_misplaced(str(PurePath(text)))  # which a file's name comes out as


def given_variables() -> list[str]:
    """Return the values of the environment's variables by which something is given."""
    return [value for name, value in os.environ.items() if name.startswith(VARIABLES)]


def _texts(values: object) -> Iterator[str]:
    if isinstance(values, str):
        yield values
    elif isinstance(values, Mapping):
        yield from _texts([*values.keys(), *values.values()])
    elif isinstance(values, Iterable):
        for value in values:
            yield from _texts(value)


def _may_be_url(text: str) -> bool:
    return ("@" in text or "?" in text) and _login_start(text) < len(text)


def _is_database(text: str) -> bool:
    scheme, separator, _ = text.strip().partition("://")
    return bool(separator) and scheme.partition("+")[0].lower() in DATABASES


def _is_odd(text: str) -> bool:
    """Tell whether a URL has a login where none belongs, or cannot be taken apart."""
    try:
        return text.count("@") > 1 or "@" in urlsplit(text).path
    except ValueError:
        return True


def _is_cache(text: str) -> bool:
    try:
        return cache_of(text).check(text) != EMBEDDED
    except (SettingsError, ValueError):
        return False


def _learn_misplaced(text: str) -> None:
    login = text[_login_start(text) : max(text.rfind("@"), 0)].lstrip("/")
    if login:
        SECRETS.learn_login(login)
        user, _, password = login.partition(":")
        for piece in _pieces((password or user)[:LONGEST_PASSWORD]):
            SECRETS.learn_long(piece)
    query = text[max(text.rfind("@"), 0) :].partition("?")[2]
    SECRETS.learn_query(query)
    SECRETS.learn_query(query.partition("=")[0])  # as far as COLUMN=VALUE is a column
    for name, value in parse_qsl(query[:LONGEST_PASSWORD]):
        if plain_name(name) in LOGINS:
            SECRETS.learn_long(value)


def _login_start(text: str) -> int:
    """Return where a login may begin: behind slashes, or a cache's scheme, or at once."""
    slashes = [at for at in (text.find(":/") + 1, text.find("//") + 1) if at]
    if slashes:
        return min(slashes)
    scheme, colon, _ = text.partition(":")
    known = re.split(r"[\s'\"=<]", scheme)[-1].lower() in CACHES.keys() | DATABASES.keys()
    if colon and known:
        return len(scheme) + 1
    # USER:PASSWORD@HOST may be a key as well, which has no port.
    place = text[text.rfind("@") :] if colon else ""
    return 0 if PORT.fullmatch(place) else len(text)


def _pieces(password: str) -> Sequence[str]:
    return [password, unquote(password), *re.split(r"[/?#\s@]+", password)[:MOST_PIECES]]
