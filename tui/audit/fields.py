"""Which field of a cached copy stands for which column of the table."""

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, field

from tui.models import Record, Scalar, TableSchema

MOST_PLANS = 1_000
"""How many sets of fields are remembered; an application has a few."""


class FieldPlan(Struct, frozen=True, gc=False):
    """What the fields of one copy stand for."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """The field of each column that the copy has."""
    doubtful: Mapping[str, str] = field(default_factory=dict)
    """Of columns for which two fields could stand, those fields."""
    is_plain: bool = True
    """Whether each field is called as its column, or stands for none."""

    def renamed(self, copy: Record) -> dict[str, Scalar]:
        """Return a copy with its columns called as the table does, the others as they are."""
        columns = {name: column for column, name in self.fields.items()}
        return {columns.get(name, name): value for name, value in copy.items()}


class Naming:
    """What fields stand for in one table: the column of their name, or what comes near it."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """Let `names` decide for the fields that it has: field to column."""
        self._names = names
        self._schema: TableSchema | None = None
        self._plans: dict[tuple[str, ...], FieldPlan] = {}

    def plan(self, copy: Iterable[str], schema: TableSchema) -> FieldPlan:
        """Return what the fields of `copy` stand for."""
        if schema is not self._schema:
            self._schema, self._plans = schema, {}
        names = tuple(copy)
        plan = self._plans.get(names)
        if plan is None:
            plan = _plan(names, schema, self._names)
            if len(self._plans) < MOST_PLANS:
                self._plans[names] = plan
        return plan


def _plan(names: tuple[str, ...], schema: TableSchema, given: Mapping[str, str]) -> FieldPlan:
    columns = schema.column_set
    fields = {given[name]: name for name in names if given.get(name) in columns}
    rest = [name for name in names if name not in given]
    for name in rest:
        if name in columns:
            fields.setdefault(name, name)
    doubtful: dict[str, str] = {}
    for norm in (str.casefold, squashed, lambda name: _bare_id(name, schema)):
        rest = [name for name in rest if name not in fields.values()]
        open_columns = [one for one in schema.columns if one not in fields | doubtful]
        _match(rest, open_columns, norm, fields, doubtful)
    is_plain = not doubtful and all(column == name for column, name in fields.items())
    return FieldPlan(fields, doubtful, is_plain)


def _match(
    names: Iterable[str],
    columns: Iterable[str],
    norm: Callable[[str], str],
    fields: dict[str, str],
    doubtful: dict[str, str],
) -> None:
    """Let each column have the one field that is alike by `norm`, if it alone is."""
    alike: dict[str, tuple[list[str], list[str]]] = {}
    for number, each in enumerate((names, columns)):
        for name in each:
            alike.setdefault(norm(name), ([], []))[number].append(name)
    for found, wanted in alike.values():
        if len(found) == len(wanted) == 1:
            fields[wanted[0]] = found[0]
        elif found and wanted:
            doubtful.update(dict.fromkeys(wanted, " and ".join(found)))


def squashed(name: str) -> str:
    """Return a name without case and without what parts its words: created_at, createdAt."""
    return name.casefold().replace("_", "").replace("-", "").replace(" ", "")


def _bare_id(name: str, schema: TableSchema) -> str:
    """Return `id` for MongoDB's `_id`, and for the key column `id`."""
    return name.removeprefix("_") if name == f"_{schema.id_column}" else name
