"""Search: what is found for what is typed, in which order, and in bounded time."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from files import make_file, opened
from hypothesis import given
from hypothesis import strategies as st

from tui.database.folding import fold, rank, spellings
from tui.database.sqlite.indexes import LAST_CHARACTER, beginning_sql
from tui.database.sqlite.schema import read_schema
from tui.database.sqlite.sql import quoted
from tui.models import SearchResult
from tui.runtime.errors import DatabaseUnavailable

PEOPLE = """
    CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT, note TEXT);
    CREATE INDEX people_by_name ON people (name COLLATE NOCASE);
    INSERT INTO people VALUES
      (1, 'Joanna Marsh', 'jm@example.com', 'anna'),
      (2, 'Anna Berg', 'ab@example.com', NULL),
      (3, 'Lars Annason', 'la@example.com', NULL),
      (4, 'José Ñandú', 'jose@example.com', NULL),
      (5, 'Jose' || char(0x301) || ' Decomposed', NULL, NULL),
      (6, 'Siobhán O''Brien', 'sob@example.com', NULL),
      (7, '100% Real_Name', NULL, NULL),
      (8, NULL, 'anna@example.com', NULL),
      (9, '佐藤 千尋', 'chihiro@example.org', NULL),
      (10, 'Ёлкина Анна', NULL, NULL),
      (11, x'416e6e61', 'blob@example.com', NULL),
      (12, 'ΜΑΡΊΑ Straße', '', NULL);
"""


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A small table whose rows are known one by one."""
    return make_file(tmp_path / "people.db", PEOPLE)


async def search(path: Path, text: str, limit: int = 20, **options: float) -> SearchResult:
    """Search the table people."""
    async with opened(path, "people") as table:
        return await table.search(text, limit, **options)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        pytest.param("anna", [2, 8, 3, 1], id="beginnings, then words, then parts"),
        pytest.param("ANNA", [2, 8, 3, 1], id="case"),
        pytest.param("  anna ", [2, 8, 3, 1], id="spaces around it"),
        pytest.param("berg", [2], id="a later word"),
        pytest.param("jose", [5, 4], id="accents in the record, composed or not"),
        pytest.param("JOSÉ", [5, 4], id="accents in the text"),
        pytest.param("jose\u0301", [5, 4], id="accents in the text, decomposed"),
        pytest.param("ñandu", [4], id="one accent of two"),
        pytest.param("o'b", [6], id="an apostrophe"),
        pytest.param("'", [6], id="an apostrophe alone"),
        pytest.param("%", [7], id="a percent sign is no wildcard"),
        pytest.param("_", [7], id="an underscore is no wildcard"),
        pytest.param("100% r", [7], id="a percent sign with a space"),
        pytest.param("千", [9], id="one character of Chinese script"),
        pytest.param("елкина", [10], id="diaeresis in Cyrillic"),
        pytest.param("анна", [10], id="Cyrillic is not Latin"),
        pytest.param("μαρια", [12], id="Greek, case and accent"),
        pytest.param("STRASSE", [12], id="sharp s"),
        pytest.param("@example.org", [9], id="the e-mail's domain"),
        pytest.param("' OR 1=1 --", [], id="SQL in quotes"),
        pytest.param("'; DROP TABLE people; --", [], id="a second statement"),
        pytest.param('"', [], id="a quote"),
        pytest.param("\\", [], id="a backslash"),
        pytest.param("*", [], id="a star"),
        pytest.param("nobody", [], id="nobody"),
        pytest.param("\0", [], id="NUL"),
        pytest.param("x" * 10_000, [], id="10,000 characters"),
        pytest.param("\udcff", [], id="half a surrogate pair"),
        pytest.param("", [], id="nothing"),
        pytest.param(" \n", [], id="white space"),
        pytest.param("\u0301", [], id="an accent alone"),
        pytest.param("\u00b4", [], id="an accent with a space of its own"),
    ],
)
async def test_what_is_typed_finds(people: Path, text: str, ids: list[int]) -> None:
    """Beginnings come before words before parts; the text is text, never a pattern or SQL."""
    result = await search(people, text)
    assert [match.id for match in result.matches] == ids
    assert (result.text, result.more, result.complete) == (text, False, True)
    assert len((await search(people, "example")).matches) == 8


async def test_a_match_has_its_texts(people: Path) -> None:
    """The searched columns come along, NULL as an empty text, others not at all."""
    (match,) = (await search(people, "100%")).matches
    assert match.texts == ("100% Real_Name", "")


@pytest.mark.parametrize(
    ("limit", "count", "more"), [(1, 1, True), (3, 3, True), (4, 4, False), (99, 4, False)]
)
async def test_a_limit_says_whether_there_are_more(
    people: Path, limit: int, count: int, more: bool
) -> None:
    """At most so many are given, the best ones, and `more` is true only when some are left."""
    result = await search(people, "anna", limit)
    assert [match.id for match in result.matches] == [2, 8, 3, 1][:count]
    assert result.more is more


