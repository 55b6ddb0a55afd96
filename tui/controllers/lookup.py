"""What the lookup screen can do: look up, search, invalidate, expire."""

from tui.controllers.session import Session
from tui.database.port import KEYSTROKE_SECONDS
from tui.models import CopyChange, Key, Label, Outcome, SearchResult
from tui.models.keys import looks_like_integer, parse_key
from tui.runtime.errors import DatabaseUnavailable, InvalidKey
from tui.runtime.plain_text import plain

SEARCH_LIMIT = 20


class LookupController:
    """The lookup screen's way to the services, which are opened behind it."""

    def __init__(self, session: Session) -> None:
        """Work on what the session has open."""
        self.session = session
        self.schema = session.schema
        self.read_only = session.read_only

    def is_key(self, text: str) -> bool:
        """Tell whether `text` names a record rather than something to search for."""
        return self.schema.id_is_integer and looks_like_integer(text)

    @property
    def wanted(self) -> str:
        """What may be typed, in words that fit the table: `a key, like 7, or its title`."""
        example, columns = self.session.example, self.schema.search_columns
        words = "a key" if example is None else f"a key, like {plain(str(example), 20)}"
        if not columns:
            return words
        name = columns[0].casefold()
        other = "a name" if name.endswith("name") else f"its {plain(columns[0], 20)}"
        return f"{words}{',' if example is not None else ''} or {other}"

    def parse_key(self, text: str) -> Key:
        """Give the key that `text` spells.

        Raises:
            InvalidKey: it spells none.
        """
        if not text.strip():
            raise InvalidKey(f"a key is missing: type {self.wanted}")
        return parse_key(
            text, integer=self.schema.id_is_integer, largest=self.schema.largest_key
        )

    async def look_up(self, id: Key, *, bypass: bool = False) -> Outcome:
        """Look `id` up through the service."""
        try:
            service = await self.session.service()
        except DatabaseUnavailable as error:
            return Outcome(id, Label.ERROR, reason=str(error))
        return await service.look_up(id, bypass=bypass)

    async def search(self, text: str, *, seconds: float = KEYSTROKE_SECONDS) -> SearchResult:
        """Search the table for so long; a database that fails is a reason in the result."""
        if not text.strip():
            return SearchResult(text)
        try:
            services = await self.session.services()
            return await services.table.search(text, SEARCH_LIMIT, seconds=seconds)
        except DatabaseUnavailable as error:
            self.session.note_failure(error)
            return SearchResult(text, complete=False, reason=str(error))

    async def key_for(self, text: str) -> Key:
        """Give the key that `text` means; see `best_match`."""
        return (await self.best_match(text))[0]

    async def best_match(self, text: str) -> tuple[Key, bool]:
        """Return the key that `text` spells, else that of the best match; and if it has others.

        Raises:
            InvalidKey: it is no key, and the search finds nothing.
            DatabaseUnavailable: the search got no answer.
        """
        if self.is_key(text) or not text.strip():
            return self.parse_key(text), False
        result = await self.search(text)
        if result.matches:
            return result.matches[0].id, len(result.matches) > 1
        if not self.schema.id_is_integer:  # what the cache has of it can be shown all the same
            return self.parse_key(text), False
        if result.reason is not None:
            raise DatabaseUnavailable(result.reason)
        raise InvalidKey(self.nothing_found(text, result.advice))

    def nothing_found(self, text: str, advice: str = "") -> str:
        """Give the sentence that says that a search found nothing, or was stopped before."""
        shown = text if len(text) <= 30 else f"{text[:30]}…"
        where = " or ".join(self.schema.search_columns) or "searchable column"
        if advice:
            return f"nothing yet holds {shown!r}; {advice}"
        return f"no {where} holds {shown!r}; digits look a key up"

    async def invalidate(self, id: Key) -> CopyChange:
        """Forget the cached copy; a failure is a reason in the result."""
        try:
            service = await self.session.service()
        except DatabaseUnavailable as error:
            return CopyChange(id, found=False, reason=str(error))
        return await service.writer.invalidate(id)

    async def expire(self, id: Key) -> CopyChange:
        """Make the cached copy expire now; a failure is a reason in the result."""
        try:
            service = await self.session.service()
        except DatabaseUnavailable as error:
            return CopyChange(id, found=False, reason=str(error))
        return await service.writer.expire(id)
