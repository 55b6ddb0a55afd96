"""The steps of what is under way, noted where they run and read where it ends."""

from contextvars import ContextVar, Token
from types import TracebackType

from tui.models import Step

STEPS: ContextVar[list[Step] | None] = ContextVar("steps", default=None)
"""Where the steps of this task go, and of the tasks that it starts; None is nowhere."""


def note_steps(*steps: Step) -> None:
    """Note steps that have ended, in that order, where somebody records them."""
    recorded = STEPS.get()
    if recorded is not None:
        recorded += steps


class Recorder:
    """Records what runs inside of a `with`, which gives the list that it goes to."""

    __slots__ = ("_outer",)
    _outer: Token[list[Step] | None]

    def __enter__(self) -> list[Step]:
        steps: list[Step] = []
        self._outer = STEPS.set(steps)
        return steps

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        STEPS.reset(self._outer)