async def test_text_keys_are_found_by_key(tmp_path: Path) -> None:
    """In a table with text keys the key is searched as well."""
    path = make_file(
        tmp_path / "a.db",
        "CREATE TABLE people (code TEXT PRIMARY KEY, name TEXT);"
        "INSERT INTO people VALUES ('GB-1', 'x'), ('x; --', 'GB')",
    )
    assert [match.id for match in (await search(path, "gb")).matches] == ["x; --", "GB-1"]


async def test_a_table_without_texts_finds_nothing(tmp_path: Path) -> None:
    """Where no column can be searched there is an empty answer, not an error."""
    path = make_file(
        tmp_path / "a.db", "CREATE TABLE people (id INTEGER PRIMARY KEY); "
        "INSERT INTO people VALUES (1)",
    )  # fmt: skip
    assert await search(path, "1") == SearchResult("1")


async def test_every_seeded_user_is_found_by_name(seeded: Path) -> None:
    """Whatever the script, typing a whole name finds its owner among the first."""
    with closing(sqlite3.connect(seeded)) as connection:
        named = connection.execute("SELECT id, name FROM users WHERE id % 20 = 0").fetchall()
    async with opened(seeded) as users:
        for id, name in named:
            result = await users.search(name, 5)
            assert id in [match.id for match in result.matches]


async def test_a_search_that_takes_too_long_keeps_what_an_index_found(
    people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time-out the beginnings are there, with advice, and no lookup had to wait."""
    gate = threading.Event()

    def slow(*_: object) -> None:
        gate.wait(10)

    monkeypatch.setattr("tui.database.sqlite.scan.rank", slow)
    async with opened(people, "people") as table:
        try:
            result = await table.search("anna", 20, seconds=0.05)
            assert await table.find(1) is not None
        finally:
            gate.set()
        assert [match.id for match in result.matches] == [2]
        assert not result.complete
        assert result.advice == "stopped, an index would help: COLLATE NOCASE on email"


async def test_a_scan_that_is_stopped_keeps_what_it_has_seen(
    people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before the time was over is given, in its order; nothing is lost."""
    gate, ranks = threading.Event(), iter([1, None, 0, None])

    def slow(*_: object) -> int | None:
        try:
            return next(ranks)
        except StopIteration:
            gate.wait(10)
            return None

    monkeypatch.setattr("tui.database.sqlite.scan.rank", slow)
    async with opened(people, "people") as table:
        try:
            result = await table.search("ann", 20, seconds=0.05)
        finally:
            gate.set()
    assert [match.id for match in result.matches] == [2, 1]
    assert not result.complete


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("anna", [2]),
        ("ANNA b", [2]),
        ("ёлкина", [10]),
        ("Ё", [10]),
        ("μαρία", [12]),
        ("José ñ", [4]),
        ("jose\u0301", [5, 4]),
        ("佐", [9]),
        ("joanna marsh", [1]),
        ("marsh", []),
    ],
)
async def test_an_index_alone_finds_beginnings(
    people: Path, monkeypatch: pytest.MonkeyPatch, text: str, ids: list[int]
) -> None:
    """Whatever the case, and with accents as they are typed, no row by row search is needed."""
    monkeypatch.setattr("tui.database.sqlite.scan.rank", lambda *_: None)
    assert [match.id for match in (await search(people, text)).matches] == ids


