"""Which field of a cached copy stands for which column of the table."""

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, field

from tui.models import Record, Scalar, TableSchema

MOST_PLANS = 1_000
"""How many sets of fields are remembered; an application has a few."""
LONGEST = 10_000
"""Characters of all names of a set that is remembered."""
LONGEST_NAME = 1_000
"""Characters: a longer name is not compared with those of columns."""
MOST_SHOWN = 4
"""How many fields are named that could all stand for one column."""


class FieldPlan(Struct, frozen=True, gc=False):
    """What the fields of one copy stand for."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """The field of each column that the copy has."""
    doubtful: Mapping[str, str] = field(default_factory=dict)
    """Of columns for which two fields could stand, those fields."""
    others: frozenset[str] = frozenset()
    """Fields that are called as a column, and do not stand for it."""
    is_plain: bool = True
    """Whether each field is called as its column, or stands for none."""

    def renamed(self, copy: Record) -> dict[str, Scalar]:
        """Return a copy with its columns called as the table does, the others as they are.

        What is called as a column without being it is left out.
        """
        columns = {name: column for column, name in self.fields.items()}
        return {
            columns.get(name, name): value
            for name, value in copy.items()
            if name not in self.others
        }


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
            if len(self._plans) < MOST_PLANS and sum(map(len, names)) <= LONGEST:
                self._plans[names] = plan
        return plan


def _plan(names: tuple[str, ...], schema: TableSchema, given: Mapping[str, str]) -> FieldPlan:
    columns = schema.column_set
    fields: dict[str, str] = {}
    doubtful: dict[str, str] = {}
    mapped = [name for name in names if given.get(name) in columns]
    wanted = [one for one in schema.columns if one in given.values()]
    for column in wanted:
        those = [name for name in mapped if given[name] == column]
        if len(those) == 1:
            fields[column] = those[0]
        elif those:
            doubtful[column] = _listed(those)
    rest = [name for name in names if name not in given and len(name) <= LONGEST_NAME]
    taken = fields.keys() | doubtful.keys()
    fields |= {name: name for name in rest if name in columns and name not in taken}
    for norm in (str.casefold, squashed, lambda name: _bare_id(name, schema)):
        used, taken = set(fields.values()), fields.keys() | doubtful.keys()
        rest = [name for name in rest if name not in used]
        open_columns = [one for one in schema.columns if one not in taken]
        _match(rest, open_columns, norm, fields, doubtful)
    others = frozenset(columns & set(names)) - set(fields.values())
    is_plain = not (doubtful or others) and all(
        column == name for column, name in fields.items()
    )
    return FieldPlan(fields, doubtful, others, is_plain)


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
            doubtful.update(dict.fromkeys(wanted, _listed(found)))


def _listed(names: list[str]) -> str:
    if len(names) > MOST_SHOWN:
        names = [*names[:MOST_SHOWN], f"{len(names) - MOST_SHOWN:,} others"]
    return " and ".join(names)


def squashed(name: str) -> str:
    """Return a name without case and without what parts its words: created_at, createdAt."""
    if len(name) > LONGEST_NAME:
        return name
    return name.casefold().replace("_", "").replace("-", "").replace(" ", "")


def _bare_id(name: str, schema: TableSchema) -> str:
    """Return `id` for MongoDB's `_id`, and for the key column `id`."""
    return name.removeprefix("_") if name == f"_{schema.id_column}" else name
