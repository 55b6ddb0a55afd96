"""The latest change is taken back, if what it wrote is still there."""

import asyncio

import pytest
from fakes import SCHEMA, TEMPLATE, Bench, settle
from msgspec.structs import replace

from tui.controllers.edit import EditController
from tui.controllers.session import Place, Session
from tui.controllers.undo import UndoController
from tui.models.sentences import told_of_undo
from tui.runtime.errors import ChangedMeanwhile, ChangeRefused, DatabaseUnavailable
from tui.service.lifetimes import Lifetimes


def session_at(bench: Bench, *, read_only: bool = False) -> Session:
    """Return a session on fakes."""

    async def open_bench() -> Bench:
        return bench

    place = Place("fake", "fake", embedded=True)
    return Session(open_bench, SCHEMA, TEMPLATE, Lifetimes(), place, read_only=read_only)


async def edit(session: Session, name: str, *, forget: bool = False) -> None:
    """Write another name into record 1."""
    form = EditController(session, 1)
    before = await form.record()
    assert before is not None
    await form.save({"name": name}, before, forget=forget)


async def test_only_the_latest_change_is_taken_back(bench: Bench) -> None:
    """Once: then there is nothing."""
    session = session_at(bench)
    await edit(session, "Bo")
    await edit(session, "Cy")
    undo = UndoController(session)
    assert (
        told_of_undo(*await undo.undo()) == "1: name put back, and the cached copy invalidated"
    )
    assert bench.table.rows[1]["name"] == "Bo"
    with pytest.raises(ChangeRefused, match="nothing to take back"):
        await undo.undo()


async def test_a_copy_is_forgotten_that_the_change_had_left(bench: Bench) -> None:
    """The undo is a write as any other."""
    session = session_at(bench)
    await bench.service.look_up(1)
    await edit(session, "Bo", forget=True)
    assert bench.cache.holds("hitmiss:user:1") is not None
    await UndoController(session).undo()
    assert bench.cache.holds("hitmiss:user:1") is None


async def test_a_silent_database_leaves_it_to_be_tried_again(bench: Bench) -> None:
    """If it was done all the same, the next try says so and writes nothing."""
    session = session_at(bench)
    await edit(session, "Bo")
    bench.table.fails = "the database is locked"
    undo = UndoController(session)
    with pytest.raises(DatabaseUnavailable):
        await undo.undo()
    bench.table.fails = None
    bench.table.rows[1] = {"id": 1, "name": "Amara"}
    with pytest.raises(ChangedMeanwhile, match="1: name is as it was before already"):
        await undo.undo()
    assert session.undoable is None


async def test_a_change_of_which_nobody_knows_leaves_nothing_to_take_back(bench: Bench) -> None:
    """An older change would be put in the place of one that was perhaps written."""
    session = session_at(bench)
    await edit(session, "Bo")
    form = EditController(session, 1)
    before = await form.record()
    bench.table.fails = "the connection is lost"
    with pytest.raises(DatabaseUnavailable):
        await form.save({"name": "Cy"}, before or {}, forget=False)
    assert session.undoable is None


async def test_a_write_that_nobody_waits_for_leaves_nothing_to_take_back(bench: Bench) -> None:
    """It goes on to its end; an older change is not taken back in its place."""
    session = session_at(bench)
    await edit(session, "Bo")
    bench.table.write_gate.close()
    writing = asyncio.create_task(edit(session, "Cy"))
    await settle()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert session.undoable is None
    bench.table.write_gate.open()
    await settle()
    assert bench.table.rows[1]["name"] == "Cy"


async def test_an_undo_that_nobody_waits_for_can_be_tried_again(bench: Bench) -> None:
    """It goes on to its end, and the next try says so."""
    session = session_at(bench)
    await edit(session, "Bo")
    bench.table.write_gate.close()
    undoing = asyncio.create_task(UndoController(session).undo())
    await settle()
    undoing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await undoing
    bench.table.write_gate.open()
    await settle()
    with pytest.raises(ChangedMeanwhile, match="as it was before already"):
        await UndoController(session).undo()


async def test_a_deleted_record_is_not_made_anew(bench: Bench) -> None:
    """It is said, and nothing is written."""
    session = session_at(bench)
    await edit(session, "Bo")
    del bench.table.rows[1]
    said = told_of_undo(*await UndoController(session).undo())
    assert said == "1: not taken back: the record was deleted meanwhile"
    assert bench.table.rows == {}


async def test_a_field_that_was_not_there_is_not_removed(bench: Bench) -> None:
    """What documents lack cannot be written; it is said why."""
    bench.table.rows[1] = {"id": 1}
    session = session_at(bench)
    await edit(session, "Bo")
    with pytest.raises(ChangeRefused, match="the record had no name"):
        await UndoController(session).undo()
    assert bench.table.rows[1] == {"id": 1, "name": "Bo"}


async def test_read_only_nothing_is_taken_back(bench: Bench) -> None:
    """Nothing that writes is sent."""
    with pytest.raises(ChangeRefused, match="read-only"):
        await UndoController(session_at(bench, read_only=True)).undo()


async def test_what_the_database_keeps_otherwise_is_said(bench: Bench) -> None:
    """A trigger may make something else of what is put back."""
    session = session_at(bench)
    await edit(session, "Bo")
    change, result = await UndoController(session).undo()
    bench.table.rows[1] = {"id": 1, "name": "AMARA"}
    said = told_of_undo(change, replace(result, record=bench.table.rows[1]))
    assert "(the database has made something else of name)" in said
