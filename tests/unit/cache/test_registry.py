"""Which kind of store a URL names."""

import sys
from importlib.metadata import EntryPoint, EntryPoints
from types import ModuleType

import pytest

from tui.cache import registry as caches
from tui.cache.redis.address import SCHEMES
from tui.cache.redis.embedded_store import EMBEDDED
from tui.cache.redis.store import STORE
from tui.database import registry as databases
from tui.database.postgresql import store as postgresql
from tui.database.sqlite import store as sqlite
from tui.runtime.errors import SettingsError


def test_every_scheme_of_a_server_is_found() -> None:
    """In whatever case it is written, and with white space around."""
    assert SCHEMES.keys() <= caches.BUILT_IN.keys()
    assert {caches.store_of(f" {scheme.upper()}://h") for scheme in SCHEMES} == {STORE}
    assert caches.store_of("embedded") is EMBEDDED


def test_what_nobody_knows_is_refused_in_a_sentence() -> None:
    """By the kind that comes with hitmiss, which says what can be named."""
    with pytest.raises(SettingsError, match="no cache that hitmiss knows"):
        caches.store_of("nowhere://h").check("nowhere://h")
    with pytest.raises(SettingsError, match="no database that hitmiss knows"):
        databases.store_of("nowhere://h").check("nowhere://h")


@pytest.mark.parametrize("path", ["a.db", "/a.db", "sqlite:///a.db", "~/a.db"])
def test_a_path_is_a_file_of_sqlite(path: str) -> None:
    """A database needs no scheme."""
    assert databases.store_of(path) is sqlite.STORE


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "POSTGRESQL+asyncpg"])
def test_the_driver_of_another_program_changes_nothing(scheme: str) -> None:
    """What stands behind the plus in a scheme is for that program."""
    assert databases.store_of(f"{scheme}://h/d") is postgresql.STORE
    assert databases.is_known(f"{scheme}://h/d")


@pytest.mark.parametrize("url", ["oracle://h/d", "redis://h", "oracle+x://h"])
def test_what_is_no_database_is_not_known(url: str) -> None:
    """So that a variable which all programs share can be passed over."""
    assert not databases.is_known(url)
    assert databases.is_known("a.db")


@pytest.mark.parametrize("registry", [caches, databases])
def test_another_distribution_brings_a_store(
    registry: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its entry point; a scheme that comes with hitmiss stays as it is."""
    brought = object()
    module = ModuleType("brought_by_another")
    module.STORE = brought  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    taken = next(iter(registry.BUILT_IN))
    points = EntryPoints(
        EntryPoint(scheme, f"{module.__name__}:STORE", registry.GROUP)
        for scheme in ("another", taken)
    )
    monkeypatch.setattr(
        "importlib.metadata.entry_points", lambda **chosen: points.select(**chosen)
    )
    assert registry.store_of("another://h") is brought
    assert registry.store_of(f"{taken}://h") is not brought
