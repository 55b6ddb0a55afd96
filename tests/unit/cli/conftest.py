"""What the tests of the commands share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from application import Place
from servers import ValkeyServer

from tui.audit import engine as module


@pytest.fixture
def place(
    server: ValkeyServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    """A place where nobody waits two seconds for what will not change."""
    monkeypatch.setattr(module, "SETTLE_SECONDS", 0.02)
    place = Place(server, tmp_path / "people.db", capsys)
    yield place
    place.client.close()
