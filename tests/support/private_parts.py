"""Which private parts of another package our sources use: any release of it may take them away.

Private is a name that begins with one underscore. What counts as a use: an import of such a
module or name; an attribute of that name; a text that is its name, as for `getattr`; and, in
a class derived from one of the package's, a method or attribute of ours with that name.
"""

import ast
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
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
from source_values import at, evaluated, imports_of

OWN = frozenset({"self", "cls", "super"})
OF_TUPLES = frozenset({"_asdict", "_fields", "_field_defaults", "_make", "_replace"})
"""What named tuples have, whose names have an underscore for another reason."""


def parts_used(ours: str, theirs: str, *, apart: Iterable[str] = ()) -> set[str]:
    """Return the private parts of the package `theirs` that the modules of `ours` use.

    Modules of the packages `apart` are not looked at.

    A part is a dotted name: of a module (`textual._parser`), of something in one, or of an
    attribute of a class (`textual.app.App._keymap`). Where the source alone does not tell of
    which class an object is, the part is the attribute with nothing before it (`._keymap`).
    """
    found: set[str] = set()
    for path in files_of(ours):
        if _name_of(path, ours).startswith(tuple(apart)):
            continue
        module = importlib.import_module(_name_of(path, ours))
        found.update(uses(parsed(path), vars(module), theirs))
    return found


def uses(tree: ast.Module, namespace: Mapping[str, Any], theirs: str) -> Iterator[str]:
    """Yield the private parts of a package that a module uses; `namespace` is what it holds."""
    for name in _imported(tree):
        yield from _up_to_private(name, theirs)
    known = {**namespace, **imports_of(tree)}
    for node, around in _reaching(tree):
        if isinstance(node, ast.ClassDef):
            yield from _overridden(node, known, theirs)
        elif isinstance(node, ast.Attribute):
            yield from _attribute(node, around, known, theirs)
        elif isinstance(node, ast.MatchClass):
            names = [name for name in node.kwd_attrs if name in private_names(theirs)]
            yield from (f".{name}" for name in names)
        elif isinstance(node, ast.Constant):
            yield from _told(str(node.value), around, theirs)


def exists(part: str) -> bool:
    """Tell whether a part is there in what is installed."""
    try:
        importlib.import_module(part)
    except ImportError:
        pass
    else:
        return True
    owner, _, name = part.rpartition(".")
    found = at(owner)
    return name in names_of(found) if isinstance(found, type) else hasattr(found, name)


def _name_of(path: Path, package: str) -> str:
    (folder,) = importlib.import_module(package).__path__
    parts = path.relative_to(folder).with_suffix("").parts
    return ".".join([package, *parts]).removesuffix(".__init__")


@cache
def _imported(tree: ast.AST) -> list[str]:
    """Return what is imported, anywhere in a module."""
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def _up_to_private(name: str, theirs: str) -> Iterator[str]:
    parts = name.split(".")
    private = [place for place, part in enumerate(parts) if is_private(part)]
    if parts[0] == theirs and private:
        yield ".".join(parts[: private[0] + 1])


@cache
def _reaching(tree: ast.Module) -> list[tuple[ast.AST, ast.ClassDef | None]]:
    """Return what may reach for a private part, each with the class in which it stands."""
    found: list[tuple[ast.AST, ast.ClassDef | None]] = []
    ahead: list[tuple[ast.AST, ast.ClassDef | None]] = [(tree, None)]
    while ahead:
        node, around = ahead.pop()
        match node:
            case ast.ClassDef() as around:
                found.append((node, around))
            case ast.Attribute(attr=name) if is_private(name):
                found.append((node, around))
            case ast.MatchClass() | ast.Constant(value=str()):
                found.append((node, around))
        # A part of an f-string is no name.
        whole = not isinstance(node, ast.JoinedStr)
        parts = [one for one in ast.iter_child_nodes(node) if whole or not _is_text(one)]
        ahead += [(one, around) for one in parts]
    return found


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant)


def _overridden(node: ast.ClassDef, known: Mapping[str, Any], theirs: str) -> Iterator[str]:
    """Yield what a class of ours replaces, by a name of its own, in one of theirs."""
    unknown = None in [evaluated(base, known) for base in node.bases]
    for name in given_names(node):
        yield from _inherited(_mro(node, known), name, theirs)
        if unknown and name in private_names(theirs):
            yield f".{name}"


def _told(text: str, around: ast.ClassDef | None, theirs: str) -> Iterator[str]:
    """Yield what a text names, if it is the name of a module or of an attribute."""
    if text.startswith(f"{theirs}."):
        yield from _up_to_private(text, theirs)
    elif "_" in text and re.fullmatch(r"[\w.]+", text):
        ours = frozenset() if around is None else given_names(around)
        names = [name for name in text.split(".") if name not in ours]
        yield from (f".{name}" for name in names if name in private_names(theirs))


def _attribute(
    node: ast.Attribute, around: ast.ClassDef | None, known: Mapping[str, Any], theirs: str
) -> Iterator[str]:
    of, name = evaluated(node.value, known), node.attr
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
    bases = [evaluated(base, known) for base in node.bases]
    return [one for base in bases if isinstance(base, type) for one in base.__mro__]
