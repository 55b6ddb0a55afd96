"""Modules that are loaded when something of them is first used."""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from subprocess import run
from textwrap import dedent
from threading import Barrier, Thread
from types import ModuleType

import pytest

from tui.runtime import late_modules
from tui.runtime.isolation import PACKAGE_FOLDER
from tui.runtime.late_modules import LATE, load_late

SLOW = """
import time
starts = globals().get("starts", 0) + 1
time.sleep(0.05)
value = 42
"""
FAILS_ONCE = """
import sys
value = 42
if not getattr(sys, "late_may_load", False):
    raise OSError("no such disk")
behind = 43
"""
ASKS_ITSELF = """
import sys
had = hasattr(sys.modules[__name__], "below")
below = 1
"""


@pytest.fixture
def late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], ModuleType]]:
    """Give what imports, late, a module of that text."""
    before = list(sys.meta_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(late_modules, "LATE", frozenset({"comes_late"}))
    load_late()

    def imported(text: str) -> ModuleType:
        (tmp_path / "comes_late.py").write_text(text)
        return import_module("comes_late")

    yield imported
    sys.meta_path[:] = before
    sys.modules.pop("comes_late", None)


def test_it_is_loaded_at_its_first_use_and_then_is_as_any_other(
    late: Callable[[str], ModuleType],
) -> None:
    """Also for who imports it a second time, before or after."""
    module = late("value = 42\nother = 43")
    assert import_module("comes_late") is module
    assert "value" not in vars(module)

    assert module.value == 42

    assert type(module) is ModuleType
    assert vars(module)["other"] == 43
    assert module.__spec__ is not None
    assert module.__spec__.loader is module.__loader__
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = module.nothing_such


def test_threads_that_use_it_at_once_load_it_once(late: Callable[[str], ModuleType]) -> None:
    """The first one loads it, and none of the others sees half of it."""
    module = late(SLOW)
    together, values = Barrier(8), []

    def use() -> None:
        together.wait()
        values.append(module.value)

    threads = [Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert values == [42] * 8
    assert module.starts == 1


def test_what_fails_is_said_to_who_uses_it_and_tried_again(
    late: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not to who has only imported it."""
    module = late(FAILS_ONCE)
    with pytest.raises(OSError, match="no such disk"):
        _ = module.behind

    monkeypatch.setattr(sys, "late_may_load", True, raising=False)

    assert module.behind == 43


def test_while_it_is_loaded_it_has_no_names_from_further_below(
    late: Callable[[str], ModuleType],
) -> None:
    """As a module that imports itself has not."""
    module = late(ASKS_ITSELF)
    assert module.below == 1
    assert not module.had


@pytest.mark.parametrize("name", sorted(LATE))
def test_each_is_there_and_no_package(name: str) -> None:
    """A name that nobody has would never be noticed; two threads may wait over a package."""
    spec = find_spec(name)
    assert spec is not None
    assert spec.submodule_search_locations is None


def test_the_first_picture_needs_none_of_them() -> None:
    """Neither what the explorer imports nor what that imports uses one on the way."""
    printed = python(
        """
        before = set(sys.modules)
        from tui.runtime.late_modules import LATE, load_late
        load_late()
        import tui.__main__, tui.cli.main, tui.cli.explore, tui.views.app, tui.terminal.driver
        late = [sys.modules[name] for name in LATE & sys.modules.keys() - before]
        print(len(late) > 5, [one for one in late if type(one) is type(sys)])
        """
    )
    assert printed == "True []"


def test_tls_is_there_when_a_connection_asks_for_it() -> None:
    """Asyncio imports ssl itself, and its own part for it."""
    printed = python(
        """
        from tui.runtime.late_modules import load_late
        load_late()
        import asyncio, ssl
        from types import ModuleType

        async def main():
            plain = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1")
            async with plain:
                host, port = plain.sockets[0].getsockname()
                try:
                    await asyncio.open_connection(host, port, ssl=True)
                except (ssl.SSLError, ConnectionError) as error:
                    return type(error).__mro__

        found = asyncio.run(main())
        print(OSError in found, type(ssl) is type(asyncio.sslproto) is ModuleType)
        """
    )
    assert printed == "True True"


def python(text: str) -> str:
    """Run a program in a process of its own; give what it prints."""
    begin = f"import sys; sys.path.insert(0, {PACKAGE_FOLDER!r})\n"
    command = [sys.executable, "-c", begin + dedent(text)]
    return run(command, check=True, capture_output=True, text=True).stdout.strip()
