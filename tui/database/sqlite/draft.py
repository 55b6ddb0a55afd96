"""A file that is made beside its place and put there at the end: whole, or not at all."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui.runtime.own_file import check_way, put_new


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """Give a place to make the file in; when that went well, put it at `path`.

    Nothing is left of it otherwise, and what is at `path` is never overwritten.

    Raises:
        FileExistsError: there is something at `path` by now.
        OSError: the folder cannot be written.
    """
    check_way(path)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".making-") as folder:
        draft = Path(folder) / path.name
        yield draft
        put_new(draft, path)
