"""What a Memcached server says of itself, what it means for hitmiss, and what to do."""

import asyncio
import statistics
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from typing import Final

from tui.cache.cache_checks import GROUP, KeySample, sample_check, silence_check
from tui.cache.limits import CALL_SECONDS
from tui.cache.memcached import failures
from tui.cache.memcached.address import place_of
from tui.cache.memcached.dump import Dump
from tui.cache.memcached.expiry import LEAST_SECONDS
from tui.cache.memcached.key_bytes import LONGEST_KEY, key_bytes, why_no_key
from tui.cache.memcached.protocol import ErrorReply
from tui.cache.memcached.replies import number_in
from tui.cache.memcached.server import MemcachedLine
from tui.cache.port import Asked
from tui.models import MAX_VALUE
from tui.models.check import Check, State
from tui.models.keys import KeyTemplate
from tui.runtime.redaction import SECRETS

PINGS: Final = 5
SAMPLE_KEYS: Final = 5_000
SAMPLE_SECONDS: Final = 1.0
NEARLY_FULL: Final = 0.9
TROUBLES: Final = {
    "too old": "name a server of version 1.6 or later",
    "password": "put them into the address, memcached://USER:PASSWORD@HOST:PORT, with each"
    " special character as %XX",
    "protocol": "see whether host and port are right, and name the server itself, not a proxy",
    "did not answer": "see whether the server is stopped, busy or behind a firewall",
    "no connection": "see whether host and port are right, and no firewall is in between",
    "no more clients": "let it take more (-c), or end some of its clients",
}
"""What to do when these words are in the reason."""
NO_LIST: Final = "the list of what is cached, `keys` and the audit cannot be had"
Facts = Mapping[str, str]


async def server_checks(asked: Asked) -> list[Check]:
    """Ask the server about itself; nothing is changed, and it takes some seconds at most."""
    SECRETS.learn_url(asked.url)
    server = MemcachedLine(place_of(asked.url), MAX_VALUE, CALL_SECONDS, read_only=True)
    checks: list[Check] = []
    try:
        checks.append(await _answers(server))
        stats, settings = await server.ask((b"stats\r\n", b"stats settings\r\n"))
        checks += _of_facts(
            asked, stats if isinstance(stats, dict) else {},
            settings if isinstance(settings, dict) else {},
        )  # fmt: skip
        if asked.template is not None:
            checks += _of_keys(asked, asked.template)
            checks.append(await _listing(server, asked, asked.template))
    except failures.ERRORS as error:
        checks.append(silence_check(str(failures.translate(error, CALL_SECONDS)), TROUBLES))
    finally:
        await server.aclose()
    return checks


async def _answers(server: MemcachedLine) -> Check:
    loop = asyncio.get_running_loop()
    times = []
    for _ in range(PINGS + 1):
        started = loop.time()
        await server.ask((b"mn\r\n",))
        times.append(loop.time() - started)
    # The first trip made a connection.
    milliseconds = round(statistics.median(times[1:]) * 1000, 3)
    return Check(GROUP, "answers", milliseconds, f"mn takes {milliseconds:.2f} ms")


def _of_facts(asked: Asked, stats: Facts, settings: Facts) -> Iterator[Check]:
    version = SECRETS.redacted(stats.get("version", "of unknown version"))
    yield Check(GROUP, "server", f"memcached {version}")
    yield _cas(asked, settings)
    yield _memory(asked, stats, settings)
    if (most := number_in(settings, "item_size_max")) is not None:
        yield Check(GROUP, "largest value", most, f"{most:,} bytes an item, key included (-I)")
    yield Check(
        GROUP, "lives", LEAST_SECONDS,
        f"in whole seconds, of {LEAST_SECONDS} at the least: the server has no finer clock",
    )  # fmt: skip
    if (keys := number_in(stats, "curr_items")) is not None:
        yield Check(GROUP, "keys", keys, f"{keys:,}, everybody's together")
    open_now, most = number_in(stats, "curr_connections"), number_in(stats, "max_connections")
    if open_now is not None and most:
        detail = f"{open_now:,} of {most:,}"
        full = open_now >= most * NEARLY_FULL
        yield Check(
            GROUP, "connections", open_now, detail,
            State.WARNING if full else State.OK,
            "let it take more (-c), or see which client leaves them open" if full else None,
        )  # fmt: skip


