"""What stands in the documents: code blocks, the commands in them, headings and links."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = next(one for one in Path(__file__).parents if (one / "pyproject.toml").exists())
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
"""For those who use hitmiss."""
OTHERS = sorted({*ROOT.glob("*.md"), *(ROOT / ".github").rglob("*.md")} - set(DOCUMENTS))
"""For those who change it."""
SHELL = ("sh", "console")
"""The languages of blocks whose commands are run."""

FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
HEADING = re.compile(r"^#+ +(.*?) *$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Command:
    """A command of a block, and what the block shows that it prints."""

    text: str
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """A block of code, and what stands behind its three backquotes."""

    document: str
    line: int
    info: str
    body: str

    @property
    def language(self) -> str:
        """The first word behind the backquotes."""
        return self.info.partition(" ")[0]

    @property
    def is_explorer(self) -> bool:
        """Whether each of its commands opens the explorer, and so needs a terminal."""
        return self.info.partition(" ")[2] == "explorer"

    @property
    def why_not_run(self) -> str | None:
        """Why its commands cannot be run by a test; None for those that are run."""
        found = re.fullmatch(r"\S+ not-run: (.+)", self.info)
        return None if found is None else found[1]

    @property
    def commands(self) -> list[Command]:
        """Its lines that begin with `hitmiss`, each with the lines that show what it prints."""
        found: list[Command] = []
        lines = re.sub(r"\\\n\s*", "", self.body).splitlines()
        for line in lines:
            is_prompt = line.startswith("$ ")
            if line.removeprefix("$ ").split(" ")[0] == "hitmiss":
                found.append(Command(line.removeprefix("$ ")))
            elif found and self.language == "console" and not is_prompt:
                found[-1] = Command(found[-1].text, (*found[-1].shown, line))
        return found

    def __str__(self) -> str:
        """Return where it stands."""
        return f"{self.document}:{self.line}"


def blocks(path: Path) -> Iterator[Block]:
    """Yield the blocks of code of a document."""
    text = path.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(path.name, line, found["info"].strip(), found["body"])


def prose(path: Path) -> str:
    """Return a document without its blocks of code."""
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def inline_code(path: Path) -> list[str]:
    """Return what stands between single backquotes in the prose, each in one line."""
    return [" ".join(code.split()) for code in INLINE.findall(prose(path))]


def links(path: Path) -> list[str]:
    """Return where the links and pictures of a document lead to."""
    return LINK.findall(INLINE.sub("", prose(path)))


def anchors(path: Path) -> set[str]:
    """Return what a link may name behind the `#`, by GitHub's rule for headings."""
    times: Counter[str] = Counter()
    found = set()
    for heading in HEADING.findall(prose(path)):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(f"{slug}-{times[slug]}" if times[slug] else slug)
        times[slug] += 1
    return found
