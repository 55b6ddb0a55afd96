"""What a user may do decides what is offered, and what is missing is named."""

import secrets

import pytest
from mongodb_server import MongodbServer
from unit.database.mongodb.places import filled, table_at

from tui.database.mongodb.store import STORE
from tui.models.check import State
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable


def as_user(server: MongodbServer, url: str, *roles: str) -> str:
    """Return the address for a new user who has these roles there and no others."""
    name = f"user_{secrets.token_hex(4)}"
    with server.client(server.as_admin(url)) as client:
        database = client.get_default_database()
        granted = [{"role": role, "db": database.name} for role in roles]
        database.command("createUser", name, pwd="pass1234", roles=granted)
        return url.replace(f"//app:{server.password}", f"//{name}:pass1234").replace(
            "authSource=admin", f"authSource={database.name}"
        )


async def test_who_may_only_read_is_told_when_writing(mongodb: MongodbServer) -> None:
    """By the server; and by doctor before."""
    url = filled(mongodb, [{"_id": 1, "n": 1}])
    reader = as_user(mongodb, url, "read")
    async with table_at(reader) as table:
        assert await table.find(1) == {"_id": 1, "n": 1}
        for work in (table.update(1, {"n": 2}), table.delete(1), table.insert({"_id": 2})):
            with pytest.raises(ChangeRefused, match="role readWrite"):
                await work
        assert await table.find(1) == {"_id": 1, "n": 1}
    for read_only, state in ((True, State.OK), (False, State.FAILED)):
        checks = STORE.examine(reader, "things", None, read_only=read_only).checks
        user = next(one for one in checks if one.name == "user")
        assert user.state is state
        assert "read on filled" in str(user.detail)


def test_who_may_nothing_is_told_which_role_it_takes(mongodb: MongodbServer) -> None:
    """Without the password."""
    url = as_user(mongodb, filled(mongodb, [{"_id": 1}]))
    with pytest.raises(DatabaseUnavailable) as caught:
        STORE.read_schema(url, "things", None, read_only=True)
    assert "pass1234" not in str(caught.value)
