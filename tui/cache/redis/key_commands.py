"""Commands that are the same for each of many keys, packed fast."""

from collections.abc import Sequence
from typing import Final

from tui.cache.redis.exchange import Command, Prepared, packed

KEY: Final = "\0the key\0"
"""Stands in a command for the key."""


class KeyCommands:
    """A few commands, to be asked about each of many keys."""

    def __init__(self, *commands: Command) -> None:
        """Take the commands, each with KEY where the key goes."""
        self.commands = commands
        marker = b"$%d\r\n%b\r\n" % (len(KEY), KEY.encode())
        self._pieces = b"".join(map(packed, commands)).split(marker)

    def of(self, key: str) -> list[Command]:
        """Return the commands about one key."""
        return [
            tuple(key if word is KEY else word for word in command) for command in self.commands
        ]

    def packed_for(self, keys: Sequence[str]) -> Prepared:
        """Return the commands about all those keys, as the protocol has them."""
        pieces = self._pieces
        return Prepared(
            b"".join(
                [
                    (b"$%d\r\n%b\r\n" % (len(key), key)).join(pieces)
                    for key in [key.encode() for key in keys]
                ]
            ),
            len(keys) * len(self.commands),
        )
