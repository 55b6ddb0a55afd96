"""The databases' servers that other tests rely on."""

import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bson
import psutil
import psycopg
import pymongo.errors
import pymysql
import pytest
from certificates import self_signed
from database_server import Certificate, DatabaseServer, had
from mariadb_server import MariadbServer
from mongodb_server import MongodbServer
from postgresql_server import PostgresqlServer
from server_process import wait_until

KINDS: list[type[DatabaseServer]] = [PostgresqlServer, MariadbServer, MongodbServer]
GREETINGS = {
    "PostgreSQL": struct.pack(">ii", 8, 80877103),  # asks for TLS
    "MariaDB": b"",  # speaks first
    "MongoDB": bson.encode({"hello": 1, "$db": "admin"}),
}
"""What a client says first."""
LEAVE = """
import sys
from {module} import {kind}
server = {kind}()
server.start()
print(server.folder, *server.pids, flush=True)
server.pause()
print("paused", flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[DatabaseServer]:
    """A server of each kind, of this test's own."""
    with had(request.param()) as server:
        yield server


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """A certificate that a server can show."""
    return self_signed(tmp_path)


def write(server: DatabaseServer, key: int, url: str | None = None) -> None:
    """Add a record to a table or collection, which is made if need be."""
    if isinstance(server, MongodbServer):
        with server.client(url or server.url) as client:
            client.get_default_database().t.insert_one({"_id": key})
    elif isinstance(server, PostgresqlServer | MariadbServer):
        server.run("CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY)", url=url)
        server.run("INSERT INTO t VALUES (%s)", key, url=url)


def read(server: DatabaseServer, url: str | None = None) -> list[int]:
    """Return the keys of all records there."""
    if isinstance(server, MongodbServer):
        with server.client(url or server.url) as client:
            return [one["_id"] for one in client.get_default_database().t.find()]
    assert isinstance(server, PostgresqlServer | MariadbServer)
    return [key for (key,) in server.run("SELECT id FROM t ORDER BY id", url=url)]


@contextmanager
def greeted(server: DatabaseServer) -> Iterator[socket.socket]:
    """Connect, and say what a client says."""
    greeting = GREETINGS[server.NAME]
    if isinstance(server, MongodbServer):
        greeting = struct.pack("<5ib", 21 + len(greeting), 1, 0, 2013, 0, 0) + greeting
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(greeting)
        yield connection


