"""Conditions that tell apart what a query takes for the same."""

from typing import Any

import bson
import pytest
from bson import Code, Decimal128
from bson.errors import InvalidBSON
from mongodb_server import MongodbServer
from unit.database.mongodb.places import filled, table_at

from tui.database.mongodb.client import LENIENT
from tui.database.mongodb.exact import is_as_read, is_text


def test_a_text_that_is_no_utf8_is_sent_as_it_is_stored() -> None:
    """Byte by byte, which no text of Python could say."""
    conditions = is_as_read({"v": "x\udcffy"}, ["v"], collated=False)
    sent = bson.encode({"$and": conditions})
    assert b"\x02$literal\0\4\0\0\0x\xffy\0" in sent


def test_each_value_has_its_own_conditions() -> None:
    """Type and value; of decimals their digits, of nothing only that."""
    assert is_as_read({}, ["v"], collated=False) == [{"$eq": [{"$ifNull": ["$v", None]}, None]}]
    assert "$toString" in str(is_as_read({"v": Decimal128("1")}, ["v"], collated=False))
    assert "javascriptWithScope" in str(is_as_read({"v": Code("f")}, ["v"], collated=False))
    assert "$getField" in str(is_as_read({"a.b": 1}, ["a.b"], collated=False))
    assert is_as_read({"v": "x"}, ["v"], collated=True) == [is_text("$v", "x")]


@pytest.mark.parametrize(
    ("held", "text", "same"),
    [("ada", "ada", True), ("ADA", "ada", False), ("adam", "ada", False), ("ad", "ada", False),
     ("é", "é", True), (5, "5", False), (["ada"], "ada", False), (None, "ada", False)],
)  # fmt: skip
def test_a_text_is_compared_byte_by_byte(
    mongodb: MongodbServer, held: Any, text: str, same: bool
) -> None:
    """Whatever a collection's own order takes for the same."""
    url = filled(mongodb, [{"_id": 1, "v": held}])
    with mongodb.client(url) as client:
        found = client.get_default_database()["things"].find_one({"$expr": is_text("$v", text)})
    assert (found is not None) is same


async def test_a_document_that_cannot_be_decoded_is_read_again(
    mongodb: MongodbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the way in which each text is looked at: here the first reading alone fails."""
    from pymongo.asynchronous.collection import AsyncCollection

    find_one = AsyncCollection.find_one

    async def odd(self: Any, *arguments: Any, **more: Any) -> Any:
        found = await find_one(self, *arguments, **more)
        if self.codec_options.unicode_decode_error_handler != (
            LENIENT.unicode_decode_error_handler
        ):
            raise InvalidBSON("'utf-8' codec can't decode byte 0xff")
        return {**(found or {}), "v": "x\udcffy"}

    url = filled(mongodb, [{"_id": 1, "v": "x"}])
    async with table_at(url) as table:
        monkeypatch.setattr(AsyncCollection, "find_one", odd)
        assert str((await table.find(1) or {})["v"]) == "x\\xffy"
