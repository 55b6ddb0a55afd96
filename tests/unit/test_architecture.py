"""What the documents say of the tree is so."""

import ast
import re
import subprocess
import tokenize
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = next(one for one in Path(__file__).parents if (one / "pyproject.toml").exists())
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
)
PATH = re.compile(r"\b(?:tui|tests|docs|\.ci|\.github)/[\w./-]*\w/?")

ABOVE_STORES = ("models", "views", "controllers", "service", "audit", "lab")
WORDS_OF_SQLITE = re.compile(r"sqlite|affinit|nocase|collat|rowid", re.IGNORECASE)


def layers(package: str) -> str:
    """Give the layers of a package as ARCHITECTURE.md writes them, in one line."""
    (contract,) = (one for one in CONTRACTS if one.get("containers") == [package])
    return " → ".join(contract["layers"])


@pytest.mark.parametrize("package", ["tui", "tui.service"])
def test_the_layers_are_those_of_the_contracts(package: str) -> None:
    """ARCHITECTURE.md has the list that import-linter checks."""
    text = " ".join((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split())
    assert layers(package) in text


def test_the_root_is_a_table_of_contents() -> None:
    """At most twenty entries, model, view and controller among them by name."""
    entries = {one.name for one in (ROOT / "tui").iterdir()} - {"__pycache__", "seed.sql"}
    assert len(entries) <= 20
    assert entries >= {"models", "views", "controllers", "service", "cache", "database"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_document_names_is_there(name: str) -> None:
    """Each path in it exists, but for what is announced and folders that a store gets."""
    text = (ROOT / name).read_text(encoding="utf-8")
    named = {one for one in PATH.findall(text) if "NAME" not in one}
    assert [one for one in sorted(named) if not (ROOT / one).exists()] == []


def test_each_package_is_described() -> None:
    """ARCHITECTURE.md names every package and every module at the root."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    tracked = subprocess.run(
        ["git", "ls-files", "tui"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    names = {one.split("/")[1] for one in tracked} - {"__init__.py", "py.typed"}
    assert [one for one in sorted(names) if f"  {one}" not in text] == []


def test_each_class_has_a_name_of_its_own() -> None:
    """Who searches for a class finds one."""
    trees = [ast.parse(one.read_text(encoding="utf-8")) for one in (ROOT / "tui").rglob("*.py")]
    names = [
        node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)
    ]
    public = Counter(name for name in names if not name.startswith("_"))
    assert [name for name, count in public.items() if count > 1] == []


@pytest.mark.parametrize("package", ABOVE_STORES)
def test_no_code_above_a_store_speaks_of_sqlite(package: str) -> None:
    """Only texts that people read may; names and comments are in words of no store."""
    found = []
    for path in sorted((ROOT / "tui" / package).rglob("*.py")):
        with path.open("rb") as source:
            found += [
                f"{path.name}:{token.start[0]} {token.string}"
                for token in tokenize.tokenize(source.readline)
                if token.type in {tokenize.NAME, tokenize.COMMENT}
                and WORDS_OF_SQLITE.search(token.string)
            ]
    assert found == []
