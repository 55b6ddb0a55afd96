"""The promises of a port: checks that run on any adapter, in the order in which they stand."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Subject = TypeVar("Subject")


class Promises(list[Callable[[Subject], Awaitable[None]]], Generic[Subject]):
    """A list of checks, each added by decorating it with the list."""

    def __call__(
        self, check: Callable[[Subject], Awaitable[None]]
    ) -> Callable[[Subject], Awaitable[None]]:
        """Add a check."""
        self.append(check)
        return check
