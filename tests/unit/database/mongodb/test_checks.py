"""What doctor says of a MongoDB, and what to do about it."""

from pathlib import Path

import pytest
from mongodb_server import MongodbServer
from unit.database.mongodb.places import filled

from tui.database.mongodb.checks import database_checks
from tui.database.mongodb.facts import CollectionFacts, examine
from tui.database.mongodb.store import STORE
from tui.models import Caveat
from tui.models.check import Check, State


def checks_of(url: str, table: str = "things", *, read_only: bool = True) -> dict[str, Check]:
    """Return the checks by name; each warning and failure has advice."""
    checks = STORE.examine(url, table, None, read_only=read_only).checks
    assert all(check.advice for check in checks if check.state is not State.OK)
    assert len({check.name for check in checks}) == len(checks)
    return {check.name: check for check in checks}


def test_a_collection_is_examined(mongodb: MongodbServer) -> None:
    """Server, user, columns with their kinds, key, documents, search."""
    url = filled(mongodb, [{"_id": 1, "name": "x"}, {"_id": 2, "name": "y"}])
    checks = checks_of(url)
    assert list(checks) == [
        "server", "TLS", "user", "table", "columns", "key", "rows", "search"
    ]  # fmt: skip
    assert all(check.group == "database" for check in checks.values())
    assert "replica set" in (checks["server"].detail or "")
    assert mongodb.password not in str(checks)
    assert "app; readWriteAnyDatabase" in (checks["user"].detail or "")
    assert "role read" in (checks["user"].advice or "")
    assert [column.name for column in checks["columns"].columns] == ["_id", "name"]
    assert checks["key"].detail == "_id number: unique, indexed"
    assert checks["rows"].value == 2
    assert checks["search"].state is State.WARNING
    assert "createIndex({name: 1}" in (checks["search"].advice or "")
    examined = STORE.examine(url, "things", None, read_only=True)
    assert (examined.rows, examined.schema and examined.schema.name) == (2, "things")


def test_what_is_wrong_is_told_with_advice(mongodb: MongodbServer) -> None:
    """At the stage at which it is."""
    url = filled(mongodb, [{"_id": {"a": 1}}])
    assert "documents as _id" in (checks_of(url)["collection"].detail or "")
    assert "no collection" in (checks_of(url, "nope")["collection"].detail or "")
    nobody = checks_of("mongodb://127.0.0.1:1/shop")
    assert list(nobody) == ["server"]
    assert nobody["server"].state is State.FAILED
    odd = checks_of(filled(mongodb, [{"_id": 1}, {"_id": {"a": 1}}]))
    assert odd["key"].state is State.WARNING
    assert "some are documents" in (odd["key"].detail or "")


def test_a_key_that_nothing_keeps_unique_is_told(mongodb: MongodbServer) -> None:
    """With the index that would."""
    url = filled(mongodb, [{"_id": 1, "code": "x"}])
    facts = examine(url, "things", "code")
    (key,) = (one for one in database_checks(facts, read_only=True) if one.name == "key")
    assert key.state is State.WARNING
    assert key.advice == "run: db.things.createIndex({code: 1}, {unique: true})"


def facts(**more: object) -> CollectionFacts:
    """Return facts of a server that answers."""
    return CollectionFacts(
        "mongodb://h/shop",
        version="8.0",
        topology="one server",
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("known", "name", "state", "read_only"),
    [
        (facts(tls=True), "TLS", State.OK, True),
        (facts(tls=True, tls_unchecked=True), "TLS", State.WARNING, True),
        (facts(), "TLS", State.WARNING, True),
        (facts(is_local=True), "TLS", State.OK, True),
        (facts(may_write=False, user="app"), "user", State.FAILED, False),
        (facts(may_write=False, user="app"), "user", State.OK, True),
        (facts(caveats=(Caveat("secondary", "lags", outdated=True),)), "secondary",
         State.WARNING, True),
        (facts(caveats=(Caveat("secondary", "lags", outdated=True),)), "secondary",
         State.FAILED, False),
    ],
)  # fmt: skip
def test_each_state_of_things_has_its_check(
    known: CollectionFacts, name: str, state: State, read_only: bool
) -> None:
    """TLS, rights, secondaries."""
    (check,) = (c for c in database_checks(known, read_only=read_only) if c.name == name)
    assert check.state is state
    assert check.advice or state is State.OK


def test_the_url_tells_of_tls() -> None:
    """On for mongodb+srv, unless it says otherwise."""
    from tui.database.mongodb.facts import _look_at_url
    from tui.database.mongodb.url import taken_apart

    for url, told in {
        "mongodb://h/x": (False, False, False), "mongodb://localhost/x": (False, False, True),
        "mongodb://h/x?ssl=true": (True, False, False),
        "mongodb+srv://h/x": (True, False, False),
        "mongodb+srv://h/x?tls=false": (False, False, False),
        "mongodb://h/x?tls=true&tlsInsecure=true": (True, True, False),
    }.items():  # fmt: skip
        known = CollectionFacts("")
        _look_at_url(taken_apart(url), known)
        assert (known.tls, known.tls_unchecked, known.is_local) == told


def test_a_driver_is_imported_when_it_is_used(tmp_path: Path) -> None:
    """Neither by naming the store nor by checking a URL."""
    import subprocess
    import sys

    code = (
        "import sys; from tui.database.registry import store_of\n"
        "store = store_of('mongodb://h/shop'); store.check('mongodb://h/shop');"
        " store.name('mongodb://h/shop'); store.client('mongodb://h/shop')\n"
        "assert not {'pymongo', 'bson'} & set(sys.modules)\n"
        "store.load(); assert 'pymongo' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
