"""What doctor says of a Memcached."""

import pytest
from memcached_server import MemcachedServer
from unit.cache.memcached.places import Scripted, scripted

from tui.cache.memcached.store import STORE
from tui.cache.port import Asked
from tui.models.check import Check, State
from tui.models.keys import KeyTemplate

TEMPLATE = KeyTemplate("app:{id}")


async def checks(
    url: str, *, read_only: bool = False, template: KeyTemplate | None = TEMPLATE
) -> dict[str, Check]:
    """Ask; give the checks by name."""
    asked = Asked(url, template, read_only, rows=True, named=True)
    found = await STORE.checks(asked)
    for check in found:
        assert check.advice or check.state is State.OK
        assert (check.detail or "").isprintable()
    return {check.name: check for check in found}


async def test_a_server_in_good_order(own_memcached: MemcachedServer) -> None:
    """Its version, memory, keys and limits; and whether the template fits."""
    own_memcached.say(b"ms app:1 1 T60\r\nx\r\n")
    own_memcached.say(b"ms other 1 T60\r\nx\r\n")
    found = await checks(own_memcached.url)
    writes = found.pop("may write")
    assert writes.state is State.WARNING, "an application's template"
    assert "stores none" in (writes.detail or "")
    assert all(check.state is State.OK for check in found.values()), found
    assert "may write" not in await checks(own_memcached.url, read_only=True)
    ours = await checks(own_memcached.url, template=KeyTemplate("hitmiss:user:{id}"))
    assert "may write" not in ours
    assert str(found["server"].value).startswith("memcached 1.6")
    assert found["keys"].value == 2
    assert found["template"].value == 1
    assert found["largest value"].value == 1 << 20
    assert found["key length"].value == 246
    assert "whole seconds" in (found["lives"].detail or "")
    assert own_memcached.say(b"mg app:1 c W\r\n")


async def test_a_template_that_fits_nothing(memcached: MemcachedServer) -> None:
    """Or that makes no keys of Memcached's at all."""
    memcached.say(b"ms other 1 T60\r\nx\r\n")
    assert (await checks(memcached.url))["template"].state is State.WARNING
    found = await checks(memcached.url, template=KeyTemplate("a b:{id}"))
    assert found["key length"].state is State.FAILED


@pytest.mark.parametrize(
    ("options", "name", "state", "said"),
    [
        (("-C",), "CAS", State.FAILED, "nothing is stored"),
        (("-X",), "template", State.WARNING, "audit cannot be had"),
        (("-o", "no_lru_crawler"), "template", State.WARNING, "switched off"),
    ],
)
async def test_what_is_in_the_way(
    options: tuple[str, ...], name: str, state: State, said: str
) -> None:
    """Each with what to do."""
    with MemcachedServer(*options) as server:
        check = (await checks(server.url))[name]
        assert check.state is state
        assert said in (check.detail or "")


async def test_memory_that_is_full() -> None:
    """Copies are evicted before their time, or fills are refused."""
    for option, said in (((), "before their time"), (("-M",), "refuses fills")):
        with MemcachedServer("-m", "8", *option) as server:
            for number in range(300):
                server.say(b"ms junk%d 100000 T0\r\n%b\r\n" % (number, b"x" * 100_000))
            check = (await checks(server.url))["memory"]
            assert check.state is State.WARNING, check
            assert said in (check.detail or "")
            assert (await checks(server.url, read_only=True))["memory"].state is State.OK


async def test_no_answer_and_others() -> None:
    """One failure, with what to do; a hostile version is shown as text."""
    found = await checks("memcached://127.0.0.1:1")
    assert found["answers"].state is State.FAILED
    assert "nothing more was asked" in (found["answers"].detail or "")
    async with scripted(Scripted(lambda _: b"MN\r\n", b"1.5.22")) as url:
        found = await checks(url)
        assert "too old" in (found["answers"].detail or "")
        assert "1.6" in (found["answers"].advice or "")
