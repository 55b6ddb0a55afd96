"""Databases made to order: who is in them, and how they are made, whole or not at all."""

import errno
import itertools
import os
import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from files import make_file, opened

from tui.database.people import FIRST_DAY, LAST_DAY, PEOPLES
from tui.database.sqlite import seed
from tui.database.sqlite.indexes import LAST_CHARACTER, beginning_sql
from tui.database.sqlite.schema import read_schema
from tui.database.sqlite.seed import make_users
from tui.runtime.errors import DatabaseUnavailable, SettingsError

COUNT = 4000
USERS = "SELECT * FROM users ORDER BY id"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of 4,000 users, made once."""
    path = tmp_path_factory.mktemp("crowd") / "crowd.db"
    assert make_users(path, COUNT)
    return path


@pytest.fixture
def connection(crowd: Path) -> Iterator[sqlite3.Connection]:
    """That database."""
    with closing(sqlite3.connect(crowd)) as connection:
        yield connection


def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the file system have no hard links, as FAT has none."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)


def rows(path: Path, query: str = USERS) -> list[tuple[object, ...]]:
    """Give what a query finds in the file."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_it_has_the_table_of_the_demo_database(crowd: Path, seeded: Path) -> None:
    """The same columns, constraints and indexes, word for word, and a write-ahead log."""
    query = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    assert rows(crowd, query) == rows(seeded, query)
    assert rows(crowd, "PRAGMA journal_mode") == [("wal",)]
    assert rows(crowd, "PRAGMA integrity_check") == [("ok",)]


def test_the_600_made_by_hand_come_first(crowd: Path, seeded: Path) -> None:
    """All who are asked for are there, and the first of them are those of the demo."""
    assert rows(crowd, "SELECT count(*), min(id), max(id) FROM users") == [(COUNT, 1, COUNT)]
    assert rows(crowd)[:600] == rows(seeded)


@pytest.mark.parametrize("count", [1, 599, 600, 601])
def test_any_number_can_be_made(tmp_path: Path, seeded: Path, count: int) -> None:
    """Fewer than 600 are the first of those made by hand."""
    path = tmp_path / "a.db"
    assert make_users(path, count)
    users = rows(path)
    assert [user[0] for user in users] == list(range(1, count + 1))
    assert users[:600] == rows(seeded)[:count]


def test_the_same_number_gives_the_same_users(tmp_path: Path) -> None:
    """And the next users do not depend on how many there are; another number gives others."""
    for name, count, number in (("a", 700, 7), ("b", 800, 7), ("c", 700, 8)):
        make_users(tmp_path / name, count, seed=number)
    a, b, c = (rows(tmp_path / name) for name in "abc")
    assert a == b[:700]
    assert a[:600] == c[:600]
    assert a[600:] != c[600:]


def test_addresses_are_unique_and_nobody_s(connection: sqlite3.Connection) -> None:
    """Every e-mail address is in a reserved domain, in plain letters, and there once."""
    mails = [mail for (mail,) in connection.execute("SELECT email FROM users WHERE id > 600")]
    there = [mail for mail in mails if mail is not None]
    assert 0 < len(mails) - len(there) < COUNT / 10
    assert len({mail.lower() for mail in there}) == len(there)
    form = re.compile(r"[a-z]+([._][a-z]+)?\d+@([a-z-]+\.)*example(\.(com|org|net))?")
    assert [mail for mail in there if not form.fullmatch(mail)] == []


def test_names_come_in_many_scripts_too(connection: sqlite3.Connection) -> None:
    """No single script has them all, and few people share a name."""
    names = [name for (name,) in connection.execute("SELECT name FROM users WHERE id > 600")]
    scripts = {unicodedata.name(letter).split()[0] for name in names for letter in name[:1]}
    assert {
        "LATIN", "CJK", "HANGUL", "ARABIC", "HEBREW", "CYRILLIC", "DEVANAGARI", "THAI",
        "ETHIOPIC", "GEORGIAN",
    } <= scripts  # fmt: skip
    assert len(set(names)) > COUNT / 2


def test_cities_lie_in_their_countries(connection: sqlite3.Connection) -> None:
    """A city comes with the country that it is in; some have none."""
    places = set(connection.execute("SELECT city, country FROM users WHERE id > 600"))
    known = {place for people in PEOPLES for place in people.cities}
    nowhere = {(city, country) for city, country in places if city is None}
    assert places - nowhere <= known
    assert nowhere
    assert all(len(country) == 2 and country.isupper() for _, country in known)


