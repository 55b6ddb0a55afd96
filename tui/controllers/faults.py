"""What the dialog of the faults can do: switch them, and say what is to be asked first."""

from tui.controllers.session import Session
from tui.runtime.faults import Fault


class FaultsController:
    """The dialog's way to the faults of the session."""

    def __init__(self, session: Session) -> None:
        """Switch the faults of this session."""
        self.faults = session.faults
        self._place = session.place

    def question(self, fault: Fault) -> str | None:
        """Give what a person has to be asked before this is switched on; None for nothing."""
        if not fault.in_cache or self._place.embedded:
            return None
        return (
            f"Switch on '{fault.words}' for {self._place.cache}? Only hitmiss' own connections"
            " break; but a copy that hitmiss cannot delete meanwhile stays in that cache, for"
            " others too, until it can or until it expires."
        )

    def switch(self, fault: Fault) -> None:
        """Switch a fault on, or off when it is on."""
        self.faults.switch(fault, on=fault not in self.faults.on)

    def step_latency(self, fault: Fault, direction: int) -> None:
        """Let a slow fault add more (+1) or less (-1)."""
        self.faults.step_latency(fault, direction)
