"""The names of attributes, as the sources of packages have them."""

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Container, Iterator
from functools import cache
from pathlib import Path

NAMES = re.compile(r"(?:\.|\bdef |^ +(?=\w+\s*[:=]))(_\w+)", re.MULTILINE)
"""Names behind a dot, of functions, and at the beginning of an assignment in a class."""


def is_private(name: str) -> bool:
    """Tell whether a name begins with one underscore."""
    return name.startswith("_") and not name.startswith("__") and len(name) > 1


def files_of(package: str) -> list[Path]:
    """Return the sources of a package that can be imported; none if it is one module."""
    folders = getattr(importlib.import_module(package), "__path__", [])
    return sorted(path for folder in folders for path in Path(folder).rglob("*.py"))


def last_name(node: ast.expr) -> str:
    """Return the name at the end of `a.b` or `a.b()`; nothing for what has none."""
    if isinstance(node, ast.Call):
        return last_name(node.func)
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


@cache
def names_of(one: type) -> frozenset[str]:
    """Return the names of a class, and those that its methods give to an object of it."""
    try:
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(one))).body
    except (OSError, TypeError):  # made by a call, or not in Python
        return frozenset(vars(one))
    own = given_names(node) if isinstance(node, ast.ClassDef) else frozenset()
    return frozenset(vars(one)) | own


@cache
def given_names(node: ast.ClassDef) -> frozenset[str]:
    """Return the private names that a class defines, or assigns to in an object of its own."""
    names: set[str] = set()
    for one in node.body:
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(one.name)
            names.update(_assigned(one, {"self", "cls"}))
        elif not isinstance(one, ast.ClassDef):
            names.update(
                name.id
                for name in ast.walk(one)
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
            )
    return frozenset(filter(is_private, names))


def _assigned(tree: ast.AST, to: Container[str] | None = None) -> Iterator[str]:
    """Yield the attributes that are assigned, of anything or `to` what is called so."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Store):
            continue
        if to is None or last_name(node.value) in to:
            yield node.attr


@cache
def private_names(package: str) -> frozenset[str]:
    """Return all private names of attributes in a package's sources, whatever has them."""
    texts = [path.read_text(encoding="utf-8") for path in files_of(package)]
    return frozenset(filter(is_private, (name for one in texts for name in NAMES.findall(one))))


@cache
def parsed(path: Path) -> ast.Module:
    """Return the source in a file as a tree."""
    return ast.parse(path.read_text(encoding="utf-8"))
