"""The columns that a search looks at, by what they are called."""

import pytest

from tui.database.searched import searched
from tui.models.columns import Column, Kind


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("email city name", "name email"),
        ("sku body full_name email", "full_name email"),
        ("sku summary body title", "title"),
        ("firstName lastName e_mail note", "firstName lastName e_mail"),
        ("note FullName", "FullName"),
        ("first_name last_name user_name login", "first_name last_name user_name"),
        ("work_email mail_sent entitled", "work_email"),
        ("sku summary body more", "sku summary body"),
        ("", ""),
    ],
)
def test_names_and_mails_are_searched_else_the_first_texts(columns: str, expected: str) -> None:
    """`name` first, then what else is called so, then e-mails; three at most."""
    texts = [Column(name, Kind.TEXT) for name in columns.split()]
    assert searched(texts) == tuple(expected.split())


def test_what_is_no_text_is_no_name() -> None:
    """A number called so is passed over; enumerations come behind texts."""
    columns = [Column("name", Kind.INTEGER), Column("plan", Kind.ENUM), Column("a", Kind.TEXT)]
    assert searched(columns) == ("a", "plan")
