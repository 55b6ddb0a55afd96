"""`hitmiss audit` and `hitmiss keys` on a real server: what is printed, and the exit codes."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from application import Place
from files import make_file
from servers import ValkeyServer

from tui.cache.redis.walker import CacheWalker
from tui.models import Cached, KeyFacts
from tui.runtime.errors import CacheUnavailable


def failing_from(call: int, method: Callable[..., Any]) -> Callable[..., Any]:
    """Give a method of a walker that fails from its n-th call on."""
    calls = 0

    async def maybe(walker: CacheWalker, keys: Sequence[str]) -> list[Cached] | list[KeyFacts]:
        nonlocal calls
        calls += 1
        if calls >= call:
            raise CacheUnavailable("the cache did not answer")
        found: list[Cached] | list[KeyFacts] = await method(walker, keys)
        return found

    return maybe


@pytest.mark.slow
def test_an_audit_that_cannot_go_on_says_what_it_has_found(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The summary comes all the same, and says that it is not complete, and why."""
    place.cache(1, {"id": 1, "name": "Ada"})
    place.cache(2, {"id": 2, "name": "Bob"})
    monkeypatch.setattr(CacheWalker, "read", failing_from(2, CacheWalker.read))
    *_, last = place.answers("audit", code=4)
    assert (last["summary"]["same"], last["summary"]["suspects"]) == (1, 1)
    assert not last["summary"]["complete"]
    assert last["summary"]["reason"] == "the cache did not answer"
    assert "did not answer" in place.err
    monkeypatch.undo()
    monkeypatch.setattr(CacheWalker, "read", failing_from(2, CacheWalker.read))
    out = place.prints("audit", code=4)
    assert "not all, 2 compared: 1 same, 1 not looked at again" in out


def test_keys_that_cannot_go_on_says_how_many_it_has_listed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody takes half of the keys for all of them."""
    place.cache(1, {"id": 1})
    monkeypatch.setattr(CacheWalker, "describe", failing_from(1, CacheWalker.describe))
    assert place.prints("keys", code=4) == ""
    assert "not all keys could be read: 0 were until then" in place.err


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"{}", "it has no column of the table"),
        ({"rows": {"id": 1}}, "it has no column of the table"),
        ({"id": 2, "name": "Bo"}, "it is the record of another key"),
        ([1], "it is JSON, but not an object"),
        (b"\xff", "it is no format that hitmiss knows"),
        (b'{"name":' + b"[" * 300 + b"]" * 300 + b"}", "it is nested too deeply"),
    ],
)
def test_what_a_lookup_does_not_use_the_audit_calls_unreadable(
    place: Place, value: object, reason: str
) -> None:
    """By one rule, and both say why."""
    place.cache(1, value)
    (answer,) = place.answers("get", "1")
    assert (answer["outcome"], answer["record"]["name"]) == ("DB", "Ada")
    assert answer["reason"].startswith(f"the cached copy was not used: {reason}")
    assert reason in place.prints("get", "1")
    finding, _ = place.answers("audit", code=1)
    assert finding["finding"] == "unreadable"
    assert finding["reason"].startswith(reason)


@pytest.mark.parametrize(
    "value", [{"name": "Ada"}, {"id": "1", "extra": {"a": [1]}}, {"id": 1, "name": "else"}]
)
def test_what_a_lookup_uses_the_audit_does_not_call_unreadable(
    place: Place, value: object
) -> None:
    """Also where it has few columns, others, or wrong values."""
    place.cache(1, value)
    (answer,) = place.answers("get", "1")
    assert (answer["outcome"], answer["reason"]) == ("HIT", None)
    differs = value == {"id": 1, "name": "else"}
    finding, _ = place.answers("audit", code=int(differs))
    assert finding["finding"] == ("differs" if differs else "same")
    assert finding["reason"] is None


@pytest.mark.parametrize("command", ["keys", "audit"])
def test_a_cache_that_refuses_is_a_cache_that_cannot_be_used(
    place: Place, server: ValkeyServer, command: str
) -> None:
    """Exit code 4, as when there is none: the command line was right."""
    place.client.acl_setuser("blind", enabled=True, passwords=["+x"], keys=["*"], commands=[])
    try:
        place.flags[3] = f"redis://blind:x@127.0.0.1:{server.port}"
        place.prints(command, code=4)
        assert "the cache refuses" in place.err
    finally:
        place.client.acl_deluser("blind")


def test_a_copy_under_another_spelling_of_its_key_is_no_orphan(place: Place) -> None:
    """Where the key column takes A for a, the application found the row by either."""
    make_file(
        place.path,
        """CREATE TABLE tags (name TEXT COLLATE NOCASE PRIMARY KEY, uses INTEGER);
           INSERT INTO tags VALUES ('blue', 1), ('red', 2);""",
    )
    place.flags[5] = "tags"
    place.cache("BLUE", {"name": "blue", "uses": 1})
    place.cache("blue", {"name": "blue", "uses": 1})
    place.cache("RED", {"name": "red", "uses": 9})
    place.cache("GREEN", {"name": "green", "uses": 1})
    *findings, _ = place.answers("audit", code=1)
    assert {finding["id"]: finding["finding"] for finding in findings} == {
        "BLUE": "same", "blue": "same", "RED": "differs", "GREEN": "orphan",
    }  # fmt: skip
    (answer,) = place.answers("get", "BLUE")
    assert answer["outcome"] == "HIT"


def test_a_key_that_several_rows_have_does_not_end_the_audit(place: Place) -> None:
    """A view may have such keys: they are counted in the summary."""
    make_file(
        place.path, "CREATE VIEW twice AS SELECT id, name FROM people, (VALUES (1), (2));"
    )
    place.flags[5] = "twice"
    place.flags += ["--id-column", "id"]
    place.cache(1, {"id": 1, "name": "Ada"})
    place.cache(7, {"id": 7, "name": "Ghost"})
    finding, last = place.answers("audit", code=1)
    assert (finding["id"], finding["finding"]) == (7, "orphan")
    assert last["summary"]["doubled"] == 1
    assert "1 passed over, since several rows have their key" in place.prints("audit", code=1)


def test_keys_of_no_record_are_counted(place: Place) -> None:
    """They fit the template, but hold no key: the audit's summary and keys say how many."""
    for id in ("1", "abc", "01", "1:cart", ""):
        place.cache(id, {"id": 1, "name": "Ada"})
    place.client.set("{p:1}:hitmiss-lease", "token", ex=900)
    *_, last = place.answers("audit")
    assert (last["summary"]["checked"], last["summary"]["skipped"]) == (1, 4)
    said = "4 keys fit the template, but hold no whole number where it has {id}: skipped"
    assert place.prints("audit").startswith("1 compared")
    assert said in place.err
    assert len(place.answers("keys")) == 1
    assert said in place.err
    for id in ("abc", "01", "1:cart"):
        place.client.delete(f"p:{id}")
    place.prints("keys")
    assert "1 key fits the template, but holds no whole number" in place.err


