"""`hitmiss audit`: a sample, healing, an audit of nothing; and where records are."""

import json
import pickle
import zlib
from pathlib import Path
from typing import Any

import click
import pytest
from application import Place
from files import make_file
from servers import ValkeyServer

from tui.cli.commands import healing


@pytest.fixture
def drifted(place: Place) -> Place:
    """One copy is right, one differs, one is an orphan, and one is a list."""
    place.cache(1, {"id": 1, "name": "Ada"})
    place.cache(2, {"id": 2, "name": "Bob"})
    place.cache(9, {"id": 9, "name": "Nobody"})
    place.cache(3, [1])
    return place


def cached(place: Place) -> set[str]:
    """Give what is cached now."""
    return {key if isinstance(key, str) else key.decode() for key in place.client.keys("p:*")}


def test_what_is_wrong_for_sure_is_forgotten(drifted: Place) -> None:
    """Told yes; what cannot be read stays, and the exit code is that of drift all the same."""
    out = drifted.prints("audit", "--invalidate", "--yes", "--writable", code=1)
    assert "2 forgotten, 1 left" in out
    assert "cannot be read" in drifted.err
    assert cached(drifted) == {"p:1", "p:3"}
    *_, last = drifted.answers("audit", "--invalidate", "--yes", "--writable", code=1)
    assert (last["summary"]["healed"], last["summary"]["confirmed"]) == (0, 1)


