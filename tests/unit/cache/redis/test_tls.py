"""A cache with TLS, without it, and one that says nothing."""

import asyncio
import os
import re
from pathlib import Path

import pytest
from servers import ValkeyServer
from serving import serving
from tls_front import certificate, in_front_of

from tui.models import Label
from tui.models.keys import KeyTemplate
from tui.runtime.errors import CacheUnavailable

__all__ = ["certificate"]

NO_TLS = "the cache answers without TLS: name it with redis://, not rediss://"
WITH_TLS = "the cache answers with TLS alone: name it with rediss://, not redis://"


async def test_a_server_with_tls(
    users_db: Path, server: ValkeyServer, certificate: Path
) -> None:
    """With its certificate it is a cache as any other; without, the reason says why."""
    async with in_front_of(server, certificate) as port:
        url = f"rediss://127.0.0.1:{port}"
        async with serving(f"{url}?ssl_ca_certs={certificate}", users_db) as services:
            labels = [(await services.service.look_up(1)).label for _ in range(2)]
        assert labels == [Label.DB, Label.HIT]
        async with serving(url, users_db) as services:
            outcome = await services.service.look_up(1)
    assert outcome.label is Label.BYPASS
    assert (outcome.reason or "").startswith("the cache's certificate is not trusted: self")


@pytest.mark.parametrize("scheme", ["rediss", "rediss+cluster"])
@pytest.mark.parametrize("option", ["ssl_ca_certs", "ssl_certfile", "ssl_keyfile"])
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("pipe", "cannot be read: it is no regular file"),
        ("device", "cannot be read: it is no regular file"),
        ("folder", "cannot be read: it is a folder"),
        ("large", "more than 4,194,304 bytes, which is more than it may hold"),
        ("nothing", "no such file or directory"),
        ("encrypted", "its key has a passphrase, and hitmiss asks for none"),
    ],
)
async def test_a_file_that_holds_no_key(
    users_db: Path, tmp_path: Path, scheme: str, option: str, kind: str, reason: str
) -> None:
    """OpenSSL would read it to its end, or ask the terminal; every connection refuses it."""
    path = Path("/dev/zero") if kind == "device" else tmp_path / "file"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "large":
        path.touch()
        os.truncate(path, (4 << 20) + 1)
    elif kind == "encrypted":
        path.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    told = f"no TLS with the cache: the file of {option}: {reason}"
    async with serving(f"{scheme}://127.0.0.1:1?{option}={path}", users_db) as services:
        assert (await services.service.look_up(1)).reason == told
        with pytest.raises(CacheUnavailable, match=re.escape(told)):
            _ = [keys async for keys in services.cache.walker.scan(KeyTemplate("{id}"))]


@pytest.mark.parametrize("options", [[], ["--requirepass", "x"]])
async def test_a_server_without_tls(users_db: Path, options: list[str]) -> None:
    """The reason says so, each time, and what to write instead."""
    with ValkeyServer(*options) as server:
        async with serving(f"rediss://u:p@127.0.0.1:{server.port}", users_db) as services:
            for _ in range(2):
                outcome = await services.service.look_up(1)
                assert (outcome.label, outcome.reason) == (Label.BYPASS, NO_TLS)


async def test_a_server_that_answers_in_plain_text_at_once(users_db: Path) -> None:
    """OpenSSL finds out itself that this is no TLS."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"-ERR unknown command\r\n")
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1")
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        async with serving(f"rediss://127.0.0.1:{port}", users_db) as services:
            assert (await services.service.look_up(1)).reason == NO_TLS


async def test_a_server_that_says_nothing(users_db: Path, own_server: ValkeyServer) -> None:
    """Nobody knows whether it has TLS."""
    own_server.pause()
    async with serving(f"rediss://127.0.0.1:{own_server.port}", users_db) as services:
        assert "no connection" in ((await services.service.look_up(1)).reason or "")


async def test_a_server_with_tls_that_is_asked_without(
    users_db: Path, server: ValkeyServer, certificate: Path
) -> None:
    """It hangs up without a word, and the reason says what to write, for lookups and walks."""
    async with (
        in_front_of(server, certificate) as port,
        serving(f"redis://127.0.0.1:{port}", users_db) as services,
    ):
        outcome = await services.service.look_up(1)
        assert (outcome.label, outcome.reason) == (Label.BYPASS, WITH_TLS)
        with pytest.raises(CacheUnavailable, match=WITH_TLS):
            await services.cache.walker.count()


async def test_a_server_that_hangs_up_without_tls(users_db: Path) -> None:
    """Nobody is told of TLS where there is none."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    listening = await asyncio.start_server(hang_up, "127.0.0.1")
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        async with serving(f"redis://127.0.0.1:{port}", users_db) as services:
            reason = (await services.service.look_up(1)).reason or ""
    assert "closed the connection" in reason
    assert "TLS" not in reason
