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


def test_the_embedded_cache_does_without_openssl() -> None:
    """Neither for TLS nor for hashes: it would be a twelfth of all memory."""
    printed = python(
        """
        sys.modules["valkey"] = None  # fakeredis would load it, and only the tests bring it
        from tui.runtime.late_modules import load_late
        load_late()
        import asyncio
        from tui.cache.redis.embedded import open_embedded
        from tui.cache.redis.adapter import RedisClaim
        from tui.runtime.clock import SystemClock

        async def main():
            claim = RedisClaim("key", "lease", "token")
            async with open_embedded(SystemClock()) as cache:
                await cache.claim(claim)
                return await cache.fill(claim, b"value", 60), (await cache.read("key")).payload

        print(asyncio.run(main()), {"_ssl", "_hashlib"} & sys.modules.keys())
        """
    )
    assert printed == "(True, b'value') set()"


def test_hashes_are_the_same_by_whomever_they_are_made() -> None:
    """Known answers of RFC 3174, 4231, 7914; deriving a key is OpenSSL's work, and loads it."""
    printed = python(
        """
        from tui.runtime.late_modules import load_late
        load_late()
        import hashlib, hmac
        print(hashlib.sha1(b"abc").hexdigest()[:8])
        print(hashlib.new("sha256", b"abc").hexdigest()[:8])
        print(hmac.new(b"Jefe", b"what do ya want for nothing?", "sha256").hexdigest()[:8])
        print("_hashlib" in sys.modules)
        from hashlib import pbkdf2_hmac
        print(pbkdf2_hmac("sha256", b"passwd", b"salt", 1).hex()[:8])
        print(hashlib.scrypt(b"", salt=b"", n=16, r=1, p=1).hex()[:8])
        print(sys.modules["_hashlib"].pbkdf2_hmac is pbkdf2_hmac, hasattr(hashlib, "nothing"))
        """
    )
    answers = [
        "a9993e36",
        "ba7816bf",
        "5bdcc146",
        "False",
        "55ac046e",
        "77d65762",
        "True False",
    ]
    assert printed.splitlines() == answers


def test_threads_that_load_hashes_at_once_are_in_nobodys_way() -> None:
    """Nor in that of who asks for OpenSSL itself meanwhile."""
    printed = python(
        """
        from tui.runtime.late_modules import load_late
        load_late()
        from importlib import import_module
        from threading import Barrier, Thread
        uses = {
            "hashlib": lambda module: module.pbkdf2_hmac("sha1", b"", b"", 1),
            "hmac": lambda module: module.new(b"", b"", "sha1"),
            "_hashlib": lambda module: module.openssl_sha1(b""),
        }
        together, done = Barrier(len(uses)), []

        def use(name):
            together.wait()
            uses[name](import_module(name))
            done.append(name)

        threads = [Thread(target=use, args=(name,)) for name in uses]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(sorted(done))
        """
    )
    assert printed == "['_hashlib', 'hashlib', 'hmac']"


def test_hashes_stay_with_openssl_where_it_is_loaded() -> None:
    """Then there is nothing to be spared."""
    printed = python(
        """
        import _hashlib
        from tui.runtime.late_modules import load_late
        load_late()
        import hashlib
        print(hashlib.sha1 is _hashlib.openssl_sha1, sys.modules["_hashlib"] is _hashlib)
        """
    )
    assert printed == "True True"


def test_what_redis_names_of_tls_early_is_tls_itself_when_it_is_used() -> None:
    """A class of it can be asked, called and told an object of; an error is one of its kind."""
    printed = python(
        """
        from tui.runtime.late_modules import load_late
        load_late()
        import redis.asyncio
        from redis.asyncio.connection import SSLContext, TLSVersion, VerifyFlags
        from redis._parsers.socket import NONBLOCKING_EXCEPTIONS
        errors = NONBLOCKING_EXCEPTIONS
        print("_ssl" in sys.modules, all(issubclass(one, OSError) for one in errors))
        print(hasattr(VerifyFlags, "VERIFY_X509_STRICT"), hasattr(VerifyFlags, "NOTHING"))
        import ssl
        context = SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        print(isinstance(context, SSLContext), isinstance(1, SSLContext))
        print(type(context) is ssl.SSLContext, TLSVersion.TLSv1_2 is ssl.TLSVersion.TLSv1_2)
        """
    )
    assert printed.splitlines() == ["False True", "True False", "True False", "True True"]


def test_nobody_else_gets_what_only_stands_for_tls() -> None:
    """Who builds a class on it has the real one, which is loaded for that."""
    printed = python(
        """
        from tui.runtime.late_modules import load_late
        load_late()
        from ssl import SSLContext
        class Own(SSLContext):
            pass
        import ssl
        own = Own(ssl.PROTOCOL_TLS_CLIENT)
        print(SSLContext is ssl.SSLContext, isinstance(own, SSLContext))
        """
    )
    assert printed == "True True"


def python(text: str) -> str:
    """Run a program in a process of its own; give what it prints."""
    begin = f"import sys; sys.path.insert(0, {PACKAGE_FOLDER!r})\n"
    command = [sys.executable, "-c", begin + dedent(text)]
    return run(command, check=True, capture_output=True, text=True).stdout.strip()
