"""What programs of three languages cache of a customer, byte for byte as the real ones do.

Checked once against Django 5.2, node-postgres 8 and mysql2 3 under Node 20, and Jackson 2.17
with the time module, as Spring Data Redis sets it up; nothing here knows hitmiss.
"""

import json
import pickle
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias
from uuid import UUID

from customers import Customer

Writer: TypeAlias = Callable[[Customer], bytes]
Number: TypeAlias = Callable[[float], str]

EXACT: Final = 2**53
"""From here on a number of JavaScript cannot tell an integer from the next."""


def django_json(row: Customer) -> bytes:
    """Write a row of `values()` with DjangoJSONEncoder."""
    return json.dumps(row, default=_django).encode()


def django_pickle(row: Customer) -> bytes:
    """Write a row of `values()` as Django's cache does."""
    return pickle.dumps(row, protocol=5)


def django_serialized(row: Customer) -> bytes:
    """Write a model as Django's serializer does, whose fields are texts where they can be."""
    fields = {name: value for name, value in row.items() if name != "id"}
    if isinstance(fields.get("tags"), list):
        fields["tags"] = json.dumps(fields["tags"], ensure_ascii=False)
    model = {"model": "shop.customer", "pk": row["id"], "fields": fields}
    return json.dumps([model], default=_django, ensure_ascii=False).encode()


def node(row: Customer) -> bytes:
    """Write a row as JSON.stringify does what node-postgres gives."""
    return _object(_of_node(row))


def node_in_camel_case(row: Customer) -> bytes:
    """Write the same with the names that an ORM gives to columns."""
    return _object({camel(name): text for name, text in _of_node(row).items()})


def node_mysql(row: Customer) -> bytes:
    """Write a row as JSON.stringify does what mysql2 gives with `supportBigNumbers`."""
    values = {name: _javascript(value) for name, value in row.items()}
    values["is_active"] = str(int(row["is_active"]))
    if abs(row["points"]) >= EXACT:
        values["points"] = f'"{row["points"]}"'
    return _object(values)


def node_mongodb(row: Customer) -> bytes:
    """Write a document as JSON.stringify does what the driver of MongoDB gives."""
    values = {camel(name): _javascript(value) for name, value in row.items() if name != "id"}
    values["balance"] = f'{{"$numberDecimal":"{row["balance"]}"}}'
    if abs(points := row["points"]) > EXACT:
        low = (points & 0xFFFFFFFF ^ 0x80000000) - 0x80000000
        values["points"] = f'{{"high":{points >> 32},"low":{low},"unsigned":false}}'
    return _object({"_id": str(row["id"]), **values})


def spring_typed(row: Customer) -> bytes:
    """Write an entity as GenericJackson2JsonRedisSerializer does, its JSON as a JsonNode."""
    values = {camel(name): _jackson(value, typed=True) for name, value in row.items()}
    return _object({"@class": '"com.example.shop.Customer"', **values})


def spring_typed_map(row: Customer) -> bytes:
    """Write the same where the entity has its JSON as a Map, each part of which is typed."""
    values = {camel(name): _jackson(value, typed=True) for name, value in row.items()}
    values["preferences"] = _dumps(_typed(row["preferences"]), _java)
    return _object({"@class": '"com.example.shop.Customer"', **values})


def spring_milliseconds(row: Customer) -> bytes:
    """Write an entity as Jackson2JsonRedisSerializer does, moments as epoch milliseconds."""
    values = {camel(name): _jackson(value) for name, value in row.items()}
    moments = {name: value for name, value in row.items() if isinstance(value, datetime)}
    for name, moment in moments.items():
        values[camel(name)] = str(_nanoseconds(moment) // 10**6)
    return _object(values)


def spring_boot(row: Customer) -> bytes:
    """Write an entity with the mapper of Spring Boot, moments as ISO 8601."""
    values = {camel(name): _jackson(value) for name, value in row.items()}
    for name, value in row.items():
        if isinstance(value, date):
            values[camel(name)] = f'"{_instant(value)}"'
    return _object(values)


def camel(name: str) -> str:
    """Return a column's name as a field is called."""
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)


def _of_node(row: Customer) -> dict[str, str]:
    values = {name: _javascript(value) for name, value in row.items()}
    return values | {"points": f'"{row["points"]}"'}  # an int8 is a text there


def _object(values: Mapping[str, str]) -> bytes:
    return ("{" + ",".join(f'"{name}":{text}' for name, text in values.items()) + "}").encode()


def _django(value: Any) -> str:
    if isinstance(value, datetime):
        text = value.isoformat()
        text = text[:23] + text[26:] if value.microsecond else text
        return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
    if isinstance(value, date):
        return value.isoformat()
    assert isinstance(value, Decimal | UUID)
    return str(value)


def _javascript(value: Any) -> str:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return f'"{moment.isoformat(timespec="milliseconds").removesuffix("+00:00")}Z"'
    if isinstance(value, date):
        return f'"{value.isoformat()}T00:00:00.000Z"'
    if isinstance(value, Decimal | UUID):
        return f'"{value}"'
    return _dumps(value, _ecma)


def _jackson(value: Any, *, typed: bool = False) -> str:
    if isinstance(value, Decimal):
        return f'["java.math.BigDecimal",{value}]' if typed else str(value)
    if isinstance(value, datetime):
        seconds, nanoseconds = divmod(_nanoseconds(value), 10**9)
        return f"{seconds}.{nanoseconds:09}"
    if isinstance(value, date):
        return f"[{value.year},{value.month},{value.day}]"
    if isinstance(value, UUID):
        return f'"{value}"'
    if isinstance(value, list) and typed:
        return f'["java.util.ArrayList",{_dumps(value, _java)}]'
    return _dumps(value, _java)


def _typed(value: Any) -> Any:
    """Return what Jackson's default typing makes of what a Map holds."""
    if isinstance(value, dict):
        inner = {name: _typed(one) for name, one in value.items()}
        return {"@class": "java.util.LinkedHashMap", **inner}
    if isinstance(value, list):
        return ["java.util.ArrayList", [_typed(one) for one in value]]
    return value


def _nanoseconds(moment: datetime) -> int:
    since = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    seconds = int(since.replace(microsecond=0).timestamp())
    return (seconds * 10**6 + since.microsecond) * 1000


def _instant(value: date) -> str:
    """Return what Java's Instant and LocalDate say of themselves."""
    if not isinstance(value, datetime):
        return value.isoformat()
    moment = value.replace(tzinfo=None)
    if moment.microsecond and not moment.microsecond % 1000:
        return f"{moment.isoformat(timespec='milliseconds')}Z"
    return f"{moment.isoformat()}Z"


def _dumps(value: Any, number: Number) -> str:
    """Return JSON without blanks, with numbers as the language has them."""
    if isinstance(value, dict):
        inner = (f"{json.dumps(k)}:{_dumps(one, number)}" for k, one in value.items())
        return "{" + ",".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_dumps(one, number) for one in value) + "]"
    if isinstance(value, float):
        return number(value)
    return json.dumps(value, ensure_ascii=False)


def _ecma(value: float) -> str:
    return re.sub(r"e([+-])0*", r"e\1", repr(value)).removesuffix(".0")


def _java(value: float) -> str:
    text = repr(value)
    if "e" not in text:
        return text
    digits, _, exponent = text.partition("e")
    return f"{digits if '.' in digits else digits + '.0'}E{int(exponent)}"
