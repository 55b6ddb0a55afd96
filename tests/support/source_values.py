"""What names in a source stand for, as far as that is told without running it."""

import ast
import importlib
from collections.abc import Mapping
from functools import cache
from typing import Any


def at(dotted: str) -> Any:
    """Return the module, or what lies in one, at a dotted name; None where there is nothing."""
    try:
        return importlib.import_module(dotted)
    except ImportError:
        owner, _, name = dotted.rpartition(".")
        return getattr(at(owner), name, None) if owner else None


@cache
def imports_of(tree: ast.AST) -> dict[str, Any]:
    """Return what is imported anywhere, inside functions and for the type checker too."""
    known: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                known[alias.asname or alias.name] = at(f"{node.module}.{alias.name}")
        elif isinstance(node, ast.Import):
            for alias in node.names:
                whole = at(alias.name)  # which `import a.b` loads, and calls `a`
                known[alias.asname or alias.name.split(".")[0]] = (
                    whole if alias.asname else at(alias.name.split(".")[0])
                )
    return known


def evaluated(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """Return what `a`, `a.b` or `a[b]` stands for, by what is known; None where it is not."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(evaluated(node.value, known), node.attr, None)
    if isinstance(node, ast.Subscript):
        return evaluated(node.value, known)
    return None
