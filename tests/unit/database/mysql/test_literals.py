"""Values in statements: the server reads each as what it was, whatever it is set to."""

import math
from typing import Any

import pytest
from mariadb_server import MariadbServer

from tui.database.mysql.literals import bare, bound, filled_in, quoted, shown

TEXTS = (
    "", "plain", "it's", 'say "x"', "a\\", "\\'; DROP TABLE people; -- ", "%s ? {} `x`",
    "a\x00b", "Ō 山田 \U0001f600", "\n\r\t\x1a", "x" * 10_000, "'" * 99, "--", "/* x */",
    "á\u0301",
)  # fmt: skip
MODES = ("", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "ANSI", "TRADITIONAL")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("charset", ["utf8mb4", "latin1", "gbk"])
def test_no_text_is_anything_else(mode: str, charset: str, mariadb: MariadbServer) -> None:
    """In any `sql_mode`, on any character set of the connection."""
    for text in TEXTS:
        literal = bound(text)
        assert literal.isascii()
        rows = mariadb.run(
            f"SET SESSION sql_mode = '{mode}'; SET NAMES {charset};"
            f" SELECT HEX(CONVERT({literal} USING utf8mb4))"
        )
        assert bytes.fromhex(rows[0][0]).decode() == text


def test_other_values(mariadb: MariadbServer) -> None:
    """Numbers to the last digit, truth values, bytes and nothing."""
    values: tuple[Any, ...] = (
        2**64 - 1, -(2**63), 0.1, -1.5e300, 5e-324, 1e22, 0.1 + 0.2, b"", b"\x00\xff'\\",
    )  # fmt: skip
    rows = mariadb.run(f"SELECT {', '.join(map(bound, values))}, {bound(True)}, {bound(None)}")
    assert rows == [(*values, 1, None)]
    assert [type(value) for value in rows[0][2:7]] == [float] * 5
    for value in (math.inf, math.nan):
        with pytest.raises(ValueError, match="no word"):
            bound(value)


def test_only_placeholders_are_filled_in() -> None:
    """Question marks in names and in values stay."""
    assert filled_in("`what?` = ? AND x = '?''?' AND y = ?", ("is it ?", 2)) == (
        "`what?` = _utf8mb4 x'6973206974203f' AND x = '?''?' AND y = 2"
    )
    assert filled_in("`a``?` IN (?, ?)", ("?", None)).endswith("(_utf8mb4 x'3f', NULL)")


def test_how_names_and_values_are_shown() -> None:
    """As a person would type them."""
    assert (bare("name"), bare("user name"), bare("a`b")) == ("name", "`user name`", "`a``b`")
    assert quoted("a`b") == "`a``b`"
    assert [shown(value) for value in ("it's", 5, True, None, b"\x01")] == [
        "'it''s'", "5", "1", "NULL", "x'01'",
    ]  # fmt: skip
