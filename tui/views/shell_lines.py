"""The commands of a lookup as lines for a shell, for the stores' own clients."""

import shlex
from collections.abc import Sequence

from tui.models import Outcome, Target
from tui.runtime.plain_text import plain

INSIDE = (
    "# no client has an address for this cache: it is inside of hitmiss, or sentinels say where"
    " it is"
)


def shell_lines(outcome: Outcome, cache: Sequence[str], database: Sequence[str]) -> str:
    """Give a line for each command of a lookup; what cannot be typed is a comment.

    Args:
        outcome: what was looked up.
        cache: the words that call the cache's own client; none where it reaches nothing.
        database: the words that call the database's own client.
    """
    lines = [] if cache else [INSIDE]
    for step in outcome.steps:
        clients = {Target.CACHE: cache, Target.DATABASE: database}
        client = clients.get(step.target, ())
        if step.typed and (client or step.target is Target.CACHE):
            line = words((*client, *step.typed))
            # A line break would end the comment, so that the rest were run.
            lines.append(line if client else plain(f"# {line}"))
        else:
            lines.append(f"# {step.target.value}: {plain(step.command)}")
    return "".join(f"{line}\n" for line in lines)


def words(arguments: Sequence[str | bytes | int]) -> str:
    """Give a command line that bash, zsh and ksh take apart into exactly these arguments."""
    return " ".join(map(_word, arguments))


def _word(argument: str | bytes | int) -> str:
    data = argument if isinstance(argument, bytes) else str(argument).encode(errors="replace")
    text = data.decode(errors="replace")
    if text.isprintable() and text.encode() == data:
        return shlex.quote(text)
    # What a terminal would obey must not come out of the clipboard as it is.
    return "$'" + "".join(map(_spelled, data)) + "'"


def _spelled(byte: int) -> str:
    character = chr(byte)
    plainly = 0x20 <= byte < 0x7F and character not in "'\\"
    return character if plainly else f"\\{byte:03o}"
