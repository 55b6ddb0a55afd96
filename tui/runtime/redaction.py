"""The secrets of this run, and texts from outside without them."""

import binascii
import json
import re
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from tui.runtime.option_names import LOGINS, SENTINEL_LOGINS, plain_name
from tui.runtime.patterns import lazily

MASK = "***"
WORD = lazily(r"[^\s'\"]+")
"""What is looked through for a URL, from each end once: it may be as long as anything."""
WITHHELD = "(what was said is not shown: it holds the password)"
SHORT = 6
"""A secret of fewer characters stands in many words: what holds it is not shown at all."""
LISTED = lazily(r"(://(?:[^/?#]*@)?)[^/?#@]*,[^/?#@]*")
"""Several hosts in a URL: with an IPv6 address among them its parts could not be told."""
DEFAULT_USER = "default"
"""What every server calls a user who has named nobody."""
LEAST_PART = 8
"""Characters of a part of a secret that are hidden too: servers quote long words cut off."""


LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
"""Of ASCII alone: the length of a text stays."""


class Secrets:
    """What may stand in no text that a server, a driver or a traceback has a part in.

    Records and keys do not pass through here: a password `app` must not tear
    `app:customer:1` apart.
    """

    def __init__(self) -> None:
        """Begin with no secret."""
        self._long: list[str] = []
        self._short: set[str] = set()
        self._parts: set[str] = set()
        self._exact: dict[str, str] = {}

    def learn(self, secret: str, *spellings: str) -> None:
        """Keep `secret` out of texts, in each way in which programs quote it."""
        if not secret:
            return
        found = {spelling.translate(LOWER) for spelling in (secret, *spellings)}
        found |= {spelling.translate(LOWER) for spelling in _spellings(secret)}
        if len(secret) < SHORT:
            self._short |= found
        else:
            self._long = sorted({*self._long, *found}, key=len, reverse=True)
            self._parts |= {
                spelling[at : at + LEAST_PART]
                for spelling in found
                for at in range(len(spelling) - LEAST_PART + 1)
            }

    def learn_long(self, secret: str) -> None:
        """Keep `secret` out of texts, unless it is so short that it may be any word."""
        if len(secret) >= SHORT:
            self.learn(secret)

    def learn_login(self, login: str) -> None:
        """Keep user and password out of texts where they stand together before an '@'."""
        if login:
            self._learn_exact(f"{login}@", f"{MASK}@")

    def learn_query(self, query: str) -> None:
        """Keep what stands behind the '?' of a URL out of texts: it may be half a password."""
        if query:
            self._learn_exact(f"?{query}", f"?{MASK}")

    def _learn_exact(self, text: str, shown: str) -> None:
        found = {spelling.translate(LOWER) for spelling in (text, *_spellings(text))}
        self._exact |= dict.fromkeys(found, shown)

    def forget(self) -> None:
        """Begin anew, as another run would."""
        self._long.clear()
        self._short.clear()
        self._parts.clear()
        self._exact.clear()

    def learn_url(self, url: str) -> None:
        """Keep the password of a URL out of texts, which may stand in the user's place."""
        try:
            place = urlsplit(LISTED.sub(r"\1", url) if "," in url else url)
        except ValueError:  # it is no URL, so there is nobody to whom a password would be sent
            return
        secret = place.password or place.username or ""
        if place.password or secret != DEFAULT_USER:
            self.learn(unquote(secret), secret)
        for name, value in parse_qsl(place.query):
            if plain_name(name) in SENTINEL_LOGINS and value != DEFAULT_USER:
                self.learn(value)
        self.learn_login(place.netloc.rpartition("@")[0])
        self.learn_query(place.query)

    def learn_database(self, url: str) -> None:
        """Keep the password of a database's URL out of texts; who logs in may be shown."""
        try:
            place = urlsplit(url)
        except ValueError:
            return
        if place.password:
            self.learn(unquote(place.password), place.password)
            self.learn_login(place.netloc.rpartition("@")[0])
        for name, value in parse_qsl(place.query):
            if plain_name(name) in LOGINS:
                self.learn(value)

    def redacted(self, text: str) -> str:
        """Return `text` with MASK in the place of each secret; WITHHELD where one is short."""
        lower = text.translate(LOWER)
        if any(secret in lower for secret in self._short):
            return WITHHELD
        return self.masked(text)

    def redacted_lines(self, text: str) -> str:
        """Return a text of many lines, such as a traceback; withhold single lines of it."""
        lines = self.masked(text).split("\n")
        return "\n".join(map(self.redacted, lines))

    def without_logins(self, text: str) -> str:
        """Return `text` with MASK for logins: those learnt, and of whatever may be a URL."""
        lower = text.translate(LOWER)
        for exact in sorted(self._exact, key=len, reverse=True):
            text, lower = _replaced(text, lower, exact, self._exact[exact])
        return WORD.sub(_word_without_login, text)

    def masked(self, text: str) -> str:
        """Return `text` with MASK for logins and secrets; short ones stay, being words too.

        That is for texts of our own, which at most quote what was given.
        """
        text = self.without_logins(text)
        lower = text.translate(LOWER)
        for secret in self._long:
            text, lower = _replaced(text, lower, secret, MASK)
        if not self._parts:
            return text
        hidden = [at for at in range(len(lower)) if lower[at : at + LEAST_PART] in self._parts]
        return _without(text, hidden) if hidden else text