def is_gone(pid: int) -> bool:
    """Tell whether a process is no more; a zombie is none."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("end", [DatabaseServer.kill, DatabaseServer.stop])
def test_what_was_written_is_there_after_an_end(
    database: DatabaseServer, end: Callable[[DatabaseServer], None]
) -> None:
    """A crash or an orderly stop ends all processes; started again, it has the record."""
    write(database, 1)
    pids = database.pids
    end(database)
    assert pids
    assert all(map(is_gone, pids))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", database.port), timeout=10)
    database.start()
    write(database, 2)
    assert read(database) == [1, 2]


def test_a_paused_one_answers_when_it_is_resumed(database: DatabaseServer) -> None:
    """Until then it says nothing, to nobody."""
    database.pause()
    with greeted(database) as connection:
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        assert {psutil.Process(pid).status() for pid in database.pids} == {"stopped"}
        database.resume()
        connection.settimeout(10)
        assert connection.recv(1)


def test_two_at_once_do_not_meet(database: DatabaseServer) -> None:
    """Each has its own port, folder and records."""
    with type(database)() as other:
        write(database, 1)
        write(other, 2)
        assert (read(database), read(other)) == ([1], [2])


def test_a_new_database_is_empty_and_belongs_to_the_user(database: DatabaseServer) -> None:
    """What is written there is seen by its user and by the superuser, and nowhere else."""
    first, second = database.new_database("first"), database.new_database("second")
    write(database, 1, first)
    write(database, 2, second)
    assert read(database, first) == [1]
    assert read(database, database.as_admin(second)) == [2]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", [None, DatabaseServer.kill, DatabaseServer.pause])
def test_nothing_is_left_of_it(
    kind: Callable[[], DatabaseServer], end: Callable[[DatabaseServer], None] | None
) -> None:
    """Whether it still ran or not: neither processes nor files."""
    with had(kind()) as server:
        pids = server.pids
        if end is not None:
            end(server)
    assert all(map(is_gone, pids))
    assert not server.folder.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_when_the_tests_are_killed(kind: type[DatabaseServer]) -> None:
    """Even a paused server ends with the process that started it."""
    with had(kind()):  # or this would fail where it cannot be had
        pass
    script = LEAVE.format(module=kind.__module__, kind=kind.__name__)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        folder, *pids = process.stdout.readline().split()
        assert process.stdout.readline() == "paused\n"
        process.send_signal(signal.SIGKILL)
    assert pids
    assert wait_until(lambda: all(is_gone(int(pid)) for pid in pids))
    assert wait_until(lambda: not Path(folder).exists())


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_does_not_start_says_why(kind: Callable[[str], DatabaseServer]) -> None:
    """The error has what the server wrote."""
    with pytest.raises(RuntimeError, match="nonsense"), had(kind("--nonsense=1")):
        pass


def test_postgresql_is_set_up_as_promised(own_postgresql: PostgresqlServer) -> None:
    """The user is no superuser, the text UTF-8, the time zone not UTC; on both addresses."""
    asked = """SELECT current_user::text, rolsuper, current_setting('server_encoding'),
        current_setting('timezone'), datcollate
        FROM pg_roles, pg_database WHERE rolname = current_user AND datname = 'shop'"""
    promised = [("app", False, "UTF8", "America/New_York", "C.UTF-8")]
    assert own_postgresql.run(asked) == promised
    assert own_postgresql.run(asked, url=own_postgresql.socket_url) == promised
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        own_postgresql.run("SELECT 1", url=own_postgresql.url.replace("app:", "app:x"))


def test_postgresql_takes_options() -> None:
    """They come after its own."""
    with had(PostgresqlServer("-c", "max_connections=7", "-c", "timezone=Asia/Tokyo")) as it:
        assert it.run("SHOW max_connections") == [("7",)]
        assert it.run("SHOW timezone") == [("Asia/Tokyo",)]


def test_a_standby_follows_until_it_is_promoted(own_postgresql: PostgresqlServer) -> None:
    """It has what the primary has, and takes no write before."""
    write(own_postgresql, 1)
    with PostgresqlServer(standby_of=own_postgresql) as standby:
        write(own_postgresql, 2)
        assert wait_until(lambda: read(standby) == [1, 2])
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            write(standby, 3)
        standby.run("SELECT pg_promote()", url=standby.admin_url)
        write(standby, 3)
        assert read(standby) == [1, 2, 3]


def test_mariadb_is_set_up_as_promised(own_mariadb: MariadbServer) -> None:
    """The user owns one database, the text is UTF-8, the time zone not UTC."""
    own_mariadb.new_database("other")
    rows = own_mariadb.run(
        "SELECT CURRENT_USER(), @@character_set_database, @@collation_server, @@time_zone"
    )
    (default,) = own_mariadb.run(
        "SELECT DEFAULT_COLLATE_NAME FROM information_schema.CHARACTER_SETS "
        "WHERE CHARACTER_SET_NAME = 'utf8mb4'"
    )
    assert rows == [("app@%", "utf8mb4", *default, "+05:00")]
    databases = {name for (name,) in own_mariadb.run("SHOW DATABASES")}
    assert databases == {"information_schema", "other", "shop"}


def test_mongodb_wants_a_password(own_mongodb: MongodbServer) -> None:
    """Nobody is let in without, or with another one."""
    for url in (
        f"mongodb://127.0.0.1:{own_mongodb.port}/shop",
        own_mongodb.url.replace("app:", "app:x"),
    ):
        with own_mongodb.client(url) as client, pytest.raises(pymongo.errors.OperationFailure):
            client.shop.t.find_one()


def test_postgresql_with_tls_takes_nothing_else(certificate: Certificate) -> None:
    """A client can check its certificate, and one without TLS is refused."""
    with had(PostgresqlServer(tls=certificate)) as server:
        checked = f"{server.url}?sslmode=verify-full&sslrootcert={certificate.chain}"
        assert server.run("SELECT 1", url=checked) == [(1,)]
        with pytest.raises(psycopg.OperationalError, match="no encryption"):
            server.run("SELECT 1", url=f"{server.url}?sslmode=disable")


def test_mariadb_with_tls_takes_nothing_else(certificate: Certificate) -> None:
    """A client can check its certificate, and one without TLS is refused."""

    def connect(**more: Any) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        return pymysql.connect(
            host="127.0.0.1", port=server.port, user="app", password=server.password, **more
        )

    with had(MariadbServer(tls=certificate)) as server:
        with connect(ssl={"ca": str(certificate.chain)}) as one, one.cursor() as cursor:
            cursor.execute("SHOW STATUS LIKE 'Ssl_version'")
            ((_, version),) = cursor.fetchall()
            assert version.startswith("TLS")
        with pytest.raises(pymysql.OperationalError):
            connect(ssl_disabled=True)


def test_mongodb_with_tls_takes_nothing_else(certificate: Certificate) -> None:
    """A client can check its certificate, and one without TLS is refused."""
    with had(MongodbServer(tls=certificate)) as server:
        with server.client(f"{server.url}&tls=true&tlsCAFile={certificate.chain}") as client:
            assert client.admin.command("ping")["ok"] == 1
        with (
            server.client(server.url, serverSelectionTimeoutMS=500) as client,
            pytest.raises(pymongo.errors.ServerSelectionTimeoutError),
        ):
            client.admin.command("ping")
