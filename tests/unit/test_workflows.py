"""What runs on other machines: the workflows and hooks say what make and pyproject.toml say."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = next(one for one in Path(__file__).parents if (one / "pyproject.toml").exists())
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def text(name: str) -> str:
    """Return what a file of the project says."""
    return (ROOT / name).read_text(encoding="utf-8")


def prerequisites(target: str) -> set[str]:
    """Return the targets that one of make's waits for."""
    (line,) = re.findall(rf"^{target}:([^#\n]*)", MAKEFILE, re.MULTILINE)
    return set(line.split())


def test_each_python_that_is_promised_is_tested() -> None:
    """The classifiers, the workflow's matrix and the oldest that is required are the same."""
    project = tomllib.loads(text("pyproject.toml"))["project"]
    promised = [
        one.rpartition(" ")[2]
        for one in project["classifiers"]
        if re.search(r":: 3\.\d+$", one)
    ]
    (matrix,) = re.findall(
        r"^ +python: \[(.*)\]$", text(".github/workflows/ci.yml"), re.MULTILINE
    )
    assert matrix.replace('"', "").split(", ") == promised
    assert project["requires-python"] == f">={promised[0]}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_runs_what_make_has(path: Path) -> None:
    """Each `make` in it names a target, each action the version that it is pinned to."""
    source = path.read_text(encoding="utf-8")
    targets = re.findall(r"run: make ([a-z-]+)", source)
    assert all(prerequisites(target) for target in targets)
    assert targets
    actions = re.findall(r"uses: (.*)", source)
    assert [one for one in actions if not re.fullmatch(r"[\w./-]+@(release/)?v\d+", one)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_do_little_and_ends(path: Path) -> None:
    """It has no right that it does not name, and each of its jobs a time limit."""
    source = path.read_text(encoding="utf-8")
    assert re.search(r"^permissions:( \{\}|\n  contents: read)$", source, re.MULTILINE)
    jobs = source.count("runs-on: ")
    assert jobs == source.count("timeout-minutes: ") > 0
    assert source.count("actions/checkout@") == source.count("persist-credentials: false")


def test_the_hooks_check_what_make_check_does() -> None:
    """Before a commit all parts of it run, and before a push the fast tests."""
    hooks = re.findall(r"entry: make --silent ([a-z-]+)", text(".pre-commit-config.yaml"))
    assert set(hooks) == prerequisites("check") | {"test-fast"}


def test_ci_runs_what_a_person_runs() -> None:
    """In a clean checkout: make check and make test, and nothing that only CI knows."""
    runs = re.findall(r"^make .*$", text(".ci/run"), re.MULTILINE)
    assert runs == ["make check", "make test"]