def test_what_was_stored_meanwhile_stays(
    drifted: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a person thinks: a right copy, and a list that lies there now."""

    def confirm(*_: object, **__: object) -> bool:
        drifted.cache(2, {"id": 2, "name": "Bo"})
        drifted.client.delete("p:9")
        drifted.client.rpush("p:9", "precious")
        return True

    monkeypatch.setattr(healing, "_is_terminal", lambda _: True)
    monkeypatch.setattr("click.confirm", confirm)
    out = drifted.prints("audit", "--invalidate", "--writable", code=1)
    assert "0 forgotten, 3 left" in out
    assert "2 copies are not forgotten: it is not the same copy any more" in drifted.err
    assert len(cached(drifted)) == 4


def test_a_right_copy_is_never_forgotten(place: Place) -> None:
    """That it lives for ever is a finding, and no reason to take it away."""
    place.cache(1, {"id": 1, "name": "Ada"}, None)
    out = place.prints("audit", "--invalidate", "--yes", "--writable", code=1)
    assert "0 forgotten, 1 left" in out
    assert "only never expire" in place.err
    assert cached(place) == {"p:1"}


def test_interrupted_at_the_question_it_ends(
    drifted: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the code of ctrl+c, and nothing is forgotten."""

    def confirm(*_: object, **__: object) -> bool:
        raise click.Abort

    monkeypatch.setattr(healing, "_is_terminal", lambda _: True)
    monkeypatch.setattr("click.confirm", confirm)
    drifted.prints("audit", "--invalidate", "--writable", code=130)
    assert len(cached(drifted)) == 4


@pytest.mark.parametrize(("options", "why"), [
    (("--yes",), "--yes goes with --invalidate"),
    (("--invalidate", "--yes"), "give --writable too"),
    (("--invalidate", "--writable"), "give --yes too"),
])  # fmt: skip
def test_nothing_is_forgotten_unasked(
    drifted: Place, options: tuple[str, ...], why: str
) -> None:
    """Neither read-only, nor where nobody can be asked: that is said before anything runs."""
    assert drifted.prints("audit", *options, code=2) == ""
    assert why in drifted.err
    assert len(cached(drifted)) == 4


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_person_is_asked(
    drifted: Place, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many there are stands in the question."""
    asked: list[str] = []

    def confirm(question: str, **_: object) -> bool:
        asked.append(question)
        return answer == "y"

    monkeypatch.setattr(healing, "_is_terminal", lambda _: True)
    monkeypatch.setattr("click.confirm", confirm)
    drifted.prints("audit", "--invalidate", "--writable", code=1)
    assert asked == ["Forget these 2 copies?"]
    assert len(cached(drifted)) == (2 if answer == "y" else 4)


def test_a_sample_says_what_it_tells_of_all(place: Place) -> None:
    """As many are drawn as were asked for, and the share of drift is bounded."""
    for id in range(1, 61):
        place.cache(id + 100, {"id": id + 100, "name": "Nobody"})
    for id, name in ((1, "Ada"), (2, "Bo"), (3, "Cy")):
        place.cache(id, {"id": id, "name": name})
    out = place.prints("audit", "--sample", "20", code=1)
    assert "20 of 63 copies were drawn at random" in out
    assert "% with 95 % confidence" in out
    *_, last = place.answers("audit", "--sample", "20", "--drift-only", code=1)
    assert (last["summary"]["checked"], last["summary"]["population"]) == (20, 63)
    out = place.prints("audit", "--sample", "1000", code=1)
    assert "all 63 copies were compared" in out


def test_a_sample_without_drift_has_an_upper_bound(place: Place) -> None:
    """0 of 2: it may be most of them, and that is said."""
    for id, name in ((1, "Ada"), (2, "Bo"), (3, "Cy")):
        place.cache(id, {"id": id, "name": name})
    out = place.prints("audit", "--sample", "2")
    assert "0 of 2 wrong: below 77.6 % with 95 % confidence" in out


def test_an_audit_of_nothing_is_no_success(place: Place) -> None:
    """Unless that is accepted: a mistyped template would never be noticed."""
    assert place.prints("audit", code=1).startswith("0 compared")
    assert "is --key right?" in place.err
    place.prints("audit", "--allow-empty")
    place.client.set("p:x", "1")
    place.prints("audit", code=1)
    assert "no copy was compared" in place.err


def test_what_was_compared_with_nothing_is_said(place: Place) -> None:
    """Fields that stand for no column, and columns that could not be told."""
    place.cache(1, {"id": 1, "name": "Ada", "boss": 7, "photo": "no bytes!"})
    place.cache(2, {"id": 2, "boss": 8})
    place.prints("audit")
    assert "fields that stand for no column, and in how many copies: boss (2)" in place.err
    assert "could not be compared everywhere, and in how many copies: photo (1)" in place.err
    *_, last = place.answers("audit")
    assert last["summary"]["fields_without_column"] == {"boss": 2}
    assert last["summary"]["not_compared_columns"] == {"photo": 1}


def test_a_text_key_is_that_text(
    server: ValkeyServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The record of `A` is no answer for `a`, nor that of 1.0 for 1, however alike."""
    keys = Place(server, tmp_path / "people.db", capsys)
    keys.path = make_file(
        tmp_path / "keys.db", "CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT);"
        "INSERT INTO people VALUES ('a', 'low'), ('A', 'UP'), ('1', 'one')"
    )  # fmt: skip
    keys.flags[1] = str(keys.path)
    keys.cache("a", {"id": "A", "name": "UP"})
    keys.cache("1", {"id": 1.0, "name": "one"})
    low, one = keys.answers("get", "a", "1")
    assert (low["outcome"], low["record"]["name"]) == ("DB", "low")
    assert one["outcome"] == "DB"
    assert "the record of another key" in low["reason"]
    keys.client.close()


def test_keys_that_are_no_text_are_counted(place: Place) -> None:
    """They fit the template as bytes, and no record can be theirs."""
    place.cache(1, {"id": 1, "name": "Ada"})
    place.client.set(b"p:\xff", "1")
    *_, last = place.answers("audit")
    assert (last["summary"]["same"], last["summary"]["skipped"]) == (1, 1)
    assert len(place.answers("keys")) == 1
    place.prints("keys")
    assert "1 key fits the template" in place.err


@pytest.mark.parametrize(
    ("value", "options"),
    [
        ({"data": {"user": {"id": 2, "name": "X"}}}, ("--record-at", "/data/user")),
        ({"data": [0, {"id": 2, "name": "X"}]}, ("--record-at", "/data/1")),
        ({"key": 2, "title": "X"}, ("--map", "key=id", "--map", "title=name")),
        ({"Id": 2, "NAME": "X"}, ()),
        ({"value": {"id": 2, "name": "X"}, "expires": 1}, ()),
        (["com.example.Person", {"id": ["java.lang.Long", 2], "name": "X"}], ()),
    ],
)
def test_a_record_is_found_where_it_is(
    place: Place,
    value: Any,
    options: tuple[str, ...],
) -> None:
    """Under whatever is around it, by whatever its fields are called; look-ups see it too."""
    place.cache(2, value)
    (drift, _) = place.answers("audit", *options, code=1)
    assert (drift["finding"], drift["differs"]) == ("differs", ["name"])
    assert drift["cached"]["name"] == "X"
    (answer,) = place.answers("get", "2", *options)
    assert (answer["outcome"], answer["record"]["name"]) == ("HIT", "X")
    place.cache(2, json.loads(json.dumps(value).replace('"X"', '"Bo"')))
    assert place.answers("audit", *options)[0]["finding"] == "same"


@pytest.mark.parametrize(
    ("payload", "format"),
    [
        (b'{"id":2,"name":"Bo"}', "json"),
        (pickle.dumps({"id": 2, "name": "Bo"}), "pickle"),
        (b"\x82\xa2id\x02\xa4name\xa2Bo", "msgpack"),
        (b'a:2:{s:2:"id";i:2;s:4:"name";s:2:"Bo";}', "php"),
        (zlib.compress(b'{"id":2,"name":"Bo"}'), "zlib+json"),
    ],
)
def test_the_format_is_named(place: Place, payload: bytes, format: str) -> None:
    """In what a look-up and an audit print; nothing cached has none."""
    place.cache(2, payload)
    (answer, missed) = place.answers("get", "2", "3")
    assert (answer["outcome"], answer["format"]) == ("HIT", format)
    assert (missed["outcome"], missed["format"]) == ("DB", None)
    (same, _) = place.answers("audit")
    assert (same["finding"], same["format"]) == ("same", format)
    place.client.delete("p:2")
    place.client.hset("p:2", mapping={"id": 2, "name": "Bo"})
    (same, _) = place.answers("audit", "--allow-no-expiry", code=0)
    assert same["format"] == "hash"


def test_a_pattern_says_which_keys_are_records(
    server: ValkeyServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It decides alone: what fits is an orphan without its row, what does not is skipped."""
    town = Place(server, tmp_path / "people.db", capsys)
    town.path = make_file(
        tmp_path / "towns.db", "CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT);"
        "INSERT INTO people VALUES ('ada', 'Ada')"
    )  # fmt: skip
    town.flags[1] = str(town.path)
    for id in ("ada", "bo:posts", "cy"):
        town.cache(id, {"id": id, "name": "Ada"})
    town.cache("count", 17)
    *found, last = town.answers("audit", code=1)
    assert {one["id"]: one["finding"] for one in found} == {"ada": "same", "cy": "orphan"}
    assert last["summary"]["skipped"] == 2
    *found, last = town.answers("audit", "--id-pattern", "[a-z]+:?[a-z]+", code=1)
    assert {one["id"]: one["finding"] for one in found} == {
        "ada": "same", "bo:posts": "orphan", "count": "unreadable", "cy": "orphan",
    }  # fmt: skip
    *found, last = town.answers("audit", "--id-pattern", "a.*")
    assert ([one["id"] for one in found], last["summary"]["skipped"]) == (["ada"], 3)
    town.client.close()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--map", "x=nowhere"), "the table has no column 'nowhere'"),
        (("--map", "x"), "takes FIELD=COLUMN"),
        (("--map", "x=id", "--map", "x=name"), "each field once"),
        (("--record-at", "data"), "is no JSON Pointer"),
        (("--record-at", "/a~2"), "is no JSON Pointer"),
        (("--id-pattern", "("), "is no regular expression"),
        (("--database-zone", "Mars/Base"), "is no time zone that is known here"),
        (("--database-zone", "../etc/passwd"), "is no time zone that is known here"),
    ],
)
def test_what_cannot_be_meant_is_said(
    place: Place,
    options: tuple[str, ...],
    why: str,
) -> None:
    """With exit code 2, before anything is asked."""
    assert place.prints("audit", *options, code=2) == ""
    assert why in place.err


def test_doctor_says_what_is_mapped_to_no_column(place: Place) -> None:
    """As the audit would, before it is run."""
    checks = place.answers("doctor", "--map", "x=nowhere", code=1)
    (wrong,) = [check for check in checks if check.get("check") == "map"]
    assert (wrong["state"], "no column 'nowhere'" in wrong["detail"]) == ("failed", True)


def test_a_zone_tells_where_midnight_is(
    server: ValkeyServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Local midnight is its day only where the zone of the database is known."""
    days = Place(server, tmp_path / "people.db", capsys)
    days.path = make_file(
        tmp_path / "days.db",
        "CREATE TABLE people (id INTEGER PRIMARY KEY, born DATE, at DATETIME);"
        "INSERT INTO people VALUES (1, '2026-07-01', '2026-07-01 08:30:00')"
    )  # fmt: skip
    days.flags[1] = str(days.path)
    days.cache(1, {"id": 1, "born": "2026-06-30T22:00:00.000Z", "at": "2026-07-01T06:30:00Z"})
    (drift, _) = days.answers("audit", code=1)
    assert drift["differs"] == ["born", "at"]
    assert days.answers("audit", "--database-zone", "Europe/Berlin")[0]["finding"] == "same"
    assert days.answers("audit", "--database-zone", "+02:00")[0]["finding"] == "same"
    days.client.close()
