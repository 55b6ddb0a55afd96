"""A few seconds of what the soak does for minutes."""

import pytest

from soak import connections, servers


def test_odd_servers(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing that a server answers ends in a traceback, a wrong code, a write or a leak."""
    assert servers.run(3.0, 7) == []
    assert "runs: " in capsys.readouterr().out


def test_killed_connections(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody reads what is old, and nothing is left over."""
    assert connections.run(3.0, 7) == []
    assert "HIT " in capsys.readouterr().out


def test_a_traceback_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that ends so is a finding, with the seed of the server that did it."""

    def fail(*_: object) -> None:
        raise ValueError("too many values to unpack")

    monkeypatch.setattr("tui.cache.redis.shapes.page", fail)
    monkeypatch.setattr("tui.cache.redis.failures.STUMBLES", ())
    findings = servers.run(2.0, 7)
    assert any("too many values to unpack" in finding for finding in findings)
    assert all("server of seed" in finding for finding in findings)
