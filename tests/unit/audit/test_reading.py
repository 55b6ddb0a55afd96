"""What is cached, taken apart: where the record is, and what it is written in."""

import gzip
import json

import pytest

from tui.audit.extent import UnreadablePayload
from tui.audit.reading import NOTHING, CopyReader, Reading
from tui.models import Cached, TableSchema

SCHEMA = TableSchema("users", "id", True, ("id", "name", "created_at"))
RECORD = {"id": 7, "name": "Amara"}


def cached(value: object) -> Cached:
    """Give a string that holds the JSON of a value."""
    return Cached(json.dumps(value).encode(), 9.0)


def in_hash(**fields: str) -> Cached:
    """Give a hash."""
    return Cached(None, 9.0, fields=fields)


def at(*parts: str, **names: str) -> CopyReader:
    """Give a reader that looks there."""
    return CopyReader(Reading(names, parts))


@pytest.mark.parametrize(("parts", "value"), [
    (("user",), {"user": RECORD}), (("a", "b", "c"), {"a": {"b": {"c": RECORD}}}),
    (("list", "1"), {"list": [0, RECORD]}), (("0",), {"0": RECORD}),
    (("",), {"": RECORD}), (("a/b",), {"a/b": RECORD}), (("text",),
     {"text": json.dumps(RECORD)}),
    (("text", "0"), {"text": json.dumps([RECORD])}),
    (("a", "b"), {"a": json.dumps({"b": json.dumps(RECORD)})}),
    (("user",), {"user": {"value": RECORD, "expires": 5}, "id": 9}),
])  # fmt: skip
def test_the_record_is_where_the_pointer_says(parts: tuple[str, ...], value: object) -> None:
    """In objects, lists, and JSON in a text; seen through what is put around it there."""
    copy = at(*parts).read(cached(value), SCHEMA)
    assert (copy.record, copy.wrong) == (RECORD, None)


@pytest.mark.parametrize(("parts", "value"), [
    (("users",), {"user": RECORD}), (("user", "x"), {"user": RECORD}),
    (("list", "2"), {"list": [0, RECORD]}), (("list", "-"), {"list": [0, RECORD]}),
    (("list", "9" * 5000), {"list": [RECORD]}), (("list", "-1"), {"list": [RECORD]}),
    (("list", "\u0661"), {"list": [0, RECORD]}), (("none", "x"), {"none": None}),
    (("number", "x"), {"number": 5}), (("user",), [RECORD]),
])  # fmt: skip
def test_where_nothing_is_the_reason_names_the_place(
    parts: tuple[str, ...], value: object
) -> None:
    """As it was asked for."""
    copy = at(*parts).read(cached(value), SCHEMA)
    assert copy.record is None
    assert str(copy.wrong) == f"it has nothing at /{'/'.join(parts)}"
    assert copy.format == "json"


def test_what_lies_there_may_be_no_record() -> None:
    """A number, a list, a text that is no JSON."""
    for value in (5, [1], "text", True):
        copy = at("it").read(cached({"it": value, **RECORD}), SCHEMA)
        assert copy.record is None
        assert isinstance(copy.wrong, UnreadablePayload), value


def test_a_field_of_a_hash_may_be_json() -> None:
    """Then the copy holds more than texts."""
    copy = at("body").read(in_hash(body=json.dumps(RECORD), id="9"), SCHEMA)
    assert (copy.record, copy.format, copy.texts) == (RECORD, "hash", False)
    copy = at("other").read(in_hash(body=json.dumps(RECORD)), SCHEMA)
    assert str(copy.wrong) == "it has nothing at /other"


def test_a_hash_holds_texts_alone() -> None:
    """Until something in it is seen through."""
    copy = CopyReader().read(in_hash(id="7", name="Amara"), SCHEMA)
    assert (copy.record, copy.format, copy.texts) == (
        {"id": "7", "name": "Amara"},
        "hash",
        True,
    )
    wrapped = in_hash(absexp="-1", sldexp="-1", data=json.dumps(RECORD))
    copy = CopyReader().read(wrapped, SCHEMA)
    assert (copy.record, copy.format, copy.texts) == (RECORD, "hash", False)


@pytest.mark.parametrize(("payload", "format"), [
    (json.dumps(RECORD).encode(), "json"),
    (gzip.compress(json.dumps(RECORD).encode(), mtime=0), "gzip+json"),
    (b"\x82\xa2id\x07\xa4name\xa5Amara", "msgpack"),
    (b'a:2:{s:2:"id";i:7;s:4:"name";s:5:"Amara";}', "php"),
    (b"\x80\x04}(\x8c\x02idK\x07\x8c\x04name\x8c\x05Amarau.", "pickle"),
])  # fmt: skip
def test_a_copy_is_read_in_each_format_and_says_which(payload: bytes, format: str) -> None:
    """JSON, what is packed, and what languages write by themselves."""
    copy = CopyReader().read(Cached(payload, 9.0), SCHEMA)
    assert (copy.record, copy.wrong) == (RECORD, None)
    assert copy.format is not None
    assert copy.format.lower().replace(" ", "") == format


@pytest.mark.parametrize("value", [None, {"value": None, "expires": 5}])
def test_that_there_is_no_record_is_known(value: object) -> None:
    """A null, alone or in an envelope, is neither unreadable nor nothing."""
    copy = CopyReader().read(cached(value), SCHEMA)
    assert (copy.record, copy.wrong, copy.format) == (None, None, "json")
    assert copy != NOTHING
    copy = at("user").read(cached({"user": value}), SCHEMA)
    assert (copy.record, copy.wrong, copy.format) == (None, None, "json")


def test_nothing_cached_is_nothing() -> None:
    """And what is neither a string nor a hash is no record."""
    assert CopyReader().read(Cached(None, None), SCHEMA) == NOTHING
    copy = CopyReader().read(Cached(None, 9.0, wrong_type=True), SCHEMA)
    assert isinstance(copy.wrong, UnreadablePayload)


def test_columns_are_called_as_the_table_does() -> None:
    """By their likeness, or as somebody said; what is in doubt is named."""
    value = {"Id": 7, "label": "Amara", "createdAt": 1, "CreatedAt": 2, "more": 3}
    copy = at(label="name").read(cached(value), SCHEMA)
    assert copy.record == {"id": 7, "name": "Amara", "createdAt": 1, "CreatedAt": 2, "more": 3}
    assert copy.doubtful == {"created_at": "createdAt and CreatedAt"}


def test_the_record_of_another_key_is_refused() -> None:
    """Whoever asks for one by its key gets that, an absence, or an error."""
    reader = CopyReader()
    assert reader.record(cached(RECORD), 7, SCHEMA).record == RECORD
    assert reader.record(cached({**RECORD, "id": "7"}), 7, SCHEMA).record is not None
    assert reader.record(cached(None), 7, SCHEMA).record is None
    for other in (cached({**RECORD, "id": 8}), cached({"x": 1}), cached([1])):
        with pytest.raises(UnreadablePayload):
            reader.record(other, 7, SCHEMA)
