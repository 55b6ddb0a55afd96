"""Sentinels and the primary that they name, each with TLS or without."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from servers import ValkeyServer
from serving import serving
from tls_front import certificate, context_of, in_front_of

from tui.models import Label

__all__ = ["certificate"]


@asynccontextmanager
async def a_sentinel(primary: int, tls: ssl.SSLContext | None) -> AsyncIterator[int]:
    """Give the port of what names a primary as a sentinel does, and announces nothing."""
    state = {
        "name": "s", "ip": "127.0.0.1", "port": primary, "flags": "master", "config-epoch": 0,
        "quorum": 2, "num-slaves": 1, "num-other-sentinels": 2, "down-after-milliseconds": 500,
    }  # fmt: skip
    words = [str(word).encode() for pair in state.items() for word in pair]
    masters = b"*1\r\n*%d\r\n" % len(words)
    masters += b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
    ends: list[asyncio.StreamWriter] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.append(writer)
        try:
            while asked := await reader.read(4096):
                writer.write(masters if b"MASTERS" in asked else b"+OK\r\n")
        except ConnectionError:
            pass
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", ssl=tls) as listening:
        yield listening.sockets[0].getsockname()[1]
        for writer in ends:
            writer.close()


@pytest.mark.parametrize(
    ("sentinel_has", "scheme", "option", "reason"),
    [
        (True, "rediss", "", None),
        (False, "rediss", "&sentinel_ssl=false", None),
        (False, "rediss", "", "answer without TLS: add ?sentinel_ssl=false"),
        (True, "redis", "", "answer with TLS alone: add ?sentinel_ssl=true"),
        (True, "redis", "&sentinel_ssl=true", "the cache answers with TLS alone"),
        (True, "rediss", "&ssl_certfile=/none", "no TLS with the sentinels: the file of"),
        (True, "rediss", None, "the sentinels' certificate is not trusted"),
    ],
)
async def test_tls_to_sentinels_and_to_the_primary(
    sentinel_has: bool, scheme: str, option: str | None, reason: str | None,
    users_db: Path, server: ValkeyServer, certificate: Path,
) -> None:  # fmt: skip
    """Where one side has it and the other not, the reason says what to write."""
    context = context_of(certificate) if sentinel_has else None
    async with in_front_of(server, certificate) as port, a_sentinel(port, context) as sentinel:
        url = f"{scheme}+sentinel://127.0.0.1:{sentinel}/s"
        if option is not None:
            url += f"?ssl_ca_certs={certificate}{option}"
        async with serving(url, users_db) as services, asyncio.timeout(30):
            outcome = await services.service.look_up(1)
            while not (
                outcome.label is Label.HIT or (reason and reason in str(outcome.reason))
            ):
                await asyncio.sleep(0.05)  # a busy machine is no answer
                outcome = await services.service.look_up(1)
            assert outcome.label is (Label.HIT if reason is None else Label.BYPASS)
