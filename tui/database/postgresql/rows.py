"""Results of PostgreSQL made into rows, by psycopg's own loaders: they do it in C."""

from psycopg import Connection, pq
from psycopg.adapt import AdaptersMap, Loader, Transformer
from psycopg.types.numeric import IntLoader
from psycopg.types.string import TextLoader

from tui.database.postgresql.cells import CELLS, Cell, cell_of
from tui.database.sql.query import Row
from tui.models import Scalar

TEXT = 0
"""The OID that no type has: what is loaded so is of any type that is not named."""


class Loaders:
    """Which loader makes which value; without a connection, all text is UTF-8."""

    connection: "Connection[object] | None" = None

    def __init__(self) -> None:
        """Name a loader for each type whose values are no texts."""
        self.adapters = AdaptersMap()
        self.adapters.register_loader(TEXT, TextLoader)
        for oid, cell in CELLS.items():
            self.adapters.register_loader(oid, _loader_of(cell))


class RowMaker:
    """Makes rows of the results that one connection gives."""

    def __init__(self) -> None:
        """Begin with no result."""
        self._transformer = Transformer(Loaders())

    def of(self, result: pq.abc.PGresult) -> list[Row]:
        """Return all rows of a result."""
        self._transformer.set_pgresult(result)
        try:
            return self._transformer.load_rows(0, result.ntuples, tuple)
        except UnicodeDecodeError:  # one value at least is no text
            return _one_by_one(result)


def _loader_of(cell: Cell) -> type[Loader]:
    """Return what loads values as `cell` makes them."""
    if cell is int:
        return IntLoader

    class CellLoader(Loader):
        def load(self, data: bytes | bytearray | memoryview) -> Scalar:
            return cell(bytes(data))

    return CellLoader


def _one_by_one(result: pq.abc.PGresult) -> list[Row]:
    get = result.get_value
    cells = [cell_of(result.ftype(place)) for place in range(result.nfields)]
    return [
        [
            None if (value := get(number, place)) is None else cell(value)
            for place, cell in enumerate(cells)
        ]
        for number in range(result.ntuples)
    ]
