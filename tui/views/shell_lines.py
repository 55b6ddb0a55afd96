"""The commands of a lookup as lines for a shell: redis-cli and sqlite3, quoted to be run."""

import shlex
from collections.abc import Sequence
from urllib.parse import urlsplit

from tui.models import Outcome, Target
from tui.runtime.plain_text import plain

INSIDE = "# the embedded cache is inside hitmiss, where no redis-cli reaches it"


def shell_lines(outcome: Outcome, cache: str, database: str) -> str:
    """Give a line for each command of a lookup; what cannot be typed is a comment.

    Args:
        outcome: what was looked up.
        cache: the cache's name, without user and password: `embedded` or a URL.
        database: the path of the database's file.
    """
    client = redis_cli(cache)
    lines = [] if client else [INSIDE]
    for step in outcome.steps:
        if step.target is Target.DATABASE and step.typed:
            lines.append(words(("sqlite3", "-readonly", database, *step.typed)))
        elif step.target is Target.CACHE and step.typed:
            line = words((*(client or ("redis-cli",)), *step.typed))
            # A line break would end the comment, so that the rest were run.
            lines.append(line if client else plain(f"# {line}"))
        else:
            lines.append(f"# {step.target.value}: {plain(step.command)}")
    return "".join(f"{line}\n" for line in lines)


def redis_cli(cache: str) -> tuple[str, ...]:
    """Give the words that call redis-cli for a cache; none for the embedded one."""
    if cache.startswith("unix://"):
        return ("redis-cli", "-s", cache.removeprefix("unix://"))
    url = urlsplit(cache)
    if not url.scheme:
        return ()
    cli = ["redis-cli", "-h", url.hostname or "localhost", "-p", str(url.port or 6379)]
    if url.path.strip("/"):
        cli += ["-n", url.path.strip("/")]
    if url.scheme.startswith("rediss"):
        cli.append("--tls")
    if url.scheme.endswith("+cluster"):
        cli.append("-c")
    return tuple(cli)


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
