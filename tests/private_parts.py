"""Which private parts of another package our sources use: any release of it may take them away.

Private is a name that begins with one underscore. What counts as a use: an import of such a
module or name; an attribute of that name; its name as a text for `getattr` and the like; and,
in a class derived from one of the package's, a method or attribute of ours with that name.
"""

import ast
import importlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from attribute_names import (
    files_of,
    given_names,
    is_private,
    last_name,
    names_of,
    parsed,
    private_names,
)

BY_NAME = frozenset({"getattr", "setattr", "hasattr", "delattr", "attrgetter", "methodcaller"})
OWN = frozenset({"self", "cls", "super"})
OF_TUPLES = frozenset({"_asdict", "_fields", "_field_defaults", "_make", "_replace"})
"""What named tuples have, whose names have an underscore for another reason."""


def parts_used(ours: str, theirs: str) -> set[str]:
    """Return the private parts of the package `theirs` that the modules of `ours` use.

    A part is a dotted name: of a module (`textual._parser`), of something in one, or of an
    attribute of a class (`textual.app.App._keymap`). Where the source alone does not tell of
    which class an object is, the part is the attribute with nothing before it (`._keymap`).
    """
    found: set[str] = set()
    for path in files_of(ours):
        module = importlib.import_module(_name_of(path, ours))
        found.update(uses(parsed(path), vars(module), theirs))
    return found


def uses(tree: ast.Module, namespace: Mapping[str, Any], theirs: str) -> Iterator[str]:
    """Yield the private parts of a package that a module uses; `namespace` is what it holds."""
    yield from _imported(tree, theirs)
    known = {**namespace, **_imports_of(tree)}
    yield from _reached_for(tree, None, known, theirs)


def exists(part: str) -> bool:
    """Tell whether a part is there in what is installed."""
    try:
        importlib.import_module(part)
    except ImportError:
        pass
    else:
        return True
    owner, _, name = part.rpartition(".")
    found = _at(owner)
    return name in names_of(found) if isinstance(found, type) else hasattr(found, name)


def _name_of(path: Path, package: str) -> str:
    (folder,) = importlib.import_module(package).__path__
    parts = path.relative_to(folder).with_suffix("").parts
    return ".".join([package, *parts]).removesuffix(".__init__")


def _imported(tree: ast.AST, theirs: str) -> Iterator[str]:
    """Yield what is imported, up to the first private name in it."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            private = [at for at, part in enumerate(parts) if is_private(part)]
            if parts[0] == theirs and private:
                yield ".".join(parts[: private[0] + 1])


def _imports_of(tree: ast.AST) -> dict[str, Any]:
    """Return what is imported anywhere, inside functions and for the type checker too."""
    known: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                known[alias.asname or alias.name] = _at(f"{node.module}.{alias.name}")
        elif isinstance(node, ast.Import):
            for alias in node.names:
                whole = _at(alias.name)  # which `import a.b` loads, and calls `a`
                known[alias.asname or alias.name.split(".")[0]] = (
                    whole if alias.asname else _at(alias.name.split(".")[0])
                )
    return known


def _at(dotted: str) -> Any:
    """Return the module, or what lies in one, at a dotted name; None where there is nothing."""
    try:
        return importlib.import_module(dotted)
    except ImportError:
        owner, _, name = dotted.rpartition(".")
        return getattr(_at(owner), name, None) if owner else None


def _reached_for(
    node: ast.AST, around: ast.ClassDef | None, known: Mapping[str, Any], theirs: str
) -> Iterator[str]:
    """Yield what is reached for in a piece of source; `around` is the class it stands in."""
    if isinstance(node, ast.ClassDef):
        around = node
        for name in sorted(given_names(node)):
            yield from _inherited(_mro(node, known), name, theirs)
    elif isinstance(node, ast.Attribute) and is_private(node.attr):
        yield from _attribute(node, around, known, theirs)
    else:
        told = _names_told(node)
        yield from (f".{name}" for name in told if name in private_names(theirs))
    for child in ast.iter_child_nodes(node):
        yield from _reached_for(child, around, known, theirs)


def _names_told(node: ast.AST) -> list[str]:
    """Return the attributes that are reached for by a text, or by a pattern of `match`."""
    if isinstance(node, ast.Call) and last_name(node.func) in BY_NAME:
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        texts = [one.value for one in given if isinstance(one, ast.Constant)]
        return [name for text in texts for name in str(text).split(".")]
    return node.kwd_attrs if isinstance(node, ast.MatchClass) else []


def _attribute(
    node: ast.Attribute, around: ast.ClassDef | None, known: Mapping[str, Any], theirs: str
) -> Iterator[str]:
    of, name = _evaluated(node.value, known), node.attr
    if isinstance(of, ModuleType):
        if of.__name__.partition(".")[0] == theirs:
            yield f"{of.__name__}.{name}"
    elif isinstance(of, type):
        yield from _inherited(of.__mro__, name, theirs)
    elif name in private_names(theirs) - OF_TUPLES:
        line = [] if around is None else _mro(around, known)
        inherited = list(_inherited(line, name, theirs))
        if inherited and last_name(node.value) in OWN:
            yield from inherited
        elif last_name(node.value) not in {*OWN, "other"} or (
            around is None or not _is_ours(around, line, name, theirs)
        ):
            yield f".{name}"


def _is_ours(around: ast.ClassDef, line: Iterable[type], name: str, theirs: str) -> bool:
    """Tell whether a class gives itself that name, or has it from one that is not theirs."""
    return name in given_names(around) or any(
        name in names_of(one) for one in line if one.__module__.partition(".")[0] != theirs
    )


def _inherited(line: Iterable[type], name: str, theirs: str) -> Iterator[str]:
    """Yield the attribute of the first class of theirs in a line of classes that has it."""
    for one in line:
        if one.__module__.partition(".")[0] == theirs and name in names_of(one):
            yield f"{one.__module__}.{one.__qualname__}.{name}"
            return


def _mro(node: ast.ClassDef, known: Mapping[str, Any]) -> list[type]:
    bases = [_evaluated(base, known) for base in node.bases]
    return [one for base in bases if isinstance(base, type) for one in base.__mro__]


def _evaluated(node: ast.expr, known: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(_evaluated(node.value, known), node.attr, None)
    if isinstance(node, ast.Subscript):
        return _evaluated(node.value, known)
    return None
