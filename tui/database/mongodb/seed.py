"""A collection of as many users as are wanted, with the fields of the demo database."""

import itertools
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from bson.decimal128 import Decimal128
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.write_concern import WriteConcern

from tui.database.mongodb.client import Document, sync_connected
from tui.database.mongodb.failures import EXISTS, words_of
from tui.database.mongodb.indexes import ADVISED
from tui.database.mongodb.table_schema import ID
from tui.database.mongodb.url import MongodbUrl, taken_apart
from tui.database.people import COLUMNS
from tui.database.seed_rows import seed_rows
from tui.models import Scalar
from tui.runtime.errors import DatabaseUnavailable, SettingsError

if TYPE_CHECKING:
    from pymongo.database import Database

USERS: Final = "users"
BATCH: Final = 1_000
"""How many users are written before the caller hears of it."""
BATCH_SECONDS: Final = 30.0
"""How long one batch, or one index, may take."""
MOMENTS: Final = ("created_at", "last_seen_at")
PLANS: Final = ("free", "pro", "team", "enterprise")
VALIDATOR: Final = {
    "$jsonSchema": {
        "bsonType": "object",
        "required": [ID, "name", "plan", "created_at"],
        "properties": {
            ID: {"bsonType": ["int", "long"]},
            "name": {"bsonType": "string"},
            "email": {"bsonType": ["string", "null"]},
            "city": {"bsonType": ["string", "null"]},
            "country": {"bsonType": ["string", "null"]},
            "plan": {"enum": list(PLANS)},
            "credit": {"bsonType": "decimal"},
            "created_at": {"bsonType": "date"},
            "last_seen_at": {"bsonType": ["date", "null"]},
        },
    }
}
"""What each user has, as the demo's table declares it."""


def make_users(
    url: str,
    count: int,
    *,
    seed: int = 1,
    progress: Callable[[int], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> bool:
    """Make a collection of `count` users; tell whether it was, or the caller stopped.

    It gets its name when all is in it, so nobody sees a part of it.

    Raises:
        SettingsError: there is a collection of that name.
        DatabaseUnavailable: it cannot be made there; nothing is left behind.
    """
    place = taken_apart(url)
    with sync_connected(place, BATCH_SECONDS) as client:
        database = client.get_database(
            place.database, write_concern=WriteConcern("majority", wtimeout=10_000)
        )
        if USERS in database.list_collection_names():
            raise _taken(place)
        draft = f"{USERS}_draft_{secrets.token_hex(4)}"
        try:
            database.create_collection(draft, validator=VALIDATOR)
            is_made = _fill(database, draft, count, seed, progress, stopped)
            if is_made:
                database[draft].rename(USERS)
        except BaseException as error:
            _drop(database, draft)
            if isinstance(error, OperationFailure) and error.code == EXISTS:
                raise _taken(place) from error
            raise
        if is_made:
            _keep_validator(database)
        else:
            _drop(database, draft)
        return is_made


def _fill(
    database: "Database[Document]",
    draft: str,
    count: int,
    seed: int,
    progress: Callable[[int], None],
    stopped: Callable[[], bool],
) -> bool:
    users = map(_document, seed_rows(count, seed))
    collection = database[draft]
    for done in range(0, count, BATCH):
        if stopped():
            return False
        collection.insert_many(list(itertools.islice(users, BATCH)), ordered=False)
        progress(min(done + BATCH, count))
    for keys, more in _indexes():
        if stopped():
            return False
        collection.create_index(keys, **more)
    return not stopped()


def _drop(database: "Database[Document]", draft: str) -> None:
    """Remove what is not whole.

    Raises:
        DatabaseUnavailable: it cannot be removed any more; it names it.
    """
    try:
        database.drop_collection(draft)
    except PyMongoError as error:
        raise DatabaseUnavailable(
            f"{words_of(error)}; the collection {draft!r} is left, and not whole: remove it"
        ) from error


def _keep_validator(database: "Database[Document]") -> None:
    """Set the validator again where a server loses it by the new name, as SecantusDB does."""
    (told,) = database.list_collections(filter={"name": USERS})
    if "validator" not in told["options"]:
        database.command("collMod", USERS, validator=VALIDATOR)


def _indexes() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the indexes: of names and addresses in any case, as the search asks for them."""
    yield "name", {"collation": ADVISED}
    has_mail = {"email": {"$type": "string"}}
    yield "email", {"unique": True, "partialFilterExpression": has_mail, "name": "email_unique"}
    yield "email", {"collation": ADVISED, "name": "email_in_any_case"}
    yield "city", {}


def _document(row: tuple[Scalar, ...]) -> Document:
    """Return a user as a document; the key is called as MongoDB has it."""
    values: Document = dict(zip(COLUMNS, row, strict=True))
    for name in MOMENTS:
        if values[name] is not None:
            values[name] = datetime.fromisoformat(str(values[name]))
    values["credit"] = Decimal128(f"{values['credit']:.2f}")
    return {ID: values.pop("id"), **values}


def _taken(place: MongodbUrl) -> SettingsError:
    return SettingsError(
        f"database {place.database!r} has a collection {USERS!r}, and nothing is overwritten;"
        " name another database"
    )
