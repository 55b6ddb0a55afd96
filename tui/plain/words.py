"""The words that are commands: what each takes and does, and which one was meant."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from msgspec import Struct

from tui.plain import asking, comparing, keeping, looking, trying, writing
from tui.plain.desk import Desk
from tui.runtime.errors import HitmissError
from tui.runtime.nearest import nearest_name

Does: TypeAlias = Callable[[Desk, str], Awaitable[None]]


class UnclearWord(HitmissError):
    """A word could be several commands, or a command cannot do anything with what follows."""


class PlainCommand(Struct, frozen=True):
    """One command."""

    name: str
    """The word."""
    takes: str
    """What may follow it, in square brackets what may be left out; '' for nothing."""
    does: Does
    """Does it, told what follows the word."""
    meaning: str
    """What it does, for help."""


async def explain(desk: Desk, text: str) -> None:
    """Say what commands there are, or what one does."""
    if text:
        found = command_of(text)
        if found is None:
            raise UnclearWord(f"there is no command {text[:40]!r}{nearest(text)}")
        desk.say(_explained(found))
        return
    desk.say("a key, like 1, or a name: looks it up; get looks up what is a command's word too")
    for command in COMMANDS:
        desk.say(_explained(command))
    desk.say("the beginning of a word will do; enter alone says what has changed by itself")


COMMANDS: Final = tuple(
    PlainCommand(*one)
    for one in (
        ("get", "key or name", asking.get, "look it up"),
        ("again", "", asking.again, "look the same record up again"),
        ("bypass", "[key or name]", asking.bypass, "look it up past the cache"),
        ("record", "", asking.record, "the columns of the latest answer, a line each"),
        ("steps", "", asking.steps, "what ran for the latest answer"),
        ("json", "", asking.as_json_line, "the latest record as JSON"),
        ("shell", "", asking.shell, "what ran, as lines for a shell"),
        ("find", "text", asking.find, "the records whose name holds a text"),
        ("invalidate", "[key]", keeping.invalidate, "forget the cached copy"),
        ("expire", "[key]", keeping.expire, "let the cached copy expire now"),
        ("life", "+ or -", keeping.life, "let this copy live longer or shorter"),
        ("ttl", "[+ or -]", keeping.ttl, "how long the next fills stay fresh"),
        ("cache", "[part of a key]", keeping.cache, "what is cached, what expires next first"),
        ("clear", "[part of a key]", keeping.clear, "forget all of that; asks first"),
        ("compare", "[key or name]", comparing.compare, "the cached copy beside its row"),
        ("audit", "", comparing.audit, "compare every cached copy with the database"),
        ("set", "column=value", writing.set_column, "change the record, forget its copy"),
        ("drift", "column=value", writing.drift, "change the record, and tell no cache"),
        ("undo", "", writing.undo, "take the latest change back, once"),
        ("faults", "[fault or off]", trying.faults, "let cache or database be slow or down"),
        ("lab", "[name]", trying.lab, "loads and scenarios"),
        ("status", "", looking.status, "how cache and database do, and the totals"),
        ("wait", "[time]", looking.wait, "say each change when it happens, for 60 s"),
        ("help", "[word]", explain, "these lines"),
        ("quit", "", looking.leave, "leave"),
    )
)
"""All of them, in the order of help."""
ALIASES: Final = {"exit": "quit", "?": "help"}
"""What people type elsewhere, and the word for it here."""
NAMES: Final = tuple(command.name for command in COMMANDS)


def command_of(word: str) -> PlainCommand | None:
    """Return the command that a word names, or is the beginning of; None for none.

    Raises:
        UnclearWord: it is the beginning of several.
    """
    word = ALIASES.get(word, word)
    found = [one for one in COMMANDS if word and one.name.startswith(word)]
    exact = [one for one in found if one.name == word]
    if len(exact or found) > 1:
        names = ", ".join(one.name for one in found)
        raise UnclearWord(f"{word} could be {names}; get {word} looks that up")
    return next(iter(exact or found), None)


def parsed(line: str) -> tuple[PlainCommand | None, str]:
    """Return the command of a line, None for a key or a name, and what it is told.

    Raises:
        UnclearWord: its word could be several, or takes nothing, or needs something.
    """
    word, _, rest = line.strip().partition(" ")
    rest = rest.strip()
    command = command_of(word)
    if command is None:
        return None, line.strip()
    if rest and not command.takes:
        raise UnclearWord(f"{command.name} takes nothing after it; get {line.strip()} looks up")
    if not rest and command.takes and not command.takes.startswith("["):
        raise UnclearWord(f"{command.name} needs {command.takes} after it")
    return command, rest


def nearest(line: str) -> str:
    """Return the question whether the nearest command was meant; '' where none is near."""
    word = line.split(" ", maxsplit=1)[0]
    near = nearest_name(word.lower(), NAMES, cutoff=0.7)
    return "" if near is None else f"; did you mean {near}?"


def _explained(command: PlainCommand) -> str:
    return f"{f'{command.name} {command.takes}'.strip()}: {command.meaning}"