def _cas(asked: Asked, settings: Facts) -> Check:
    if settings.get("cas_enabled") != "no":
        return Check(GROUP, "CAS", True, "items have numbers, by which a fill is safe")
    detail = "items have no numbers (-C)"
    if asked.read_only:
        return Check(GROUP, "CAS", False, f"{detail}: nothing could be stored safely")
    return Check(
        GROUP, "CAS", False, f"{detail}: nothing is stored, each look-up asks the database",
        State.FAILED, "start the server without -C, or hitmiss with --read-only",
    )  # fmt: skip


def _memory(asked: Asked, stats: Facts, settings: Facts) -> Check:
    used, most = number_in(stats, "bytes"), number_in(stats, "limit_maxbytes")
    if used is None or not most:
        return Check(GROUP, "memory", None, "not known")
    evicted = number_in(stats, "evictions") or 0
    detail = f"{used:,} of {most:,} bytes used, {evicted:,} copies evicted since it started"
    if asked.read_only:
        return Check(GROUP, "memory", used, detail)
    if settings.get("evictions") == "off" and used > most * NEARLY_FULL:
        return Check(
            GROUP, "memory", used, f"{detail}; it evicts nothing (-M), so it refuses fills",
            State.WARNING, "start it without -M, or with more memory (-m)",
        )  # fmt: skip
    if evicted and used > most * NEARLY_FULL:
        return Check(
            GROUP, "memory", used, f"{detail}: copies go before their time", State.WARNING,
            "give it more memory (-m), or choose a shorter --ttl",
        )  # fmt: skip
    return Check(GROUP, "memory", used, detail)


def _of_keys(asked: Asked, template: KeyTemplate) -> Iterator[Check]:
    shortest = template.value_key("0")
    if key_bytes(shortest) is None:
        yield Check(
            GROUP, "key length", None, why_no_key(shortest), State.FAILED,
            "choose another --key: the application must have named its keys otherwise",
        )  # fmt: skip
        return
    if not (template.ours or asked.read_only):
        yield Check(
            GROUP, "may write", False, f"deletes copies, and stores none: {failures.NOT_OURS}",
            State.WARNING, "leave it so, or choose a --key that begins with hitmiss:",
        )  # fmt: skip
    left = LONGEST_KEY - len(shortest.encode()) + 1
    yield Check(
        GROUP, "key length", left,
        f"ids of up to {left} bytes fit: Memcached's keys have {LONGEST_KEY}, and no spaces",
    )  # fmt: skip


async def _listing(server: MemcachedLine, asked: Asked, template: KeyTemplate) -> Check:
    """Look at some keys, as the audit would."""
    matching: list[str] = []
    looked_at, whole = 0, False
    every = KeyTemplate("{id}")
    loop = asyncio.get_running_loop()
    end = loop.time() + SAMPLE_SECONDS
    try:
        async with aclosing(Dump(server, every, "").run()) as batches:
            async for batch in batches:
                looked_at += len(batch)
                matching += [key for key in batch if _fits(template, key)]
                if looked_at >= SAMPLE_KEYS or loop.time() > end:
                    break
            else:
                whole = True
    except ErrorReply as error:
        return Check(
            GROUP, "template", None, f"{failures.translate(error)}: {NO_LIST}", State.WARNING,
            "start the server with its LRU crawler and without -X; look-ups go on as ever",
        )  # fmt: skip
    example = min(matching) if matching else None
    return sample_check(asked, template, KeySample(looked_at, len(matching), example, whole))


def _fits(template: KeyTemplate, key: str) -> bool:
    before, after = template.before, template.after
    long_enough = len(key) > len(before) + len(after)
    return long_enough and key.startswith(before) and key.endswith(after)
