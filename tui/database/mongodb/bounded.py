"""Long values that the server does not send: it is asked for their length in the same command.

Needs `$bsonSize`, which MongoDB has since 4.4. Source: MongoDB manual, '$bsonSize'.
"""

from typing import Any, Final

from tui.database.mongodb.client import Document
from tui.database.mongodb.values import LongValue

WHOLE, PARTS = "d", "p"
"""What an answer has: the document, or its fields one by one."""
NAME, VALUE, TYPE, SIZE = "k", "v", "t", "n"
"""What it has of a field; type and size in the place of a value that is too long."""
MOST_FIELDS: Final = 20
"""Among how many fields the bytes are divided, at the least, where a document is too long."""


def pipeline_of(most: int) -> list[Document]:
    """Return the stage that sends documents of up to `most` bytes whole.

    Of longer ones each field is sent that has no more than its share.
    """
    share = max(1, most // MOST_FIELDS)
    size = {"$bsonSize": {VALUE: f"$$this.{VALUE}"}}
    sent = {NAME: f"$$this.{NAME}", VALUE: f"$$this.{VALUE}"}
    told = {NAME: f"$$this.{NAME}", TYPE: {"$type": f"$$this.{VALUE}"}, SIZE: size}
    fields = {
        "$map": {
            "input": {"$objectToArray": "$$ROOT"},
            "in": {"$cond": [{"$lte": [size, share]}, sent, told]},
        }
    }
    fits = {"$lte": [{"$bsonSize": "$$ROOT"}, most]}
    return [{"$replaceWith": {"$cond": [fits, {WHOLE: "$$ROOT"}, {PARTS: fields}]}}]


def cut(answer: Document) -> Document:
    """Return the document of an answer, with what was not sent marked as such."""
    if WHOLE in answer:
        return dict(answer[WHOLE])
    return {field[NAME]: _value(field) for field in answer[PARTS]}


def _value(field: Document) -> Any:
    return field[VALUE] if VALUE in field else LongValue(str(field[TYPE]), int(field[SIZE]))
