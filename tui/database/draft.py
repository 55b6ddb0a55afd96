"""A file that is made beside its place and put there at the end: whole, or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """Give a place to make the file in; when that went well, put it at `path`.

    Nothing is left of it otherwise, and what is at `path` is never overwritten.

    Raises:
        FileExistsError: there is something at `path` by now.
        OSError: the folder cannot be written.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".making-") as folder:
        draft = Path(folder) / path.name
        yield draft
        _put(draft, path)


def _put(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:
        # Not every file system has links. There an empty file holds the place, which only
        # one can make; what is there then is ours to replace.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        try:
            draft.replace(path)
        except OSError:
            path.unlink()
            raise
