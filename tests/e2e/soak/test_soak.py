"""The frame of the soak."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from soak import __main__ as soak


def part(monkeypatch: pytest.MonkeyPatch, findings: list[str]) -> list[tuple[float, int]]:
    """Put a part in the place of the terminal's; give what it is asked for."""
    asked = []

    def run(seconds: float, seed: int) -> list[str]:
        asked.append((seconds, seed))
        return findings

    module = ModuleType("soak.terminal")
    module.__spec__ = ModuleSpec("soak.terminal", None)
    module.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "soak.terminal", module)
    monkeypatch.setattr(
        sys, "argv", ["soak", "--minutes", "2", "--seed", "7", "--only", "terminal"]
    )
    return asked


@pytest.mark.parametrize(("findings", "code"), [([], 0), (["it ended with 1"], 1)])
def test_a_finding_is_said_and_ends_it_with_1(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    findings: list[str],
    code: int,
) -> None:
    """A part has the time and the seed that were told, and its findings stand at the end."""
    asked = part(monkeypatch, findings)
    assert soak.main() == code
    assert asked == [(120.0, 7)]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "seed 7"
    assert lines[3:] == [f"terminal: {finding}" for finding in findings]
