"""Garbage, and how often it is looked for."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

IN_BATCHES: Final = (50_000, 20, 20)
"""Thresholds for work whose batches are thousands of values that are in no circles."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for garbage but seldom, and not at all at what was made until now."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*IN_BATCHES)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
