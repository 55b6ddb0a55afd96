"""Rows whose key is kept in another spelling than the one that is asked for."""

import uuid
from pathlib import Path

import pytest
from files import make_file, opened

from tui.models.recorder import Recorder
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

ADA, BO = (uuid.UUID(f"3430b28f-c298-4294-ab74-d146c13db60{n}") for n in (1, 2))


def kept_as(path: Path, kind: str, ada: str, bo: str) -> Path:
    """Make a table of two people whose keys are these literals."""
    return make_file(
        path,
        f"CREATE TABLE u (id {kind} PRIMARY KEY, name TEXT);"
        f"INSERT INTO u VALUES ({ada}, 'Ada'), ({bo}, 'Bo');"
        "CREATE VIEW v AS SELECT * FROM u;",
    )


@pytest.mark.parametrize("table", ["u", "v"])
@pytest.mark.parametrize("asked", [str(ADA), ADA.hex, str(ADA).upper(), f"{{{ADA}}}"])
@pytest.mark.parametrize(
    ("kind", "ada", "bo"),
    [
        ("BLOB", f"x'{ADA.hex}'", f"x'{BO.hex}'"),
        ("BINARY(16)", f"x'{ADA.bytes_le.hex()}'", f"x'{BO.bytes_le.hex()}'"),
        ("UUID", f"x'{ADA.hex}'", f"x'{BO.hex}'"),
        ("char(32)", f"'{ADA.hex}'", f"'{BO.hex}'"),
        ("TEXT", f"'{str(ADA).upper()}'", f"'{str(BO).upper()}'"),
        ("TEXT", f"x'{ADA.hex}'", f"x'{BO.hex}'"),
    ],
)
async def test_a_uuid_finds_its_row(
    tmp_path: Path, kind: str, ada: str, bo: str, asked: str, table: str
) -> None:
    """Alone and among many, whatever the column keeps of it; another uuid finds nothing."""
    path = kept_as(tmp_path / "a.db", kind, ada, bo)
    async with opened(path, table, "id") as found:
        record = await found.find(asked)
        many = await found.find_many([asked, str(uuid.UUID(int=7))])
        assert await found.find(str(uuid.UUID(int=7))) is None
    assert record is not None
    assert record["name"] == "Ada"
    assert uuid.UUID(str(record["id"])) == ADA
    assert {id: [row["name"] for row in rows] for id, rows in many.items()} == {asked: ["Ada"]}


async def test_bytes_have_one_spelling_that_is_their_own(tmp_path: Path) -> None:
    """The record's key is the uuid in lower case with dashes, whoever asked by another."""
    path = kept_as(tmp_path / "a.db", "BLOB", f"x'{ADA.hex}'", "x'00ab10'")
    async with opened(path, "u") as found:
        assert [await found.find(key) for key in (str(ADA), ADA.hex, "00AB10")] == [
            {"id": str(ADA), "name": "Ada"},
            {"id": str(ADA), "name": "Ada"},
            {"id": "00ab10", "name": "Bo"},
        ]
        assert await found.first_keys(5) == ["00ab10", str(ADA)]
        matches = (await found.search("ada", 5)).matches
    assert [match.id for match in matches] == [str(ADA)]


async def test_what_ran_is_shown(tmp_path: Path) -> None:
    """Both statements stand among the steps, the bytes as one would type them."""
    path = kept_as(tmp_path / "a.db", "BLOB", f"x'{ADA.hex}'", f"x'{BO.hex}'")
    async with opened(path, "u") as found:
        with Recorder() as trace:
            await found.find(str(ADA))
    assert [step.result for step in trace] == ["no row", "1 row"]
    assert f"x'{ADA.hex}'" in trace[1].command


async def test_the_exact_key_goes_first(tmp_path: Path) -> None:
    """With both spellings in the table each finds its own; a third finds neither."""
    path = kept_as(tmp_path / "a.db", "TEXT", f"'{ADA}'", f"'{ADA.hex}'")
    async with opened(path, "u") as found:
        assert [(await found.find(key) or {})["name"] for key in (str(ADA), ADA.hex)] == [
            "Ada",
            "Bo",
        ]
        with pytest.raises(DatabaseUnavailable, match="more than one row"):
            await found.find(str(ADA).upper())


async def test_another_spelling_is_not_written_under(tmp_path: Path) -> None:
    """A change says which spelling is the row's own, since its copy lies under that."""
    path = kept_as(tmp_path / "a.db", "TEXT", f"'{ADA.hex}'", f"x'{BO.hex}'")
    async with opened(path, "u") as found:
        with pytest.raises(ChangeRefused, match=f"spelled '{ADA.hex}'; use that"):
            await found.update(str(ADA), {"name": "Zed"})
        with pytest.raises(ChangeRefused, match="kept as bytes"):
            await found.update(str(BO), {"name": "Zed"})
        assert await found.update(ADA.hex, {"name": "Zed"}) == {
            "id": ADA.hex, "name": "Zed",
        }  # fmt: skip
        assert await found.update(str(uuid.UUID(int=7)), {"name": "Zed"}) is None
