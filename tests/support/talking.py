"""Somebody who talks to the explorer in lines, on fakes."""

from collections import deque
from collections.abc import Awaitable, Callable

from fakes import SCHEMA, TEMPLATE, Bench

from tui.controllers.session import Place, Session
from tui.lab.remote import Laboratory
from tui.models import TableSchema
from tui.plain.conversation import Conversation
from tui.plain.inputs import LineNotTaken
from tui.service.lifetimes import Lifetimes

EMBEDDED = Place("fake", "fake", embedded=True)
SHARED = Place("fake", "shared")
Meanwhile = Callable[[], Awaitable[None]]
"""What happens while the next line is awaited."""


class Typed:
    """Lines that somebody types, and what happens before them."""

    def __init__(self, *lines: str | Meanwhile | LineNotTaken) -> None:
        """Type these, one after the other, and end."""
        self._lines = deque(lines)

    async def next(self) -> str | None:
        """Give the next line, when what is to happen before it has happened."""
        while self._lines:
            line = self._lines.popleft()
            if isinstance(line, LineNotTaken):
                raise line
            if isinstance(line, str):
                return line
            await line()
        return None


class Talk:
    """A conversation on a bench, and all that was said in it."""

    def __init__(
        self,
        bench: Bench,
        *lines: str | Meanwhile | LineNotTaken,
        prompts: bool = False,
        read_only: bool = False,
        place: Place = EMBEDDED,
        schema: TableSchema = SCHEMA,
        laboratory: Laboratory | None = None,
    ) -> None:
        """Say nothing yet."""

        async def open_bench() -> Bench:
            return bench

        self.text = ""
        self.session = Session(
            open_bench, schema, TEMPLATE, Lifetimes(), place,
            read_only=read_only, laboratory=laboratory,
        )  # fmt: skip
        self.conversation = Conversation(
            self.session, bench.clock, Typed(*lines), self._write, prompts=prompts
        )

    def _write(self, text: str) -> None:
        self.text += text

    @property
    def said(self) -> list[str]:
        """The lines that were said."""
        return self.text.splitlines()


async def said_to(bench: Bench, *lines: str | Meanwhile | LineNotTaken) -> list[str]:
    """Return what is said to these lines."""
    talk = Talk(bench, *lines)
    assert await talk.conversation.run() == 0
    return talk.said
