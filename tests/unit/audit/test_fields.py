"""Which field of a copy stands for which column."""

import pytest

from tui.audit.fields import MOST_SHOWN, Naming
from tui.models import TableSchema

SCHEMA = TableSchema("users", "id", True, ("id", "name", "created_at", "userid"))


def fields(*names: str, schema: TableSchema = SCHEMA, **given: str) -> dict[str, str]:
    """Give the field of each column that a copy has."""
    return dict(Naming(given).plan(names, schema).fields)


def test_a_field_stands_for_the_column_of_its_very_name() -> None:
    """Whatever else comes near it."""
    found = fields("name", "Name", "NAME", "created_at", "createdAt", "id", "_id")
    assert found == {"id": "id", "name": "name", "created_at": "created_at"}


@pytest.mark.parametrize(("name", "column"), [
    ("Id", "id"), ("ID", "id"), ("NAME", "name"), ("CREATED_AT", "created_at"),
    ("createdAt", "created_at"), ("CreatedAt", "created_at"), ("created-at", "created_at"),
    ("created at", "created_at"), ("_id", "id"), ("user_id", "userid"), ("UserID", "userid"),
])  # fmt: skip
def test_else_for_the_one_that_is_alike(name: str, column: str) -> None:
    """In another case, in the way of another language, as MongoDB has the key."""
    assert fields(name) == {column: name}


@pytest.mark.parametrize("name", ["nam", "names", "createdOn", "", "ids", "n\u00e4me"])
def test_what_is_not_alike_stands_for_nothing(name: str) -> None:
    """And stays as it is called."""
    plan = Naming({}).plan([name], SCHEMA)
    assert (dict(plan.fields), dict(plan.doubtful), plan.is_plain) == ({}, {}, True)
    assert plan.renamed({name: 1}) == {name: 1}


def test_the_key_column_is_found_by_its_own_name_with_a_dash_before_it() -> None:
    """Where it is called otherwise, `_id` may be meant for no other."""
    schema = TableSchema("docs", "uuid", False, ("uuid", "title"))
    assert fields("_id", schema=schema) == {}
    assert fields("_uuid", schema=schema) == {"uuid": "_uuid"}


@pytest.mark.parametrize(("names", "column"), [
    (("Name", "NAME"), "name"), (("createdAt", "CreatedAt"), "created_at"),
    (("user_id", "user-id"), "userid"),
])  # fmt: skip
def test_of_two_fields_nobody_knows_which_is_meant(names: tuple[str, str], column: str) -> None:
    """The column has none, and both are named."""
    plan = Naming({}).plan(names, SCHEMA)
    assert column not in plan.fields
    assert plan.doubtful == {column: " and ".join(names)}
    assert not plan.is_plain


def test_of_two_columns_neither_has_a_field_that_is_like_both() -> None:
    """A field of the very name of one is that one's all the same."""
    schema = TableSchema("odd", "id", True, ("id", "a_b", "A_B"))
    assert dict(Naming({}).plan(["aB"], schema).doubtful) == {"a_b": "aB", "A_B": "aB"}
    assert fields("A_B", schema=schema) == {"A_B": "A_B"}


def test_what_somebody_says_decides() -> None:
    """Also against a field of the column's very name, which then is left out."""
    plan = Naming({"label": "name"}).plan(["label", "name", "Name"], SCHEMA)
    assert (dict(plan.fields), dict(plan.doubtful)) == ({"name": "label"}, {})
    assert plan.renamed({"label": 1, "name": 2, "Name": 3}) == {"name": 1, "Name": 3}
    assert plan.renamed({"name": 2, "Name": 3, "label": 1}) == {"name": 1, "Name": 3}


def test_a_field_that_somebody_spoke_of_stands_for_nothing_else() -> None:
    """Neither for the column of its own name, nor for one that is alike."""
    plan = Naming({"name": "created_at", "ID": "nothing"}).plan(["name", "ID"], SCHEMA)
    assert dict(plan.fields) == {"created_at": "name"}
    assert plan.renamed({"name": 1, "ID": 2}) == {"created_at": 1, "ID": 2}
    plan = Naming({"name": "nothing"}).plan(["name"], SCHEMA)
    assert (dict(plan.fields), plan.renamed({"name": 1})) == ({}, {})
    assert not plan.is_plain


def test_two_fields_that_somebody_gave_one_column_are_doubtful() -> None:
    """Unless a copy has only one of them."""
    naming = Naming({"a": "name", "b": "name"})
    assert naming.plan(["a", "b"], SCHEMA).doubtful == {"name": "a and b"}
    assert naming.plan(["a", "b", "name"], SCHEMA).fields == {}
    assert naming.plan(["b"], SCHEMA).fields == {"name": "b"}


def test_a_plan_is_of_one_table() -> None:
    """When the schema changes, what was found out of the old one is forgotten."""
    naming = Naming({})
    assert naming.plan(["Name"], SCHEMA).fields == {"name": "Name"}
    other = TableSchema("users", "id", True, ("id", "NAME"))
    assert naming.plan(["Name"], other).fields == {"NAME": "Name"}


def test_hundreds_of_fields_for_one_column_are_counted() -> None:
    """Only the first of them are named."""
    names = [f"NA{'_' * number}ME_" for number in range(900)]
    (listed,) = Naming({}).plan(names, SCHEMA).doubtful.values()
    assert listed == " and ".join([*names[:MOST_SHOWN], f"{900 - MOST_SHOWN:,} others"])


def test_two_names_can_be_swapped() -> None:
    """Each field stands for the column that it is mapped to, whatever it is called."""
    schema = TableSchema("people", "id", True, ("id", "name", "nick"))
    plan = Naming({"name": "nick", "nick": "name"}).plan(("id", "name", "nick"), schema)
    assert plan.fields == {"id": "id", "nick": "name", "name": "nick"}
    assert plan.renamed({"id": 1, "name": "a", "nick": "b"}) == {
        "id": 1,
        "nick": "a",
        "name": "b",
    }
