"""What the cache may hold: hostile payloads are unreadable, and nothing worse."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.audit.extent import TooManyValues, UnreadablePayload
from tui.models import Record
from tui.models.scalars import Nested, StandIn
from tui.service.payload import decode, encode

COLUMNS = frozenset({"id", "name"})

texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)


def read(payload: bytes, id: int | str = 1) -> Record | None:
    """Decode a payload as the record with that key."""
    return decode(payload, id=id, id_column="id", columns=COLUMNS)


def test_a_record_is_one_plain_json_object() -> None:
    """Any other program that reads the key finds the columns, in order, in UTF-8."""
    payload = encode({"id": 1, "name": "Zoë 佐藤", "credit": 4.5, "city": None, "old": True})
    assert payload == (
        '{"id":1,"name":"Zoë 佐藤","credit":4.5,"city":null,"old":true}'.encode()
    )


@pytest.mark.parametrize("payload", [b"null", b" null", b"null\r\n"])
def test_null_is_known_absent(payload: bytes) -> None:
    """The JSON value null, however spaced, says that there is no such record."""
    assert read(payload) is None
    assert encode(None) == b"null"


@given(st.dictionaries(texts.filter(lambda name: name != "id"), scalars, max_size=8))
def test_what_goes_in_comes_out(columns: dict[str, str | float | None]) -> None:
    """Every record of JSON scalars comes back the same, in types and in column order."""
    record = {"id": 1, **columns}
    again = decode(encode(record), id=1, id_column="id", columns=frozenset(record))
    assert again is not None
    assert [(n, type(v), v) for n, v in again.items()] == [
        (n, type(v), v) for n, v in record.items()
    ]


@given(texts.filter(bool))
def test_text_keys_come_back_too(id: str) -> None:
    """A record with a text key is recognised by it."""
    record = {"id": id, "name": "x"}
    assert read(encode(record), id) == record


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_json_cannot_say_is_not_stored(value: float) -> None:
    """NaN and the infinities raise instead of becoming something that is not JSON."""
    with pytest.raises(ValueError, match="JSON"):
        encode({"id": 1, "name": value})


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"NULL", id="null in capitals"),
        pytest.param(b"nul", id="half a null"),
        pytest.param(b"None", id="Python's null"),
        pytest.param(b"null null", id="two nulls"),
        pytest.param(b"\x00", id="NUL"),
        pytest.param(b"\xef\xbb\xbfnull", id="byte order mark"),
        pytest.param("null".encode("utf-16"), id="UTF-16"),
        pytest.param('{"id":1,"name":"x"}'.encode("utf-16-le"), id="record in UTF-16"),
        pytest.param(b'{"id":1,"name":"\xff"}', id="no UTF-8"),
        pytest.param(b'{"id":1,"name":"\xed\xa0\x80"}', id="surrogate in UTF-8"),
        pytest.param(b'{"id":1,"name":"x"', id="cut off"),
        pytest.param(b'{"id":1,"name":"x"}{}', id="something behind"),
        pytest.param(b"{'id':1,'name':'x'}", id="Python's quotes"),
        pytest.param(b'{"id":1,"name":"a\nb"}', id="raw newline"),
        pytest.param(b"\x80\x04}q\x00.", id="a pickle"),
        pytest.param(b"[" * 100_000, id="100,000 brackets"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="100,000 closed brackets"),
        pytest.param(b'{"id":' * 10_000, id="10,000 objects"),
        pytest.param(b'{"id":1,"name":' + b"9" * 5000 + b"}", id="5000 digits"),
        pytest.param(b'{"id":1,"name":NaN}', id="NaN"),
        pytest.param(b'{"id":1,"name":Infinity}', id="Infinity"),
        pytest.param(b'{"id":1,"name":-Infinity}', id="-Infinity"),
    ],
)
def test_what_is_not_json_is_unreadable(payload: bytes) -> None:
    """Bytes that are no JSON text in UTF-8 are told apart from a record."""
    with pytest.raises(UnreadablePayload, match="not JSON"):
        read(payload)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'""', "not an object"),
        (b'"null"', "not an object"),
        (b"[]", "not an object"),
        (b'[{"id":1,"name":"x"}]', "not an object"),
        (b"0", "not an object"),
        (b"false", "not an object"),
        (b"1e999", "not an object"),
        (b"{}", "other columns"),
        (b'{"id":1}', "other columns"),
        (b'{"name":"x"}', "other columns"),
        (b'{"id":1,"name":"x","more":1}', "other columns"),
        (b'{"id":1,"Name":"x"}', "other columns"),
        (b'{"id":2,"name":"x"}', "another key"),
        (b'{"id":true,"name":"x"}', "another key"),
        (b'{"id":1.0,"name":"x"}', "another key"),
        (b'{"id":"1","name":"x"}', "another key"),
        (b'{"id":null,"name":"x"}', "another key"),
        (b'{"id":[1],"name":"x"}', "not a JSON scalar"),
        (b'{"id":1,"id":2,"name":"x"}', "another key"),
        (b'{"id":1e999,"name":"x"}', "not a JSON scalar"),
        (b'{"id":1,"name":1e999}', "not a JSON scalar"),
        (b'{"id":1,"name":-1e999}', "not a JSON scalar"),
        (b'{"id":1,"name":[]}', "not a JSON scalar"),
        (b'{"id":1,"name":{"id":1}}', "not a JSON scalar"),
        (rb'{"id":1,"name":"\ud800"}', "not a JSON scalar"),
        (rb'{"id":1,"name":"a\udfff\ud800"}', "not a JSON scalar"),
    ],
)
def test_json_that_is_no_record_of_this_key_is_unreadable(payload: bytes, reason: str) -> None:
    """Other shapes, columns, keys and values are refused, each with its reason."""
    with pytest.raises(UnreadablePayload, match=reason):
        read(payload)


@pytest.mark.parametrize(
    ("spelled", "value"),
    [
        (b"9" * 400, int("9" * 400)),
        (b"1e308", 1e308),
        (b"1e-999", 0.0),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\u0000\u001b[2J"', "\0\x1b[2J"),
        (b'"' + b"x" * 1_000_000 + b'"', "x" * 1_000_000),
    ],
)
def test_unusual_scalars_are_scalars(spelled: bytes, value: object) -> None:
    """Large numbers, escaped pairs, control characters and long texts are legal values."""
    assert read(b'{"id":1,"name":' + spelled + b"}") == {"id": 1, "name": value}


def test_the_order_of_columns_does_not_matter() -> None:
    """Another program may have written the same columns in another order."""
    assert read(b'{"name":"x","id":1}') == {"id": 1, "name": "x"}


json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "x"]), inner, max_size=3)
    ),
)


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_payload_raises_anything_else(payload: bytes) -> None:
    """Any bytes at all are this record, known absent, or unreadable."""
    try:
        record = read(payload)
    except UnreadablePayload:
        return
    assert record is None or (record.keys() == COLUMNS and record["id"] == 1)


def test_what_is_long_and_wrong_is_not_parsed_again() -> None:
    """A long text would take its time again only to say more exactly what is wrong."""
    payload = b'{"id":1,"name":["' + b"x" * (1 << 20) + b'"]}'
    with pytest.raises(UnreadablePayload, match="no JSON object of scalars"):
        decode(payload, id=1, id_column="id", columns=frozenset({"id", "name"}))


def test_millions_of_columns_are_not_parsed() -> None:
    """Nobody waits for a copy that cannot be one of the table."""
    payload = b"{" + b",".join(b'"%d":1' % number for number in range(200_000)) + b"}"
    with pytest.raises(TooManyValues, match="more than 100,000"):
        decode(payload, id=1, id_column="id", columns=frozenset({"id", "name"}))


NESTED = Nested('{"b": [1, 2.50, "x"], "a": null}')


@pytest.mark.parametrize(
    "value", [NESTED, Nested('"a text"'), Nested("12345678901234567890.5"), Nested("[]"), None]
)
def test_what_is_json_in_the_row_is_json_in_the_copy(value: Nested | None) -> None:
    """As a value, to the letter, whatever kind of JSON it is; and so it comes back."""
    record: Record = {"id": 1, "data": value, "name": "Zoë", "credit": 4.5}
    payload = encode(record)
    assert json.loads(payload)["data"] == (None if value is None else json.loads(value))
    again = decode(
        payload, id=1, id_column="id", columns=frozenset(record), nested=frozenset({"data"})
    )
    assert again == record
    assert value is None or type((again or {})["data"]) is Nested


@pytest.mark.parametrize(
    "payload", [b"[1]", b"3", b'{"id": 1, "name": ', b'{"id": 1, "name": {}}']
)
def test_what_is_no_record_is_none_either_where_columns_are_nested(payload: bytes) -> None:
    """Neither another kind of JSON, nor an object where the column has no such."""
    with pytest.raises(UnreadablePayload):
        decode(payload, id=1, id_column="id", columns=COLUMNS, nested=frozenset({"data"}))


def test_null_is_known_absent_where_columns_are_nested() -> None:
    """As anywhere."""
    assert (
        decode(b"null", id=1, id_column="id", columns=COLUMNS, nested=frozenset({"name"}))
        is None
    )


def test_a_document_may_have_other_columns_than_its_table() -> None:
    """Another process has seen a rare field: its copy is as good as any, with its key."""
    for payload, known in ((b'{"id":1,"rare":2}', True), (b'{"rare":2}', False)):
        asked = {"id": 1, "id_column": "id", "columns": COLUMNS, "is_open": True}
        if known:
            assert decode(payload, **asked) == {"id": 1, "rare": 2}  # type: ignore[arg-type]
        else:
            with pytest.raises(UnreadablePayload):
                decode(payload, **asked)  # type: ignore[arg-type]


def test_what_stands_for_bytes_is_stored_as_it_is_shown_beside_json() -> None:
    """As anywhere, where another column is JSON."""
    record: Record = {"id": 1, "photo": StandIn("<BLOB, 1 bytes>", b"x"), "data": NESTED}
    assert json.loads(encode(record))["photo"] == "<BLOB, 1 bytes>"
