"""Which private parts of asyncmy we use: a release of it may take them away."""

import re
from pathlib import Path

from asyncmy.connection import Connection
from mariadb_server import MariadbServer

import tui.database.mysql
from tui.database.mysql.session import Opener
from tui.database.mysql.url import parsed

USED = {"_connection._result", "_connection._stream_broken", "connection._result"}


def test_all_that_we_use_is_listed() -> None:
    """No other is reached for on a connection."""
    folder = Path(tui.database.mysql.__file__).parent
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    found = re.findall(r"\b(_?connection\._(?!_)\w+)", text)
    assert set(found) == USED


async def test_all_that_is_listed_is_there(mariadb: MariadbServer) -> None:
    """On a connection that was opened."""
    assert hasattr(Connection, "_stream_broken")
    channel = await Opener(parsed(mariadb.url)).open()
    assert channel.usable
    await channel.aclose()
    assert not channel.usable
