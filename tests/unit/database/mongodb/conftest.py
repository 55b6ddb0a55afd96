"""What tests of MongoDB's adapter share."""

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LEFT_OPEN = "ignore:unclosed <socket:ResourceWarning"
"""pymongo leaves a socket to the garbage collector whose connecting was cancelled."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let such a socket be collected during these tests."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(LEFT_OPEN))


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left_open() -> Iterator[None]:
    """Collect what is left of it, before tests that tolerate no such thing."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
