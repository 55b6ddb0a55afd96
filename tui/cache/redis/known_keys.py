"""Which arguments of our commands are keys, as a cluster's client asks for each command."""

from collections.abc import Sequence

_EACH: frozenset[str] = frozenset({"DEL"})
"""Of these all arguments are keys, of all others of ours the first; scripts count their own."""


class KnownKeys:
    """Stands in the place of the driver's parser of commands, which asks the server.

    That takes COMMAND, a right that few users have, and 200 kB at each connect.
    """

    async def initialize(self, node: object = None) -> None:
        """Ask nothing."""

    async def get_keys(self, command: str, *arguments: object) -> Sequence[object]:
        """Return the keys among the arguments of a command."""
        return arguments if command.upper() in _EACH else arguments[:1]