def _replaced(text: str, lower: str, secret: str, mask: str) -> tuple[str, str]:
    """Mask a secret in a text and in its copy in lower case."""
    if secret not in lower:
        return text, lower
    pieces, end = [], 0
    for kept in lower.split(secret):
        pieces.append(text[end : end + len(kept)])
        end += len(kept) + len(secret)
    return mask.join(pieces), lower.replace(secret, mask)


def _without(text: str, hidden: list[int]) -> str:
    """Mask the parts of a text that begin at those places and are LEAST_PART long, or more."""
    pieces, end = [], -1
    for at in hidden:
        if at > end:
            pieces.append(text[:at] if end < 0 else MASK + text[end:at])
        end = at + LEAST_PART
    return "".join(pieces) + MASK + text[end:]


def _word_without_login(match: re.Match[str]) -> str:
    """Mask from behind the scheme to the last '@'; a URL taken for a path has one slash."""
    word = match[0]
    colon, end = word.find(":/"), word.rfind("@")
    start = len(word) - len(word[colon + 1 :].lstrip("/"))
    return f"{word[:start]}{MASK}{word[end:]}" if colon > 0 and start <= end else word


def _spellings(secret: str) -> set[str]:
    """Return how servers and drivers write a secret down."""
    stored = secret.encode("utf-8", "surrogateescape")
    octets = stored.decode("latin-1")
    ways = {
        quote(secret, safe="", errors="surrogateescape"),
        quote(secret, errors="surrogateescape"),
        quote_plus(secret, errors="surrogateescape"),
        repr(secret)[1:-1],
        repr(stored)[2:-1],
        octets,
        "".join(map(_quoted, octets)),  # as Redis quotes: sdscatrepr
        secret.encode("unicode_escape", "surrogatepass").decode(),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        binascii.b2a_base64(stored, newline=False).decode(),
        stored.hex(),
    }
    for written in (secret, octets):
        ways.add(written.replace("\\", "\\\\").replace('"', '\\"'))
        ways.add(written.replace("\\", "\\\\").replace("'", "\\'"))
    return ways


def _quoted(octet: str) -> str:
    if octet in '\\"':
        return f"\\{octet}"
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\a": "\\a", "\b": "\\b"}
    return named.get(octet) or (octet if " " <= octet <= "~" else f"\\x{ord(octet):02x}")


SECRETS = Secrets()
"""Of this process: whoever reads settings or opens a URL tells them."""
redacted = SECRETS.redacted
