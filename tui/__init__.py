"""hitmiss: a terminal explorer for the cache-aside pattern."""

__version__ = "0.1.0"