async def test_enough_beginnings_end_the_search(
    people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When an index finds more than are asked for, nothing is read row by row."""
    monkeypatch.setattr(
        "tui.database.sqlite.scan.rank", lambda *_: pytest.fail("a row was read")
    )
    result = await search(people, "jo", 1)
    assert (len(result.matches), result.more, result.advice) == (1, True, "")


@pytest.mark.parametrize(
    ("script", "indexed"),
    [
        pytest.param("(id INTEGER PRIMARY KEY, name TEXT)", (), id="none"),
        pytest.param(
            "(id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE)", ("name",), id="UNIQUE"
        ),
        pytest.param(
            "(id INTEGER PRIMARY KEY, name TEXT);"
            "CREATE INDEX i ON t (name COLLATE NOCASE, id DESC)",
            ("name",),
            id="the first of two columns",
        ),
        pytest.param(
            "(id INTEGER PRIMARY KEY, name TEXT);CREATE INDEX i ON t (id, name COLLATE NOCASE)",
            (),
            id="the second of two columns",
        ),
        pytest.param(
            "(id INTEGER PRIMARY KEY, name TEXT UNIQUE)", (), id="case makes a difference"
        ),
        pytest.param(
            "(id INTEGER PRIMARY KEY, name TEXT);"
            "CREATE INDEX i ON t (name COLLATE NOCASE) WHERE id > 5",
            (),
            id="partial",
        ),
        pytest.param(
            "(name TEXT PRIMARY KEY COLLATE NOCASE) WITHOUT ROWID", ("name",), id="the key"
        ),
    ],
)
def test_which_indexes_can_be_used(
    tmp_path: Path, script: str, indexed: tuple[str, ...]
) -> None:
    """An index helps when it goes by that column first, over all rows, whatever the case."""
    path = make_file(tmp_path / "a.db", f"CREATE TABLE t {script}")
    schema = read_schema(path, "t")
    assert schema.indexed_columns == indexed
    assert schema.unindexed_columns == (() if indexed else ("name",))


def test_a_view_uses_the_indexes_of_its_table(people: Path) -> None:
    """And where it cannot, nobody is told to make an index: a view has none."""
    make_file(
        people,
        "CREATE VIEW v AS SELECT id, name, email FROM people;"
        "CREATE VIEW w AS SELECT id, name || '' AS name FROM people",
    )
    view, computed = read_schema(people, "v", "id"), read_schema(people, "w", "id")
    assert (view.indexed_columns, view.unindexed_columns) == (("name",), ())
    assert (computed.indexed_columns, computed.unindexed_columns) == ((), ())


async def test_a_table_without_an_index_is_searched_all_the_same(tmp_path: Path) -> None:
    """Row by row, in the same order of beginnings, words and parts."""
    script = PEOPLE.replace("CREATE INDEX people_by_name ON people (name COLLATE NOCASE);", "")
    result = await search(make_file(tmp_path / "a.db", script), "anna")
    assert [match.id for match in result.matches] == [2, 8, 3, 1]
    assert (result.complete, result.index) == (True, "COLLATE NOCASE on name, email")


async def test_of_many_matches_the_best_are_kept(tmp_path: Path) -> None:
    """Among thousands that hold the text, the one that begins with it comes first."""
    path = make_file(
        tmp_path / "a.db",
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);"
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
        " INSERT INTO people SELECT i, 'Joanna ' || i FROM n;"
        "INSERT INTO people VALUES (9000, 'Anna'), (8000, 'x Anna')",
    )
    result = await search(path, "anna", 3, seconds=30)
    assert [match.id for match in result.matches] == [9000, 8000, 1]
    assert result.more


def test_a_spelling_for_every_case() -> None:
    """ASCII needs one, since NOCASE folds it; else the usual cases, composed and not."""
    assert spellings("José") == [
        "jose", "José", "Jose\u0301", "josé", "jose\u0301", "JOSÉ", "JOSE\u0301",
    ]  # fmt: skip
    assert spellings("ANNA") == ["anna"]
    assert spellings("ё") == ["е", "ё", "е\u0308", "Ё", "Е\u0308"]
    assert spellings("佐藤") == ["佐藤"]


async def test_a_search_in_a_dropped_table_is_an_error(people: Path) -> None:
    """A database that cannot answer raises, instead of finding nothing."""
    async with opened(people, "people") as table:
        make_file(people, "DROP TABLE people")
        with pytest.raises(DatabaseUnavailable, match="no such table"):
            await table.search("anna", 20)


@pytest.mark.parametrize("column", ["name", "email"])
def test_beginnings_are_found_by_an_index(seeded: Path, column: str) -> None:
    """In the demo database a search by beginning does not read every row."""
    sql = beginning_sql(read_schema(seeded, "users"), column)
    with closing(sqlite3.connect(seeded)) as connection:
        plan = connection.execute(
            f"EXPLAIN QUERY PLAN {sql}", ("a", "a" + LAST_CHARACTER, 5)
        ).fetchall()
    assert [row[3].split(" (")[0] for row in plan] in (
        ["SEARCH users USING INDEX users_by_name"],
        ["SEARCH users USING INDEX sqlite_autoindex_users_1"],
    )


@pytest.mark.parametrize(
    ("needle", "texts", "score"),
    [
        ("an", ("Anna",), 0),
        ("an", ("Jo An",), 1),
        ("an", ("Joan",), 2),
        ("an", ("Joan", "x@an.com"), 1),
        ("an", ("Joan", "Ana"), 0),
        ("an", ("banana an",), 1),
        ("an", ("Bob", None, 5, b"an"), None),
        ("an", (), None),
    ],
)
def test_the_best_place_counts(
    needle: str, texts: tuple[object, ...], score: int | None
) -> None:
    """0 for a column's beginning, 1 for a word's, 2 for elsewhere; only text counts."""
    assert rank(needle, *texts) == score


@given(st.text(), st.text(), st.text())
def test_a_part_is_always_found(before: str, part: str, after: str) -> None:
    """A text that stands in ASCII surroundings ranks, however it is folded."""
    assert rank(fold(part), f"{before} {part} {after}") is not None


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    """What is folded is compared as it is."""
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_name_can_be_quoted(name: str) -> None:
    """Whatever is in a column's name, quoted it is that name to SQLite."""
    with closing(sqlite3.connect(":memory:")) as connection:
        cursor = connection.execute(f"SELECT 1 AS {quoted(name)}")
        assert cursor.description[0][0] == name