def test_what_is_nested_in_a_copy_is_printed_as_what_it_is(place: Place) -> None:
    """An object in --json is an object, not a text of one; in words it is its JSON."""
    nested = {"id": 1, "name": "Ada", "tags": ["é", {"b": None}], "more": {"c": [1.5, True]}}
    place.cache(1, nested)
    finding, _ = place.answers("audit")
    assert finding["cached"] == nested
    (answer,) = place.answers("get", "1")
    assert answer["record"] == nested
    assert '{"c": [1.5, true]}' in place.prints("get", "1")
    place.cache(1, b'{"id": 1, "more": [1e999], "name": "\\ud800"}')
    assert place.answers("get", "1")[0]["record"]["more"] == "[Infinity]"


def test_copies_may_be_meant_to_live_for_ever(place: Place) -> None:
    """With --allow-no-expiry that alone is no drift; a wrong value is."""
    place.cache(1, {"id": 1, "name": "Ada"}, seconds=None)
    place.cache(2, {"id": 2, "name": "Bo"})
    *_, last = place.answers("audit", code=1)
    assert (last["summary"]["no-expiry"], last["summary"]["confirmed"]) == (1, 1)
    *findings, last = place.answers("audit", "--allow-no-expiry")
    assert {finding["id"]: finding["finding"] for finding in findings} == {
        1: "no-expiry", 2: "same",
    }  # fmt: skip
    assert (last["summary"]["no-expiry"], last["summary"]["confirmed"]) == (1, 0)
    assert len(place.answers("audit", "--allow-no-expiry", "--drift-only")) == 1
    assert "1 no-expiry" in place.prints("audit", "--allow-no-expiry")
    place.cache(3, {"id": 3, "name": "not Cy"}, seconds=None)
    (finding, _) = place.answers("audit", "--allow-no-expiry", "--drift-only", code=1)
    assert (finding["id"], finding["finding"]) == (3, "differs")


@pytest.mark.parametrize("writable", [True, False])
def test_fresh_is_what_a_lookup_would_use(place: Place, writable: bool) -> None:
    """What an application keeps for ever, or as a hash, is used, writable or not."""
    place.cache(1, {"id": 1, "name": "Ada", "photo": "<BLOB, 2 bytes>"})
    place.cache(2, {"id": 2, "name": "Bo", "photo": None}, seconds=None)
    place.client.hset("p:3", mapping={"id": "3", "name": "Cy"})
    place.client.expire("p:3", 20)
    flags = ["--writable"] if writable else []
    fresh = {key["id"]: key["fresh"] for key in place.answers("keys", *flags)}
    lines = place.prints("keys", *flags).splitlines()
    words = {line.split()[0]: " ".join(line.split()[1:]) for line in lines}
    assert fresh == {1: True, 2: True, 3: True}
    assert words["p:1"].startswith("fresh ")
    assert words["p:2"].startswith("never expires")
    assert words["p:3"].startswith("fresh ")
    answers = place.answers("get", "1", "2", "3", *flags)
    assert {a["id"]: a["outcome"] == "HIT" for a in answers} == fresh


def test_under_its_own_keys_hitmiss_uses_its_own_form_alone(place: Place) -> None:
    """Under `hitmiss:...` a copy for ever, or a hash, is overwritten, so it is not used."""
    place.flags[-1] = "hitmiss:{id}"
    place.client.set("hitmiss:2", json.dumps({"id": 2, "name": "Bo", "photo": None}))
    place.client.hset("hitmiss:3", mapping={"id": "3", "name": "Cy"})
    place.client.expire("hitmiss:3", 900)
    assert {key["id"]: key["fresh"] for key in place.answers("keys", "--writable")} == {
        2: False,
        3: False,
    }
    lines = place.prints("keys", "--writable").splitlines()
    words = {line.split()[0]: " ".join(line.split()[1:]) for line in lines}
    assert words["hitmiss:2"].startswith("not used, no expiry")
    assert words["hitmiss:3"].startswith("not used, no string")
    answers = place.answers("get", "2", "3", "--writable")
    assert [(a["outcome"], a["flags"]["filled"]) for a in answers] == [("DB", "yes")] * 2
