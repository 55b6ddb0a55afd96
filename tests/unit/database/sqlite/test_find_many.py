"""Reading the rows of many keys at once, as the audit does."""

from pathlib import Path

import pytest
from files import make_file, opened

from tui.models import Key


async def ids_of(path: Path, table: str, ids: list[Key]) -> dict[Key, list[object]]:
    """Give the keys of the rows that are found for each key."""
    async with opened(path, table, "id") as found:
        rows = await found.find_many(ids)
    return {id: [row["id"] for row in alike] for id, alike in rows.items()}


@pytest.mark.parametrize(
    ("kind", "rows", "wanted", "expected"),
    [
        ("INTEGER PRIMARY KEY", "(1), (2), (3)", [3, 9, 1], {3: [3], 1: [1]}),
        ("TEXT PRIMARY KEY", "('ada'), ('ADA')", ["ADA", "Ada"], {"ADA": ["ADA"]}),
        (
            "TEXT COLLATE NOCASE PRIMARY KEY", "('ada'), ('Bo')", ["ADA", "ada", "bo", "cy"],
            {"ADA": ["ada"], "ada": ["ada"], "bo": ["Bo"]},
        ),
        (
            "TEXT COLLATE NOCASE", "('ada'), ('Ada')", ["ada", "ADA"],
            {"ada": ["ada"], "ADA": ["ada", "Ada"]},
        ),
        ("TEXT COLLATE RTRIM PRIMARY KEY", "('ada')", ["ada  ", "ada"],
         {"ada  ": ["ada"], "ada": ["ada"]}),
        ("NUMERIC PRIMARY KEY", "(5), (2.5), ('x')", ["5", "2.5", "x", "6"],
         {"5": [5], "2.5": [2.5], "x": ["x"]}),
        ("INTEGER", "(1), (1), (2)", [1, 2], {1: [1, 1], 2: [2]}),
    ],
)  # fmt: skip
async def test_each_key_has_its_rows(
    tmp_path: Path,
    kind: str,
    rows: str,
    wanted: list[Key],
    expected: dict[Key, list[object]],
) -> None:
    """Those that have just that key; else those that the column itself takes for it."""
    path = make_file(
        tmp_path / "a.db",
        f"CREATE TABLE t (id {kind}, column1 TEXT DEFAULT 'x');"
        f"CREATE VIEW v AS SELECT id, column1 FROM t; INSERT INTO t (id) VALUES {rows};",
    )
    assert await ids_of(path, "t", wanted) == expected
    assert await ids_of(path, "v", wanted) == expected


@pytest.mark.parametrize("table", ["t", "wanted", "keys wanted of t", "column1"])
async def test_a_row_that_was_found_by_another_spelling_is_whole(
    tmp_path: Path, table: str
) -> None:
    """All its columns, by their names, whatever they and the table are called."""
    path = make_file(
        tmp_path / "a.db",
        f"""CREATE TABLE "{table}" (id TEXT COLLATE NOCASE PRIMARY KEY, column1, "wanted" BLOB);
           INSERT INTO "{table}" VALUES ('ada', 1, x'00');""",
    )
    async with opened(path, table) as found:
        (row,) = (await found.find_many(["ADA"]))["ADA"]
    assert row == {"id": "ada", "column1": 1, "wanted": "<BLOB, 1 bytes>"}
