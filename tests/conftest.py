"""What all tests share: the demo database, a real server, an environment of their own."""

import gc
import itertools
import os
import shutil
import signal
import warnings
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from database_server import had
from fakes import Bench
from mariadb_server import MariadbServer
from memcached_server import MemcachedServer
from mongodb_server import MongodbServer
from postgresql_server import PostgresqlServer
from reach import is_near
from servers import ValkeyServer

from tui.database.sqlite.demo import make_demo
from tui.runtime.redaction import SECRETS

ELSEWHERE = {"REDIS_URL", "DATABASE_URL", "NO_COLOR", "TMUX"}
DRIVERS = ("HITMISS_", "PG", "MYSQL_", "MARIADB_", "MONGODB_")
"""How the variables begin by which hitmiss, and what it asks, would find another server."""
STATES = itertools.count()
"""Numbers the folders of state, since pytest reads all that are there to find the next one."""

# A busy machine makes no property false.
hypothesis.settings.register_profile("hitmiss", deadline=None)
hypothesis.settings.load_profile("hitmiss")

# Under nohup it is ignored, and so it would be by all that the tests start.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Call a test with a hostile parameter by the parameter's beginning."""
    return ascii(val)[:40] if isinstance(val, str | bytes) and len(val) > 40 else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the fast tests, when they are asked for: those that are near, and not slow."""
    if "fast" in config.getoption("markexpr"):
        for item in items:
            name = item.nodeid.split("::")[1].partition("[")[0]
            near = is_near(item.path, name, *getattr(item, "fixturenames", ()))
            if near and item.get_closest_marker("slow") is None:
                item.add_marker("fast")


def pytest_collection_finish() -> None:
    """Let nobody who collects garbage look through ten thousand tests, which are none."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def own_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep the developer's settings and folders out of the tests, and each run a first one."""
    home = tmp_path_factory.getbasetemp() / "home"
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    state = home / "state" / str(next(STATES))
    state.mkdir(parents=True)
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for name in list(os.environ):
        if name in ELSEWHERE or name.startswith(DRIVERS):
            monkeypatch.delenv(name)
    SECRETS.forget()


@pytest.fixture
def bench() -> Bench:
    """A service over hand-written fakes."""
    return Bench()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo database, made once; tests that write copy it."""
    path = tmp_path_factory.mktemp("seeded") / "users.db"
    make_demo(path)
    return path


@pytest.fixture
def users_db(seeded: Path, tmp_path: Path) -> Path:
    """A demo database that this test may change."""
    path = tmp_path / "users.db"
    shutil.copyfile(seeded, path)
    return path


@pytest.fixture(scope="session")
def _shared_server() -> Iterator[ValkeyServer]:
    with ValkeyServer() as server:
        yield server


@pytest.fixture
def server(_shared_server: ValkeyServer) -> ValkeyServer:
    """A real server, empty; for tests that leave it running."""
    with _shared_server.client() as client:
        client.flushall()
    return _shared_server


@pytest.fixture
def own_server() -> Iterator[ValkeyServer]:
    """A real server of this test's own, to be paused and killed."""
    with ValkeyServer() as server:
        yield server


@pytest.fixture(scope="session")
def shared_memcached() -> Iterator[MemcachedServer]:
    """A real Memcached for tests that leave it running; see `memcached`."""
    with had(MemcachedServer()) as server:
        yield server


@pytest.fixture
def memcached(shared_memcached: MemcachedServer) -> MemcachedServer:
    """A real Memcached with nothing in it."""
    shared_memcached.say(b"flush_all\r\n")
    return shared_memcached


@pytest.fixture
def own_memcached() -> Iterator[MemcachedServer]:
    """A real Memcached of this test's own, to be paused and killed."""
    with had(MemcachedServer()) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A real PostgreSQL for tests that leave it running; each makes a database of its own."""
    with had(PostgresqlServer()) as server:
        yield server


@pytest.fixture
def own_postgresql() -> Iterator[PostgresqlServer]:
    """A real PostgreSQL of this test's own, to be paused and killed."""
    with had(PostgresqlServer()) as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariadbServer]:
    """A real MariaDB for tests that leave it running; each makes a database of its own."""
    with had(MariadbServer()) as server:
        yield server


@pytest.fixture
def own_mariadb() -> Iterator[MariadbServer]:
    """A real MariaDB of this test's own, to be paused and killed."""
    with had(MariadbServer()) as server:
        yield server


@pytest.fixture(scope="session")
def mongodb() -> Iterator[MongodbServer]:
    """A real server of MongoDB's protocol, likewise; each test has a database of its own."""
    with had(MongodbServer()) as server:
        yield server


@pytest.fixture
def own_mongodb() -> Iterator[MongodbServer]:
    """A real server of MongoDB's protocol of this test's own, to be paused and killed."""
    with had(MongodbServer()) as server:
        yield server
    with warnings.catch_warnings():
        # pymongo leaves a socket to the garbage collector whose connecting was cancelled.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
