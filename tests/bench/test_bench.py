"""The benchmark runs, and nobody in it makes a mistake."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table of a small run, by its title."""
    file = tmp_path_factory.mktemp("bench") / "bench.json"
    subprocess.run(
        [sys.executable, "-m", "bench", "--smoke", "--json", str(file)],
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": str(TESTS / "support")},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=240,
    )
    return {table["title"]: table["rows"] for table in json.loads(file.read_text())["tables"]}


def test_everybody_answers_every_lookup(tables: dict[str, list[dict[str, Any]]]) -> None:
    """Each contender has a row in each comparison, and none of its lookups failed."""
    for title in ("A hit, one after the other", "Hits, 16 callers at once", "A miss"):
        assert len(tables[title]) >= 7, title
    rows = [row for rows in tables.values() for row in rows]
    assert [row for row in rows if row.get("errors")] == []


def test_hits_read_no_database(tables: dict[str, list[dict[str, Any]]]) -> None:
    """What is called a hit is one, and what is called a miss reads the database once."""
    for title, rows in tables.items():
        if title.startswith(("A hit, one", "Hits")):
            assert {row["SELECTs"] for row in rows} == {0}, title
    for title in ("A miss", "A miss, all on one core"):
        assert {row["SELECTs"] for row in tables[title]} == {8}, title


def test_hits_over_http_are_beside_a_bare_route(
    tables: dict[str, list[dict[str, Any]]],
) -> None:
    """Both answer every request with the record that was asked for."""
    rows = tables["Over HTTP, 64 connections"]
    assert [row["errors"] for row in rows] == [0, 0]
    assert all(row["requests a second"] for row in rows)


def test_one_read_answers_a_crowd(tables: dict[str, list[dict[str, Any]]]) -> None:
    """However many ask hitmiss at once for a record that is not cached."""
    (crowd,) = (rows for title, rows in tables.items() if "cold record" in title)
    assert [row["SELECTs"] for row in crowd if "hitmiss" in row["who"]] == [1]


def test_walks_are_beside_their_scripts(tables: dict[str, list[dict[str, Any]]]) -> None:
    """All of them came to their end, and found every copy to be what its row is."""
    rows = tables["Walking 900 keys"]
    assert [row["ratio"] for row in rows if "SCAN" in row["what"]] == [1.0, 1.0]
    assert all(row["peak memory, MiB"] for row in rows)


@pytest.mark.parametrize(
    ("fixture", "name"), [("postgresql", "PostgreSQL"), ("mariadb", "MariaDB")]
)
def test_databases_that_are_servers_are_measured(
    fixture: str,
    name: str,
    tables: dict[str, list[dict[str, Any]]],
    request: pytest.FixtureRequest,
) -> None:
    """Where there is such a server: each miss reads once, and no script found a difference."""
    request.getfixturevalue(fixture)  # or this is skipped
    for title in (f"A miss on {name}", f"A miss on {name}, all on one core"):
        assert {row["SELECTs"] for row in tables[title]} == {8}, title
    assert {row["SELECTs"] for row in tables[f"Misses on {name}, 64 callers at once"]} == {64}
    assert len(tables[f"Auditing 900 copies of {name}"]) == 2
    (mine,) = (row for row in tables["In short, on servers"] if row["database"] == name)
    assert all(mine.values()), mine


def test_memcached_is_measured(
    tables: dict[str, list[dict[str, Any]]], request: pytest.FixtureRequest
) -> None:
    """Where there is one: hits read nothing, each miss reads once, and walks end."""
    request.getfixturevalue("memcached")  # or this is skipped
    for title in (
        "A hit on Memcached, one after the other",
        "Hits on Memcached, 128 callers at once",
    ):
        assert [row["SELECTs"] for row in tables[title]] == [0, 0, 0], title
    for title in ("A miss on Memcached", "A miss on Memcached, all on one core"):
        assert [row["SELECTs"] for row in tables[title]] == [8, 8, 8, 8], title
    assert len(tables["Listing 1,800 keys of Memcached"]) == 2
    assert len(tables["Auditing 900 copies on Memcached"]) == 2
    (mine,) = tables["In short, on Memcached"]
    assert all(mine.values()), mine
