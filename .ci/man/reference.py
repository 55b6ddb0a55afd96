"""Write the generated parts of docs/reference.md: options, commands, codes, keys, words."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from described import Described, commands, common_options, own_options, paragraphs, root, usage

from tui.config.options import SETTABLE
from tui.plain.words import COMMANDS as WORDS
from tui.views.keymap import default_bindings, default_keys, spelled

REFERENCE = Path(__file__).parents[2] / "docs" / "reference.md"
PART = re.compile(r"(?<=<!-- generated: )([a-z ]+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)
OFF: Mapping[object, str] = {False: "off", None: "none"}
"""How a default is written that --help leaves out."""


def written(text: str) -> str:
    """Return a document with each generated part as it has to be today.

    Raises:
        KeyError: a part has a name that nothing here writes.
    """
    return PART.sub(lambda part: f"{part[1]}{part[2]}\n{_lines(PARTS[part[1]]())}\n", text)


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _options() -> Iterator[str]:
    """Yield the options of all commands, with their other names and defaults."""
    rows = []
    for option in common_options(root()):
        name = option.first.removeprefix("--")
        setting = SETTABLE.get(name)
        rows.append((
            _code(option.names),
            ", ".join(map(_code, option.variables)),
            "" if setting is None else _code(name),
            _text(option.default or ("" if setting is None else OFF[setting.default])),
            _text(option.plain_meaning),
        ))  # fmt: skip
    return _table(("option", "environment", "`config.toml`", "default", "meaning"), rows)


def _commands() -> Iterator[str]:
    """Yield every command, with what it does and the options of its own."""
    for context in commands(root()):
        yield f"### {context.command_path}"
        yield ""
        yield f"`{context.command_path} {usage(context)}`"
        yield ""
        for paragraph in paragraphs(context.command):
            yield from _paragraph(paragraph)
        yield from _own(own_options(context))


def _own(options: list[Described]) -> Iterator[str]:
    if options:
        rows = [(_code(option.names), _text(option.meaning)) for option in options]
        yield from _table(("option", "meaning"), rows)
        yield ""


def _paragraph(paragraph: str) -> Iterator[str]:
    if paragraph.startswith("\b"):
        yield from ("```text", *paragraph.splitlines()[1:], "```", "")
    else:
        yield from (_text(" ".join(paragraph.split())), "")


def _exit_codes() -> Iterator[str]:
    """Yield what each exit code means."""
    epilog = " ".join((root().command.epilog or "").split())
    codes = epilog.removeprefix("Exit codes: ").rstrip(".").split("; ")
    rows = [re.split(r"(?<=[0-9]) (?=[a-z])", code, maxsplit=1) for code in codes]
    return _table(("code", "meaning"), [(code, _text(meaning)) for code, meaning in rows])


def _keys() -> Iterator[str]:
    """Yield every action of the explorer with its keys."""
    rows = [
        (
            _code(id),
            " ".join(_code(spelled(key)) for key in default_keys(one)),
            _text(one.tooltip),
        )
        for id, one in default_bindings().items()
    ]
    return _table(("action", "keys", "does"), rows)


def _words() -> Iterator[str]:
    """Yield every command of the explorer in lines."""
    rows = [(_code(f"{one.name} {one.takes}".strip()), _text(one.meaning)) for one in WORDS]
    return _table(("line", "does"), rows)


PARTS: Mapping[str, Callable[[], Iterator[str]]] = {
    "options": _options,
    "commands": _commands,
    "exit codes": _exit_codes,
    "keys": _keys,
    "words": _words,
}


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(row)} |"


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}".replace("|", "\\|")


def _text(text: str) -> str:
    """Return `text` so that Markdown shows it as it is."""
    return re.sub(r"([\\`*_<>|\[\]])", r"\\\1", text)


if __name__ == "__main__":
    before = REFERENCE.read_text(encoding="utf-8")
    after = written(before)
    if sys.argv[1:] == ["--check"]:
        sys.exit(None if after == before else f"{REFERENCE.name} is not up to date: make man")
    REFERENCE.write_text(after, encoding="utf-8")