def test_shares_are_plausible(connection: sqlite3.Connection) -> None:
    """Most are on the free plan and few on the dearest; most have no credit."""
    counts = dict(connection.execute("SELECT plan, count(*) FROM users GROUP BY plan"))
    assert counts["free"] > counts["pro"] > counts["team"] > counts["enterprise"] > 0
    (none, least) = connection.execute(
        "SELECT count(*) FILTER (WHERE credit = 0), min(credit) FROM users"
    ).fetchone()
    assert COUNT / 3 < none < COUNT
    assert least == 0


def test_dates_are_in_order(connection: sqlite3.Connection) -> None:
    """Nobody was seen before they came, or after the last day; some never came back."""
    dates = connection.execute(
        "SELECT created_at, last_seen_at FROM users WHERE id > 600"
    ).fetchall()
    first, last = f"{FIRST_DAY.isoformat()}Z", f"{LAST_DAY.isoformat()}Z"
    assert all(first <= created <= (seen or last) <= last for created, seen in dates)
    assert 0 < sum(seen is None for _, seen in dates) < COUNT / 2
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", day) for day, _ in dates)


def test_a_beginning_costs_the_same_among_many(crowd: Path, seeded: Path) -> None:
    """Seven times the users do not cost SQLite three times the steps to find 20 of them."""

    def steps(path: Path) -> int:
        taken = itertools.count()
        sql = beginning_sql(read_schema(path, "users"), "name")
        with closing(sqlite3.connect(path)) as connection:
            connection.set_progress_handler(lambda: next(taken) < 0, 1)
            assert connection.execute(sql, ("a", "a" + LAST_CHARACTER, 20)).fetchall()
        return next(taken)

    assert 0 < steps(crowd) < 3 * steps(seeded)


async def test_it_can_be_explored_like_the_demo(crowd: Path) -> None:
    """Search by beginning has its indexes, and a key its record."""
    async with opened(crowd) as users:
        assert users.schema.indexed_columns == ("name", "email")
        assert ((await users.find(COUNT)) or {})["id"] == COUNT
        assert (await users.search("noz", 5, seconds=10)).complete


def test_what_exists_is_never_overwritten(users_db: Path, tmp_path: Path) -> None:
    """A file, a folder, and a link that leads nowhere stay as they are."""
    before = users_db.read_bytes()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in (users_db.name, "folder", "link"):
        with pytest.raises(SettingsError, match=r"exists, and nothing is overwritten"):
            make_users(tmp_path / name, 5)
    assert users_db.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "link", "users.db"]


@pytest.mark.parametrize("links", [True, False])
def test_somebody_else_was_faster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    """A file that appears meanwhile is not overwritten either, with hard links and without."""
    path = tmp_path / "a.db"
    if not links:
        no_links(monkeypatch)
    with pytest.raises(SettingsError, match="nothing is overwritten"):
        make_users(path, 5, progress=lambda _: path.touch())
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"", [path])


def test_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file system has none, the database is made all the same."""
    no_links(monkeypatch)
    path = tmp_path / "a.db"
    assert make_users(path, 5)
    assert len(rows(path)) == 5
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_is_held_and_not_filled_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the draft cannot be moved there, no empty file is left in its place."""
    no_links(monkeypatch)

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(DatabaseUnavailable, match="Input/output error"):
        make_users(tmp_path / "a.db", 5)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so and what to do, and nothing is left behind."""
    monkeypatch.setattr(seed, "FAST", (*seed.FAST, "max_page_count = 20"))
    with pytest.raises(DatabaseUnavailable, match=r"the disk is full; .*--rows"):
        make_users(tmp_path / "a.db", COUNT)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_message(tmp_path: Path) -> None:
    """A folder is not made by a slip of the pen."""
    make_file(tmp_path / "file.db", "PRAGMA user_version = 1")
    for place in ("none/a.db", "file.db/a.db"):
        with pytest.raises(DatabaseUnavailable, match=r"a\.db cannot be made: .*such a folder"):
            make_users(tmp_path / place, 5)
    assert [path.name for path in tmp_path.iterdir()] == ["file.db"]


def at_call(number: int) -> Callable[[], bool]:
    """Give a question that is answered with yes from its call of that number on."""
    calls = itertools.count(1)
    return lambda: next(calls) >= number


@pytest.mark.parametrize("number", [1, 2, 40])
def test_it_can_be_stopped_at_any_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Between users, inside a statement, or at the end: nothing is left behind."""
    monkeypatch.setattr(seed, "INSTRUCTIONS", 5_000)
    assert not make_users(tmp_path / "a.db", COUNT, stopped=at_call(number))
    assert list(tmp_path.iterdir()) == []


def test_it_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller hears of each batch, and of the last user."""
    monkeypatch.setattr(seed, "BATCH", 300)
    told: list[int] = []
    make_users(tmp_path / "a.db", 1000, progress=told.append)
    assert told == [300, 600, 900, 1000]
