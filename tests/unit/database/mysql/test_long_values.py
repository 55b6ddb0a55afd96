"""Of a record no more is read than may be: a value that is too long is never sent."""

import pytest
from mariadb_server import MariadbServer
from unit.database.mysql.places import made, table

from tui.database.port import TableOptions
from tui.models.scalars import Unread
from tui.runtime.errors import ChangeRefused

LONG = """
    CREATE TABLE long_ones (id int PRIMARY KEY, t longtext, b longblob, j json, s varchar(20))
      CHARACTER SET utf8mb4;
    INSERT INTO long_ones VALUES
      (1, REPEAT('é', 100000), REPEAT('x', 300000), CONCAT('"', REPEAT('j', 150000), '"'),
       'short'),
      (2, 'a', 'b', '{}', 'c'), (3, NULL, NULL, NULL, NULL);
    INSERT INTO long_ones SELECT seq, REPEAT('y', 5000), 'b', '1', 's' FROM seq_4_to_300;
"""


def sent(server: MariadbServer) -> int:
    """Return how many bytes the server has sent."""
    rows = server.run(
        "SELECT variable_value FROM information_schema.global_status"
        " WHERE variable_name = 'BYTES_SENT'",
        url=server.admin_url,
    )
    return int(rows[0][0])


async def test_values_that_are_too_long_are_not_sent(own_mariadb: MariadbServer) -> None:
    """Each is shown with its type and its bytes; the others are read."""
    options = TableOptions(read_only=True, max_value=500_000)
    async with table(made(own_mariadb, LONG), "long_ones", options) as one:
        await one.find(2)
        before = sent(own_mariadb)
        for _ in range(3):
            record = await one.find(1) or {}
            assert [type(value) for value in record.values()] == [
                int,
                Unread,
                Unread,
                Unread,
                str,
            ]
            assert str(record["t"]) == "<LONGTEXT, 200,000 bytes: not read>"
            assert str(record["b"]) == "<LONGBLOB, 300,000 bytes: not read>"
            assert str(record["j"]) == "<LONGTEXT, 150,002 bytes: not read>"
            assert record["s"] == "short"
        assert sent(own_mariadb) - before < 20_000


async def test_what_fits_is_read(mariadb: MariadbServer) -> None:
    """As before."""
    async with table(made(mariadb, LONG), "long_ones") as one:
        record = await one.find(1) or {}
        assert record["t"] == "é" * 100_000
        assert await one.find(3) == {"id": 3, "t": None, "b": None, "j": None, "s": None}


async def test_a_record_that_was_not_read_whole_is_not_changed(mariadb: MariadbServer) -> None:
    """By somebody who expects it to be as it was shown."""
    options = TableOptions(max_value=500_000)
    async with table(made(mariadb, LONG), "long_ones", options) as one:
        record = await one.find(1)
        with pytest.raises(ChangeRefused, match="--max-value"):
            await one.update(1, {"s": "x"}, expected=record)


async def test_long_values_are_compared_without_being_sent(mariadb: MariadbServer) -> None:
    """By their lengths and digests."""
    async with table(made(mariadb, LONG), "long_ones") as one:
        record = await one.find(1) or {}
        assert (await one.update(1, {"s": "x"}, expected=record) or {})["s"] == "x"
        wrong = {**record, "s": "x", "t": "é" * 99_999 + "e"}
        with pytest.raises(ChangeRefused):
            await one.update(1, {"s": "y"}, expected=wrong)


async def test_many_are_read_in_parts(mariadb: MariadbServer) -> None:
    """However long some of them are."""
    options = TableOptions(read_only=True, max_value=500_000)
    async with table(made(mariadb, LONG), "long_ones", options) as one:
        found = await one.find_many(list(range(1, 302)))
        assert len(found) == 300
        assert isinstance(found[1][0]["t"], Unread)
        assert found[2] == [await one.find(2)]
        assert found[200][0]["t"] == "y" * 5000
        some = await one.find_many([1, 200], {"s"})
        assert some == {1: [{"id": 1, "s": "short"}], 200: [{"id": 200, "s": "s"}]}
