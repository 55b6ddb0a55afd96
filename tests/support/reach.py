"""How far a test reaches: every name in it, and in the helpers and fixtures that it uses."""

import ast
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

Place: TypeAlias = tuple[Path, str]
"""A file, and the name of something that it defines."""
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

HERE = Path(__file__).parents[1]
FAR = frozenset({
    "subprocess", "create_subprocess_exec", "create_subprocess_shell", "multiprocessing",
    "ProcessPoolExecutor", "fork", "forkpty", "posix_spawn", "system", "popen", "pty",
    "OwnProcess", "SentinelTrio", "ValkeyServer", "run_test", "snap_compare",
})  # fmt: skip
"""What a test names that starts a process, a server of its own, or shows a screen."""
AT_HAND = frozenset({"server", "_shared_server"})
"""Fixtures that are not looked into: a server that all tests share costs none of them much."""


def is_near(path: Path, *names: str) -> bool:
    """Tell whether a test of a file, and its fixtures, stay in this process, with no screen."""
    return names_reached(path, *names).isdisjoint(FAR)


def names_reached(path: Path, *names: str) -> frozenset[str]:
    """Return all names that those in that file lead to.

    Followed are functions, fixtures and classes of the file itself, of each `conftest.py`
    beside and above it, and of files beside this one that it imports from. A type annotation
    leads nowhere.
    """
    reached: set[str] = set()
    ahead = [one for name in names for one in _places(path, name) if name not in AT_HAND]
    seen: set[Place] = set()
    while ahead:
        place = ahead.pop()
        if place not in seen:
            seen.add(place)
            words = _defined(place[0]).get(place[1], frozenset())
            reached |= words
            ahead += [one for word in words - AT_HAND for one in _places(place[0], word)]
    return frozenset(reached)


def _places(path: Path, name: str) -> Iterator[Place]:
    """Yield where something that a file names may be defined."""
    yield path, name
    for folder in path.parents:
        yield folder / "conftest.py", name
        if folder == HERE:
            break
    if name in _imported(path):
        yield _imported(path)[name]


@cache
def _body(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text(encoding="utf-8") if path.exists() else "").body


@cache
def _defined(path: Path) -> dict[str, frozenset[str]]:
    """Return what a file defines on its top level, each with the names that stand in it.

    So are the names of what it imports, each with what is called so elsewhere.
    """
    found: dict[str, frozenset[str]] = {}
    for node in _body(path):
        if isinstance(node, Function | ast.ClassDef):
            found[node.name] = frozenset(_words(node))
        elif isinstance(node, ast.Assign):
            names = [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
            found.update(dict.fromkeys(names, frozenset(_words(node.value))))
    for one in _imports(path):
        origin = getattr(one, "module", None) or ""
        for alias in one.names:
            words = frozenset(f"{origin}.{alias.name}".split("."))
            found.setdefault(alias.asname or alias.name.split(".")[0], words)
    return found


def _imports(path: Path) -> list[ast.Import | ast.ImportFrom]:
    nodes = (node for part in _body(path) for node in ast.walk(part))
    return [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]


@cache
def _imported(path: Path) -> dict[str, Place]:
    """Return what a file imports from files beside this one: names, or all of a module."""
    found: dict[str, Place] = {}
    for node in _imports(path):
        if isinstance(node, ast.ImportFrom):
            if node.module and (file := _file(node.module)):
                found.update({one.asname or one.name: (file, one.name) for one in node.names})
        else:
            files = [file for one in node.names if (file := _file(one.name))]
            found.update({name: (file, name) for file in files for name in _defined(file)})
    return found


def _file(module: str) -> Path | None:
    spec = find_spec(module)
    file = Path(spec.origin) if spec and spec.origin else None
    return file if file and file.is_relative_to(HERE) else None


def _words(node: ast.AST) -> Iterator[str]:
    """Yield the names in a piece of source; of parameters too, which may be fixtures."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.arg):
        yield node.arg
        return
    elif isinstance(node, ast.Call) and "getfixturevalue" in ast.dump(node.func):
        yield from (str(one.value) for one in node.args if isinstance(one, ast.Constant))
    for field, value in ast.iter_fields(node):
        if field not in {"annotation", "returns"}:
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _words(child)
