"""Journeys through the outage of a cache that is a real server."""

from pathlib import Path
from urllib.parse import quote

from person import person_with
from servers import ValkeyServer, free_port


async def test_a_cache_that_is_down_is_bypassed(users_db: Path) -> None:
    """Nobody listens: status `down` at once, BYPASS with the reason, no password anywhere."""
    url = f"redis://visitor:secret@127.0.0.1:{free_port()}/3"
    async with person_with((150, 24), db=str(users_db), cache=url) as person:
        shown = "cache down: cannot reach the cache"
        assert shown in person.status
        await person.looks_up("1")
        reason = "cannot reach the cache: connection refused"
        assert person.log[0][:2] == ("1", "BYPASS")
        assert person.log[0][2].startswith(reason[:30])
        assert f"{shown}: connection refused" in person.status
        assert "Amara Okafor" in person.text
        await person.presses("escape", "i")
        await person.sees(f"1 was not invalidated yet; it will be before it is read: {reason}")
        await person.presses("enter")
        assert f"GET hitmiss:user:1  → {reason}" in person.text
        assert "secret" not in person.text


async def test_a_server_that_is_stopped_half_way_and_comes_back(
    users_db: Path, own_server: ValkeyServer
) -> None:
    """DB and HIT; stopped: BYPASS with the reason; started again: DB and HIT once more."""
    options = {"db": str(users_db), "cache": own_server.tcp_url}
    async with person_with((150, 24), **options) as person:
        await person.looks_up("1")
        await person.looks_up("1")
        assert f"● cache {own_server.tcp_url} " in person.status
        own_server.kill()
        await person.looks_up("1")
        assert person.answers == ["1 BYPASS", "1 HIT", "1 DB"]
        assert person.log[0][2].startswith("cannot reach the cache")
        assert "cache down: cannot reach the cache" in person.status
        own_server.start()
        await person.looks_up("1")
        await person.looks_up("1")
        assert person.answers[:2] == ["1 HIT", "1 DB"]
        assert f"● cache {own_server.tcp_url} " in person.status


async def test_a_server_that_hangs_is_bypassed(
    users_db: Path, own_server: ValkeyServer
) -> None:
    """Paused, the server answers nothing: BYPASS says so, and lookups go on side by side."""
    options = {"db": str(users_db), "cache": own_server.url}
    async with person_with((150, 24), **options) as person:
        await person.looks_up("1")
        own_server.pause()
        for id in ("1", "2"):
            await person.asks(id)
        await person.has_all_answers()
        assert person.answers == ["2 BYPASS", "1 BYPASS", "1 DB"]
        assert all("did not answer within" in rest for _, _, rest in person.log[:2])
        own_server.resume()
        await person.looks_up("1")
        assert person.answers[0] == "1 HIT"


async def test_a_password_is_used_and_never_shown(users_db: Path) -> None:
    """The right password opens the cache, and stands nowhere on the screen."""
    password = "p@ss/w:rd"
    with ValkeyServer("--requirepass", password) as server:
        address = server.tcp_url.removeprefix("redis://")
        url = f"redis://:{quote(password, safe='')}@{address}"
        async with person_with((150, 24), db=str(users_db), cache=url) as person:
            await person.looks_up("1")
            assert person.answers == ["1 DB"]
            assert f"● cache redis://{address} " in person.status
            await person.presses("escape", "enter")
            await person.sees("esc Back")
            assert password not in person.text
