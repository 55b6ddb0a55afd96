"""The other screens in small terminals."""

import re

import pytest
from fakes import Bench
from person import person_at_bench


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (40, 12)])
async def test_each_row_tells_key_state_and_time_whatever_the_width(
    bench: Bench, size: tuple[int, int]
) -> None:
    """On the Cache screen what is least needed goes first; the screens' names stay whole."""
    bench.cache.put("hitmiss:user:12345", b"{}", 50.0)
    async with person_at_bench(bench, size=size) as person:
        await person.presses("escape", "2")
        await person.has_all_answers()
        (row,) = [line for line in person.lines if "12345" in line]
        assert "fresh" in row
        assert row.rstrip(" │").endswith("20 s")
        assert "▐2 Cache▌" in person.lines[0]
        assert all(len(line) <= size[0] for line in person.lines)


@pytest.mark.parametrize("size", [(60, 16), (40, 12)])
async def test_a_comparison_and_an_audit_have_room(bench: Bench, size: tuple[int, int]) -> None:
    """The word of the comparison and the rows of the audit can be read, keys are whole."""
    bench.cache.put("hitmiss:user:1", b'{"id":1,"name":"old"}', 50.0)
    async with person_at_bench(bench, size=size) as person:
        await person.presses("escape", "3", "/", "1", "enter")
        await person.has_all_answers()
        await person.presses("escape", "a")
        await person.sees("suspect")
        assert any("1 of 2 columns differs" in line for line in person.lines[2:5])
        keys = re.split(r" {2,}", person.footer)
        assert "? Help" in keys
        assert all(len(key.split(maxsplit=1)) == 2 for key in keys)


async def test_the_form_can_be_filled_in_a_small_terminal(bench: Bench) -> None:
    """At 40x12 each column can be reached and its value seen."""
    bench.table.rows[1] = {"id": 1, **{f"c{n}": f"value {n}" for n in range(20)}}
    async with person_at_bench(bench, size=(40, 12)) as person:
        await person.looks_up("1")
        await person.presses("escape", "u")
        await person.has_all_answers()
        for n in range(20):
            await person.sees(f"value {n}")
            await person.presses("down")
