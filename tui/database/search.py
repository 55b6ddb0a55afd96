"""Finding records by the beginning or a part of a word, whatever the accents and case."""

import unicodedata

from tui.database.sql import quoted
from tui.models import TableSchema

LAST_CHARACTER = "\U0010ffff"


def fold(text: str) -> str:
    """Give `text` without case and accents, so that `jose` finds `José`."""
    if text.isascii():
        return text.lower()
    # Before folding too: a letter such as a bold A of mathematics has no case of its own.
    folded = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", folded)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def rank(needle: str, *texts: object) -> int | None:
    """Tell how well a record matches a folded text: 0 best, None not at all.

    0 where a column begins with it, 1 where a word does, 2 where it stands inside.
    """
    best: int | None = None
    for text in texts:
        if not isinstance(text, str):
            continue
        folded = fold(text)
        place = folded.find(needle)
        if place == 0:
            return 0
        if place > 0:
            word = any(
                not folded[i - 1].isalnum()
                for i in range(1, len(folded))
                if folded.startswith(needle, i)
            )
            best = min(2 if best is None else best, 1 if word else 2)
    return best


def rank_stored(needle: str, *texts: bytes | None) -> int | None:
    """Rank texts as the file has them: bytes, which need not be UTF-8."""
    return rank(needle, *(text and text.decode("utf-8", "replace") for text in texts))


def beginning_sql(schema: TableSchema, column: str) -> str:
    """Give the query for records whose column begins with a text; an index can serve it.

    Parameters: the text, the text with LAST_CHARACTER behind it, the limit.
    """
    place = f"{quoted(schema.name)}.{quoted(column)}"
    return (
        f"SELECT {_selected(schema)} FROM {quoted(schema.name)}"
        f" WHERE {place} >= ? COLLATE NOCASE AND {place} < ? COLLATE NOCASE"
        f" ORDER BY {place} COLLATE NOCASE LIMIT ?"
    )


def part_sql(schema: TableSchema) -> str:
    """Give the query for records in which a text stands anywhere; it reads every row.

    Parameters: the folded text, the limit. It needs the SQL function `hitmiss_rank`.
    """
    # As bytes: a TEXT that is not UTF-8 cannot be handed to a function of ours.
    columns = ", ".join(
        f"CASE typeof({quoted(schema.name)}.{quoted(c)})"
        f" WHEN 'text' THEN CAST({quoted(schema.name)}.{quoted(c)} AS BLOB) END"
        for c in schema.search_columns
    )
    return (
        f"SELECT {_selected(schema)}, hitmiss_rank(?, {columns}) AS hitmiss_score"
        f" FROM {quoted(schema.name)} WHERE hitmiss_score IS NOT NULL"
        f" ORDER BY hitmiss_score, 1 LIMIT ?"
    )


def _selected(schema: TableSchema) -> str:
    columns = (schema.id_column, *schema.search_columns)
    return ", ".join(f"{quoted(schema.name)}.{quoted(column)}" for column in columns)
